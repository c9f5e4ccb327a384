/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans: what they put into decoders must send each HPA to the device that
 * its position names, through trees of one to four levels.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hdm_driver.h"
#include "hw/cxl/core/plan.h"

#define UNIT CXL_HDM_UNIT
#define BASE (48 * UNIT)            /* of the window: a multiple of 3 */
#define MAX_NODES 256

/* Bridges with routers and endpoints, ports numbered at random. */
typedef struct Tree {
    GRand *rand;
    CXLRouteNode node[MAX_NODES];
    CXLHdm hdm[MAX_NODES];
    unsigned count;
    CXLRouteWindow window;
    CXLPlanRange range;
} Tree;

static unsigned pick(Tree *tree, unsigned n)
{
    return g_rand_int_range(tree->rand, 0, n);
}

static CXLRouteNode *new_node(Tree *tree, bool endpoint)
{
    CXLRouteNode *node = &tree->node[tree->count];
    CXLHdm *hdm = &tree->hdm[tree->count++];

    g_assert_cmpuint(tree->count, <=, MAX_NODES);
    cxl_hdm_init(hdm, endpoint ? CXL_HDM_ENDPOINT : CXL_HDM_ROUTER, 2, 8);
    hdm->capacity = 16 * UNIT;
    *node = (CXLRouteNode) {
        .hdm = hdm, .endpoint = endpoint, .enabled = true, .device = node,
    };
    return node;
}

static void add_child(CXLRouteNode *node, unsigned port, CXLRouteNode *child)
{
    unsigned n = node->child_count++;

    node->child = g_realloc_n(node->child, node->child_count,
                              sizeof(*node->child));
    node->child[n].port = port;
    node->child[n].node = child;
}

/* At positions @first, @first + @stride, .. of @count */
static CXLRouteNode *make_node(Tree *tree, unsigned levels, unsigned first,
                               unsigned stride, unsigned count)
{
    CXLRouteNode *node = new_node(tree, levels == 0);
    unsigned ways = count, ports[8];

    if (node->endpoint) {
        tree->range.device[first] = node->device;
        return node;
    }
    while (levels > 1 && ways > 1 && pick(tree, 2)) {
        ways /= 2;
    }
    ways = levels > 1 ? ways : count;
    for (unsigned i = 0; i < ways; i++) {
        ports[i] = 31 * i + 1 + pick(tree, 30);
    }
    add_child(node, 0, new_node(tree, true));       /* not in the range */
    /* In another order than that of the positions. */
    for (unsigned i = ways; i-- > 0;) {
        add_child(node, ports[i],
                  make_node(tree, levels - 1, first + i * stride,
                            stride * ways, count / ways));
    }
    return node;
}

static void start(Tree *tree, GRand *rand, unsigned targets, unsigned below)
{
    unsigned shift = 8 + g_rand_int_range(rand, 0, 2);

    memset(tree, 0, sizeof(*tree));
    tree->rand = rand;
    tree->window = (CXLRouteWindow) {
        .base = BASE, .size = 192 * UNIT,
        .interleave = { .ways = targets, .shift = shift },
    };
    tree->range = (CXLPlanRange) {
        .base = BASE + targets * below * pick(tree, 3) * 3 * UNIT,
        .size = targets * below * UNIT,
        .interleave = { .ways = targets * below, .shift = shift },
    };
    for (unsigned i = 0; i < targets; i++) {
        tree->window.target[i] = make_node(tree, 1 + pick(tree, 3), i,
                                           targets, below);
    }
}

static void finish(Tree *tree)
{
    for (unsigned i = 0; i < tree->count; i++) {
        cxl_hdm_finish(&tree->hdm[i]);
        g_free(tree->node[i].child);
    }
}

