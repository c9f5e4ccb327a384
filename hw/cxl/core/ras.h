/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL r3.2: CXL RAS Capability Structure (registers; errors are injected by
 * the owner).
 */
#ifndef HW_CXL_CORE_RAS_H
#define HW_CXL_CORE_RAS_H

#include "hw/cxl/core/regbank.h"
#include "hw/cxl/spec/ras.h"

typedef struct CXLRas {
    CXLRegBank bank;
} CXLRas;

extern const CXLRegTable cxl_ras_registers;

void cxl_ras_init(CXLRas *ras);
void cxl_ras_finish(CXLRas *ras);
void cxl_ras_reset(CXLRas *ras, CXLResetKind kind);

#endif
