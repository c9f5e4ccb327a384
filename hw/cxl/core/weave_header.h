/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a woven file says of itself, so that its bytes find the way back
 * without decoders, devices or the machine that wrote it.
 *
 *   0        4 KiB    8 KiB            2 MiB
 *   | mark A | mark B | geometry ...   | the range's bytes, HPA order
 *
 * The geometry is written once.  The boundary moves: what is below it is in
 * the woven file, what is not is with the members.  Its two marks are written
 * in turns; the newer one that is whole counts.  Every byte is hostile.
 */
#ifndef HW_CXL_CORE_WEAVE_HEADER_H
#define HW_CXL_CORE_WEAVE_HEADER_H

#include "hw/cxl/core/weave.h"

#define CXL_WEAVE_MARK_STEP 4096
#define CXL_WEAVE_GEOMETRY 8192
#define CXL_WEAVE_DATA (2 * 1024 * 1024)
#define CXL_WEAVE_GEOMETRY_MAX (CXL_WEAVE_DATA - CXL_WEAVE_GEOMETRY)
#define CXL_WEAVE_MARK_SIZE 64
#define CXL_WEAVE_NAME 64

typedef struct CXLWeaveHeader {
    uint8_t uuid[16];               /* of the set */
    unsigned member;                /* whose file this is: a target's index */
    /* Its targets' devices are not pointers: see cxl_weave_header_device(). */
    CXLRouteRange range;
    CXLWeavePlan plan;
    uint64_t file_offset[CXL_MAX_WAYS];     /* of a member's share, its file */
    char name[CXL_MAX_WAYS][CXL_WEAVE_NAME];    /* of that file, to show */
} CXLWeaveHeader;

/* What unpacked ranges lead to: target @n of the range, 0 to 15. */
static inline void *cxl_weave_header_device(unsigned n)
{
    return GUINT_TO_POINTER(n + 1);
}

/*
 * The header of @range, with devices as above and a plan; false if there is
 * none.  Offsets and names are still to be filled in.
 */
bool cxl_weave_header_init(CXLWeaveHeader *header, const uint8_t *uuid,
                           const CXLRouteRange *range);
void cxl_weave_header_finish(CXLWeaveHeader *header);
/* The geometry's bytes; at most CXL_WEAVE_GEOMETRY_MAX. */
GByteArray *cxl_weave_header_pack(const CXLWeaveHeader *header);
/*
 * @buf: what is at CXL_WEAVE_GEOMETRY, or as much of it as there is.  False,
 * with the reason in @why and nothing to finish, if it is not whole, not of
 * this version, or no geometry that bytes could be put back by.
 */
bool cxl_weave_header_unpack(CXLWeaveHeader *header, const uint8_t *buf,
                             size_t len, const char **why);

/* One mark, CXL_WEAVE_MARK_SIZE bytes; @boundary: bytes of each member. */
void cxl_weave_mark_pack(uint8_t *buf, const uint8_t *uuid, uint64_t sequence,
                         uint64_t boundary);
/*
 * The state by both marks (@size bytes each, as read); false if neither is a
 * whole one of @uuid.  The next mark is written at (@sequence + 1) % 2 times
 * CXL_WEAVE_MARK_STEP.
 */
bool cxl_weave_mark_unpack(const uint8_t *a, const uint8_t *b,
                           const uint8_t *uuid, uint64_t *sequence,
                           uint64_t *boundary);

#endif
