/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "fake.h"
#include "hw/cxl/core/reset.h"

#define INITIATE R_CXL_DEVICE_CTRL2_INITIATE_RESET_MASK
#define CLEAR R_CXL_DEVICE_CTRL2_RESET_MEM_CLEAR_MASK
#define COMPLETE R_CXL_DEVICE_STATUS2_RESET_COMPLETE_MASK
#define ERROR R_CXL_DEVICE_STATUS2_RESET_ERROR_MASK
#define PM_INIT R_CXL_DEVICE_STATUS2_PM_INIT_COMPLETE_MASK

#define VOLATILE (3 * CXL_RESET_PIECE + 4096)
#define TOTAL (VOLATILE + 8192)

/* A store that remembers what was filled, and fails from @bad on. */
typedef struct Filled {
    uint64_t start, end, longest, bad;
    uint8_t byte;
} Filled;

static Filled filled;
static FakeClock fake_time;
static CXLMediaState media;
static CXLDvsec dvsec;
static CXLReset reset;
static unsigned resets, ends;

static uint64_t store_size(void *opaque)
{
    return TOTAL;
}

static bool store_fill(void *opaque, uint64_t offset, uint8_t byte,
                       uint64_t len)
{
    if (offset + len > filled.bad) {
        return false;
    }
    g_assert_cmphex(offset, ==, filled.end);
    filled.end = offset + len;
    filled.longest = MAX(filled.longest, len);
    filled.byte = byte;
    return true;
}

static const CXLMediaOps store_ops = {
    .size = store_size, .fill = store_fill,
};

static void do_reset(void *opaque)
{
    resets++;
    cxl_dvsec_reset(&dvsec, CXL_RESET_CXL);
}

static void do_end(void *opaque)
{
    ends++;
}

static const CXLResetOps ops = { .reset = do_reset, .ended = do_end };

static void start(uint64_t volatile_size)
{
    CXLDvsecRanges ranges = { .size = { CXL_CAPACITY_UNIT } };
    CXLMedia store = { .ops = &store_ops };
    CXLClock clock = fake_clock(&fake_time);

    fake_time = (FakeClock) { .now = 5000, .deadline = UINT64_MAX };
    filled = (Filled) { .bad = UINT64_MAX, .byte = 0xff };
    resets = ends = 0;
    cxl_media_init(&media, &store, 0, 0, 1, volatile_size);
    cxl_dvsec_device_init(&dvsec, &ranges);
    cxl_reset_init(&reset, &dvsec, &media, &clock, &ops, NULL);
}

static void stop(void)
{
    cxl_dvsec_finish(&dvsec);
}

static uint32_t status(void)
{
    return cxl_dvsec_read(&dvsec, CXL_DEVICE_STATUS2, 2);
}

static void initiate(uint32_t control)
{
    cxl_dvsec_write(&dvsec, CXL_DEVICE_CONTROL2, control | INITIATE, 2);
}

/* The deadline comes. */
static void advance(void)
{
    g_assert_cmpuint(fake_time.deadline, ==,
                     fake_time.now + CXL_RESET_PERIOD);
    fake_time.now = fake_time.deadline;
    cxl_reset_tick(&reset);
}

static void test_at_once(void)
{
    start(VOLATILE);
    g_assert_cmphex(status(), ==, PM_INIT);
    initiate(0);
    g_assert_cmpuint(resets, ==, 1);
    g_assert_cmpuint(ends, ==, 1);
    g_assert_cmphex(status(), ==, PM_INIT | COMPLETE);
    g_assert_cmphex(cxl_dvsec_read(&dvsec, CXL_DEVICE_CONTROL2, 2), ==, 0);
    g_assert_cmphex(filled.end, ==, 0);
    g_assert_cmpuint(fake_time.deadline, ==, UINT64_MAX);
    initiate(0);
    g_assert_cmpuint(resets, ==, 2);
    stop();
}

/* Mem Clear alone only stores the bit. */
static void test_needs_initiate(void)
{
    start(VOLATILE);
    cxl_dvsec_write(&dvsec, CXL_DEVICE_CONTROL2, CLEAR, 2);
    g_assert_cmphex(cxl_dvsec_read(&dvsec, CXL_DEVICE_CONTROL2, 2), ==,
                    CLEAR);
    g_assert_cmpuint(resets, ==, 0);
    stop();
}

