/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holes in a mapping: pages that would be RAM, but for poison and the like in
 * them, are trapped.  To be called with the BQL held.
 */
#ifndef HW_CXL_HOST_HOLES_H
#define HW_CXL_HOST_HOLES_H

#include "hw/cxl/core/holes.h"
#include "hw/cxl/cxl_host.h"

/*
 * Of all windows together.  Each costs the base two sections of memory, of
 * which it has 4096, and CXL_ROUTE_MAX_RANGES has half of them.
 */
#define CXL_MAPPING_MAX_HOLES 512

struct CXLMapping;

typedef struct CXLMappingHole {
    CXLHole where;
    MemoryRegion *alias;        /* of the mapping's trap, over its RAM */
} CXLMappingHole;

/* Holes become what the devices say; nothing else changes. */
void cxl_mapping_holes_update(CXLFixedWindow *window,
                              struct CXLMapping *map);
/* @map has none: it is about to leave the window. */
void cxl_mapping_holes_remove(CXLFixedWindow *window,
                              struct CXLMapping *map);

#endif
