/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/holes.h"

void cxl_holes_init(CXLHoles *holes, uint64_t size, uint64_t page,
                    unsigned max)
{
    *holes = (CXLHoles) {
        .size = size,
        .page = page,
        .max = max,
        .hole = g_array_new(false, false, sizeof(CXLHole)),
    };
}

void cxl_holes_finish(CXLHoles *holes)
{
    g_clear_pointer(&holes->hole, g_array_unref);
}

static CXLHole *hole_at(const CXLHoles *holes, unsigned n)
{
    return &g_array_index(holes->hole, CXLHole, n);
}

static uint64_t end_of(const CXLHole *hole)
{
    return hole->offset + hole->size;
}

/* The first hole that ends at @offset or above, or their number. */
static unsigned first_from(const CXLHoles *holes, uint64_t offset)
{
    unsigned low = 0, high = holes->hole->len;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (end_of(hole_at(holes, middle)) < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* One hole instead of @count from @n on. */
static void join(CXLHoles *holes, unsigned n, unsigned count)
{
    hole_at(holes, n)->size = end_of(hole_at(holes, n + count - 1)) -
                              hole_at(holes, n)->offset;
    g_array_remove_range(holes->hole, n + 1, count - 1);
}

static void join_nearest(CXLHoles *holes)
{
    uint64_t least = UINT64_MAX;
    unsigned best = 0;

    for (unsigned n = 0; n + 1 < holes->hole->len; n++) {
        uint64_t gap = hole_at(holes, n + 1)->offset -
                       end_of(hole_at(holes, n));

        if (gap < least) {
            least = gap;
            best = n;
        }
    }
    join(holes, best, 2);
}

/* @added takes in what it touches, or stands alone. */
static void insert(CXLHoles *holes, CXLHole added)
{
    unsigned n = first_from(holes, added.offset), count = 0;
    uint64_t end = end_of(&added);

    while (n + count < holes->hole->len &&
           hole_at(holes, n + count)->offset <= end) {
        count++;
    }
    if (!count) {
        g_array_insert_val(holes->hole, n, added);
        return;
    }
    join(holes, n, count);
    end = MAX(end, end_of(hole_at(holes, n)));
    added.offset = MIN(added.offset, hole_at(holes, n)->offset);
    added.size = end - added.offset;
    *hole_at(holes, n) = added;
}

void cxl_holes_add(CXLHoles *holes, uint64_t offset, uint64_t len)
{
    CXLHole added = { .size = holes->size };

    if (holes->max) {
        added.offset = QEMU_ALIGN_DOWN(offset, holes->page);
        added.size = QEMU_ALIGN_UP(offset + len, holes->page) - added.offset;
    }
    insert(holes, added);
    if (holes->hole->len > MAX(holes->max, 1)) {
        join_nearest(holes);
    }
}

bool cxl_holes_everything(const CXLHoles *holes)
{
    return holes->hole->len && hole_at(holes, 0)->size == holes->size;
}

void cxl_holes_share(const CXLRouteRange *range, const CXLWeavePlan *plan,
                     const CXLRouteTarget *target, uint64_t *dpa,
                     uint64_t *len)
{
    *dpa = target->dpa_base + (range->base - target->hpa_base);
    *len = plan ? plan->share : range->size;
}

static void cover_granule(CXLHoles *holes, const CXLRouteRange *range,
                          const CXLWeavePlan *plan, const void *device,
                          uint64_t dpa, uint64_t len)
{
    uint64_t hpa;

    if (cxl_weave_hpa(range, plan, device, dpa, &hpa)) {
        cxl_holes_add(holes, hpa - range->base, len);
    }
}

/* @first, @last: granules of each target's share */
static void cover_groups(CXLHoles *holes, const CXLWeavePlan *plan,
                         uint64_t first, uint64_t last)
{
    uint64_t group = (uint64_t)plan->ways << plan->shift;

    cxl_holes_add(holes, first * group, (last + 1 - first) * group);
}

void cxl_holes_cover(CXLHoles *holes, const CXLRouteRange *range,
                     const CXLWeavePlan *plan, const CXLRouteTarget *target,
                     uint64_t dpa, uint64_t len)
{
    uint64_t share, size, first, last, end = dpa + len;

    cxl_holes_share(range, plan, target, &share, &size);
    if (!plan) {
        cxl_holes_add(holes, dpa - share, len);
        return;
    }
    first = (dpa - share) >> plan->shift;
    last = (end - 1 - share) >> plan->shift;
    if (last - first >= CXL_HOLES_GRANULES) {
        cover_groups(holes, plan, first, last);
        return;
    }
    while (dpa < end) {
        uint64_t granule = 1ULL << plan->shift;
        uint64_t left = granule - (dpa - share) % granule;

        left = MIN(left, end - dpa);
        cover_granule(holes, range, plan, target->device, dpa, left);
        dpa += left;
    }
}
