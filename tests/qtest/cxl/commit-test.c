/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Committing decoders: what is refused, what freezes, what a lock holds.
 * CXL r3.2: Committing Decoder Programming.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"

#define RESULT (QCXL_HDM_COMMITTED | QCXL_HDM_ERROR)
#define CAPACITY 8                      /* units of 256 MiB */
#define WINDOW (16 * QCXL_UNIT)

static QCXLMachine *m;
static uint64_t device, bridge;         /* the capabilities */

static void start(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 2, .size = CAPACITY * QCXL_UNIT,
        .window = { { .ways = 1, .size = WINDOW } },
    };

    m = qcxl_start(&topology);
    device = qcxl_hdm(m, m->device[0].fn.component);
    bridge = qcxl_hdm(m, m->bridge[0].component);
}

/* Commit and answer the two bits that tell. */
static uint32_t commit(uint64_t hdm, unsigned n, const QCXLDecoder *decoder)
{
    return qcxl_hdm_commit(m, hdm, n, decoder) & RESULT;
}

static uint32_t commit_units(uint64_t hdm, unsigned n, uint64_t base,
                             uint64_t size)
{
    QCXLDecoder decoder = { .base = base * QCXL_UNIT,
                            .size = size * QCXL_UNIT };

    return commit(hdm, n, &decoder);
}

/* Refused, and free again once the commit bit is cleared. */
static void refuse(uint64_t hdm, unsigned n, const QCXLDecoder *decoder)
{
    g_assert_cmphex(commit(hdm, n, decoder), ==, QCXL_HDM_ERROR);
    qcxl_hdm_uncommit(m, hdm, n);
    g_assert_cmphex(qcxl_hdm_control(m, hdm, n) & RESULT, ==, 0);
}

static void refuse_units(uint64_t hdm, unsigned n, uint64_t base,
                         uint64_t size)
{
    QCXLDecoder decoder = { .base = base * QCXL_UNIT,
                            .size = size * QCXL_UNIT };

    refuse(hdm, n, &decoder);
}

static void check_order(uint64_t hdm)
{
    refuse_units(hdm, 1, 17, 1);
    refuse_units(hdm, 7, 17, 1);
    g_assert_cmphex(commit_units(hdm, 0, 16, 1), ==, QCXL_HDM_COMMITTED);
    refuse_units(hdm, 2, 18, 1);
    g_assert_cmphex(commit_units(hdm, 1, 17, 1), ==, QCXL_HDM_COMMITTED);
    g_assert_cmphex(commit_units(hdm, 2, 18, 1), ==, QCXL_HDM_COMMITTED);
    for (int n = 2; n >= 0; n--) {
        qcxl_hdm_uncommit(m, hdm, n);
        g_assert_cmphex(qcxl_hdm_control(m, hdm, n) & RESULT, ==, 0);
    }
}

static void test_order(void)
{
    start();
    check_order(device);
    check_order(bridge);
    qcxl_stop(m);
}

static void check_overlap(uint64_t hdm)
{
    g_assert_cmphex(commit_units(hdm, 0, 20, 3), ==, QCXL_HDM_COMMITTED);
    refuse_units(hdm, 1, 20, 3);
    refuse_units(hdm, 1, 22, 2);
    refuse_units(hdm, 1, 19, 2);
    refuse_units(hdm, 1, 18, 2);        /* below: ranges ascend */
    g_assert_cmphex(commit_units(hdm, 1, 23, 1), ==, QCXL_HDM_COMMITTED);
    qcxl_hdm_uncommit(m, hdm, 1);
    qcxl_hdm_uncommit(m, hdm, 0);
}

static void test_overlap(void)
{
    start();
    check_overlap(device);
    check_overlap(bridge);
    qcxl_stop(m);
}

