/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Sanitize, Secure Erase, Media Operations. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/core/cursor.h"

static CXLRetCode sanitize(CXLCall *call)
{
    cxl_sanitize_begin(call->state);
    return CXL_RC_SUCCESS;
}

static CXLRetCode secure_erase(CXLCall *call)
{
    cxl_sanitize_begin_erase(call->state);
    return CXL_RC_SUCCESS;
}

static bool work(void *state)
{
    return cxl_sanitize_work(state);
}

static uint64_t sanitize_duration(void *state)
{
    const CXLSanitize *part = state;

    return part->sanitize_time;
}

static uint64_t erase_duration(void *state)
{
    const CXLSanitize *part = state;

    return part->erase_time;
}

/* CXL r3.2: Sanitize: what failed leaves the media disabled */
static CXLRetCode erase_finish(void *state)
{
    CXLSanitize *part = state;
    bool good = cxl_sanitize_good(part);

    cxl_sanitize_clear(part);
    if (!good) {
        return CXL_RC_INTERNAL_ERROR;
    }
    cxl_media_set_status(part->media, CXL_MEDIA_READY);
    return CXL_RC_SUCCESS;
}

static CXLRetCode sanitize_finish(void *state)
{
    CXLSanitize *part = state;

    if (cxl_sanitize_good(part)) {
        cxl_sanitize_heal(part);
        cxl_poison_end_overflow(part->poison);
    }
    return erase_finish(part);
}

/* The media stays disabled, until another one has come to its end. */
static void erase_abort(void *state)
{
    cxl_sanitize_clear(state);
}

static const CXLBgOps sanitize_ops = {
    .duration = sanitize_duration,
    .finish = sanitize_finish,
    .abort = erase_abort,
    .work = work,
};

static const CXLBgOps erase_ops = {
    .duration = erase_duration,
    .finish = erase_finish,
    .abort = erase_abort,
    .work = work,
};

static const CXLWireMediaOp media_ops[] = {
    { CXL_MEDIA_OPS_SANITIZE, CXL_MEDIA_OPS_SANITIZE_RANGE },
    { CXL_MEDIA_OPS_SANITIZE, CXL_MEDIA_OPS_WRITE_ZERO },
};

static CXLRetCode discover(CXLCall *call, CXLReader *in, uint32_t ranges)
{
    const CXLWireMediaDiscoverIn *want = CXL_READ(in, CXLWireMediaDiscoverIn);
    CXLWireMediaDiscoverOut *out;
    unsigned start, n;

    if (!want || cxl_reader_left(in)) {
        return CXL_RC_INVALID_PAYLOAD_LENGTH;
    }
    start = cxl_get16(want->start);
    if (ranges || start >= ARRAY_SIZE(media_ops)) {
        return CXL_RC_INVALID_INPUT;
    }
    n = MIN(cxl_get16(want->count), ARRAY_SIZE(media_ops) - start);
    out = CXL_CALL_OUT(call, CXLWireMediaDiscoverOut);
    out->granularity = cxl_put64(CXL_MEDIA_OPS_GRANULARITY);
    out->total = cxl_put16(ARRAY_SIZE(media_ops));
    out->count = cxl_put16(n);
    memcpy(cxl_call_put(call, n * sizeof(media_ops[0])), &media_ops[start],
           n * sizeof(media_ops[0]));
    call->foreground = true;
    return CXL_RC_SUCCESS;
}

static CXLRetCode check_range(const CXLMediaState *media, uint64_t dpa,
                              uint64_t length)
{
    uint64_t total = cxl_media_total(media);

    if (!QEMU_IS_ALIGNED(dpa | length, CXL_MEDIA_OPS_GRANULARITY) ||
        dpa > total || length > total - dpa) {
        return CXL_RC_INVALID_INPUT;
    }
    return cxl_media_locks(media, dpa, length) ?
        CXL_RC_INVALID_SECURITY_STATE : CXL_RC_SUCCESS;
}

