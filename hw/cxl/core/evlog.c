/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Event Logs. */
#include "qemu/osdep.h"
#include "hw/cxl/core/evlog.h"

void cxl_evlog_init(CXLEventLogs *logs, unsigned count, uint32_t depth,
                    const uint8_t *vectors, const CXLTimestamp *timestamp,
                    const CXLIrq *irq)
{
    *logs = (CXLEventLogs) {
        .count = count, .timestamp = timestamp, .irq = *irq,
    };
    for (unsigned i = 0; i < count; i++) {
        logs->log[i] = (CXLEventLog) {
            .ring = g_new0(CXLWireEventRecord, depth),
            .depth = depth,
            .next_handle = 1,
            .vector = vectors[i],
        };
    }
}

void cxl_evlog_finish(CXLEventLogs *logs)
{
    for (unsigned i = 0; i < logs->count; i++) {
        g_clear_pointer(&logs->log[i].ring, g_free);
    }
    logs->count = 0;
}

static void forget_overflow(CXLEventLog *log)
{
    log->overflow_count = 0;
    log->overflow_first = log->overflow_last = 0;
}

static void empty(CXLEventLog *log)
{
    log->head = log->count = 0;
    log->next_handle = 1;
    forget_overflow(log);
}

void cxl_evlog_reset(CXLEventLogs *logs, CXLResetKind kind)
{
    if (kind != CXL_RESET_CXL) {
        logs->mctp_policy = 0;
    }
    for (unsigned i = 0; i < logs->count; i++) {
        if (kind == CXL_RESET_COLD) {
            empty(&logs->log[i]);
        }
        if (kind != CXL_RESET_CXL) {
            logs->log[i].policy = CXL_EVENT_MODE_NONE;
        }
    }
}

static void drop_new(CXLEventLog *log, uint64_t now)
{
    if (!log->overflow_count) {
        log->overflow_first = now;
    }
    log->overflow_last = now;
    if (log->overflow_count < UINT16_MAX) {
        log->overflow_count++;
    }
}

static uint16_t take_handle(CXLEventLog *log)
{
    uint16_t handle = log->next_handle++;

    if (!log->next_handle) {
        log->next_handle = 1;
    }
    return handle;
}

/* The severity of a record is that of its log. */
static uint32_t severity(CXLEventLogId id)
{
    return id == CXL_EVENT_LOG_DYNAMIC_CAPACITY ? CXL_EVENT_LOG_INFO : id;
}

static void append(CXLEventLog *log, CXLEventLogId id, uint64_t now,
                   const CXLWireEventRecord *record)
{
    CXLWireEventRecord *slot =
        &log->ring[(log->head + (uint64_t)log->count) % log->depth];
    uint32_t flags = cxl_get24(record->flags) & ~CXL_EVENT_SEVERITY_MASK;

    *slot = *record;
    slot->length = sizeof(*slot);
    slot->flags = cxl_put24(flags | severity(id));
    slot->handle = cxl_put16(take_handle(log));
    slot->timestamp = cxl_put64(now);
    log->count++;
}

/* Interrupts tell that a log is no longer empty, not that it grows. */
static void tell_host(const CXLEventLogs *logs, const CXLEventLog *log)
{
    if (log->count == 1 &&
        (log->policy & CXL_EVENT_MODE_MASK) == CXL_EVENT_MODE_MSI) {
        cxl_irq_raise(&logs->irq, log->vector);
    }
}

bool cxl_evlog_add(CXLEventLogs *logs, CXLEventLogId id,
                   const CXLWireEventRecord *record)
{
    uint64_t now = cxl_timestamp_get(logs->timestamp);
    CXLEventLog *log;

    if (id >= logs->count) {
        return false;
    }
    log = &logs->log[id];
    if (log->count == log->depth) {
        drop_new(log, now);
        return false;
    }
    append(log, id, now, record);
    tell_host(logs, log);
    return true;
}

const CXLWireEventRecord *cxl_evlog_peek(const CXLEventLogs *logs,
                                         CXLEventLogId id, uint32_t n)
{
    const CXLEventLog *log;

    if (id >= logs->count || n >= logs->log[id].count) {
        return NULL;
    }
    log = &logs->log[id];
    return &log->ring[(log->head + (uint64_t)n) % log->depth];
}

void cxl_evlog_drop(CXLEventLogs *logs, CXLEventLogId id, uint32_t n)
{
    CXLEventLog *log;

    if (id >= logs->count) {
        return;
    }
    log = &logs->log[id];
    n = MIN(n, log->count);
    log->head = (log->head + (uint64_t)n) % log->depth;
    log->count -= n;
    if (log->count < log->depth) {
        forget_overflow(log);
    }
}

bool cxl_evlog_overflowed(const CXLEventLogs *logs, CXLEventLogId id)
{
    return id < logs->count && logs->log[id].overflow_count;
}

bool cxl_evlog_valid(const CXLEventLogs *logs)
{
    for (unsigned i = 0; i < logs->count; i++) {
        const CXLEventLog *log = &logs->log[i];

        if (log->head >= log->depth || log->count > log->depth ||
            !log->next_handle) {
            return false;
        }
    }
    return true;
}

uint32_t cxl_evlog_status(const CXLEventLogs *logs)
{
    uint32_t status = 0;

    for (unsigned i = 0; i < CXL_EVENT_LOGS; i++) {
        status |= logs->log[i].count ? 1U << i : 0;
    }
    return status;
}
