/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device's state of health. */
#include "qemu/osdep.h"
#include "hw/cxl/core/health.h"

/* CXL r3.2: Memory Module Event Record: Device Event Type */
enum {
    HEALTH_CHANGE      = 0,
    MEDIA_CHANGE       = 1,
    LIFE_USED_CHANGE   = 2,
    TEMPERATURE_CHANGE = 3,
};

typedef enum Level {
    NORMAL,
    WARNING,
    CRITICAL,
} Level;

typedef struct Levels {
    uint8_t of[CXL_ALERTS];
} Levels;

void cxl_health_init(CXLHealth *health, CXLEventLogs *events)
{
    *health = (CXLHealth) {
        .now = { .temperature = 25 },
        .alerts = {
            .life_warning = 75, .over_warning = 75, .under_warning = 5,
            .volatile_warning = 64, .persistent_warning = 64,
        },
        .events = events,
    };
}

static Level level(bool enabled, bool warning, bool critical)
{
    return critical ? CRITICAL : enabled && warning ? WARNING : NORMAL;
}

static bool enabled(const CXLHealth *health, CXLAlert alert)
{
    return health->alerts.enabled & 1 << alert;
}

static Level life_level(const CXLHealth *health)
{
    uint8_t life = health->now.life_used;

    if (life == CXL_HEALTH_LIFE_NOT_REPORTED) {
        return NORMAL;
    }
    return level(enabled(health, CXL_ALERT_LIFE_USED),
                 life >= health->alerts.life_warning,
                 life >= CXL_HEALTH_LIFE_CRITICAL);
}

static Level over_level(const CXLHealth *health)
{
    int16_t t = health->now.temperature;

    if (t == CXL_HEALTH_TEMPERATURE_NOT_REPORTED) {
        return NORMAL;
    }
    return level(enabled(health, CXL_ALERT_OVER_TEMPERATURE),
                 t >= health->alerts.over_warning,
                 t >= CXL_HEALTH_OVER_CRITICAL);
}

static Level under_level(const CXLHealth *health)
{
    int16_t t = health->now.temperature;

    return level(enabled(health, CXL_ALERT_UNDER_TEMPERATURE),
                 t <= health->alerts.under_warning,
                 t <= CXL_HEALTH_UNDER_CRITICAL);
}

static Levels levels(const CXLHealth *health)
{
    const CXLHealthValues *now = &health->now;
    const CXLAlerts *alerts = &health->alerts;
    bool by_volatile = enabled(health, CXL_ALERT_CORRECTED_VOLATILE);
    bool by_persistent = enabled(health, CXL_ALERT_CORRECTED_PERSISTENT);

    return (Levels) { .of = {
        [CXL_ALERT_LIFE_USED] = life_level(health),
        [CXL_ALERT_OVER_TEMPERATURE] = over_level(health),
        [CXL_ALERT_UNDER_TEMPERATURE] = under_level(health),
        [CXL_ALERT_CORRECTED_VOLATILE] =
            level(by_volatile,
                  now->corrected_volatile >= alerts->volatile_warning, false),
        [CXL_ALERT_CORRECTED_PERSISTENT] =
            level(by_persistent,
                  now->corrected_persistent >= alerts->persistent_warning,
                  false),
    } };
}

static uint8_t additional_status(const CXLHealth *health)
{
    Levels l = levels(health);
    Level temperature = MAX(l.of[CXL_ALERT_OVER_TEMPERATURE],
                            l.of[CXL_ALERT_UNDER_TEMPERATURE]);

    return l.of[CXL_ALERT_LIFE_USED] << CXL_HEALTH_LIFE_SHIFT |
        temperature << CXL_HEALTH_TEMPERATURE_SHIFT |
        (l.of[CXL_ALERT_CORRECTED_VOLATILE] ?
         CXL_HEALTH_CORRECTED_VOLATILE : 0) |
        (l.of[CXL_ALERT_CORRECTED_PERSISTENT] ?
         CXL_HEALTH_CORRECTED_PERSISTENT : 0);
}

