/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Timestamp: Get (0300h) and Set (0301h). */
#ifndef HW_CXL_SPEC_CMD_TIMESTAMP_H
#define HW_CXL_SPEC_CMD_TIMESTAMP_H

#include "hw/cxl/spec/wire.h"

typedef struct {
    cxl_le64 ns;                /* since 1970-01-01 UTC; 0: never set */
} QEMU_PACKED CXLWireTimestamp;
CXL_WIRE(CXLWireTimestamp, 8);

#endif
