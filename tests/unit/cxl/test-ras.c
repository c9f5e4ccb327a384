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

static uint32_t first(const CXLRas *ras)
{
    return reg(ras, CXL_RAS_CONTROL) & 0x3f;
}

static uint32_t log_dword(const CXLRas *ras, unsigned n)
{
    return reg(ras, CXL_RAS_HEADER_LOG + n * 4);
}

static void start(CXLRas *ras)
{
    cxl_ras_init(ras);
    put(ras, CXL_RAS_UE_MASK, 0);
    put(ras, CXL_RAS_CE_MASK, 0);
}

/* One header dword tells records apart. */
static CXLRasSignal fail(CXLRas *ras, uint32_t error, uint32_t header)
{
    return cxl_ras_uncorrectable(ras, error, &header, 1);
}

static void test_correctable(void)
{
    CXLRas ras;

    start(&ras);
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t error = 1U << bit;

        g_assert_cmpuint(cxl_ras_correctable(&ras, error), ==,
                         error & 0x7f ? CXL_RAS_CORRECTABLE : CXL_RAS_SILENT);
        g_assert_cmphex(reg(&ras, CXL_RAS_CE_STATUS), ==, error & 0x7f);
        put(&ras, CXL_RAS_CE_STATUS, UINT32_MAX);
    }
    g_assert_cmpuint(cxl_ras_correctable(&ras, 3), ==, CXL_RAS_SILENT);
    g_assert_cmpuint(cxl_ras_correctable(&ras, 0), ==, CXL_RAS_SILENT);
    put(&ras, CXL_RAS_CE_MASK, 0x40);
    g_assert_cmpuint(cxl_ras_correctable(&ras, 0x40), ==, CXL_RAS_SILENT);
    g_assert_cmpuint(cxl_ras_correctable(&ras, 0x20), ==,
                     CXL_RAS_CORRECTABLE);
    g_assert_cmphex(reg(&ras, CXL_RAS_CE_STATUS), ==, 0x60);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0);
    cxl_ras_finish(&ras);
}

static void test_uncorrectable(void)
{
    CXLRas ras;

    start(&ras);
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t error = (1U << bit) & 0x1cfff;

        g_assert_cmpuint(fail(&ras, 1U << bit, bit + 1), ==,
                         error ? CXL_RAS_FATAL : CXL_RAS_SILENT);
        g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, error);
        if (error) {
            g_assert_cmpuint(first(&ras), ==, bit);
            g_assert_cmpuint(log_dword(&ras, 0), ==, bit + 1);
        }
        put(&ras, CXL_RAS_UE_STATUS, UINT32_MAX);
        g_assert_cmphex(log_dword(&ras, 0), ==, 0);
    }
    g_assert_cmpuint(fail(&ras, 0x3, 0), ==, CXL_RAS_SILENT);
    g_assert_cmpuint(fail(&ras, 0, 0), ==, CXL_RAS_SILENT);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0);
    cxl_ras_finish(&ras);
}

static void test_severity(void)
{
    CXLRas ras;

    start(&ras);
    put(&ras, CXL_RAS_UE_SEVERITY, 0x1cfff & ~0x10);
    g_assert_cmpuint(fail(&ras, 0x10, 0), ==, CXL_RAS_NON_FATAL);
    g_assert_cmpuint(fail(&ras, 0x20, 0), ==, CXL_RAS_FATAL);
    put(&ras, CXL_RAS_UE_SEVERITY, 0x10);
    g_assert_cmpuint(fail(&ras, 0x10, 0), ==, CXL_RAS_FATAL);
    g_assert_cmpuint(fail(&ras, 0x20, 0), ==, CXL_RAS_NON_FATAL);
    cxl_ras_finish(&ras);
}

