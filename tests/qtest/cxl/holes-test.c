/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that are trapped within RAM: where, and what is in them. */
#include "qemu/osdep.h"
#include "holes_model.h"

#define MOST 512                    /* holes of all mappings */
#define LISTED 256                  /* records of one device */

/* Poison comes, is read and written beside and over, and goes. */
static void live(const Region *r, const char *kind)
{
    for (unsigned i = 0; i < 4; i++) {
        uint64_t page = r->base + r->page[i];
        uint64_t poison = page + g_test_rand_int_range(0, PAGE / L) * L;

        fill_page(r, page);
        inject(r, poison);
        g_assert_true(qcxl_mapped(m, r->base, kind));
        check_hole(r, 0, page, PAGE);
        check_around(r, poison);
        fill_page(r, page);
        qcxl_write(m, poison + 3, 1, 0);
        check_around(r, poison);
        clear(r, poison, 0x1234567890abcd00 + i);
        g_assert_cmpuint(count_holes(r->base), ==, 0);
        g_assert_false(is_trapped(page, PAGE));
        check_page(r, page, -1);
        fill_page(r, page);
        check_page(r, page, -1);
    }
    check(r, kind);
}

static void test_linear(void)
{
    Region r;

    open_model();
    start(1, 1);
    r = region(1, 1, 256, 1);
    program(&r);
    use(&r, 300);
    live(&r, "linear");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void check_woven(unsigned bridges, unsigned ports, unsigned granularity)
{
    Region r;

    open_model();
    start(bridges, ports);
    r = region(bridges, ports, granularity, 1);
    program(&r);
    use(&r, 300);
    live(&r, "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void test_woven(void)
{
    check_woven(1, 2, 256);
    check_woven(1, 2, 16384);
    check_woven(1, 4, 4096);
    check_woven(2, 2, 256);
    check_woven(3, 2, 256);
}

/* Two devices behind a switch: its ports are the second level. */
static void test_switch(void)
{
    QCXLTopology t = topology(1, 1);
    QCXLDecoder decoder;
    Region r;

    open_model();
    t.fan[0] = 2;
    t.window[0].size = 4 * QCXL_UNIT;
    t.bridge = "hdm_for_passthrough=on";
    m = qcxl_start(&t);
    m->topology.ports = 2;              /* as device_at() counts */
    r = region(1, 2, 512, 0);
    decoder = (QCXLDecoder) {
        .base = r.base, .size = r.size, .ways = 2, .granularity = 512,
    };
    for (unsigned n = 0; n < 2; n++) {
        commit(m->device[n].fn.component, &decoder);
        qcxl_mem_enable(&m->device[n], true);
        decoder.target[n] = m->sw[0].port[n].number;
    }
    commit(m->sw[0].fn.component, &decoder);
    decoder = (QCXLDecoder) {
        .base = r.base, .size = r.size, .granularity = 512,
        .target = { m->bridge[0].port[0].number },
    };
    commit(m->bridge[0].component, &decoder);
    use(&r, 300);
    live(&r, "woven");
    m->topology.ports = 1;
    qcxl_stop(m);
    close_model();
}

/* Pages side by side are one hole, which is cut by what gets well. */
static void test_adjacent(void)
{
    Region r;

    open_model();
    start(1, 1);
    r = region(1, 1, 256, 0);
    program(&r);
    qmp_poison("mem0", 4 * PAGE - L, 2 * PAGE);
    qmp_poison("mem0", 9 * PAGE, L);
    g_assert_cmpuint(count_holes(r.base), ==, 2);
    check_hole(&r, 0, r.base + 3 * PAGE, 3 * PAGE);
    check_hole(&r, 1, r.base + 9 * PAGE, PAGE);
    for (unsigned i = 0; i < PAGE / L; i++) {
        clear(&r, r.base + 4 * PAGE + i * L, 0);
    }
    g_assert_cmpuint(count_holes(r.base), ==, 3);
    check_hole(&r, 0, r.base + 3 * PAGE, PAGE);
    check_hole(&r, 1, r.base + 5 * PAGE, PAGE);
    check_hole(&r, 2, r.base + 9 * PAGE, PAGE);
    qcxl_stop(m);
    close_model();
}

/* One more device in a range of its own */
static Region single(unsigned n)
{
    Region r = region(1, 1, 256, 2);
    QCXLDecoder decoder = { .base = r.base, .size = r.size };

    commit(m->device[n].fn.component, &decoder);
    qcxl_mem_enable(&m->device[n], true);
    decoder.target[0] = m->bridge[0].port[n].number;
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, m->bridge[0].component), 1,
                                    &decoder) & QCXL_HDM_COMMITTED, !=, 0);
    return r;
}

