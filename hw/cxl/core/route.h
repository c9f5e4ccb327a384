/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes: what every HPA of a fixed memory window reaches, flattened from
 * the decoders on the way, so that an access walks nothing.
 *
 * Each level selects with its own registers, as hardware does.  The window's
 * position comes first, by its arithmetic; for each position the flat table
 * has one slot for each granule of the shortest pattern that repeats in the
 * levels below.
 */
#ifndef HW_CXL_CORE_ROUTE_H
#define HW_CXL_CORE_ROUTE_H

#include "hw/cxl/core/hdm.h"

typedef struct CXLRouteNode CXLRouteNode;

/* A component on the way; the tree is built by whoever knows the topology. */
struct CXLRouteNode {
    CXLHdm *hdm;                /* NULL on a router: it passes through */
    bool endpoint;
    bool enabled;               /* endpoint: answers CXL.mem at all */
    void *device;               /* endpoint: what a route hands back */
    struct {
        uint8_t port;           /* number as in target lists */
        CXLRouteNode *node;
    } *child;                   /* router: populated downstream ports */
    unsigned child_count;
};

typedef struct CXLRouteWindow {
    uint64_t base, size;
    CXLInterleave interleave;
    const CXLRouteNode *target[CXL_MAX_WAYS];   /* host bridges */
} CXLRouteWindow;

typedef struct CXLRouteTarget {
    void *device;
    uint64_t hpa_base;          /* of the endpoint's decoder */
    uint64_t dpa_base;
    CXLInterleave interleave;   /* the endpoint's own */
} CXLRouteTarget;

typedef struct CXLRouteRange {
    uint64_t base, size;        /* HPA, bytes */
    CXLInterleave interleave;   /* the window's */
    uint8_t shift;              /* log2 of the granule of a slot */
    uint32_t slots;             /* of each position of the window */
    uint16_t *slot;             /* index into target, or CXL_ROUTE_NONE */
    GArray *target;             /* of CXLRouteTarget */
} CXLRouteRange;

#define CXL_ROUTE_NONE UINT16_MAX
/*
 * Ranges that one window may have.  The decoders of 16 host bridges make 160
 * at the most, unless a guest cuts up what they cover on purpose.
 */
#define CXL_ROUTE_MAX_RANGES 1024

typedef struct CXLRouteTree CXLRouteTree;

/*
 * What is below @count host bridges (NULL: none), as it is now: read once,
 * used for every window.  The nodes must stay until it is freed.
 */
CXLRouteTree *cxl_route_tree_new(CXLRouteNode *const *root, unsigned count);
void cxl_route_tree_free(CXLRouteTree *tree);

/*
 * @max_ranges: what is above the first so many is left out.  Ranges ascending,
 * not overlapping; free with g_ptr_array_unref().  Host bridges that are not
 * in @tree lead nowhere.
 */
GPtrArray *cxl_route_build(CXLRouteTree *tree, const CXLRouteWindow *window,
                           unsigned max_ranges);
/* Where @hpa, within the range, goes; false if nothing answers. */
bool cxl_route_lookup(const CXLRouteRange *range, uint64_t hpa,
                      void **device, uint64_t *dpa);
/*
 * The target whose DPA runs along with the HPA all over the range, or NULL.
 */
const CXLRouteTarget *cxl_route_linear(const CXLRouteRange *range);
bool cxl_route_range_equal(const CXLRouteRange *a, const CXLRouteRange *b);
bool cxl_route_equal(const GPtrArray *a, const GPtrArray *b);

#endif