static void test_header_log(void)
{
    uint32_t header[20];
    CXLRas ras;

    for (unsigned i = 0; i < ARRAY_SIZE(header); i++) {
        header[i] = 0xa0000000 + i;
    }
    start(&ras);
    cxl_ras_uncorrectable(&ras, 0x10, header, 20);
    g_assert_cmpuint(log_dword(&ras, 15), ==, 0xa000000f);
    put(&ras, CXL_RAS_UE_STATUS, 0x10);
    cxl_ras_uncorrectable(&ras, 0x10, header, 2);
    g_assert_cmpuint(log_dword(&ras, 1), ==, 0xa0000001);
    g_assert_cmpuint(log_dword(&ras, 2), ==, 0);
    put(&ras, CXL_RAS_UE_STATUS, 0x10);
    cxl_ras_uncorrectable(&ras, 0x10, NULL, 0);
    g_assert_cmpuint(log_dword(&ras, 0), ==, 0);
    put(&ras, CXL_RAS_HEADER_LOG, 1);
    g_assert_cmpuint(log_dword(&ras, 0), ==, 0);
    cxl_ras_finish(&ras);
}

/* A masked error is seen in the status, and nowhere else. */
static void test_masked(void)
{
    CXLRas ras;

    start(&ras);
    put(&ras, CXL_RAS_UE_MASK, 0x1);
    g_assert_cmpuint(fail(&ras, 0x1, 7), ==, CXL_RAS_SILENT);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x1);
    g_assert_cmpuint(first(&ras), !=, 0);
    g_assert_cmphex(log_dword(&ras, 0), ==, 0);
    g_assert_cmpuint(fail(&ras, 0x100, 8), ==, CXL_RAS_FATAL);
    g_assert_cmpuint(first(&ras), ==, 8);
    g_assert_cmphex(log_dword(&ras, 0), ==, 8);
    g_assert_cmpuint(fail(&ras, 0x1, 9), ==, CXL_RAS_SILENT);
    g_assert_cmpuint(first(&ras), ==, 8);
    put(&ras, CXL_RAS_UE_STATUS, 0x100);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x1);
    g_assert_cmpuint(first(&ras), !=, 0);
    cxl_ras_finish(&ras);
}

/* Clearing the first error alone shows the one behind it. */
static void test_queue(void)
{
    CXLRas ras;

    start(&ras);
    fail(&ras, 0x10, 1);
    fail(&ras, 0x400, 2);
    fail(&ras, 0x10, 3);
    g_assert_cmpuint(first(&ras), ==, 4);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x410);
    put(&ras, CXL_RAS_UE_STATUS, 0x10);
    g_assert_cmpuint(first(&ras), ==, 10);
    g_assert_cmphex(log_dword(&ras, 0), ==, 2);
    put(&ras, CXL_RAS_UE_STATUS, 0x400);
    g_assert_cmpuint(first(&ras), ==, 4);
    g_assert_cmphex(log_dword(&ras, 0), ==, 3);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x10);
    put(&ras, CXL_RAS_UE_STATUS, 0x10);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0);
    g_assert_cmphex(log_dword(&ras, 0), ==, 0);
    cxl_ras_finish(&ras);
}

/* Clearing others too, as Linux does, drops what waits of their kinds. */
static void test_queue_cleared_at_once(void)
{
    CXLRas ras;

    start(&ras);
    fail(&ras, 0x10, 1);
    fail(&ras, 0x400, 2);
    fail(&ras, 0x10, 3);
    fail(&ras, 0x1, 4);
    put(&ras, CXL_RAS_UE_STATUS, 0x400);
    g_assert_cmpuint(first(&ras), ==, 4);
    g_assert_cmphex(log_dword(&ras, 0), ==, 1);
    fail(&ras, 0x400, 5);
    put(&ras, CXL_RAS_UE_STATUS, 0x410);
    g_assert_cmpuint(first(&ras), ==, 0);
    g_assert_cmphex(log_dword(&ras, 0), ==, 4);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x1);
    put(&ras, CXL_RAS_UE_STATUS, UINT32_MAX);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0);
    fail(&ras, 0x800, 6);
    g_assert_cmpuint(first(&ras), ==, 11);
    cxl_ras_finish(&ras);
}

static void test_queue_full(void)
{
    CXLRas ras;

    start(&ras);
    for (unsigned i = 0; i < 2 * CXL_RAS_QUEUE; i++) {
        g_assert_cmpuint(fail(&ras, 0x10, i), ==, CXL_RAS_FATAL);
    }
    g_assert_cmpuint(fail(&ras, 0x20, 0), ==, CXL_RAS_FATAL);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x30);
    for (unsigned i = 0; i <= CXL_RAS_QUEUE; i++) {
        g_assert_cmphex(log_dword(&ras, 0), ==, i);
        g_assert_true(cxl_ras_valid(&ras));
        put(&ras, CXL_RAS_UE_STATUS, 0x10);
    }
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0x20);
    cxl_ras_finish(&ras);
}

