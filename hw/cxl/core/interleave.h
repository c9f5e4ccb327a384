/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleave arithmetic: one inverse pair for every way count, granularity
 * and arithmetic.  CXL r3.2: CXL HDM Decoder n Control; CFMWS; CXIMS.
 */
#ifndef HW_CXL_CORE_INTERLEAVE_H
#define HW_CXL_CORE_INTERLEAVE_H

#include "qemu/osdep.h"
#include "qemu/host-utils.h"

#define CXL_MAX_WAYS 16
#define CXL_MAX_IG 6                /* 256 B << 6 = 16 KiB */
#define CXL_MAX_XOR_MAPS 4          /* log2 of 16 ways */
#define CXL_ADDRESS_BITS 52
#define CXL_MAX_SHIFT (8 + CXL_MAX_IG)

typedef struct CXLInterleave {
    uint8_t ways;                   /* 1, 2, 4, 8, 16, 3, 6, 12 */
    uint8_t shift;                  /* log2 of the granularity: 8 to 14 */
    /*
     * Windows with XOR arithmetic: cxl_interleave_pow2_bits() maps.  Bit i
     * of the position is the parity of the address bits in map i, whose
     * lowest one is bit shift + i.
     */
    bool by_xor;
    uint64_t xor_map[CXL_MAX_XOR_MAPS];
} CXLInterleave;

/* Encoded ways (IW) <-> ways.  0 and -1 for what the standard reserves. */
unsigned cxl_interleave_ways(unsigned iw);
int cxl_interleave_encode_ways(unsigned ways);
/* Bytes (256 to 16384) -> IG, or -1. */
int cxl_interleave_encode_granularity(uint64_t bytes);
/* Modulo arithmetic.  False if a field is reserved. */
bool cxl_interleave_decode(unsigned iw, unsigned ig, CXLInterleave *il);

/* What the ways are made of: 2 to the power of this many address bits .. */
unsigned cxl_interleave_pow2_bits(const CXLInterleave *il);
/* .. times 3, if so. */
bool cxl_interleave_by_three(const CXLInterleave *il);

/* XOR map @n, below CXL_MAX_XOR_MAPS, where nobody asked for another. */
uint64_t cxl_interleave_default_map(const CXLInterleave *il, unsigned n);
/* Could @map be XOR map @n?  Maps that are legal each are independent. */
bool cxl_interleave_map_legal(const CXLInterleave *il, unsigned n,
                              uint64_t map);

/*
 * @value modulo @count, which is a power of two or three times one.  Every
 * access that is looked up needs it: there is no division here.
 */
static inline uint32_t cxl_interleave_modulo(uint64_t value, uint32_t count)
{
    unsigned bits = ctz32(count);
    uint32_t low = value & ((1U << bits) - 1);

    return count >> bits == 1 ? low : (uint32_t)((value >> bits) % 3) << bits |
                                      low;
}

/* Position in the set that @address, an offset or an HPA, selects. */
unsigned cxl_interleave_position(const CXLInterleave *il, uint64_t address);

/* Offset in a decoder's range -> offset in the memory of its position. */
uint64_t cxl_interleave_dpa_offset(const CXLInterleave *il, uint64_t offset);

/*
 * Offset in a decoder's range (with XOR: an HPA) -> position in the set and
 * offset there, and back.  Bytes; @il as cxl_interleave_decode() made it,
 * or with legal maps.
 */
void cxl_interleave_split(const CXLInterleave *il, uint64_t offset,
                          unsigned *position, uint64_t *dpa_offset);
uint64_t cxl_interleave_join(const CXLInterleave *il, unsigned position,
                             uint64_t dpa_offset);

#endif
