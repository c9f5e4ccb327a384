/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes of random topologies that a driver may set up: up to three levels
 * below the window, the levels' select bits in any order, modulo and XOR
 * windows of any ways, several windows, several decoders with DPA skip.
 *
 * Each access is compared with a walk of the tree; and each turn over all
 * devices of a region has to find every one of them once, at the same DPA.
 *
 * -m slow, or CXL_TEST_ROUNDS=N in the environment, for more of them.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hdm_driver.h"
#include "route_reference.h"

#define UNIT CXL_HDM_UNIT
#define MAX_PARTS 512
#define MAX_LEVELS 3            /* bridge, switch, switch */
#define MAX_REGIONS CXL_HDM_MAX_DECODERS
#define MAX_WINDOWS 4
#define SELECT_END 15           /* address bits 8 to 14 select */

typedef struct Part {
    CXLHdm hdm;
    CXLRouteNode node;
    unsigned used;              /* decoders */
    uint64_t dpa;               /* end of what they map */
} Part;

typedef struct Region {
    const CXLRouteWindow *window;
    uint64_t base, size;
    unsigned ways, shift;       /* of the devices */
    CXLInterleave level[MAX_LEVELS];
    Part *device[CXL_MAX_WAYS];
    uint64_t dpa[CXL_MAX_WAYS];
    unsigned devices;
} Region;

typedef struct Tree {
    GRand *rand;
    unsigned levels, bridges, decoders;
    unsigned ports[MAX_LEVELS];
    Part part[MAX_PARTS];
    unsigned parts;
    CXLRouteWindow window[MAX_WINDOWS];
    unsigned windows;
    Region region[MAX_REGIONS];
    unsigned regions;
} Tree;

static unsigned pick(Tree *tree, unsigned n)
{
    return g_rand_int_range(tree->rand, 0, n);
}

static void shuffle(Tree *tree, uint8_t *item, unsigned count)
{
    for (unsigned i = count; i > 1; i--) {
        unsigned k = pick(tree, i);
        uint8_t other = item[k];

        item[k] = item[i - 1];
        item[i - 1] = other;
    }
}

static Part *make_part(Tree *tree, unsigned level);

/* Port numbers are in no order. */
static void make_children(Tree *tree, Part *part, unsigned level)
{
    unsigned count = tree->ports[level];
    unsigned number = pick(tree, 256);

    part->node.child = g_malloc0_n(count, sizeof(*part->node.child));
    part->node.child_count = count;
    for (unsigned i = 0; i < count; i++) {
        part->node.child[i].port = number + i * 37;
        part->node.child[i].node = &make_part(tree, level + 1)->node;
    }
}

static Part *make_part(Tree *tree, unsigned level)
{
    Part *part = &tree->part[tree->parts++];
    bool endpoint = level == tree->levels;

    g_assert_cmpuint(tree->parts, <=, MAX_PARTS);
    cxl_hdm_init(&part->hdm, endpoint ? CXL_HDM_ENDPOINT : CXL_HDM_ROUTER,
                 tree->decoders, 8);
    part->hdm.capacity = 64 * TiB;
    part->node = (CXLRouteNode) {
        .hdm = &part->hdm, .endpoint = endpoint, .enabled = true,
        .device = part,
    };
    if (endpoint) {
        hdm_write(&part->hdm, CXL_HDM_GLOBAL_CONTROL, 2);
        return part;
    }
    if (tree->ports[level] == 1 && pick(tree, 2)) {
        part->node.hdm = NULL;              /* passes through */
    }
    make_children(tree, part, level);
    return part;
}

static Part *part_of(const CXLRouteNode *node)
{
    return container_of(node, Part, node);
}

static void program_device(Tree *tree, Region *region, Part *part)
{
    uint64_t skip = pick(tree, 3) * UNIT;

    hdm_program(&part->hdm, part->used++, &(HdmProgram) {
        .base = region->base, .size = region->size, .extra = skip,
        .iw = cxl_interleave_encode_ways(region->ways),
        .ig = region->shift - 8 });
    g_assert_cmpuint(cxl_hdm_committed(&part->hdm), ==, part->used);
    region->device[region->devices] = part;
    region->dpa[region->devices++] = part->dpa + skip;
    part->dpa += skip + region->size / region->ways;
}

static void program_router(Region *region, Part *part,
                           const CXLInterleave *il, uint64_t targets)
{
    hdm_program(&part->hdm, part->used++, &(HdmProgram) {
        .base = region->base, .size = region->size, .extra = targets,
        .iw = cxl_interleave_encode_ways(il->ways), .ig = il->shift - 8 });
    g_assert_cmpuint(cxl_hdm_committed(&part->hdm), ==, part->used);
}

