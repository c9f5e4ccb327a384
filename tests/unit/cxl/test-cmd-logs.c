/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 0400h, 0401h: the Command Effects Log as a host reads it. */
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
    g_assert_cmpuint(dev->out_len, ==, 8 + 0x14);
    return cxl_le_get(dev->out + 0x18, 4);
}

static void test_supported(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t uuid[] = {
        0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
        0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17,
    };

    g_assert_cmpuint(cel_size(dev), ==, 4 * cxl_cci_cel_count(&dev->cci));
    g_assert_cmpuint(cxl_le_get(dev->out, 2), ==, 1);
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
        { 0x0400, 0 }, { 0x0401, 0 }, { 0x4000, 0 }, { 0x4100, 0 },
        { 0x4101, CXL_EFF_CONFIG_COLD_RESET | CXL_EFF_IMM_CONFIG |
                  CXL_EFF_IMM_DATA },
        { 0x4102, 0 }, { 0x4103, CXL_EFF_IMM_CONFIG | CXL_EFF_IMM_DATA },
        { 0x4200, 0 }, { 0x4300, 0 }, { 0x4301, CXL_EFF_IMM_DATA },
        { 0x4302, CXL_EFF_IMM_DATA },
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
    g_assert_cmpmem(dev->out, dev->out_len, "\1\0\0\0\0\4\0\0\1\4\0\0", 12);
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
    return g_test_run();
}
