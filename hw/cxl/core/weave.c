/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check is by look-up alone, whatever the arithmetic of the levels is.
 * All of it is linear in the address bits or periodic: a pattern of groups
 * is known by its first group, and each one that occurs is gone through.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/weave.h"

#define CHUNK_SHIFT 28              /* ranges are multiples of 256 MiB */
#define CHUNK (1ULL << CHUNK_SHIFT)
/* What 16 positions and three rotations can make of a group. */
#define MAX_PATTERNS 64
/* No level selects by an address bit above 17, and one may by thirds. */
#define PERIOD (3ULL << 18)
#define GRANULE_MIN 256

typedef struct Pattern {
    uint64_t offset;                /* an example of it */
    const void *device[CXL_MAX_WAYS];
} Pattern;

typedef struct Check {
    const CXLRouteRange *range;
    const CXLWeavePlan *plan;
    Pattern pattern[MAX_PATTERNS];
    unsigned count;
} Check;

const CXLRouteTarget *cxl_weave_target(const CXLRouteRange *range,
                                       const void *device)
{
    for (unsigned i = 0; i < range->target->len; i++) {
        const CXLRouteTarget *target =
            &g_array_index(range->target, CXLRouteTarget, i);

        if (target->device == device) {
            return target;
        }
    }
    return NULL;
}

static uint64_t group_size(const CXLWeavePlan *plan)
{
    return (uint64_t)plan->ways << plan->shift;
}

static void look_at(const Check *check, uint64_t offset, Pattern *pattern)
{
    const CXLWeavePlan *plan = check->plan;

    pattern->offset = offset;
    for (unsigned i = 0; i < plan->ways; i++) {
        void *device = NULL;
        uint64_t dpa;

        cxl_route_lookup(check->range, check->range->base + offset +
                         ((uint64_t)i << plan->shift), &device, &dpa);
        pattern->device[i] = device;
    }
}

/* Remember the pattern at @offset; false if there are too many. */
static bool note_pattern(Check *check, uint64_t offset)
{
    size_t size = check->plan->ways * sizeof(void *);
    Pattern pattern;

    look_at(check, offset, &pattern);
    for (unsigned i = 0; i < check->count; i++) {
        if (!memcmp(check->pattern[i].device, pattern.device, size)) {
            return true;
        }
    }
    if (check->count == MAX_PATTERNS) {
        return false;
    }
    check->pattern[check->count++] = pattern;
    return true;
}

/* With address bit @bit flipped in each pattern known so far */
static bool note_flipped(Check *check, unsigned bit)
{
    uint64_t group = group_size(check->plan);
    unsigned known = check->count;

    for (unsigned i = 0; i < known; i++) {
        uint64_t offset = check->pattern[i].offset ^ (1ULL << bit);

        /* Not a group's start with three ways: the next one is. */
        offset = QEMU_ALIGN_UP(offset, group);
        if (offset + group <= check->range->size &&
            !note_pattern(check, offset)) {
            return false;
        }
    }
    return true;
}

static bool note_patterns(Check *check)
{
    uint64_t group = group_size(check->plan);

    for (uint64_t at = 0; at < check->range->size; at += CHUNK) {
        uint64_t offset = QEMU_ALIGN_UP(at, group);

        if (offset + group <= check->range->size &&
            !note_pattern(check, offset)) {
            return false;
        }
    }
    for (unsigned bit = check->plan->shift; bit < CHUNK_SHIFT; bit++) {
        if (1ULL << bit >= group && !note_flipped(check, bit)) {
            return false;
        }
    }
    return true;
}

/* All of one granule goes to one device, in order. */
static bool granule_whole(const Check *check, uint64_t offset,
                          void **device)
{
    const CXLRouteRange *range = check->range;
    const CXLWeavePlan *plan = check->plan;
    uint64_t hpa = range->base + offset;
    uint64_t expected = offset / group_size(plan) << plan->shift;

    for (uint64_t at = 0; at < 1ULL << plan->shift; at += GRANULE_MIN) {
        void *here;
        uint64_t dpa;

        if (!cxl_route_lookup(range, hpa + at, &here, &dpa) ||
            (at && here != *device) ||
            dpa != cxl_weave_target(range, here)->dpa_base + expected + at) {
            return false;
        }
        *device = here;
    }
    return true;
}

static bool group_permutes(const Check *check, uint64_t offset)
{
    void *device[CXL_MAX_WAYS];

    for (unsigned i = 0; i < check->plan->ways; i++) {
        if (!granule_whole(check, offset +
                           ((uint64_t)i << check->plan->shift),
                           &device[i])) {
            return false;
        }
        for (unsigned j = 0; j < i; j++) {
            if (device[j] == device[i]) {
                return false;
            }
        }
    }
    return true;
}

static bool period_permutes(const Check *check, uint64_t start)
{
    uint64_t group = group_size(check->plan);
    uint64_t end = MIN(start + PERIOD + group, check->range->size);

    for (uint64_t at = start; at + group <= end; at += group) {
        if (!group_permutes(check, at)) {
            return false;
        }
    }
    return true;
}

static bool permutes(const CXLRouteRange *range, const CXLWeavePlan *plan)
{
    g_autofree Check *check = g_new0(Check, 1);

    check->range = range;
    check->plan = plan;
    if (!note_patterns(check)) {
        return false;
    }
    for (unsigned i = 0; i < check->count; i++) {
        if (!period_permutes(check, check->pattern[i].offset)) {
            return false;
        }
    }
    return true;
}

static bool same_decoders(const CXLRouteRange *range)
{
    const CXLRouteTarget *first =
        &g_array_index(range->target, CXLRouteTarget, 0);

    for (unsigned i = 0; i < range->target->len; i++) {
        const CXLRouteTarget *target =
            &g_array_index(range->target, CXLRouteTarget, i);

        if (target->hpa_base != range->base ||
            target->interleave.ways != range->target->len ||
            target->interleave.shift != first->interleave.shift) {
            return false;
        }
    }
    return true;
}

bool cxl_weave_plan(const CXLRouteRange *range, CXLWeavePlan *plan,
                    const char **why)
{
    unsigned ways = range->target->len;

    *why = NULL;
    if (ways < 2 || ways > CXL_MAX_WAYS || !same_decoders(range)) {
        *why = "the devices' decoders do not name this set of devices";
        return false;
    }
    *plan = (CXLWeavePlan) {
        .ways = ways,
        .shift = g_array_index(range->target, CXLRouteTarget,
                               0).interleave.shift,
        .share = range->size / ways,
    };
    if (range->size % (ways * CHUNK) || !permutes(range, plan)) {
        *why = "some device's memory is reached twice, or not at all";
        return false;
    }
    return true;
}

bool cxl_weave_hpa(const CXLRouteRange *range, const CXLWeavePlan *plan,
                   const void *device, uint64_t dpa, uint64_t *hpa)
{
    const CXLRouteTarget *target = cxl_weave_target(range, device);
    uint64_t offset, group;

    if (!target || dpa - target->dpa_base >= plan->share) {
        return false;
    }
    offset = dpa - target->dpa_base;
    group = range->base + (offset >> plan->shift) * group_size(plan) +
            (offset & ((1ULL << plan->shift) - 1));
    for (unsigned i = 0; i < plan->ways; i++) {
        void *here;
        uint64_t there;

        *hpa = group + ((uint64_t)i << plan->shift);
        if (cxl_route_lookup(range, *hpa, &here, &there) && here == device) {
            return there == dpa;
        }
    }
    return false;
}
