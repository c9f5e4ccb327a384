/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Persistent Memory Data-at-rest Security (4500h-4505h). */
#ifndef HW_CXL_SPEC_CMD_SECURITY_H
#define HW_CXL_SPEC_CMD_SECURITY_H

#include "hw/cxl/spec/wire.h"

#define CXL_PASSPHRASE_SIZE 0x20

typedef enum CXLPassphraseType {
    CXL_PASSPHRASE_MASTER,
    CXL_PASSPHRASE_USER,
    CXL_PASSPHRASES
} CXLPassphraseType;

enum {
    CXL_SECURITY_USER_SET       = 1 << 0,
    CXL_SECURITY_MASTER_SET     = 1 << 1,
    CXL_SECURITY_LOCKED         = 1 << 2,
    CXL_SECURITY_FROZEN         = 1 << 3,
    CXL_SECURITY_USER_LIMIT     = 1 << 4,
    CXL_SECURITY_MASTER_LIMIT   = 1 << 5,
};

typedef struct {
    cxl_le32 state;
} QEMU_PACKED CXLWireSecurityState;
CXL_WIRE(CXLWireSecurityState, 4);

typedef struct {
    uint8_t type;
    uint8_t reserved[0x1f];
    uint8_t current[CXL_PASSPHRASE_SIZE];
    uint8_t next[CXL_PASSPHRASE_SIZE];
} QEMU_PACKED CXLWireSetPassphrase;
CXL_WIRE(CXLWireSetPassphrase, 0x60);

/* Disable Passphrase, Passphrase Secure Erase */
typedef struct {
    uint8_t type;
    uint8_t reserved[0x1f];
    uint8_t passphrase[CXL_PASSPHRASE_SIZE];
} QEMU_PACKED CXLWirePassphrase;
CXL_WIRE(CXLWirePassphrase, 0x40);

typedef struct {
    uint8_t passphrase[CXL_PASSPHRASE_SIZE];
} QEMU_PACKED CXLWireUnlock;
CXL_WIRE(CXLWireUnlock, 0x20);

#endif