/* Every list full: as many holes as there may be, then no small ones. */
static void test_full(void)
{
    Region r, other;

    open_model();
    start(1, 3);
    r = region(1, 2, 256, 0);
    program(&r);
    other = single(2);
    for (unsigned n = 0; n < LISTED; n++) {
        qmp_poison("mem0", n * 4 * PAGE, L);
        qmp_poison("mem1", (n * 4 + 2) * PAGE, L);
    }
    g_assert_true(qcxl_mapped(m, r.base, "woven"));
    g_assert_cmpuint(count_holes(r.base), ==, MOST);
    g_assert_true(qcxl_mapped(m, other.base, "linear"));
    qmp_poison("mem2", 0, L);
    g_assert_true(qcxl_trapped(m, other.base, "mem2: poison"));
    g_assert_cmphex(qcxl_read(m, other.base, 8), ==, UINT64_MAX);
    g_assert_cmphex(qcxl_read(m, other.base + PAGE, 8), ==, 0);
    /* One line less, and there is room again. */
    clear(&r, r.base, 0);
    g_assert_cmpuint(count_holes(r.base), ==, MOST - 1);
    g_assert_cmphex(line_command(2, 0x4301, L, 0), ==, 0);
    g_assert_true(qcxl_mapped(m, other.base, "linear"));
    g_assert_cmpuint(count_holes(other.base), ==, 1);
    qcxl_stop(m);
    close_model();
}

/* What the list has no room for is poison all the same. */
static void test_unlisted(void)
{
    uint64_t poison;
    Region r;

    open_model();
    start(1, 1);
    r = region(1, 1, 256, 0);
    program(&r);
    for (unsigned n = 0; n < LISTED; n++) {
        qmp_poison("mem0", n * 2 * L, L);
    }
    poison = r.base + 64 * PAGE + L;
    g_assert_cmpuint(count_holes(r.base), ==, 1);
    qmp_poison("mem0", 64 * PAGE + L, L);
    g_assert_cmpuint(count_holes(r.base), ==, 2);
    check_around(&r, poison);
    for (unsigned n = 0; n < LISTED; n++) {
        clear(&r, r.base + n * 2 * L, 0);
    }
    check_hole(&r, 0, r.base + 64 * PAGE, PAGE);
    check_around(&r, poison);
    clear(&r, poison, 1);
    g_assert_cmpuint(count_holes(r.base), ==, 0);
    check_page(&r, r.base + 64 * PAGE, -1);
    qcxl_stop(m);
    close_model();
}

/* What is scattered over many pages is one hole, and no byte is wrong. */
static void test_long(void)
{
    const uint64_t at = 32 * QCXL_MIB, len = 16 * QCXL_MIB;
    Region r;

    open_model();
    start(1, 2);
    r = region(1, 2, 16384, 0);
    program(&r);
    fill_page(&r, r.base + 2 * at);
    fill_page(&r, r.base + 2 * at + 16384);
    qmp_poison("mem0", at, len);
    g_assert_cmpuint(count_holes(r.base), ==, 1);
    check_hole(&r, 0, r.base + 2 * at, 2 * len);
    g_assert_cmphex(qcxl_read(m, r.base + 2 * at, 8), ==, UINT64_MAX);
    check_page(&r, r.base + 2 * at + 16384, -1);
    qmp_poison("mem0", 0, QCXL_UNIT);
    g_assert_true(qcxl_trapped(m, r.base, "mem0: poison"));
    g_assert_cmphex(qcxl_read(m, r.base + 3 * 16384, 8), ==, 0);
    qcxl_stop(m);
    close_model();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/holes/linear", test_linear);
    qtest_add_func("cxl/holes/woven", test_woven);
    qtest_add_func("cxl/holes/switch", test_switch);
    qtest_add_func("cxl/holes/adjacent", test_adjacent);
    qtest_add_func("cxl/holes/full", test_full);
    qtest_add_func("cxl/holes/unlisted", test_unlisted);
    qtest_add_func("cxl/holes/long", test_long);
    return g_test_run();
}