CXLWireHealthInfo cxl_health_info(const CXLHealth *health)
{
    const CXLHealthValues *now = &health->now;

    return (CXLWireHealthInfo) {
        .status = now->status,
        .media_status = now->media_status,
        .additional_status = additional_status(health),
        .life_used = now->life_used,
        .temperature = cxl_put16(now->temperature),
        .dirty_shutdowns = cxl_put32(now->dirty_shutdowns),
        .corrected_volatile = cxl_put32(now->corrected_volatile),
        .corrected_persistent = cxl_put32(now->corrected_persistent),
    };
}

/* CXL r3.2: Common Event Record Format: what it says of the device */
static uint32_t record_flags(const CXLHealth *health)
{
    uint8_t status = health->now.status;

    return (status & CXL_HEALTH_MAINTENANCE ? CXL_EVENT_MAINTENANCE_NEEDED
                                            : 0) |
        (status & CXL_HEALTH_PERFORMANCE ? CXL_EVENT_PERFORMANCE : 0) |
        (status & CXL_HEALTH_REPLACEMENT ? CXL_EVENT_REPLACEMENT_NEEDED : 0);
}

static void tell(CXLHealth *health, CXLEventLogId log, uint8_t type)
{
    CXLWireMemoryModuleEvent event = {
        .type = type, .health = cxl_health_info(health),
    };
    CXLWireEventRecord record =
        cxl_event_record(CXL_EVENT_MEMORY_MODULE, &event);

    record.flags = cxl_put24(record_flags(health));
    if (health->events) {
        cxl_evlog_add(health->events, log, &record);
    }
}

static void tell_of_levels(CXLHealth *health, const Levels *before,
                           const Levels *after)
{
    static const uint8_t type[CXL_ALERTS] = {
        [CXL_ALERT_LIFE_USED] = LIFE_USED_CHANGE,
        [CXL_ALERT_OVER_TEMPERATURE] = TEMPERATURE_CHANGE,
        [CXL_ALERT_UNDER_TEMPERATURE] = TEMPERATURE_CHANGE,
    };

    for (unsigned i = 0; i < CXL_ALERTS; i++) {
        if (after->of[i] > before->of[i]) {
            tell(health, after->of[i] == CRITICAL ? CXL_EVENT_LOG_FAILURE
                                                  : CXL_EVENT_LOG_WARNING,
                 type[i]);
        }
    }
}

static CXLEventLogId severity_of_status(uint8_t before, uint8_t after)
{
    return after & ~before ? CXL_EVENT_LOG_WARNING : CXL_EVENT_LOG_INFO;
}

/* What is lost is a failure; what will be is a warning. */
static CXLEventLogId severity_of_media(uint8_t status)
{
    if (status == CXL_HEALTH_MEDIA_NORMAL) {
        return CXL_EVENT_LOG_INFO;
    }
    return status <= CXL_HEALTH_MEDIA_DATA_LOST ? CXL_EVENT_LOG_FAILURE
                                         : CXL_EVENT_LOG_WARNING;
}

void cxl_health_set(CXLHealth *health, const CXLHealthValues *values)
{
    CXLHealthValues old = health->now;
    Levels before = levels(health), after;

    health->now = *values;
    after = levels(health);
    cxl_metadata_save(health->metadata);
    /* An interrupt's message may reach any register: all is done by now. */
    if (values->status != old.status) {
        tell(health, severity_of_status(old.status, values->status),
             HEALTH_CHANGE);
    }
    if (values->media_status != old.media_status) {
        tell(health, severity_of_media(values->media_status), MEDIA_CHANGE);
    }
    tell_of_levels(health, &before, &after);
}

