/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: CXL HDM Decoder Capability Structure: offsets and fields. */
#ifndef HW_CXL_SPEC_HDM_H
#define HW_CXL_SPEC_HDM_H

#include "hw/registerfields.h"

/* Offsets in bytes from the start of the capability */
#define CXL_HDM_CAPABILITY          0x00
#define CXL_HDM_GLOBAL_CONTROL      0x04
#define CXL_HDM_DECODERS            0x10    /* of decoder 0 */
#define CXL_HDM_DECODER_STRIDE      0x20

/* Offsets in bytes from the start of a decoder */
#define CXL_HDM_BASE_LOW            0x00
#define CXL_HDM_BASE_HIGH           0x04
#define CXL_HDM_SIZE_LOW            0x08
#define CXL_HDM_SIZE_HIGH           0x0c
#define CXL_HDM_CONTROL             0x10
#define CXL_HDM_TARGET_LOW          0x14    /* host bridge, switch */
#define CXL_HDM_TARGET_HIGH         0x18
#define CXL_HDM_SKIP_LOW            0x14    /* device */
#define CXL_HDM_SKIP_HIGH           0x18

/* Offset of a register of decoder @n */
#define CXL_HDM_REG(n, reg) \
    (CXL_HDM_DECODERS + CXL_HDM_DECODER_STRIDE * (n) + (reg))

/* Base, size and skip are multiples of 256 MiB: bits 31:28 of the low half */
#define CXL_HDM_UNIT                (256 * 1024 * 1024ULL)
#define CXL_HDM_LOW_MASK            0xf0000000

FIELD(CXL_HDM_CAP, COUNT, 0, 4)             /* code: see _COUNT_CODE */
FIELD(CXL_HDM_CAP, TARGETS, 4, 4)           /* 1, 2, 4 or 8 */
FIELD(CXL_HDM_CAP, INTERLEAVE_11_8, 8, 1)
FIELD(CXL_HDM_CAP, INTERLEAVE_14_12, 9, 1)
FIELD(CXL_HDM_CAP, POISON_ON_ERROR, 10, 1)
FIELD(CXL_HDM_CAP, WAYS_3_6_12, 11, 1)
FIELD(CXL_HDM_CAP, WAYS_16, 12, 1)
FIELD(CXL_HDM_CAP, UIO, 13, 1)
FIELD(CXL_HDM_CAP, UIO_COUNT, 16, 4)
FIELD(CXL_HDM_CAP, MEMDATA_NXM, 20, 1)
FIELD(CXL_HDM_CAP, COHERENCY, 21, 2)

/* Decoder count code for 1, 2, 4, 6, 8 and 10 decoders */
#define CXL_HDM_COUNT_CODE(count)   ((count) / 2)

enum {
    CXL_HDM_COHERENCY_UNKNOWN       = 0,
    CXL_HDM_COHERENCY_DEVICE        = 1,
    CXL_HDM_COHERENCY_HOST_ONLY     = 2,
    CXL_HDM_COHERENCY_SELECTABLE    = 3,
};

FIELD(CXL_HDM_GLOBAL, POISON_ON_ERROR, 0, 1)
FIELD(CXL_HDM_GLOBAL, ENABLE, 1, 1)

FIELD(CXL_HDM_CTRL, IG, 0, 4)
FIELD(CXL_HDM_CTRL, IW, 4, 4)
FIELD(CXL_HDM_CTRL, LOCK, 8, 1)
FIELD(CXL_HDM_CTRL, COMMIT, 9, 1)
FIELD(CXL_HDM_CTRL, COMMITTED, 10, 1)
FIELD(CXL_HDM_CTRL, ERROR, 11, 1)
FIELD(CXL_HDM_CTRL, HOST_ONLY, 12, 1)
FIELD(CXL_HDM_CTRL, BI, 13, 1)
FIELD(CXL_HDM_CTRL, UIO, 14, 1)
FIELD(CXL_HDM_CTRL, UIG, 16, 4)
FIELD(CXL_HDM_CTRL, UIW, 20, 4)
FIELD(CXL_HDM_CTRL, ISP, 24, 4)

#endif
