/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From decoders to flat ranges.
 *
 * Between two neighbouring bounds of any decoder the set of decoders that
 * cover an HPA is constant.  A sweep over the bounds keeps for each hop its
 * decoder of the moment, and in each range walks only the hops that are on
 * the way.  There the selection below the window is periodic, and one period,
 * cut into the smallest granule of the way, is the table.
 * CXL r3.2: HDM Decoder; CXL Fixed Memory Window Structure.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/route_tree.h"

#define NOWHERE CXL_ROUTE_NOWHERE

/* A hop in the range that is being built. */
typedef struct State {
    const CXLRouteDecoder *active;
    unsigned visited;               /* in which range, counted from 1 */
    int target;                     /* index into that range's, or NOWHERE */
} State;

typedef struct Bound {
    uint64_t hpa;
    unsigned hop;
} Bound;

typedef struct Builder {
    CXLRouteTree *tree;
    const CXLRouteWindow *window;
    unsigned max_ranges;
    State *state;                   /* by hop */
    GArray *way;                    /* of unsigned: hops, parents first */
    unsigned visit;
    GArray *bound;                  /* of Bound, ascending */
    int root[CXL_MAX_WAYS];         /* by position: hop, or NOWHERE */
    GPtrArray *range;
} Builder;

static void visit(Builder *builder, int n)
{
    if (n != NOWHERE && builder->state[n].visited != builder->visit) {
        unsigned hop = n;

        builder->tree->steps++;
        builder->state[n].visited = builder->visit;
        builder->state[n].target = NOWHERE;
        g_array_append_val(builder->way, hop);
    }
}

static void visit_roots(Builder *builder)
{
    builder->visit++;
    g_array_set_size(builder->way, 0);
    for (unsigned i = 0; i < builder->window->interleave.ways; i++) {
        visit(builder, builder->root[i]);
    }
}

/* Without decoders there is no choosing between two. */
static int pass_through(const CXLRouteHop *hop)
{
    return !hop->node->hdm && hop->child_count == 1 ? (int)hop->first_child
                                                    : NOWHERE;
}

static void visit_targets(Builder *builder, const CXLRouteDecoder *decoder)
{
    for (unsigned i = 0; i < decoder->interleave.ways; i++) {
        visit(builder, decoder->next[i]);
    }
}

static bool in_window(const CXLRouteWindow *window,
                      const CXLRouteDecoder *decoder)
{
    return decoder->base < window->base + window->size &&
           window->base < decoder->base + decoder->size;
}

static void add_bounds(Builder *builder, unsigned hop,
                       const CXLRouteDecoder *decoder)
{
    const CXLRouteWindow *window = builder->window;
    Bound low = { MAX(decoder->base, window->base), hop };
    Bound high = { MIN(decoder->base + decoder->size,
                       window->base + window->size), hop };

    builder->tree->steps += 2;
    g_array_append_val(builder->bound, low);
    g_array_append_val(builder->bound, high);
}

static void collect_hop(Builder *builder, unsigned n)
{
    const CXLRouteHop *hop = cxl_route_hop(builder->tree, n);

    for (unsigned i = 0; i < hop->decoder_count; i++) {
        const CXLRouteDecoder *decoder = cxl_route_decoder(builder->tree,
                                                           hop, i);

        if (in_window(builder->window, decoder)) {
            add_bounds(builder, n, decoder);
            if (!hop->node->endpoint) {
                visit_targets(builder, decoder);
            }
        }
    }
    if (!hop->node->endpoint) {
        visit(builder, pass_through(hop));
    }
}

static int compare_bounds(const void *a, const void *b)
{
    uint64_t x = ((const Bound *)a)->hpa, y = ((const Bound *)b)->hpa;

    return (x > y) - (x < y);
}

/* Only what the window can reach has bounds in it. */
static void collect_bounds(Builder *builder)
{
    visit_roots(builder);
    for (unsigned i = 0; i < builder->way->len; i++) {
        collect_hop(builder, g_array_index(builder->way, unsigned, i));
    }
    g_array_sort(builder->bound, compare_bounds);
}

static const CXLRouteDecoder *covering(const CXLRouteTree *tree,
                                       const CXLRouteHop *hop, uint64_t hpa)
{
    for (unsigned i = 0; i < hop->decoder_count; i++) {
        const CXLRouteDecoder *decoder = cxl_route_decoder(tree, hop, i);

        if (hpa - decoder->base < decoder->size) {
            return decoder;
        }
    }
    return NULL;
}

