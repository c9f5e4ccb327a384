/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From decoders to flat ranges.
 *
 * The tree is snapshot once, parents before children, so that nothing here
 * recurses.  Between two neighbouring bounds of any decoder the set of
 * decoders that cover an HPA is constant; there the selection is periodic,
 * and one period, cut into the smallest granule of the way, is the table.
 * CXL r3.2: HDM Decoder; CXL Fixed Memory Window Structure.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/route.h"

/* Beyond what any legal topology has; a larger one is cut off. */
#define MAX_HOPS 4096
#define MAX_RANGES 4096

#define NOWHERE (-1)

/* The snapshot of a node. */
typedef struct Hop {
    const CXLRouteNode *node;
    uint8_t port;                   /* of its parent, that leads here */
    unsigned first_child;           /* they are contiguous */
    unsigned child_count;
    unsigned decoder_count;         /* committed ones */
    CXLHdmDecoder decoder[CXL_HDM_MAX_DECODERS];
    /* For the range that is being built: */
    bool on_way;
    const CXLHdmDecoder *active;    /* NULL: passes through, or does not */
    CXLInterleave select;
    int next[CXL_MAX_WAYS];         /* by position: hop, or NOWHERE */
    int target;                     /* index into the range's, or NOWHERE */
} Hop;

typedef struct Builder {
    const CXLRouteWindow *window;
    GArray *hop;                    /* of Hop */
    GArray *bound;                  /* of uint64_t, ascending */
    int root[CXL_MAX_WAYS];         /* by position: hop, or NOWHERE */
    GPtrArray *range;
} Builder;

static Hop *hop_at(const Builder *builder, unsigned n)
{
    return &g_array_index(builder->hop, Hop, n);
}

static void snapshot_decoders(Hop *hop)
{
    const CXLHdm *hdm = hop->node->hdm;
    unsigned committed = hdm ? cxl_hdm_committed(hdm) : 0;

    for (unsigned n = 0; n < committed; n++) {
        CXLHdmDecoder *decoder = &hop->decoder[hop->decoder_count];

        if (cxl_hdm_decoder(hdm, n, decoder) && decoder->committed) {
            hop->decoder_count++;
        }
    }
}

static int add_hop(Builder *builder, const CXLRouteNode *node,
                   uint8_t port)
{
    Hop hop = { .node = node, .port = port };

    if (!node || builder->hop->len == MAX_HOPS) {
        return NOWHERE;
    }
    snapshot_decoders(&hop);
    g_array_append_val(builder->hop, hop);
    return builder->hop->len - 1;
}

static void add_children(Builder *builder, unsigned n)
{
    const CXLRouteNode *node = hop_at(builder, n)->node;
    unsigned first = builder->hop->len;

    for (unsigned i = 0; !node->endpoint && i < node->child_count; i++) {
        add_hop(builder, node->child[i].node, node->child[i].port);
    }
    hop_at(builder, n)->first_child = first;
    hop_at(builder, n)->child_count = builder->hop->len - first;
}

/* A host bridge that several positions of the window name is one hop. */
static void add_roots(Builder *builder)
{
    const CXLRouteWindow *window = builder->window;

    for (unsigned i = 0; i < window->interleave.ways; i++) {
        unsigned first = 0;

        while (window->target[first] != window->target[i]) {
            first++;
        }
        builder->root[i] = first < i ? builder->root[first]
                                     : add_hop(builder, window->target[i], 0);
    }
}

static void snapshot_tree(Builder *builder)
{
    add_roots(builder);
    for (unsigned n = 0; n < builder->hop->len; n++) {
        add_children(builder, n);
    }
}

static void add_bound(Builder *builder, uint64_t hpa)
{
    const CXLRouteWindow *window = builder->window;

    hpa = MAX(hpa, window->base);
    hpa = MIN(hpa, window->base + window->size);
    g_array_append_val(builder->bound, hpa);
}

