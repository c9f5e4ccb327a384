/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which interleaves are a permutation of granules, so that the bytes can be
 * kept in the order of the HPAs, and the way back from DPA to HPA.
 */
#ifndef HW_CXL_CORE_WEAVE_H
#define HW_CXL_CORE_WEAVE_H

#include "hw/cxl/core/route.h"

/*
 * Aligned groups of @ways granules of 1 << @shift bytes, counted from the
 * range's base: group n holds granule n of each target's @share bytes.
 */
typedef struct CXLWeavePlan {
    unsigned ways, shift;
    uint64_t share;
} CXLWeavePlan;

/* False, with the reason in @why, if some byte has no HPA or two. */
bool cxl_weave_plan(const CXLRouteRange *range, CXLWeavePlan *plan,
                    const char **why);
/* The target of @range that is @device, or NULL. */
const CXLRouteTarget *cxl_weave_target(const CXLRouteRange *range,
                                       const void *device);
/* False if @dpa of @device is not in the range. */
bool cxl_weave_hpa(const CXLRouteRange *range, const CXLWeavePlan *plan,
                   const void *device, uint64_t dpa, uint64_t *hpa);

#endif
