/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCIe r6.0: Data Object Exchange Extended Capability. */
#ifndef HW_CXL_SPEC_DOE_H
#define HW_CXL_SPEC_DOE_H

#include "hw/registerfields.h"

#define CXL_DOE_CAP_ID              0x002e  /* PCIe extended capability */
#define CXL_DOE_CAP_VERSION         1
#define CXL_DOE_LENGTH              0x18

/* Offsets in bytes from the extended capability header */
#define CXL_DOE_CAPABILITY          0x04
#define CXL_DOE_CONTROL             0x08
#define CXL_DOE_STATUS              0x0c
#define CXL_DOE_WRITE_MAILBOX       0x10
#define CXL_DOE_READ_MAILBOX        0x14

FIELD(CXL_DOE_CAP, INTERRUPT, 0, 1)
FIELD(CXL_DOE_CAP, VECTOR, 1, 11)

FIELD(CXL_DOE_CTRL, ABORT, 0, 1)
FIELD(CXL_DOE_CTRL, INTERRUPT_ENABLE, 1, 1)
FIELD(CXL_DOE_CTRL, GO, 31, 1)

FIELD(CXL_DOE_STATUS, BUSY, 0, 1)
FIELD(CXL_DOE_STATUS, INTERRUPT, 1, 1)
FIELD(CXL_DOE_STATUS, ERROR, 2, 1)
FIELD(CXL_DOE_STATUS, READY, 31, 1)

/* Object header: dwords 0 and 1 */
#define CXL_DOE_HEADER_DW           2

FIELD(CXL_DOE_HEADER1, VENDOR, 0, 16)
FIELD(CXL_DOE_HEADER1, TYPE, 16, 8)
FIELD(CXL_DOE_HEADER2, LENGTH, 0, 18)       /* dwords; 0 means 2^18 */
#define CXL_DOE_LENGTH_ZERO         (1 << 18)

#define CXL_DOE_VENDOR_PCI_SIG      0x0001
#define CXL_DOE_VENDOR_NONE         0xffff

enum {
    CXL_DOE_TYPE_DISCOVERY          = 0x00, /* PCI-SIG */
    CXL_DOE_TYPE_CMA                = 0x01,
    CXL_DOE_TYPE_SECURED_CMA        = 0x02,
    CXL_DOE_TYPE_NONE               = 0xff,
};

enum {
    CXL_DOE_TYPE_COMPLIANCE         = 0x00, /* CXL */
    CXL_DOE_TYPE_TABLE_ACCESS       = 0x02,
};

FIELD(CXL_DOE_DISCOVERY_REQ, INDEX, 0, 8)
FIELD(CXL_DOE_DISCOVERY_REQ, VERSION, 8, 8)
FIELD(CXL_DOE_DISCOVERY_RSP, VENDOR, 0, 16)
FIELD(CXL_DOE_DISCOVERY_RSP, TYPE, 16, 8)
FIELD(CXL_DOE_DISCOVERY_RSP, NEXT, 24, 8)

#endif