static bool alerts_valid(const CXLAlerts *alerts)
{
    return !(alerts->enabled & ~CXL_ALERT_MASK) &&
        alerts->life_warning < CXL_HEALTH_LIFE_CRITICAL &&
        alerts->over_warning < CXL_HEALTH_OVER_CRITICAL &&
        alerts->under_warning > CXL_HEALTH_UNDER_CRITICAL;
}

bool cxl_health_set_alerts(CXLHealth *health, const CXLAlerts *alerts)
{
    Levels before = levels(health), after;

    if (!alerts_valid(alerts)) {
        return false;
    }
    health->alerts = *alerts;
    after = levels(health);
    cxl_metadata_save(health->metadata);
    tell_of_levels(health, &before, &after);
    return true;
}

void cxl_health_set_dirty(CXLHealth *health, bool dirty)
{
    if (health->dirty != dirty) {
        health->dirty = dirty;
        cxl_metadata_save(health->metadata);
    }
}

void cxl_health_reset(CXLHealth *health, CXLResetKind kind)
{
    if (kind == CXL_RESET_COLD && health->dirty) {
        health->now.dirty_shutdowns += health->gpf_fails;
        cxl_health_set_dirty(health, false);
    }
}

bool cxl_health_values_valid(const CXLHealthValues *values)
{
    return !(values->status & ~CXL_HEALTH_STATUS_MASK) &&
        values->media_status <= CXL_HEALTH_MEDIA_DATA_LOSS_SOON;
}

bool cxl_health_valid(const CXLHealth *health)
{
    return cxl_health_values_valid(&health->now) &&
        alerts_valid(&health->alerts);
}

/* The temperature is not kept: it is that of the room again. */
typedef struct {
    CXLWireHealthInfo info;
    CXLWireSetAlertConfig alerts;
    uint8_t dirty;
} QEMU_PACKED Kept;
CXL_WIRE(Kept, 31);

static size_t pack(const void *state, uint8_t *out)
{
    const CXLHealth *health = state;
    const CXLAlerts *alerts = &health->alerts;

    *(Kept *)out = (Kept) {
        .info = cxl_health_info(health),
        .alerts = {
            .enable = alerts->enabled,
            .life_warning = alerts->life_warning,
            .over_warning = cxl_put16(alerts->over_warning),
            .under_warning = cxl_put16(alerts->under_warning),
            .volatile_warning = cxl_put16(alerts->volatile_warning),
            .persistent_warning = cxl_put16(alerts->persistent_warning),
        },
        .dirty = health->dirty,
    };
    return sizeof(Kept);
}

static CXLAlerts kept_alerts(const CXLWireSetAlertConfig *wire)
{
    return (CXLAlerts) {
        .enabled = wire->enable,
        .life_warning = wire->life_warning,
        .over_warning = cxl_get16(wire->over_warning),
        .under_warning = cxl_get16(wire->under_warning),
        .volatile_warning = cxl_get16(wire->volatile_warning),
        .persistent_warning = cxl_get16(wire->persistent_warning),
    };
}

static bool unpack(void *state, const uint8_t *in, size_t len)
{
    CXLHealth *health = state;
    const Kept *kept = (const Kept *)in;
    CXLHealthValues *now = &health->now;

    if (len != sizeof(*kept) || kept->dirty > 1) {
        return false;
    }
    now->status = kept->info.status;
    now->media_status = kept->info.media_status;
    now->life_used = kept->info.life_used;
    now->dirty_shutdowns = cxl_get32(kept->info.dirty_shutdowns) +
                           kept->dirty;
    now->corrected_volatile = cxl_get32(kept->info.corrected_volatile);
    now->corrected_persistent = cxl_get32(kept->info.corrected_persistent);
    health->alerts = kept_alerts(&kept->alerts);
    return cxl_health_valid(health);
}

const CXLMetadataSection cxl_health_section = {
    .id = CXL_METADATA_HEALTH,
    .name = "the state of health",
    .max = sizeof(Kept),
    .pack = pack,
    .unpack = unpack,
};
