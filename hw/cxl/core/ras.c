/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: CXL RAS Capability Structure.  Everything in it is sticky. */
#include "qemu/osdep.h"
#include "hw/cxl/core/ras.h"

static const CXLRegRow ras_rows[] = {
    { .name = "CXL_RAS_UE_STATUS", .offset = CXL_RAS_UE_STATUS, .size = 4,
      .w1c = CXL_RAS_UE_ALL, .sticky = CXL_RAS_UE_ALL },
    { .name = "CXL_RAS_UE_MASK", .offset = CXL_RAS_UE_MASK, .size = 4,
      .reset = CXL_RAS_UE_ALL, .rw = CXL_RAS_UE_ALL,
      .sticky = CXL_RAS_UE_ALL },
    { .name = "CXL_RAS_UE_SEVERITY", .offset = CXL_RAS_UE_SEVERITY,
      .size = 4, .reset = CXL_RAS_UE_ALL, .rw = CXL_RAS_UE_ALL,
      .sticky = CXL_RAS_UE_ALL },
    { .name = "CXL_RAS_CE_STATUS", .offset = CXL_RAS_CE_STATUS, .size = 4,
      .w1c = CXL_RAS_CE_ALL, .sticky = CXL_RAS_CE_ALL },
    { .name = "CXL_RAS_CE_MASK", .offset = CXL_RAS_CE_MASK, .size = 4,
      .reset = CXL_RAS_CE_ALL, .rw = CXL_RAS_CE_ALL,
      .sticky = CXL_RAS_CE_ALL },
    { .name = "CXL_RAS_CONTROL", .offset = CXL_RAS_CONTROL, .size = 4,
      .reset = R_CXL_RAS_CTRL_MULTIPLE_HEADERS_MASK,
      .rw = R_CXL_RAS_CTRL_POISON_ENABLED_MASK,
      .sticky = R_CXL_RAS_CTRL_POISON_ENABLED_MASK |
                R_CXL_RAS_CTRL_FIRST_ERROR_MASK },
    { .name = "CXL_RAS_HEADER_LOG", .offset = CXL_RAS_HEADER_LOG, .size = 4,
      .count = CXL_RAS_HEADER_DWORDS, .stride = 4, .sticky = UINT32_MAX },
};
CXL_REG_TABLE(cxl_ras_registers, ras_rows);

void cxl_ras_init(CXLRas *ras)
{
    cxl_regbank_init(&ras->bank, &cxl_ras_registers, CXL_RAS_LENGTH, ras);
}

void cxl_ras_finish(CXLRas *ras)
{
    cxl_regbank_finish(&ras->bank);
}

void cxl_ras_reset(CXLRas *ras, CXLResetKind kind)
{
    cxl_regbank_reset(&ras->bank, kind);
}
