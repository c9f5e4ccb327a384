/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL r3.2: CXL HDM Decoder Capability Structure; Committing Decoder
 * Programming.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/plan.h"

#define NOT_BELOW (-1)

typedef struct Planner {
    const CXLPlanRange *range;
    GArray *steps;                  /* of CXLPlanStep */
    unsigned *position;             /* of an error */
} Planner;

/* Positions @first, @first + @stride, ..: @count of them, at one node. */
typedef struct Share {
    unsigned first, stride, count;
    unsigned shift;                 /* lowest address bit not yet used */
} Share;

static void *device_at(const Planner *planner, const Share *share, unsigned n)
{
    return planner->range->device[share->first + n * share->stride];
}

static CXLPlanError fail(const Planner *planner, const Share *share,
                         unsigned n, CXLPlanError error)
{
    *planner->position = share->first + n * share->stride;
    return error;
}

/* The tree is as deep as there are buses: some levels. */
static bool leads_to(const CXLRouteNode *node, const void *device)
{
    if (!node || node->endpoint) {
        return node && node->device == device;
    }
    for (unsigned i = 0; i < node->child_count; i++) {
        if (leads_to(node->child[i].node, device)) {
            return true;
        }
    }
    return false;
}

static int child_towards(const CXLRouteNode *node, const void *device)
{
    for (unsigned i = 0; i < node->child_count; i++) {
        if (leads_to(node->child[i].node, device)) {
            return i;
        }
    }
    return NOT_BELOW;
}

static CXLPlanStep new_step(const Planner *planner, const CXLRouteNode *node,
                            const Share *share)
{
    return (CXLPlanStep) {
        .node = node,
        .position = share->first,
        .decoder = {
            .base = planner->range->base,
            .size = planner->range->size,
            .locked = planner->range->locked,
            .host_only = true,
        },
    };
}

static CXLPlanError plan_endpoint(Planner *planner, const CXLRouteNode *node,
                                  const Share *share)
{
    CXLPlanStep step = new_step(planner, node, share);
    uint64_t from = planner->range->dpa_from[share->first];
    uint64_t used = cxl_hdm_dpa_used(node->hdm);

    if (share->count > 1) {
        return fail(planner, share, 1, CXL_PLAN_ORDER);
    }
    step.decoder.interleave = planner->range->interleave;
    step.decoder.skip = from - MIN(from, used);
    g_array_append_val(planner->steps, step);
    return CXL_PLAN_OK;
}

/*
 * Children in the order of the positions; the ways are those before the
 * first comes again, and from there on they have to repeat.
 */
static CXLPlanError find_children(const Planner *planner,
                                  const CXLRouteNode *node,
                                  const Share *share, int *child,
                                  unsigned *ways)
{
    *ways = share->count;
    for (unsigned n = 0; n < share->count; n++) {
        child[n] = child_towards(node, device_at(planner, share, n));
        if (child[n] == NOT_BELOW) {
            return fail(planner, share, n, CXL_PLAN_NOT_BELOW);
        }
        if (n && *ways == share->count && child[n] == child[0]) {
            *ways = n;
        }
    }
    for (unsigned n = 0; n < share->count; n++) {
        for (unsigned i = 0; i < n; i++) {
            if ((child[i] == child[n]) != (i % *ways == n % *ways)) {
                return fail(planner, share, n, CXL_PLAN_ORDER);
            }
        }
    }
    return share->count % *ways ? fail(planner, share, *ways, CXL_PLAN_ORDER)
                                : CXL_PLAN_OK;
}

static CXLPlanError plan_router(Planner *planner, const CXLRouteNode *node,
                                const Share *share, const int *child,
                                unsigned ways)
{
    CXLPlanStep step = new_step(planner, node, share);

    if (!node->hdm) {
        return ways == 1 && node->child_count == 1 ? CXL_PLAN_OK :
               fail(planner, share, 0, CXL_PLAN_ORDER);
    }
    if (ways > 1 && share->shift > CXL_MAX_SHIFT) {
        return fail(planner, share, 0, CXL_PLAN_GRANULARITY);
    }
    /* Where nothing is selected, any granularity will do. */
    step.decoder.interleave.ways = ways;
    step.decoder.interleave.shift = MIN(share->shift, CXL_MAX_SHIFT);
    for (unsigned i = 0; i < ways && i < CXL_HDM_MAX_TARGETS; i++) {
        step.decoder.target[i] = node->child[child[i]].port;
    }
    g_array_append_val(planner->steps, step);
    return CXL_PLAN_OK;
}

