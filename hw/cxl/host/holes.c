/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/host/mapping_internal.h"
#include "hw/cxl/model/type3.h"
#include "hw/cxl/trace.h"

/* Holes of all mappings, but for those that are all of one. */
static unsigned in_use;

static CXLMappingHole *hole_at(const CXLMapping *map, unsigned n)
{
    return &g_array_index(map->hole, CXLMappingHole, n);
}

static bool everything(const CXLMapping *map)
{
    return map->hole->len &&
           hole_at(map, 0)->where.size == map->range->size;
}

/* One that is everything takes the place of the RAM: it costs nothing. */
static unsigned cost(const CXLMapping *map)
{
    return everything(map) ? 0 : map->hole->len;
}

static void hole_remove(CXLFixedWindow *window, CXLMapping *map, unsigned n)
{
    MemoryRegion *alias = hole_at(map, n)->alias;

    memory_region_del_subregion(&window->mr, alias);
    /* Views of memory have the trap in them, never its alias. */
    object_unparent(OBJECT(alias));
    g_free(alias);
    g_array_remove_index(map->hole, n);
}

static void hole_insert(CXLFixedWindow *window, CXLMapping *map, unsigned n,
                        const CXLHole *where)
{
    hwaddr base = map->range->base - window->base;
    CXLMappingHole hole = {
        .where = *where, .alias = g_new0(MemoryRegion, 1),
    };

    memory_region_init_alias(hole.alias, OBJECT(map), "cxl-hole", &map->trap,
                             where->offset, where->size);
    memory_region_add_subregion_overlap(&window->mr, base + where->offset,
                                        hole.alias, 1);
    g_array_insert_val(map->hole, n, hole);
}

/* Both ascend: what is in both stays. */
static void follow(CXLFixedWindow *window, CXLMapping *map,
                   const CXLHoles *wanted)
{
    unsigned n = 0;

    memory_region_transaction_begin();
    for (unsigned i = 0; i < wanted->hole->len; i++) {
        const CXLHole *want = &g_array_index(wanted->hole, CXLHole, i);

        while (n < map->hole->len &&
               hole_at(map, n)->where.offset < want->offset) {
            hole_remove(window, map, n);
        }
        if (n < map->hole->len &&
            hole_at(map, n)->where.offset == want->offset &&
            hole_at(map, n)->where.size != want->size) {
            hole_remove(window, map, n);
        }
        if (n == map->hole->len ||
            hole_at(map, n)->where.offset != want->offset) {
            hole_insert(window, map, n, want);
        }
        n++;
    }
    while (n < map->hole->len) {
        hole_remove(window, map, n);
    }
    memory_region_transaction_commit();
}

static void note_why(CXLMapping *map, const void *device, const char *why)
{
    const char *id = DEVICE(device)->id ?: "a device without id";

    map->watched = map->watched ?: g_strdup_printf("%s: %s", id, why);
}

static void cover_target(CXLHoles *holes, CXLMapping *map,
                         const CXLRouteTarget *target)
{
    const CXLWeavePlan *plan = map->woven ? cxl_weave_plan_of(map->woven)
                                          : NULL;
    uint64_t dpa, len, end;
    CXLWatched watched;

    cxl_holes_share(map->range, plan, target, &dpa, &len);
    end = dpa + len;
    while (cxl_type3_watched(target->device, dpa, end, &watched)) {
        cxl_holes_cover(holes, map->range, plan, target, watched.dpa,
                        watched.length);
        note_why(map, target->device, watched.why);
        dpa = watched.dpa + watched.length;
    }
}

static void cover(CXLHoles *holes, CXLMapping *map)
{
    if (!map->woven) {
        cover_target(holes, map, cxl_route_linear(map->range));
        return;
    }
    for (unsigned i = 0; i < map->range->target->len; i++) {
        cover_target(holes, map, &g_array_index(map->range->target,
                                                CXLRouteTarget, i));
    }
}

void cxl_mapping_holes_update(CXLFixedWindow *window, CXLMapping *map)
{
    CXLHoles wanted;

    if (map->kind == CXL_MAPPING_KIND_TRAPPED) {
        return;
    }
    in_use -= cost(map);
    g_clear_pointer(&map->watched, g_free);
    cxl_holes_init(&wanted, map->range->size, qemu_real_host_page_size(),
                   CXL_MAPPING_MAX_HOLES - in_use);
    cover(&wanted, map);
    follow(window, map, &wanted);
    in_use += cost(map);
    trace_cxl_mapping_holes(map->window, map->range->base, map->hole->len);
    cxl_holes_finish(&wanted);
}

void cxl_mapping_holes_remove(CXLFixedWindow *window, CXLMapping *map)
{
    in_use -= cost(map);
    while (map->hole->len) {
        hole_remove(window, map, map->hole->len - 1);
    }
    g_clear_pointer(&map->watched, g_free);
}
