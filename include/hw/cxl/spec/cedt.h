/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: CXL Early Discovery Table (ACPI). */
#ifndef HW_CXL_SPEC_CEDT_H
#define HW_CXL_SPEC_CEDT_H

#include "hw/cxl/spec/wire.h"

#define CXL_CEDT_REVISION           1

enum {
    CXL_CEDT_CHBS                   = 0,
    CXL_CEDT_CFMWS                  = 1,
    CXL_CEDT_CXIMS                  = 2,
    CXL_CEDT_RDPAS                  = 3,
    CXL_CEDT_CSDS                   = 4,
};

typedef struct {
    uint8_t type;
    uint8_t reserved;
    cxl_le16 length;                /* bytes, with these four */
} QEMU_PACKED CXLWireCedtPrefix;
CXL_WIRE(CXLWireCedtPrefix, 4);

/* CXL Host Bridge Structure */
typedef struct {
    CXLWireCedtPrefix prefix;
    cxl_le32 uid;
    cxl_le32 version;
    cxl_le32 reserved;
    cxl_le64 base;                  /* component registers, or RCRB */
    cxl_le64 length;
} QEMU_PACKED CXLWireChbs;
CXL_WIRE(CXLWireChbs, 0x20);

#define CXL_CHBS_VERSION_RCH        0
#define CXL_CHBS_VERSION_2_0        1
#define CXL_CHBS_LENGTH_RCH         0x2000
#define CXL_CHBS_LENGTH_2_0         0x10000

/* CXL Fixed Memory Window Structure; the list of targets follows */
typedef struct {
    CXLWireCedtPrefix prefix;
    cxl_le32 reserved;
    cxl_le64 base, size;            /* HPA, bytes */
    uint8_t ways;                   /* encoded */
    uint8_t arithmetic;
    cxl_le16 reserved2;
    cxl_le32 granularity;           /* encoded */
    cxl_le16 restrictions;
    cxl_le16 qtg;
} QEMU_PACKED CXLWireCfmws;
CXL_WIRE(CXLWireCfmws, 36);

/* CXL XOR Interleave Math Structure; the 64-bit maps follow */
typedef struct {
    CXLWireCedtPrefix prefix;
    cxl_le16 reserved;
    uint8_t granularity;            /* of the windows it is for; encoded */
    uint8_t maps;
} QEMU_PACKED CXLWireCxims;
CXL_WIRE(CXLWireCxims, 8);

#define CXL_CEDT_MODULO             0
#define CXL_CEDT_XOR                1

enum {
    CXL_CFMWS_DEVICE_COHERENT       = 1 << 0,
    CXL_CFMWS_HOST_ONLY             = 1 << 1,
    CXL_CFMWS_VOLATILE              = 1 << 2,
    CXL_CFMWS_PERSISTENT            = 1 << 3,
    CXL_CFMWS_FIXED                 = 1 << 4,
    CXL_CFMWS_BI                    = 1 << 5,
};

#endif
