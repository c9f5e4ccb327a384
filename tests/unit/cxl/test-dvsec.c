/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/dvsec.h"

static const CXLDvsecRanges one = { { 4 * GiB, 0 } };

static void test_headers(void)
{
    static const CXLDvsecBlock blocks[3];
    CXLDvsec d[10];
    static const struct {
        uint32_t header1;
        uint16_t id;
    } expected[ARRAY_SIZE(d)] = {
        { 0x03c31e98, 0 }, { 0x02801e98, 3 }, { 0x02801e98, 3 },
        { 0x01001e98, 4 }, { 0x01001e98, 5 }, { 0x02021e98, 7 },
        { 0x02021e98, 7 }, { 0x02021e98, 7 }, { 0x02021e98, 7 },
        { 0x02401e98, 8 },
    };

    cxl_dvsec_device_init(&d[0], &one);
    cxl_dvsec_port_init(&d[1], false);
    cxl_dvsec_port_init(&d[2], true);
    cxl_dvsec_gpf_port_init(&d[3]);
    cxl_dvsec_gpf_device_init(&d[4]);
    cxl_dvsec_flexbus_init(&d[5], CXL_FLEXBUS_DEVICE);
    cxl_dvsec_flexbus_init(&d[6], CXL_FLEXBUS_ROOT_PORT);
    cxl_dvsec_flexbus_init(&d[7], CXL_FLEXBUS_DOWNSTREAM);
    cxl_dvsec_flexbus_init(&d[8], CXL_FLEXBUS_UPSTREAM);
    cxl_dvsec_locator_init(&d[9], blocks, ARRAY_SIZE(blocks));
    for (unsigned i = 0; i < ARRAY_SIZE(d); i++) {
        g_assert_cmphex(cxl_dvsec_read(&d[i], 0, 4), ==, 0);
        cxl_dvsec_write(&d[i], 0, UINT32_MAX, 4);
        cxl_dvsec_write(&d[i], 4, UINT32_MAX, 4);
        cxl_dvsec_write(&d[i], 8, UINT16_MAX, 2);
        g_assert_cmphex(cxl_dvsec_read(&d[i], 0, 4), ==, 0);
        g_assert_cmphex(cxl_dvsec_read(&d[i], 4, 4), ==,
                        expected[i].header1);
        g_assert_cmphex(cxl_dvsec_read(&d[i], 8, 2), ==, expected[i].id);
        g_assert_cmpuint(d[i].length, ==, expected[i].header1 >> 20);
        g_assert_cmpuint(d[i].revision, ==,
                         (expected[i].header1 >> 16) & 0xf);
        g_assert_cmpuint(d[i].id, ==, expected[i].id);
        cxl_dvsec_finish(&d[i]);
    }
}

static void test_device_fields(void)
{
    CXLDvsec d;

    cxl_dvsec_device_init(&d, &one);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0a, 2), ==, 0xcc9e);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 2), ==, 0x0002);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x12, 2), ==, 0x8000);
    for (unsigned at = 0x0a; at < 0x3c; at += 2) {
        if (at != CXL_DEVICE_LOCK) {
            cxl_dvsec_write(&d, at, 0xffff, 2);
        }
    }
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0a, 2), ==, 0xcc9e);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 2), ==, 0x4006);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0e, 2), ==, 0);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x10, 2), ==, 0x0009);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x12, 2), ==, 0x8000);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x20, 4), ==, 0xffffffff);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x24, 4), ==, 0xf0000000);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x38, 4), ==, 0);
    cxl_dvsec_finish(&d);
}

static void check_range(const CXLDvsec *d, unsigned n, uint64_t size,
                        uint32_t flags)
{
    g_assert_cmphex(cxl_dvsec_read(d, 0x18 + n * 0x10, 4), ==, size >> 32);
    g_assert_cmphex(cxl_dvsec_read(d, 0x1c + n * 0x10, 4), ==,
                    (uint32_t)size | flags);
}

/* Valid and active, type and class by CDAT; one or two of them. */
static void test_ranges(void)
{
    CXLDvsec d;

    cxl_dvsec_device_init(&d, &(CXLDvsecRanges) {
        { 5 * GiB + 256 * MiB, 256 * MiB }
    });
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0a, 2) & 0x30, ==, 0x20);
    check_range(&d, 0, 5 * GiB + 256 * MiB, 0x4b);
    check_range(&d, 1, 256 * MiB, 0x4b);
    cxl_dvsec_device_set_ranges(&d, &(CXLDvsecRanges) { { 0, GiB } });
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0a, 2) & 0x30, ==, 0x10);
    check_range(&d, 0, GiB, 0x4b);
    check_range(&d, 1, 0, 0);
    cxl_dvsec_device_set_ranges(&d, &(CXLDvsecRanges) { { 0, 0 } });
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0a, 2) & 0x30, ==, 0x10);
    check_range(&d, 0, 0, 0x4b);
    cxl_dvsec_reset(&d, CXL_RESET_COLD);
    check_range(&d, 0, 0, 0x4b);
    cxl_dvsec_finish(&d);
}

