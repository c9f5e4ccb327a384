/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/host/mapping_internal.h"
#include "hw/cxl/model/type3.h"
#include "hw/cxl/trace.h"
#include "migration/misc.h"

static const CXLRouteTarget *target_at(const CXLRouteRange *range, unsigned n)
{
    return &g_array_index(range->target, CXLRouteTarget, n);
}

/* The device that answers at @offset and where in it, or NULL. */
static CXLType3 *routed(const CXLMapping *map, hwaddr offset, uint64_t *dpa)
{
    void *device;

    return cxl_route_lookup(map->range, map->range->base + offset, &device,
                            dpa) ? device : NULL;
}

static MemTxResult trapped_read(void *opaque, hwaddr offset, uint64_t *data,
                                unsigned size, MemTxAttrs attrs)
{
    CXLMapping *map = opaque;
    uint64_t dpa;
    CXLType3 *ct3d = routed(map, offset, &dpa);

    if (!ct3d || !cxl_type3_mem_read(ct3d, dpa, data, size)) {
        trace_cxl_mapping_unrouted(map->window, map->range->base + offset,
                                   "read");
        *data = UINT64_MAX;
    } else if (!attrs.debug && cxl_type3_reads_poison(ct3d, dpa)) {
        trace_cxl_mapping_poison(map->window, map->range->base + offset);
        *data = UINT64_MAX;
        return MEMTX_POISON;
    }
    return MEMTX_OK;
}

static MemTxResult trapped_write(void *opaque, hwaddr offset, uint64_t data,
                                 unsigned size, MemTxAttrs attrs)
{
    CXLMapping *map = opaque;
    uint64_t dpa;
    CXLType3 *ct3d = routed(map, offset, &dpa);

    if (!ct3d || !cxl_type3_mem_write(ct3d, dpa, data, size)) {
        trace_cxl_mapping_unrouted(map->window, map->range->base + offset,
                                   "write");
    }
    return MEMTX_OK;
}

