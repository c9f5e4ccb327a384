/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes of topologies that a driver sets up. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hdm_driver.h"
#include "route_reference.h"

#define MAX_PORTS 8
#define BASE (12 * GiB)         /* a multiple of all ways times 256 MiB */

typedef struct Bridge {
    CXLHdm hdm;
    CXLRouteNode node;
    CXLHdm device_hdm[MAX_PORTS];
    CXLRouteNode device[MAX_PORTS];
} Bridge;

typedef struct Machine {
    unsigned bridges, ports;
    unsigned shift;             /* log2 of the region's granularity */
    CXLRouteWindow window;
    Bridge bridge[CXL_MAX_WAYS];
} Machine;

static void add_device(Bridge *b, unsigned n)
{
    CXLHdm *hdm = &b->device_hdm[n];

    cxl_hdm_init(hdm, CXL_HDM_ENDPOINT, 4, 1);
    hdm->capacity = 16 * GiB;
    hdm_write(hdm, CXL_HDM_GLOBAL_CONTROL, 2);
    b->device[n] = (CXLRouteNode) {
        .hdm = hdm, .endpoint = true, .enabled = true,
        .device = &b->device[n],
    };
    b->node.child[n].port = 0x10 + n;
    b->node.child[n].node = &b->device[n];
}

static void add_bridge(Machine *m, unsigned n, unsigned ports)
{
    Bridge *b = &m->bridge[n];

    cxl_hdm_init(&b->hdm, CXL_HDM_ROUTER, 4, MAX_PORTS);
    b->node.hdm = &b->hdm;
    b->node.child_count = ports;
    b->node.child = g_malloc0_n(ports, sizeof(*b->node.child));
    for (unsigned i = 0; i < ports; i++) {
        add_device(b, i);
    }
    m->window.target[n] = &b->node;
}

static void start(Machine *m, unsigned bridges, unsigned ports,
                  unsigned shift)
{
    *m = (Machine) {
        .bridges = bridges, .ports = ports, .shift = shift,
        .window = { .base = BASE, .size = 48 * GiB,
                    .interleave = { .ways = bridges, .shift = shift } },
    };
    for (unsigned i = 0; i < bridges; i++) {
        add_bridge(m, i, ports);
    }
}

static void finish(Machine *m)
{
    for (unsigned i = 0; i < m->bridges; i++) {
        for (unsigned k = 0; k < m->ports; k++) {
            cxl_hdm_finish(&m->bridge[i].device_hdm[k]);
        }
        cxl_hdm_finish(&m->bridge[i].hdm);
        g_free(m->bridge[i].node.child);
    }
}

static void use_xor(Machine *m)
{
    CXLInterleave *il = &m->window.interleave;

    il->by_xor = true;
    for (unsigned i = 0; i < cxl_interleave_pow2_bits(il); i++) {
        il->xor_map[i] = cxl_interleave_default_map(il, i);
    }
}

/* The bits that the bridges use follow those that the window uses. */
static unsigned bridge_shift(const Machine *m)
{
    return m->shift + (m->ports == 1 ? 0 : ctz32(m->bridges));
}

/* A region over all devices as decoder @n of everything. */
static void add_region(Machine *m, unsigned n, uint64_t base, uint64_t size)
{
    unsigned total = m->bridges * m->ports;
    HdmProgram device = {
        .base = base, .size = size, .ig = m->shift - 8,
        .iw = cxl_interleave_encode_ways(total),
    };
    HdmProgram bridge = {
        .base = base, .size = size, .ig = bridge_shift(m) - 8,
        .iw = cxl_interleave_encode_ways(m->ports),
        .extra = 0x1716151413121110,
    };

    for (unsigned i = 0; i < m->bridges; i++) {
        for (unsigned k = 0; k < m->ports; k++) {
            hdm_program(&m->bridge[i].device_hdm[k], n, &device);
            g_assert_cmpuint(cxl_hdm_committed(&m->bridge[i].device_hdm[k]),
                             ==, n + 1);
        }
        hdm_program(&m->bridge[i].hdm, n, &bridge);
        g_assert_cmpuint(cxl_hdm_committed(&m->bridge[i].hdm), ==, n + 1);
    }
}

static const CXLRouteRange *range_at(const GPtrArray *ranges, unsigned n)
{
    return g_ptr_array_index(ranges, n);
}

