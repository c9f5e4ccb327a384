/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Events Command Set. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/core/cursor.h"
#include "qemu/bitops.h"
#include "hw/cxl/spec/cmd_events.h"

#define ON_RECORDS (CXL_CCI_PRIMARY | CXL_CCI_SWITCH | CXL_CCI_MCTP)
/* MSI is the mailbox's way to tell; MCTP has a policy of its own. */
#define ON_POLICY (CXL_CCI_PRIMARY | CXL_CCI_SWITCH)

/* Append records, oldest first, as long as they fit. */
static unsigned put_records(CXLCall *call, const CXLEventLogs *logs,
                            CXLEventLogId id)
{
    const CXLWireEventRecord *record;
    unsigned n = 0;

    while (n < UINT16_MAX && (record = cxl_evlog_peek(logs, id, n)) &&
           cxl_call_out_room(call) >= sizeof(*record)) {
        *CXL_CALL_OUT(call, CXLWireEventRecord) = *record;
        n++;
    }
    return n;
}

static CXLRetCode get_event_records(CXLCall *call)
{
    const CXLEventLogs *logs = call->state;
    CXLEventLogId id = CXL_CALL_IN(call, CXLWireGetEventsIn)->log;
    CXLWireGetEventsOut *out;
    unsigned count;

    if (id >= logs->count) {
        return CXL_RC_INVALID_INPUT;
    }
    out = CXL_CALL_OUT(call, CXLWireGetEventsOut);
    count = put_records(call, logs, id);
    out->record_count = cxl_put16(count);
    if (cxl_evlog_peek(logs, id, count)) {
        out->flags |= CXL_GET_EVENTS_MORE;
    }
    if (cxl_evlog_overflowed(logs, id)) {
        const CXLEventLog *log = &logs->log[id];

        out->flags |= CXL_GET_EVENTS_OVERFLOW;
        out->overflow_count = cxl_put16(log->overflow_count);
        out->overflow_first = cxl_put64(log->overflow_first);
        out->overflow_last = cxl_put64(log->overflow_last);
    }
    return CXL_RC_SUCCESS;
}

/* Clear all is for a log whose records the host cannot all have seen. */
static CXLRetCode clear_all(CXLEventLogs *logs, CXLEventLogId id)
{
    if (!cxl_evlog_overflowed(logs, id)) {
        return CXL_RC_INVALID_INPUT;
    }
    cxl_evlog_drop(logs, id, UINT32_MAX);
    return CXL_RC_SUCCESS;
}

/* The handles must be those of the oldest records, in temporal order. */
static CXLRetCode clear_handles(CXLEventLogs *logs, CXLEventLogId id,
                                const cxl_le16 *handle, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        const CXLWireEventRecord *record = cxl_evlog_peek(logs, id, n);

        if (!record || cxl_get16(record->handle) != cxl_get16(handle[n])) {
            return CXL_RC_INVALID_HANDLE;
        }
    }
    cxl_evlog_drop(logs, id, count);
    return CXL_RC_SUCCESS;
}

static CXLRetCode clear_event_records(CXLCall *call)
{
    CXLEventLogs *logs = call->state;
    CXLReader reader;
    const CXLWireClearEvents *in;
    const cxl_le16 *handles;

    cxl_reader_init(&reader, call->in, call->in_len);
    in = CXL_READ(&reader, CXLWireClearEvents);
    handles = cxl_reader_take(&reader, in->count * sizeof(*handles));
    if (!handles || cxl_reader_left(&reader)) {
        return CXL_RC_INVALID_PAYLOAD_LENGTH;
    }
    if (in->log >= logs->count) {
        return CXL_RC_INVALID_INPUT;
    }
    return in->flags & CXL_CLEAR_EVENTS_ALL ?
        clear_all(logs, in->log) :
        clear_handles(logs, in->log, handles, in->count);
}

/* The message number is the device's to choose, except for the firmware's. */
static uint8_t reported_policy(const CXLEventLog *log)
{
    if ((log->policy & CXL_EVENT_MODE_MASK) == CXL_EVENT_MODE_MSI) {
        return CXL_EVENT_MODE_MSI | (log->vector << CXL_EVENT_VECTOR_SHIFT);
    }
    return log->policy;
}

