/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With a file, three steps in this order make a batch safe: the bytes are
 * copied, the boundary moves, and only then are they given up where they
 * were.  Whoever is killed in between has them twice.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/cutils.h"
#include "exec/ramblock.h"
#include "hw/cxl/host/populated.h"
#include "hw/cxl/host/weave_move.h"
#include "hw/cxl/model/glue_backend.h"
#include "hw/cxl/trace.h"

/* Bytes of each device that are in two places at a time. */
#define BATCH (2 * 1024 * 1024)
/* With files: each batch waits for the disk. */
#define BATCH_FILE (64 * 1024 * 1024)

static uint64_t unit_size(const CXLWeaveMove *move)
{
    return MAX(qemu_real_host_page_size(), 1ULL << move->plan.shift);
}

static uint64_t units(const CXLWeaveMove *move)
{
    return move->plan.share / unit_size(move);
}

static void wrote_woven(CXLWeaveMove *move, uint64_t at, uint64_t len)
{
    if (move->block) {
        cxl_glue_backend_wrote(move->block, move->offset + at, len);
    }
}

static void vacate_woven(CXLWeaveMove *move, uint64_t at, uint64_t len)
{
    if (!move->file) {
        cxl_glue_backend_vacate(move->block, move->offset + at, len);
        return;
    }
    cxl_weave_file_punch(move->file, at, len);
    wrote_woven(move, at, len);
}

static bool next_woven(const CXLWeaveMove *move, uint64_t start, uint64_t end,
                       uint64_t *first, uint64_t *last)
{
    if (move->file) {
        return cxl_weave_file_next(move->file, start, end, first, last);
    }
    if (!cxl_populated_next(move->block, move->offset + start,
                            move->offset + end, first, last)) {
        return false;
    }
    *first -= move->offset;
    *last -= move->offset;
    return true;
}

void cxl_weave_clear_strands(CXLWeaveMove *move, uint64_t len)
{
    for (unsigned i = 0; i < move->plan.ways; i++) {
        const CXLWeaveStrand *strand = &move->strand[i];
        uint64_t at = strand->at, end = at + len, first, last;

        while (cxl_populated_next(strand->mr, at, end, &first, &last)) {
            cxl_glue_backend_vacate(strand->mr, first, last - first);
            at = last;
        }
    }
}

/* Granule by granule, in one unit */
static void zero_strand(CXLWeaveMove *move, const CXLWeaveStrand *strand,
                        uint64_t at, uint64_t len)
{
    uint64_t granule = 1ULL << move->plan.shift, base = move->range->base;

    for (uint64_t end = at + len, next; at < end; at = next) {
        uint64_t hpa = base;

        next = MIN(end, QEMU_ALIGN_DOWN(at, granule) + granule);
        cxl_weave_hpa(move->range, &move->plan, strand->device,
                      strand->dpa + at, &hpa);
        memset(move->host + (hpa - base), 0, next - at);
        wrote_woven(move, hpa - base, next - at);
    }
}

uint64_t cxl_weave_erase(CXLWeaveMove *move, unsigned n, uint64_t at,
                         uint64_t len)
{
    uint64_t unit = unit_size(move), ways = move->plan.ways;
    uint64_t start = QEMU_ALIGN_DOWN(at, unit), end = at + len, first, last;

    if (!next_woven(move, start * ways, ROUND_UP(end, unit) * ways, &first,
                    &last)) {
        return len;
    }
    first = QEMU_ALIGN_DOWN(first / ways, unit);
    if (first > start) {
        return MIN(first, end) - at;
    }
    len = MIN(end, start + unit) - at;
    zero_strand(move, &move->strand[n], at, len);
    return len;
}

/* Set the bits of the units that have some of [@first, @last). */
static void mark(unsigned long *map, uint64_t first, uint64_t last,
                 uint64_t unit)
{
    bitmap_set(map, first / unit, DIV_ROUND_UP(last, unit) - first / unit);
}

