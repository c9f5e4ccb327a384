/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device's wall clock and its commands. */
#include "qemu/osdep.h"
#include "fake_device.h"

typedef struct Fixture {
    FakeClock clock;
    CXLTimestamp ts;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    CXLClock clock = fake_clock(&f->clock);

    f->clock.now = 500;
    cxl_timestamp_init(&f->ts, &clock);
}

static void test_unset(Fixture *f, gconstpointer data)
{
    g_assert_cmpuint(cxl_timestamp_get(&f->ts), ==, 0);
    f->clock.now = 1000;
    g_assert_cmpuint(cxl_timestamp_get(&f->ts), ==, 0);
}

static void test_runs(Fixture *f, gconstpointer data)
{
    cxl_timestamp_set(&f->ts, 1700000000000000000);
    g_assert_cmpuint(cxl_timestamp_get(&f->ts), ==, 1700000000000000000);
    f->clock.now += 42;
    g_assert_cmpuint(cxl_timestamp_get(&f->ts), ==, 1700000000000000042);
    cxl_timestamp_set(&f->ts, 0);
    f->clock.now += 7;
    g_assert_cmpuint(cxl_timestamp_get(&f->ts), ==, 7);
}

static void test_reset(Fixture *f, gconstpointer data)
{
    cxl_timestamp_set(&f->ts, 100);
    cxl_timestamp_reset(&f->ts, CXL_RESET_CXL);
    g_assert_cmpuint(cxl_timestamp_get(&f->ts), ==, 100);
    cxl_timestamp_reset(&f->ts, CXL_RESET_HOT);
    g_assert_cmpuint(cxl_timestamp_get(&f->ts), ==, 0);
    cxl_timestamp_set(&f->ts, 100);
    cxl_timestamp_reset(&f->ts, CXL_RESET_COLD);
    g_assert_cmpuint(cxl_timestamp_get(&f->ts), ==, 0);
}

static void test_commands(void)
{
    cxl_le64 ns = cxl_put64(0x0102030405060708);
    FakeDevice dev;

    fake_device_init(&dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
    g_assert_cmphex(fake_device_send(&dev, 0x0300, NULL, 0), ==, 0);
    g_assert_cmpmem(dev.out, dev.out_len, "\0\0\0\0\0\0\0\0", 8);
    g_assert_cmphex(fake_device_send(&dev, 0x0301, &ns, 8), ==, 0);
    g_assert_cmpuint(dev.out_len, ==, 0);
    g_assert_cmphex(fake_device_send(&dev, 0x0300, NULL, 0), ==, 0);
    g_assert_cmpmem(dev.out, dev.out_len, "\10\7\6\5\4\3\2\1", 8);
    fake_device_finish(&dev);
}

#define ADD(name, func) \
    g_test_add("/timestamp/" name, Fixture, NULL, set_up, func, NULL)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("unset", test_unset);
    ADD("runs", test_runs);
    ADD("reset", test_reset);
    g_test_add_func("/timestamp/commands", test_commands);
    return g_test_run();
}
