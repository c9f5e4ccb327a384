/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/viral.h"

#define VIRAL (1 << 14)

static void check(CXLDvsec *dvsec, uint32_t control, uint32_t status)
{
    CXLViral viral;

    cxl_viral_init(&viral, dvsec);
    g_assert_false(cxl_viral_enter(&viral));
    g_assert_false(viral.active);
    g_assert_cmphex(cxl_dvsec_read(dvsec, status, 2) & VIRAL, ==, 0);

    cxl_dvsec_write(dvsec, control, VIRAL, 2);
    g_assert_true(cxl_viral_enter(&viral));
    g_assert_true(viral.active);
    g_assert_cmphex(cxl_dvsec_read(dvsec, status, 2) & VIRAL, ==, VIRAL);

    /* Clearing the bit does not end it, disabling neither. */
    cxl_dvsec_write(dvsec, status, VIRAL, 2);
    cxl_dvsec_write(dvsec, control, 0, 2);
    g_assert_cmphex(cxl_dvsec_read(dvsec, status, 2) & VIRAL, ==, 0);
    g_assert_true(viral.active);
    cxl_viral_reset(&viral);
    g_assert_false(viral.active);
}

/* What was set stays readable over a hot reset. */
static void check_sticky(CXLDvsec *dvsec, uint32_t control, uint32_t status)
{
    CXLViral viral;

    cxl_viral_init(&viral, dvsec);
    cxl_dvsec_write(dvsec, control, VIRAL, 2);
    g_assert_true(cxl_viral_enter(&viral));
    cxl_dvsec_reset(dvsec, CXL_RESET_HOT);
    g_assert_cmphex(cxl_dvsec_read(dvsec, status, 2) & VIRAL, ==, VIRAL);
    g_assert_false(cxl_viral_enter(&viral));
    cxl_dvsec_reset(dvsec, CXL_RESET_COLD);
    g_assert_cmphex(cxl_dvsec_read(dvsec, status, 2) & VIRAL, ==, 0);
}

static void test_device(void)
{
    CXLDvsecRanges ranges = { .size = { 1ULL << 28 } };
    CXLDvsec dvsec;

    cxl_dvsec_device_init(&dvsec, &ranges);
    check(&dvsec, CXL_DEVICE_CONTROL, CXL_DEVICE_STATUS);
    check_sticky(&dvsec, CXL_DEVICE_CONTROL, CXL_DEVICE_STATUS);
    cxl_dvsec_finish(&dvsec);
}

static void test_port(void)
{
    CXLDvsec dvsec;

    cxl_dvsec_port_init(&dvsec, false);
    check(&dvsec, CXL_PORT_CONTROL, CXL_PORT_STATUS);
    check_sticky(&dvsec, CXL_PORT_CONTROL, CXL_PORT_STATUS);
    cxl_dvsec_finish(&dvsec);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/viral/device", test_device);
    g_test_add_func("/cxl/viral/port", test_port);
    return g_test_run();
}
