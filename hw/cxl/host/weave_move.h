/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moving the bytes of an interleave between its devices and their woven
 * place, by units: the smallest piece that is whole pages on each side.
 *
 * Only units with a page that holds data are looked at, only granules that
 * are not zero are copied, and what they came from is given back to the host
 * after each batch: memory in use stays what the guest has written.
 */
#ifndef HW_CXL_HOST_WEAVE_MOVE_H
#define HW_CXL_HOST_WEAVE_MOVE_H

#include "exec/memory.h"
#include "hw/cxl/core/weave.h"
#include "hw/cxl/host/weave_file.h"

/* One device's share. */
typedef struct CXLWeaveStrand {
    const void *device;             /* as the range's targets name it */
    uint64_t dpa;                   /* of its first byte */
    MemoryRegion *mr;
    hwaddr at;                      /* in @mr */
    uint8_t *host;
} CXLWeaveStrand;

typedef struct CXLWeaveMove {
    const CXLRouteRange *range;
    CXLWeavePlan plan;
    CXLWeaveStrand strand[CXL_MAX_WAYS];
    uint8_t *host;                  /* the range's bytes, woven */
    MemoryRegion *block;            /* whose bytes these are, or NULL */
    uint64_t offset;                /* there */
    CXLWeaveFile *file;             /* that they are mapped from, or NULL */
} CXLWeaveMove;

/*
 * Everything becomes woven; what is there before is all zeroes.  False if
 * there was no room, and nothing has moved.
 */
bool cxl_weave_gather(CXLWeaveMove *move);
/*
 * Everything below the file's boundary, or all, goes to the devices, where
 * there are zeroes.  False if there was no room: what has not moved is safe
 * in the file.
 */
bool cxl_weave_scatter(CXLWeaveMove *move);
/* [0, @len) of each device's share becomes zeroes. */
void cxl_weave_clear_strands(CXLWeaveMove *move, uint64_t len);
/*
 * Zeroes in share @n, woven, from @at on: a unit, or all that has no data
 * before the next one.  How many of @len bytes are zeroes now, at least one.
 */
uint64_t cxl_weave_erase(CXLWeaveMove *move, unsigned n, uint64_t at,
                         uint64_t len);

#endif
