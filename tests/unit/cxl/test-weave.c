/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interleaves are permutations, and DPA to HPA in those that are. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hdm_driver.h"
#include "hw/cxl/core/weave.h"

#define BRIDGES 3
#define PORTS 4
/* Not a multiple of three times 256 MiB */
#define BASE (13 * GiB)

typedef struct House {
    CXLHdm hdm[BRIDGES], device_hdm[BRIDGES][PORTS];
    CXLRouteNode bridge[BRIDGES], device[BRIDGES][PORTS];
    CXLRouteWindow window;
    unsigned bridges, ports, shift;
    GPtrArray *ranges;
    const CXLRouteRange *range;
} House;

static HdmProgram region(const House *h, unsigned ways, unsigned shift)
{
    return (HdmProgram) {
        .base = BASE, .size = 6 * GiB, .ig = shift - 8,
        .iw = cxl_interleave_encode_ways(ways), .extra = 0x03020100,
    };
}

static void add_device(House *h, unsigned b, unsigned p)
{
    HdmProgram program = region(h, h->bridges * h->ports, h->shift);
    CXLHdm *hdm = &h->device_hdm[b][p];

    cxl_hdm_init(hdm, CXL_HDM_ENDPOINT, 2, 1);
    hdm->capacity = 16 * GiB;
    hdm_write(hdm, CXL_HDM_GLOBAL_CONTROL, 2);
    program.extra = b * GiB;            /* the DPA skipped */
    hdm_program(hdm, 0, &program);
    h->device[b][p] = (CXLRouteNode) {
        .hdm = hdm, .endpoint = true, .enabled = true,
        .device = &h->device[b][p],
    };
    h->bridge[b].child[p].port = p;
    h->bridge[b].child[p].node = &h->device[b][p];
}

static void add_bridge(House *h, unsigned b)
{
    unsigned shift = h->shift + (h->ports == 1 || h->bridges == 3 ? 0 :
                                 ctz32(h->bridges));
    HdmProgram program = region(h, h->ports, shift);

    cxl_hdm_init(&h->hdm[b], CXL_HDM_ROUTER, 2, PORTS);
    hdm_program(&h->hdm[b], 0, &program);
    h->bridge[b] = (CXLRouteNode) {
        .hdm = &h->hdm[b], .child_count = h->ports,
        .child = g_malloc0_n(h->ports, sizeof(*h->bridge[b].child)),
    };
    for (unsigned p = 0; p < h->ports; p++) {
        add_device(h, b, p);
    }
    h->window.target[b] = &h->bridge[b];
}

static void build(House *h, unsigned bridges, unsigned ports, unsigned shift)
{
    *h = (House) {
        .bridges = bridges, .ports = ports, .shift = shift,
        .window = { .base = BASE, .size = 12 * GiB,
                    .interleave = { .ways = bridges, .shift = shift } },
    };
    for (unsigned b = 0; b < bridges; b++) {
        add_bridge(h, b);
    }
}

static void route(House *h)
{
    CXLRouteNode *root[BRIDGES];
    CXLRouteTree *tree;

    for (unsigned b = 0; b < h->bridges; b++) {
        root[b] = &h->bridge[b];
    }
    tree = cxl_route_tree_new(root, h->bridges);
    h->ranges = cxl_route_build(tree, &h->window, 4);
    cxl_route_tree_free(tree);
    g_assert_cmpuint(h->ranges->len, >=, 1);
    h->range = g_ptr_array_index(h->ranges, 0);
}

static void use_xor(House *h)
{
    CXLInterleave *il = &h->window.interleave;

    il->by_xor = true;
    for (unsigned i = 0; i < cxl_interleave_pow2_bits(il); i++) {
        il->xor_map[i] = cxl_interleave_default_map(il, i);
    }
}

static void tear_down(House *h)
{
    g_clear_pointer(&h->ranges, g_ptr_array_unref);
    for (unsigned b = 0; b < h->bridges; b++) {
        for (unsigned p = 0; p < h->ports; p++) {
            cxl_hdm_finish(&h->device_hdm[b][p]);
        }
        cxl_hdm_finish(&h->hdm[b]);
        g_free(h->bridge[b].child);
    }
}

