/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vendor debug log: which commands, how many, and any window of it. */
#include "qemu/osdep.h"
#include "fake_device.h"

#define DEPTH CXL_DEBUGLOG_DEPTH

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, 4096, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static CXLRetCode get(FakeDevice *dev, uint32_t offset, uint32_t length)
{
    static const uint8_t uuid[16] = CXL_LOG_UUID_VENDOR_DEBUG;
    CXLWireGetLog in = {
        .offset = cxl_put32(offset), .length = cxl_put32(length),
    };

    memcpy(in.uuid, uuid, 16);
    return fake_device_send(dev, 0x0401, &in, sizeof(in));
}

static void check_entry(FakeDevice *dev, unsigned n, uint64_t time,
                        uint16_t opcode, uint16_t rc, uint32_t in_len)
{
    const CXLWireDebugEntry *entry = (void *)dev->out;

    g_assert_cmpuint(cxl_get64(entry[n].time), ==, time);
    g_assert_cmphex(cxl_get16(entry[n].opcode), ==, opcode);
    g_assert_cmphex(cxl_get16(entry[n].return_code), ==, rc);
    g_assert_cmpuint(cxl_get32(entry[n].input_length), ==, in_len);
}

/* Commands about logs are not among them. */
static void test_entries(FakeDevice *dev, gconstpointer data)
{
    dev->clock.now = 77;
    fake_device_send(dev, 0x4000, NULL, 0);
    fake_device_send(dev, 0x0400, NULL, 0);
    fake_device_send(dev, 0xffff, "abc", 3);
    g_assert_cmphex(get(dev, 0, 33), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get(dev, 0, 32), ==, 0);
    check_entry(dev, 0, 77, 0x4000, 0, 0);
    check_entry(dev, 1, 77, 0xffff, CXL_RC_UNSUPPORTED, 3);
}

/* The oldest ones go; every window shows the same bytes. */
static void test_wraps(FakeDevice *dev, gconstpointer data)
{
    g_autofree uint8_t *all = NULL;

    for (unsigned n = 0; n < DEPTH + 50; n++) {
        dev->clock.now = n;
        fake_device_send(dev, 0x4000, NULL, 0);
    }
    g_assert_cmphex(get(dev, 0, DEPTH * 16 + 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get(dev, 0, DEPTH * 16), ==, 0);
    for (unsigned n = 0; n < DEPTH; n++) {
        check_entry(dev, n, n + 50, 0x4000, 0, 0);
    }
    all = g_memdup2(dev->out, DEPTH * 16);
    for (uint32_t at = 0; at < DEPTH * 16; at += 37) {
        uint32_t len = MIN(501, DEPTH * 16 - at);

        g_assert_cmphex(get(dev, at, len), ==, 0);
        g_assert_cmpmem(dev->out, dev->out_len, all + at, len);
    }
}

static void test_clear(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t uuid[16] = CXL_LOG_UUID_VENDOR_DEBUG;

    fake_device_send(dev, 0x4000, NULL, 0);
    g_assert_cmphex(fake_device_send(dev, 0x0403, uuid, 16), ==, 0);
    g_assert_cmphex(get(dev, 0, 0), ==, 0);
    g_assert_cmphex(get(dev, 0, 1), ==, CXL_RC_INVALID_INPUT);
}

static void test_reset(FakeDevice *dev, gconstpointer data)
{
    fake_device_send(dev, 0x4000, NULL, 0);
    cxl_debuglog_reset(&dev->debug_log, CXL_RESET_CXL);
    cxl_debuglog_reset(&dev->debug_log, CXL_RESET_HOT);
    g_assert_cmpuint(dev->debug_log.count, ==, 1);
    cxl_debuglog_reset(&dev->debug_log, CXL_RESET_COLD);
    g_assert_cmpuint(dev->debug_log.count, ==, 0);
}

static void test_valid(FakeDevice *dev, gconstpointer data)
{
    CXLDebugLog *log = &dev->debug_log;

    log->head = DEPTH - 1;
    log->count = DEPTH;
    g_assert_true(cxl_debuglog_valid(log));
    log->head = DEPTH;
    g_assert_false(cxl_debuglog_valid(log));
    log->head = 0;
    log->count = DEPTH + 1;
    g_assert_false(cxl_debuglog_valid(log));
    log->count = 0;
}

#define ADD(name, func) \
    g_test_add("/debuglog/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("entries", test_entries);
    ADD("wraps", test_wraps);
    ADD("clear", test_clear);
    ADD("reset", test_reset);
    ADD("valid", test_valid);
    return g_test_run();
}