static void program(Tree *tree)
{
    g_autoptr(GArray) steps = g_array_new(false, false, sizeof(CXLPlanStep));
    unsigned where = 0;

    g_assert_cmpint(cxl_plan_make(&tree->window, &tree->range, steps, &where),
                    ==, CXL_PLAN_OK);
    g_assert_cmpint(cxl_plan_program(steps, &where), ==, CXL_HDM_LEGAL);
}

/*
 * The window takes the remainder; a target's share selects, granule by
 * granule of its own turn, the devices whose positions are that far apart.
 */
static unsigned expected_position(const Tree *tree, uint64_t hpa)
{
    const CXLInterleave *window = &tree->window.interleave;
    unsigned below = tree->range.interleave.ways / window->ways;
    unsigned target = (hpa >> window->shift) % window->ways;
    unsigned turn = window->ways % 3 ? window->ways : window->ways / 3;

    return target + ((hpa >> window->shift) / turn) % below * window->ways;
}

static void check_hpa(const Tree *tree, const CXLRouteRange *range,
                      uint64_t hpa)
{
    const CXLInterleave *il = &tree->range.interleave;
    uint64_t granule = (hpa - tree->range.base) >> il->shift;
    uint64_t dpa;
    void *device;

    g_assert_true(cxl_route_lookup(range, hpa, &device, &dpa));
    g_assert_true(device ==
                  tree->range.device[expected_position(tree, hpa)]);
    g_assert_cmphex(dpa, ==,
                    tree->range.dpa_from[expected_position(tree, hpa)] +
                    (granule / il->ways << il->shift) +
                    hpa % (1 << il->shift));
}

static void check_range(Tree *tree)
{
    CXLRouteNode *root[CXL_MAX_WAYS];
    g_autoptr(GPtrArray) ranges = NULL;
    const CXLRouteRange *range;
    CXLRouteTree *route;

    for (unsigned i = 0; i < tree->window.interleave.ways; i++) {
        root[i] = (CXLRouteNode *)tree->window.target[i];
    }
    route = cxl_route_tree_new(root, tree->window.interleave.ways);
    ranges = cxl_route_build(route, &tree->window, CXL_ROUTE_MAX_RANGES);
    cxl_route_tree_free(route);

    g_assert_cmpuint(ranges->len, ==, 1);
    range = g_ptr_array_index(ranges, 0);
    g_assert_cmphex(range->base, ==, tree->range.base);
    g_assert_cmphex(range->size, ==, tree->range.size);
    for (unsigned i = 0; i < 200; i++) {
        check_hpa(tree, range, range->base + i * 256 + pick(tree, 256));
        check_hpa(tree, range, range->base + pick(tree, UNIT) +
                               pick(tree, range->size / UNIT) * UNIT);
    }
}

static void test_positions(void)
{
    static const uint8_t targets[] = { 1, 2, 3, 4, 6, 8, 12, 16 };
    g_autoptr(GRand) rand = g_rand_new_with_seed(39);
    g_autofree Tree *tree = g_new0(Tree, 1);

    for (unsigned round = 0; round < 400; round++) {
        unsigned n = targets[round % ARRAY_SIZE(targets)];
        unsigned below = 1 << g_rand_int_range(rand, 0, 4);

        while (n * below > CXL_MAX_WAYS) {
            below /= 2;
        }
        start(tree, rand, n, below);
        for (unsigned i = 0; i < CXL_MAX_WAYS; i++) {
            tree->range.dpa_from[i] = pick(tree, 4) * UNIT;
        }
        program(tree);
        check_range(tree);
        finish(tree);
    }
}

static const CXLHdm *endpoint_at(const Tree *tree, unsigned position)
{
    return ((CXLRouteNode *)tree->range.device[position])->hdm;
}