static CXLRetCode get_event_interrupt_policy(CXLCall *call)
{
    const CXLEventLogs *logs = call->state;
    uint8_t *out = cxl_call_put(call, logs->count);

    for (unsigned i = 0; i < logs->count; i++) {
        out[i] = reported_policy(&logs->log[i]);
    }
    return CXL_RC_SUCCESS;
}

static bool policy_allowed(CXLEventLogId id, uint8_t policy)
{
    uint8_t mode = policy & CXL_EVENT_MODE_MASK;

    return mode != CXL_EVENT_MODE_RESERVED &&
        !(mode == CXL_EVENT_MODE_FIRMWARE &&
          id == CXL_EVENT_LOG_DYNAMIC_CAPACITY);
}

/* What of a policy byte is kept; the rest is reserved or read only. */
static uint8_t kept_policy(uint8_t policy)
{
    uint8_t mode = policy & CXL_EVENT_MODE_MASK;

    return mode == CXL_EVENT_MODE_FIRMWARE ?
        mode | (policy & (0xf << CXL_EVENT_VECTOR_SHIFT)) : mode;
}

static CXLRetCode set_event_interrupt_policy(CXLCall *call)
{
    CXLEventLogs *logs = call->state;
    unsigned count = MIN(call->in_len, logs->count);

    for (unsigned i = 0; i < count; i++) {
        if (!policy_allowed(i, call->in[i])) {
            return CXL_RC_INVALID_INPUT;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        logs->log[i].policy = kept_policy(call->in[i]);
    }
    return CXL_RC_SUCCESS;
}

static uint16_t mctp_events(const CXLEventLogs *logs)
{
    return (CXL_MCTP_POLICY_LOGS & MAKE_64BIT_MASK(0, logs->count)) |
        CXL_MCTP_POLICY_BACKGROUND;
}

static CXLRetCode get_mctp_event_interrupt_policy(CXLCall *call)
{
    const CXLEventLogs *logs = call->state;

    CXL_CALL_OUT(call, CXLWireMctpPolicy)->events =
        cxl_put16(logs->mctp_policy);
    return CXL_RC_SUCCESS;
}

static CXLRetCode set_mctp_event_interrupt_policy(CXLCall *call)
{
    CXLEventLogs *logs = call->state;
    uint16_t events = cxl_get16(CXL_CALL_IN(call, CXLWireMctpPolicy)->events);

    if (events & ~mctp_events(logs)) {
        return CXL_RC_INVALID_INPUT;
    }
    logs->mctp_policy = events;
    return CXL_RC_SUCCESS;
}

/* A component tells a host of its events; what it is told is not for it. */
static CXLRetCode event_notification(CXLCall *call)
{
    return CXL_RC_SUCCESS;
}

static const CXLCommand events_cmds[] = {
    CXL_CMD(0x0100, get_event_records, CXL_IN_EXACT(CXLWireGetEventsIn),
            .out_min = sizeof(CXLWireGetEventsOut), .on = ON_RECORDS),
    CXL_CMD(0x0101, clear_event_records,
            CXL_IN_RANGE(sizeof(CXLWireClearEvents),
                         sizeof(CXLWireClearEvents) +
                         CXL_CLEAR_EVENTS_MAX_HANDLES * sizeof(cxl_le16)),
            .effects = CXL_EFF_IMM_LOG, .on = ON_RECORDS),
    CXL_CMD(0x0102, get_event_interrupt_policy, CXL_IN_NONE,
            .out_min = CXL_EVENT_POLICY_MAX, .on = ON_POLICY),
    CXL_CMD(0x0103, set_event_interrupt_policy,
            CXL_IN_RANGE(CXL_EVENT_POLICY_MIN, CXL_EVENT_POLICY_MAX),
            .effects = CXL_EFF_IMM_POLICY, .on = ON_POLICY),
    CXL_CMD(0x0104, get_mctp_event_interrupt_policy, CXL_IN_NONE,
            .out_min = sizeof(CXLWireMctpPolicy), .on = CXL_CCI_MCTP),
    CXL_CMD(0x0105, set_mctp_event_interrupt_policy,
            CXL_IN_EXACT(CXLWireMctpPolicy),
            .effects = CXL_EFF_IMM_POLICY, .on = CXL_CCI_MCTP),
    CXL_CMD(0x0106, event_notification, CXL_IN_EXACT(CXLWireMctpPolicy),
            .on = CXL_CCI_MCTP),
};
CXL_COMMAND_SET(cxl_cmdset_events, events_cmds);
