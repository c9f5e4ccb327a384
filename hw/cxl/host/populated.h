/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages of a RAM block hold data, without touching those that do not. */
#ifndef HW_CXL_HOST_POPULATED_H
#define HW_CXL_HOST_POPULATED_H

#include "exec/memory.h"

/*
 * The first run of pages in [@start, @end) that may hold other than zeroes;
 * false if there is none.  Bytes in @mr, multiples of the page size.  Where
 * the host cannot say, everything may.
 */
bool cxl_populated_next(MemoryRegion *mr, uint64_t start, uint64_t end,
                        uint64_t *first, uint64_t *last);

#endif
