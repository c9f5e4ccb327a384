/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL r3.2: CXL Designated Vendor-Specific Extended Capabilities: IDs,
 * revisions, lengths, offsets and fields.  Offsets in bytes from the PCIe
 * extended capability header.
 */
#ifndef HW_CXL_SPEC_DVSEC_H
#define HW_CXL_SPEC_DVSEC_H

#include "hw/registerfields.h"

#define CXL_VENDOR_ID               0x1e98
#define CXL_DVSEC_CAP_ID            0x0023  /* PCIe extended capability */
#define CXL_DVSEC_CAP_VERSION       1

/* DVSEC header */
#define CXL_DVSEC_HEADER1           0x04
#define CXL_DVSEC_HEADER2           0x08
#define CXL_DVSEC_HEADER_LENGTH     0x0a

FIELD(CXL_DVSEC_HEADER1, VENDOR, 0, 16)
FIELD(CXL_DVSEC_HEADER1, REVISION, 16, 4)
FIELD(CXL_DVSEC_HEADER1, LENGTH, 20, 12)

enum {
    CXL_DVSEC_DEVICE                = 0x0,
    CXL_DVSEC_NON_CXL_MAP           = 0x2,
    CXL_DVSEC_PORT                  = 0x3,
    CXL_DVSEC_GPF_PORT              = 0x4,
    CXL_DVSEC_GPF_DEVICE            = 0x5,
    CXL_DVSEC_FLEXBUS               = 0x7,
    CXL_DVSEC_LOCATOR               = 0x8,
    CXL_DVSEC_MLD                   = 0x9,
    CXL_DVSEC_TEST                  = 0xa,
};

/* ID 0: PCIe DVSEC for CXL devices */
#define CXL_DVSEC_DEVICE_REVISION   3
#define CXL_DVSEC_DEVICE_LENGTH     0x3c

#define CXL_DEVICE_CAPABILITY       0x0a
#define CXL_DEVICE_CONTROL          0x0c
#define CXL_DEVICE_STATUS           0x0e
#define CXL_DEVICE_CONTROL2         0x10
#define CXL_DEVICE_STATUS2          0x12
#define CXL_DEVICE_LOCK             0x14
#define CXL_DEVICE_CAPABILITY2      0x16
#define CXL_DEVICE_RANGE_SIZE_HIGH  0x18    /* of range 1 */
#define CXL_DEVICE_RANGE_SIZE_LOW   0x1c
#define CXL_DEVICE_RANGE_BASE_HIGH  0x20
#define CXL_DEVICE_RANGE_BASE_LOW   0x24
#define CXL_DEVICE_RANGE_STRIDE     0x10
#define CXL_DEVICE_CAPABILITY3      0x38

FIELD(CXL_DEVICE_CAP, CACHE, 0, 1)
FIELD(CXL_DEVICE_CAP, IO, 1, 1)
FIELD(CXL_DEVICE_CAP, MEM, 2, 1)
FIELD(CXL_DEVICE_CAP, MEM_HWINIT, 3, 1)
FIELD(CXL_DEVICE_CAP, HDM_COUNT, 4, 2)
FIELD(CXL_DEVICE_CAP, CACHE_WB_INVALIDATE, 6, 1)
FIELD(CXL_DEVICE_CAP, RESET, 7, 1)
FIELD(CXL_DEVICE_CAP, RESET_TIMEOUT, 8, 3)
FIELD(CXL_DEVICE_CAP, RESET_MEM_CLEAR, 11, 1)
FIELD(CXL_DEVICE_CAP, TSP, 12, 1)
FIELD(CXL_DEVICE_CAP, MLD, 13, 1)
FIELD(CXL_DEVICE_CAP, VIRAL, 14, 1)
FIELD(CXL_DEVICE_CAP, PM_INIT_REPORTING, 15, 1)

FIELD(CXL_DEVICE_CTRL, CACHE_ENABLE, 0, 1)
FIELD(CXL_DEVICE_CTRL, IO_ENABLE, 1, 1)
FIELD(CXL_DEVICE_CTRL, MEM_ENABLE, 2, 1)
FIELD(CXL_DEVICE_CTRL, VIRAL_ENABLE, 14, 1)

FIELD(CXL_DEVICE_STATUS, VIRAL, 14, 1)

FIELD(CXL_DEVICE_CTRL2, DISABLE_CACHING, 0, 1)
FIELD(CXL_DEVICE_CTRL2, INITIATE_WB_INVALIDATE, 1, 1)
FIELD(CXL_DEVICE_CTRL2, INITIATE_RESET, 2, 1)
FIELD(CXL_DEVICE_CTRL2, RESET_MEM_CLEAR, 3, 1)

FIELD(CXL_DEVICE_STATUS2, CACHE_INVALID, 0, 1)
FIELD(CXL_DEVICE_STATUS2, RESET_COMPLETE, 1, 1)
FIELD(CXL_DEVICE_STATUS2, RESET_ERROR, 2, 1)
FIELD(CXL_DEVICE_STATUS2, PRESERVATION_ERROR, 3, 1)
FIELD(CXL_DEVICE_STATUS2, PM_INIT_COMPLETE, 15, 1)

FIELD(CXL_DEVICE_LOCK, CONFIG, 0, 1)