/* Whole units for each position, and addresses of 52 bits */
static void check_sizes(uint64_t hdm)
{
    QCXLDecoder odd = { .base = 16 * QCXL_UNIT, .size = 3 * QCXL_UNIT,
                        .ways = 2, .granularity = 256,
                        .target = { 5, 7 } };

    refuse(hdm, 0, &odd);
    odd.ways = 4;
    odd.size = 6 * QCXL_UNIT;
    refuse(hdm, 0, &odd);
    refuse_units(hdm, 0, 1 << 24, 1);
    refuse_units(hdm, 0, (1 << 24) - 1, 2);
    refuse_units(hdm, 0, UINT64_MAX / QCXL_UNIT, 1);
    refuse_units(hdm, 0, 16, UINT64_MAX / QCXL_UNIT);
    g_assert_cmphex(commit_units(hdm, 0, (1 << 24) - 1, 1), ==,
                    QCXL_HDM_COMMITTED);
    qcxl_hdm_uncommit(m, hdm, 0);
    g_assert_cmphex(commit_units(hdm, 0, 16, 0), ==, QCXL_HDM_COMMITTED);
    qcxl_hdm_uncommit(m, hdm, 0);
}

static void test_sizes(void)
{
    start();
    check_sizes(device);
    check_sizes(bridge);
    qcxl_stop(m);
}

/* The device maps no more than it has, skips included. */
static void test_capacity(void)
{
    QCXLDecoder decoder = { .base = 16 * QCXL_UNIT, .size = 8 * QCXL_UNIT };

    start();
    refuse_units(device, 0, 16, CAPACITY + 1);
    decoder.skip = QCXL_UNIT;
    refuse(device, 0, &decoder);
    decoder.skip = UINT64_MAX - QCXL_UNIT + 1;
    decoder.size = QCXL_UNIT;
    refuse(device, 0, &decoder);
    /* In an interleave set the device has only its share. */
    decoder = (QCXLDecoder) { .base = 16 * QCXL_UNIT, .ways = 16,
                              .size = 16 * CAPACITY * QCXL_UNIT };
    g_assert_cmphex(commit(device, 0, &decoder), ==, QCXL_HDM_COMMITTED);
    refuse_units(device, 1, 1024, 1);
    qcxl_hdm_uncommit(m, device, 0);

    g_assert_cmphex(commit_units(device, 0, 16, 3), ==, QCXL_HDM_COMMITTED);
    decoder = (QCXLDecoder) { .base = 32 * QCXL_UNIT, .size = 3 * QCXL_UNIT,
                              .skip = 3 * QCXL_UNIT };
    refuse(device, 1, &decoder);
    decoder.skip = 2 * QCXL_UNIT;
    g_assert_cmphex(commit(device, 1, &decoder), ==, QCXL_HDM_COMMITTED);
    refuse_units(device, 2, 40, 1);
    qcxl_stop(m);
}

/* All codes of ways and granularity: @legal tells which pass. */
static void check_codes(uint64_t hdm, bool (*legal)(unsigned, unsigned))
{
    for (unsigned code = 0; code < 256; code++) {
        uint32_t result;
        unsigned iw = code >> 4, ig = code & 0xf;

        qcxl_write(m, hdm + 0x20, 4, code);
        qcxl_write(m, hdm + 0x10, 4, 0);
        qcxl_write(m, hdm + 0x14, 4, 1);
        qcxl_write(m, hdm + 0x18, 4, 48 * QCXL_UNIT & UINT32_MAX);
        qcxl_write(m, hdm + 0x1c, 4, 48 * QCXL_UNIT >> 32);
        qcxl_write(m, hdm + 0x20, 4, code | QCXL_HDM_COMMIT);
        result = qcxl_hdm_control(m, hdm, 0) & RESULT;
        g_test_message("IW %u IG %u", iw, ig);
        g_assert_cmphex(result, ==, legal(iw, ig) ? QCXL_HDM_COMMITTED
                                                  : QCXL_HDM_ERROR);
        qcxl_hdm_uncommit(m, hdm, 0);
    }
}

