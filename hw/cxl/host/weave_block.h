/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RAM block of a window, of which only the woven ranges are populated. */
#ifndef HW_CXL_HOST_WEAVE_BLOCK_H
#define HW_CXL_HOST_WEAVE_BLOCK_H

#include "hw/cxl/cxl.h"

#define TYPE_CXL_WEAVE "cxl-weave"
DECLARE_INSTANCE_CHECKER(CXLWeave, CXL_WEAVE, TYPE_CXL_WEAVE)

struct CXLWeave {
    Object parent_obj;

    MemoryRegion mr;
    GArray *part;                   /* of CXLWeavePart, ascending */
    QLIST_HEAD(, RamDiscardListener) listeners;
};

typedef struct CXLWeavePart {
    uint64_t offset, size;
} CXLWeavePart;

/* Parts never overlap. */
void cxl_weave_block_add(CXLWeave *weave, uint64_t offset, uint64_t size);
void cxl_weave_block_remove(CXLWeave *weave, uint64_t offset);

#endif