FIELD(CXL_DEVICE_RANGE, VALID, 0, 1)
FIELD(CXL_DEVICE_RANGE, ACTIVE, 1, 1)
FIELD(CXL_DEVICE_RANGE, MEDIA_TYPE, 2, 3)
FIELD(CXL_DEVICE_RANGE, MEMORY_CLASS, 5, 3)
#define CXL_DEVICE_RANGE_SEE_CDAT   2       /* type and class */
#define CXL_DEVICE_RANGE_LOW_MASK   0xf0000000

/* ID 3: CXL extensions for ports */
#define CXL_DVSEC_PORT_REVISION     0
#define CXL_DVSEC_PORT_LENGTH       0x28

#define CXL_PORT_STATUS             0x0a
#define CXL_PORT_CONTROL            0x0c
#define CXL_PORT_ALT_BUS_BASE       0x0e
#define CXL_PORT_ALT_BUS_LIMIT      0x0f
#define CXL_PORT_ALT_MEM_BASE       0x10
#define CXL_PORT_ALT_MEM_LIMIT      0x12
#define CXL_PORT_ALT_PREF_BASE      0x14
#define CXL_PORT_ALT_PREF_LIMIT     0x16
#define CXL_PORT_ALT_PREF_BASE_HIGH 0x18
#define CXL_PORT_ALT_PREF_LIMIT_HIGH 0x1c
#define CXL_PORT_RCRB_BASE          0x20
#define CXL_PORT_RCRB_BASE_HIGH     0x24

FIELD(CXL_PORT_STATUS, PM_INIT_COMPLETE, 0, 1)
FIELD(CXL_PORT_STATUS, VIRAL, 14, 1)

FIELD(CXL_PORT_CTRL, UNMASK_SBR, 0, 1)
FIELD(CXL_PORT_CTRL, UNMASK_LINK_DISABLE, 1, 1)
FIELD(CXL_PORT_CTRL, ALT_MEM_ENABLE, 2, 1)
FIELD(CXL_PORT_CTRL, ALT_BME, 3, 1)
FIELD(CXL_PORT_CTRL, UIO_TO_HDM, 4, 1)
FIELD(CXL_PORT_CTRL, VIRAL_ENABLE, 14, 1)

/* IDs 4 and 5: global persistent flush */
#define CXL_DVSEC_GPF_REVISION      0
#define CXL_DVSEC_GPF_LENGTH        0x10

#define CXL_GPF_PORT_PHASE1         0x0c
#define CXL_GPF_PORT_PHASE2         0x0e
#define CXL_GPF_DEVICE_DURATION     0x0a
#define CXL_GPF_DEVICE_POWER        0x0c    /* milliwatts */

FIELD(CXL_GPF_TIME, BASE, 0, 4)
FIELD(CXL_GPF_TIME, SCALE, 8, 4)            /* 0: 1 us, each step 10 times */

/* ID 7: Flex Bus port */
#define CXL_DVSEC_FLEXBUS_REVISION  2
#define CXL_DVSEC_FLEXBUS_LENGTH    0x20

#define CXL_FLEXBUS_CAPABILITY      0x0a
#define CXL_FLEXBUS_CONTROL         0x0c
#define CXL_FLEXBUS_STATUS          0x0e
#define CXL_FLEXBUS_RECEIVED_TS     0x10
#define CXL_FLEXBUS_CAPABILITY2     0x14
#define CXL_FLEXBUS_CONTROL2        0x18
#define CXL_FLEXBUS_STATUS2         0x1c

/* Bits that capability, control and status share */
enum {
    CXL_FLEXBUS_CACHE               = 1 << 0,
    CXL_FLEXBUS_IO                  = 1 << 1,
    CXL_FLEXBUS_MEM                 = 1 << 2,
    CXL_FLEXBUS_SYNC_HEADER_BYPASS  = 1 << 3,
    CXL_FLEXBUS_DRIFT_BUFFER        = 1 << 4,
    CXL_FLEXBUS_68B_VH              = 1 << 5,
    CXL_FLEXBUS_MLD                 = 1 << 6,
    CXL_FLEXBUS_DISABLE_RCD_TRAINING = 1 << 7,  /* control only */
    CXL_FLEXBUS_LATENCY_256B        = 1 << 13,
    CXL_FLEXBUS_PBR                 = 1 << 14,
};
#define CXL_FLEXBUS_STATUS_ERRORS   0x1f80      /* RW1CS */

/* ID 8: register locator, @n blocks of 8 bytes */
#define CXL_DVSEC_LOCATOR_REVISION  0
#define CXL_DVSEC_LOCATOR_LENGTH(n) (0x0c + 8 * (n))

#define CXL_LOCATOR_LOW             0x0c    /* of block 0 */
#define CXL_LOCATOR_HIGH            0x10
#define CXL_LOCATOR_STRIDE          0x08

FIELD(CXL_LOCATOR_LOW, BIR, 0, 3)
FIELD(CXL_LOCATOR_LOW, ID, 8, 8)
#define CXL_LOCATOR_OFFSET_MASK     0xffff0000

enum {
    CXL_BLOCK_EMPTY                 = 0x00,
    CXL_BLOCK_COMPONENT             = 0x01,
    CXL_BLOCK_BAR_ACL               = 0x02,
    CXL_BLOCK_DEVICE                = 0x03,
    CXL_BLOCK_CPMU                  = 0x04,
    CXL_BLOCK_CHMU                  = 0x05,
    CXL_BLOCK_VENDOR                = 0xff,
};

#endif
