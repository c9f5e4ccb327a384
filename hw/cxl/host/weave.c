/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ranges are woven, and where the bytes of their devices are then. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/uuid.h"
#include "exec/cpu-common.h"
#include "exec/ramblock.h"
#include "hw/cxl/host/populated.h"
#include "hw/cxl/host/weave.h"
#include "hw/cxl/host/weave_block.h"
#include "hw/cxl/host/weave_move.h"
#include "hw/cxl/model/type3.h"
#include "migration/misc.h"
#include "system/runstate.h"

/* One device's share, as its memory knows where it went */
typedef struct Strand {
    CXLWoven *woven;
    CXLType3 *device;
    uint64_t dpa;                   /* of its first byte */
} Strand;

struct CXLWoven {
    CXLWeave *weave;
    uint64_t offset;                /* in the block */
    CXLWeaveMove move;
    Strand strand[CXL_MAX_WAYS];
};

/* What survives a killed machine is in files: see cxl_weave_hold(). */
static bool held;
/* Some memory could not go back where it belongs. */
static bool lost;

void cxl_weave_hold(bool hold)
{
    held = hold;
}

bool cxl_weave_lost(void)
{
    return lost;
}

/* A guest that went on would not find its memory. */
void cxl_weave_stop_if_lost(void)
{
    if (lost) {
        qemu_system_vmstop_request_prepare();
        qemu_system_vmstop_request(RUN_STATE_IO_ERROR);
    }
}

void cxl_weave_clear(CXLWeave *weave, uint64_t offset, uint64_t size)
{
    uint64_t end = offset + size, first, last;

    while (cxl_populated_next(&weave->mr, offset, end, &first, &last)) {
        cxl_glue_backend_vacate(&weave->mr, first, last - first);
        offset = last;
    }
}

/* CXLGlueMove: where a byte of one device is */
static MemoryRegion *find_moved(void *opaque, uint64_t dpa, hwaddr *at,
                                uint64_t *len)
{
    const Strand *strand = opaque;
    const CXLWoven *woven = strand->woven;
    const CXLWeaveMove *move = &woven->move;
    uint64_t granule = 1ULL << move->plan.shift;
    uint64_t hpa = move->range->base;

    cxl_weave_hpa(move->range, &move->plan, strand->device, dpa, &hpa);
    *at = woven->offset + (hpa - move->range->base);
    *len = MIN(*len, granule - (dpa - strand->dpa) % granule);
    return &woven->weave->mr;
}

/* CXLGlueMove: zeroes from a byte of one device on */
static uint64_t erase_moved(void *opaque, uint64_t dpa, uint64_t len)
{
    const Strand *strand = opaque;
    CXLWoven *woven = strand->woven;

    return cxl_weave_erase(&woven->move, strand - woven->strand,
                           dpa - strand->dpa, len);
}

static bool attach(CXLWoven *woven, unsigned n)
{
    Strand *strand = &woven->strand[n];
    CXLWeaveStrand *bytes = &woven->move.strand[n];
    uint64_t share = woven->move.plan.share;
    const CXLRouteTarget *target =
        &g_array_index(woven->move.range->target, CXLRouteTarget, n);
    CXLGlueMove move = {
        .base = target->dpa_base, .size = share,
        .find = find_moved, .erase = erase_moved, .opaque = strand,
    };

    *strand = (Strand) { woven, target->device, target->dpa_base };
    bytes->device = target->device;
    bytes->dpa = target->dpa_base;
    bytes->mr = cxl_type3_mem_region(target->device, target->dpa_base, share,
                                     &bytes->at);
    if (!bytes->mr ||
        !cxl_glue_backend_move(&strand->device->dpa_store, &move)) {
        return false;
    }
    bytes->host = (uint8_t *)memory_region_get_ram_ptr(bytes->mr) + bytes->at;
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
    for (unsigned i = 0; i < woven->move.plan.ways; i++) {
        if (!attach(woven, i)) {
            detach(woven, i);
            return false;
        }
    }
    return true;
}

/* How many of @range's devices have their bytes in files that others see. */
static unsigned kept(const CXLRouteRange *range, char **path)
{
    unsigned count = 0;

    for (unsigned n = 0; n < range->target->len; n++) {
        const CXLRouteTarget *target =
            &g_array_index(range->target, CXLRouteTarget, n);

        path[n] = cxl_type3_mem_path(target->device, target->dpa_base);
        count += !!path[n];
    }
    return count;
}

static void free_paths(char **path)
{
    for (unsigned n = 0; n < CXL_MAX_WAYS; n++) {
        g_free(path[n]);
    }
}

bool cxl_weave_is_kept(const CXLRouteRange *range)
{
    char *path[CXL_MAX_WAYS] = {};
    unsigned ways = range->target->len;
    bool all = ways <= CXL_MAX_WAYS && kept(range, path) == ways;

    free_paths(path);
    return all;
}