/* The smallest granule is 256 bytes: an aligned access never crosses one. */
static const MemoryRegionOps trapped_ops = {
    .read_with_attrs = trapped_read,
    .write_with_attrs = trapped_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .like_ram = true,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

/* The RAM that all of @range is an alias of, or NULL. */
static MemoryRegion *linear_region(const CXLRouteRange *range, hwaddr *offset)
{
    const CXLRouteTarget *target = cxl_route_linear(range);

    return !target ? NULL :
           cxl_type3_mem_region(target->device,
                                target->dpa_base +
                                (range->base - target->hpa_base),
                                range->size, offset);
}

static uint64_t in_window(const CXLFixedWindow *window,
                          const CXLRouteRange *range)
{
    return range->base - window->base;
}

/* Was @range woven in the machine that was saved?  Its bytes are there. */
static bool is_loaded(const CXLFixedWindow *window,
                      const CXLRouteRange *range, unsigned *n)
{
    const GArray *loaded = window->mappings->loaded;

    for (*n = 0; *n < loaded->len; (*n)++) {
        const CXLWeavePart *part = &g_array_index(loaded, CXLWeavePart, *n);

        if (part->offset == in_window(window, range) &&
            part->size == range->size) {
            return true;
        }
    }
    return false;
}

/* What was saved here need not be allowed here: then it comes apart. */
static void weave_loaded(CXLMapping *map, CXLFixedWindow *window, unsigned n)
{
    map->woven = cxl_weave_enter(window->weave, in_window(window, map->range),
                                 map->range, true, &map->why);
    if (!map->woven) {
        return;
    }
    g_array_remove_index(window->mappings->loaded, n);
    if (!map->why && cxl_weave_is_kept(map->range)) {
        map->waits = true;
        map->why = g_strdup("the machine is being loaded");
    }
    if (map->why) {
        cxl_weave_leave(g_steal_pointer(&map->woven));
    }
}

static void weave(CXLMapping *map, CXLFixedWindow *window, bool loading)
{
    unsigned n;

    map->why = cxl_weave_obstacle(window->weave, map->range);
    if (is_loaded(window, map->range, &n)) {
        weave_loaded(map, window, n);
    } else if (loading || migration_in_incoming_postcopy()) {
        map->waits = true;
        map->why = map->why ?: g_strdup("the machine is being loaded");
    } else if (!map->why) {
        map->woven = cxl_weave_enter(window->weave,
                                     in_window(window, map->range),
                                     map->range, false, &map->why);
    }
    if (!map->woven && !map->why) {
        map->why = g_strdup("another range holds the same memory");
    }
}

static void init_trap(CXLMapping *map, MemoryRegion *mr)
{
    memory_region_init_io(mr, OBJECT(map), &trapped_ops, map, "cxl-trapped",
                          map->range->size);
}

/* An alias of @ram, or a trap where there is none. */
static void init_region(CXLMapping *map, MemoryRegion *ram, hwaddr offset)
{
    static const char *const name[] = {
        [CXL_MAPPING_KIND_LINEAR] = "cxl-linear",
        [CXL_MAPPING_KIND_WOVEN] = "cxl-woven",
    };

    if (ram) {
        memory_region_init_alias(&map->mr, OBJECT(map), name[map->kind], ram,
                                 offset, map->range->size);
        init_trap(map, &map->trap);
    } else {
        init_trap(map, &map->mr);
    }
    trace_cxl_mapping_add(map->window, map->range->base, map->range->size,
                          CxlMappingKind_str(map->kind),
                          map->range->target->len);
}

static void mapping_choose(CXLMapping *map, CXLFixedWindow *window,
                           bool loading)
{
    hwaddr offset = 0;
    MemoryRegion *ram = linear_region(map->range, &offset);

    map->kind = CXL_MAPPING_KIND_LINEAR;
    if (!ram) {
        weave(map, window, loading);
        map->kind = CXL_MAPPING_KIND_TRAPPED;
    }
    if (map->woven) {
        ram = cxl_weave_region(map->woven, &offset);
        map->kind = CXL_MAPPING_KIND_WOVEN;
    }
    init_region(map, ram, offset);
}

static CXLMapping *mapping_new(CXLFixedWindow *window, GPtrArray *ranges,
                               unsigned n, bool loading)
{
    CXLMapping *map = CXL_MAPPING(object_new(TYPE_CXL_MAPPING));

    map->window = window->index;
    map->hole = g_array_new(false, false, sizeof(CXLMappingHole));
    map->ranges = g_ptr_array_ref(ranges);
    map->range = g_ptr_array_index(ranges, n);
    for (unsigned i = 0; i < map->range->target->len; i++) {
        object_ref(target_at(map->range, i)->device);
    }
    mapping_choose(map, window, loading);
    memory_region_add_subregion(&window->mr, in_window(window, map->range),
                                &map->mr);
    return map;
}

static void mapping_finalize(Object *obj)
{
    CXLMapping *map = CXL_MAPPING(obj);

    g_free(map->why);
    if (!map->ranges) {
        return;         /* made to have its properties listed */
    }
    for (unsigned i = 0; i < map->range->target->len; i++) {
        object_unref(target_at(map->range, i)->device);
    }
    g_ptr_array_unref(map->ranges);
    g_array_unref(map->hole);
}

static CXLWindowMappings *mappings_of(CXLFixedWindow *window)
{
    if (!window->mappings) {
        window->mappings = g_new0(CXLWindowMappings, 1);
        window->mappings->ranges = g_ptr_array_new();
        window->mappings->by_base = g_hash_table_new(g_int64_hash,
                                                     g_int64_equal);
        window->mappings->loaded = g_array_new(false, false,
                                               sizeof(CXLWeavePart));
    }
    return window->mappings;
}

/* Nothing about @map would be different if it were made now. */
static bool stays(const CXLFixedWindow *window, const CXLMapping *map,
                  const GPtrArray *ranges, bool loading)
{
    unsigned n;

    if (map->stale) {
        return false;
    }
    if (map->waits && (!loading || is_loaded(window, map->range, &n))) {
        return false;
    }
    for (n = 0; n < ranges->len; n++) {
        if (cxl_route_range_equal(g_ptr_array_index(ranges, n), map->range)) {
            return true;
        }
    }
    return false;
}

/* Take what does not stay out of the memory map; the list of it. */
static GPtrArray *take_out(CXLFixedWindow *window, const GPtrArray *ranges,
                           bool loading)
{
    GPtrArray *gone = g_ptr_array_new_with_free_func(object_unref);
    GHashTableIter it;
    gpointer map;

    memory_region_transaction_begin();
    g_hash_table_iter_init(&it, window->mappings->by_base);
    while (g_hash_table_iter_next(&it, NULL, &map)) {
        if (!stays(window, map, ranges, loading)) {
            cxl_mapping_holes_remove(window, map);
            memory_region_del_subregion(&window->mr,
                                        &((CXLMapping *)map)->mr);
            g_hash_table_iter_remove(&it);
            g_ptr_array_add(gone, map);
        }
    }
    memory_region_transaction_commit();
    return gone;
}

void cxl_mapping_drop(CXLFixedWindow *window, GPtrArray *ranges, bool loading)
{
    CXLWindowMappings *now = mappings_of(window);
    g_autoptr(GPtrArray) gone = take_out(window, ranges, loading);

    for (unsigned i = 0; i < gone->len; i++) {
        CXLMapping *map = g_ptr_array_index(gone, i);

        if (map->woven) {
            cxl_weave_leave(g_steal_pointer(&map->woven));
        }
    }
    if (gone->len) {
        trace_cxl_mapping_clear(window->index, gone->len);
    }
    g_ptr_array_unref(now->ranges);
    now->ranges = ranges;
}

void cxl_mapping_forget(CXLFixedWindow *window)
{
    GHashTableIter it;
    gpointer value;

    g_hash_table_iter_init(&it, window->mappings->by_base);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        CXLMapping *map = value;

        if (map->woven) {
            cxl_weave_abandon(g_steal_pointer(&map->woven));
        }
        /* Trapped here, it may have been woven there. */
        map->stale = map->kind != CXL_MAPPING_KIND_LINEAR;
    }
}