/* Address bits 8 to 14 select; what is 3 times a power is a remainder. */
static bool bits_fit(unsigned iw, unsigned ig)
{
    return ig <= 6 && 8 + ig + (iw & 7) <= 15;
}

/* 48 units over one way, or two, three and so on: 8 units must hold it. */
static bool device_takes(unsigned iw, unsigned ig)
{
    static const unsigned ways[16] = {
        1, 2, 4, 8, 16, 0, 0, 0, 3, 6, 12, 0, 0, 0, 0, 0
    };

    return ig <= 6 && ways[iw] && bits_fit(iw, ig) &&
           48 / ways[iw] <= CAPACITY;
}

static bool bridge_takes(unsigned iw, unsigned ig)
{
    return iw <= 3 && ig <= 6 && (iw == 0 || bits_fit(iw, ig));
}

static void test_codes(void)
{
    start();
    check_codes(device, device_takes);
    check_codes(bridge, bridge_takes);
    qcxl_stop(m);
}

/* Only what the standard lets be written can be. */
static void check_masks(uint64_t hdm, uint32_t target_low)
{
    static const uint32_t mask[] = {
        0xf0000000, 0xffffffff, 0xf0000000, 0xffffffff, 0x11ff,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(mask); i++) {
        uint64_t at = hdm + 0x10 + 4 * i;

        qcxl_write(m, at, 4, i == 4 ? ~QCXL_HDM_COMMIT : UINT32_MAX);
        g_assert_cmphex(qcxl_read(m, at, 4), ==, mask[i]);
        qcxl_write(m, at, 4, 0);
        g_assert_cmphex(qcxl_read(m, at, 4), ==, 0);
    }
    qcxl_write(m, hdm + 0x24, 4, UINT32_MAX);
    g_assert_cmphex(qcxl_read(m, hdm + 0x24, 4), ==, target_low);
    qcxl_write(m, hdm + 0x2c, 4, UINT32_MAX);
    g_assert_cmphex(qcxl_read(m, hdm + 0x2c, 4), ==, 0);
}

static void test_masks(void)
{
    start();
    check_masks(device, 0xf0000000);
    check_masks(bridge, 0xffffffff);
    qcxl_stop(m);
}

/* Try to change every register of decoder 0; @control: its control. */
static void check_frozen(uint64_t hdm, uint32_t control)
{
    for (unsigned at = 0; at < 0x1c; at += 4) {
        uint32_t before = qcxl_read(m, hdm + 0x10 + at, 4);
        uint32_t value = at == 0x10 ? control ^ 0x11ff : ~before;

        qcxl_write(m, hdm + 0x10 + at, 4, value);
        g_assert_cmphex(qcxl_read(m, hdm + 0x10 + at, 4), ==, before);
    }
}

static void check_freeze(uint64_t hdm)
{
    uint32_t control;

    g_assert_cmphex(commit_units(hdm, 0, 16, 1), ==, QCXL_HDM_COMMITTED);
    control = qcxl_hdm_control(m, hdm, 0);
    check_frozen(hdm, control);
    qcxl_hdm_uncommit(m, hdm, 0);
    g_assert_cmphex(qcxl_hdm_control(m, hdm, 0) & RESULT, ==, 0);
    g_assert_cmphex(qcxl_hdm_base(m, hdm, 0), ==, 0);
    g_assert_cmphex(qcxl_hdm_size(m, hdm, 0), ==, 0);
}

static void test_freeze(void)
{
    start();
    check_freeze(device);
    check_freeze(bridge);
    qcxl_stop(m);
}

