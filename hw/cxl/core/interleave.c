/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleave arithmetic.  CXL r3.2: Decoder Protection: with IW below 8 the
 * position is a field of address bits; from 8 on it is a remainder of 3, 6
 * or 12, and the address above it is divided by 3.
 * CXL r3.2: CXL XOR Interleave Math Structure: each bit of the position is
 * the parity of a choice of address bits; the part of 3 stays a remainder.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/interleave.h"

#define SHIFT_MIN 8                 /* 256 bytes */

static const uint8_t ways_of_iw[] = {
    [0] = 1, [1] = 2, [2] = 4, [3] = 8, [4] = 16,
    [8] = 3, [9] = 6, [10] = 12,
};

unsigned cxl_interleave_ways(unsigned iw)
{
    return iw < ARRAY_SIZE(ways_of_iw) ? ways_of_iw[iw] : 0;
}

int cxl_interleave_encode_ways(unsigned ways)
{
    for (unsigned iw = 0; ways && iw < ARRAY_SIZE(ways_of_iw); iw++) {
        if (ways_of_iw[iw] == ways) {
            return iw;
        }
    }
    return -1;
}

int cxl_interleave_encode_granularity(uint64_t bytes)
{
    for (int ig = 0; ig <= CXL_MAX_IG; ig++) {
        if (bytes == 1ULL << (SHIFT_MIN + ig)) {
            return ig;
        }
    }
    return -1;
}

bool cxl_interleave_decode(unsigned iw, unsigned ig, CXLInterleave *il)
{
    if (!cxl_interleave_ways(iw) || ig > CXL_MAX_IG) {
        return false;
    }
    *il = (CXLInterleave) {
        .ways = cxl_interleave_ways(iw),
        .shift = SHIFT_MIN + ig,
    };
    return true;
}

unsigned cxl_interleave_pow2_bits(const CXLInterleave *il)
{
    return ctz32(il->ways);
}

bool cxl_interleave_by_three(const CXLInterleave *il)
{
    return !is_power_of_2(il->ways);
}

/*
 * The higher bits lie above what any level selects by (16 ways at 16 KiB end
 * with bit 17), three of them below 256 MiB, so that every region feels
 * them, and one above, so that its base counts too.
 */
uint64_t cxl_interleave_default_map(const CXLInterleave *il, unsigned n)
{
    return 1ULL << (il->shift + n) | 1ULL << (18 + n) | 1ULL << (22 + n) |
           1ULL << (28 + n);
}

/* Each has a lowest bit that those after it lack: none is a sum of others. */
bool cxl_interleave_map_legal(const CXLInterleave *il, unsigned n,
                              uint64_t map)
{
    return map && ctz64(map) == il->shift + n &&
           !(map >> CXL_ADDRESS_BITS);
}

static unsigned parity(uint64_t bits)
{
    return ctpop64(bits) & 1;
}

static unsigned xor_position(const CXLInterleave *il, uint64_t address)
{
    unsigned bits = cxl_interleave_pow2_bits(il);
    unsigned position = 0;

    for (unsigned i = 0; i < bits; i++) {
        position |= parity(address & il->xor_map[i]) << i;
    }
    if (cxl_interleave_by_three(il)) {
        position |= (address >> (il->shift + bits)) % 3 << bits;
    }
    return position;
}

unsigned cxl_interleave_position(const CXLInterleave *il, uint64_t address)
{
    return il->by_xor ? xor_position(il, address)
                      : cxl_interleave_modulo(address >> il->shift, il->ways);
}

uint64_t cxl_interleave_dpa_offset(const CXLInterleave *il, uint64_t offset)
{
    uint64_t low = offset & ((1ULL << il->shift) - 1);
    uint64_t upper = offset >> (il->shift + cxl_interleave_pow2_bits(il));

    if (cxl_interleave_by_three(il)) {
        upper /= 3;
    }
    return (upper << il->shift) | low;
}

void cxl_interleave_split(const CXLInterleave *il, uint64_t offset,
                          unsigned *position, uint64_t *dpa_offset)
{
    *position = cxl_interleave_position(il, offset);
    *dpa_offset = cxl_interleave_dpa_offset(il, offset);
}

/*
 * Downwards: a map has no bit below its own, so that those it looks at are
 * final.
 */
static uint64_t fix_parities(const CXLInterleave *il, unsigned position,
                             uint64_t address)
{
    for (unsigned i = cxl_interleave_pow2_bits(il); i-- > 0;) {
        uint64_t own = 1ULL << (il->shift + i);

        address &= ~own;
        if (parity(address & il->xor_map[i]) != ((position >> i) & 1)) {
            address |= own;
        }
    }
    return address;
}

/*
 * The granules of one turn over all positions are consecutive, so both
 * forms of the standard are one product.
 */
uint64_t cxl_interleave_join(const CXLInterleave *il, unsigned position,
                             uint64_t dpa_offset)
{
    uint64_t low = dpa_offset & MAKE_64BIT_MASK(0, il->shift);
    uint64_t granule = (dpa_offset >> il->shift) * il->ways + position;
    uint64_t address = (granule << il->shift) | low;

    return il->by_xor ? fix_parities(il, position, address) : address;
}
