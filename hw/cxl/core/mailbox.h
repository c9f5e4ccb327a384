/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mailbox registers: a doorbell protocol before a CCI.
 * CXL r3.2: Mailbox Registers.
 */
#ifndef HW_CXL_CORE_MAILBOX_H
#define HW_CXL_CORE_MAILBOX_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/core/regbank.h"
#include "hw/cxl/spec/mailbox.h"

typedef struct CXLMailbox {
    CXLCci *cci;
    CXLRegBank bank;            /* all before the payload */
    uint8_t *payload;           /* cci->payload_max bytes */
    uint8_t *reply;             /* scratch of the same size */
    bool busy;                  /* a command, or its interrupt, is under way */
    bool hung;                  /* commands wait, their doorbell set */
    CXLIrq irq;
    unsigned vector;            /* MSI-X message number, 0 to 15 */
} CXLMailbox;

extern const CXLRegTable cxl_mailbox_registers;

/* From here on the end of a background operation is the mailbox's to tell. */
void cxl_mailbox_init(CXLMailbox *mb, CXLCci *cci, const CXLIrq *irq,
                      unsigned vector);
void cxl_mailbox_finish(CXLMailbox *mb);
/* The registers and the payload; the CCI is reset by its owner. */
void cxl_mailbox_reset(CXLMailbox *mb, CXLResetKind kind);
/* Hang, until a reset; or go on, with the command that waits if one does. */
void cxl_mailbox_hang(CXLMailbox *mb, bool hang);
/* Is a command that a loaded doorbell is set for one that may wait? */
bool cxl_mailbox_valid(const CXLMailbox *mb);
/* Bytes of the register block: CXL_MAILBOX_PAYLOAD + payload. */
uint32_t cxl_mailbox_length(const CXLMailbox *mb);
/* @size 1 to 8, at any @offset; outside reads 0 and ignores writes. */
uint64_t cxl_mailbox_read(CXLMailbox *mb, uint32_t offset, unsigned size);
void cxl_mailbox_write(CXLMailbox *mb, uint32_t offset, uint64_t value,
                       unsigned size);

#endif
