/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: CXL Device Register Interface. */
#ifndef HW_CXL_SPEC_DEVICE_H
#define HW_CXL_SPEC_DEVICE_H

#include "hw/cxl/spec/wire.h"
#include "hw/registerfields.h"

/* CXL Device Capability IDs */
enum {
    CXL_DEVICE_CAP_ARRAY             = 0x0000,
    CXL_DEVICE_CAP_STATUS            = 0x0001,
    CXL_DEVICE_CAP_PRIMARY_MAILBOX   = 0x0002,
    CXL_DEVICE_CAP_SECONDARY_MAILBOX = 0x0003,
    CXL_DEVICE_CAP_MEMDEV_STATUS     = 0x4000,
};

/* CXL Device Capabilities Array Register */
typedef struct {
    cxl_le16 id;                /* CXL_DEVICE_CAP_ARRAY */
    uint8_t version;
    uint8_t type;               /* bits 3:0; 0: told by the class code */
    cxl_le16 count;             /* of headers that follow */
    uint8_t reserved[10];
} QEMU_PACKED CXLWireDeviceCapArray;
CXL_WIRE(CXLWireDeviceCapArray, 0x10);

/* CXL Device Capability Header Register */
typedef struct {
    cxl_le16 id;
    uint8_t version;
    uint8_t reserved;
    cxl_le32 offset;            /* bytes from the start of the array */
    cxl_le32 length;            /* bytes */
    uint8_t reserved2[4];
} QEMU_PACKED CXLWireDeviceCapHeader;
CXL_WIRE(CXLWireDeviceCapHeader, 0x10);

#define CXL_DEVICE_STATUS_LENGTH 8
#define CXL_MEMDEV_STATUS_LENGTH 8

/* Memory Device Status Register, 64 bits */
FIELD(CXL_MEMDEV_STATUS, FATAL, 0, 1)
FIELD(CXL_MEMDEV_STATUS, FW_HALT, 1, 1)
FIELD(CXL_MEMDEV_STATUS, MEDIA_STATUS, 2, 2)
FIELD(CXL_MEMDEV_STATUS, MAILBOX_READY, 4, 1)
FIELD(CXL_MEMDEV_STATUS, RESET_NEEDED, 5, 3)

#endif
