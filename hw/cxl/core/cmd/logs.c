/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Logs Command Set: the Command Effects Log of this CCI, and others. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/core/logs.h"

#define POPULATE_NS (100 * 1000000ULL)

static uint32_t cel_size(const void *state)
{
    return cxl_cci_cel_count(state) * sizeof(CXLWireCelEntry);
}

/* @offset need not start an entry. */
static void cel_read(const void *state, uint32_t offset, uint8_t *out,
                     uint32_t len)
{
    CXLWireCelEntry entry = { 0 };
    uint16_t opcode = 0, effects = 0;

    while (len) {
        uint32_t skip = offset % sizeof(entry);
        uint32_t part = MIN(len, sizeof(entry) - skip);

        cxl_cci_cel_entry(state, offset / sizeof(entry), &opcode, &effects);
        entry.opcode = cxl_put16(opcode);
        entry.effects = cxl_put16(effects);
        memcpy(out, (uint8_t *)&entry + skip, part);
        offset += part;
        out += part;
        len -= part;
    }
}

static const CXLLogOps cel_ops = {
    .uuid = CXL_LOG_UUID_CEL,
    .size = cel_size,
    .read = cel_read,
};

void cxl_logs_add(CXLCci *cci, const CXLLog *log)
{
    cci->log[cci->logs++] = log;
}

/* The Command Effects Log is the first one. */
static unsigned count(const CXLCci *cci)
{
    return cci->logs + 1;
}

static CXLLog log_at(CXLCci *cci, unsigned n)
{
    return n ? *cci->log[n - 1] : (CXLLog) { &cel_ops, cci };
}

/* Its number, or that of logs if there is none. */
static unsigned find(CXLCci *cci, const uint8_t *uuid)
{
    unsigned n = 0;

    while (n < count(cci) && memcmp(log_at(cci, n).ops->uuid, uuid, 16)) {
        n++;
    }
    return n;
}

/* Append what fits of the logs from @n on, at most @max; how many. */
static unsigned put_logs(CXLCall *call, unsigned n, unsigned max)
{
    CXLWireSupportedLog *out;
    unsigned done = 0;

    for (; done < max && n < count(call->state); done++, n++) {
        CXLLog log = log_at(call->state, n);

        out = CXL_CALL_OUT(call, CXLWireSupportedLog);
        if (!out) {
            break;
        }
        memcpy(out->uuid, log.ops->uuid, sizeof(out->uuid));
        out->size = cxl_put32(log.ops->size(log.state));
    }
    return done;
}

static CXLRetCode get_supported_logs(CXLCall *call)
{
    CXLWireSupportedLogs *out = CXL_CALL_OUT(call, CXLWireSupportedLogs);

    out->count = cxl_put16(put_logs(call, 0, UINT_MAX));
    /* It cannot say that there is more. */
    return cxl_get16(out->count) == count(call->state) ?
        CXL_RC_SUCCESS : CXL_RC_INVALID_PAYLOAD_LENGTH;
}

static CXLRetCode get_log(CXLCall *call)
{
    const CXLWireGetLog *in = CXL_CALL_IN(call, CXLWireGetLog);
    uint32_t offset = cxl_get32(in->offset);
    uint32_t length = cxl_get32(in->length);
    unsigned n = find(call->state, in->uuid);
    uint32_t size;
    CXLLog log;

    if (n == count(call->state)) {
        return CXL_RC_INVALID_LOG;
    }
    log = log_at(call->state, n);
    size = log.ops->size(log.state);
    if (offset > size || length > size - offset ||
        length > cxl_call_out_room(call)) {
        return CXL_RC_INVALID_INPUT;
    }
    log.ops->read(log.state, offset, cxl_call_put(call, length), length);
    return CXL_RC_SUCCESS;
}

static CXLRetCode get_log_capabilities(CXLCall *call)
{
    const CXLWireLogId *in = CXL_CALL_IN(call, CXLWireLogId);
    unsigned n = find(call->state, in->uuid);
    CXLWireLogCaps *out;

    if (n == count(call->state)) {
        return CXL_RC_INVALID_LOG;
    }
    out = CXL_CALL_OUT(call, CXLWireLogCaps);
    out->caps = cxl_put32(log_at(call->state, n).ops->caps);
    return CXL_RC_SUCCESS;
}

