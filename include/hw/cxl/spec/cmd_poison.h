/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Get Poison List, Inject Poison, Clear Poison (4300h-4302h). */
#ifndef HW_CXL_SPEC_CMD_POISON_H
#define HW_CXL_SPEC_CMD_POISON_H

#include "hw/cxl/spec/wire.h"

/* Bytes: what addresses and lengths of poison are multiples of */
#define CXL_POISON_LINE 64

typedef enum CXLPoisonSource {
    CXL_POISON_UNKNOWN  = 0,
    CXL_POISON_EXTERNAL = 1,
    CXL_POISON_INTERNAL = 2,
    CXL_POISON_INJECTED = 3,
    CXL_POISON_VENDOR   = 7,
} CXLPoisonSource;

typedef struct {
    cxl_le64 dpa;
    cxl_le64 length;            /* lines */
} QEMU_PACKED CXLWireGetPoisonIn;
CXL_WIRE(CXLWireGetPoisonIn, 0x10);

enum {
    CXL_GET_POISON_MORE     = 1 << 0,
    CXL_GET_POISON_OVERFLOW = 1 << 1,
    CXL_GET_POISON_SCANNING = 1 << 2,
};

/* Records follow */
typedef struct {
    uint8_t flags;
    uint8_t reserved;
    cxl_le64 overflow_time;     /* ns since 1970-01-01 UTC */
    cxl_le16 count;
    uint8_t reserved2[0x14];
} QEMU_PACKED CXLWireGetPoisonOut;
CXL_WIRE(CXLWireGetPoisonOut, 0x20);

typedef struct {
    cxl_le64 address;           /* DPA, and in bits 2:0 CXLPoisonSource */
    cxl_le32 length;            /* lines */
    uint8_t reserved[4];
} QEMU_PACKED CXLWirePoisonRecord;
CXL_WIRE(CXLWirePoisonRecord, 0x10);

typedef struct {
    cxl_le64 dpa;
} QEMU_PACKED CXLWireInjectPoison;
CXL_WIRE(CXLWireInjectPoison, 8);

typedef struct {
    cxl_le64 dpa;
    uint8_t data[CXL_POISON_LINE];
} QEMU_PACKED CXLWireClearPoison;
CXL_WIRE(CXLWireClearPoison, 0x48);

#endif
