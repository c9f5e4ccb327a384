/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decoders of all components on the way, read once for all windows. */
#ifndef HW_CXL_CORE_ROUTE_TREE_H
#define HW_CXL_CORE_ROUTE_TREE_H

#include "hw/cxl/core/route.h"

#define CXL_ROUTE_NOWHERE (-1)

/* A committed decoder. */
typedef struct CXLRouteDecoder {
    uint64_t base, size;            /* HPA, bytes */
    uint64_t dpa_base;              /* endpoint */
    CXLInterleave interleave;
    int next[CXL_HDM_MAX_TARGETS];  /* router, by position: hop or NOWHERE */
} CXLRouteDecoder;

/* A component. */
typedef struct CXLRouteHop {
    const CXLRouteNode *node;
    uint8_t port;                   /* of its parent, that leads here */
    uint8_t level;                  /* 0: host bridge */
    unsigned first_child, child_count;      /* hops, contiguous */
    unsigned first_decoder, decoder_count;  /* in the tree's array */
} CXLRouteHop;

struct CXLRouteTree {
    GArray *hop;                    /* of CXLRouteHop, parents first */
    GArray *decoder;                /* of CXLRouteDecoder */
    unsigned roots;                 /* hops 0 to roots - 1 */
    unsigned steps;                 /* taken so far, so that tests can see */
};

static inline const CXLRouteHop *cxl_route_hop(const CXLRouteTree *tree,
                                               unsigned n)
{
    return &g_array_index(tree->hop, CXLRouteHop, n);
}

static inline const CXLRouteDecoder *
cxl_route_decoder(const CXLRouteTree *tree, const CXLRouteHop *hop, unsigned n)
{
    return &g_array_index(tree->decoder, CXLRouteDecoder,
                          hop->first_decoder + n);
}

/* The hop of host bridge @node, or NOWHERE. */
int cxl_route_root(const CXLRouteTree *tree, const CXLRouteNode *node);

#endif
