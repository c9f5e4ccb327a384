/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of health and its command. */
#include "qemu/osdep.h"
#include "fake_device.h"

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static void test_new(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t want[0x12] = { [4] = 25 };

    g_assert_cmphex(fake_device_send(dev, 0x4200, NULL, 0), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, want, sizeof(want));
}

static void test_all_fields(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t want[0x12] = {
        1, 2, 3, 4, 0xfb, 0xff, 8, 7, 6, 5, 9, 0, 0, 0, 10, 0, 0, 0,
    };

    dev->health = (CXLHealth) {
        .status = 1, .media_status = 2, .additional_status = 3,
        .life_used = 4, .temperature = -5, .dirty_shutdowns = 0x05060708,
        .corrected_volatile = 9, .corrected_persistent = 10,
    };
    g_assert_cmphex(fake_device_send(dev, 0x4200, NULL, 0), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, want, sizeof(want));
}

#define ADD(name, func) \
    g_test_add("/health/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("new", test_new);
    ADD("all-fields", test_all_fields);
    return g_test_run();
}
