/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that a user lets fail, as a device in trouble would. */
#ifndef HW_CXL_CORE_CCI_FAULT_H
#define HW_CXL_CORE_CCI_FAULT_H

#include "hw/cxl/spec/cci.h"

typedef struct CXLCciFault {
    uint32_t left;      /* commands that still fail; 0: none */
    uint16_t rc;        /* what they answer, a CXLRetCode */
    bool any;           /* whatever the opcode */
    uint16_t opcode;
} CXLCciFault;

/* What a command is answered, of which there is one less then; or Success. */
CXLRetCode cxl_cci_fault_take(CXLCciFault *fault, uint16_t opcode);
/* Does a loaded fault answer what a command may be answered? */
bool cxl_cci_fault_valid(const CXLCciFault *fault);

#endif
