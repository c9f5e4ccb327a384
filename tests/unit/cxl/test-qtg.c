/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/qtg.h"

static CXLQtgAdded add(CXLQtgTable *table, uint16_t id, uint32_t latency,
                       uint32_t bandwidth)
{
    CXLQtgGroup group = {
        .id = id, .max_latency = latency, .min_bandwidth = bandwidth,
    };

    return cxl_qtg_add(table, &group);
}

static void check_order(const CXLQtgTable *table, unsigned best,
                        const uint16_t *expected, unsigned count)
{
    uint16_t id[CXL_QTG_MAX + 1];

    memset(id, 0xee, sizeof(id));
    g_assert_cmpuint(table->count, ==, count);
    cxl_qtg_order(table, best, id);
    g_assert_cmpmem(id, count * sizeof(id[0]), expected,
                    count * sizeof(id[0]));
    g_assert_cmphex(id[count], ==, 0xeeee);
}

static void test_empty(void)
{
    CXLQtgTable table = { 0 };

    g_assert_false(cxl_qtg_configured(&table));
    g_assert_cmpuint(cxl_qtg_greatest(&table), ==, 0);
    check_order(&table, 0, NULL, 0);
}

static void test_configured(void)
{
    CXLQtgTable table = { 0 };

    add(&table, 0, 0, 0);
    add(&table, 0, 0, 0);
    g_assert_cmpuint(table.count, ==, 1);
    g_assert_false(cxl_qtg_configured(&table));
    add(&table, 0, 100, 0);
    g_assert_true(cxl_qtg_configured(&table));

    table = (CXLQtgTable) { 0 };
    add(&table, 0, 0, 1);
    g_assert_true(cxl_qtg_configured(&table));

    table = (CXLQtgTable) { 0 };
    add(&table, 0xffff, 0, 0);
    g_assert_true(cxl_qtg_configured(&table));
    g_assert_cmpuint(cxl_qtg_greatest(&table), ==, 0xffff);
}

/* Latency first, then bandwidth, then the id; no limit comes last. */
static void test_sorted(void)
{
    static const uint16_t sorted[] = { 6, 3, 80, 1, 7, 2, 9 };
    static const uint16_t third[] = { 80, 1, 7, 2, 9, 3, 6 };
    static const uint16_t last[] = { 9, 2, 7, 1, 80, 3, 6 };
    CXLQtgTable table = { 0 };

    add(&table, 9, 0, 0);
    add(&table, 1, 300, 5000);
    add(&table, 6, 100, 0);
    add(&table, 2, 0, 0);
    add(&table, 80, 300, 20000);
    add(&table, 7, 0, 40000);
    add(&table, 3, 299, 0);
    check_order(&table, 0, sorted, ARRAY_SIZE(sorted));
    check_order(&table, 2, third, ARRAY_SIZE(third));
    check_order(&table, 6, last, ARRAY_SIZE(last));
    g_assert_cmpuint(cxl_qtg_greatest(&table), ==, 80);
}

/* Windows of a group share its limits, whichever gives them. */
static void test_shared_limits(void)
{
    CXLQtgTable table = { 0 };

    g_assert_cmpint(add(&table, 4, 0, 7000), ==, CXL_QTG_ADDED);
    g_assert_cmpint(add(&table, 5, 50, 0), ==, CXL_QTG_ADDED);
    g_assert_cmpint(add(&table, 4, 20, 0), ==, CXL_QTG_ADDED);
    g_assert_cmpint(add(&table, 4, 20, 7000), ==, CXL_QTG_ADDED);
    g_assert_cmpint(add(&table, 4, 0, 0), ==, CXL_QTG_ADDED);
    g_assert_cmpuint(table.count, ==, 2);
    g_assert_cmpuint(table.group[0].id, ==, 4);
    g_assert_cmpuint(table.group[0].max_latency, ==, 20);
    g_assert_cmpuint(table.group[0].min_bandwidth, ==, 7000);
}

static void test_conflict(void)
{
    CXLQtgTable table = { 0 }, before;

    add(&table, 4, 20, 7000);
    before = table;
    g_assert_cmpint(add(&table, 4, 21, 0), ==, CXL_QTG_OTHER_LATENCY);
    g_assert_cmpint(add(&table, 4, 20, 1), ==, CXL_QTG_OTHER_BANDWIDTH);
    g_assert_cmpmem(&table, sizeof(table), &before, sizeof(before));
}

static void test_full(void)
{
    CXLQtgTable table = { 0 };

    for (unsigned i = 0; i < CXL_QTG_MAX; i++) {
        g_assert_cmpint(add(&table, 100 + i, 0, 0), ==, CXL_QTG_ADDED);
    }
    g_assert_cmpint(add(&table, 0, 0, 0), ==, CXL_QTG_FULL);
    g_assert_cmpint(add(&table, 107, 9, 0), ==, CXL_QTG_ADDED);
    g_assert_cmpuint(table.count, ==, CXL_QTG_MAX);
    g_assert_cmpuint(table.group[0].id, ==, 107);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/qtg/empty", test_empty);
    g_test_add_func("/cxl/qtg/configured", test_configured);
    g_test_add_func("/cxl/qtg/sorted", test_sorted);
    g_test_add_func("/cxl/qtg/shared_limits", test_shared_limits);
    g_test_add_func("/cxl/qtg/conflict", test_conflict);
    g_test_add_func("/cxl/qtg/full", test_full);
    return g_test_run();
}