/* The selection so far repeats after (3 or 1) << period_shift bytes. */
typedef struct Period {
    unsigned granule_shift, period_shift;
    bool by_three;
} Period;

static void include(Period *period, const CXLInterleave *il)
{
    unsigned end = il->shift + cxl_interleave_pow2_bits(il);

    if (il->ways == 1) {
        return;
    }
    period->granule_shift = MIN(period->granule_shift, il->shift);
    period->period_shift = MAX(period->period_shift, end);
    period->by_three |= cxl_interleave_by_three(il);
}

static void set_period(CXLRouteRange *range, const Period *period)
{
    if (period->granule_shift == UINT_MAX) {
        range->slots = 1;
        return;
    }
    range->shift = period->granule_shift;
    range->slots = (period->by_three ? 3u : 1u) <<
                   (period->period_shift - period->granule_shift);
}

/* All hops on the way, and how often they repeat. */
static void find_way(Builder *builder, CXLRouteRange *range)
{
    Period period = { .granule_shift = UINT_MAX };

    visit_roots(builder);
    for (unsigned i = 0; i < builder->way->len; i++) {
        unsigned n = g_array_index(builder->way, unsigned, i);
        const CXLRouteHop *hop = cxl_route_hop(builder->tree, n);
        const CXLRouteDecoder *active = builder->state[n].active;

        if (!hop->node->endpoint && active) {
            include(&period, &active->interleave);
            visit_targets(builder, active);
        } else if (!hop->node->endpoint) {
            visit(builder, pass_through(hop));
        }
    }
    set_period(range, &period);
}

static uint16_t endpoint_target(const CXLRouteNode *node, State *state,
                                CXLRouteRange *range)
{
    CXLRouteTarget target;

    if (!state->active || !node->enabled || !cxl_hdm_enabled(node->hdm) ||
        range->target->len == CXL_ROUTE_NONE) {
        return CXL_ROUTE_NONE;
    }
    if (state->target == NOWHERE) {
        target = (CXLRouteTarget) {
            .device = node->device,
            .hpa_base = state->active->base,
            .dpa_base = state->active->dpa_base,
            .interleave = state->active->interleave,
        };
        state->target = range->target->len;
        g_array_append_val(range->target, target);
    }
    return state->target;
}

/* @address: congruent, modulo the period, to the HPAs of the slot. */
static uint16_t find_slot(Builder *builder, CXLRouteRange *range,
                          unsigned position, uint64_t address)
{
    int n = builder->root[position];

    while (n != NOWHERE) {
        const CXLRouteHop *hop = cxl_route_hop(builder->tree, n);
        const CXLRouteDecoder *active = builder->state[n].active;

        builder->tree->steps++;
        if (hop->node->endpoint) {
            return endpoint_target(hop->node, &builder->state[n], range);
        }
        n = active ? active->next[cxl_interleave_position(&active->interleave,
                                                          address)]
                   : pass_through(hop);
    }
    return CXL_ROUTE_NONE;
}

static unsigned all_slots(const CXLRouteRange *range)
{
    return range->interleave.ways * range->slots;
}

static void fill_slots(Builder *builder, CXLRouteRange *range)
{
    uint16_t *slot = range->slot = g_new(uint16_t, all_slots(range));

    for (unsigned p = 0; p < range->interleave.ways; p++) {
        for (unsigned i = 0; i < range->slots; i++) {
            *slot++ = find_slot(builder, range, p,
                                (uint64_t)i << range->shift);
        }
    }
}

static void free_range(gpointer data)
{
    CXLRouteRange *range = data;

    g_free(range->slot);
    g_array_unref(range->target);
    g_free(range);
}

static bool same_target(const CXLRouteTarget *a, const CXLRouteTarget *b)
{
    return a->device == b->device && a->hpa_base == b->hpa_base &&
           a->dpa_base == b->dpa_base &&
           a->interleave.ways == b->interleave.ways &&
           a->interleave.shift == b->interleave.shift;
}

static bool same_targets(const GArray *a, const GArray *b)
{
    for (unsigned i = 0; i < a->len && i < b->len; i++) {
        if (!same_target(&g_array_index(a, CXLRouteTarget, i),
                         &g_array_index(b, CXLRouteTarget, i))) {
            return false;
        }
    }
    return a->len == b->len;
}