/* Registers as software would leave them, at both ends of the way. */
static void test_registers(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(40);
    g_autofree Tree *tree = g_new0(Tree, 1);
    CXLHdmDecoder d;

    start(tree, rand, 2, 2);
    tree->range.locked = true;
    tree->range.dpa_from[3] = 3 * UNIT;
    program(tree);
    g_assert_true(cxl_hdm_decoder(tree->window.target[1]->hdm, 0, &d));
    g_assert_true(d.committed && d.locked && d.host_only);
    g_assert_cmphex(d.base, ==, tree->range.base);
    g_assert_cmphex(d.size, ==, 4 * UNIT);
    g_assert_true(cxl_hdm_decoder(endpoint_at(tree, 3), 0, &d));
    g_assert_true(d.committed && d.locked && d.host_only);
    g_assert_cmpuint(d.interleave.ways, ==, 4);
    g_assert_cmpuint(d.interleave.shift, ==, tree->window.interleave.shift);
    g_assert_cmphex(d.skip, ==, 3 * UNIT);
    g_assert_true(cxl_hdm_enabled(endpoint_at(tree, 3)));
    finish(tree);
}

/* The DPA of a second range comes after the first, or after the boundary. */
static void test_second(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(41);
    g_autofree Tree *tree = g_new0(Tree, 1);
    CXLHdmDecoder d;

    start(tree, rand, 1, 2);
    program(tree);
    g_assert_cmphex(cxl_plan_room(endpoint_at(tree, 1), 0, 4 * UNIT), ==,
                    3 * UNIT);
    g_assert_cmphex(cxl_plan_room(endpoint_at(tree, 1), 4 * UNIT, 6 * UNIT),
                    ==, 2 * UNIT);
    g_assert_cmphex(cxl_plan_room(endpoint_at(tree, 1), 0, UNIT), ==, 0);
    tree->range.base += tree->range.size;
    tree->range.dpa_from[1] = 4 * UNIT;
    program(tree);
    g_assert_true(cxl_hdm_decoder(endpoint_at(tree, 1), 1, &d));
    g_assert_true(d.committed);
    g_assert_cmphex(d.skip, ==, 3 * UNIT);
    g_assert_cmphex(d.dpa_base, ==, 4 * UNIT);
    finish(tree);
}

static void fails(Tree *tree, CXLPlanError expected, unsigned where)
{
    g_autoptr(GArray) steps = g_array_new(false, false, sizeof(CXLPlanStep));
    unsigned position = 99;

    g_assert_cmpint(cxl_plan_make(&tree->window, &tree->range, steps,
                                  &position), ==, expected);
    g_assert_cmpuint(position, ==, where);
}

static void swap(Tree *tree, unsigned a, unsigned b)
{
    void *device = tree->range.device[a];

    tree->range.device[a] = tree->range.device[b];
    tree->range.device[b] = device;
}

/* One bridge with two routers of two endpoints each */
static void start_two_by_two(Tree *tree, GRand *rand)
{
    CXLRouteNode *bridge, *router[2];

    start(tree, rand, 1, 4);
    bridge = new_node(tree, false);
    for (unsigned i = 0; i < 2; i++) {
        router[i] = new_node(tree, false);
        add_child(bridge, i, router[i]);
    }
    for (unsigned i = 0; i < 4; i++) {
        CXLRouteNode *endpoint = new_node(tree, true);

        add_child(router[i % 2], i / 2, endpoint);
        tree->range.device[i] = endpoint->device;
    }
    tree->window.target[0] = bridge;
}

static void test_errors(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(42);
    g_autofree Tree *tree = g_new0(Tree, 1);

    start_two_by_two(tree, rand);
    program(tree);
    swap(tree, 1, 2);                       /* a, a, b, b */
    fails(tree, CXL_PLAN_ORDER, 2);
    swap(tree, 1, 3);                       /* a, b, b, a */
    fails(tree, CXL_PLAN_ORDER, 2);
    tree->range.device[3] = tree->range.device[1];
    tree->range.device[2] = tree->range.device[0];
    fails(tree, CXL_PLAN_ORDER, 2);         /* a device twice */
    tree->range.device[1] = tree;
    fails(tree, CXL_PLAN_NOT_BELOW, 1);
    finish(tree);

    start(tree, rand, 2, 1);
    swap(tree, 0, 1);
    fails(tree, CXL_PLAN_NOT_BELOW, 0);
    swap(tree, 0, 1);
    tree->window.target[1] = NULL;
    fails(tree, CXL_PLAN_NOT_BELOW, 1);
    finish(tree);

    start(tree, rand, 2, 2);
    tree->range.interleave.shift = 14;
    fails(tree, CXL_PLAN_GRANULARITY, 0);
    finish(tree);
}

