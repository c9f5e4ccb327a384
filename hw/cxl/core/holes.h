/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holes: the pages of a range of HPA that cannot be plain RAM, since accesses
 * to some DPA in them have to be seen.  There is a bound on their number;
 * past it, what lies between two of them becomes part of one.
 */
#ifndef HW_CXL_CORE_HOLES_H
#define HW_CXL_CORE_HOLES_H

#include "hw/cxl/core/weave.h"

/* Granules of one piece of DPA that are looked up one by one. */
#define CXL_HOLES_GRANULES 16

typedef struct CXLHole {
    uint64_t offset, size;      /* from the range's base, whole pages */
} CXLHole;

typedef struct CXLHoles {
    uint64_t size, page;
    unsigned max;
    GArray *hole;               /* of CXLHole, ascending, none touching */
} CXLHoles;

/*
 * None yet, in a range of @size bytes; @page: a power of two that divides
 * it.  @max: of holes; with 0 a hole is all of the range.
 */
void cxl_holes_init(CXLHoles *holes, uint64_t size, uint64_t page,
                    unsigned max);
void cxl_holes_finish(CXLHoles *holes);
/* The pages of [@offset, @offset + @len), within the range; not empty. */
void cxl_holes_add(CXLHoles *holes, uint64_t offset, uint64_t len);
/* Is all of the range one hole? */
bool cxl_holes_everything(const CXLHoles *holes);

/*
 * What @range has of the memory of @target, one of its targets: @plan is
 * that of a range that is woven, NULL for a linear one.
 */
void cxl_holes_share(const CXLRouteRange *range, const CXLWeavePlan *plan,
                     const CXLRouteTarget *target, uint64_t *dpa,
                     uint64_t *len);
/* The pages that hold [@dpa, @dpa + @len), within that share; not empty. */
void cxl_holes_cover(CXLHoles *holes, const CXLRouteRange *range,
                     const CXLWeavePlan *plan, const CXLRouteTarget *target,
                     uint64_t dpa, uint64_t len);

#endif
