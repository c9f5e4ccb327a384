/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that only tell: 0001h, 0002h, 4000h. */
#include "qemu/osdep.h"
#include "fake_device.h"
#include "hw/cxl/spec/cmd_identify.h"
#include "hw/cxl/spec/cmd_infostat.h"

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 5);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static void test_identify(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t want[] = {
        0x34, 0x12, 0x78, 0x56, 0xbc, 0x9a, 0xf0, 0xde,
        0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 9, 3,
    };

    dev->cci.kind = CXL_CCI_MCTP;
    g_assert_cmphex(fake_device_send(dev, 0x0001, NULL, 0), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, want, sizeof(want));
}

/* CXL r3.2: prohibited on the mailboxes of a device. */
static void test_infostat_where(FakeDevice *dev, gconstpointer data)
{
    static const struct { CXLCciKind kind; CXLRetCode rc; } cases[] = {
        { CXL_CCI_PRIMARY, CXL_RC_UNSUPPORTED_CCI },
        { CXL_CCI_SECONDARY, CXL_RC_UNSUPPORTED_CCI },
        { CXL_CCI_SWITCH, CXL_RC_SUCCESS }, { CXL_CCI_MCTP, CXL_RC_SUCCESS },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        dev->cci.kind = cases[i].kind;
        for (uint16_t opcode = 1; opcode <= 2; opcode++) {
            g_assert_cmphex(fake_device_send(dev, opcode, NULL, 0), ==,
                            cases[i].rc);
        }
    }
}

static uint64_t duration(void *state)
{
    return 100;
}

static CXLRetCode finish(void *state)
{
    return CXL_RC_INTERRUPTED;
}

static void test_background_status(FakeDevice *dev, gconstpointer data)
{
    static const CXLBgOps ops = { duration, finish };
    const CXLWireBgStatus *out;

    dev->cci.kind = CXL_CCI_MCTP;
    cxl_bg_start(&dev->cci.bg, &ops, NULL, 0x4400);
    dev->clock.now = 30;
    g_assert_cmphex(fake_device_send(dev, 0x0002, NULL, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 8);
    out = (void *)dev->out;
    g_assert_cmphex(out->status, ==, 30 << 1 | 1);
    g_assert_cmphex(cxl_get16(out->opcode), ==, 0x4400);
    cxl_bg_tick(&dev->cci.bg);
    g_assert_cmphex(fake_device_send(dev, 0x0002, NULL, 0), ==, 0);
    out = (void *)dev->out;
    g_assert_cmphex(out->status, ==, 100 << 1);
    g_assert_cmphex(cxl_get16(out->return_code), ==, CXL_RC_INTERRUPTED);
}

static void test_memory_device(FakeDevice *dev, gconstpointer data)
{
    const CXLWireIdentifyMemdev *out;

    dev->events.log[0].depth = 10;
    dev->events.log[1].depth = 11;
    dev->events.log[2].depth = 12;
    dev->events.log[3].depth = 13;
    dev->events.log[4].depth = 14;
    g_assert_cmphex(fake_device_send(dev, 0x4000, NULL, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0x45);
    out = (void *)dev->out;
    g_assert_cmpmem(out->firmware, 16, "fake-1\0\0\0\0\0\0\0\0\0\0", 16);
    g_assert_cmpuint(cxl_get64(out->total), ==, 16);
    g_assert_cmpuint(cxl_get64(out->volatile_only), ==, 2);
    g_assert_cmpuint(cxl_get64(out->persistent_only), ==, 1);
    g_assert_cmpuint(cxl_get64(out->partition_align), ==, 2);
    g_assert_cmpuint(cxl_get16(out->info_log), ==, 10);
    g_assert_cmpuint(cxl_get16(out->warning_log), ==, 11);
    g_assert_cmpuint(cxl_get16(out->failure_log), ==, 12);
    g_assert_cmpuint(cxl_get16(out->fatal_log), ==, 13);
    g_assert_cmpuint(cxl_get16(out->dc_log), ==, 14);
    g_assert_cmpuint(cxl_get32(out->lsa_size), ==, FAKE_LSA);
    g_assert_cmpuint(cxl_get24(out->poison_list_max), ==, FAKE_POISON);
    g_assert_cmpuint(cxl_get16(out->inject_poison_limit), ==, FAKE_INJECT);
    g_assert_cmphex(out->poison_caps, ==, 0);
}

static void test_memory_device_bare(FakeDevice *dev, gconstpointer data)
{
    const CXLWireIdentifyMemdev *out;

    dev->identity.lsa = NULL;
    dev->identity.poison = NULL;
    dev->identity.events = NULL;
    dev->media.align = 0;
    g_assert_cmphex(fake_device_send(dev, 0x4000, NULL, 0), ==, 0);
    out = (void *)dev->out;
    g_assert_cmpuint(cxl_get32(out->lsa_size), ==, 0);
    g_assert_cmpuint(cxl_get16(out->info_log), ==, 0);
    g_assert_cmpuint(cxl_get24(out->poison_list_max), ==, 0);
    g_assert_cmpuint(cxl_get64(out->partition_align), ==, 0);
}

static void test_no_dynamic_capacity(FakeDevice *dev, gconstpointer data)
{
    dev->events.count = 4;
    g_assert_cmphex(fake_device_send(dev, 0x4000, NULL, 0), ==, 0);
    dev->events.count = 5;
    g_assert_cmpuint(dev->out_len, ==, 0x45);
    g_assert_cmpuint(dev->out[0x43] | dev->out[0x44], ==, 0);
}

#define ADD(name, func) \
    g_test_add("/cmd/identify/" name, FakeDevice, NULL, set_up, func, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("component", test_identify);
    ADD("infostat-where", test_infostat_where);
    ADD("background-status", test_background_status);
    ADD("memory-device", test_memory_device);
    ADD("memory-device-bare", test_memory_device_bare);
    ADD("no-dynamic-capacity", test_no_dynamic_capacity);
    return g_test_run();
}
