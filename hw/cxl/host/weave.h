/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Woven ranges: the bytes of an interleave, kept in the order of the HPAs in
 * a RAM block of the window, so that the guest reaches them at RAM speed.
 *
 * The block is as large as the window and costs only what is woven in it.
 * Offsets and sizes are in bytes.  Everything is called with the BQL held.
 */
#ifndef HW_CXL_HOST_WEAVE_H
#define HW_CXL_HOST_WEAVE_H

#include "hw/cxl/core/weave.h"
#include "hw/cxl/cxl_host.h"

typedef struct CXLWoven CXLWoven;

/* Of all windows together: the base keeps a few bits for each page of it. */
#define CXL_WEAVE_MAX_TOTAL (1ULL << 40)

/*
 * The block of window @index, or NULL if the host has no room for it.  It
 * lives as long as the machine.
 */
CXLWeave *cxl_weave_new(unsigned index, uint64_t size);

/* Why @range has to stay trapped (to be freed), or NULL if it need not. */
char *cxl_weave_obstacle(const CXLWeave *weave, const CXLRouteRange *range);
/*
 * The range at @offset of the block: the devices' bytes move into it; or, if
 * they were @loaded, are in it already.  @range has to stay until it has
 * been left.  NULL if it is no permutation, or the memory has moved already;
 * or, with a *@reason to be freed, if its file cannot be.
 */
CXLWoven *cxl_weave_enter(CXLWeave *weave, uint64_t offset,
                          const CXLRouteRange *range, bool loaded,
                          char **reason);
/* The bytes go back to their devices.  The guest must not reach them. */
void cxl_weave_leave(CXLWoven *woven);
/* It is over, and what was in the block is of no interest. */
void cxl_weave_abandon(CXLWoven *woven);
/* The woven file, or NULL: memory that nobody else knows. */
const char *cxl_weave_path(const CXLWoven *woven);
/* Are all devices' bytes in files that other processes can see? */
bool cxl_weave_is_kept(const CXLRouteRange *range);
/* Has it happened that memory could not go back, until QEMU ends? */
bool cxl_weave_lost(void);
void cxl_weave_stop_if_lost(void);
/* While a machine is saved, what others can see is where they look for it. */
void cxl_weave_hold(bool hold);
/* What to alias. */
MemoryRegion *cxl_weave_region(const CXLWoven *woven, hwaddr *offset);
/* Where each device's bytes are in the range. */
const CXLWeavePlan *cxl_weave_plan_of(const CXLWoven *woven);
/* Bytes of the block that belong to no range become zeroes. */
void cxl_weave_clear(CXLWeave *weave, uint64_t offset, uint64_t size);

#endif
