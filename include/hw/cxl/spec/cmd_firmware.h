/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Firmware Update Command Set. */
#ifndef HW_CXL_SPEC_CMD_FIRMWARE_H
#define HW_CXL_SPEC_CMD_FIRMWARE_H

#include "hw/cxl/spec/wire.h"

#define CXL_FW_MAX_SLOTS 4
#define CXL_FW_REVISION 16          /* ASCII, zero padded */
/* Parts of an image, and their offsets, are multiples of it; bytes */
#define CXL_FW_UNIT 128

/* Get FW Info (0200h): output */
typedef struct {
    uint8_t slots;
    uint8_t slot_info;              /* bits 2:0 active; 5:3 staged, 0 none */
    uint8_t caps;
    uint8_t reserved[0x0d];
    char revision[CXL_FW_MAX_SLOTS][CXL_FW_REVISION];
} QEMU_PACKED CXLWireFwInfo;
CXL_WIRE(CXLWireFwInfo, 0x50);

#define CXL_FW_STAGED_SHIFT     3
#define CXL_FW_CAP_ONLINE       0x01

typedef enum CXLFwAction {
    CXL_FW_FULL,
    CXL_FW_INITIATE,
    CXL_FW_CONTINUE,
    CXL_FW_END,
    CXL_FW_ABORT,
} CXLFwAction;

/* Transfer FW (0201h): input, the part follows */
typedef struct {
    uint8_t action;                 /* CXLFwAction */
    uint8_t slot;                   /* of CXL_FW_FULL and CXL_FW_END */
    uint8_t reserved[2];
    cxl_le32 offset;                /* CXL_FW_UNIT */
    uint8_t reserved2[0x78];
    uint8_t data[];
} QEMU_PACKED CXLWireTransferFw;
CXL_WIRE(CXLWireTransferFw, 0x80);

enum {
    CXL_FW_ACTIVATE_ONLINE      = 0,
    CXL_FW_ACTIVATE_COLD_RESET  = 1,
};

/* Activate FW (0202h): input */
typedef struct {
    uint8_t action;
    uint8_t slot;
} QEMU_PACKED CXLWireActivateFw;
CXL_WIRE(CXLWireActivateFw, 2);

#endif
