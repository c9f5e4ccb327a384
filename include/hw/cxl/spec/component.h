/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL r3.2: Component registers: the block's map, the capability array and
 * the small capabilities (link, extended security, snoop filter).
 */
#ifndef HW_CXL_SPEC_COMPONENT_H
#define HW_CXL_SPEC_COMPONENT_H

#include "hw/registerfields.h"

/* Bytes from the start of the block */
#define CXL_COMPONENT_IO            0x0000
#define CXL_COMPONENT_CACHEMEM      0x1000
#define CXL_COMPONENT_IMPLEMENTATION 0x2000
#define CXL_COMPONENT_ARB_MUX       0xe000
#define CXL_COMPONENT_SIZE          0x10000
#define CXL_COMPONENT_CACHEMEM_SIZE 0x1000

/* Capability IDs and the versions of r3.1 */
enum {
    CXL_CAP_NULL                    = 0x0000,
    CXL_CAP_HEADER                  = 0x0001,
    CXL_CAP_RAS                     = 0x0002,
    CXL_CAP_SECURITY                = 0x0003,
    CXL_CAP_LINK                    = 0x0004,
    CXL_CAP_HDM                     = 0x0005,
    CXL_CAP_EXT_SECURITY            = 0x0006,
    CXL_CAP_IDE                     = 0x0007,
    CXL_CAP_SNOOP_FILTER            = 0x0008,
    CXL_CAP_TIMEOUT_ISOLATION       = 0x0009,
    CXL_CAP_CACHEMEM_EXT            = 0x000a,
    CXL_CAP_BI_ROUTE_TABLE          = 0x000b,
    CXL_CAP_BI_DECODER              = 0x000c,
    CXL_CAP_CACHE_ID_ROUTE_TABLE    = 0x000d,
    CXL_CAP_CACHE_ID_DECODER        = 0x000e,
    CXL_CAP_EXT_HDM                 = 0x000f,
    CXL_CAP_EXT_METADATA            = 0x0010,
};

enum {
    CXL_CAP_HEADER_VERSION          = 1,
    CXL_CAP_CACHEMEM_VERSION        = 1,
    CXL_CAP_RAS_VERSION             = 3,
    CXL_CAP_LINK_VERSION            = 2,
    CXL_CAP_HDM_VERSION             = 3,
    CXL_CAP_EXT_SECURITY_VERSION    = 2,
    CXL_CAP_SNOOP_FILTER_VERSION    = 1,
};

/* Dword 0 of the array; dword k is entry k, from 1 to the array's size */
FIELD(CXL_CAP_ARRAY, ID, 0, 16)
FIELD(CXL_CAP_ARRAY, VERSION, 16, 4)
FIELD(CXL_CAP_ARRAY, CACHEMEM_VERSION, 20, 4)
FIELD(CXL_CAP_ARRAY, SIZE, 24, 8)

FIELD(CXL_CAP_ENTRY, ID, 0, 16)
FIELD(CXL_CAP_ENTRY, VERSION, 16, 4)
FIELD(CXL_CAP_ENTRY, POINTER, 20, 12)       /* bytes from 0x1000 */

/* CXL r3.2: CXL Link Capability Structure: 64-bit registers */
#define CXL_LINK_CAPABILITY         0x00
#define CXL_LINK_CONTROL_STATUS     0x08
#define CXL_LINK_RX_CREDIT_CONTROL  0x10
#define CXL_LINK_RX_CREDIT_RETURN   0x18
#define CXL_LINK_TX_CREDIT_STATUS   0x20
#define CXL_LINK_ACK_TIMER          0x28
#define CXL_LINK_DEFEATURE          0x30
#define CXL_LINK_LENGTH             0x38

FIELD(CXL_LINK_CAP, VERSION_SUPPORTED, 0, 4)
FIELD(CXL_LINK_CAP, VERSION_RECEIVED, 4, 4)

FIELD(CXL_LINK_CTRL, RESET, 0, 1)
FIELD(CXL_LINK_CTRL, INIT_STALL, 1, 1)
FIELD(CXL_LINK_CTRL, CREDIT_STALL, 2, 1)
FIELD(CXL_LINK_CTRL, INIT_STATE, 3, 2)
#define CXL_LINK_INIT_DONE          3

/* CXL r3.2: CXL Extended Security Capability Structure: n entries */
#define CXL_EXT_SECURITY_COUNT      0x00
#define CXL_EXT_SECURITY_TRUST      0x04    /* of entry 0 */
#define CXL_EXT_SECURITY_PORT       0x08
#define CXL_EXT_SECURITY_STRIDE     0x08
#define CXL_EXT_SECURITY_LENGTH(n)  (0x04 + 0x08 * (n))

/* CXL r3.2: CXL Snoop Filter Capability Structure */
#define CXL_SNOOP_FILTER_GROUP      0x00
#define CXL_SNOOP_FILTER_SIZE       0x04    /* KiB */
#define CXL_SNOOP_FILTER_LENGTH     0x08

#endif