static void mark_strands(const CXLWeaveMove *move, unsigned long *map)
{
    for (unsigned i = 0; i < move->plan.ways; i++) {
        const CXLWeaveStrand *strand = &move->strand[i];
        uint64_t at = strand->at, end = at + move->plan.share, first, last;

        while (cxl_populated_next(strand->mr, at, end, &first, &last)) {
            mark(map, first - strand->at, last - strand->at, unit_size(move));
            at = last;
        }
    }
}

static void mark_woven(const CXLWeaveMove *move, unsigned long *map,
                       uint64_t len)
{
    uint64_t at = 0, end = len * move->plan.ways, first, last;

    while (next_woven(move, at, end, &first, &last)) {
        mark(map, first, last, unit_size(move) * move->plan.ways);
        at = last;
    }
}

static const CXLWeaveStrand *strand_of(const CXLWeaveMove *move,
                                       const void *device)
{
    for (unsigned i = 0; i < move->plan.ways; i++) {
        if (move->strand[i].device == device) {
            return &move->strand[i];
        }
    }
    return NULL;
}

/*
 * A unit's bytes where they are now.  Those of files are read: to look at a
 * hole through a mapping may take room, and end QEMU if there is none.
 */
static bool read_unit(const CXLWeaveMove *move, uint64_t n, bool gather,
                      uint8_t *buf)
{
    uint64_t unit = unit_size(move);

    if (!gather) {
        return cxl_weave_file_read(move->file, n * unit * move->plan.ways,
                                   buf, unit * move->plan.ways);
    }
    for (unsigned i = 0; i < move->plan.ways; i++) {
        const CXLWeaveStrand *strand = &move->strand[i];
        uint64_t at = strand->mr->ram_block->fd_offset + strand->at +
                      n * unit;

        if (RETRY_ON_EINTR(pread(memory_region_get_fd(strand->mr),
                                 buf + i * unit, unit, at)) !=
            (ssize_t)unit) {
            return false;
        }
    }
    return true;
}

/* What is copied to is all zeroes before, or the very same. */
static void copy_granule(CXLWeaveMove *move, uint64_t offset, bool gather,
                         const uint8_t *buf)
{
    uint64_t granule = 1ULL << move->plan.shift, unit = unit_size(move);
    uint8_t *there = move->host + offset, *here;
    const CXLWeaveStrand *strand;
    const uint8_t *from;
    void *device;
    uint64_t dpa;

    if (!cxl_route_lookup(move->range, move->range->base + offset, &device,
                          &dpa)) {
        return;                     /* not in a permutation */
    }
    strand = strand_of(move, device);
    here = strand->host + (dpa - strand->dpa);
    from = gather ? here : there;
    if (buf) {
        from = gather ? buf + (strand - move->strand) * unit +
                        (dpa - strand->dpa) % unit
                      : buf + offset % (unit * move->plan.ways);
    }
    if (!buffer_is_zero(from, granule)) {
        memcpy(gather ? there : here, from, granule);
    }
}

static bool copy_units(CXLWeaveMove *move, uint64_t from, uint64_t to,
                       bool gather)
{
    uint64_t unit = unit_size(move) * move->plan.ways;
    g_autofree uint8_t *buf = move->file ? g_malloc(unit) : NULL;

    for (uint64_t n = from; n < to; n++) {
        if (buf && !read_unit(move, n, gather, buf)) {
            return false;
        }
        for (uint64_t at = n * unit; at < (n + 1) * unit;
             at += 1ULL << move->plan.shift) {
            copy_granule(move, at, gather, buf);
        }
    }
    return true;
}

/* A full disk must be known before memory of a file is written to. */
static bool reserve(CXLWeaveMove *move, uint64_t from, uint64_t to,
                    bool gather)
{
    uint64_t unit = unit_size(move), ways = move->plan.ways;
    uint64_t at = from * unit, len = (to - from) * unit;

    if (!move->file) {
        return true;
    }
    if (gather) {
        return cxl_weave_file_reserve(move->file, at * ways, len * ways);
    }
    for (unsigned i = 0; i < ways; i++) {
        const CXLWeaveStrand *strand = &move->strand[i];

        if (!cxl_weave_reserve(memory_region_get_fd(strand->mr),
                               strand->mr->ram_block->fd_offset +
                               strand->at + at, len)) {
            return false;
        }
    }
    return true;
}

