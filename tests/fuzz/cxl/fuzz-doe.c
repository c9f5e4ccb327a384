/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A DOE mailbox with table access behind it, under any accesses.
 *
 * Input: accesses of a byte of kind and size, one of offset and four of
 * value.
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "hw/cxl/core/cdat.h"
#include "tests/unit/cxl/fake.h"

static const CXLCdatRange range = {
    .size = CXL_DOE_MAX_DW, .read_latency = 1, .write_bandwidth = 100000,
};

static void step(CXLDoe *doe, CXLReader *in)
{
    uint8_t what = fuzz_take(in, 1);
    unsigned size = what % 4 + 1;
    uint32_t offset = 4 + fuzz_take(in, 1) % 0x18;
    uint32_t value = fuzz_take(in, 4);
    unsigned repeat = what & 0x80 ? CXL_DOE_MAX_DW / 4 : 1;

    if (what & 0x40) {
        cxl_doe_reset(doe);
    }
    while (repeat--) {
        cxl_doe_write(doe, offset, value, size);
    }
    g_assert_true(cxl_doe_valid(doe));
    value = cxl_doe_read(doe, offset, size);
    g_assert_true(size == 4 || value >> (size * 8) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CXLCdat cdat;
    CXLDoeProtocol protocol = {
        CXL_DOE_VENDOR_PCI_SIG, CXL_DOE_TYPE_CMA, cxl_cdat_answer, &cdat,
    };
    FakeIrq fake = { 0 };
    CXLIrq irq = fake_irq(&fake);
    g_autofree CXLDoe *doe = g_new0(CXLDoe, 1);
    CXLReader in;

    cxl_cdat_init(&cdat);
    cxl_cdat_build(&cdat, &range, 1);
    cxl_doe_init(doe, &protocol, 1, &irq, size & 1 ? 4 : -1);
    cxl_reader_init(&in, data, size);
    while (cxl_reader_left(&in)) {
        step(doe, &in);
    }
    g_assert_true(size & 1 || fake.count == 0);
    cxl_cdat_finish(&cdat);
    return 0;
}
