/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes: what every HPA of a fixed memory window reaches, flattened from
 * the decoders on the way, so that an access walks nothing.
 *
 * Each level selects with its own registers, as hardware does: the flat table
 * has one slot for each granule of the shortest pattern that repeats.
 */
#ifndef HW_CXL_CORE_ROUTE_H
#define HW_CXL_CORE_ROUTE_H

#include "hw/cxl/core/hdm.h"

typedef struct CXLRouteNode CXLRouteNode;

/* A component on the way; the tree is built by whoever knows the topology. */
struct CXLRouteNode {
    const CXLHdm *hdm;          /* NULL on a router: it passes through */
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
    uint8_t shift;              /* log2 of the granule of a slot */
    uint32_t slots;
    uint16_t *slot;             /* index into target, or CXL_ROUTE_NONE */
    GArray *target;             /* of CXLRouteTarget */
} CXLRouteRange;

#define CXL_ROUTE_NONE UINT16_MAX

/* Ranges ascending, not overlapping; free with g_ptr_array_unref(). */
GPtrArray *cxl_route_build(const CXLRouteWindow *window);
/* Where @hpa, within the range, goes; false if nothing answers. */
bool cxl_route_lookup(const CXLRouteRange *range, uint64_t hpa,
                      void **device, uint64_t *dpa);
bool cxl_route_equal(const GPtrArray *a, const GPtrArray *b);

#endif
