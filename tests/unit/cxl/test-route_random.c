/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flat routes against a walk of the tree at each access, over topologies of
 * one to four levels and decoders that are legal or not.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hdm_driver.h"
#include "route_reference.h"

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

/* Any higher bits, those that others select by among them. */
static void pick_maps(Tree *tree, CXLInterleave *il)
{
    il->by_xor = true;
    for (unsigned i = 0; i < cxl_interleave_pow2_bits(il); i++) {
        uint64_t map = ((uint64_t)pick(tree, 1 << 26) << 16) ^
                       pick(tree, 1 << 26);

        il->xor_map[i] = (map | 1) << (il->shift + i) & ((1ULL << 40) - 1);
        g_assert_true(cxl_interleave_map_legal(il, i, il->xor_map[i]));
    }
}

static void start(Tree *tree, GRand *rand)
{
    CXLRouteNode *bridge[4];
    unsigned levels = 1 + g_rand_int_range(rand, 0, 4);

    memset(tree, 0, sizeof(*tree));
    tree->rand = rand;
    for (unsigned i = 0; i < ARRAY_SIZE(bridge); i++) {
        bridge[i] = chance(tree, 10) ? NULL : make_node(tree, levels);
    }
    tree->window = (CXLRouteWindow) {
        .base = WINDOW_BASE, .size = WINDOW_UNITS * UNIT,
        .interleave = { .ways = pick_ways(tree), .shift = 8 + pick(tree, 7) },
    };
    if (chance(tree, 2)) {
        pick_maps(tree, &tree->window.interleave);
    }
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

static void test_against_walk(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(0xcafe);
    g_autofree Tree *tree = g_new0(Tree, 1);
    unsigned answers = 0;

    for (unsigned round = 0; round < 4000; round++) {
        g_autoptr(GPtrArray) ranges = NULL;

        start(tree, rand);
        ranges = route_build(&tree->window);
        route_check_order(&tree->window, ranges);
        for (unsigned i = 0; i < 150; i++) {
            answers += route_check(&tree->window, ranges, pick_hpa(tree));
        }
        finish(tree);
    }
    g_test_message("%u of 600000 accesses were answered", answers);
    g_assert_cmpuint(answers, >, 40000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/route/against-walk", test_against_walk);
    return g_test_run();
}
