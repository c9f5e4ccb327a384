/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Get Poison List, Inject Poison, Clear Poison. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"

/* Success, or the code that says why it is no line that can be written to. */
static CXLRetCode check_line(const CXLPoisonList *list, uint64_t dpa)
{
    if (!QEMU_IS_ALIGNED(dpa, CXL_POISON_LINE)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (!cxl_poison_in_device(list, dpa, CXL_POISON_LINE)) {
        return CXL_RC_INVALID_DPA;
    }
    return cxl_media_locks(list->media, dpa, CXL_POISON_LINE) ?
        CXL_RC_INVALID_SECURITY_STATE : CXL_RC_SUCCESS;
}

static CXLRetCode check_range(const CXLPoisonList *list, uint64_t dpa,
                              uint64_t lines)
{
    if (!QEMU_IS_ALIGNED(dpa, CXL_POISON_LINE)) {
        return CXL_RC_INVALID_INPUT;
    }
    return lines <= UINT64_MAX / CXL_POISON_LINE &&
        cxl_poison_in_device(list, dpa, lines * CXL_POISON_LINE) ?
        CXL_RC_SUCCESS : CXL_RC_INVALID_DPA;
}

/* Append what fits of the poison in [*@dpa, @end); *@dpa is what is next. */
static unsigned put_records(CXLCall *call, uint64_t *dpa, uint64_t end)
{
    CXLPoisonRange found;
    unsigned n = 0;

    while (cxl_call_out_room(call) >= sizeof(CXLWirePoisonRecord) &&
           cxl_poison_find(call->state, *dpa, end, &found)) {
        CXLWirePoisonRecord *record = CXL_CALL_OUT(call, CXLWirePoisonRecord);

        record->address = cxl_put64(found.dpa | found.source);
        record->length = cxl_put32(found.length / CXL_POISON_LINE);
        *dpa = found.dpa + found.length;
        n++;
    }
    return n;
}

static CXLRetCode get_poison_list(CXLCall *call)
{
    CXLPoisonList *list = call->state;
    const CXLWireGetPoisonIn *in = CXL_CALL_IN(call, CXLWireGetPoisonIn);
    uint64_t dpa = cxl_get64(in->dpa);
    uint64_t length = cxl_get64(in->length) * CXL_POISON_LINE;
    CXLRetCode rc = check_range(list, dpa, cxl_get64(in->length));
    uint64_t next = cxl_poison_read_from(list, dpa, length);
    CXLWireGetPoisonOut *out;
    CXLPoisonRange rest;
    bool more;

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    out = CXL_CALL_OUT(call, CXLWireGetPoisonOut);
    out->count = cxl_put16(put_records(call, &next, dpa + length));
    more = cxl_poison_find(list, next, dpa + length, &rest);
    cxl_poison_read_to(list, dpa, length, next, more);
    out->flags = (more ? CXL_GET_POISON_MORE : 0) |
                 (list->overflowed ? CXL_GET_POISON_OVERFLOW : 0) |
                 (list->scanning ? CXL_GET_POISON_SCANNING : 0);
    out->overflow_time = cxl_put64(list->overflow_time);
    return CXL_RC_SUCCESS;
}

static CXLRetCode inject_poison(CXLCall *call)
{
    CXLPoisonList *list = call->state;
    uint64_t dpa = cxl_get64(CXL_CALL_IN(call, CXLWireInjectPoison)->dpa);
    CXLRetCode rc = check_line(list, dpa);

    if (rc == CXL_RC_SUCCESS && !cxl_poison_inject(list, dpa)) {
        rc = CXL_RC_INJECT_POISON_LIMIT;
    }
    return rc;
}

/* The data are written whether or not the line was poison. */
static CXLRetCode clear_poison(CXLCall *call)
{
    CXLPoisonList *list = call->state;
    const CXLWireClearPoison *in = CXL_CALL_IN(call, CXLWireClearPoison);
    uint64_t dpa = cxl_get64(in->dpa);
    CXLRetCode rc = check_line(list, dpa);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (!cxl_media_write(&list->media->store, dpa, in->data,
                         sizeof(in->data))) {
        return CXL_RC_INTERNAL_ERROR;
    }
    cxl_poison_remove(list, dpa, CXL_POISON_LINE);
    return CXL_RC_SUCCESS;
}

static const CXLCommand poison_cmds[] = {
    CXL_CMD(0x4300, get_poison_list, CXL_IN_EXACT(CXLWireGetPoisonIn),
            .out_min = sizeof(CXLWireGetPoisonOut), .gates = CXL_GATE_MEDIA),
    CXL_CMD(0x4301, inject_poison, CXL_IN_EXACT(CXLWireInjectPoison),
            .effects = CXL_EFF_IMM_DATA, .gates = CXL_GATE_MEDIA),
    CXL_CMD(0x4302, clear_poison, CXL_IN_EXACT(CXLWireClearPoison),
            .effects = CXL_EFF_IMM_DATA, .gates = CXL_GATE_MEDIA),
};
CXL_COMMAND_SET(cxl_cmdset_poison, poison_cmds);
