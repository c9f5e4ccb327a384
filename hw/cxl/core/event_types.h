/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of event records: their UUIDs, and how a record of one is made.
 * CXL r3.2: Event Records.
 */
#ifndef HW_CXL_CORE_EVENT_TYPES_H
#define HW_CXL_CORE_EVENT_TYPES_H

#include "hw/cxl/core/evlog.h"
#include "hw/cxl/spec/event_types.h"

typedef enum CXLEventType {
    CXL_EVENT_GENERAL_MEDIA,
    CXL_EVENT_DRAM,
    CXL_EVENT_MEMORY_MODULE,
    CXL_EVENT_MEMORY_SPARING,
    CXL_EVENT_DYNAMIC_CAPACITY,
    CXL_EVENT_PHYSICAL_SWITCH,
    CXL_EVENT_VIRTUAL_SWITCH,
    CXL_EVENT_MLD_PORT,
    CXL_EVENT_TYPES
} CXLEventType;

typedef struct CXLEventTypeRow {
    const char *name;               /* the standard's */
    uint8_t uuid[16];               /* RFC 4122 byte order */
} CXLEventTypeRow;

const CXLEventTypeRow *cxl_event_type(CXLEventType type);
/* The type of a record with this @uuid, or CXL_EVENT_TYPES. */
CXLEventType cxl_event_type_of(const uint8_t *uuid);

/* A record of @type; @data: its CXLWire..Event, CXL_EVENT_DATA bytes. */
CXLWireEventRecord cxl_event_record(CXLEventType type, const void *data);
/* Append one that has nothing but data; false if the log is full. */
bool cxl_event_log(CXLEventLogs *logs, CXLEventLogId id, CXLEventType type,
                   const void *data);

#endif
