/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rebuild costs, in steps and not in time: two bridges, two levels of
 * switches, 64 devices of 10 decoders.  And trees that are too big or none.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hdm_driver.h"
#include "hw/cxl/core/route_tree.h"
#include "route_reference.h"

#define UNIT CXL_HDM_UNIT
#define BASE (16 * GiB)
#define DECODERS 10
#define LEVELS 3
#define MAX_PARTS 128

typedef struct Big {
    CXLHdm hdm[MAX_PARTS];
    CXLRouteNode node[MAX_PARTS];
    CXLRouteNode *root[2];
    unsigned count, devices;
    CXLRouteWindow window;
} Big;

static const unsigned ports[LEVELS] = { 2, 4, 4 };

static CXLRouteNode *make_node(Big *big, unsigned level)
{
    unsigned n = big->count++;
    CXLRouteNode *node = &big->node[n];

    g_assert_cmpuint(n, <, MAX_PARTS);
    node->hdm = &big->hdm[n];
    node->device = node;
    node->enabled = true;
    node->endpoint = level == LEVELS;
    cxl_hdm_init(&big->hdm[n], node->endpoint ? CXL_HDM_ENDPOINT
                                              : CXL_HDM_ROUTER, DECODERS, 8);
    if (node->endpoint) {
        big->devices++;
        big->hdm[n].capacity = 1 * TiB;
        hdm_write(&big->hdm[n], CXL_HDM_GLOBAL_CONTROL, 2);
        return node;
    }
    node->child_count = ports[level];
    node->child = g_malloc0_n(ports[level], sizeof(*node->child));
    for (unsigned i = 0; i < ports[level]; i++) {
        node->child[i].port = i;
        node->child[i].node = make_node(big, level + 1);
    }
    return node;
}

static Big *big_new(void)
{
    Big *big = g_new0(Big, 1);

    for (unsigned i = 0; i < 2; i++) {
        big->root[i] = make_node(big, 0);
        big->window.target[i] = big->root[i];
    }
    big->window.base = BASE;
    big->window.size = 512 * GiB;
    big->window.interleave = (CXLInterleave) { .ways = 2, .shift = 8 };
    g_assert_cmpuint(big->devices, ==, 64);
    return big;
}

static void big_free(Big *big)
{
    for (unsigned n = 0; n < big->count; n++) {
        cxl_hdm_finish(&big->hdm[n]);
        g_free(big->node[n].child);
    }
    g_free(big);
}

static void commit(CXLHdm *hdm, unsigned n, uint64_t base, uint64_t size,
                   unsigned ways, unsigned shift, uint64_t targets)
{
    hdm_program(hdm, n, &(HdmProgram) {
        .base = base, .size = size, .extra = targets, .ig = shift - 8,
        .iw = cxl_interleave_encode_ways(ways) });
    g_assert_cmpuint(cxl_hdm_committed(hdm), ==, n + 1);
}

/* Decoder @n of a router: bridges split in two, first switches in four. */
static void commit_router(CXLHdm *hdm, const CXLRouteNode *node, unsigned n,
                          uint64_t base, uint64_t size)
{
    if (node->child_count == 2) {
        commit(hdm, n, base, size, 2, 9, 0x0100);
    } else if (node->child[0].node->endpoint) {
        commit(hdm, n, base, size, 1, 8, n % 4);
    } else {
        commit(hdm, n, base, size, 4, 10, 0x03020100);
    }
}

static CXLRouteTree *build(Big *big, GPtrArray **ranges)
{
    CXLRouteTree *tree = cxl_route_tree_new(big->root, 2);

    *ranges = cxl_route_build(tree, &big->window, UINT_MAX);
    return tree;
}

static void check_places(const Big *big, const GPtrArray *ranges,
                         unsigned least)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(64);
    unsigned answers = 0;

    route_check_order(&big->window, ranges);
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t hpa = BASE + g_rand_int_range(rand, 0, 176) * UNIT +
                       g_rand_int_range(rand, 0, UNIT);

        answers += route_check(&big->window, ranges, hpa);
    }
    g_assert_cmpuint(answers, >, least);
}

