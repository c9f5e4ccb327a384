/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: CXL RAS Capability Structure: offsets and fields. */
#ifndef HW_CXL_SPEC_RAS_H
#define HW_CXL_SPEC_RAS_H

#include "hw/registerfields.h"

#define CXL_RAS_UE_STATUS           0x00
#define CXL_RAS_UE_MASK             0x04
#define CXL_RAS_UE_SEVERITY         0x08    /* 1 fatal, 0 non-fatal */
#define CXL_RAS_CE_STATUS           0x0c
#define CXL_RAS_CE_MASK             0x10
#define CXL_RAS_CONTROL             0x14
#define CXL_RAS_HEADER_LOG          0x18
#define CXL_RAS_HEADER_DWORDS       16
#define CXL_RAS_LENGTH              0x58

/* Uncorrectable errors: bits of status, mask and severity */
enum {
    CXL_RAS_UE_CACHE_DATA_PARITY    = 1 << 0,
    CXL_RAS_UE_CACHE_ADDRESS_PARITY = 1 << 1,
    CXL_RAS_UE_CACHE_BE_PARITY      = 1 << 2,
    CXL_RAS_UE_CACHE_DATA_ECC       = 1 << 3,
    CXL_RAS_UE_MEM_DATA_PARITY      = 1 << 4,
    CXL_RAS_UE_MEM_ADDRESS_PARITY   = 1 << 5,
    CXL_RAS_UE_MEM_BE_PARITY        = 1 << 6,
    CXL_RAS_UE_MEM_DATA_ECC         = 1 << 7,
    CXL_RAS_UE_REINIT_THRESHOLD     = 1 << 8,
    CXL_RAS_UE_RESERVED_ENCODING    = 1 << 9,
    CXL_RAS_UE_POISON_RECEIVED      = 1 << 10,
    CXL_RAS_UE_RECEIVER_OVERFLOW    = 1 << 11,
    CXL_RAS_UE_INTERNAL             = 1 << 14,
    CXL_RAS_UE_IDE_TX               = 1 << 15,
    CXL_RAS_UE_IDE_RX               = 1 << 16,
    CXL_RAS_UE_ALL                  = 0x1cfff,
};

/* Correctable errors: bits of status and mask */
enum {
    CXL_RAS_CE_CACHE_DATA_ECC       = 1 << 0,
    CXL_RAS_CE_MEM_DATA_ECC         = 1 << 1,
    CXL_RAS_CE_CRC_THRESHOLD        = 1 << 2,
    CXL_RAS_CE_RETRY_THRESHOLD      = 1 << 3,
    CXL_RAS_CE_CACHE_POISON         = 1 << 4,
    CXL_RAS_CE_MEM_POISON           = 1 << 5,
    CXL_RAS_CE_PHYSICAL_LAYER       = 1 << 6,
    CXL_RAS_CE_ALL                  = 0x7f,
};

FIELD(CXL_RAS_CTRL, FIRST_ERROR, 0, 6)
FIELD(CXL_RAS_CTRL, MULTIPLE_HEADERS, 9, 1)
FIELD(CXL_RAS_CTRL, POISON_ENABLED, 13, 1)

#endif