static CXLRetCode add_ranges(CXLSanitize *part, CXLReader *in)
{
    const CXLWireMediaRange *range;

    while ((range = CXL_READ(in, CXLWireMediaRange))) {
        uint64_t dpa = cxl_get64(range->dpa);
        uint64_t length = cxl_get64(range->length);
        CXLRetCode rc = check_range(part->media, dpa, length);

        if (rc != CXL_RC_SUCCESS) {
            return rc;
        }
        if (!cxl_sanitize_add(part, dpa, length)) {
            return CXL_RC_RESOURCES_EXHAUSTED;
        }
    }
    return CXL_RC_SUCCESS;
}

/* A command that is refused erases nothing. */
static CXLRetCode begin_ranges(CXLCall *call, CXLReader *in, uint32_t ranges)
{
    CXLSanitize *part = call->state;
    CXLRetCode rc;

    if (cxl_reader_left(in) != ranges * (uint64_t)sizeof(CXLWireMediaRange)) {
        return CXL_RC_INVALID_PAYLOAD_LENGTH;
    }
    if (part->media->status == CXL_MEDIA_DISABLED) {
        return CXL_RC_MEDIA_DISABLED;
    }
    cxl_sanitize_clear(part);
    rc = add_ranges(part, in);
    if (rc != CXL_RC_SUCCESS) {
        cxl_sanitize_clear(part);
    }
    call->foreground = !ranges;
    return rc;
}

static CXLRetCode media_operations(CXLCall *call)
{
    CXLReader in;
    const CXLWireMediaOps *head;
    uint32_t ranges;

    cxl_reader_init(&in, call->in, call->in_len);
    head = CXL_READ(&in, CXLWireMediaOps);
    ranges = cxl_get32(head->ranges);
    if (head->op_class == CXL_MEDIA_OPS_GENERAL &&
        head->subclass == CXL_MEDIA_OPS_DISCOVER) {
        return discover(call, &in, ranges);
    }
    if (head->op_class == CXL_MEDIA_OPS_SANITIZE &&
        head->subclass <= CXL_MEDIA_OPS_WRITE_ZERO) {
        return begin_ranges(call, &in, ranges);
    }
    return CXL_RC_UNSUPPORTED;
}

static uint64_t media_ops_duration(void *state)
{
    const CXLSanitize *part = state;

    return part->sanitize_time / 1000 * cxl_sanitize_share(part);
}

static CXLRetCode media_ops_finish(void *state)
{
    CXLSanitize *part = state;
    bool good = cxl_sanitize_good(part);

    if (good) {
        cxl_sanitize_heal(part);
    }
    cxl_sanitize_clear(part);
    return good ? CXL_RC_SUCCESS : CXL_RC_INTERNAL_ERROR;
}

static const CXLBgOps media_ops_ops = {
    .duration = media_ops_duration,
    .finish = media_ops_finish,
    .work = work,
};

static const CXLCommand sanitize_cmds[] = {
    /* Without CXL_GATE_MEDIA: these are what enables disabled media again. */
    CXL_CMD(0x4400, sanitize, CXL_IN_NONE,
            .effects = CXL_EFF_IMM_DATA | CXL_EFF_SECURITY,
            .gates = CXL_GATE_OPEN, .bg = &sanitize_ops),
    CXL_CMD(0x4401, secure_erase, CXL_IN_NONE,
            .effects = CXL_EFF_IMM_DATA | CXL_EFF_SECURITY,
            .gates = CXL_GATE_OPEN, .bg = &erase_ops),
    CXL_CMD(0x4402, media_operations, CXL_IN_AT_LEAST(CXLWireMediaOps),
            .out_min = sizeof(CXLWireMediaDiscoverOut) + sizeof(media_ops),
            .effects = CXL_EFF_IMM_DATA, .bg = &media_ops_ops),
};
CXL_COMMAND_SET(cxl_cmdset_sanitize, sanitize_cmds);
