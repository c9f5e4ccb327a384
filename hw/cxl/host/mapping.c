/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/route.h"
#include "hw/cxl/host/mapping.h"
#include "hw/cxl/model/type3.h"
#include "hw/cxl/trace.h"

#define TYPE_CXL_MAPPING "cxl-mapping"
OBJECT_DECLARE_SIMPLE_TYPE(CXLMapping, CXL_MAPPING)

/*
 * An object, because an access that is under way on another thread may
 * outlive the mapping: the flat view holds a reference to it, and it to its
 * region and to the devices.
 */
struct CXLMapping {
    Object parent_obj;

    MemoryRegion mr;
    unsigned window;
    GPtrArray *ranges;              /* keeps @range alive */
    const CXLRouteRange *range;
};

struct CXLWindowMappings {
    GPtrArray *ranges;              /* of CXLRouteRange, as last routed */
    GPtrArray *mappings;            /* of CXLMapping */
};

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

static void mapping_init_region(CXLMapping *map)
{
    hwaddr offset;
    MemoryRegion *ram = linear_region(map->range, &offset);

    if (ram) {
        memory_region_init_alias(&map->mr, OBJECT(map), "cxl-linear", ram,
                                 offset, map->range->size);
    } else {
        memory_region_init_io(&map->mr, OBJECT(map), &trapped_ops, map,
                              "cxl-trapped", map->range->size);
    }
    trace_cxl_mapping_add(map->window, map->range->base, map->range->size,
                          ram ? "linear" : "trapped", map->range->target->len);
}

static CXLMapping *mapping_new(CXLFixedWindow *window, GPtrArray *ranges,
                               unsigned n)
{
    CXLMapping *map = CXL_MAPPING(object_new(TYPE_CXL_MAPPING));

    map->window = window->index;
    map->ranges = g_ptr_array_ref(ranges);
    map->range = g_ptr_array_index(ranges, n);
    for (unsigned i = 0; i < map->range->target->len; i++) {
        object_ref(target_at(map->range, i)->device);
    }
    mapping_init_region(map);
    memory_region_add_subregion(&window->mr, map->range->base - window->base,
                                &map->mr);
    return map;
}

static void mapping_finalize(Object *obj)
{
    CXLMapping *map = CXL_MAPPING(obj);

    if (!map->ranges) {
        return;         /* made to have its properties listed */
    }
    for (unsigned i = 0; i < map->range->target->len; i++) {
        object_unref(target_at(map->range, i)->device);
    }
    g_ptr_array_unref(map->ranges);
}

static void mappings_clear(CXLFixedWindow *window)
{
    GPtrArray *mappings = window->mappings->mappings;

    for (unsigned i = 0; i < mappings->len; i++) {
        CXLMapping *map = g_ptr_array_index(mappings, i);

        memory_region_del_subregion(&window->mr, &map->mr);
        object_unref(map);
    }
    trace_cxl_mapping_clear(window->index, mappings->len);
    g_ptr_array_set_size(mappings, 0);
}

static CXLWindowMappings *mappings_of(CXLFixedWindow *window)
{
    if (!window->mappings) {
        window->mappings = g_new0(CXLWindowMappings, 1);
        window->mappings->ranges = g_ptr_array_new();
        window->mappings->mappings = g_ptr_array_new();
    }
    return window->mappings;
}

void cxl_mapping_update(CXLFixedWindow *window, GPtrArray *ranges)
{
    CXLWindowMappings *now = mappings_of(window);

    if (cxl_route_equal(now->ranges, ranges)) {
        g_ptr_array_unref(ranges);
        return;
    }
    memory_region_transaction_begin();
    mappings_clear(window);
    g_ptr_array_unref(now->ranges);
    now->ranges = ranges;
    for (unsigned i = 0; i < ranges->len; i++) {
        g_ptr_array_add(now->mappings, mapping_new(window, ranges, i));
    }
    memory_region_transaction_commit();
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