static void check_back(const House *h, const CXLWeavePlan *plan, uint64_t hpa)
{
    uint64_t dpa, back;
    void *device;

    g_assert_true(cxl_route_lookup(h->range, hpa, &device, &dpa));
    g_assert_true(cxl_weave_hpa(h->range, plan, device, dpa, &back));
    g_assert_cmphex(back, ==, hpa);
}

static void check_shape(unsigned bridges, unsigned ports, unsigned shift,
                        bool by_xor)
{
    unsigned ways = bridges * ports;
    const char *why;
    CXLWeavePlan plan;
    House h;

    build(&h, bridges, ports, shift);
    if (by_xor) {
        use_xor(&h);
    }
    route(&h);
    g_assert_true(cxl_weave_plan(h.range, &plan, &why));
    g_assert_null(why);
    g_assert_cmpuint(plan.ways, ==, ways);
    g_assert_cmpuint(plan.shift, ==, shift);
    g_assert_cmphex(plan.share, ==, 6 * GiB / ways);
    check_back(&h, &plan, BASE);
    check_back(&h, &plan, BASE + 6 * GiB - 1);
    for (unsigned i = 0; i < 500; i++) {
        check_back(&h, &plan, BASE + ((uint64_t)g_test_rand_int() << 8 |
                                      i % 256) % (6 * GiB));
    }
    tear_down(&h);
}

static void test_shapes(void)
{
    for (unsigned bridges = 1; bridges <= BRIDGES; bridges++) {
        for (unsigned ports = 1; ports <= PORTS; ports *= 2) {
            for (unsigned shift = 8; shift <= 11; shift++) {
                if (bridges * ports > 1) {
                    check_shape(bridges, ports, shift, false);
                    check_shape(bridges, ports, shift, true);
                }
            }
        }
    }
}

/* What is beside a device's share has no HPA. */
static void test_outside(void)
{
    const char *why;
    uint64_t hpa;
    CXLWeavePlan plan;
    House h;

    build(&h, 2, 2, 8);
    route(&h);
    g_assert_true(cxl_weave_plan(h.range, &plan, &why));
    g_assert_true(cxl_weave_hpa(h.range, &plan, &h.device[1][0], GiB, &hpa));
    g_assert_false(cxl_weave_hpa(h.range, &plan, &h.device[1][0], GiB - 1,
                                 &hpa));
    g_assert_false(cxl_weave_hpa(h.range, &plan, &h.device[1][0],
                                 GiB + plan.share, &hpa));
    g_assert_false(cxl_weave_hpa(h.range, &plan, &h, GiB, &hpa));
    tear_down(&h);
}

static void refuse(House *h)
{
    const char *why;
    CXLWeavePlan plan;

    route(h);
    g_assert_false(cxl_weave_plan(h->range, &plan, &why));
    g_assert_nonnull(why);
    tear_down(h);
}

static void again(CXLHdm *hdm, HdmProgram program)
{
    hdm_tear_down(hdm, 0);
    hdm_program(hdm, 0, &program);
    g_assert_cmpuint(cxl_hdm_committed(hdm), ==, 1);
}

static void test_one_target(void)
{
    House h;

    build(&h, 1, 1, 8);
    refuse(&h);
}

static void test_missing(void)
{
    House h;

    build(&h, 2, 2, 8);
    h.device[1][1].enabled = false;
    refuse(&h);
}

/* Two ports of four are named twice. */
static void test_named_twice(void)
{
    HdmProgram program;
    House h;

    build(&h, 1, 4, 8);
    program = region(&h, 4, 8);
    program.extra = 0x01000100;
    again(&h.hdm[0], program);
    refuse(&h);
}

/* All four are reached, but not in turn: port 0 twice in a row. */
static void test_uneven(void)
{
    HdmProgram program;
    House h;

    build(&h, 1, 2, 8);
    program = region(&h, 2, 9);
    again(&h.hdm[0], program);
    refuse(&h);
}