static void describe_members(const CXLWoven *woven, CXLWeaveHeader *header,
                             char *const *path)
{
    for (unsigned n = 0; n < header->plan.ways; n++) {
        const CXLWeaveStrand *bytes = &woven->move.strand[n];
        g_autofree char *name = g_path_get_basename(path[n]);

        header->file_offset[n] = bytes->mr->ram_block->fd_offset + bytes->at;
        g_strlcpy(header->name[n], name, sizeof(header->name[n]));
    }
}

/* If the devices' bytes are in files, so they are while they are woven. */
static bool open_file(CXLWoven *woven, Error **errp)
{
    char *path[CXL_MAX_WAYS] = {};
    CXLWeaveMove *move = &woven->move;
    CXLWeaveHeader header;
    QemuUUID uuid;

    if (kept(move->range, path) == move->plan.ways) {
        qemu_uuid_generate(&uuid);
        cxl_weave_header_init(&header, uuid.data, move->range);
        describe_members(woven, &header, path);
        move->file = cxl_weave_file_create(&header, path, move->host, errp);
        cxl_weave_header_finish(&header);
        free_paths(path);
        return move->file;
    }
    free_paths(path);
    return true;
}

/* What is left in it is put back by the next start. */
static void keep_file(CXLWeaveMove *move)
{
    error_report("CXL: no room to put interleaved memory back: it stays in "
                 "'%s'; make room, then start the machine anew",
                 cxl_weave_file_path(move->file));
    cxl_weave_file_close(g_steal_pointer(&move->file));
    lost = true;
    cxl_weave_stop_if_lost();
}

static void close_file(CXLWeaveMove *move)
{
    if (!move->file) {
        return;
    }
    if (cxl_weave_file_boundary(move->file)) {
        keep_file(move);
    } else {
        cxl_weave_file_remove(g_steal_pointer(&move->file));
    }
}

static bool fill(CXLWoven *woven, Error **errp)
{
    CXLWeaveMove *move = &woven->move;
    uint64_t size = move->range->size;

    /* A guest that wrote until the last moment may have left some. */
    cxl_weave_clear(woven->weave, woven->offset, size);
    if (!open_file(woven, errp)) {
        return false;
    }
    if (!cxl_weave_gather(move)) {
        error_setg(errp, "there is no room for '%s'",
                   cxl_weave_file_path(move->file));
        close_file(move);
        return false;
    }
    if (migration_is_running()) {
        /* It has sent nothing of what was discarded memory until now. */
        cxl_glue_backend_wrote(&woven->weave->mr, woven->offset, size);
    }
    return true;
}

CXLWoven *cxl_weave_enter(CXLWeave *weave, uint64_t offset,
                          const CXLRouteRange *range, bool loaded,
                          char **reason)
{
    CXLWoven *woven = g_new0(CXLWoven, 1);
    CXLWeaveMove *move = &woven->move;
    Error *err = NULL;
    const char *why;

    woven->weave = weave;
    woven->offset = offset;
    move->range = range;
    if (!weave || !cxl_weave_plan(range, &move->plan, &why) ||
        !attach_all(woven)) {
        g_free(woven);
        return NULL;
    }
    move->block = &weave->mr;
    move->offset = offset;
    move->host = (uint8_t *)memory_region_get_ram_ptr(&weave->mr) + offset;
    if (!loaded && !fill(woven, &err)) {
        *reason = g_strdup(error_get_pretty(err));
        error_free(err);
        detach(woven, move->plan.ways);
        g_free(woven);
        return NULL;
    }
    cxl_weave_block_add(weave, offset, range->size);
    return woven;
}

void cxl_weave_abandon(CXLWoven *woven)
{
    if (woven->move.file) {
        cxl_weave_file_remove(g_steal_pointer(&woven->move.file));
    }
    cxl_weave_block_remove(woven->weave, woven->offset);
    detach(woven, woven->move.plan.ways);
    g_free(woven);
}

void cxl_weave_leave(CXLWoven *woven)
{
    cxl_weave_scatter(&woven->move);
    close_file(&woven->move);
    cxl_weave_abandon(woven);
}

const char *cxl_weave_path(const CXLWoven *woven)
{
    return woven->move.file ? cxl_weave_file_path(woven->move.file) : NULL;
}

MemoryRegion *cxl_weave_region(const CXLWoven *woven, hwaddr *offset)
{
    *offset = woven->offset;
    return &woven->weave->mr;
}

const CXLWeavePlan *cxl_weave_plan_of(const CXLWoven *woven)
{
    return &woven->move.plan;
}

static char *files_obstacle(const CXLRouteRange *range)
{
    char *path[CXL_MAX_WAYS] = {};
    unsigned count = kept(range, path);

    free_paths(path);
    if (count && count < range->target->len) {
        return g_strdup("some of its memory is in shared files, and some is "
                        "not");
    }
    return count && held ? g_strdup("the machine is being saved") : NULL;
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
    return files_obstacle(range);
}
