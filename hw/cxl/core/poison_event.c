/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/poison_event.h"

static CXLWireGeneralMediaEvent media_event(const CXLMediaState *media,
                                            uint64_t dpa, uint8_t transaction)
{
    bool ram = dpa < media->volatile_size;
    CXLWireGeneralMediaEvent event = {
        .descriptor = CXL_EVENT_UNCORRECTABLE,
        .type = CXL_MEDIA_EVENT_ECC,
        .transaction = transaction,
    };

    event.address = cxl_put64(dpa | (ram ? CXL_EVENT_PA_VOLATILE : 0));
    return event;
}

/* A host that reads in a loop fills no log. */
static bool waits(const CXLEventLogs *logs, CXLEventLogId id,
                  const CXLWireEventRecord *wanted)
{
    const CXLWireEventRecord *record;

    for (uint32_t n = 0; (record = cxl_evlog_peek(logs, id, n)); n++) {
        if (!memcmp(record->uuid, wanted->uuid, sizeof(record->uuid)) &&
            !memcmp(record->data, wanted->data, sizeof(record->data))) {
            return true;
        }
    }
    return false;
}

void cxl_poison_event_read(CXLEventLogs *logs, const CXLMediaState *media,
                           uint64_t dpa)
{
    uint64_t line = QEMU_ALIGN_DOWN(dpa, CXL_POISON_LINE);
    CXLWireGeneralMediaEvent event = media_event(media, line,
                                                 CXL_EVENT_BY_HOST_READ);
    CXLWireEventRecord record = cxl_event_record(CXL_EVENT_GENERAL_MEDIA,
                                                 &event);

    if (!waits(logs, CXL_EVENT_LOG_FAILURE, &record)) {
        cxl_evlog_add(logs, CXL_EVENT_LOG_FAILURE, &record);
    }
}

static void report(const CXLPoisonList *list, CXLEventLogId id,
                   const CXLWireGeneralMediaEvent *event)
{
    if (list->events) {
        cxl_event_log(list->events, id, CXL_EVENT_GENERAL_MEDIA, event);
    }
}

void cxl_poison_event_injected(const CXLPoisonList *list, uint64_t dpa)
{
    CXLWireGeneralMediaEvent event =
        media_event(list->media, dpa, CXL_EVENT_BY_INJECT_POISON);

    report(list, CXL_EVENT_LOG_INFO, &event);
}

void cxl_poison_event_found(const CXLPoisonList *list, uint64_t dpa)
{
    CXLWireGeneralMediaEvent event =
        media_event(list->media, dpa, CXL_EVENT_BY_MANAGEMENT);

    report(list, CXL_EVENT_LOG_FAILURE, &event);
}

void cxl_poison_event_overflow(const CXLPoisonList *list, uint64_t dpa)
{
    CXLWireGeneralMediaEvent event =
        media_event(list->media, dpa, CXL_EVENT_BY_MANAGEMENT);

    event.descriptor |= CXL_EVENT_POISON_OVERFLOW;
    report(list, CXL_EVENT_LOG_FAILURE, &event);
}