/* One device has other ideas of the set than its neighbour. */
static void test_device_differs(void)
{
    static const uint8_t ways[] = { 2, 4, 4 }, shift[] = { 8, 9, 8 };
    static const uint64_t base[] = { BASE, BASE, BASE - GiB };

    for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
        HdmProgram program;
        House h;

        build(&h, 2, 2, 8);
        program = region(&h, ways[i], shift[i]);
        program.base = base[i];
        program.size += BASE - base[i];
        program.extra = 0;
        again(&h.device_hdm[0][1], program);
        refuse(&h);
    }
}

/* A bit far above that a wrong map has in common with the bridges' choice */
static void test_xor_clash(void)
{
    CXLInterleave *il;
    House h;

    build(&h, 2, 2, 8);
    il = &h.window.interleave;
    il->by_xor = true;
    il->xor_map[0] = 1 << 9 | 1ULL << 30;
    refuse(&h);
}

/* Windows and bridges that select by the same bit reach half the devices. */
static void test_same_bit(void)
{
    HdmProgram program;
    House h;

    build(&h, 2, 2, 8);
    program = region(&h, 2, 8);
    again(&h.hdm[0], program);
    again(&h.hdm[1], program);
    refuse(&h);
}

static void shuffle_maps(House *h)
{
    CXLInterleave *il = &h->window.interleave;

    use_xor(h);
    for (unsigned i = 0; i < cxl_interleave_pow2_bits(il); i++) {
        uint64_t above = (uint64_t)g_test_rand_int() << 12 &
                         g_test_rand_int_range(0, 4) * (7ULL << 28 | 3 << 12);

        il->xor_map[i] = 1ULL << (il->shift + i) | above;
    }
}

static void shuffle_bridge(House *h, unsigned b)
{
    HdmProgram program = region(h, h->ports, 8 + g_test_rand_int_range(0, 4));

    if (h->ports == 4 && g_test_rand_bit()) {
        program.extra = 0x03010200;
    } else if (g_test_rand_int_range(0, 4) == 0) {
        program.extra = g_test_rand_int() & 0x01010101 * (h->ports - 1);
    }
    again(&h->hdm[b], program);
}

/* Whatever is accepted is a permutation, every byte of it. */
static bool check_random(void)
{
    const char *why;
    CXLWeavePlan plan;
    bool accepted;
    House h;

    build(&h, g_test_rand_int_range(1, BRIDGES + 1),
          1 << g_test_rand_int_range(0, 3), 8 + g_test_rand_int_range(0, 3));
    if (g_test_rand_bit()) {
        shuffle_maps(&h);
    }
    for (unsigned b = 0; b < h.bridges; b++) {
        shuffle_bridge(&h, b);
    }
    route(&h);
    accepted = cxl_weave_plan(h.range, &plan, &why);
    for (unsigned i = 0; accepted && i < 2000; i++) {
        uint64_t low = g_test_rand_int();

        check_back(&h, &plan, BASE + (low << 8 | i % 256) % (6 * GiB));
    }
    tear_down(&h);
    return accepted;
}

static void test_random(void)
{
    unsigned accepted = 0;

    for (unsigned i = 0; i < 400; i++) {
        accepted += check_random();
    }
    g_test_message("%u of 400 accepted", accepted);
    g_assert_cmpuint(accepted, >, 10);
    g_assert_cmpuint(accepted, <, 390);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/weave/shapes", test_shapes);
    g_test_add_func("/cxl/weave/outside", test_outside);
    g_test_add_func("/cxl/weave/one-target", test_one_target);
    g_test_add_func("/cxl/weave/missing", test_missing);
    g_test_add_func("/cxl/weave/named-twice", test_named_twice);
    g_test_add_func("/cxl/weave/uneven", test_uneven);
    g_test_add_func("/cxl/weave/device-differs", test_device_differs);
    g_test_add_func("/cxl/weave/same-bit", test_same_bit);
    g_test_add_func("/cxl/weave/xor-clash", test_xor_clash);
    g_test_add_func("/cxl/weave/random", test_random);
    return g_test_run();
}