static void test_device_lock(void)
{
    CXLDvsec d;

    cxl_dvsec_device_init(&d, &one);
    cxl_dvsec_write(&d, CXL_DEVICE_CONTROL, 0x0004, 2);
    g_assert_true(cxl_dvsec_device_mem_enabled(&d));
    cxl_dvsec_write(&d, CXL_DEVICE_RANGE_BASE_HIGH, 5, 4);
    cxl_dvsec_write(&d, CXL_DEVICE_LOCK, 1, 2);
    cxl_dvsec_write(&d, CXL_DEVICE_LOCK, 0, 2);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_DEVICE_LOCK, 2), ==, 1);
    cxl_dvsec_write(&d, CXL_DEVICE_CONTROL, 0, 2);
    cxl_dvsec_write(&d, CXL_DEVICE_RANGE_BASE_HIGH, 6, 4);
    cxl_dvsec_write(&d, 0x30, 6, 4);
    cxl_dvsec_write(&d, CXL_DEVICE_CONTROL2, 1, 2);
    g_assert_true(cxl_dvsec_device_mem_enabled(&d));
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_DEVICE_RANGE_BASE_HIGH, 4), ==,
                    5);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x30, 4), ==, 0);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_DEVICE_CONTROL2, 2), ==, 1);
    cxl_dvsec_reset(&d, CXL_RESET_CXL);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_DEVICE_LOCK, 2), ==, 1);
    cxl_dvsec_reset(&d, CXL_RESET_HOT);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_DEVICE_LOCK, 2), ==, 0);
    g_assert_false(cxl_dvsec_device_mem_enabled(&d));
    cxl_dvsec_write(&d, CXL_DEVICE_CONTROL, 0x04, 1);
    g_assert_true(cxl_dvsec_device_mem_enabled(&d));
    cxl_dvsec_finish(&d);
}

static void test_viral_sticky(void)
{
    CXLDvsec d;

    cxl_dvsec_device_init(&d, &one);
    cxl_regbank_set(&d.bank, CXL_DEVICE_STATUS, 0x4000, 2);
    cxl_dvsec_reset(&d, CXL_RESET_HOT);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_DEVICE_STATUS, 2), ==, 0x4000);
    cxl_dvsec_write(&d, CXL_DEVICE_STATUS, 0x4000, 2);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_DEVICE_STATUS, 2), ==, 0);
    cxl_dvsec_finish(&d);
}

static void test_port(void)
{
    CXLDvsec d;

    cxl_dvsec_port_init(&d, true);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_PORT_STATUS, 2), ==, 1);
    cxl_dvsec_finish(&d);
    cxl_dvsec_port_init(&d, false);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_PORT_STATUS, 2), ==, 0);
    g_assert_false(cxl_dvsec_port_sbr_unmasked(&d));
    cxl_dvsec_write(&d, CXL_PORT_CONTROL, 1, 2);
    g_assert_true(cxl_dvsec_port_sbr_unmasked(&d));
    cxl_dvsec_write(&d, CXL_PORT_CONTROL, 2, 2);
    g_assert_false(cxl_dvsec_port_sbr_unmasked(&d));
    for (unsigned at = 0x0c; at < 0x28; at += 4) {
        cxl_dvsec_write(&d, at, UINT32_MAX, 4);
    }
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 4), ==, 0xffff400f);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x10, 4), ==, 0xfff0fff0);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x14, 4), ==, 0xfff0fff0);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x18, 4), ==, 0xffffffff);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x1c, 4), ==, 0xffffffff);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x20, 4), ==, 0);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x24, 4), ==, 0);
    cxl_dvsec_reset(&d, CXL_RESET_HOT);
    g_assert_cmphex(cxl_dvsec_read(&d, CXL_PORT_CONTROL, 2), ==, 0);
    cxl_dvsec_finish(&d);
}

static void test_gpf(void)
{
    CXLDvsec d;

    cxl_dvsec_gpf_port_init(&d);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 4), ==, 0x00010001);
    cxl_dvsec_write(&d, 0x0c, 0xf702, 2);
    cxl_dvsec_write(&d, 0x0e, 0xffff, 2);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 4), ==, 0x0f0f0702);
    cxl_dvsec_finish(&d);
    cxl_dvsec_gpf_device_init(&d);
    cxl_dvsec_write(&d, 0x0a, UINT32_MAX, 4);
    cxl_dvsec_write(&d, 0x0c, 0, 4);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0a, 2), ==, 0x0603);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 4), ==, 51);
    cxl_dvsec_finish(&d);
}

