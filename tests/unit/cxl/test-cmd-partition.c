/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 4100h, 4101h, in the units of the wire: 256 MiB. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"
#include "hw/cxl/spec/cmd_partition.h"

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static CXLRetCode set(FakeDevice *dev, uint64_t units, uint8_t flags)
{
    CXLWireSetPartition in = { cxl_put64(units), flags };

    return fake_device_send(dev, 0x4101, &in, sizeof(in));
}

static void check(FakeDevice *dev, uint64_t active_volatile,
                  uint64_t active_persistent, uint64_t next_volatile,
                  uint64_t next_persistent)
{
    const CXLWirePartitionInfo *out;

    g_assert_cmphex(fake_device_send(dev, 0x4100, NULL, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0x20);
    out = (void *)dev->out;
    g_assert_cmpuint(cxl_get64(out->active_volatile), ==, active_volatile);
    g_assert_cmpuint(cxl_get64(out->active_persistent), ==,
                     active_persistent);
    g_assert_cmpuint(cxl_get64(out->next_volatile), ==, next_volatile);
    g_assert_cmpuint(cxl_get64(out->next_persistent), ==, next_persistent);
}

static void test_get(FakeDevice *dev, gconstpointer data)
{
    check(dev, 8, 8, 0, 0);
}

/* The input counts the partitionable capacity only: 13 of the 16 units. */
static void test_pending(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(set(dev, 10, 0), ==, CXL_RC_SUCCESS);
    check(dev, 8, 8, 12, 4);
    g_assert_cmphex(set(dev, 6, 0), ==, CXL_RC_SUCCESS);
    check(dev, 8, 8, 0, 0);
    g_assert_cmphex(set(dev, 0, 0), ==, CXL_RC_SUCCESS);
    check(dev, 8, 8, 2, 14);
    cxl_media_reset(&dev->media, CXL_RESET_COLD);
    check(dev, 2, 14, 0, 0);
}

/* A byte more than the standard has, as Linux has it */
static void test_long(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t in[11] = { 10, [9] = 0xff };

    g_assert_cmphex(fake_device_send(dev, 0x4101, in, 11), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(fake_device_send(dev, 0x4101, in, 10), ==,
                    CXL_RC_SUCCESS);
    check(dev, 8, 8, 12, 4);
}

static void test_immediate(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(set(dev, 10, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(set(dev, 2, 0xff), ==, CXL_RC_SUCCESS);
    check(dev, 4, 12, 0, 0);
    g_assert_cmphex(set(dev, 4, 0xfe), ==, CXL_RC_SUCCESS);
    check(dev, 4, 12, 6, 10);
}

static bool always(void *opaque)
{
    return true;
}

static void test_refused(FakeDevice *dev, gconstpointer data)
{
    static const uint64_t bad[] = {
        1, 14, 16, 17, UINT64_MAX, UINT64_MAX / 2 + 1,
        1ULL << 36,                 /* times 256 MiB is 0 in 64 bits */
        (1ULL << 36) + 4,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_cmphex(set(dev, bad[i], 0), ==, CXL_RC_INVALID_INPUT);
        g_assert_cmphex(set(dev, bad[i], 1), ==, CXL_RC_INVALID_INPUT);
    }
    dev->media.in_use = always;
    g_assert_cmphex(set(dev, 4, 1), ==, CXL_RC_INVALID_INPUT);
    check(dev, 8, 8, 0, 0);
}

static void test_not_partitionable(FakeDevice *dev, gconstpointer data)
{
    dev->media.align = 0;
    g_assert_cmphex(set(dev, 4, 0), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmphex(set(dev, UINT64_MAX, 1), ==, CXL_RC_UNSUPPORTED);
    check(dev, 8, 8, 0, 0);
}

static void test_media_disabled(FakeDevice *dev, gconstpointer data)
{
    dev->media_disabled = true;
    g_assert_cmphex(set(dev, 4, 0), ==, CXL_RC_MEDIA_DISABLED);
    g_assert_cmphex(fake_device_send(dev, 0x4100, NULL, 0), ==,
                    CXL_RC_MEDIA_DISABLED);
}

#define ADD(name, func) \
    g_test_add("/cmd/partition/" name, FakeDevice, NULL, set_up, func, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("get", test_get);
    ADD("pending", test_pending);
    ADD("long", test_long);
    ADD("immediate", test_immediate);
    ADD("refused", test_refused);
    ADD("not-partitionable", test_not_partitionable);
    ADD("media-disabled", test_media_disabled);
    return g_test_run();
}
