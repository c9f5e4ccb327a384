/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flat routes against a walk of the tree at each access, over topologies of
 * one to three levels and decoders that are legal or not.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hdm_driver.h"
#include "hw/cxl/core/route.h"

#define UNIT CXL_HDM_UNIT
#define WINDOW_BASE (16 * UNIT)
#define WINDOW_UNITS 48
#define MAX_NODES 160

typedef struct Tree {
    GRand *rand;
    CXLRouteNode node[MAX_NODES];
    CXLHdm hdm[MAX_NODES];
    unsigned count;
    CXLRouteWindow window;
} Tree;

static bool chance(Tree *tree, unsigned one_in)
{
    return g_rand_int_range(tree->rand, 0, one_in) == 0;
}

static unsigned pick(Tree *tree, unsigned n)
{
    return g_rand_int_range(tree->rand, 0, n);
}

static uint8_t pick_ways(Tree *tree)
{
    static const uint8_t all[] = { 1, 2, 4, 8, 3, 6, 12, 16 };

    return all[pick(tree, chance(tree, 3) ? ARRAY_SIZE(all) : 3)];
}

static void program(Tree *tree, CXLHdm *hdm, unsigned n, uint64_t base)
{
    HdmProgram p = {
        .base = base,
        .size = (1 + pick(tree, 6)) * 4 * UNIT,
        .iw = cxl_interleave_encode_ways(pick_ways(tree)),
        .ig = pick(tree, 7),
        .extra = hdm->kind == CXL_HDM_ENDPOINT ? pick(tree, 2) * UNIT : 0,
    };

    for (unsigned i = 0; hdm->kind == CXL_HDM_ROUTER && i < 8; i++) {
        p.extra |= (uint64_t)pick(tree, chance(tree, 16) ? 256 : 3)
                   << (i * 8);
    }
    hdm_program(hdm, n, &p);
    if (chance(tree, 16)) {                 /* legal or not */
        cxl_regbank_set(&hdm->bank, CXL_HDM_REG(n, CXL_HDM_CONTROL),
                        hdm_control(hdm, n) ^
                        R_CXL_HDM_CTRL_COMMITTED_MASK, 4);
    }
}

static void program_all(Tree *tree, CXLHdm *hdm)
{
    uint64_t base = WINDOW_BASE - pick(tree, 4) * UNIT;

    hdm_write(hdm, CXL_HDM_GLOBAL_CONTROL, chance(tree, 12) ? 0 : 2);
    for (unsigned n = 0; n < hdm->count && !chance(tree, 12); n++) {
        CXLHdmDecoder d;

        program(tree, hdm, n, base);
        cxl_hdm_decoder(hdm, n, &d);
        base += chance(tree, 3) ? pick(tree, 24) * UNIT : d.size;
    }
}

static CXLRouteNode *make_node(Tree *tree, unsigned levels);

static void make_children(Tree *tree, CXLRouteNode *node, unsigned levels)
{
    unsigned count = node->hdm ? 3 - pick(tree, 16) / 13 :
                     !chance(tree, 8);

    node->child = g_malloc0_n(MAX(count, 1), sizeof(*node->child));
    node->child_count = count;
    for (unsigned i = 0; i < count; i++) {
        node->child[i].port = i;
        node->child[i].node = chance(tree, 16) ? NULL
                                               : make_node(tree, levels - 1);
    }
}

static CXLRouteNode *make_node(Tree *tree, unsigned levels)
{
    unsigned n = tree->count++;
    CXLRouteNode *node = &tree->node[n];
    bool endpoint = levels == 0;

    if (n >= MAX_NODES) {
        tree->count--;
        return NULL;
    }
    cxl_hdm_init(&tree->hdm[n], endpoint ? CXL_HDM_ENDPOINT : CXL_HDM_ROUTER,
                 4, 8);
    tree->hdm[n].capacity = 128 * UNIT;
    program_all(tree, &tree->hdm[n]);
    *node = (CXLRouteNode) {
        .hdm = endpoint || !chance(tree, 3) ? &tree->hdm[n] : NULL,
        .endpoint = endpoint,
        .enabled = !chance(tree, 12),
        .device = node,
    };
    if (!endpoint) {
        make_children(tree, node, levels);
    }
    return node;
}

static void start(Tree *tree, GRand *rand)
{
    CXLRouteNode *bridge[4];
    unsigned levels = 1 + g_rand_int_range(rand, 0, 3);

    memset(tree, 0, sizeof(*tree));
    tree->rand = rand;
    for (unsigned i = 0; i < ARRAY_SIZE(bridge); i++) {
        bridge[i] = chance(tree, 10) ? NULL : make_node(tree, levels);
    }
    tree->window = (CXLRouteWindow) {
        .base = WINDOW_BASE, .size = WINDOW_UNITS * UNIT,
        .interleave = { .ways = pick_ways(tree), .shift = 8 + pick(tree, 7) },
    };
    for (unsigned i = 0; i < CXL_MAX_WAYS; i++) {
        tree->window.target[i] = bridge[pick(tree, ARRAY_SIZE(bridge))];
    }
}