/* Of one window, so that its arithmetic is the same. */
static bool same_routes(const CXLRouteRange *a, const CXLRouteRange *b)
{
    return a->shift == b->shift && a->slots == b->slots &&
           !memcmp(a->slot, b->slot, all_slots(a) * sizeof(*a->slot)) &&
           same_targets(a->target, b->target);
}

/* Takes @range: it may be empty, or continue the one before. */
static void add_range(Builder *builder, CXLRouteRange *range)
{
    CXLRouteRange *last = builder->range->len ?
        g_ptr_array_index(builder->range, builder->range->len - 1) : NULL;

    if (last && last->base + last->size == range->base &&
        same_routes(last, range)) {
        last->size += range->size;
    } else if (range->target->len &&
               builder->range->len < builder->max_ranges) {
        g_ptr_array_add(builder->range, range);
        return;
    }
    free_range(range);
}

static void build_range(Builder *builder, uint64_t base, uint64_t size)
{
    CXLRouteRange *range = g_new0(CXLRouteRange, 1);

    range->base = base;
    range->size = size;
    range->interleave = builder->window->interleave;
    range->target = g_array_new(false, true, sizeof(CXLRouteTarget));
    find_way(builder, range);
    fill_slots(builder, range);
    add_range(builder, range);
}

static void sweep(Builder *builder)
{
    const CXLRouteTree *tree = builder->tree;
    const Bound *bound = &g_array_index(builder->bound, Bound, 0);
    const Bound *end = bound + builder->bound->len;

    while (bound < end) {
        uint64_t base = bound->hpa;

        for (; bound < end && bound->hpa == base; bound++) {
            builder->state[bound->hop].active =
                covering(tree, cxl_route_hop(tree, bound->hop), base);
        }
        if (bound < end) {
            build_range(builder, base, bound->hpa - base);
        }
    }
}

GPtrArray *cxl_route_build(CXLRouteTree *tree, const CXLRouteWindow *window,
                           unsigned max_ranges)
{
    Builder builder = {
        .tree = tree, .window = window,
        .max_ranges = MIN(max_ranges, CXL_ROUTE_MAX_RANGES),
        .state = g_new0(State, tree->hop->len),
        .way = g_array_new(false, false, sizeof(unsigned)),
        .bound = g_array_new(false, false, sizeof(Bound)),
        .range = g_ptr_array_new_with_free_func(free_range),
    };

    for (unsigned i = 0; i < window->interleave.ways; i++) {
        builder.root[i] = cxl_route_root(tree, window->target[i]);
    }
    collect_bounds(&builder);
    sweep(&builder);
    g_free(builder.state);
    g_array_unref(builder.way);
    g_array_unref(builder.bound);
    return builder.range;
}

bool cxl_route_lookup(const CXLRouteRange *range, uint64_t hpa,
                      void **device, uint64_t *dpa)
{
    unsigned position = cxl_interleave_position(&range->interleave, hpa);
    uint16_t slot = range->slot[position * range->slots +
                                cxl_interleave_modulo(hpa >> range->shift,
                                                      range->slots)];
    const CXLRouteTarget *target;

    if (slot == CXL_ROUTE_NONE) {
        return false;
    }
    target = &g_array_index(range->target, CXLRouteTarget, slot);
    *dpa = target->dpa_base +
           cxl_interleave_dpa_offset(&target->interleave,
                                     hpa - target->hpa_base);
    *device = target->device;
    return true;
}

const CXLRouteTarget *cxl_route_linear(const CXLRouteRange *range)
{
    const CXLRouteTarget *target;

    if (range->target->len != 1 || all_slots(range) != 1) {
        return NULL;
    }
    target = &g_array_index(range->target, CXLRouteTarget, 0);
    return target->interleave.ways == 1 ? target : NULL;
}

bool cxl_route_range_equal(const CXLRouteRange *a, const CXLRouteRange *b)
{
    return a->base == b->base && a->size == b->size && same_routes(a, b);
}

bool cxl_route_equal(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len) {
        return false;
    }
    for (unsigned i = 0; i < a->len; i++) {
        if (!cxl_route_range_equal(g_ptr_array_index(a, i),
                                   g_ptr_array_index(b, i))) {
            return false;
        }
    }
    return true;
}