static void check_granule(const Machine *m, const CXLRouteRange *range,
                          uint64_t hpa)
{
    uint64_t k = (hpa - range->base) >> m->shift;
    unsigned total = m->bridges * m->ports;
    unsigned bridge = route_position(&m->window.interleave, hpa);
    unsigned port = (hpa >> bridge_shift(m)) % m->ports;
    uint64_t dpa;
    void *device;

    g_assert_true(cxl_route_lookup(range, hpa, &device, &dpa));
    g_assert_true(device == &m->bridge[bridge].device[port]);
    g_assert_cmphex(dpa, ==, ((k / total) << m->shift) +
                    (hpa & ((1 << m->shift) - 1)));
}

static void check_region(Machine *m, uint64_t base)
{
    g_autoptr(GPtrArray) ranges = NULL;
    const CXLRouteRange *range;
    unsigned total = m->bridges * m->ports;

    add_region(m, 0, base, 24 * GiB);
    ranges = route_build(&m->window);
    g_assert_cmpuint(ranges->len, ==, 1);
    range = range_at(ranges, 0);
    g_assert_cmphex(range->base, ==, base);
    g_assert_cmphex(range->size, ==, 24 * GiB);
    g_assert_cmpuint(range->slots, ==, m->ports);
    g_assert_cmpuint(range->target->len, ==, total);
    for (uint64_t k = 0; k < 5 * total; k++) {
        check_granule(m, range, base + (k << m->shift) + 7 * k);
        check_granule(m, range, base + 24 * GiB - 1 - (k << m->shift));
    }
}

typedef struct Shape {
    unsigned bridges, ports;
    unsigned last;              /* log2 of the greatest granularity */
} Shape;

static const Shape shapes[] = {
    { 1, 2, 14 }, { 1, 4, 13 }, { 1, 8, 12 }, { 2, 1, 14 },
    { 2, 2, 13 }, { 2, 4, 12 }, { 2, 8, 11 }, { 4, 1, 13 },
    { 4, 4, 11 }, { 3, 1, 14 }, { 3, 2, 14 }, { 3, 4, 13 },
    { 6, 1, 14 }, { 6, 2, 13 }, { 12, 1, 13 }, { 8, 1, 12 },
    { 8, 2, 11 }, { 16, 1, 11 },
};

static void check_shapes(uint64_t base, bool by_xor)
{
    for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
        for (unsigned shift = 8; shift <= shapes[i].last; shift++) {
            Machine m;

            start(&m, shapes[i].bridges, shapes[i].ports, shift);
            if (by_xor) {
                use_xor(&m);
            }
            check_region(&m, base);
            finish(&m);
        }
    }
}

static void test_shapes(void)
{
    check_shapes(BASE, false);
}

/* Where a remainder of 3 does not begin with 0 */
static void test_unaligned(void)
{
    check_shapes(BASE + CXL_HDM_UNIT, false);
    check_shapes(BASE + 2 * CXL_HDM_UNIT, false);
    check_shapes(BASE + 7 * CXL_HDM_UNIT, true);
}

static void test_xor(void)
{
    check_shapes(BASE, true);
}

/*
 * Linux finds the HPA of a DPA there by trying which place of a turn, from
 * the base on, has the bridge for its remainder: the bridge is the absolute
 * address's, the turn is the offset's.
 */
static void test_as_linux_searches(void)
{
    static const uint8_t all[] = { 3, 6, 12 };
    const uint64_t base = BASE + 5 * CXL_HDM_UNIT;

    for (unsigned w = 0; w < 3; w++) {
        g_autoptr(GPtrArray) ranges = NULL;
        Machine m;

        start(&m, all[w], 1, 9);
        add_region(&m, 0, base, 24 * GiB);
        ranges = route_build(&m.window);
        for (unsigned k = 0; k < 100 * all[w]; k++) {
            uint64_t dpa = (k / all[w] + 12345) * 512 + k, found, hpa;
            unsigned bridge = k % all[w], place = 0;
            void *device;

            do {
                hpa = base + (dpa / 512 * all[w] + place++) * 512 + dpa % 512;
            } while ((hpa >> 9) % all[w] != bridge);
            g_assert_cmpuint(place, <=, all[w]);
            g_assert_true(cxl_route_lookup(range_at(ranges, 0), hpa, &device,
                                           &found));
            g_assert_true(device == &m.bridge[bridge].device[0]);
            g_assert_cmphex(found, ==, dpa);
        }
        finish(&m);
    }
}

