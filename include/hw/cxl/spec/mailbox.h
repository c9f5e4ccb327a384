/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Mailbox Registers: offsets from the start of the capability. */
#ifndef HW_CXL_SPEC_MAILBOX_H
#define HW_CXL_SPEC_MAILBOX_H

#include "qemu/osdep.h"
#include "hw/registerfields.h"

#define CXL_MAILBOX_CAPS        0x00    /* 32 bits */
#define CXL_MAILBOX_CONTROL     0x04    /* 32 bits */
#define CXL_MAILBOX_COMMAND     0x08    /* 64 bits */
#define CXL_MAILBOX_STATUS      0x10    /* 64 bits */
#define CXL_MAILBOX_BG_STATUS   0x18    /* 64 bits */
#define CXL_MAILBOX_PAYLOAD     0x20

FIELD(CXL_MAILBOX_CAPS, PAYLOAD_SIZE, 0, 5)         /* 2^n bytes, 8 to 20 */
FIELD(CXL_MAILBOX_CAPS, DOORBELL_IRQ, 5, 1)
FIELD(CXL_MAILBOX_CAPS, BG_IRQ, 6, 1)
FIELD(CXL_MAILBOX_CAPS, MESSAGE_NUMBER, 7, 4)
FIELD(CXL_MAILBOX_CAPS, READY_TIME, 11, 8)          /* s; 0: not reported */
FIELD(CXL_MAILBOX_CAPS, TYPE, 19, 4)                /* 0: by class code */

FIELD(CXL_MAILBOX_CONTROL, DOORBELL, 0, 1)
FIELD(CXL_MAILBOX_CONTROL, DOORBELL_IRQ, 1, 1)
FIELD(CXL_MAILBOX_CONTROL, BG_IRQ, 2, 1)

FIELD(CXL_MAILBOX_COMMAND, OPCODE, 0, 16)
FIELD(CXL_MAILBOX_COMMAND, LENGTH, 16, 21)          /* bytes: in, then out */

FIELD(CXL_MAILBOX_STATUS, BG_RUNNING, 0, 1)
FIELD(CXL_MAILBOX_STATUS, RETURN_CODE, 32, 16)

FIELD(CXL_MAILBOX_BG_STATUS, OPCODE, 0, 16)
FIELD(CXL_MAILBOX_BG_STATUS, PERCENT, 16, 7)
FIELD(CXL_MAILBOX_BG_STATUS, RETURN_CODE, 32, 16)

#endif
