/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core's byte store on the memory of one or two host backends. */
#ifndef HW_CXL_MODEL_GLUE_BACKEND_H
#define HW_CXL_MODEL_GLUE_BACKEND_H

#include "exec/memory.h"
#include "hw/cxl/core/port.h"

#define CXL_GLUE_BACKENDS 2

typedef struct CXLGlueBackend {
    MemoryRegion *mr[CXL_GLUE_BACKENDS];    /* one after the other */
    unsigned count;
} CXLGlueBackend;

void cxl_glue_backend_add(CXLGlueBackend *store, MemoryRegion *mr);
CXLMedia cxl_glue_backend_media(CXLGlueBackend *store);
/* The region that holds byte @offset, and where; NULL if outside. */
MemoryRegion *cxl_glue_backend_find(const CXLGlueBackend *store,
                                    uint64_t offset, hwaddr *in_region);

#endif
