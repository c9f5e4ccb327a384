/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a range of HPA and the devices it is to reach to what each decoder on
 * the way has to hold: the inverse of a route.  It is for those who program
 * decoders ahead of the guest.
 *
 * Positions count as Linux counts them: position i is below target i % W of
 * a window of W targets, and i / W, likewise, selects at the level below.
 */
#ifndef HW_CXL_CORE_PLAN_H
#define HW_CXL_CORE_PLAN_H

#include "hw/cxl/core/route.h"

typedef struct CXLPlanRange {
    uint64_t base, size;            /* HPA, bytes */
    CXLInterleave interleave;       /* of the devices */
    void *device[CXL_MAX_WAYS];     /* by position: as in the route's nodes */
    uint64_t dpa_from[CXL_MAX_WAYS];    /* the lowest that may be used */
    bool locked;
} CXLPlanRange;

/* One decoder: the next free one of @node's. */
typedef struct CXLPlanStep {
    const CXLRouteNode *node;
    unsigned position;              /* the first that it leads to */
    CXLHdmDecoder decoder;
} CXLPlanStep;

typedef enum CXLPlanError {
    CXL_PLAN_OK,
    CXL_PLAN_NOT_BELOW,     /* no such device below that target */
    CXL_PLAN_ORDER,         /* target lists cannot give such an order */
    CXL_PLAN_GRANULARITY,   /* a router would select by bits beyond its own */
} CXLPlanError;

/*
 * Appends the steps, parents first, to @steps (of CXLPlanStep).  A router
 * without decoders passes through and has none.  @range: its number of ways
 * is a multiple of the window's.  On an error *@position says where.
 */
CXLPlanError cxl_plan_make(const CXLRouteWindow *window,
                           const CXLPlanRange *range, GArray *steps,
                           unsigned *position);

/*
 * Writes the registers and commits, as software would, and turns the
 * decoders of the endpoints on: all steps, or none.  If one is refused,
 * *@failed is its index; CXL_HDM_OUT_OF_ORDER means that the component has
 * no decoder left.
 */
CXLHdmRefusal cxl_plan_program(const GArray *steps, unsigned *failed);

/* Bytes of DPA that @hdm, an endpoint's, has left within these bounds. */
uint64_t cxl_plan_room(const CXLHdm *hdm, uint64_t dpa_from,
                       uint64_t dpa_end);

#endif
