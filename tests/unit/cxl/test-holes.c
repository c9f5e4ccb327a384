/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that hold DPA, against each line's HPA as found by looking up what is
 * at every granule of its group.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/holes.h"

#define PAGE 4096ULL
#define LINE 64
#define BASE (39 * GiB)
#define DPA_BASE (5 * GiB)
#define PIECES 40

typedef struct Piece {
    unsigned device;
    uint64_t dpa, len;
} Piece;

typedef struct House {
    CXLRouteRange range;
    CXLWeavePlan plan;
    uint16_t slot[CXL_MAX_WAYS];
    uint8_t device[CXL_MAX_WAYS];       /* their addresses are the devices */
    CXLHoles holes;
    Piece piece[PIECES];
    unsigned pieces;
} House;

static const CXLWeavePlan *plan_of(const House *h)
{
    return h->range.interleave.ways > 1 ? &h->plan : NULL;
}

static const CXLRouteTarget *target(const House *h, unsigned n)
{
    return &g_array_index(h->range.target, CXLRouteTarget, n);
}

static void add_target(House *h, unsigned n, unsigned shift)
{
    CXLRouteTarget t = {
        .device = &h->device[n], .hpa_base = BASE,
        .dpa_base = DPA_BASE + n * GiB,
        .interleave = { .ways = h->range.interleave.ways, .shift = shift },
    };

    h->slot[n] = n;
    g_array_append_val(h->range.target, t);
}

static void build(House *h, unsigned ways, unsigned shift, bool by_xor,
                  unsigned max)
{
    CXLInterleave *il = &h->range.interleave;
    const char *why;

    *h = (House) {
        .range = {
            .base = BASE, .size = ways * 256 * MiB, .slots = 1,
            .interleave = { .ways = ways, .shift = shift, .by_xor = by_xor },
            .target = g_array_new(false, false, sizeof(CXLRouteTarget)),
        },
    };
    for (unsigned i = 0; by_xor && i < cxl_interleave_pow2_bits(il); i++) {
        il->xor_map[i] = cxl_interleave_default_map(il, i);
    }
    h->range.slot = h->slot;
    for (unsigned n = 0; n < ways; n++) {
        add_target(h, n, shift);
    }
    g_assert_true(ways == 1 || cxl_weave_plan(&h->range, &h->plan, &why));
    cxl_holes_init(&h->holes, h->range.size, PAGE, max);
}

static void tear_down(House *h)
{
    cxl_holes_finish(&h->holes);
    g_array_unref(h->range.target);
}

static void cover(House *h, unsigned device, uint64_t at, uint64_t len)
{
    Piece piece = { device, target(h, device)->dpa_base + at, len };

    h->piece[h->pieces++] = piece;
    cxl_holes_cover(&h->holes, &h->range, plan_of(h), target(h, device),
                    piece.dpa, len);
}

static bool in_hole(const House *h, uint64_t offset)
{
    for (unsigned n = 0; n < h->holes.hole->len; n++) {
        const CXLHole *hole = &g_array_index(h->holes.hole, CXLHole, n);

        if (offset - hole->offset < hole->size) {
            return true;
        }
    }
    return false;
}

/* By trying all that could be it */
static uint64_t offset_of(const House *h, unsigned device, uint64_t dpa)
{
    const CXLInterleave *il = &h->range.interleave;
    uint64_t granule = 1ULL << il->shift;
    uint64_t at = dpa - target(h, device)->dpa_base;
    uint64_t hpa = BASE + at / granule * granule * il->ways + at % granule;

    for (unsigned i = 0; i < il->ways; i++, hpa += granule) {
        void *there;
        uint64_t its;

        g_assert_true(cxl_route_lookup(&h->range, hpa, &there, &its));
        if (there == &h->device[device] && its == dpa) {
            return hpa - BASE;
        }
    }
    g_assert_not_reached();
}

static void check_covered(const House *h)
{
    for (unsigned n = 0; n < h->pieces; n++) {
        const Piece *piece = &h->piece[n];

        for (uint64_t at = 0; at < piece->len; at += LINE) {
            g_assert_true(in_hole(h, offset_of(h, piece->device,
                                               piece->dpa + at)));
        }
    }
}

static bool is_covered(const House *h, const void *device, uint64_t dpa)
{
    for (unsigned n = 0; n < h->pieces; n++) {
        const Piece *piece = &h->piece[n];

        if (&h->device[piece->device] == device &&
            dpa - piece->dpa < piece->len) {
            return true;
        }
    }
    return false;
}

static bool page_needed(const House *h, uint64_t offset)
{
    for (uint64_t at = 0; at < PAGE; at += LINE) {
        void *device;
        uint64_t dpa;

        if (cxl_route_lookup(&h->range, BASE + offset + at, &device, &dpa) &&
            is_covered(h, device, dpa)) {
            return true;
        }
    }
    return false;
}

static void check_form(const House *h)
{
    uint64_t end = 0;

    for (unsigned n = 0; n < h->holes.hole->len; n++) {
        const CXLHole *hole = &g_array_index(h->holes.hole, CXLHole, n);

        g_assert_cmpuint(hole->size, !=, 0);
        g_assert_cmphex((hole->offset | hole->size) % PAGE, ==, 0);
        g_assert_true(!n || hole->offset > end);
        end = hole->offset + hole->size;
    }
    g_assert_cmphex(end, <=, h->range.size);
}