static void test_flexbus(void)
{
    static const struct {
        CXLFlexBusKind kind;
        uint16_t capability, control, written;
    } kinds[] = {
        { CXL_FLEXBUS_DEVICE, 0x26, 0x02, 0x02 },
        { CXL_FLEXBUS_ROOT_PORT, 0x26, 0x02, 0xbf },
        { CXL_FLEXBUS_DOWNSTREAM, 0x27, 0x02, 0xff },
        { CXL_FLEXBUS_UPSTREAM, 0x27, 0x27, 0x27 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        CXLDvsec d;

        cxl_dvsec_flexbus_init(&d, kinds[i].kind);
        g_assert_cmphex(cxl_dvsec_read(&d, 0x0a, 2), ==,
                        kinds[i].capability);
        g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 2), ==, kinds[i].control);
        g_assert_cmphex(cxl_dvsec_read(&d, 0x0e, 2), ==, 0x26);
        g_assert_cmphex(cxl_dvsec_read(&d, 0x10, 4), ==, 0xef);
        for (unsigned at = 0x0a; at < 0x20; at += 2) {
            cxl_dvsec_write(&d, at, 0xffff, 2);
        }
        g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 2), ==, kinds[i].written);
        g_assert_cmphex(cxl_dvsec_read(&d, 0x0e, 2), ==, 0x26);
        g_assert_cmphex(cxl_dvsec_read(&d, 0x18, 4), ==, 0);
        cxl_dvsec_finish(&d);
    }
}

static void test_locator(void)
{
    static const CXLDvsecBlock blocks[] = {
        { .bar = 0, .id = CXL_BLOCK_COMPONENT },
        { .bar = 2, .id = CXL_BLOCK_DEVICE, .offset = 0x1234560000 },
    };
    static const CXLDvsecBlock many[20];
    CXLDvsec d;

    cxl_dvsec_locator_init(&d, blocks, ARRAY_SIZE(blocks));
    g_assert_cmpuint(d.length, ==, 0x1c);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x0c, 4), ==, 0x00000100);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x10, 4), ==, 0);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x14, 4), ==, 0x34560302);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x18, 4), ==, 0x12);
    g_assert_cmphex(cxl_dvsec_read(&d, 0x1c, 4), ==, 0);
    cxl_dvsec_finish(&d);
    cxl_dvsec_locator_init(&d, many, ARRAY_SIZE(many));
    g_assert_cmpuint(d.length, ==, 0x0c + 8 * CXL_DVSEC_MAX_BLOCKS);
    cxl_dvsec_finish(&d);
}

static void count(void *opaque)
{
    ++*(unsigned *)opaque;
}

static void test_changed(void)
{
    unsigned changes = 0;
    CXLDvsec d;

    cxl_dvsec_device_init(&d, &one);
    d.changed = count;
    d.opaque = &changes;
    cxl_dvsec_write(&d, CXL_DEVICE_CAPABILITY, 0, 2);
    cxl_dvsec_write(&d, CXL_DEVICE_CONTROL, 2, 2);
    g_assert_cmpuint(changes, ==, 0);
    cxl_dvsec_write(&d, CXL_DEVICE_CONTROL, 6, 2);
    g_assert_cmpuint(changes, ==, 1);
    cxl_dvsec_write(&d, CXL_DEVICE_CONTROL, 6, 2);
    g_assert_cmpuint(changes, ==, 1);
    cxl_dvsec_write(&d, CXL_DEVICE_CONTROL, 0, 1);
    g_assert_cmpuint(changes, ==, 2);
    cxl_dvsec_write(&d, 0x1000, 0, 4);
    g_assert_cmpuint(changes, ==, 2);
    cxl_dvsec_finish(&d);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dvsec/headers", test_headers);
    g_test_add_func("/cxl/dvsec/device-fields", test_device_fields);
    g_test_add_func("/cxl/dvsec/ranges", test_ranges);
    g_test_add_func("/cxl/dvsec/device-lock", test_device_lock);
    g_test_add_func("/cxl/dvsec/viral-sticky", test_viral_sticky);
    g_test_add_func("/cxl/dvsec/port", test_port);
    g_test_add_func("/cxl/dvsec/gpf", test_gpf);
    g_test_add_func("/cxl/dvsec/flexbus", test_flexbus);
    g_test_add_func("/cxl/dvsec/locator", test_locator);
    g_test_add_func("/cxl/dvsec/changed", test_changed);
    return g_test_run();
}
