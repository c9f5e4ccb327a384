/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mappings.c, their saved state and their query share. */
#ifndef HW_CXL_HOST_MAPPING_INTERNAL_H
#define HW_CXL_HOST_MAPPING_INTERNAL_H

#include "hw/cxl/host/holes.h"
#include "hw/cxl/host/mapping.h"
#include "hw/cxl/host/weave.h"
#include "hw/cxl/host/weave_block.h"

#define TYPE_CXL_MAPPING "cxl-mapping"
OBJECT_DECLARE_SIMPLE_TYPE(CXLMapping, CXL_MAPPING)

/*
 * An object, because an access that is under way on another thread may
 * outlive the mapping: the flat view holds a reference to it, and it to its
 * region and to the devices.
 */
struct CXLMapping {
    Object parent_obj;

    MemoryRegion mr;
    MemoryRegion trap;              /* what its holes are aliases of */
    GArray *hole;                   /* of CXLMappingHole, ascending */
    char *watched;                  /* why it has holes; else NULL */
    unsigned window;
    GPtrArray *ranges;              /* keeps @range alive */
    const CXLRouteRange *range;
    CxlMappingKind kind;
    CXLWoven *woven;                /* or NULL */
    char *why;                      /* it is trapped; else NULL */
    bool waits;                     /* trapped until all state is loaded */
    bool stale;                     /* has to be made anew */
};

struct CXLWindowMappings {
    GPtrArray *ranges;              /* of CXLRouteRange, as last routed */
    GHashTable *by_base;            /* range's base -> CXLMapping */
    GArray *loaded;                 /* of CXLWeavePart: saved, not yet found */
};

#endif
