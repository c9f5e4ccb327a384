/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Little-endian wire integers.  Each width is its own type, so that reading
 * a field of a wire structure without a conversion does not compile.  They
 * are byte arrays: no alignment, hence no padding inside a structure.
 */
#ifndef HW_CXL_SPEC_WIRE_H
#define HW_CXL_SPEC_WIRE_H

#include "qemu/osdep.h"

typedef struct { uint8_t b[2]; } cxl_le16;
typedef struct { uint8_t b[3]; } cxl_le24;
typedef struct { uint8_t b[4]; } cxl_le32;
typedef struct { uint8_t b[8]; } cxl_le64;

/* The size that the standard gives a wire structure, checked at build time. */
#define CXL_WIRE(type, size) QEMU_BUILD_BUG_ON(sizeof(type) != (size))

static inline uint64_t cxl_le_get(const uint8_t *b, unsigned bytes)
{
    uint64_t v = 0;

    while (bytes--) {
        v = (v << 8) | b[bytes];
    }
    return v;
}

static inline void cxl_le_put(uint8_t *b, unsigned bytes, uint64_t v)
{
    for (unsigned i = 0; i < bytes; i++, v >>= 8) {
        b[i] = v;
    }
}

#define CXL_WIRE_INT(bits, holder)                                    \
    static inline holder cxl_get##bits(cxl_le##bits w)                \
    {                                                                 \
        return cxl_le_get(w.b, sizeof(w.b));                          \
    }                                                                 \
    static inline cxl_le##bits cxl_put##bits(holder v)                \
    {                                                                 \
        cxl_le##bits w;                                               \
                                                                      \
        cxl_le_put(w.b, sizeof(w.b), v);                              \
        return w;                                                     \
    }

CXL_WIRE_INT(16, uint16_t)
CXL_WIRE_INT(24, uint32_t)
CXL_WIRE_INT(32, uint32_t)
CXL_WIRE_INT(64, uint64_t)

#endif
