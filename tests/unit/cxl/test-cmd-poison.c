/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 4300h, 4301h, 4302h: codes, records and pages. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"

#define L CXL_POISON_LINE
#define END (4 * GiB)

static void set_up(FakeDevice *dev, gconstpointer data)
{
    /* An answer has room for 14 records. */
    fake_device_init(dev, CXL_CCI_PRIMARY, 256, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static CXLRetCode get(FakeDevice *dev, uint64_t dpa, uint64_t lines)
{
    CXLWireGetPoisonIn in = { cxl_put64(dpa), cxl_put64(lines) };

    return fake_device_send(dev, 0x4300, &in, sizeof(in));
}

static CXLRetCode inject(FakeDevice *dev, uint64_t dpa)
{
    CXLWireInjectPoison in = { cxl_put64(dpa) };

    return fake_device_send(dev, 0x4301, &in, sizeof(in));
}

static CXLRetCode clear(FakeDevice *dev, uint64_t dpa, uint8_t byte)
{
    CXLWireClearPoison in = { cxl_put64(dpa) };

    memset(in.data, byte, sizeof(in.data));
    return fake_device_send(dev, 0x4302, &in, sizeof(in));
}

/* The answer has @count records and these flags. */
static void check_answer(FakeDevice *dev, unsigned count, uint8_t flags)
{
    const CXLWireGetPoisonOut *out = (void *)dev->out;

    g_assert_cmpuint(dev->out_len, ==, 0x20 + 0x10 * count);
    g_assert_cmpuint(cxl_get16(out->count), ==, count);
    g_assert_cmphex(out->flags, ==, flags);
}

static void check_record(FakeDevice *dev, unsigned n, uint64_t address,
                         uint32_t lines)
{
    const CXLWirePoisonRecord *record = (void *)(dev->out + 0x20);

    g_assert_cmphex(cxl_get64(record[n].address), ==, address);
    g_assert_cmpuint(cxl_get32(record[n].length), ==, lines);
}

static void test_codes(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(get(dev, 1, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get(dev, END, 1), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(get(dev, 0, END / L + 1), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(get(dev, 0, 1ULL << 58), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(get(dev, 0, UINT64_MAX), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(get(dev, 0, END / L), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(inject(dev, 32), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(inject(dev, END), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(inject(dev, END - L), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(clear(dev, 63, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(dev, END, 0), ==, CXL_RC_INVALID_DPA);
    g_assert_cmpuint(dev->poison.count, ==, 1);
}

static void test_records(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(inject(dev, 0x1000), ==, 0);
    cxl_poison_add(&dev->poison, 0x2000, 3 * L, CXL_POISON_INTERNAL);
    g_assert_cmphex(get(dev, 0, END / L), ==, 0);
    check_answer(dev, 2, 0);
    check_record(dev, 0, 0x1003, 1);
    check_record(dev, 1, 0x2002, 3);
    /* No more than what was asked for */
    g_assert_cmphex(get(dev, 0x2040, 1), ==, 0);
    check_answer(dev, 1, 0);
    check_record(dev, 0, 0x2042, 1);
    g_assert_cmphex(get(dev, 0x1040, (0x2000 - 0x1040) / L), ==, 0);
    check_answer(dev, 0, 0);
}

static void test_limit(FakeDevice *dev, gconstpointer data)
{
    for (unsigned n = 0; n < FAKE_INJECT; n++) {
        g_assert_cmphex(inject(dev, n * 2 * L), ==, 0);
    }
    g_assert_cmphex(inject(dev, 0x1000), ==, CXL_RC_INJECT_POISON_LIMIT);
    g_assert_cmphex(inject(dev, 2 * L), ==, 0);
    g_assert_cmphex(clear(dev, 0, 0), ==, 0);
    g_assert_cmphex(inject(dev, 0x1000), ==, 0);
}

static void test_clear(FakeDevice *dev, gconstpointer data)
{
    uint8_t want[3 * L] = { 0 };

    memset(want + L, 0x5a, L);
    g_assert_cmphex(inject(dev, L), ==, 0);
    g_assert_cmphex(clear(dev, L, 0x5a), ==, 0);
    g_assert_cmpuint(dev->poison.count, ==, 0);
    g_assert_cmpmem(dev->store.bytes, sizeof(want), want, sizeof(want));
    /* A good line gets its data too. */
    memset(want + 2 * L, 0xa5, L);
    g_assert_cmphex(clear(dev, 2 * L, 0xa5), ==, 0);
    g_assert_cmpmem(dev->store.bytes, sizeof(want), want, sizeof(want));
    /* What could not be written is still poison. */
    g_assert_cmphex(inject(dev, FAKE_HELD), ==, 0);
    g_assert_cmphex(clear(dev, FAKE_HELD, 1), ==, CXL_RC_INTERNAL_ERROR);
    g_assert_cmpuint(dev->poison.count, ==, 1);
}

static void fill(FakeDevice *dev)
{
    for (unsigned n = 0; n < FAKE_POISON; n++) {
        cxl_poison_add(&dev->poison, n * 2 * L, L, CXL_POISON_INTERNAL);
    }
}

static void test_pages(FakeDevice *dev, gconstpointer data)
{
    fill(dev);
    for (unsigned round = 0; round < 2; round++) {
        g_assert_cmphex(get(dev, 0, END / L), ==, 0);
        check_answer(dev, 14, CXL_GET_POISON_MORE);
        check_record(dev, 13, 26 * L | 2, 1);
        g_assert_cmphex(get(dev, 0, END / L), ==, 0);
        check_answer(dev, 2, 0);
        check_record(dev, 0, 28 * L | 2, 1);
        check_record(dev, 1, 30 * L | 2, 1);
    }
    /* Another range begins anew, and so does the first one after it. */
    g_assert_cmphex(get(dev, 0, END / L), ==, 0);
    g_assert_cmphex(get(dev, 0, 4), ==, 0);
    check_answer(dev, 2, 0);
    g_assert_cmphex(get(dev, 0, END / L), ==, 0);
    check_answer(dev, 14, CXL_GET_POISON_MORE);
    check_record(dev, 0, 2, 1);
    /* What fits exactly is all. */
    g_assert_cmphex(get(dev, 0, 28), ==, 0);
    check_answer(dev, 14, 0);
}

static void test_overflow(FakeDevice *dev, gconstpointer data)
{
    const CXLWireGetPoisonOut *out;

    cxl_timestamp_set(&dev->timestamp, 77);
    fill(dev);
    g_assert_cmphex(get(dev, 0, 1), ==, 0);
    check_answer(dev, 1, 0);
    cxl_poison_add(&dev->poison, 0x8000, L, CXL_POISON_INTERNAL);
    g_assert_cmphex(get(dev, 0, 1), ==, 0);
    check_answer(dev, 1, CXL_GET_POISON_OVERFLOW);
    out = (void *)dev->out;
    g_assert_cmpuint(cxl_get64(out->overflow_time), ==, 77);
    g_assert_cmphex(inject(dev, 0x9000), ==, CXL_RC_INJECT_POISON_LIMIT);
}

#define ADD(name, func) \
    g_test_add("/cmd/poison/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("codes", test_codes);
    ADD("records", test_records);
    ADD("limit", test_limit);
    ADD("clear", test_clear);
    ADD("pages", test_pages);
    ADD("overflow", test_overflow);
    return g_test_run();
}
