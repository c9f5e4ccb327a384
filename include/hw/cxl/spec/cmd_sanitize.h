/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Sanitize, Secure Erase, Media Operations (4400h-4402h). */
#ifndef HW_CXL_SPEC_CMD_SANITIZE_H
#define HW_CXL_SPEC_CMD_SANITIZE_H

#include "hw/cxl/spec/wire.h"

enum {
    CXL_MEDIA_OPS_GENERAL   = 0,
    CXL_MEDIA_OPS_SANITIZE  = 1,
};

enum {
    CXL_MEDIA_OPS_DISCOVER       = 0,   /* of GENERAL */
    CXL_MEDIA_OPS_SANITIZE_RANGE = 0,   /* of SANITIZE */
    CXL_MEDIA_OPS_WRITE_ZERO     = 1,
};

/* Bytes: what addresses and lengths of ranges are multiples of */
#define CXL_MEDIA_OPS_GRANULARITY 64

typedef struct {
    uint8_t op_class, subclass;
    uint8_t reserved[2];
    cxl_le32 ranges;
} QEMU_PACKED CXLWireMediaOps;
CXL_WIRE(CXLWireMediaOps, 8);

typedef struct {
    cxl_le64 dpa, length;
} QEMU_PACKED CXLWireMediaRange;
CXL_WIRE(CXLWireMediaRange, 0x10);

typedef struct {
    cxl_le16 start, count;
} QEMU_PACKED CXLWireMediaDiscoverIn;
CXL_WIRE(CXLWireMediaDiscoverIn, 4);

typedef struct {
    uint8_t op_class, subclass;
} QEMU_PACKED CXLWireMediaOp;
CXL_WIRE(CXLWireMediaOp, 2);

/* CXLWireMediaOp follow */
typedef struct {
    cxl_le64 granularity;
    cxl_le16 total, count;
} QEMU_PACKED CXLWireMediaDiscoverOut;
CXL_WIRE(CXLWireMediaDiscoverOut, 0xc);

#endif
