/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 0400h to 0405h: the Command Effects Log as a host reads it, and others. */
#include "qemu/osdep.h"
#include "fake_device.h"
#include "hw/cxl/spec/cmd_logs.h"

static const uint8_t cel[16] = CXL_LOG_UUID_CEL;

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static CXLRetCode get_log(FakeDevice *dev, uint32_t offset, uint32_t length)
{
    CXLWireGetLog in = {
        .offset = cxl_put32(offset), .length = cxl_put32(length),
    };

    memcpy(in.uuid, cel, 16);
    return fake_device_send(dev, 0x0401, &in, sizeof(in));
}

static uint32_t cel_size(FakeDevice *dev)
{
    g_assert_cmphex(fake_device_send(dev, 0x0400, NULL, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 8 + 3 * 0x14);
    return cxl_le_get(dev->out + 0x18, 4);
}

static void test_supported(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t uuid[] = {
        0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
        0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17,
    };

    g_assert_cmpuint(cel_size(dev), ==, 4 * cxl_cci_cel_count(&dev->cci));
    g_assert_cmpuint(cxl_le_get(dev->out, 2), ==, 3);
    g_assert_cmpmem(dev->out + 8, 16, uuid, 16);
}

/* The entries that the primary mailbox of a memory device must show. */
static void test_entries(FakeDevice *dev, gconstpointer data)
{
    static const uint16_t want[][2] = {
        { 0x0005, 0 }, { 0x0100, 0 }, { 0x0101, CXL_EFF_IMM_LOG },
        { 0x0102, 0 }, { 0x0103, CXL_EFF_IMM_POLICY },
        { 0x0200, 0 }, { 0x0201, CXL_EFF_BACKGROUND | CXL_EFF_ABORTABLE },
        { 0x0202, CXL_EFF_CONFIG_COLD_RESET | CXL_EFF_IMM_CONFIG |
                  CXL_EFF_BACKGROUND | CXL_EFF_ABORTABLE },
        { 0x0300, 0 }, { 0x0301, CXL_EFF_IMM_POLICY },
        { 0x0400, 0 }, { 0x0401, 0 }, { 0x0402, 0 },
        { 0x0403, CXL_EFF_IMM_LOG },
        { 0x0404, CXL_EFF_IMM_LOG | CXL_EFF_BACKGROUND | CXL_EFF_ABORTABLE },
        { 0x0405, 0 }, { 0x0500, 0 }, { 0x0501, 0 }, { 0x0502, 0x3e },
        { 0x0600, CXL_EFF_IMM_CONFIG | CXL_EFF_IMM_DATA | CXL_EFF_IMM_LOG |
                  CXL_EFF_BACKGROUND },
        { 0x4000, 0 }, { 0x4100, 0 },
        { 0x4101, CXL_EFF_CONFIG_COLD_RESET | CXL_EFF_IMM_CONFIG |
                  CXL_EFF_IMM_DATA },
        { 0x4102, 0 }, { 0x4103, CXL_EFF_IMM_CONFIG | CXL_EFF_IMM_DATA },
        { 0x4200, 0 }, { 0x4201, 0 }, { 0x4202, CXL_EFF_IMM_POLICY },
        { 0x4203, 0 }, { 0x4204, CXL_EFF_IMM_POLICY },
        { 0x4300, 0 }, { 0x4301, CXL_EFF_IMM_DATA },
        { 0x4302, CXL_EFF_IMM_DATA }, { 0x4303, 0 },
        { 0x4304, CXL_EFF_BACKGROUND | CXL_EFF_ABORTABLE }, { 0x4305, 0 },
        { 0x4400, CXL_EFF_IMM_DATA | CXL_EFF_SECURITY | CXL_EFF_BACKGROUND |
                  CXL_EFF_ABORTABLE },
        { 0x4401, CXL_EFF_IMM_DATA | CXL_EFF_SECURITY | CXL_EFF_BACKGROUND |
                  CXL_EFF_ABORTABLE },
        { 0x4402, CXL_EFF_IMM_DATA | CXL_EFF_BACKGROUND },
        { 0x4500, 0 }, { 0x4501, CXL_EFF_SECURITY },
        { 0x4502, CXL_EFF_SECURITY }, { 0x4503, CXL_EFF_SECURITY },
        { 0x4504, CXL_EFF_SECURITY },
        { 0x4505, CXL_EFF_IMM_DATA | CXL_EFF_SECURITY },
    };

    g_assert_cmphex(get_log(dev, 0, cel_size(dev)), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, sizeof(want));
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        g_assert_cmphex(cxl_le_get(dev->out + i * 4, 2), ==, want[i][0]);
        g_assert_cmphex(cxl_le_get(dev->out + i * 4 + 2, 2), ==, want[i][1]);
    }
}

