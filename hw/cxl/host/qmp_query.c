/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: what memory devices are, and what is in their lists. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "qemu/uuid.h"
#include "hw/cxl/core/event_types.h"
#include "hw/cxl/host/qmp_type3.h"
#include "hw/cxl/model/glue_notify.h"

#define RECORDS_DEFAULT 128

static CxlMediaStatus media_status(CXLMediaStatus status)
{
    switch (status) {
    case CXL_MEDIA_READY:
        return CXL_MEDIA_STATUS_READY;
    case CXL_MEDIA_ERROR:
        return CXL_MEDIA_STATUS_ERROR;
    case CXL_MEDIA_DISABLED:
        return CXL_MEDIA_STATUS_DISABLED;
    default:
        return CXL_MEDIA_STATUS_NOT_READY;
    }
}

static void fill_media(CxlMemdev *out, const CXLType3 *ct3d)
{
    const CXLMediaState *media = &ct3d->media;

    out->volatile_only = media->volatile_only;
    out->persistent_only = media->persistent_only;
    out->partition_alignment = media->align;
    out->volatile_size = media->volatile_size;
    out->persistent_size = cxl_media_persistent(media);
    out->has_next_volatile_size = media->next_pending;
    out->next_volatile_size = media->next_volatile;
    out->media_status = media_status(media->status);
    out->locked = media->locked;
}

static void fill_registers(CxlMemdev *out, CXLType3 *ct3d)
{
    const CXLBg *bg = &ct3d->cci.bg;

    out->mem_enabled = cxl_type3_mem_enabled(ct3d);
    out->hdm_decoders = ct3d->hdm_decoders;
    out->committed_decoders = cxl_hdm_committed(&ct3d->component.hdm);
    out->mailbox_payload = ct3d->mailbox_payload;
    out->has_background_opcode = cxl_bg_running(bg);
    out->background_opcode = bg->opcode;
    out->has_background_percent = cxl_bg_running(bg);
    out->background_percent = cxl_bg_percent(bg);
    out->has_timestamp = ct3d->timestamp.set;
    out->timestamp = cxl_timestamp_get(&ct3d->timestamp);
}

static CxlMemdev *memdev(CXLType3 *ct3d)
{
    CxlMemdev *out = g_new0(CxlMemdev, 1);

    out->path = object_get_canonical_path(OBJECT(ct3d));
    out->id = g_strdup(DEVICE(ct3d)->id);
    out->serial = ct3d->serial;
    out->firmware = g_strndup(cxl_firmware_active(&ct3d->firmware)->revision,
                              CXL_FW_REVISION);
    out->lsa_size = cxl_lsa_size(&ct3d->lsa);
    out->event_log_size = ct3d->event_log_size;
    out->poison_records = ct3d->poison.count;
    out->poison_overflowed = ct3d->poison.overflowed;
    fill_media(out, ct3d);
    fill_registers(out, ct3d);
    return out;
}

static int add_memdev(Object *obj, void *opaque)
{
    CxlMemdevList ***tail = opaque;
    Object *found = object_dynamic_cast(obj, TYPE_CXL_TYPE3);

    if (found && CXL_TYPE3(found)->present) {
        QAPI_LIST_APPEND(*tail, memdev(CXL_TYPE3(found)));
    }
    return 0;
}

CxlMemdevList *qmp_query_cxl_memdev(const char *path, Error **errp)
{
    CxlMemdevList *list = NULL, **tail = &list;

    if (path) {
        CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);

        if (ct3d) {
            QAPI_LIST_APPEND(tail, memdev(ct3d));
        }
        return list;
    }
    object_child_foreach_recursive(object_get_root(), add_memdev, &tail);
    return list;
}

