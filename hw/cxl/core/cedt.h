/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL Early Discovery Table: structures as bytes (the ACPI header is the
 * host layer's).  CXL r3.2: CEDT.
 */
#ifndef HW_CXL_CORE_CEDT_H
#define HW_CXL_CORE_CEDT_H

#include "hw/cxl/core/interleave.h"
#include "hw/cxl/spec/cedt.h"

typedef struct CXLCedtWindow {
    uint64_t base, size;            /* HPA, bytes */
    unsigned ways;
    uint64_t granularity;           /* bytes */
    uint8_t arithmetic;             /* CXL_CEDT_MODULO, CXL_CEDT_XOR */
    uint16_t restrictions;          /* CXL_CFMWS_* */
    uint16_t qtg;
    uint32_t target[CXL_MAX_WAYS];  /* _UID of host bridges */
} CXLCedtWindow;

/* A CXL 2.0 host bridge's component registers at @base, 64 KiB. */
void cxl_cedt_add_chbs(GByteArray *out, uint32_t uid, uint64_t base);
/* False, and nothing added, if ways or granularity are not legal. */
bool cxl_cedt_add_cfmws(GByteArray *out, const CXLCedtWindow *window);
/*
 * The maps (cxl_interleave_pow2_bits() of them, it may be none) of the XOR
 * windows with the granularity of @il.
 */
void cxl_cedt_add_cxims(GByteArray *out, const CXLInterleave *il);

#endif