static void finish(Tree *tree)
{
    for (unsigned i = 0; i < tree->count; i++) {
        cxl_hdm_finish(&tree->hdm[i]);
        g_free(tree->node[i].child);
    }
}

static bool covering(const CXLHdm *hdm, uint64_t hpa, CXLHdmDecoder *d)
{
    for (unsigned n = 0; cxl_hdm_decoder(hdm, n, d); n++) {
        if (d->committed && hpa >= d->base && hpa < d->base + d->size) {
            return true;
        }
    }
    return false;
}

static const CXLRouteNode *walk_router(const CXLRouteNode *node,
                                       uint64_t hpa)
{
    CXLHdmDecoder d;
    uint64_t index;

    if (!node->hdm) {
        return node->child_count == 1 ? node->child[0].node : NULL;
    }
    if (!covering(node->hdm, hpa, &d) ||
        d.interleave.ways > CXL_HDM_MAX_TARGETS) {
        return NULL;
    }
    index = (hpa >> d.interleave.shift) % d.interleave.ways;
    for (unsigned i = 0; i < node->child_count; i++) {
        if (node->child[i].node && node->child[i].port == d.target[index]) {
            return node->child[i].node;
        }
    }
    return NULL;
}

/* As the hardware does it, level by level. */
static bool walk(const CXLRouteWindow *window, uint64_t hpa, void **device,
                 uint64_t *dpa)
{
    const CXLInterleave *il = &window->interleave;
    const CXLRouteNode *node = window->target[(hpa >> il->shift) % il->ways];
    CXLHdmDecoder d;
    uint64_t granule;

    while (node && !node->endpoint) {
        node = walk_router(node, hpa);
    }
    if (!node || !node->enabled || !cxl_hdm_enabled(node->hdm) ||
        !covering(node->hdm, hpa, &d)) {
        return false;
    }
    granule = (hpa - d.base) >> d.interleave.shift;
    *device = node->device;
    *dpa = d.dpa_base + ((granule / d.interleave.ways) << d.interleave.shift)
           + (hpa & ((1ULL << d.interleave.shift) - 1));
    return true;
}

static bool look_up(const GPtrArray *ranges, uint64_t hpa, void **device,
                    uint64_t *dpa)
{
    for (unsigned i = 0; i < ranges->len; i++) {
        const CXLRouteRange *range = g_ptr_array_index(ranges, i);

        if (hpa >= range->base && hpa - range->base < range->size) {
            return cxl_route_lookup(range, hpa, device, dpa);
        }
    }
    return false;
}

static uint64_t pick_hpa(Tree *tree)
{
    uint64_t hpa = WINDOW_BASE + pick(tree, WINDOW_UNITS) * UNIT;

    switch (pick(tree, 3)) {
    case 0:
        return hpa + pick(tree, UNIT);
    case 1:
        return hpa + pick(tree, 256 * KiB);
    default:
        return hpa + UNIT - 1 - pick(tree, 32 * KiB);
    }
}

static bool check_hpa(Tree *tree, const GPtrArray *ranges, uint64_t hpa)
{
    void *device = NULL, *expected_device = NULL;
    uint64_t dpa = 0, expected_dpa = 0;
    bool expected = walk(&tree->window, hpa, &expected_device,
                         &expected_dpa);

    g_assert_true(look_up(ranges, hpa, &device, &dpa) == expected);
    g_assert_true(device == expected_device);
    g_assert_cmphex(dpa, ==, expected_dpa);
    return expected;
}

static void check_order(const GPtrArray *ranges)
{
    uint64_t end = WINDOW_BASE;

    for (unsigned i = 0; i < ranges->len; i++) {
        const CXLRouteRange *range = g_ptr_array_index(ranges, i);

        g_assert_cmphex(range->base, >=, end);
        g_assert_cmphex(range->size, >, 0);
        g_assert_cmpuint(range->slots, <=, 3072);
        end = range->base + range->size;
    }
    g_assert_cmphex(end, <=, WINDOW_BASE + WINDOW_UNITS * UNIT);
}

static void test_against_walk(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(0xcafe);
    g_autofree Tree *tree = g_new0(Tree, 1);
    unsigned answers = 0;

    for (unsigned round = 0; round < 2500; round++) {
        g_autoptr(GPtrArray) ranges = NULL;

        start(tree, rand);
        ranges = cxl_route_build(&tree->window);
        check_order(ranges);
        for (unsigned i = 0; i < 150; i++) {
            answers += check_hpa(tree, ranges, pick_hpa(tree));
        }
        finish(tree);
    }
    g_test_message("%u of 375000 accesses were answered", answers);
    g_assert_cmpuint(answers, >, 30000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/route/against-walk", test_against_walk);
    return g_test_run();
}