static int compare_bounds(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void collect_bounds(Builder *builder)
{
    for (unsigned n = 0; n < builder->hop->len; n++) {
        const Hop *hop = hop_at(builder, n);

        for (unsigned i = 0; i < hop->decoder_count; i++) {
            add_bound(builder, hop->decoder[i].base);
            add_bound(builder, hop->decoder[i].base + hop->decoder[i].size);
        }
    }
    g_array_sort(builder->bound, compare_bounds);
}

static const CXLHdmDecoder *covering(const Hop *hop, uint64_t hpa)
{
    for (unsigned i = 0; i < hop->decoder_count; i++) {
        if (hpa - hop->decoder[i].base < hop->decoder[i].size) {
            return &hop->decoder[i];
        }
    }
    return NULL;
}

static int child_by_port(const Builder *builder, const Hop *hop,
                         uint8_t port)
{
    for (unsigned i = 0; i < hop->child_count; i++) {
        if (hop_at(builder, hop->first_child + i)->port == port) {
            return hop->first_child + i;
        }
    }
    return NOWHERE;
}

static void go_on(const Builder *builder, Hop *hop, unsigned position,
                  int next)
{
    hop->next[position] = next;
    if (next != NOWHERE) {
        hop_at(builder, next)->on_way = true;
    }
}

/* What a router on the way does in the range that begins at @hpa. */
static void activate_router(const Builder *builder, Hop *hop)
{
    if (!hop->node->hdm) {
        hop->select = (CXLInterleave) { .ways = 1, .shift = 8 };
        go_on(builder, hop, 0,
              hop->child_count == 1 ? (int)hop->first_child : NOWHERE);
    } else if (hop->active &&
               hop->active->interleave.ways <= CXL_HDM_MAX_TARGETS) {
        hop->select = hop->active->interleave;
        for (unsigned i = 0; i < hop->select.ways; i++) {
            go_on(builder, hop, i,
                  child_by_port(builder, hop, hop->active->target[i]));
        }
    } else {
        hop->on_way = false;
    }
}

static void activate_endpoint(Hop *hop)
{
    if (!hop->active || !hop->node->enabled ||
        !cxl_hdm_enabled(hop->node->hdm)) {
        hop->on_way = false;
    }
}

/* Parents come first, so each hop knows by then whether it is on the way. */
static void activate(Builder *builder, uint64_t hpa)
{
    for (unsigned n = 0; n < builder->hop->len; n++) {
        hop_at(builder, n)->on_way = false;
        hop_at(builder, n)->target = NOWHERE;
    }
    for (unsigned i = 0; i < builder->window->interleave.ways; i++) {
        if (builder->root[i] != NOWHERE) {
            hop_at(builder, builder->root[i])->on_way = true;
        }
    }
    for (unsigned n = 0; n < builder->hop->len; n++) {
        Hop *hop = hop_at(builder, n);

        hop->active = covering(hop, hpa);
        if (hop->on_way && hop->node->endpoint) {
            activate_endpoint(hop);
        } else if (hop->on_way) {
            activate_router(builder, hop);
        }
    }
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

static void find_period(const Builder *builder, CXLRouteRange *range)
{
    Period period = { .granule_shift = UINT_MAX };

    include(&period, &builder->window->interleave);
    for (unsigned n = 0; n < builder->hop->len; n++) {
        const Hop *hop = hop_at(builder, n);

        if (hop->on_way && !hop->node->endpoint) {
            include(&period, &hop->select);
        }
    }
    if (period.granule_shift == UINT_MAX) {
        range->slots = 1;
        return;
    }
    range->shift = period.granule_shift;
    range->slots = (period.by_three ? 3u : 1u) <<
                   (period.period_shift - period.granule_shift);
}

static uint16_t endpoint_target(CXLRouteRange *range, Hop *hop)
{
    CXLRouteTarget target = {
        .device = hop->node->device,
        .hpa_base = hop->active->base,
        .dpa_base = hop->active->dpa_base,
        .interleave = hop->active->interleave,
    };

    if (hop->target == NOWHERE) {
        hop->target = range->target->len;
        g_array_append_val(range->target, target);
    }
    return hop->target;
}

/* @address: congruent, modulo the period, to the HPAs of the slot. */
static uint16_t find_slot(const Builder *builder, CXLRouteRange *range,
                          uint64_t address)
{
    unsigned position =
        cxl_interleave_position(&builder->window->interleave, address);
    int n = builder->root[position];

    while (n != NOWHERE && hop_at(builder, n)->on_way) {
        Hop *hop = hop_at(builder, n);

        if (hop->node->endpoint) {
            return endpoint_target(range, hop);
        }
        n = hop->next[cxl_interleave_position(&hop->select, address)];
    }
    return CXL_ROUTE_NONE;
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

static bool same_routes(const CXLRouteRange *a, const CXLRouteRange *b)
{
    return a->shift == b->shift && a->slots == b->slots &&
           !memcmp(a->slot, b->slot, a->slots * sizeof(*a->slot)) &&
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
    } else if (range->target->len && builder->range->len < MAX_RANGES) {
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
    range->target = g_array_new(false, true, sizeof(CXLRouteTarget));
    activate(builder, base);
    find_period(builder, range);
    range->slot = g_new(uint16_t, range->slots);
    for (unsigned i = 0; i < range->slots; i++) {
        range->slot[i] = find_slot(builder, range,
                                   (uint64_t)i << range->shift);
    }
    add_range(builder, range);
}

GPtrArray *cxl_route_build(const CXLRouteWindow *window)
{
    Builder builder = {
        .window = window,
        .hop = g_array_new(false, true, sizeof(Hop)),
        .bound = g_array_new(false, false, sizeof(uint64_t)),
        .range = g_ptr_array_new_with_free_func(free_range),
    };

    snapshot_tree(&builder);
    collect_bounds(&builder);
    for (unsigned i = 1; i < builder.bound->len; i++) {
        uint64_t base = g_array_index(builder.bound, uint64_t, i - 1);
        uint64_t end = g_array_index(builder.bound, uint64_t, i);

        if (base < end) {
            build_range(&builder, base, end - base);
        }
    }
    g_array_unref(builder.hop);
    g_array_unref(builder.bound);
    return builder.range;
}

bool cxl_route_lookup(const CXLRouteRange *range, uint64_t hpa,
                      void **device, uint64_t *dpa)
{
    uint16_t slot = range->slot[(hpa >> range->shift) % range->slots];
    const CXLRouteTarget *target;
    unsigned position;

    if (slot == CXL_ROUTE_NONE) {
        return false;
    }
    target = &g_array_index(range->target, CXLRouteTarget, slot);
    cxl_interleave_split(&target->interleave, hpa - target->hpa_base,
                         &position, dpa);
    *dpa += target->dpa_base;
    *device = target->device;
    return true;
}

bool cxl_route_equal(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len) {
        return false;
    }
    for (unsigned i = 0; i < a->len; i++) {
        const CXLRouteRange *x = g_ptr_array_index(a, i);
        const CXLRouteRange *y = g_ptr_array_index(b, i);

        if (x->base != y->base || x->size != y->size ||
            !same_routes(x, y)) {
            return false;
        }
    }
    return true;
}