static CXLPlanError plan_node(Planner *planner, const CXLRouteNode *node,
                              const Share *share)
{
    int child[CXL_MAX_WAYS];
    CXLPlanError error;
    unsigned ways;

    if (node->endpoint) {
        return plan_endpoint(planner, node, share);
    }
    error = find_children(planner, node, share, child, &ways);
    if (!error) {
        error = plan_router(planner, node, share, child, ways);
    }
    for (unsigned i = 0; !error && i < ways; i++) {
        Share below = {
            .first = share->first + i * share->stride,
            .stride = share->stride * ways,
            .count = share->count / ways,
            .shift = share->shift + ctz32(ways),
        };

        error = plan_node(planner, node->child[child[i]].node, &below);
    }
    return error;
}

CXLPlanError cxl_plan_make(const CXLRouteWindow *window,
                           const CXLPlanRange *range, GArray *steps,
                           unsigned *position)
{
    Planner planner = {
        .range = range, .steps = steps, .position = position,
    };
    unsigned ways = window->interleave.ways;
    CXLPlanError error = CXL_PLAN_OK;

    for (unsigned i = 0; !error && i < ways; i++) {
        Share share = {
            .first = i,
            .stride = ways,
            .count = range->interleave.ways / ways,
            .shift = range->interleave.shift +
                     cxl_interleave_pow2_bits(&window->interleave),
        };

        error = window->target[i] ?
                plan_node(&planner, window->target[i], &share) :
                fail(&planner, &share, 0, CXL_PLAN_NOT_BELOW);
    }
    return error;
}

static void write_pair(CXLHdm *hdm, unsigned n, unsigned low, uint64_t value)
{
    cxl_regbank_write(&hdm->bank, CXL_HDM_REG(n, low), value, 8);
}

static uint32_t control(const CXLHdmDecoder *decoder)
{
    const CXLInterleave *il = &decoder->interleave;
    uint32_t value = 0;

    value = FIELD_DP32(value, CXL_HDM_CTRL, IW,
                       cxl_interleave_encode_ways(il->ways));
    value = FIELD_DP32(value, CXL_HDM_CTRL, IG,
                       cxl_interleave_encode_granularity(1ULL << il->shift));
    value = FIELD_DP32(value, CXL_HDM_CTRL, LOCK, decoder->locked);
    return FIELD_DP32(value, CXL_HDM_CTRL, HOST_ONLY, decoder->host_only);
}

static void write_control(const CXLPlanStep *step, unsigned n, uint32_t value)
{
    cxl_regbank_write(&step->node->hdm->bank,
                      CXL_HDM_REG(n, CXL_HDM_CONTROL), value, 4);
}

/* All but the commit; answers what that would be answered. */
static CXLHdmRefusal prepare(const CXLPlanStep *step)
{
    const CXLHdmDecoder *decoder = &step->decoder;
    CXLHdm *hdm = step->node->hdm;
    unsigned n = cxl_hdm_committed(hdm);

    if (n == hdm->count) {
        return CXL_HDM_OUT_OF_ORDER;
    }
    write_pair(hdm, n, CXL_HDM_BASE_LOW, decoder->base);
    write_pair(hdm, n, CXL_HDM_SIZE_LOW, decoder->size);
    if (hdm->kind == CXL_HDM_ENDPOINT) {
        write_pair(hdm, n, CXL_HDM_SKIP_LOW, decoder->skip);
    } else {
        write_pair(hdm, n, CXL_HDM_TARGET_LOW, ldq_le_p(decoder->target));
    }
    write_control(step, n, control(decoder));
    return cxl_hdm_refusal(hdm, n);
}

static void commit(const CXLPlanStep *step)
{
    CXLHdm *hdm = step->node->hdm;

    write_control(step, cxl_hdm_committed(hdm),
                  control(&step->decoder) | R_CXL_HDM_CTRL_COMMIT_MASK);
    if (hdm->kind == CXL_HDM_ENDPOINT) {
        cxl_regbank_write(&hdm->bank, CXL_HDM_GLOBAL_CONTROL,
                          R_CXL_HDM_GLOBAL_ENABLE_MASK, 4);
    }
}

/* No two steps are about one component, so each can be tried by itself. */
CXLHdmRefusal cxl_plan_program(const GArray *steps, unsigned *failed)
{
    for (unsigned i = 0; i < steps->len; i++) {
        CXLHdmRefusal refusal = prepare(&g_array_index(steps, CXLPlanStep, i));

        if (refusal != CXL_HDM_LEGAL) {
            *failed = i;
            return refusal;
        }
    }
    for (unsigned i = 0; i < steps->len; i++) {
        commit(&g_array_index(steps, CXLPlanStep, i));
    }
    return CXL_HDM_LEGAL;
}

uint64_t cxl_plan_room(const CXLHdm *hdm, uint64_t dpa_from, uint64_t dpa_end)
{
    uint64_t from = MAX(dpa_from, cxl_hdm_dpa_used(hdm));

    return from < dpa_end ? dpa_end - from : 0;
}
