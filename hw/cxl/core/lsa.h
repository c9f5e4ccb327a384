/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The label storage area: a byte store of its own.
 * CXL r3.2: Get LSA, Set LSA.
 */
#ifndef HW_CXL_CORE_LSA_H
#define HW_CXL_CORE_LSA_H

#include "hw/cxl/core/port.h"

typedef struct CXLLsa {
    CXLMedia store;     /* no ops: the device has no label storage */
} CXLLsa;

void cxl_lsa_init(CXLLsa *lsa, const CXLMedia *store);
/* Bytes, at most UINT32_MAX. */
uint32_t cxl_lsa_size(const CXLLsa *lsa);

#endif