static void test_linear(void)
{
    static const uint64_t bases[] = {
        BASE + GiB, BASE + 2 * GiB, BASE + 4 * GiB
    };
    g_autoptr(GPtrArray) ranges = NULL;
    Machine m;

    start(&m, 1, 1, 8);
    for (unsigned i = 0; i < 3; i++) {
        add_region(&m, i, bases[i], GiB);
    }
    ranges = route_build(&m.window);
    g_assert_cmpuint(ranges->len, ==, 3);
    for (unsigned i = 0; i < 3; i++) {
        const CXLRouteRange *range = range_at(ranges, i);
        void *device;
        uint64_t dpa;

        g_assert_cmphex(range->base, ==, bases[i]);
        g_assert_cmphex(range->size, ==, GiB);
        g_assert_cmpuint(range->slots, ==, 1);
        g_assert_nonnull(cxl_route_linear(range));
        g_assert_true(cxl_route_lookup(range, range->base + 12345, &device,
                                       &dpa));
        g_assert_cmphex(dpa, ==, i * GiB + 12345);
    }
    finish(&m);
}

/* Only what lies within the window is routed. */
static void test_clipped(void)
{
    g_autoptr(GPtrArray) ranges = NULL;
    void *device;
    uint64_t dpa;
    Machine m;

    start(&m, 1, 1, 8);
    add_region(&m, 0, 0, 16 * GiB);
    m.window.size = GiB;
    ranges = route_build(&m.window);
    g_assert_cmpuint(ranges->len, ==, 1);
    g_assert_cmphex(range_at(ranges, 0)->base, ==, BASE);
    g_assert_cmphex(range_at(ranges, 0)->size, ==, GiB);
    g_assert_true(cxl_route_lookup(range_at(ranges, 0), BASE + 5, &device,
                                   &dpa));
    g_assert_cmphex(dpa, ==, BASE + 5);
    finish(&m);
}

static unsigned count_ranges(const Machine *m)
{
    g_autoptr(GPtrArray) ranges = route_build(&m->window);

    return ranges->len;
}

/* Each link of the chain is needed. */
static void test_nothing_answers(void)
{
    Machine m;
    CXLRouteNode *device, *bridge;

    start(&m, 1, 1, 8);
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    add_region(&m, 0, BASE, GiB);
    g_assert_cmpuint(count_ranges(&m), ==, 1);
    device = &m.bridge[0].device[0];
    bridge = &m.bridge[0].node;
    device->enabled = false;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    device->enabled = true;
    hdm_write(&m.bridge[0].device_hdm[0], CXL_HDM_GLOBAL_CONTROL, 0);
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    hdm_write(&m.bridge[0].device_hdm[0], CXL_HDM_GLOBAL_CONTROL, 2);
    device->hdm = NULL;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    device->hdm = &m.bridge[0].device_hdm[0];
    bridge->child[0].port = 0x20;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    bridge->child[0].port = 0x10;
    bridge->child[0].node = NULL;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    bridge->child[0].node = device;
    bridge->child_count = 0;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    bridge->child_count = 1;
    m.window.target[0] = NULL;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    m.window.target[0] = bridge;
    hdm_tear_down(&m.bridge[0].hdm, 0);
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    bridge->hdm = NULL;                     /* it passes through now */
    g_assert_cmpuint(count_ranges(&m), ==, 1);
    bridge->child_count = 0;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    finish(&m);
}

/* Without decoders there is no choosing between two. */
static void test_pass_through(void)
{
    Machine m;

    start(&m, 1, 2, 8);
    add_region(&m, 0, BASE, GiB);
    m.bridge[0].node.hdm = NULL;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    m.bridge[0].node.child_count = 1;
    g_assert_cmpuint(count_ranges(&m), ==, 1);
    finish(&m);
}