/* Ten regions of 16 ways; each device has all of them, on the way or not. */
static void test_regions(void)
{
    Big *big = big_new();
    g_autoptr(GPtrArray) ranges = NULL;
    CXLRouteTree *tree;

    for (unsigned k = 0; k < big->count; k++) {
        for (unsigned n = 0; n < DECODERS; n++) {
            uint64_t base = BASE + n * 17 * UNIT;

            if (big->node[k].endpoint) {
                commit(&big->hdm[k], n, base, 16 * UNIT, 16, 8, 0);
            } else {
                commit_router(&big->hdm[k], &big->node[k], n, base,
                              16 * UNIT);
            }
        }
    }
    tree = build(big, &ranges);
    g_assert_cmpuint(ranges->len, ==, DECODERS);
    check_places(big, ranges, 18000);
    /* A few for each of 860 decoders: here read, bounded at both ends */
    g_test_message("%u steps for %u decoders", tree->steps,
                   tree->decoder->len);
    g_assert_cmpuint(tree->decoder->len, ==, 860);
    g_assert_cmpuint(tree->steps, <, 5 * tree->decoder->len);
    cxl_route_tree_free(tree);
    big_free(big);
}

/* As many bounds as there are decoders: a walk of the way for each. */
static void test_staggered(void)
{
    Big *big = big_new();
    g_autoptr(GPtrArray) ranges = NULL;
    unsigned device = 0;
    CXLRouteTree *tree;

    for (unsigned k = 0; k < big->count; k++) {
        if (!big->node[k].endpoint) {
            unsigned below = big->node[k].child[0].node->endpoint;

            commit(&big->hdm[k], 0, BASE, 1024 * UNIT,
                   big->node[k].child_count,
                   big->node[k].child_count == 2 ? 9 : below ? 12 : 10,
                   0x03020100);
            continue;
        }
        for (unsigned n = 0; n < DECODERS; n++) {
            commit(&big->hdm[k], n, BASE + (device + n * 70) * UNIT,
                   (1 + device % 6) * UNIT, 1, 8, 0);
        }
        device++;
    }
    tree = build(big, &ranges);
    g_assert_cmpuint(ranges->len, >, 500);
    check_places(big, ranges, 100);
    g_test_message("%u steps for %u ranges", tree->steps, ranges->len);
    /* 86 hops on the way, 64 devices, each looked up through four */
    g_assert_cmpuint(tree->steps, <, 450 * ranges->len);
    cxl_route_tree_free(tree);
    big_free(big);
}

/* What is above the greatest number of ranges is left out, not more. */
static void test_max_ranges(void)
{
    Big *big = big_new();
    g_autoptr(GPtrArray) all = NULL, some = NULL, none = NULL;
    CXLRouteTree *tree;

    for (unsigned n = 0; n < DECODERS; n++) {
        for (unsigned k = 0; k < big->count; k++) {
            if (big->node[k].endpoint) {
                commit(&big->hdm[k], n, BASE + n * 20 * UNIT, UNIT, 1, 8, 0);
            } else {
                commit(&big->hdm[k], n, BASE + n * 20 * UNIT, UNIT, 1, 8, 1);
            }
        }
    }
    tree = build(big, &all);
    g_assert_cmpuint(all->len, ==, DECODERS);
    some = cxl_route_build(tree, &big->window, 4);
    g_assert_cmpuint(some->len, ==, 4);
    for (unsigned i = 0; i < 4; i++) {
        const CXLRouteRange *a = g_ptr_array_index(all, i);
        const CXLRouteRange *b = g_ptr_array_index(some, i);

        g_assert_cmphex(a->base, ==, b->base);
        g_assert_cmphex(a->size, ==, b->size);
    }
    none = cxl_route_build(tree, &big->window, 0);
    g_assert_cmpuint(none->len, ==, 0);
    cxl_route_tree_free(tree);
    big_free(big);
}

#define BRIDGES 16
#define PORTS 32

typedef struct Wide {
    CXLHdm device_hdm, router_hdm;
    CXLRouteNode bridge[BRIDGES], port[BRIDGES * PORTS];
    CXLRouteNode device[BRIDGES * PORTS * PORTS];
} Wide;

static void fan_out(CXLRouteNode *node, CXLRouteNode *child)
{
    node->child_count = PORTS;
    node->child = g_malloc0_n(PORTS, sizeof(*node->child));
    for (unsigned i = 0; i < PORTS; i++) {
        node->child[i].port = i;
        node->child[i].node = &child[i];
    }
}

