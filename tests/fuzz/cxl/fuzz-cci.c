/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands straight to a CCI of any kind, each from and into a heap block of
 * just its size.
 *
 * Input: a byte of configuration; then for each command two bytes of opcode,
 * one of input length and two of room for the answer, and the input.
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "tests/unit/cxl/fake_device.h"

#define PAYLOAD 256

static void send(FakeDevice *dev, CXLReader *in)
{
    uint16_t opcode = fuzz_take(in, 2);
    size_t want = fuzz_take(in, 1), room = fuzz_take(in, 2), len, out_len;
    g_autofree uint8_t *input = fuzz_take_block(in, want, &len);
    g_autofree uint8_t *out = g_malloc(MIN(room, PAYLOAD));
    CXLRetCode rc = cxl_cci_run(&dev->cci, opcode, input, len, out, room,
                                &out_len);

    g_assert_cmphex(rc, <=, CXL_RC_ABORT_UNSUPPORTED);
    g_assert_cmpuint(out_len, <=, rc ? 0 : MIN(room, PAYLOAD));
}

/* The same through one buffer, as a mailbox with a single one would. */
static void send_in_place(FakeDevice *dev, CXLReader *in)
{
    uint16_t opcode = fuzz_take(in, 2);
    size_t want = fuzz_take(in, 1), len, out_len;
    g_autofree uint8_t *input = fuzz_take_block(in, want, &len);
    g_autofree uint8_t *buf = g_malloc0(PAYLOAD);

    if (len) {
        memcpy(buf, input, len);
    }
    cxl_cci_run(&dev->cci, opcode, buf, len, buf, PAYLOAD, &out_len);
    g_assert_cmpuint(out_len, <=, PAYLOAD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FakeDevice dev;
    CXLReader in;
    uint8_t config;

    cxl_reader_init(&in, data, size);
    config = fuzz_take(&in, 1);
    fake_device_init(&dev, 1 << (config & 7) % 6, PAYLOAD,
                     config & 8 ? 4 : 5);
    fake_device_log(&dev, config >> 6, config >> 4);
    while (cxl_reader_left(&in)) {
        (config & 0x10 ? send_in_place : send)(&dev, &in);
    }
    fake_device_finish(&dev);
    return 0;
}
