/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/ras.h"

static uint32_t reg(const CXLRas *ras, uint32_t offset)
{
    return cxl_regbank_read(&ras->bank, offset, 4);
}

static void put(CXLRas *ras, uint32_t offset, uint32_t value)
{
    cxl_regbank_write(&ras->bank, offset, value, 4);
}

static void test_power_on(void)
{
    static const uint32_t expected[] = {
        0, 0x1cfff, 0x1cfff, 0, 0x7f, 0x200
    };
    CXLRas ras;

    cxl_ras_init(&ras);
    g_assert_cmpuint(ras.bank.size, ==, 0x58);
    for (unsigned i = 0; i < 0x58 / 4; i++) {
        g_assert_cmphex(reg(&ras, i * 4), ==,
                        i < ARRAY_SIZE(expected) ? expected[i] : 0);
    }
    cxl_ras_finish(&ras);
}

static void test_masks(void)
{
    static const uint32_t writable[] = {
        0, 0x1cfff, 0x1cfff, 0, 0x7f, 0x2200
    };
    CXLRas ras;

    cxl_ras_init(&ras);
    for (unsigned i = 0; i < 0x58 / 4; i++) {
        put(&ras, i * 4, UINT32_MAX);
        g_assert_cmphex(reg(&ras, i * 4), ==,
                        i < ARRAY_SIZE(writable) ? writable[i] : 0);
        put(&ras, i * 4, 0);
        g_assert_cmphex(reg(&ras, i * 4), ==, i == 5 ? 0x200 : 0);
    }
    cxl_ras_finish(&ras);
}

/* As Linux does: the status is cleared by writing what was read. */
static void test_status(void)
{
    CXLRas ras;

    cxl_ras_init(&ras);
    cxl_regbank_set(&ras.bank, CXL_RAS_UE_STATUS, 0x4410, 4);
    cxl_regbank_set(&ras.bank, CXL_RAS_CE_STATUS, 0x41, 4);
    put(&ras, CXL_RAS_UE_STATUS, 0x400);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x4010);
    put(&ras, CXL_RAS_UE_STATUS, 0x4010);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0);
    cxl_regbank_write(&ras.bank, CXL_RAS_CE_STATUS, 0x40, 1);
    g_assert_cmphex(reg(&ras, CXL_RAS_CE_STATUS), ==, 0x01);
    cxl_ras_finish(&ras);
}

/* A hot or CXL reset keeps what was logged and chosen; a cold one does not. */
static void test_sticky(void)
{
    CXLRas ras;

    cxl_ras_init(&ras);
    cxl_regbank_set(&ras.bank, CXL_RAS_UE_STATUS, 0x400, 4);
    cxl_regbank_set(&ras.bank, CXL_RAS_CE_STATUS, 0x2, 4);
    cxl_regbank_set(&ras.bank, CXL_RAS_CONTROL, 0x220a, 4);
    cxl_regbank_set(&ras.bank, CXL_RAS_HEADER_LOG + 60, 0x12345678, 4);
    put(&ras, CXL_RAS_UE_MASK, 0x10);
    put(&ras, CXL_RAS_CE_MASK, 0x3);
    put(&ras, CXL_RAS_UE_SEVERITY, 0x1);
    cxl_ras_reset(&ras, CXL_RESET_HOT);
    cxl_ras_reset(&ras, CXL_RESET_CXL);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x400);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_MASK), ==, 0x10);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_SEVERITY), ==, 0x1);
    g_assert_cmphex(reg(&ras, CXL_RAS_CE_STATUS), ==, 0x2);
    g_assert_cmphex(reg(&ras, CXL_RAS_CE_MASK), ==, 0x3);
    g_assert_cmphex(reg(&ras, CXL_RAS_CONTROL), ==, 0x220a);
    g_assert_cmphex(reg(&ras, CXL_RAS_HEADER_LOG + 60), ==, 0x12345678);
    cxl_ras_reset(&ras, CXL_RESET_COLD);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_MASK), ==, 0x1cfff);
    g_assert_cmphex(reg(&ras, CXL_RAS_CONTROL), ==, 0x200);
    g_assert_cmphex(reg(&ras, CXL_RAS_HEADER_LOG + 60), ==, 0);
    cxl_ras_finish(&ras);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ras/power-on", test_power_on);
    g_test_add_func("/cxl/ras/masks", test_masks);
    g_test_add_func("/cxl/ras/status", test_status);
    g_test_add_func("/cxl/ras/sticky", test_sticky);
    return g_test_run();
}