/* Nothing to select, so nothing is wrong with an address bit too high. */
static void test_coarse(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(43);
    g_autofree Tree *tree = g_new0(Tree, 1);

    start(tree, rand, 2, 1);
    tree->range.interleave.shift = tree->window.interleave.shift = 14;
    program(tree);
    check_range(tree);
    finish(tree);
}

/* A bridge without decoders leads where its only port leads. */
static void test_passthrough(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(44);
    g_autofree Tree *tree = g_new0(Tree, 1);
    CXLRouteNode *bridge;

    start_two_by_two(tree, rand);
    bridge = new_node(tree, false);
    bridge->hdm = NULL;
    add_child(bridge, 3, (CXLRouteNode *)tree->window.target[0]);
    tree->window.target[0] = bridge;
    program(tree);
    check_range(tree);
    add_child(bridge, 4, new_node(tree, true));
    fails(tree, CXL_PLAN_ORDER, 0);
    finish(tree);
}

/* What one component refuses, none gets. */
static void test_all_or_none(void)
{
    g_autoptr(GArray) steps = g_array_new(false, false, sizeof(CXLPlanStep));
    g_autoptr(GRand) rand = g_rand_new_with_seed(45);
    g_autofree Tree *tree = g_new0(Tree, 1);
    const CXLPlanStep *step;
    unsigned where = 99;

    start_two_by_two(tree, rand);
    ((CXLRouteNode *)tree->range.device[2])->hdm->capacity = 0;
    cxl_plan_make(&tree->window, &tree->range, steps, &where);
    g_assert_cmpuint(steps->len, ==, 7);
    g_assert_cmpint(cxl_plan_program(steps, &where), ==, CXL_HDM_NO_DPA);
    step = &g_array_index(steps, CXLPlanStep, where);
    g_assert_true(step->node == tree->range.device[2]);
    g_assert_cmpuint(step->position, ==, 2);
    for (unsigned i = 0; i < tree->count; i++) {
        g_assert_cmpuint(cxl_hdm_committed(&tree->hdm[i]), ==, 0);
    }
    finish(tree);
}

static void test_used_up(void)
{
    g_autoptr(GArray) steps = g_array_new(false, false, sizeof(CXLPlanStep));
    g_autoptr(GRand) rand = g_rand_new_with_seed(46);
    g_autofree Tree *tree = g_new0(Tree, 1);
    unsigned where = 99;

    start(tree, rand, 1, 1);
    program(tree);
    tree->range.size = 0;
    tree->range.base += UNIT;
    program(tree);
    cxl_plan_make(&tree->window, &tree->range, steps, &where);
    g_assert_cmpint(cxl_plan_program(steps, &where), ==,
                    CXL_HDM_OUT_OF_ORDER);
    g_assert_cmpuint(where, ==, 0);
    finish(tree);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/plan/positions", test_positions);
    g_test_add_func("/cxl/plan/registers", test_registers);
    g_test_add_func("/cxl/plan/second", test_second);
    g_test_add_func("/cxl/plan/errors", test_errors);
    g_test_add_func("/cxl/plan/coarse", test_coarse);
    g_test_add_func("/cxl/plan/passthrough", test_passthrough);
    g_test_add_func("/cxl/plan/all-or-none", test_all_or_none);
    g_test_add_func("/cxl/plan/used-up", test_used_up);
    return g_test_run();
}
