/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Information and Status Command Set. */
#ifndef HW_CXL_SPEC_CMD_INFOSTAT_H
#define HW_CXL_SPEC_CMD_INFOSTAT_H

#include "hw/cxl/spec/wire.h"

/* Identify (0001h): output */
typedef struct {
    cxl_le16 vendor;
    cxl_le16 device;
    cxl_le16 subsystem_vendor;
    cxl_le16 subsystem;
    cxl_le64 serial;
    uint8_t max_message;        /* 2^n bytes */
    uint8_t component_type;
} QEMU_PACKED CXLWireIdentify;
CXL_WIRE(CXLWireIdentify, 0x12);

/* Background Operation Status (0002h): output */
typedef struct {
    uint8_t status;             /* bit 0: in progress; 7:1: percent */
    uint8_t reserved;
    cxl_le16 opcode;
    cxl_le16 return_code;
    cxl_le16 vendor_status;
} QEMU_PACKED CXLWireBgStatus;
CXL_WIRE(CXLWireBgStatus, 8);

/* Get (0003h), Set Response Message Limit (0004h) */
typedef struct {
    uint8_t limit;              /* 2^n bytes */
} QEMU_PACKED CXLWireResponseLimit;
CXL_WIRE(CXLWireResponseLimit, 1);

#define CXL_MESSAGE_MIN_SHIFT       8
#define CXL_MESSAGE_MAX_SHIFT       20

#define CXL_BG_STATUS_RUNNING       0x01
#define CXL_BG_STATUS_PERCENT_SHIFT 1

#endif
