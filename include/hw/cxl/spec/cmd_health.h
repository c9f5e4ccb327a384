/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Get Health Info (4200h). */
#ifndef HW_CXL_SPEC_CMD_HEALTH_H
#define HW_CXL_SPEC_CMD_HEALTH_H

#include "hw/cxl/spec/wire.h"

typedef struct {
    uint8_t status;
    uint8_t media_status;
    uint8_t additional_status;
    uint8_t life_used;          /* percent; 0xff: not reported */
    cxl_le16 temperature;       /* degrees Celsius, two's complement */
    cxl_le32 dirty_shutdowns;
    cxl_le32 corrected_volatile;
    cxl_le32 corrected_persistent;
} QEMU_PACKED CXLWireHealthInfo;
CXL_WIRE(CXLWireHealthInfo, 0x12);

#define CXL_HEALTH_LIFE_NOT_REPORTED 0xff

#endif
