/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Logs Command Set. */
#ifndef HW_CXL_SPEC_CMD_LOGS_H
#define HW_CXL_SPEC_CMD_LOGS_H

#include "hw/cxl/spec/wire.h"

/* Log identifiers, RFC 4122 byte order */
#define CXL_LOG_UUID_CEL                                            \
    { 0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,               \
      0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17 }

#define CXL_LOG_UUID_VENDOR_DEBUG                                   \
    { 0x5e, 0x18, 0x19, 0xd9, 0x11, 0xa9, 0x40, 0x0c,               \
      0x81, 0x1f, 0xd6, 0x07, 0x19, 0x40, 0x3d, 0x86 }
#define CXL_LOG_UUID_STATE_DUMP                                     \
    { 0xb3, 0xfa, 0xb4, 0xcf, 0x01, 0xb6, 0x43, 0x32,               \
      0x94, 0x3e, 0x5e, 0x99, 0x62, 0xf2, 0x35, 0x67 }

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

/* Get Log Capabilities (0402h), Clear (0403h), Populate Log (0404h): input */
typedef struct {
    uint8_t uuid[16];
} QEMU_PACKED CXLWireLogId;
CXL_WIRE(CXLWireLogId, 0x10);

/* Get Log Capabilities (0402h): output */
typedef struct {
    cxl_le32 caps;              /* CXL_LOG_CAP_* */
} QEMU_PACKED CXLWireLogCaps;
CXL_WIRE(CXLWireLogCaps, 4);

enum {
    CXL_LOG_CAP_CLEAR           = 1 << 0,
    CXL_LOG_CAP_POPULATE        = 1 << 1,
    CXL_LOG_CAP_AUTO_POPULATE   = 1 << 2,
    CXL_LOG_CAP_PERSISTENT      = 1 << 3,   /* over a cold reset */
};

/* Get Supported Logs Sub-List (0405h): input */
typedef struct {
    uint8_t max;                /* entries */
    uint8_t start;
} QEMU_PACKED CXLWireGetLogsFrom;
CXL_WIRE(CXLWireGetLogsFrom, 2);

/* Its output, @count CXLWireSupportedLog follow */
typedef struct {
    uint8_t count;
    uint8_t reserved;
    cxl_le16 total;
    uint8_t start;
    uint8_t reserved2[3];
} QEMU_PACKED CXLWireLogsFrom;
CXL_WIRE(CXLWireLogsFrom, 8);

/* Component State Dump: its header; @length bytes in a format of @uuid follow */
typedef struct {
    cxl_le32 length;            /* 0: not populated */
    uint8_t auto_populated;     /* times since it was cleared */
    uint8_t event_log;
    cxl_le16 event_handle;
    cxl_le64 timestamp;         /* ns since 1970-01-01 UTC */
    uint8_t uuid[16];
    uint8_t reserved[0x20];
} QEMU_PACKED CXLWireStateDump;
CXL_WIRE(CXLWireStateDump, 0x40);

/* Command Effects Log: an entry */
typedef struct {
    cxl_le16 opcode;
    cxl_le16 effects;           /* CXL_EFF_* */
} QEMU_PACKED CXLWireCelEntry;
CXL_WIRE(CXLWireCelEntry, 4);

#endif
