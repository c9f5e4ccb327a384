/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: event records that a user adds to a device's logs. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/core/event_types.h"
#include "hw/cxl/host/qmp_type3.h"

#define REPEAT_MAX 100000

QEMU_BUILD_BUG_ON((int)CXL_EVENT_LOG_NAME_INFORMATIONAL !=
                  (int)CXL_EVENT_LOG_INFO);
QEMU_BUILD_BUG_ON((int)CXL_EVENT_LOG_NAME_FATAL != (int)CXL_EVENT_LOG_FATAL);

static void add(const char *path, CxlEventLogName log,
                const CXLWireEventRecord *record, bool has_repeat,
                uint32_t repeat, Error **errp)
{
    CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);

    if (!ct3d) {
        return;
    }
    if (!has_repeat) {
        repeat = 1;
    }
    if (!repeat || repeat > REPEAT_MAX) {
        error_setg(errp, "repeat=%u is not from 1 to %u", repeat, REPEAT_MAX);
        return;
    }
    /* The interrupt's message may go to a register that unplugs the device. */
    object_ref(OBJECT(ct3d));
    for (uint32_t n = 0; n < repeat && ct3d->present; n++) {
        cxl_evlog_add(&ct3d->events, (CXLEventLogId)log, record);
    }
    object_unref(OBJECT(ct3d));
}

static bool from_hex(const char *hex, uint8_t *bytes)
{
    for (; *hex; hex += 2) {
        if (!g_ascii_isxdigit(hex[0]) || !g_ascii_isxdigit(hex[1])) {
            return false;
        }
        *bytes++ = g_ascii_xdigit_value(hex[0]) << 4 |
                   g_ascii_xdigit_value(hex[1]);
    }
    return true;
}

/* Text, or 0x and all the digits; @text may be NULL. */
static bool fill_component(uint8_t *id, const char *text, Error **errp)
{
    size_t len = text ? strlen(text) : 0;

    if (len == 2 + 2 * CXL_EVENT_COMPONENT_ID && g_str_has_prefix(text, "0x") &&
        from_hex(text + 2, id)) {
        return true;
    }
    if (len > CXL_EVENT_COMPONENT_ID) {
        error_setg(errp, "component-id='%s' is neither a text of up to %d "
                   "bytes nor 0x and %d hexadecimal digits", text,
                   CXL_EVENT_COMPONENT_ID, 2 * CXL_EVENT_COMPONENT_ID);
        return false;
    }
    if (len) {
        memcpy(id, text, len);
    }
    return true;
}

/* The flags of the component's two bits, the lower of which is @valid */
static uint16_t component_flags(const char *text, bool pldm, uint16_t valid)
{
    return text ? valid | (pldm ? valid << 1 : 0) : 0;
}

static void fill_header(CXLWireEventRecord *record,
                        const CxlInjectedEvent *event)
{
    uint32_t flags = event->flags;

    flags |= event->has_maint_op_subclass ? CXL_EVENT_SUBCLASS_VALID : 0;
    flags |= event->has_ld_id ? CXL_EVENT_LD_ID_VALID : 0;
    flags |= event->has_head_id ? CXL_EVENT_HEAD_ID_VALID : 0;
    record->flags = cxl_put24(flags);
    record->maintenance_class = event->maint_op_class;
    record->maintenance_subclass = event->maint_op_subclass;
    record->ld_id = cxl_put16(event->ld_id);
    record->head_id = event->head_id;
    record->related_handle = cxl_put16(event->related_handle);
}

/* Optional fields that are not given are 0. */
static void add_typed(CXLEventType type, const void *data,
                      const CxlInjectedEvent *event, Error **errp)
{
    CXLWireEventRecord record = cxl_event_record(type, data);

    fill_header(&record, event);
    add(event->path, event->log, &record, event->has_repeat, event->repeat,
        errp);
}

#define VALID(field, flag) (event->has_##field ? (flag) : 0)

static uint16_t general_media_validity(
    const CxlInjectedGeneralMediaEvent *event)
{
    return VALID(channel, CXL_MEDIA_EVENT_CHANNEL_VALID) |
        VALID(rank, CXL_MEDIA_EVENT_RANK_VALID) |
        VALID(device, CXL_MEDIA_EVENT_DEVICE_VALID) |
        component_flags(event->component_id, event->is_comp_id_pldm,
                        CXL_MEDIA_EVENT_COMPONENT_VALID);
}

void qmp_cxl_inject_general_media_event(CxlInjectedGeneralMediaEvent *event,
                                        Error **errp)
{
    CXLWireGeneralMediaEvent data = {
        .address = cxl_put64(event->dpa),
        .descriptor = event->descriptor,
        .type = event->type,
        .transaction = event->transaction_type,
        .validity = cxl_put16(general_media_validity(event)),
        .channel = event->channel,
        .rank = event->rank,
        .device = cxl_put24(event->device),
        .cme_threshold_flags = event->cme_ev_flags,
        .cme_count = cxl_put24(event->cme_count),
        .subtype = event->sub_type,
    };

    if (fill_component(data.component_id, event->component_id, errp)) {
        add_typed(CXL_EVENT_GENERAL_MEDIA, &data,
                  qapi_CxlInjectedMediaEvent_base(
                      qapi_CxlInjectedGeneralMediaEvent_base(event)), errp);
    }
}