static void test_clear(void)
{
    start(VOLATILE);
    initiate(0);
    initiate(CLEAR);
    g_assert_cmpuint(resets, ==, 2);
    g_assert_true(reset.clearing);
    g_assert_cmphex(status(), ==, PM_INIT);
    for (unsigned i = 0; i < 3; i++) {
        advance();
        g_assert_cmphex(status(), ==, PM_INIT);
        g_assert_cmpuint(filled.end, ==, (i + 1) * CXL_RESET_PIECE);
    }
    advance();
    g_assert_cmphex(status(), ==, PM_INIT | COMPLETE);
    g_assert_cmphex(filled.end, ==, VOLATILE);
    g_assert_cmphex(filled.longest, ==, CXL_RESET_PIECE);
    g_assert_cmphex(filled.byte, ==, 0);
    g_assert_false(reset.clearing);
    g_assert_cmpuint(ends, ==, 2);
    g_assert_cmpuint(fake_time.deadline, ==, UINT64_MAX);
    cxl_reset_tick(&reset);
    g_assert_cmpuint(ends, ==, 2);
    stop();
}

static void test_nothing_volatile(void)
{
    start(0);
    initiate(CLEAR);
    g_assert_cmphex(status(), ==, PM_INIT | COMPLETE);
    stop();
}

/* One at a time */
static void test_meanwhile(void)
{
    start(VOLATILE);
    initiate(CLEAR);
    advance();
    initiate(0);
    initiate(CLEAR);
    g_assert_cmpuint(resets, ==, 1);
    g_assert_cmphex(status(), ==, PM_INIT);
    advance();
    g_assert_cmphex(filled.end, ==, 2 * CXL_RESET_PIECE);
    stop();
}

static void test_kill(void)
{
    start(VOLATILE);
    initiate(CLEAR);
    advance();
    cxl_reset_kill(&reset);
    g_assert_false(reset.clearing);
    g_assert_cmpuint(fake_time.deadline, ==, UINT64_MAX);
    cxl_reset_tick(&reset);
    g_assert_cmphex(filled.end, ==, CXL_RESET_PIECE);
    g_assert_cmpuint(ends, ==, 0);
    g_assert_cmphex(status(), ==, PM_INIT);
    filled.end = 0;
    initiate(CLEAR);
    advance();
    g_assert_cmphex(filled.end, ==, CXL_RESET_PIECE);
    stop();
}

static void test_error(void)
{
    start(VOLATILE);
    filled.bad = 2 * CXL_RESET_PIECE;
    initiate(CLEAR);
    advance();
    advance();
    advance();
    g_assert_cmphex(status(), ==, PM_INIT | ERROR);
    g_assert_cmpuint(ends, ==, 1);
    g_assert_false(reset.clearing);
    initiate(0);
    g_assert_cmphex(status(), ==, PM_INIT | COMPLETE);
    stop();
}

static void test_resume(void)
{
    start(VOLATILE);
    g_assert_true(cxl_reset_resume(&reset));
    g_assert_cmpuint(fake_time.deadline, ==, UINT64_MAX);
    reset.clearing = true;
    reset.dpa = filled.end = VOLATILE - 100;
    g_assert_true(cxl_reset_resume(&reset));
    advance();
    g_assert_cmphex(status(), ==, PM_INIT | COMPLETE);
    g_assert_cmphex(filled.end, ==, VOLATILE);

    /* The boundary may have been loaded below it. */
    reset.clearing = true;
    reset.dpa = filled.end = TOTAL;
    g_assert_true(cxl_reset_resume(&reset));
    advance();
    g_assert_false(reset.clearing);
    g_assert_cmphex(filled.end, ==, TOTAL);

    /* A place to go on at, but nothing that would: forgotten */
    reset.dpa = 4096;
    g_assert_true(cxl_reset_resume(&reset));
    filled.end = 0;
    initiate(CLEAR);
    advance();
    g_assert_cmphex(filled.end, ==, CXL_RESET_PIECE);
    cxl_reset_kill(&reset);

    reset.clearing = true;
    reset.dpa = TOTAL + 1;
    g_assert_false(cxl_reset_resume(&reset));
    g_assert_false(reset.clearing);
    stop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/reset/at-once", test_at_once);
    g_test_add_func("/cxl/reset/needs-initiate", test_needs_initiate);
    g_test_add_func("/cxl/reset/clear", test_clear);
    g_test_add_func("/cxl/reset/nothing-volatile", test_nothing_volatile);
    g_test_add_func("/cxl/reset/meanwhile", test_meanwhile);
    g_test_add_func("/cxl/reset/kill", test_kill);
    g_test_add_func("/cxl/reset/error", test_error);
    g_test_add_func("/cxl/reset/resume", test_resume);
    return g_test_run();
}
