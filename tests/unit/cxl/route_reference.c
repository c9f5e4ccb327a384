/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "route_reference.h"

GPtrArray *route_build(const CXLRouteWindow *window)
{
    CXLRouteNode *root[CXL_MAX_WAYS];
    CXLRouteTree *tree;
    GPtrArray *ranges;

    for (unsigned i = 0; i < window->interleave.ways; i++) {
        root[i] = (CXLRouteNode *)window->target[i];
    }
    tree = cxl_route_tree_new(root, window->interleave.ways);
    ranges = cxl_route_build(tree, window, UINT_MAX);
    cxl_route_tree_free(tree);
    return ranges;
}

static bool odd(uint64_t bits)
{
    bool result = false;

    for (; bits; bits >>= 1) {
        result ^= bits & 1;
    }
    return result;
}

unsigned route_position(const CXLInterleave *il, uint64_t hpa)
{
    for (unsigned i = 0; il->by_xor && (il->ways % (2u << i)) == 0; i++) {
        uint64_t lowest = il->xor_map[i] & -il->xor_map[i];

        hpa = odd(hpa & il->xor_map[i]) ? hpa | lowest : hpa & ~lowest;
    }
    return (hpa >> il->shift) % il->ways;
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

bool route_walk(const CXLRouteWindow *window, uint64_t hpa, void **device,
                uint64_t *dpa)
{
    const CXLRouteNode *node =
        window->target[route_position(&window->interleave, hpa)];
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

bool route_look_up(const GPtrArray *ranges, uint64_t hpa, void **device,
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

bool route_check(const CXLRouteWindow *window, const GPtrArray *ranges,
                 uint64_t hpa)
{
    void *device = NULL, *expected_device = NULL;
    uint64_t dpa = 0, expected_dpa = 0;
    bool expected = route_walk(window, hpa, &expected_device, &expected_dpa);

    g_assert_true(route_look_up(ranges, hpa, &device, &dpa) == expected);
    g_assert_true(device == expected_device);
    g_assert_cmphex(dpa, ==, expected_dpa);
    return expected;
}

void route_check_order(const CXLRouteWindow *window, const GPtrArray *ranges)
{
    uint64_t end = window->base;

    for (unsigned i = 0; i < ranges->len; i++) {
        const CXLRouteRange *range = g_ptr_array_index(ranges, i);

        g_assert_cmphex(range->base, >=, end);
        g_assert_cmphex(range->size, >, 0);
        g_assert_cmpuint(range->slots, <=, 3072);
        end = range->base + range->size;
    }
    g_assert_cmphex(end, <=, window->base + window->size);
}