static CXLRetCode clear_log(CXLCall *call)
{
    const CXLWireLogId *in = CXL_CALL_IN(call, CXLWireLogId);
    unsigned n = find(call->state, in->uuid);
    CXLLog log;

    if (n == count(call->state)) {
        return CXL_RC_INVALID_LOG;
    }
    log = log_at(call->state, n);
    if (!(log.ops->caps & CXL_LOG_CAP_CLEAR)) {
        return CXL_RC_UNSUPPORTED;
    }
    log.ops->clear(log.state);
    return CXL_RC_SUCCESS;
}

static bool can_populate(CXLCci *cci, unsigned n)
{
    return log_at(cci, n).ops->caps & CXL_LOG_CAP_POPULATE;
}

static CXLRetCode populate_log(CXLCall *call)
{
    const CXLWireLogId *in = CXL_CALL_IN(call, CXLWireLogId);
    CXLCci *cci = call->state;
    unsigned n = find(cci, in->uuid);

    if (n == count(cci)) {
        return CXL_RC_INVALID_LOG;
    }
    if (!can_populate(cci, n)) {
        return CXL_RC_UNSUPPORTED;
    }
    cci->populating = n;
    return CXL_RC_SUCCESS;
}

static uint64_t populate_time(void *state)
{
    return POPULATE_NS;
}

/* The number may come from saved state. */
static CXLRetCode populate_done(void *state)
{
    CXLCci *cci = state;
    CXLLog log;

    if (cci->populating >= count(cci) || !can_populate(cci, cci->populating)) {
        return CXL_RC_INTERNAL_ERROR;
    }
    log = log_at(cci, cci->populating);
    log.ops->populate(log.state);
    return CXL_RC_SUCCESS;
}

/* The log stays as it was. */
static void populate_abort(void *state)
{
}

static CXLRetCode get_supported_logs_sub_list(CXLCall *call)
{
    const CXLWireGetLogsFrom *in = CXL_CALL_IN(call, CXLWireGetLogsFrom);
    unsigned start = in->start, max = in->max;
    CXLWireLogsFrom *out;

    if (start >= count(call->state)) {
        return CXL_RC_INVALID_INPUT;
    }
    out = CXL_CALL_OUT(call, CXLWireLogsFrom);
    out->total = cxl_put16(count(call->state));
    out->start = start;
    out->count = put_logs(call, start, max);
    return CXL_RC_SUCCESS;
}

static const CXLBgOps populating = {
    populate_time, populate_done, populate_abort,
};

static const CXLCommand logs_cmds[] = {
    CXL_CMD(0x0400, get_supported_logs, CXL_IN_NONE,
            .out_min = sizeof(CXLWireSupportedLogs) +
                       sizeof(CXLWireSupportedLog),
            .on = CXL_CCI_ANY),
    CXL_CMD(0x0401, get_log, CXL_IN_EXACT(CXLWireGetLog), .on = CXL_CCI_ANY),
    CXL_CMD(0x0402, get_log_capabilities, CXL_IN_EXACT(CXLWireLogId),
            .out_min = sizeof(CXLWireLogCaps), .on = CXL_CCI_ANY),
    CXL_CMD(0x0403, clear_log, CXL_IN_EXACT(CXLWireLogId),
            .effects = CXL_EFF_IMM_LOG, .on = CXL_CCI_ANY),
    CXL_CMD(0x0404, populate_log, CXL_IN_EXACT(CXLWireLogId),
            .effects = CXL_EFF_IMM_LOG, .bg = &populating,
            .on = CXL_CCI_ANY),
    CXL_CMD(0x0405, get_supported_logs_sub_list,
            CXL_IN_EXACT(CXLWireGetLogsFrom),
            .out_min = sizeof(CXLWireLogsFrom) + sizeof(CXLWireSupportedLog),
            .on = CXL_CCI_ANY),
};
CXL_COMMAND_SET(cxl_cmdset_logs, logs_cmds);
