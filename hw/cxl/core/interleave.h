/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleave arithmetic: one inverse pair for every way count and granularity.
 * CXL r3.2: CXL HDM Decoder n Control; CFMWS.
 */
#ifndef HW_CXL_CORE_INTERLEAVE_H
#define HW_CXL_CORE_INTERLEAVE_H

#include "qemu/osdep.h"

#define CXL_MAX_WAYS 16
#define CXL_MAX_IG 6                /* 256 B << 6 = 16 KiB */

typedef struct CXLInterleave {
    uint8_t ways;                   /* 1, 2, 4, 8, 16, 3, 6, 12 */
    uint8_t shift;                  /* log2 of the granularity: 8 to 14 */
} CXLInterleave;

/* Encoded ways (IW) <-> ways.  0 and -1 for what the standard reserves. */
unsigned cxl_interleave_ways(unsigned iw);
int cxl_interleave_encode_ways(unsigned ways);
/* Bytes (256 to 16384) -> IG, or -1. */
int cxl_interleave_encode_granularity(uint64_t bytes);
/* False if a field is reserved. */
bool cxl_interleave_decode(unsigned iw, unsigned ig, CXLInterleave *il);

/* What the ways are made of: 2 to the power of this many address bits .. */
unsigned cxl_interleave_pow2_bits(const CXLInterleave *il);
/* .. times 3, if so. */
bool cxl_interleave_by_three(const CXLInterleave *il);
/* Position in the set that @address, an offset or an HPA, selects. */
unsigned cxl_interleave_position(const CXLInterleave *il, uint64_t address);

/*
 * Offset in a decoder's range -> position in the set and offset there, and
 * back.  Bytes; @il as cxl_interleave_decode() made it.
 */
void cxl_interleave_split(const CXLInterleave *il, uint64_t offset,
                          unsigned *position, uint64_t *dpa_offset);
uint64_t cxl_interleave_join(const CXLInterleave *il, unsigned position,
                             uint64_t dpa_offset);

#endif
