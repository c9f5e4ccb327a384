/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Logs Command Set. */
#ifndef HW_CXL_SPEC_CMD_LOGS_H
#define HW_CXL_SPEC_CMD_LOGS_H

#include "hw/cxl/spec/wire.h"

/* Log identifiers, RFC 4122 byte order */
#define CXL_LOG_UUID_CEL                                            \
    { 0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,               \
      0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17 }

/* Get Supported Logs (0400h): output, @count CXLWireSupportedLog follow */
typedef struct {
    cxl_le16 count;
    uint8_t reserved[6];
} QEMU_PACKED CXLWireSupportedLogs;
CXL_WIRE(CXLWireSupportedLogs, 8);

typedef struct {
    uint8_t uuid[16];
    cxl_le32 size;              /* bytes */
} QEMU_PACKED CXLWireSupportedLog;
CXL_WIRE(CXLWireSupportedLog, 0x14);

/* Get Log (0401h): input */
typedef struct {
    uint8_t uuid[16];
    cxl_le32 offset;            /* bytes */
    cxl_le32 length;            /* bytes */
} QEMU_PACKED CXLWireGetLog;
CXL_WIRE(CXLWireGetLog, 0x18);

/* Command Effects Log: an entry */
typedef struct {
    cxl_le16 opcode;
    cxl_le16 effects;           /* CXL_EFF_* */
} QEMU_PACKED CXLWireCelEntry;
CXL_WIRE(CXLWireCelEntry, 4);

#endif