/* A window may name a bridge twice: its devices are one target each. */
static void test_bridge_twice(void)
{
    g_autoptr(GPtrArray) ranges = NULL;
    Machine m;

    start(&m, 1, 1, 8);
    add_region(&m, 0, BASE, GiB);
    m.window.interleave.ways = 2;
    m.window.target[1] = m.window.target[0];
    ranges = route_build(&m.window);
    g_assert_cmpuint(ranges->len, ==, 1);
    g_assert_cmpuint(range_at(ranges, 0)->slots, ==, 1);
    g_assert_null(cxl_route_linear(range_at(ranges, 0)));
    g_assert_cmpuint(range_at(ranges, 0)->target->len, ==, 1);
    finish(&m);
}

/* A missing device leaves its share without an answer, not more. */
static void test_one_missing(void)
{
    g_autoptr(GPtrArray) ranges = NULL;
    unsigned answers = 0;
    Machine m;

    start(&m, 2, 4, 9);
    add_region(&m, 0, BASE, 2 * GiB);
    m.bridge[1].device[2].enabled = false;
    ranges = route_build(&m.window);
    g_assert_cmpuint(ranges->len, ==, 1);
    for (unsigned k = 0; k < 80; k++) {
        void *device;
        uint64_t dpa;

        answers += cxl_route_lookup(range_at(ranges, 0), BASE + k * 512,
                                    &device, &dpa);
    }
    g_assert_cmpuint(answers, ==, 70);
    finish(&m);
}

/* A bridge's wider decoder does not cut the ranges of its devices. */
static void test_merged(void)
{
    g_autoptr(GPtrArray) ranges = NULL;
    HdmProgram aside = {
        .base = BASE + GiB, .size = GiB, .extra = 0x11,
    };
    Machine m;

    start(&m, 1, 2, 8);
    hdm_program(&m.bridge[0].device_hdm[0], 0, &(HdmProgram) {
        .base = BASE, .size = 3 * GiB });
    hdm_program(&m.bridge[0].device_hdm[1], 0, &aside);
    hdm_program(&m.bridge[0].hdm, 0, &(HdmProgram) {
        .base = BASE, .size = 8 * GiB, .extra = 0x10 });
    ranges = route_build(&m.window);
    g_assert_cmpuint(ranges->len, ==, 1);
    g_assert_cmphex(range_at(ranges, 0)->size, ==, 3 * GiB);
    finish(&m);
}

static void test_equal(void)
{
    g_autoptr(GPtrArray) a = NULL, b = NULL, c = NULL, d = NULL;
    Machine m;

    start(&m, 2, 2, 8);
    add_region(&m, 0, BASE, 2 * GiB);
    a = route_build(&m.window);
    b = route_build(&m.window);
    g_assert_true(cxl_route_equal(a, b));
    m.bridge[0].device[0].device = &m;
    c = route_build(&m.window);
    g_assert_false(cxl_route_equal(a, c));
    add_region(&m, 1, BASE + 4 * GiB, 2 * GiB);
    d = route_build(&m.window);
    g_assert_false(cxl_route_equal(c, d));
    m.bridge[0].device[0].enabled = false;
    g_ptr_array_unref(g_steal_pointer(&b));
    b = route_build(&m.window);
    g_assert_false(cxl_route_equal(b, d));
    finish(&m);
}

/* Whoever built the tree made a loop: the snapshot has an end. */
static void test_loop(void)
{
    Machine m;

    start(&m, 1, 1, 8);
    add_region(&m, 0, BASE, GiB);
    m.bridge[0].node.child[0].node = &m.bridge[0].node;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    m.bridge[0].node.hdm = NULL;
    g_assert_cmpuint(count_ranges(&m), ==, 0);
    finish(&m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/route/shapes", test_shapes);
    g_test_add_func("/cxl/route/unaligned", test_unaligned);
    g_test_add_func("/cxl/route/as-linux-searches", test_as_linux_searches);
    g_test_add_func("/cxl/route/xor", test_xor);
    g_test_add_func("/cxl/route/linear", test_linear);
    g_test_add_func("/cxl/route/clipped", test_clipped);
    g_test_add_func("/cxl/route/nothing-answers", test_nothing_answers);
    g_test_add_func("/cxl/route/pass-through", test_pass_through);
    g_test_add_func("/cxl/route/bridge-twice", test_bridge_twice);
    g_test_add_func("/cxl/route/one-missing", test_one_missing);
    g_test_add_func("/cxl/route/merged", test_merged);
    g_test_add_func("/cxl/route/equal", test_equal);
    g_test_add_func("/cxl/route/loop", test_loop);
    return g_test_run();
}
