/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Events: logs and the record header that all types share. */
#ifndef HW_CXL_SPEC_EVENT_H
#define HW_CXL_SPEC_EVENT_H

#include "hw/cxl/spec/wire.h"

typedef enum CXLEventLogId {
    CXL_EVENT_LOG_INFO,
    CXL_EVENT_LOG_WARNING,
    CXL_EVENT_LOG_FAILURE,
    CXL_EVENT_LOG_FATAL,
    CXL_EVENT_LOG_DYNAMIC_CAPACITY,
    CXL_EVENT_LOGS
} CXLEventLogId;

/* Event record flags: 24 bits */
enum {
    CXL_EVENT_SEVERITY_MASK      = 0x3,
    CXL_EVENT_PERMANENT          = 1 << 2,
    CXL_EVENT_MAINTENANCE_NEEDED = 1 << 3,
    CXL_EVENT_PERFORMANCE        = 1 << 4,
    CXL_EVENT_REPLACEMENT_NEEDED = 1 << 5,
    CXL_EVENT_SUBCLASS_VALID     = 1 << 6,
    CXL_EVENT_LD_ID_VALID        = 1 << 7,
    CXL_EVENT_HEAD_ID_VALID      = 1 << 8,
};

/* CXL r3.2: Common Event Record Format */
typedef struct {
    uint8_t uuid[16];           /* RFC 4122 byte order */
    uint8_t length;
    cxl_le24 flags;
    cxl_le16 handle;            /* never 0 */
    cxl_le16 related_handle;    /* 0: none */
    cxl_le64 timestamp;         /* ns since 1970-01-01 UTC; 0: never set */
    uint8_t maintenance_class;
    uint8_t maintenance_subclass;
    cxl_le16 ld_id;
    uint8_t head_id;
    uint8_t reserved[0x0b];
    uint8_t data[0x50];         /* by type of record */
} QEMU_PACKED CXLWireEventRecord;
CXL_WIRE(CXLWireEventRecord, 0x80);

/* CXL r3.2: Get Event Interrupt Policy: one byte for each log */
enum {
    CXL_EVENT_MODE_MASK     = 0x03,
    CXL_EVENT_MODE_NONE     = 0,
    CXL_EVENT_MODE_MSI      = 1,
    CXL_EVENT_MODE_FIRMWARE = 2,
    CXL_EVENT_MODE_RESERVED = 3,
};
#define CXL_EVENT_VECTOR_SHIFT 4        /* message number: bits 7:4 */

#endif
