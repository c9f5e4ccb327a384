/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SEAM: what the base's machines know of CXL.  Nothing else of the base may
 * depend on us.
 */
#ifndef HW_CXL_CXL_H
#define HW_CXL_CXL_H

#include "exec/memory.h"
#include "qapi/qapi-types-cxl.h"

#define CXL_MAX_HOST_BRIDGES 16
#define CXL_HOST_BRIDGE_REGS (64 * 1024)

typedef struct CXLWindowMappings CXLWindowMappings;
typedef struct CXLWeave CXLWeave;

/* A fixed memory window: cxl-fmw.N on the command line. */
typedef struct CXLFixedWindow {
    unsigned index;                 /* N */
    CXLFixedMemoryWindowOptions *opts;
    hwaddr base;                    /* the machine's choice */
    uint64_t size;                  /* bytes */
    uint64_t granularity;           /* bytes */
    unsigned ways;
    uint16_t restrictions, qtg;
    DeviceState **target;           /* ways pxb-cxl, once linked */
    MemoryRegion mr;                /* what no route covers */
    CXLWindowMappings *mappings;    /* what routes cover, over @mr */
    CXLWeave *weave;                /* RAM for interleaves, or NULL */
} CXLFixedWindow;

typedef struct CXLState {
    bool is_enabled;
    MemoryRegion host_mr;           /* component registers of the bridges */
    unsigned next_mr_idx;           /* bridges placed in @host_mr */
    DeviceState *bridge[CXL_MAX_HOST_BRIDGES];  /* in that order */
    GList *fixed_windows;           /* of CXLFixedWindow, ascending index */
} CXLState;

#endif