static void program(Tree *tree, Region *region, Part *part, unsigned level)
{
    const CXLInterleave *il = &region->level[level];
    uint8_t child[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    uint64_t targets = 0;

    if (level == tree->levels) {
        program_device(tree, region, part);
        return;
    }
    shuffle(tree, child, part->node.child_count);
    for (unsigned i = 0; i < il->ways; i++) {
        targets |= (uint64_t)part->node.child[child[i]].port << (8 * i);
        program(tree, region, part_of(part->node.child[child[i]].node),
                level + 1);
    }
    if (part->node.hdm) {
        program_router(region, part, il, targets);
    }
}

/*
 * Give the levels their bits in a random order, around the window's, which
 * are given.  False if that asks for bits that do not select.
 */
static bool assign_bits(Tree *tree, Region *region)
{
    const CXLInterleave *window = &region->window->interleave;
    uint8_t order[MAX_LEVELS + 1] = { 0, 1, 2, 3 };
    unsigned below = 0, bits = 0;

    shuffle(tree, order, tree->levels + 1);
    for (unsigned i = 0; order[i] != tree->levels; i++) {
        below += cxl_interleave_pow2_bits(&region->level[order[i]]);
    }
    if (window->ways == 1) {
        region->shift = 8 + pick(tree, 7);
    } else if (window->shift < 8 + below) {
        return false;
    } else {
        region->shift = window->shift - below;
    }
    for (unsigned i = 0; i <= tree->levels; i++) {
        if (order[i] == tree->levels) {
            bits += cxl_interleave_pow2_bits(window);
            continue;
        }
        region->level[order[i]].shift = region->shift + bits;
        bits += cxl_interleave_pow2_bits(&region->level[order[i]]);
        if (region->level[order[i]].ways == 1) {
            region->level[order[i]].shift = 8 + pick(tree, 7);
        }
    }
    return !bits || region->shift + bits <= SELECT_END;
}

static bool choose_region(Tree *tree, Region *region)
{
    unsigned total = region->window->interleave.ways;

    for (unsigned i = 0; i < tree->levels; i++) {
        unsigned ways = 1 << pick(tree, 4);

        while (ways > tree->ports[i] || total * ways > CXL_MAX_WAYS) {
            ways /= 2;
        }
        region->level[i] = (CXLInterleave) { .ways = ways, .shift = 8 };
        total *= ways;
    }
    region->ways = total;
    return cxl_interleave_encode_ways(total) >= 0 &&
           assign_bits(tree, region);
}

/* At *@hpa; one that no choice fits is left out. */
static void add_region(Tree *tree, const CXLRouteWindow *window,
                       uint64_t *hpa)
{
    Region *region = &tree->region[tree->regions];
    uint64_t end = window->base + window->size;

    *region = (Region) { .window = window, .base = *hpa };
    for (unsigned i = 0; i < 20; i++) {
        if (choose_region(tree, region)) {
            break;
        }
        region->ways = 0;
    }
    region->size = region->ways * UNIT * (1 + pick(tree, 3));
    if (!region->ways || *hpa > end || region->size > end - *hpa) {
        return;
    }
    for (unsigned i = 0; i < window->interleave.ways; i++) {
        program(tree, region, part_of(window->target[i]), 0);
    }
    g_assert_cmpuint(region->devices, ==, region->ways);
    tree->regions++;
    *hpa += region->size;
}

static void pick_maps(Tree *tree, CXLInterleave *il)
{
    il->by_xor = true;
    for (unsigned i = 0; i < cxl_interleave_pow2_bits(il); i++) {
        uint64_t map = ((uint64_t)pick(tree, 1 << 26) << 16) ^
                       pick(tree, 1 << 26);

        il->xor_map[i] = pick(tree, 2) ? cxl_interleave_default_map(il, i) :
            (map | 1) << (il->shift + i) & ((1ULL << 45) - 1);
        g_assert_true(cxl_interleave_map_legal(il, i, il->xor_map[i]));
    }
}

static void add_window(Tree *tree, uint64_t *hpa)
{
    static const uint8_t all[] = { 1, 2, 3, 4, 6, 8, 12, 16 };
    CXLRouteWindow *window = &tree->window[tree->windows++];
    uint8_t order[CXL_MAX_WAYS];
    unsigned ways;

    do {
        ways = all[pick(tree, ARRAY_SIZE(all))];
    } while (ways > tree->bridges);
    *window = (CXLRouteWindow) {
        .base = *hpa, .size = (1 + pick(tree, 100)) * UNIT,
        .interleave = { .ways = ways, .shift = 8 + pick(tree, 7) },
    };
    if (pick(tree, 2)) {
        pick_maps(tree, &window->interleave);
    }
    for (unsigned i = 0; i < tree->bridges; i++) {
        order[i] = i;
    }
    shuffle(tree, order, tree->bridges);
    for (unsigned i = 0; i < ways; i++) {
        /* Bridges are the first parts. */
        const Part *bridge = tree->part;

        for (unsigned k = 0; k < order[i]; k++) {
            bridge += tree->parts / tree->bridges;
        }
        window->target[i] = &bridge->node;
    }
    while (tree->regions < tree->decoders && pick(tree, 6)) {
        *hpa += pick(tree, 4) * UNIT;
        add_region(tree, window, hpa);
    }
    *hpa = MAX(*hpa, window->base + window->size) + pick(tree, 3) * UNIT;
}

static void choose_shape(Tree *tree)
{
    static const uint8_t counts[] = { 1, 2, 4, 6, 8, 10 };
    unsigned room = 128;

    tree->levels = 1 + pick(tree, MAX_LEVELS);
    tree->bridges = 1 + pick(tree, 16);
    tree->decoders = counts[pick(tree, ARRAY_SIZE(counts))];
    room /= tree->bridges;
    for (unsigned i = 0; i < tree->levels; i++) {
        tree->ports[i] = 1 + pick(tree, MAX(1, MIN(room, 8)));
        room /= tree->ports[i];
    }
}

static void start(Tree *tree, GRand *rand)
{
    uint64_t hpa;

    memset(tree, 0, sizeof(*tree));
    tree->rand = rand;
    choose_shape(tree);
    for (unsigned i = 0; i < tree->bridges; i++) {
        make_part(tree, 0);
    }
    hpa = (16 + pick(tree, 64)) * UNIT;
    for (unsigned i = 1 + pick(tree, MAX_WINDOWS); i > 0; i--) {
        add_window(tree, &hpa);
    }
}

static void finish(Tree *tree)
{
    for (unsigned i = 0; i < tree->parts; i++) {
        cxl_hdm_finish(&tree->part[i].hdm);
        g_free(tree->part[i].node.child);
    }
}

/* Turn @turn over the devices of the region finds each at the same DPA. */
static void check_turn(const Region *region, const GPtrArray *ranges,
                       uint64_t turn)
{
    uint64_t hpa = region->base + ((turn * region->ways) << region->shift);
    unsigned found = 0;

    for (unsigned i = 0; i < region->ways; i++) {
        void *device;
        uint64_t dpa;
        unsigned k = 0;

        g_assert_true(route_check(region->window, ranges, hpa));
        route_look_up(ranges, hpa, &device, &dpa);
        while (region->device[k] != device) {
            g_assert_cmpuint(++k, <, region->ways);
        }
        g_assert_cmphex(dpa, ==, region->dpa[k] + (turn << region->shift));
        g_assert_false(found & (1 << k));
        found |= 1 << k;
        hpa += 1ULL << region->shift;
    }
}

static unsigned check_region(Tree *tree, const Region *region,
                             const GPtrArray *ranges)
{
    uint64_t turns = region->size / region->ways >> region->shift;

    check_turn(region, ranges, 0);
    check_turn(region, ranges, turns - 1);
    for (unsigned i = 0; i < 4; i++) {
        check_turn(region, ranges, pick(tree, turns));
    }
    return 6 * region->ways;
}

static unsigned check_window(Tree *tree, const CXLRouteWindow *window)
{
    g_autoptr(GPtrArray) ranges = route_build(window);
    unsigned cases = 0;

    route_check_order(window, ranges);
    for (unsigned i = 0; i < tree->regions; i++) {
        if (tree->region[i].window == window) {
            cases += check_region(tree, &tree->region[i], ranges);
        }
    }
    for (unsigned i = 0; i < 30; i++, cases++) {
        uint64_t hpa = window->base + pick(tree, window->size / UNIT) * UNIT;

        route_check(window, ranges, hpa + pick(tree, UNIT));
    }
    return cases;
}

static unsigned rounds(void)
{
    const char *text = g_getenv("CXL_TEST_ROUNDS");

    return text ? g_ascii_strtoull(text, NULL, 0) : g_test_slow() ? 60000 : 5000;
}

/* Nothing is proved of what the dice never made. */
static void check_seen(unsigned seen[][2][CXL_MAX_WAYS + 1])
{
    static const uint8_t all[] = { 1, 2, 3, 4, 6, 8, 12, 16 };

    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        for (unsigned level = 1; level <= MAX_LEVELS; level++) {
            g_test_message("%u ways, %u levels: %u by modulo, %u by XOR",
                           all[i], level, seen[level][0][all[i]],
                           seen[level][1][all[i]]);
            g_assert_cmpuint(seen[level][0][all[i]], >=, rounds() / 1000);
            g_assert_cmpuint(seen[level][1][all[i]], >=, rounds() / 1000);
        }
    }
}

static void test_legal(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(0x1e98);
    g_autofree Tree *tree = g_new0(Tree, 1);
    unsigned seen[MAX_LEVELS + 1][2][CXL_MAX_WAYS + 1] = { };
    uint64_t cases = 0, regions = 0;

    for (unsigned round = 0; round < rounds(); round++) {
        start(tree, rand);
        for (unsigned i = 0; i < tree->windows; i++) {
            cases += check_window(tree, &tree->window[i]);
        }
        for (unsigned i = 0; i < tree->regions; i++, regions++) {
            const Region *r = &tree->region[i];

            seen[tree->levels][r->window->interleave.by_xor][r->ways]++;
        }
        finish(tree);
    }
    g_test_message("%" PRIu64 " accesses, %" PRIu64 " regions", cases,
                   regions);
    g_assert_cmpuint(cases, >, 100 * rounds());
    check_seen(seen);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/route/legal", test_legal);
    return g_test_run();
}