/* A locked decoder stays committed whatever is written, until a reset. */
static void check_lock(uint64_t hdm)
{
    QCXLDecoder decoder = { .base = 16 * QCXL_UNIT, .size = QCXL_UNIT,
                            .flags = QCXL_HDM_LOCK | QCXL_HDM_HOST_ONLY };
    uint32_t control;

    g_assert_cmphex(commit(hdm, 0, &decoder), ==, QCXL_HDM_COMMITTED);
    control = qcxl_hdm_control(m, hdm, 0);
    g_assert_cmphex(control & QCXL_HDM_LOCK, !=, 0);
    check_frozen(hdm, control);
    qcxl_hdm_uncommit(m, hdm, 0);
    qcxl_write(m, hdm + 0x20, 4, 0);
    qcxl_write(m, hdm + 0x21, 1, 0);
    g_assert_cmphex(qcxl_hdm_control(m, hdm, 0), ==, control);
    g_assert_cmphex(qcxl_hdm_base(m, hdm, 0), ==, 16 * QCXL_UNIT);
    g_assert_cmphex(qcxl_hdm_size(m, hdm, 0), ==, QCXL_UNIT);
    /* The others are free. */
    g_assert_cmphex(commit_units(hdm, 1, 17, 1), ==, QCXL_HDM_COMMITTED);
    qcxl_hdm_uncommit(m, hdm, 1);
}

static void test_lock(void)
{
    start();
    check_lock(device);
    check_lock(bridge);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_hdm_control(m, device, 0), ==, 0);
    g_assert_cmphex(qcxl_hdm_control(m, bridge, 0), ==, 0);
    check_freeze(device);
    check_freeze(bridge);
    qcxl_stop(m);
}

/* A lock bit alone, or an error, locks nothing. */
static void test_lock_needs_commit(void)
{
    QCXLDecoder bad = { .base = 16 * QCXL_UNIT, .size = QCXL_UNIT,
                        .ways = 2, .granularity = 256,
                        .flags = QCXL_HDM_LOCK };

    start();
    refuse(device, 0, &bad);
    bad.ways = 1;
    bad.flags = 0;
    g_assert_cmphex(commit(device, 0, &bad), ==, QCXL_HDM_COMMITTED);
    qcxl_stop(m);
}

/* Committed ranges ascend, and none touches another. */
static void check_ranges(uint64_t hdm)
{
    uint64_t end = 0;

    for (unsigned n = 0; n < 8; n++) {
        if (qcxl_hdm_control(m, hdm, n) & QCXL_HDM_COMMITTED) {
            g_assert_cmphex(qcxl_hdm_base(m, hdm, n), >=, end);
            end = qcxl_hdm_base(m, hdm, n) + qcxl_hdm_size(m, hdm, n);
        }
    }
}

/* Values small enough that many commits succeed; anything at times */
static uint32_t noise_value(unsigned reg)
{
    uint32_t value = g_test_rand_int();

    if (g_test_rand_int_range(0, 50) == 0) {
        return value;
    }
    if (reg == 4) {
        return (value & 0x11) | (value & 0x700 ? QCXL_HDM_COMMIT : 0);
    }
    return reg % 2 ? 0 : value & 0x70000000;
}

/* Any writes in any order: never two claims on one address, and no crash. */
static void test_noise(void)
{
    start();
    for (unsigned round = 0; round < 20000; round++) {
        uint64_t hdm = g_test_rand_bit() ? device : bridge;
        unsigned n = g_test_rand_int_range(0, 3);
        unsigned reg = g_test_rand_int_range(0, 7);

        qcxl_write(m, hdm + 0x10 + 0x20 * n + 4 * reg, 4, noise_value(reg));
        if (reg == 4) {
            check_ranges(hdm);
        }
    }
    qcxl_read(m, m->window[0].base, 8);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/commit/masks", test_masks);
    qtest_add_func("cxl/commit/order", test_order);
    qtest_add_func("cxl/commit/overlap", test_overlap);
    qtest_add_func("cxl/commit/sizes", test_sizes);
    qtest_add_func("cxl/commit/capacity", test_capacity);
    qtest_add_func("cxl/commit/codes", test_codes);
    qtest_add_func("cxl/commit/freeze", test_freeze);
    qtest_add_func("cxl/commit/lock", test_lock);
    qtest_add_func("cxl/commit/lock-needs-commit", test_lock_needs_commit);
    qtest_add_func("cxl/commit/noise", test_noise);
    return g_test_run();
}
