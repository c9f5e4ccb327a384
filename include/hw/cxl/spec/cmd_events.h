/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Events Command Set. */
#ifndef HW_CXL_SPEC_CMD_EVENTS_H
#define HW_CXL_SPEC_CMD_EVENTS_H

#include "hw/cxl/spec/event.h"

/* Get Event Records (0100h) */
typedef struct {
    uint8_t log;                /* CXLEventLogId */
} QEMU_PACKED CXLWireGetEventsIn;
CXL_WIRE(CXLWireGetEventsIn, 1);

typedef struct {
    uint8_t flags;
    uint8_t reserved;
    cxl_le16 overflow_count;
    cxl_le64 overflow_first;    /* timestamps */
    cxl_le64 overflow_last;
    cxl_le16 record_count;      /* CXLWireEventRecord that follow */
    uint8_t reserved2[10];
} QEMU_PACKED CXLWireGetEventsOut;
CXL_WIRE(CXLWireGetEventsOut, 0x20);

enum {
    CXL_GET_EVENTS_OVERFLOW = 1 << 0,
    CXL_GET_EVENTS_MORE     = 1 << 1,
};

/* Clear Event Records (0101h): input, @count handles (cxl_le16) follow */
typedef struct {
    uint8_t log;
    uint8_t flags;
    uint8_t count;
    uint8_t reserved[3];
} QEMU_PACKED CXLWireClearEvents;
CXL_WIRE(CXLWireClearEvents, 6);

#define CXL_CLEAR_EVENTS_ALL 0x01
#define CXL_CLEAR_EVENTS_MAX_HANDLES 255

/*
 * Get and Set Event Interrupt Policy (0102h, 0103h): a byte for each log, in
 * the order of CXLEventLogId; the one of dynamic capacity may be missing.
 */
#define CXL_EVENT_POLICY_MIN 4
#define CXL_EVENT_POLICY_MAX 5

/*
 * Get and Set MCTP Event Interrupt Policy (0104h, 0105h), and the message of
 * Event Notification (0106h): bit per CXLEventLogId, and one more.
 */
typedef struct {
    cxl_le16 events;
} QEMU_PACKED CXLWireMctpPolicy;
CXL_WIRE(CXLWireMctpPolicy, 2);

#define CXL_MCTP_POLICY_LOGS       0x001f
#define CXL_MCTP_POLICY_BACKGROUND 0x8000

#endif