/* 16 bridges of 32 ports, each with a switch of 32: the last one answers. */
static void test_widest(void)
{
    Wide *wide = g_new0(Wide, 1);
    CXLRouteNode *root[BRIDGES];
    CXLRouteWindow window = {
        .base = BASE, .size = UNIT, .interleave = { .ways = 1, .shift = 8 },
        .target = { &wide->bridge[BRIDGES - 1] },
    };
    g_autoptr(GPtrArray) ranges = NULL;
    CXLRouteTree *tree;
    void *device = NULL;
    uint64_t dpa;

    cxl_hdm_init(&wide->router_hdm, CXL_HDM_ROUTER, 1, 8);
    cxl_hdm_init(&wide->device_hdm, CXL_HDM_ENDPOINT, 1, 1);
    wide->device_hdm.capacity = UNIT;
    hdm_write(&wide->device_hdm, CXL_HDM_GLOBAL_CONTROL, 2);
    commit(&wide->router_hdm, 0, BASE, UNIT, 1, 8, PORTS - 1);
    commit(&wide->device_hdm, 0, BASE, UNIT, 1, 8, 0);
    for (unsigned b = 0; b < BRIDGES; b++) {
        root[b] = &wide->bridge[b];
        root[b]->hdm = &wide->router_hdm;
        fan_out(root[b], &wide->port[b * PORTS]);
    }
    for (unsigned p = 0; p < BRIDGES * PORTS; p++) {
        wide->port[p].hdm = &wide->router_hdm;
        fan_out(&wide->port[p], &wide->device[p * PORTS]);
        for (unsigned i = 0; i < PORTS; i++) {
            wide->device[p * PORTS + i] = (CXLRouteNode) {
                .endpoint = true, .enabled = true, .hdm = &wide->device_hdm,
                .device = &wide->device[p * PORTS + i],
            };
        }
    }
    tree = cxl_route_tree_new(root, BRIDGES);
    g_assert_cmpuint(tree->hop->len, ==, BRIDGES * (1 + PORTS * (1 + PORTS)));
    ranges = cxl_route_build(tree, &window, UINT_MAX);
    g_assert_cmpuint(ranges->len, ==, 1);
    g_assert_true(route_look_up(ranges, BASE + 7, &device, &dpa));
    g_assert_true(device == &wide->device[BRIDGES * PORTS * PORTS - 1]);
    cxl_route_tree_free(tree);
    for (unsigned i = 0; i < BRIDGES; i++) {
        g_free(wide->bridge[i].child);
    }
    for (unsigned i = 0; i < BRIDGES * PORTS; i++) {
        g_free(wide->port[i].child);
    }
    cxl_hdm_finish(&wide->router_hdm);
    cxl_hdm_finish(&wide->device_hdm);
    g_free(wide);
}

/* A node that is its own child, twice over. */
static void test_loop(void)
{
    CXLRouteNode node = { .child_count = 2 };
    CXLRouteNode *root = &node;
    CXLRouteTree *tree;

    node.child = g_malloc0_n(2, sizeof(*node.child));
    node.child[0].node = &node;
    node.child[1].node = &node;
    tree = cxl_route_tree_new(&root, 1);
    g_assert_cmpuint(tree->hop->len, <=, 32768);
    cxl_route_tree_free(tree);
    g_free(node.child);
}

static void test_roots(void)
{
    CXLRouteNode a = { 0 }, b = { 0 }, c = { 0 };
    CXLRouteNode *root[] = { &a, NULL, &b, &a, NULL };
    CXLRouteTree *tree = cxl_route_tree_new(root, ARRAY_SIZE(root));

    g_assert_cmpuint(tree->hop->len, ==, 2);
    g_assert_cmpint(cxl_route_root(tree, &a), ==, 0);
    g_assert_cmpint(cxl_route_root(tree, &b), ==, 1);
    g_assert_cmpint(cxl_route_root(tree, &c), ==, CXL_ROUTE_NOWHERE);
    g_assert_cmpint(cxl_route_root(tree, NULL), ==, CXL_ROUTE_NOWHERE);
    cxl_route_tree_free(tree);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/route-tree/regions", test_regions);
    g_test_add_func("/cxl/route-tree/staggered", test_staggered);
    g_test_add_func("/cxl/route-tree/max-ranges", test_max_ranges);
    g_test_add_func("/cxl/route-tree/widest", test_widest);
    g_test_add_func("/cxl/route-tree/loop", test_loop);
    g_test_add_func("/cxl/route-tree/roots", test_roots);
    return g_test_run();
}
