/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mailbox registers: a doorbell protocol before a CCI.
 * CXL r3.2: Mailbox Registers.
 */
#ifndef HW_CXL_CORE_MAILBOX_H
#define HW_CXL_CORE_MAILBOX_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/core/regbank.h"

#define CXL_MAILBOX_PAYLOAD 0x20    /* offset of the payload in the block */

typedef struct CXLMailbox {
    CXLCci *cci;
    CXLRegBank bank;            /* the first 0x20 bytes */
    uint8_t *payload;           /* cci->payload_max bytes */
    uint8_t *reply;             /* scratch of the same size */
    CXLIrq irq;
    unsigned vector;            /* MSI-X message number, 0 to 15 */
} CXLMailbox;

void cxl_mailbox_init(CXLMailbox *mb, CXLCci *cci, const CXLIrq *irq,
                      unsigned vector);
void cxl_mailbox_finish(CXLMailbox *mb);
void cxl_mailbox_reset(CXLMailbox *mb, CXLResetKind kind);
/* Bytes of the register block: 0x20 + payload. */
uint32_t cxl_mailbox_length(const CXLMailbox *mb);
uint64_t cxl_mailbox_read(CXLMailbox *mb, uint32_t offset, unsigned size);
void cxl_mailbox_write(CXLMailbox *mb, uint32_t offset, uint64_t value,
                       unsigned size);

#endif