static uint16_t dram_validity(const CxlInjectedDramEvent *event)
{
    return VALID(channel, CXL_DRAM_EVENT_CHANNEL_VALID) |
        VALID(rank, CXL_DRAM_EVENT_RANK_VALID) |
        VALID(nibble_mask, CXL_DRAM_EVENT_NIBBLE_VALID) |
        VALID(bank_group, CXL_DRAM_EVENT_BANK_GROUP_VALID) |
        VALID(bank, CXL_DRAM_EVENT_BANK_VALID) |
        VALID(row, CXL_DRAM_EVENT_ROW_VALID) |
        VALID(column, CXL_DRAM_EVENT_COLUMN_VALID) |
        VALID(correction_mask, CXL_DRAM_EVENT_CORRECTION_VALID) |
        VALID(sub_channel, CXL_DRAM_EVENT_SUB_CHANNEL_VALID) |
        component_flags(event->component_id, event->is_comp_id_pldm,
                        CXL_DRAM_EVENT_COMPONENT_VALID);
}

static bool fill_correction(CXLWireDramEvent *data, const uint64List *list,
                            Error **errp)
{
    for (unsigned n = 0; list; list = list->next, n++) {
        if (n == ARRAY_SIZE(data->correction_mask)) {
            error_setg(errp, "correction-mask has more than %zu numbers",
                       ARRAY_SIZE(data->correction_mask));
            return false;
        }
        data->correction_mask[n] = cxl_put64(list->value);
    }
    return true;
}

void qmp_cxl_inject_dram_event(CxlInjectedDramEvent *event, Error **errp)
{
    CXLWireDramEvent data = {
        .address = cxl_put64(event->dpa),
        .descriptor = event->descriptor,
        .type = event->type,
        .transaction = event->transaction_type,
        .validity = cxl_put16(dram_validity(event)),
        .channel = event->channel,
        .rank = event->rank,
        .nibble_mask = cxl_put24(event->nibble_mask),
        .bank_group = event->bank_group,
        .bank = event->bank,
        .row = cxl_put24(event->row),
        .column = cxl_put16(event->column),
        .sub_channel = event->sub_channel,
        .cme_threshold_flags = event->cme_ev_flags,
        .cvme_count = cxl_put24(event->cvme_count),
        .subtype = event->sub_type,
    };

    if (fill_correction(&data, event->correction_mask, errp) &&
        fill_component(data.component_id, event->component_id, errp)) {
        add_typed(CXL_EVENT_DRAM, &data,
                  qapi_CxlInjectedMediaEvent_base(
                      qapi_CxlInjectedDramEvent_base(event)), errp);
    }
}

void qmp_cxl_inject_memory_module_event(CxlInjectedMemoryModuleEvent *event,
                                        Error **errp)
{
    uint16_t validity = component_flags(event->component_id,
                                        event->is_comp_id_pldm, 1);
    CXLWireMemoryModuleEvent data = {
        .type = event->type,
        .health = {
            .status = event->health_status,
            .media_status = event->media_status,
            .additional_status = event->additional_status,
            .life_used = event->life_used,
            .temperature = cxl_put16(event->temperature),
            .dirty_shutdowns = cxl_put32(event->dirty_shutdown_count),
            .corrected_volatile =
                cxl_put32(event->corrected_volatile_error_count),
            .corrected_persistent =
                cxl_put32(event->corrected_persistent_error_count),
        },
        .validity = cxl_put16(validity),
        .subtype = event->sub_type,
    };

    if (fill_component(data.component_id, event->component_id, errp)) {
        add_typed(CXL_EVENT_MEMORY_MODULE, &data,
                  qapi_CxlInjectedMemoryModuleEvent_base(event), errp);
    }
}

static uint16_t sparing_validity(const CxlInjectedMemorySparingEvent *event)
{
    return VALID(channel, CXL_SPARING_EVENT_CHANNEL_VALID) |
        VALID(rank, CXL_SPARING_EVENT_RANK_VALID) |
        VALID(nibble_mask, CXL_SPARING_EVENT_NIBBLE_VALID) |
        VALID(bank_group, CXL_SPARING_EVENT_BANK_GROUP_VALID) |
        VALID(bank, CXL_SPARING_EVENT_BANK_VALID) |
        VALID(row, CXL_SPARING_EVENT_ROW_VALID) |
        VALID(column, CXL_SPARING_EVENT_COLUMN_VALID) |
        VALID(sub_channel, CXL_SPARING_EVENT_SUB_CHANNEL_VALID) |
        component_flags(event->component_id, event->is_comp_id_pldm,
                        CXL_SPARING_EVENT_COMPONENT_VALID);
}

void qmp_cxl_inject_memory_sparing_event(CxlInjectedMemorySparingEvent *event,
                                         Error **errp)
{
    CXLWireMemorySparingEvent data = {
        .flags = event->sparing_flags,
        .result = event->result,
        .validity = cxl_put16(sparing_validity(event)),
        .spares_available = cxl_put16(event->spares_available),
        .channel = event->channel,
        .rank = event->rank,
        .nibble_mask = cxl_put24(event->nibble_mask),
        .bank_group = event->bank_group,
        .bank = event->bank,
        .row = cxl_put24(event->row),
        .column = cxl_put16(event->column),
        .sub_channel = event->sub_channel,
    };

    if (fill_component(data.component_id, event->component_id, errp)) {
        add_typed(CXL_EVENT_MEMORY_SPARING, &data,
                  qapi_CxlInjectedMemorySparingEvent_base(event), errp);
    }
}

void qmp_cxl_inject_event_record(const char *path, CxlEventLogName log,
                                 const char *hex, bool has_repeat,
                                 uint32_t repeat, Error **errp)
{
    CXLWireEventRecord record = {};

    if (strlen(hex) > 2 * sizeof(record) ||
        !from_hex(hex, (uint8_t *)&record)) {
        error_setg(errp, "record='%s' is not an even number of up to %zu "
                   "hexadecimal digits", hex, 2 * sizeof(record));
        return;
    }
    add(path, log, &record, has_repeat, repeat, errp);
}