/* No page is in a hole for nothing. */
static void check_tight(const House *h)
{
    for (unsigned n = 0; n < h->holes.hole->len; n++) {
        const CXLHole *hole = &g_array_index(h->holes.hole, CXLHole, n);

        for (uint64_t at = 0; at < hole->size; at += PAGE) {
            g_assert_true(page_needed(h, hole->offset + at));
        }
    }
}

static uint64_t below(uint64_t limit)
{
    return (((uint64_t)g_test_rand_int() << 32) | g_test_rand_int()) % limit;
}

/* Within 16 granules, anywhere in the device or all in a few pages of it */
static void cover_some(House *h, unsigned count, uint64_t where)
{
    uint64_t share = h->range.size / h->range.interleave.ways;

    for (unsigned n = 0; n < count; n++) {
        uint64_t at = where ? where + below(8 * PAGE) : below(share - PAGE);
        uint64_t most = 15ULL << h->range.interleave.shift;

        cover(h, below(h->range.interleave.ways), at / LINE * LINE,
              LINE * (1 + below(MIN(most, PAGE) / LINE)));
    }
}

static void check_shape(unsigned ways, unsigned shift, bool by_xor)
{
    static const uint64_t where[] = { 0, 17 * MiB, 128 * MiB };

    for (unsigned i = 0; i < ARRAY_SIZE(where); i++) {
        House h;

        build(&h, ways, shift, by_xor, 1000);
        cover_some(&h, 20, where[i]);
        check_form(&h);
        check_covered(&h);
        check_tight(&h);
        tear_down(&h);
    }
}

static void test_shapes(void)
{
    static const unsigned ways[] = { 1, 2, 3, 4, 6, 8, 12, 16 };

    for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
        for (unsigned shift = 8; shift <= CXL_MAX_SHIFT; shift++) {
            check_shape(ways[i], shift, false);
            check_shape(ways[i], shift, true);
        }
    }
}

/* Fewer holes than would be needed: never more, and none too small */
static void test_bounded(void)
{
    for (unsigned max = 1; max < 40; max++) {
        House h;

        build(&h, max % 2 ? 1 : 4, 8 + max % 7, max % 3 == 0, max);
        cover_some(&h, PIECES, 0);
        check_form(&h);
        check_covered(&h);
        g_assert_cmpuint(h.holes.hole->len, <=, max);
        if (max < PIECES / 2) {
            g_assert_cmpuint(h.holes.hole->len, ==, max);
        }
        g_assert_false(cxl_holes_everything(&h.holes));
        tear_down(&h);
    }
}

/* The two that are nearest become one. */
static void test_nearest(void)
{
    static const uint64_t at[] = { 0, 10 * PAGE, 25 * PAGE, 18 * PAGE };
    House h;

    build(&h, 1, 8, false, 3);
    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        cover(&h, 0, at[i], LINE);
    }
    g_assert_cmpuint(h.holes.hole->len, ==, 3);
    g_assert_true(in_hole(&h, 0) && !in_hole(&h, PAGE));
    g_assert_true(in_hole(&h, 10 * PAGE) && !in_hole(&h, 11 * PAGE));
    g_assert_true(in_hole(&h, 18 * PAGE) && in_hole(&h, 20 * PAGE) &&
                  in_hole(&h, 25 * PAGE) && !in_hole(&h, 26 * PAGE));
    tear_down(&h);
}

/* Neighbours are one hole, in whichever order they come. */
static void test_adjacent(void)
{
    static const unsigned order[] = { 5, 3, 4, 0, 2, 1 };
    House h;

    build(&h, 1, 8, false, 10);
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
        cover(&h, 0, order[i] * PAGE + PAGE - LINE, LINE);
        check_covered(&h);
        check_tight(&h);
    }
    g_assert_cmpuint(h.holes.hole->len, ==, 1);
    tear_down(&h);
}

/* More granules than are looked at: from the first to the last, not more */
static void test_long(void)
{
    for (unsigned shift = 8; shift <= CXL_MAX_SHIFT; shift++) {
        uint64_t group = 2ULL << shift, low, high;
        House h;

        build(&h, 2, shift, false, 1000);
        cover(&h, 1, 3 * MiB, MiB);
        check_form(&h);
        check_covered(&h);
        low = MIN(group, PAGE);
        high = MAX(group, PAGE);
        g_assert_false(in_hole(&h, 6 * MiB - low));
        g_assert_false(in_hole(&h, 8 * MiB + high));
        cover(&h, 0, 0, h.range.size / 2);
        g_assert_true(cxl_holes_everything(&h.holes));
        g_assert_cmpuint(h.holes.hole->len, ==, 1);
        tear_down(&h);
    }
}

static void test_none_left(void)
{
    House h;

    build(&h, 2, 8, false, 0);
    g_assert_false(cxl_holes_everything(&h.holes));
    cover(&h, 0, MiB, LINE);
    g_assert_true(cxl_holes_everything(&h.holes));
    cover(&h, 1, 2 * MiB, LINE);
    g_assert_cmpuint(h.holes.hole->len, ==, 1);
    tear_down(&h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/holes/shapes", test_shapes);
    g_test_add_func("/cxl/holes/bounded", test_bounded);
    g_test_add_func("/cxl/holes/nearest", test_nearest);
    g_test_add_func("/cxl/holes/adjacent", test_adjacent);
    g_test_add_func("/cxl/holes/long", test_long);
    g_test_add_func("/cxl/holes/none-left", test_none_left);
    return g_test_run();
}