static void test_other_cci(FakeDevice *dev, gconstpointer data)
{
    dev->cci.kind = CXL_CCI_LD;
    g_assert_cmphex(get_log(dev, 0, cel_size(dev)), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, "\1\0\0\0\0\4\0\0\1\4\0\0"
                    "\2\4\0\0\3\4\x10\0\4\4\x50\1\5\4\0\0", 28);
}

/* Any window of the log shows the same bytes. */
static void test_windows(FakeDevice *dev, gconstpointer data)
{
    uint32_t size = cel_size(dev);
    g_autofree uint8_t *all = NULL;

    get_log(dev, 0, size);
    all = g_memdup2(dev->out, size);
    for (uint32_t at = 0; at <= size; at++) {
        for (uint32_t len = 0; at + len <= size; len++) {
            g_assert_cmphex(get_log(dev, at, len), ==, 0);
            g_assert_cmpmem(dev->out, dev->out_len, all + at, len);
        }
    }
}

static void test_bounds(FakeDevice *dev, gconstpointer data)
{
    uint32_t size = cel_size(dev);

    g_assert_cmphex(get_log(dev, 0, size + 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_log(dev, size, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_log(dev, size + 1, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_log(dev, 1, UINT32_MAX), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_log(dev, UINT32_MAX, 2), ==, CXL_RC_INVALID_INPUT);
    dev->cci.payload_max = 32;
    g_assert_cmphex(get_log(dev, 0, 33), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_log(dev, 0, 32), ==, CXL_RC_SUCCESS);
}

/* Nothing asked for and no buffer to put it. */
static void test_nothing(FakeDevice *dev, gconstpointer data)
{
    CXLWireGetLog in = { .offset = cxl_put32(0) };
    size_t out_len = 1;

    memcpy(in.uuid, cel, 16);
    g_assert_cmphex(cxl_cci_run(&dev->cci, 0x0401, &in, sizeof(in), NULL, 0,
                                &out_len), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(out_len, ==, 0);
}

static void test_unknown_log(FakeDevice *dev, gconstpointer data)
{
    CXLWireGetLog in = { .length = cxl_put32(UINT32_MAX) };

    memcpy(in.uuid, cel, 16);
    in.uuid[15] ^= 1;
    g_assert_cmphex(fake_device_send(dev, 0x0401, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_LOG);
}

static const uint8_t debug[16] = CXL_LOG_UUID_VENDOR_DEBUG;
static const uint8_t dump[16] = CXL_LOG_UUID_STATE_DUMP;
static const uint8_t unknown[16] = { 1 };

/* What each log can do: 0402h, 0403h and 0404h agree. */
static void test_capabilities(FakeDevice *dev, gconstpointer data)
{
    static const struct { const uint8_t *uuid; unsigned caps; } logs[] = {
        { cel, 0 }, { debug, 5 }, { dump, 3 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(logs); i++) {
        CXLRetCode no = CXL_RC_UNSUPPORTED;

        g_assert_cmphex(fake_device_send(dev, 0x0402, logs[i].uuid, 16), ==,
                        0);
        g_assert_cmpuint(dev->out_len, ==, 4);
        g_assert_cmphex(cxl_le_get(dev->out, 4), ==, logs[i].caps);
        g_assert_cmphex(fake_device_send(dev, 0x0403, logs[i].uuid, 16), ==,
                        logs[i].caps & 1 ? 0 : no);
        g_assert_cmphex(fake_device_send(dev, 0x0404, logs[i].uuid, 16), ==,
                        logs[i].caps & 2 ? CXL_RC_BG_STARTED : no);
    }
    cxl_cci_reset(&dev->cci, CXL_RESET_HOT);
    for (uint16_t opcode = 0x0402; opcode <= 0x0404; opcode++) {
        g_assert_cmphex(fake_device_send(dev, opcode, unknown, 16), ==,
                        CXL_RC_INVALID_LOG);
    }
}

static CXLRetCode get_other(FakeDevice *dev, const uint8_t *uuid,
                            uint32_t offset, uint32_t length)
{
    CXLWireGetLog in = {
        .offset = cxl_put32(offset), .length = cxl_put32(length),
    };

    memcpy(in.uuid, uuid, 16);
    return fake_device_send(dev, 0x0401, &in, sizeof(in));
}

/* Populated at the end of the operation, not by one that is aborted. */
static void test_populate(FakeDevice *dev, gconstpointer data)
{
    const CXLWireStateDump *header;
    uint8_t zero[0x60] = { 0 };

    cxl_timestamp_set(&dev->timestamp, 1000);
    dev->clock.now += 7;
    fake_device_log(dev, CXL_EVENT_LOG_FATAL, 3);
    fake_device_send(dev, 0x0404, dump, 16);
    g_assert_cmphex(fake_device_send(dev, 0x0005, NULL, 0), ==, 0);
    g_assert_cmphex(get_other(dev, dump, 0, 0x60), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, zero, sizeof(zero));
    fake_device_send(dev, 0x0404, dump, 16);
    g_assert_cmphex(fake_device_send(dev, 0x0404, dump, 16), ==, CXL_RC_BUSY);
    cxl_bg_tick(&dev->cci.bg);
    g_assert_cmphex(dev->cci.bg.rc, ==, 0);
    g_assert_cmphex(get_other(dev, dump, 0, 0x60), ==, 0);
    header = (void *)dev->out;
    g_assert_cmpuint(cxl_get32(header->length), ==, 0x20);
    g_assert_cmpuint(cxl_get64(header->timestamp), ==, 1007);
    g_assert_cmpuint(dev->out[0x40], ==, dev->media.status);
    g_assert_cmpuint(dev->out[0x41], ==, 1);
    g_assert_cmpuint(cxl_le_get(dev->out + 0x48 + 4 * CXL_EVENT_LOG_FATAL, 4),
                     ==, 3);
    g_assert_cmphex(get_other(dev, dump, 0x60, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(fake_device_send(dev, 0x0403, dump, 16), ==, 0);
    g_assert_cmphex(get_other(dev, dump, 0, 0x60), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, zero, sizeof(zero));
}

/* A number that only a saved state can hold */
static void test_populate_what(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t numbers[] = { 0, 1, 3, 255 };

    for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
        fake_device_send(dev, 0x0404, dump, 16);
        dev->cci.populating = numbers[i];
        cxl_bg_tick(&dev->cci.bg);
        g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_INTERNAL_ERROR);
    }
}

static void test_sub_list(FakeDevice *dev, gconstpointer data)
{
    static const struct { uint8_t max, start; unsigned count; } cases[] = {
        { 0, 0, 0 }, { 1, 0, 1 }, { 3, 0, 3 }, { 255, 0, 3 }, { 1, 1, 1 },
        { 255, 2, 1 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_assert_cmphex(fake_device_send(dev, 0x0405, &cases[i], 2), ==, 0);
        g_assert_cmpuint(dev->out_len, ==, 8 + 0x14 * cases[i].count);
        g_assert_cmpuint(dev->out[0], ==, cases[i].count);
        g_assert_cmpuint(cxl_le_get(dev->out + 2, 2), ==, 3);
        g_assert_cmpuint(dev->out[4], ==, cases[i].start);
    }
    g_assert_cmpmem(dev->out + 8, 16, dump, 16);
    g_assert_cmphex(fake_device_send(dev, 0x0405, "\1\3", 2), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(fake_device_send(dev, 0x0405, "\0\377", 2), ==,
                    CXL_RC_INVALID_INPUT);
    /* Only what fits */
    cxl_cci_limit_response(&dev->cci, 0);
    dev->cci.response_max = 8 + 2 * 0x14 + 3;
    g_assert_cmphex(fake_device_send(dev, 0x0405, "\3\0", 2), ==, 0);
    g_assert_cmpuint(dev->out[0], ==, 2);
}

#define ADD(name, func) \
    g_test_add("/cmd/logs/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("supported", test_supported);
    ADD("entries", test_entries);
    ADD("other-cci", test_other_cci);
    ADD("windows", test_windows);
    ADD("bounds", test_bounds);
    ADD("nothing", test_nothing);
    ADD("unknown-log", test_unknown_log);
    ADD("capabilities", test_capabilities);
    ADD("populate", test_populate);
    ADD("populate/what", test_populate_what);
    ADD("sub-list", test_sub_list);
    return g_test_run();
}
