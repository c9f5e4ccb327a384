/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Component Command Interface: the table and its one dispatcher. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cci.h"
#include "hw/cxl/core/debuglog.h"

/* CXL r3.2: no CCI has a shorter message */
#define RESPONSE_MIN 256

typedef CXLRetCode Gate(const CXLCall *call);

void cxl_cci_init(CXLCci *cci, CXLCciKind kind, uint32_t payload_max,
                  const CXLClock *clock)
{
    *cci = (CXLCci) {
        .kind = kind,
        .entries = g_array_new(false, true, sizeof(CXLCciEntry)),
        .payload_max = payload_max,
        .response_max = payload_max,
    };
    cxl_bg_init(&cci->bg, clock);
}

void cxl_cci_finish(CXLCci *cci)
{
    cxl_bg_reset(&cci->bg);
    g_clear_pointer(&cci->entries, g_array_unref);
}

void cxl_cci_reset(CXLCci *cci, CXLResetKind kind)
{
    cxl_bg_reset(&cci->bg);
    cci->fault.left = 0;
    cci->response_max = cci->payload_max;
}

void cxl_cci_limit_response(CXLCci *cci, uint32_t bytes)
{
    cci->response_max = MIN(MAX(bytes, RESPONSE_MIN), cci->payload_max);
}

static const CXLCciEntry *entry_at(const CXLCci *cci, unsigned n)
{
    return &g_array_index(cci->entries, CXLCciEntry, n);
}

