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
    [CXL_EVENT_DYNAMIC_CAPACITY] = {
        "Dynamic Capacity",
        UUID(0xca95afa7, 0xf183, 0x4018,
             0x8c, 0x2f, 0x95, 0x26, 0x8e, 0x10, 0x1a, 0x2a),
    },
    [CXL_EVENT_PHYSICAL_SWITCH] = {
        "Physical Switch",
        UUID(0x77cf9271, 0x9c02, 0x470b,
             0x9f, 0xe4, 0xbc, 0x7b, 0x75, 0xf2, 0xda, 0x97),
    },
    [CXL_EVENT_VIRTUAL_SWITCH] = {
        "Virtual CXL Switch",
        UUID(0x40d26425, 0x3396, 0x4c4d,
             0xa5, 0xda, 0x3d, 0x47, 0x26, 0x3a, 0xf4, 0x25),
    },
    [CXL_EVENT_MLD_PORT] = {
        "MLD Port",
        UUID(0x8dc44363, 0x0c96, 0x4710,
             0xb7, 0xbf, 0x04, 0xbb, 0x99, 0x53, 0x4c, 0x3f),
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
