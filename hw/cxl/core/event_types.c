/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/event_types.h"
#include "qemu/uuid.h"

static const CXLEventTypeRow event_type_rows[CXL_EVENT_TYPES] = {
    [CXL_EVENT_GENERAL_MEDIA] = {
        "General Media",
        UUID(0xfbcd0a77, 0xc260, 0x417f,
             0x85, 0xa9, 0x08, 0x8b, 0x16, 0x21, 0xeb, 0xa6),
    },
    [CXL_EVENT_DRAM] = {
        "DRAM",
        UUID(0x601dcbb3, 0x9c06, 0x4eab,
             0xb8, 0xaf, 0x4e, 0x9b, 0xfb, 0x5c, 0x96, 0x24),
    },
    [CXL_EVENT_MEMORY_MODULE] = {
        "Memory Module",
        UUID(0xfe927475, 0xdd59, 0x4339,
             0xa5, 0x86, 0x79, 0xba, 0xb1, 0x13, 0xb7, 0x74),
    },
    [CXL_EVENT_MEMORY_SPARING] = {
        "Memory Sparing",
        UUID(0xe71f3a40, 0x2d29, 0x4092,
             0x8a, 0x39, 0x4d, 0x1c, 0x96, 0x6c, 0x7c, 0x65),
    },
};

const CXLEventTypeRow *cxl_event_type(CXLEventType type)
{
    return &event_type_rows[type];
}

CXLEventType cxl_event_type_of(const uint8_t *uuid)
{
    unsigned type = 0;

    while (type < CXL_EVENT_TYPES &&
           memcmp(event_type_rows[type].uuid, uuid, 16)) {
        type++;
    }
    return type;
}

CXLWireEventRecord cxl_event_record(CXLEventType type, const void *data)
{
    CXLWireEventRecord record = {};

    memcpy(record.uuid, event_type_rows[type].uuid, sizeof(record.uuid));
    memcpy(record.data, data, sizeof(record.data));
    return record;
}

bool cxl_event_log(CXLEventLogs *logs, CXLEventLogId id, CXLEventType type,
                   const void *data)
{
    CXLWireEventRecord record = cxl_event_record(type, data);

    return cxl_evlog_add(logs, id, &record);
}
