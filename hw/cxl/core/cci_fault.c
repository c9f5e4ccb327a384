/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/cci_fault.h"

CXLRetCode cxl_cci_fault_take(CXLCciFault *fault, uint16_t opcode)
{
    if (!fault->left || (!fault->any && fault->opcode != opcode)) {
        return CXL_RC_SUCCESS;
    }
    fault->left--;
    return fault->rc;
}

bool cxl_cci_fault_valid(const CXLCciFault *fault)
{
    return !fault->left ||
        fault->rc == CXL_RC_INTERNAL_ERROR ||
        fault->rc == CXL_RC_RETRY_REQUIRED || fault->rc == CXL_RC_BUSY;
}
