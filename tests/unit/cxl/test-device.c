/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device register block, found as a driver finds it. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "fake_device.h"

typedef struct Cap {
    uint32_t offset, length;
    uint8_t version;
} Cap;

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static unsigned cap_count(CXLDeviceRegs *regs)
{
    return cxl_device_read(regs, 0, 8) >> 32 & 0xffff;
}

static bool find_cap(CXLDeviceRegs *regs, uint16_t id, Cap *cap)
{
    for (unsigned i = 1; i <= cap_count(regs); i++) {
        uint64_t header = cxl_device_read(regs, i * 0x10, 8);

        if ((header & 0xffff) == id) {
            cap->version = header >> 16;
            cap->offset = header >> 32;
            cap->length = cxl_device_read(regs, i * 0x10 + 8, 4);
            return true;
        }
    }
    return false;
}

static void test_array(FakeDevice *dev, gconstpointer data)
{
    CXLDeviceRegs *regs = &dev->regs;

    g_assert_cmphex(cxl_device_read(regs, 0, 8), ==, 0x300010000);
    g_assert_cmphex(cxl_device_read(regs, 0, 2), ==, 0);
    g_assert_cmphex(cxl_device_read(regs, 2, 1), ==, 1);
    g_assert_cmphex(cxl_device_read(regs, 4, 2), ==, 3);
    g_assert_cmphex(cxl_device_read(regs, 8, 8), ==, 0);
    g_assert_cmphex(cxl_device_read(regs, 1, 8), ==, 0x3000100);
    cxl_device_write(regs, 0, UINT64_MAX, 8);
    g_assert_cmphex(cxl_device_read(regs, 0, 8), ==, 0x300010000);
}

static void test_caps(FakeDevice *dev, gconstpointer data)
{
    Cap cap;

    g_assert_true(find_cap(&dev->regs, CXL_DEVICE_CAP_STATUS, &cap));
    g_assert_cmpuint(cap.version, ==, 2);
    g_assert_cmpuint(cap.length, ==, 8);
    g_assert_true(find_cap(&dev->regs, CXL_DEVICE_CAP_PRIMARY_MAILBOX, &cap));
    g_assert_cmpuint(cap.version, ==, 1);
    g_assert_cmpuint(cap.length, ==, 0x20 + FAKE_PAYLOAD);
    g_assert_true(find_cap(&dev->regs, CXL_DEVICE_CAP_MEMDEV_STATUS, &cap));
    g_assert_cmpuint(cap.version, ==, 1);
    g_assert_cmpuint(cap.length, ==, 8);
}

/* Every block within the length, aligned, and clear of every other. */
static void check_layout(CXLDeviceRegs *regs)
{
    uint32_t end = 0x10 * (1 + cap_count(regs));

    for (unsigned i = 1; i <= cap_count(regs); i++) {
        uint32_t offset = cxl_device_read(regs, i * 0x10 + 4, 4);
        uint32_t length = cxl_device_read(regs, i * 0x10 + 8, 4);

        g_assert_cmpuint(offset, >=, end);
        g_assert_cmpuint(offset % 0x10, ==, 0);
        end = offset + length;
    }
    g_assert_cmpuint(regs->length, >=, end);
    g_assert_cmpuint(regs->length, >=, 4096);
    g_assert_true(is_power_of_2(regs->length));
}

static void test_layout(void)
{
    for (unsigned n = 8; n <= 20; n++) {
        FakeDevice dev;

        fake_device_init(&dev, CXL_CCI_PRIMARY, 1U << n, 4);
        check_layout(&dev.regs);
        fake_device_finish(&dev);
    }
}

static void test_event_status(FakeDevice *dev, gconstpointer data)
{
    Cap cap;

    find_cap(&dev->regs, CXL_DEVICE_CAP_STATUS, &cap);
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset, 8), ==, 0);
    fake_device_log(dev, CXL_EVENT_LOG_FATAL, 1);
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset, 4), ==, 8);
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset, 8), ==, 8);
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset + 1, 4), ==, 0);
    cxl_device_write(&dev->regs, cap.offset, 0xff, 8);
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset, 4), ==, 8);
}

static void test_memdev_status(FakeDevice *dev, gconstpointer data)
{
    Cap cap;

    find_cap(&dev->regs, CXL_DEVICE_CAP_MEMDEV_STATUS, &cap);
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset, 8), ==, 0x14);
    dev->media.status = CXL_MEDIA_DISABLED;
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset, 8), ==, 0x1c);
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset + 7, 8), ==, 0);
}

static void test_mailbox(FakeDevice *dev, gconstpointer data)
{
    Cap cap;

    find_cap(&dev->regs, CXL_DEVICE_CAP_PRIMARY_MAILBOX, &cap);
    cxl_device_write(&dev->regs, cap.offset + 8, 0x0300, 8);
    cxl_device_write(&dev->regs, cap.offset + 4, 1, 4);
    g_assert_cmphex(dev->trace.opcode, ==, 0x0300);
    g_assert_cmphex(cxl_device_read(&dev->regs, cap.offset + 8, 8), ==,
                    0x80300);
}

/* A switch's mailbox function: neither events nor media. */
static void test_no_memory(FakeDevice *dev, gconstpointer data)
{
    CXLDeviceRegs regs;
    Cap cap;

    cxl_device_init(&regs, &dev->mailbox, NULL, NULL);
    g_assert_cmpuint(cap_count(&regs), ==, 2);
    check_layout(&regs);
    g_assert_false(find_cap(&regs, CXL_DEVICE_CAP_MEMDEV_STATUS, &cap));
    g_assert_true(find_cap(&regs, CXL_DEVICE_CAP_STATUS, &cap));
    g_assert_cmphex(cxl_device_read(&regs, cap.offset, 8), ==, 0);
    cxl_device_finish(&regs);
}

static void test_anywhere(FakeDevice *dev, gconstpointer data)
{
    for (uint32_t at = 0; at < dev->regs.length; at++) {
        for (unsigned size = 1; size <= 8; size++) {
            uint64_t v = cxl_device_read(&dev->regs, at, size);

            g_assert_true(size == 8 || v >> (size * 8) == 0);
        }
    }
    g_assert_cmphex(cxl_device_read(&dev->regs, dev->regs.length, 8), ==, 0);
    g_assert_cmphex(cxl_device_read(&dev->regs, UINT32_MAX, 8), ==, 0);
    cxl_device_write(&dev->regs, dev->regs.length, 1, 8);
    cxl_device_write(&dev->regs, UINT32_MAX, 1, 8);
}

#define ADD(name, func) \
    g_test_add("/device/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("array", test_array);
    ADD("caps", test_caps);
    g_test_add_func("/device/layout", test_layout);
    ADD("event-status", test_event_status);
    ADD("memdev-status", test_memdev_status);
    ADD("mailbox", test_mailbox);
    ADD("no-memory", test_no_memory);
    ADD("anywhere", test_anywhere);
    return g_test_run();
}
