/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Get LSA (4102h), Set LSA (4103h). */
#ifndef HW_CXL_SPEC_CMD_LSA_H
#define HW_CXL_SPEC_CMD_LSA_H

#include "hw/cxl/spec/wire.h"

typedef struct {
    cxl_le32 offset;            /* bytes */
    cxl_le32 length;            /* bytes */
} QEMU_PACKED CXLWireGetLsa;
CXL_WIRE(CXLWireGetLsa, 8);

/* Data follow */
typedef struct {
    cxl_le32 offset;            /* bytes */
    uint8_t reserved[4];
} QEMU_PACKED CXLWireSetLsa;
CXL_WIRE(CXLWireSetLsa, 8);

#endif
