/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 0003h, 0004h, 0005h: limits of answers, and an end to what runs. */
#include "qemu/osdep.h"
#include "fake_device.h"
#include "hw/cxl/spec/cmd_infostat.h"

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_MCTP, 1024, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

/* Which CCI has which command: bit n for opcode n. */
static void test_where(FakeDevice *dev, gconstpointer data)
{
    static const struct { CXLCciKind kind; unsigned opcodes; } cases[] = {
        { CXL_CCI_PRIMARY, 1 << 5 }, { CXL_CCI_SECONDARY, 0 },
        { CXL_CCI_LD, 1 << 1 }, { CXL_CCI_FM_LD, 1 << 1 | 1 << 3 | 1 << 4 },
        { CXL_CCI_SWITCH, 1 << 1 | 1 << 2 | 1 << 5 }, { CXL_CCI_MCTP, 0x3e },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        dev->cci.kind = cases[i].kind;
        for (unsigned opcode = 1; opcode <= 5; opcode++) {
            bool has = cases[i].opcodes & 1 << opcode;
            CXLRetCode rc = fake_device_send(dev, opcode, "\x9", opcode == 4);

            g_assert_true((rc == CXL_RC_SUCCESS) == has);
            g_assert_true((rc == CXL_RC_UNSUPPORTED_CCI) == !has);
        }
    }
}

static void check_limit(FakeDevice *dev, unsigned want)
{
    g_assert_cmphex(fake_device_send(dev, 0x0003, NULL, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 1);
    g_assert_cmpuint(dev->out[0], ==, want);
}

static void test_limit_values(FakeDevice *dev, gconstpointer data)
{
    check_limit(dev, 10);
    for (unsigned n = 0; n < 256; n++) {
        uint8_t in = n;
        CXLRetCode rc = fake_device_send(dev, 0x0004, &in, 1);

        if (n < 8 || n > 20) {
            g_assert_cmphex(rc, ==, CXL_RC_INVALID_INPUT);
            check_limit(dev, 10);
            continue;
        }
        g_assert_cmphex(rc, ==, 0);
        g_assert_cmpuint(dev->out_len, ==, 1);
        g_assert_cmpuint(dev->out[0], ==, MIN(n, 10));
        check_limit(dev, MIN(n, 10));
    }
}

/* An answer ends where the limit is, until a reset. */
static void test_limit_holds(FakeDevice *dev, gconstpointer data)
{
    const uint8_t log = CXL_EVENT_LOG_INFO;

    fake_device_log(dev, log, FAKE_EVENT_DEPTH);
    g_assert_cmphex(fake_device_send(dev, 0x0100, &log, 1), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0x20 + 4 * 0x80);
    g_assert_cmphex(fake_device_send(dev, 0x0004, "\x8", 1), ==, 0);
    g_assert_cmphex(fake_device_send(dev, 0x0100, &log, 1), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0x20 + 0x80);
    cxl_cci_reset(&dev->cci, CXL_RESET_HOT);
    g_assert_cmphex(fake_device_send(dev, 0x0100, &log, 1), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0x20 + 4 * 0x80);
}

/* The same for what no host could have set. */
static void test_limit_bounds(FakeDevice *dev, gconstpointer data)
{
    cxl_cci_limit_response(&dev->cci, 0);
    check_limit(dev, 8);
    cxl_cci_limit_response(&dev->cci, UINT32_MAX);
    check_limit(dev, 10);
}

static uint64_t duration(void *state)
{
    return 100;
}

static CXLRetCode finish(void *state)
{
    return CXL_RC_SUCCESS;
}

static void on_abort(void *state)
{
    ++*(unsigned *)state;
}

static void test_abort(FakeDevice *dev, gconstpointer data)
{
    static const CXLBgOps ops = { duration, finish, on_abort };
    unsigned aborted = 0;

    dev->cci.kind = CXL_CCI_PRIMARY;
    g_assert_cmphex(fake_device_send(dev, 0x0005, NULL, 0), ==, 0);
    cxl_bg_start(&dev->cci.bg, &ops, &aborted, 0x4400);
    g_assert_cmphex(fake_device_send(dev, 0x0005, NULL, 0), ==, 0);
    g_assert_cmpuint(aborted, ==, 1);
    g_assert_false(cxl_bg_running(&dev->cci.bg));
    g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_ABORTED);
    g_assert_cmphex(fake_device_send(dev, 0x0005, NULL, 0), ==, 0);
    g_assert_cmpuint(aborted, ==, 1);
}

static void test_abort_refused(FakeDevice *dev, gconstpointer data)
{
    static const CXLBgOps ops = { duration, finish };

    cxl_bg_start(&dev->cci.bg, &ops, NULL, 0x0600);
    g_assert_cmphex(fake_device_send(dev, 0x0005, NULL, 0), ==,
                    CXL_RC_ABORT_UNSUPPORTED);
    g_assert_true(cxl_bg_running(&dev->cci.bg));
}

#define ADD(name, func) \
    g_test_add("/cmd/infostat/" name, FakeDevice, NULL, set_up, func, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("where", test_where);
    ADD("limit/values", test_limit_values);
    ADD("limit/holds", test_limit_holds);
    ADD("limit/bounds", test_limit_bounds);
    ADD("abort", test_abort);
    ADD("abort/refused", test_abort_refused);
    return g_test_run();
}
