/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moving bytes between devices and the block of a window.
 *
 * Work goes by units: the smallest piece that is whole pages on each device
 * and in the block.  Only units with a page that holds data are looked at,
 * only granules that are not zero are copied, and what they came from is
 * given back to the host after each batch: memory in use stays what the
 * guest has written.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/cutils.h"
#include "exec/cpu-common.h"
#include "hw/cxl/host/populated.h"
#include "hw/cxl/host/weave.h"
#include "hw/cxl/host/weave_block.h"
#include "hw/cxl/model/type3.h"
#include "hw/cxl/trace.h"
#include "migration/misc.h"

/* Bytes of each device that are in two places at a time. */
#define BATCH (2 * 1024 * 1024)

/* One device's share. */
typedef struct Strand {
    CXLWoven *woven;
    CXLType3 *device;
    uint64_t dpa;                   /* of its first byte */
    MemoryRegion *mr;
    hwaddr at;                      /* in @mr */
    uint8_t *host;
} Strand;

struct CXLWoven {
    CXLWeave *weave;
    const CXLRouteRange *range;
    CXLWeavePlan plan;
    uint64_t offset;                /* in the block */
    uint8_t *host;
    uint64_t unit;                  /* bytes of one strand in a unit */
    Strand strand[CXL_MAX_WAYS];
};

/* Pinned memory, or memory whose old contents somebody still wants */
static bool may_discard(void)
{
    return !ram_block_discard_is_disabled() &&
           !migration_in_incoming_postcopy() && !migration_in_bg_snapshot();
}

/* Make zeroes of whole pages, and give them back if that is possible. */
static void vacate(MemoryRegion *mr, hwaddr at, uint64_t len)
{
    if (!may_discard() || ram_block_discard_range(mr->ram_block, at, len)) {
        memset(memory_region_get_ram_ptr(mr) + at, 0, len);
    }
    cxl_glue_backend_wrote(mr, at, len);
}

void cxl_weave_clear(CXLWeave *weave, uint64_t offset, uint64_t size)
{
    uint64_t end = offset + size, first, last;

    while (cxl_populated_next(&weave->mr, offset, end, &first, &last)) {
        vacate(&weave->mr, first, last - first);
        offset = last;
    }
}

static uint64_t units(const CXLWoven *woven)
{
    return woven->plan.share / woven->unit;
}

/* Set the bits of units of @unit bytes from @at that may hold data. */
static void mark(unsigned long *map, MemoryRegion *mr, uint64_t at,
                 uint64_t size, uint64_t unit)
{
    uint64_t next = at, first, last;

    while (cxl_populated_next(mr, next, at + size, &first, &last)) {
        uint64_t from = (first - at) / unit;

        bitmap_set(map, from, DIV_ROUND_UP(last - at, unit) - from);
        next = last;
    }
}

static Strand *strand_of(CXLWoven *woven, const void *device)
{
    for (unsigned i = 0; i < woven->plan.ways; i++) {
        if (woven->strand[i].device == device) {
            return &woven->strand[i];
        }
    }
    return NULL;
}

/* What is copied to is all zeroes before. */
static void copy_granule(CXLWoven *woven, uint64_t offset, bool gather)
{
    uint64_t granule = 1ULL << woven->plan.shift;
    uint8_t *there = woven->host + offset, *here;
    void *device;
    uint64_t dpa;
    Strand *strand;

    if (!cxl_route_lookup(woven->range, woven->range->base + offset, &device,
                          &dpa)) {
        return;                     /* not in a permutation */
    }
    strand = strand_of(woven, device);
    here = strand->host + (dpa - strand->dpa);
    if (gather && !buffer_is_zero(here, granule)) {
        memcpy(there, here, granule);
    } else if (!gather && !buffer_is_zero(there, granule)) {
        memcpy(here, there, granule);
    }
}

static void copy_units(CXLWoven *woven, uint64_t from, uint64_t to,
                       bool gather)
{
    uint64_t unit = woven->unit * woven->plan.ways;

    for (uint64_t at = from * unit; at < to * unit;
         at += 1ULL << woven->plan.shift) {
        copy_granule(woven, at, gather);
    }
}

/* The sources become empty, the targets have been written to. */
static void finish_units(CXLWoven *woven, uint64_t from, uint64_t to,
                         bool gather)
{
    uint64_t at = from * woven->unit, len = (to - from) * woven->unit;
    unsigned ways = woven->plan.ways;
    MemoryRegion *block = &woven->weave->mr;

    if (gather) {
        cxl_glue_backend_wrote(block, woven->offset + at * ways, len * ways);
    } else {
        vacate(block, woven->offset + at * ways, len * ways);
    }
    for (unsigned i = 0; i < ways; i++) {
        const Strand *strand = &woven->strand[i];

        if (gather) {
            vacate(strand->mr, strand->at + at, len);
        } else {
            cxl_glue_backend_wrote(strand->mr, strand->at + at, len);
        }
    }
}

static void move_units(CXLWoven *woven, const unsigned long *map,
                       bool gather)
{
    uint64_t batch = MAX(BATCH / woven->unit, 1);
    uint64_t from = find_first_bit(map, units(woven)), to, moved = 0;

    while (from < units(woven)) {
        to = MIN(find_next_zero_bit(map, units(woven), from), from + batch);
        copy_units(woven, from, to, gather);
        finish_units(woven, from, to, gather);
        moved += to - from;
        from = find_next_bit(map, units(woven), to);
    }
    trace_cxl_weave_moved(woven->range->base, gather ? "into" : "out of",
                          moved * woven->unit * woven->plan.ways);
}