/* The first entry whose opcode is not below @opcode. */
static unsigned lower_bound(const CXLCci *cci, uint16_t opcode)
{
    unsigned low = 0, high = cci->entries->len;

    while (low < high) {
        unsigned mid = low + (high - low) / 2;

        if (entry_at(cci, mid)->cmd->opcode < opcode) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static const CXLCciEntry *find(const CXLCci *cci, uint16_t opcode)
{
    unsigned n = lower_bound(cci, opcode);

    if (n == cci->entries->len || entry_at(cci, n)->cmd->opcode != opcode) {
        return NULL;
    }
    return entry_at(cci, n);
}

void cxl_cci_attach(CXLCci *cci, const CXLCommandSet *set, void *state)
{
    for (unsigned i = 0; i < set->count; i++) {
        CXLCciEntry entry = { .cmd = &set->cmds[i], .state = state };

        g_array_insert_val(cci->entries,
                           lower_bound(cci, entry.cmd->opcode), entry);
    }
}

bool cxl_cci_resume(CXLCci *cci)
{
    const CXLCciEntry *entry = find(cci, cci->bg.opcode);

    if (!entry || !entry->cmd->bg) {
        return false;
    }
    cxl_bg_resume(&cci->bg, entry->cmd->bg, entry->state);
    return true;
}

bool cxl_cci_accepts(const CXLCci *cci, const CXLCommand *cmd)
{
    return cci->kind & (cmd->on ?: CXL_CCI_PRIMARY | CXL_CCI_MCTP);
}

static CXLRetCode gate_cci(const CXLCall *call)
{
    return cxl_cci_accepts(call->cci, call->cmd) ?
        CXL_RC_SUCCESS : CXL_RC_UNSUPPORTED_CCI;
}

/* CXL r3.2: the length is checked before anything in the payload. */
static CXLRetCode gate_length(const CXLCall *call)
{
    uint32_t max = MIN(call->cmd->in_max, call->cci->payload_max);

    return call->in_len >= call->cmd->in_min && call->in_len <= max ?
        CXL_RC_SUCCESS : CXL_RC_INVALID_PAYLOAD_LENGTH;
}

static CXLRetCode gate_background(const CXLCall *call)
{
    return call->cmd->bg && cxl_bg_running(&call->cci->bg) ?
        CXL_RC_BUSY : CXL_RC_SUCCESS;
}

/* The row has this gate, and the device says that it is shut. */
static bool shut(const CXLCall *call, uint16_t gate, bool (*ask)(void *))
{
    return (call->cmd->gates & gate) && ask &&
        ask(call->cci->gate_opaque);
}

static CXLRetCode gate_security(const CXLCall *call)
{
    const CXLGateOps *ops = call->cci->gate_ops;

    return ops && (shut(call, CXL_GATE_UNLOCKED, ops->locked) ||
                   shut(call, CXL_GATE_OPEN, ops->has_passphrase)) ?
        CXL_RC_INVALID_SECURITY_STATE : CXL_RC_SUCCESS;
}

static CXLRetCode gate_media(const CXLCall *call)
{
    const CXLGateOps *ops = call->cci->gate_ops;

    return ops && shut(call, CXL_GATE_MEDIA, ops->media_disabled) ?
        CXL_RC_MEDIA_DISABLED : CXL_RC_SUCCESS;
}

static CXLRetCode gate_room(const CXLCall *call)
{
    return call->cmd->out_min <= call->out_max ?
        CXL_RC_SUCCESS : CXL_RC_INVALID_PAYLOAD_LENGTH;
}

static CXLRetCode gate_fault(const CXLCall *call)
{
    return cxl_cci_fault_take(&call->cci->fault, call->cmd->opcode);
}

static CXLRetCode pass_gates(const CXLCall *call)
{
    static Gate *const gates[] = {
        gate_cci, gate_length, gate_background, gate_security, gate_media,
        gate_room, gate_fault,
    };
    CXLRetCode rc = CXL_RC_SUCCESS;

    for (unsigned i = 0; !rc && i < ARRAY_SIZE(gates); i++) {
        rc = gates[i](call);
    }
    return rc;
}

static bool overlap(const CXLCall *call)
{
    uintptr_t in = (uintptr_t)call->in, out = (uintptr_t)call->out;

    return in < out + call->out_max && out < in + call->in_len;
}

/* The gates have passed: answer, or start working in background. */
static CXLRetCode run(CXLCall *call)
{
    g_autofree uint8_t *copy = NULL;
    CXLRetCode rc;

    if (overlap(call)) {
        copy = g_memdup2(call->in, call->in_len);
        call->in = copy;
    }
    rc = call->cmd->run(call);
    if (copy && call->cmd->secret) {
        memset(copy, 0, call->in_len);
    }
    if (rc == CXL_RC_SUCCESS && call->cmd->bg && !call->foreground) {
        cxl_bg_start(&call->cci->bg, call->cmd->bg, call->state,
                     call->cmd->opcode);
        rc = CXL_RC_BG_STARTED;
    }
    return rc;
}

CXLRetCode cxl_cci_run(CXLCci *cci, uint16_t opcode, const void *in,
                       size_t in_len, void *out, size_t out_max,
                       size_t *out_len)
{
    const CXLCciEntry *entry = find(cci, opcode);
    uint32_t most = MIN(cci->payload_max, cci->response_max);
    CXLCall call = {
        .cci = cci, .in = in, .in_len = in_len,
        .out = out, .out_max = MIN(out_max, most),
    };
    CXLRetCode rc = CXL_RC_UNSUPPORTED;

    if (entry) {
        call.cmd = entry->cmd;
        call.state = entry->state;
        rc = pass_gates(&call);
        rc = rc ?: run(&call);
    }
    *out_len = rc == CXL_RC_SUCCESS ? call.out_len : 0;
    if (cci->debug) {
        cxl_debuglog_add(cci->debug, opcode, rc, in_len);
    }
    cxl_trace_command(&cci->trace, entry ? call.cmd->name : "unknown", opcode,
                      in_len, *out_len, rc);
    return rc;
}

bool cxl_cci_is_secret(const CXLCci *cci, uint16_t opcode)
{
    const CXLCciEntry *entry = find(cci, opcode);

    return entry && entry->cmd->secret;
}

unsigned cxl_cci_cel_count(const CXLCci *cci)
{
    unsigned count = 0;

    for (unsigned i = 0; i < cci->entries->len; i++) {
        count += cxl_cci_accepts(cci, entry_at(cci, i)->cmd);
    }
    return count;
}

uint16_t cxl_command_effects(const CXLCommand *cmd)
{
    return cmd->effects | (cmd->bg ? CXL_EFF_BACKGROUND : 0) |
        (cmd->bg && cmd->bg->abort ? CXL_EFF_ABORTABLE : 0);
}

bool cxl_cci_cel_entry(const CXLCci *cci, unsigned n, uint16_t *opcode,
                       uint16_t *effects)
{
    for (unsigned i = 0; i < cci->entries->len; i++) {
        const CXLCommand *cmd = entry_at(cci, i)->cmd;

        if (cxl_cci_accepts(cci, cmd) && n-- == 0) {
            *opcode = cmd->opcode;
            *effects = cxl_command_effects(cmd);
            return true;
        }
    }
    return false;
}

size_t cxl_call_out_room(const CXLCall *call)
{
    return call->out_max - call->out_len;
}

void *cxl_call_put(CXLCall *call, size_t len)
{
    uint8_t *at = call->out + call->out_len;

    if (len > cxl_call_out_room(call)) {
        return NULL;
    }
    call->out_len += len;
    /* Without room for any answer there may be no buffer at all. */
    return len ? memset(at, 0, len) : at;
}
