/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core's byte store on the memory of one or two host backends. */
#ifndef HW_CXL_MODEL_GLUE_BACKEND_H
#define HW_CXL_MODEL_GLUE_BACKEND_H

#include "exec/memory.h"
#include "hw/cxl/core/port.h"

#define CXL_GLUE_BACKENDS 2
#define CXL_GLUE_MOVES 10           /* one for each decoder of a device */

/* Bytes that, for a time, live in another region than theirs. */
typedef struct CXLGlueMove {
    uint64_t base, size;            /* in the store */
    /*
     * The region that holds byte @offset of the store, where in it, and in
     * *@len how many of at most *@len bytes follow there.  Never NULL.
     */
    MemoryRegion *(*find)(void *opaque, uint64_t offset, hwaddr *at,
                          uint64_t *len);
    /* Zeroes from @offset on: how many of @len bytes, at least one. */
    uint64_t (*erase)(void *opaque, uint64_t offset, uint64_t len);
    void *opaque;
} CXLGlueMove;

typedef struct CXLGlueBackend {
    MemoryRegion *mr[CXL_GLUE_BACKENDS];    /* one after the other */
    uint64_t size[CXL_GLUE_BACKENDS];
    uint8_t *host[CXL_GLUE_BACKENDS];
    unsigned count;
    CXLGlueMove move[CXL_GLUE_MOVES];
    unsigned moves;
} CXLGlueBackend;

/* Bytes of the store that lie in one region, in one piece. */
typedef struct CXLGluePiece {
    MemoryRegion *mr;
    hwaddr at;
    uint64_t len;
    void *host;
} CXLGluePiece;

void cxl_glue_backend_add(CXLGlueBackend *store, MemoryRegion *mr);
CXLMedia cxl_glue_backend_media(CXLGlueBackend *store);
/*
 * From now on the bytes of @move are where it finds them.  False if some
 * have moved already, or there are too many moves.
 */
bool cxl_glue_backend_move(CXLGlueBackend *store, const CXLGlueMove *move);
/* The bytes at @base, as moved, are back. */
void cxl_glue_backend_moved_back(CXLGlueBackend *store, uint64_t base);
/* Has any byte of @offset, @len moved? */
bool cxl_glue_backend_has_moved(const CXLGlueBackend *store, uint64_t offset,
                                uint64_t len);
/*
 * Where the bytes @offset, @len are now; false if some are outside, or not in
 * one piece.  Aligned accesses of at most 256 bytes are.  Who writes there
 * calls cxl_glue_backend_wrote().
 */
bool cxl_glue_backend_piece(CXLGlueBackend *store, uint64_t offset,
                            uint64_t len, CXLGluePiece *p);
/*
 * The device has written to @mr: as after DMA, the bytes are dirty and code
 * translated from them is void.
 */
static inline void cxl_glue_backend_wrote(MemoryRegion *mr, hwaddr at,
                                          uint64_t len)
{
    memory_region_wrote(mr, at, len);
}
/*
 * Makes zeroes of host memory, aligned to its pages, and gives it back to
 * the host if that is allowed.
 */
void cxl_glue_backend_vacate(MemoryRegion *mr, hwaddr at, uint64_t len);
/* The region whose byte @offset is, and where; NULL if outside. */
MemoryRegion *cxl_glue_backend_find(const CXLGlueBackend *store,
                                    uint64_t offset, hwaddr *in_region);

#endif