static void gather(CXLWoven *woven)
{
    g_autofree unsigned long *map = bitmap_new(units(woven));

    for (unsigned i = 0; i < woven->plan.ways; i++) {
        const Strand *strand = &woven->strand[i];

        mark(map, strand->mr, strand->at, woven->plan.share, woven->unit);
    }
    move_units(woven, map, true);
}

static void scatter(CXLWoven *woven)
{
    g_autofree unsigned long *map = bitmap_new(units(woven));

    mark(map, &woven->weave->mr, woven->offset, woven->range->size,
         woven->unit * woven->plan.ways);
    move_units(woven, map, false);
}

/* CXLGlueMove: where a byte of one device is */
static MemoryRegion *find_moved(void *opaque, uint64_t dpa, hwaddr *at,
                                uint64_t *len)
{
    const Strand *strand = opaque;
    const CXLWoven *woven = strand->woven;
    uint64_t granule = 1ULL << woven->plan.shift;
    uint64_t hpa = woven->range->base;

    cxl_weave_hpa(woven->range, &woven->plan, strand->device, dpa, &hpa);
    *at = woven->offset + (hpa - woven->range->base);
    *len = MIN(*len, granule - (dpa - strand->dpa) % granule);
    return &woven->weave->mr;
}

static bool attach(CXLWoven *woven, unsigned n)
{
    Strand *strand = &woven->strand[n];
    const CXLRouteTarget *target =
        &g_array_index(woven->range->target, CXLRouteTarget, n);
    CXLGlueMove move = {
        .base = target->dpa_base, .size = woven->plan.share,
        .find = find_moved, .opaque = strand,
    };

    strand->woven = woven;
    strand->device = target->device;
    strand->dpa = target->dpa_base;
    strand->mr = cxl_type3_mem_region(strand->device, strand->dpa,
                                      woven->plan.share, &strand->at);
    if (!strand->mr ||
        !cxl_glue_backend_move(&strand->device->dpa_store, &move)) {
        return false;
    }
    strand->host = (uint8_t *)memory_region_get_ram_ptr(strand->mr) +
                   strand->at;
    return true;
}

static void detach(CXLWoven *woven, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        cxl_glue_backend_moved_back(&woven->strand[i].device->dpa_store,
                                    woven->strand[i].dpa);
    }
}

static bool attach_all(CXLWoven *woven)
{
    for (unsigned i = 0; i < woven->plan.ways; i++) {
        if (!attach(woven, i)) {
            detach(woven, i);
            return false;
        }
    }
    return true;
}

CXLWoven *cxl_weave_enter(CXLWeave *weave, uint64_t offset,
                          const CXLRouteRange *range, bool loaded)
{
    CXLWoven *woven = g_new0(CXLWoven, 1);
    const char *why;

    woven->weave = weave;
    woven->range = range;
    woven->offset = offset;
    if (!weave || !cxl_weave_plan(range, &woven->plan, &why) ||
        !attach_all(woven)) {
        g_free(woven);
        return NULL;
    }
    woven->host = (uint8_t *)memory_region_get_ram_ptr(&weave->mr) + offset;
    woven->unit = MAX(qemu_real_host_page_size(), 1ULL << woven->plan.shift);
    if (!loaded) {
        /* A guest that wrote until the last moment may have left some. */
        cxl_weave_clear(weave, offset, range->size);
        gather(woven);
        if (migration_is_running()) {
            /* It has sent nothing of what was discarded memory until now. */
            cxl_glue_backend_wrote(&weave->mr, offset, range->size);
        }
    }
    cxl_weave_block_add(weave, offset, range->size);
    return woven;
}

void cxl_weave_abandon(CXLWoven *woven)
{
    cxl_weave_block_remove(woven->weave, woven->offset);
    detach(woven, woven->plan.ways);
    g_free(woven);
}

void cxl_weave_leave(CXLWoven *woven)
{
    scatter(woven);
    cxl_weave_abandon(woven);
}

MemoryRegion *cxl_weave_region(const CXLWoven *woven, hwaddr *offset)
{
    *offset = woven->offset;
    return &woven->weave->mr;
}

char *cxl_weave_obstacle(const CXLWeave *weave, const CXLRouteRange *range)
{
    CXLWeavePlan plan;
    const char *why;

    if (!weave) {
        return g_strdup("the window has no block of RAM (all windows "
                        "together exceed 1 TiB, mem-lock=on, or the host "
                        "refused it)");
    }
    if (ram_block_discard_is_disabled()) {
        return g_strdup("memory is pinned on the host");
    }
    if (!cxl_weave_plan(range, &plan, &why)) {
        return g_strdup(why);
    }
    for (unsigned i = 0; i < plan.ways; i++) {
        const CXLRouteTarget *target =
            &g_array_index(range->target, CXLRouteTarget, i);
        char *obstacle = cxl_type3_weave_obstacle(target->device,
                                                  target->dpa_base,
                                                  plan.share);

        if (obstacle) {
            return obstacle;
        }
    }
    return NULL;
}