static bool sync_strands(const CXLWeaveMove *move)
{
    for (unsigned i = 0; i < move->plan.ways; i++) {
        if (qemu_fdatasync(memory_region_get_fd(move->strand[i].mr))) {
            return false;
        }
    }
    return true;
}

static void give_up(CXLWeaveMove *move, uint64_t from, uint64_t to,
                    bool gather)
{
    uint64_t at = from * unit_size(move), len = (to - from) * unit_size(move);
    unsigned ways = move->plan.ways;

    if (gather) {
        wrote_woven(move, at * ways, len * ways);
    } else {
        vacate_woven(move, at * ways, len * ways);
    }
    for (unsigned i = 0; i < ways; i++) {
        const CXLWeaveStrand *strand = &move->strand[i];

        if (gather) {
            cxl_glue_backend_vacate(strand->mr, strand->at + at, len);
        } else {
            cxl_glue_backend_wrote(strand->mr, strand->at + at, len);
        }
    }
}

static bool gather_batch(CXLWeaveMove *move, uint64_t from, uint64_t to)
{
    if (!reserve(move, from, to, true) ||
        !copy_units(move, from, to, true)) {
        return false;
    }
    if (move->file &&
        !cxl_weave_file_set_boundary(move->file, to * unit_size(move))) {
        return false;
    }
    give_up(move, from, to, true);
    return true;
}

static bool scatter_batch(CXLWeaveMove *move, uint64_t from, uint64_t to)
{
    if (!reserve(move, from, to, false) ||
        !copy_units(move, from, to, false)) {
        return false;
    }
    if (move->file &&
        (!sync_strands(move) ||
         !cxl_weave_file_set_boundary(move->file, from * unit_size(move)))) {
        return false;
    }
    give_up(move, from, to, false);
    return true;
}

static uint64_t batch_units(const CXLWeaveMove *move)
{
    return MAX((move->file ? BATCH_FILE : BATCH) / unit_size(move), 1);
}

static void moved(const CXLWeaveMove *move, bool gather, uint64_t count)
{
    trace_cxl_weave_moved(move->range->base, gather ? "into" : "out of",
                          count * unit_size(move) * move->plan.ways);
}

static bool gather_all(CXLWeaveMove *move)
{
    g_autofree unsigned long *map = bitmap_new(units(move));
    uint64_t batch = batch_units(move), count = 0, from, to = 0;

    mark_strands(move, map);
    while ((from = find_next_bit(map, units(move), to)) < units(move)) {
        to = MIN(find_next_zero_bit(map, units(move), from), from + batch);
        if (!gather_batch(move, from, to)) {
            return false;
        }
        count += to - from;
    }
    moved(move, true, count);
    return !move->file ||
        cxl_weave_file_set_boundary(move->file, move->plan.share);
}

bool cxl_weave_gather(CXLWeaveMove *move)
{
    if (gather_all(move)) {
        return true;
    }
    cxl_weave_scatter(move);
    return false;
}

/* From the top down: the boundary is always the end of what is woven. */
bool cxl_weave_scatter(CXLWeaveMove *move)
{
    uint64_t len = move->file ? cxl_weave_file_boundary(move->file)
                              : move->plan.share;
    uint64_t top = len / unit_size(move), batch = batch_units(move);
    uint64_t count = 0, from, to;
    g_autofree unsigned long *map = bitmap_new(units(move));

    mark_woven(move, map, len);
    while ((to = find_last_bit(map, top)) < top) {
        from = to++;
        while (from && to - from < batch && test_bit(from - 1, map)) {
            from--;
        }
        if (!scatter_batch(move, from, to)) {
            return false;
        }
        count += to - from;
        top = from;
    }
    moved(move, false, count);
    return !move->file || cxl_weave_file_set_boundary(move->file, 0);
}