/* All state is here, and these lead to no range: nobody can want the bytes. */
static void forget_loaded(CXLFixedWindow *window)
{
    GArray *loaded = window->mappings->loaded;

    for (unsigned n = 0; n < loaded->len; n++) {
        const CXLWeavePart *part = &g_array_index(loaded, CXLWeavePart, n);

        warn_report("CXL saved state: window %u: no decoders for the "
                    "interleave at 0x%" PRIx64 "; its contents are lost",
                    window->index, window->base + part->offset);
        cxl_weave_clear(window->weave, part->offset, part->size);
    }
    g_array_set_size(loaded, 0);
}

void cxl_mapping_watch(CXLFixedWindow *window, const void *device)
{
    GHashTableIter it;
    gpointer value;

    g_hash_table_iter_init(&it, mappings_of(window)->by_base);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        CXLMapping *map = value;

        if (!device || cxl_weave_target(map->range, device)) {
            cxl_mapping_holes_update(window, map);
        }
    }
}

void cxl_mapping_add(CXLFixedWindow *window, bool loading)
{
    CXLWindowMappings *now = mappings_of(window);

    memory_region_transaction_begin();
    for (unsigned i = 0; i < now->ranges->len; i++) {
        CXLRouteRange *range = g_ptr_array_index(now->ranges, i);
        CXLMapping *map;

        if (!g_hash_table_contains(now->by_base, &range->base)) {
            map = mapping_new(window, now->ranges, i, loading);
            g_hash_table_insert(now->by_base, (void *)&map->range->base, map);
        }
    }
    cxl_mapping_watch(window, NULL);
    memory_region_transaction_commit();
    if (!loading) {
        forget_loaded(window);
    }
}

static const TypeInfo cxl_mapping_info = {
    .name = TYPE_CXL_MAPPING,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(CXLMapping),
    .instance_finalize = mapping_finalize,
};

static void cxl_mapping_register_types(void)
{
    type_register_static(&cxl_mapping_info);
}

type_init(cxl_mapping_register_types)