static char *hex(const void *bytes, size_t len)
{
    char *text = g_malloc(2 * len + 1);

    for (size_t i = 0; i < len; i++) {
        sprintf(text + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
    }
    return text;
}

static CxlEventRecord *event_record(const CXLWireEventRecord *record)
{
    CxlEventRecord *out = g_new0(CxlEventRecord, 1);
    CXLEventType type = cxl_event_type_of(record->uuid);
    QemuUUID uuid;

    memcpy(uuid.data, record->uuid, sizeof(uuid.data));
    *out = (CxlEventRecord) {
        .handle = cxl_get16(record->handle),
        .type = type < CXL_EVENT_TYPES ?
                g_strdup(cxl_event_type(type)->name) : NULL,
        .uuid = qemu_uuid_unparse_strdup(&uuid),
        .timestamp = cxl_get64(record->timestamp),
        .flags = cxl_get24(record->flags),
        .related_handle = cxl_get16(record->related_handle),
        .maint_op_class = record->maintenance_class,
        .maint_op_subclass = record->maintenance_subclass,
        .ld_id = cxl_get16(record->ld_id),
        .head_id = record->head_id,
        .record = hex(record, sizeof(*record)),
    };
    return out;
}

static CxlEventRecordList *event_records(const CXLEventLogs *logs,
                                         CXLEventLogId id, uint32_t max)
{
    CxlEventRecordList *list = NULL, **tail = &list;
    const CXLWireEventRecord *record;

    for (uint32_t n = 0; n < max && (record = cxl_evlog_peek(logs, id, n));
         n++) {
        QAPI_LIST_APPEND(tail, event_record(record));
    }
    return list;
}

static CxlEventInterrupt event_interrupt(uint8_t policy)
{
    switch (policy & CXL_EVENT_MODE_MASK) {
    case CXL_EVENT_MODE_MSI:
        return CXL_EVENT_INTERRUPT_MSI;
    case CXL_EVENT_MODE_FIRMWARE:
        return CXL_EVENT_INTERRUPT_FIRMWARE;
    default:
        return CXL_EVENT_INTERRUPT_NONE;
    }
}

static CxlEventLogInfo *event_log(const CXLEventLogs *logs,
                                  CxlEventLogName name, uint32_t max)
{
    CXLEventLogId id = (CXLEventLogId)name;
    const CXLEventLog *log = &logs->log[id];
    bool overflowed = cxl_evlog_overflowed(logs, id);
    CxlEventLogInfo *out = g_new0(CxlEventLogInfo, 1);

    *out = (CxlEventLogInfo) {
        .log = name,
        .size = log->depth,
        .count = log->count,
        .overflow_count = log->overflow_count,
        .has_overflow_first = overflowed,
        .overflow_first = log->overflow_first,
        .has_overflow_last = overflowed,
        .overflow_last = log->overflow_last,
        .interrupt = event_interrupt(log->policy),
        .vector = log->vector,
        .records = event_records(logs, id, max),
    };
    return out;
}

CxlEventLogInfoList *qmp_query_cxl_events(const char *path, bool has_log,
                                          CxlEventLogName log, bool has_max,
                                          uint32_t max, Error **errp)
{
    CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);
    CxlEventLogInfoList *list = NULL, **tail = &list;

    for (unsigned n = 0; ct3d && n < CXL_EVENT_LOG_NAME__MAX; n++) {
        if (!has_log || n == log) {
            QAPI_LIST_APPEND(tail, event_log(&ct3d->events, n, has_max ?
                                             max : RECORDS_DEFAULT));
        }
    }
    return list;
}

static CxlPoisonRangeList *poison_ranges(const CXLPoisonList *poison)
{
    CxlPoisonRangeList *list = NULL, **tail = &list;

    for (uint32_t n = 0; n < poison->count; n++) {
        CxlPoisonRange *range = g_new0(CxlPoisonRange, 1);

        range->start = poison->range[n].dpa;
        range->length = poison->range[n].length;
        range->source = cxl_glue_poison_source(poison->range[n].source);
        QAPI_LIST_APPEND(tail, range);
    }
    return list;
}

CxlPoisonInfo *qmp_query_cxl_poison(const char *path, Error **errp)
{
    CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);
    CxlPoisonInfo *out;

    if (!ct3d) {
        return NULL;
    }
    out = g_new0(CxlPoisonInfo, 1);
    out->size = ct3d->poison.max;
    out->inject_limit = ct3d->poison.inject_limit;
    out->overflowed = ct3d->poison.overflowed;
    out->has_overflow_time = ct3d->poison.overflowed;
    out->overflow_time = ct3d->poison.overflow_time;
    out->ranges = poison_ranges(&ct3d->poison);
    return out;
}
