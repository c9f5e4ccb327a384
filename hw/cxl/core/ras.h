/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocol errors: status, masks, the first error and those queued behind it.
 * CXL r3.2: CXL RAS Capability Structure.
 */
#ifndef HW_CXL_CORE_RAS_H
#define HW_CXL_CORE_RAS_H

#include "hw/cxl/core/regbank.h"
#include "hw/cxl/spec/ras.h"

/* Records behind the first error; more are counted in the status alone. */
#define CXL_RAS_QUEUE 32

typedef struct CXLRasRecord {
    uint8_t error;              /* bit number in the status register */
    uint32_t header[CXL_RAS_HEADER_DWORDS];
} CXLRasRecord;

typedef struct CXLRas {
    CXLRegBank bank;
    CXLRasRecord queue[CXL_RAS_QUEUE];
    unsigned count;
} CXLRas;

/* What the host is to be told, gravest last. */
typedef enum CXLRasSignal {
    CXL_RAS_SILENT,
    CXL_RAS_CORRECTABLE,
    CXL_RAS_NON_FATAL,
    CXL_RAS_FATAL,
} CXLRasSignal;

extern const CXLRegTable cxl_ras_registers;

void cxl_ras_init(CXLRas *ras);
void cxl_ras_finish(CXLRas *ras);
void cxl_ras_reset(CXLRas *ras, CXLResetKind kind);
/* Power on with nothing masked, as if firmware had done it. */
void cxl_ras_unmask(CXLRas *ras);
/*
 * An error has happened.  @error: one CXL_RAS_CE_* or CXL_RAS_UE_* bit, else
 * nothing happens.  A masked error only sets its status bit.
 */
CXLRasSignal cxl_ras_correctable(CXLRas *ras, uint32_t error);
/* @header: @dwords (at most 16) of the header log; the others are 0. */
CXLRasSignal cxl_ras_uncorrectable(CXLRas *ras, uint32_t error,
                                   const uint32_t *header, unsigned dwords);
/* Does a loaded queue agree with the registers?  If not, do not use it. */
bool cxl_ras_valid(const CXLRas *ras);

#endif