static void test_queue_reset(void)
{
    CXLRas ras;

    start(&ras);
    fail(&ras, 0x10, 1);
    fail(&ras, 0x20, 2);
    cxl_ras_reset(&ras, CXL_RESET_HOT);
    cxl_ras_reset(&ras, CXL_RESET_CXL);
    put(&ras, CXL_RAS_UE_STATUS, 0x10);
    g_assert_cmphex(log_dword(&ras, 0), ==, 2);
    fail(&ras, 0x10, 1);
    cxl_ras_reset(&ras, CXL_RESET_COLD);
    put(&ras, CXL_RAS_UE_MASK, 0);
    fail(&ras, 0x40, 3);
    put(&ras, CXL_RAS_UE_STATUS, 0x40);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_STATUS), ==, 0);
    cxl_ras_finish(&ras);
}

static void test_unmask(void)
{
    CXLRas ras;

    cxl_ras_init(&ras);
    cxl_ras_unmask(&ras);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_MASK), ==, 0);
    g_assert_cmphex(reg(&ras, CXL_RAS_CE_MASK), ==, 0);
    put(&ras, CXL_RAS_UE_MASK, 1);
    put(&ras, CXL_RAS_CE_MASK, 1);
    cxl_ras_reset(&ras, CXL_RESET_COLD);
    g_assert_cmphex(reg(&ras, CXL_RAS_UE_MASK), ==, 0);
    g_assert_cmphex(reg(&ras, CXL_RAS_CE_MASK), ==, 0);
    cxl_ras_finish(&ras);
}

static void test_valid(void)
{
    CXLRas ras;

    start(&ras);
    g_assert_true(cxl_ras_valid(&ras));
    fail(&ras, 0x10, 1);
    fail(&ras, 0x20, 1);
    g_assert_true(cxl_ras_valid(&ras));
    ras.count = CXL_RAS_QUEUE + 1;
    g_assert_false(cxl_ras_valid(&ras));
    ras.count = 1;
    ras.queue[0].error = 32 + 4;       /* not an error at all */
    g_assert_false(cxl_ras_valid(&ras));
    ras.queue[0].error = 6;             /* its status bit is 0 */
    g_assert_false(cxl_ras_valid(&ras));
    ras.queue[0].error = 12;            /* not an error */
    cxl_regbank_set(&ras.bank, CXL_RAS_UE_STATUS, 0x1010, 4);
    g_assert_false(cxl_ras_valid(&ras));
    ras.queue[0].error = 5;
    cxl_regbank_set(&ras.bank, CXL_RAS_UE_STATUS, 0x20, 4);
    g_assert_false(cxl_ras_valid(&ras));   /* waits behind nothing */
    cxl_ras_finish(&ras);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ras/power-on", test_power_on);
    g_test_add_func("/cxl/ras/masks", test_masks);
    g_test_add_func("/cxl/ras/status", test_status);
    g_test_add_func("/cxl/ras/sticky", test_sticky);
    g_test_add_func("/cxl/ras/correctable", test_correctable);
    g_test_add_func("/cxl/ras/uncorrectable", test_uncorrectable);
    g_test_add_func("/cxl/ras/severity", test_severity);
    g_test_add_func("/cxl/ras/header-log", test_header_log);
    g_test_add_func("/cxl/ras/masked", test_masked);
    g_test_add_func("/cxl/ras/queue", test_queue);
    g_test_add_func("/cxl/ras/queue-cleared-at-once",
                    test_queue_cleared_at_once);
    g_test_add_func("/cxl/ras/queue-full", test_queue_full);
    g_test_add_func("/cxl/ras/queue-reset", test_queue_reset);
    g_test_add_func("/cxl/ras/unmask", test_unmask);
    g_test_add_func("/cxl/ras/valid", test_valid);
    return g_test_run();
}
