/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of mappings outside: saved state and the query. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/host/mapping_internal.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/type3.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"
#include "qapi/util.h"

static const CXLMapping *mapping_at(const CXLFixedWindow *window, unsigned n)
{
    const CXLRouteRange *range =
        g_ptr_array_index(window->mappings->ranges, n);

    return g_hash_table_lookup(window->mappings->by_base, &range->base);
}

static unsigned mapping_count(const CXLFixedWindow *window)
{
    return window->mappings ? window->mappings->ranges->len : 0;
}

static int put_woven(QEMUFile *f, void *pv, size_t size,
                     const VMStateField *field, JSONWriter *vmdesc)
{
    const CXLFixedWindow *window = container_of(pv, CXLFixedWindow, weave);
    unsigned count = 0;

    for (unsigned n = 0; n < mapping_count(window); n++) {
        count += !!mapping_at(window, n)->woven;
    }
    qemu_put_be32(f, count);
    for (unsigned n = 0; n < mapping_count(window); n++) {
        const CXLMapping *map = mapping_at(window, n);

        if (map->woven) {
            qemu_put_be64(f, map->range->base - window->base);
            qemu_put_be64(f, map->range->size);
        }
    }
    return 0;
}

/* Ascending, within the window, of what ranges are made of */
static bool part_valid(const CXLFixedWindow *window, const CXLWeavePart *part,
                       uint64_t *end)
{
    if (part->offset < *end || part->offset >= window->size || !part->size ||
        part->size > window->size - part->offset ||
        part->offset % CXL_CAPACITY_UNIT || part->size % CXL_CAPACITY_UNIT) {
        return false;
    }
    *end = part->offset + part->size;
    return true;
}

static int get_parts(QEMUFile *f, CXLFixedWindow *window)
{
    uint32_t count = qemu_get_be32(f);
    uint64_t end = 0;

    if (count > window->size / CXL_CAPACITY_UNIT ||
        (count && !window->weave)) {
        error_report("CXL saved state: window %u had interleaves that do not "
                     "fit: start with the windows of the saved machine",
                     window->index);
        return -EINVAL;
    }
    for (uint32_t n = 0; n < count; n++) {
        CXLWeavePart part = { .offset = qemu_get_be64(f) };

        part.size = qemu_get_be64(f);
        if (!part_valid(window, &part, &end)) {
            error_report("CXL saved state: window %u has an interleave where "
                         "none can be", window->index);
            return -EINVAL;
        }
        g_array_append_val(window->mappings->loaded, part);
    }
    return 0;
}

static int get_woven(QEMUFile *f, void *pv, size_t size,
                     const VMStateField *field)
{
    CXLFixedWindow *window = container_of(pv, CXLFixedWindow, weave);
    int ret;

    g_array_set_size(window->mappings->loaded, 0);
    ret = get_parts(f, window);
    if (ret) {
        g_array_set_size(window->mappings->loaded, 0);
    }
    return ret;
}

static const VMStateInfo vmstate_info_woven = {
    .name = "cxl-woven",
    .put = put_woven,
    .get = get_woven,
};

static int window_post_load(void *opaque, int version_id)
{
    cxl_glue_route_loaded();
    return 0;
}

static const VMStateDescription vmstate_cxl_window = {
    .name = "cxl-window",
    .priority = MIG_PRI_PCI_BUS,        /* before what may do DMA to it */
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = window_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_SINGLE(weave, CXLFixedWindow, 0, vmstate_info_woven,
                       CXLWeave *),
        VMSTATE_END_OF_LIST()
    }
};

void cxl_mapping_register_state(CXLFixedWindow *window)
{
    vmstate_register(NULL, window->index, &vmstate_cxl_window, window);
}

static void describe_holes(const CXLMapping *map, CxlMapping *info)
{
    CxlMappingHoleList **tail = &info->holes;

    for (unsigned n = 0; n < map->hole->len; n++) {
        const CXLHole *where = &g_array_index(map->hole, CXLMappingHole,
                                              n).where;
        CxlMappingHole *hole = g_new0(CxlMappingHole, 1);

        if (where->size == map->range->size) {
            info->kind = CXL_MAPPING_KIND_TRAPPED;
            g_free(hole);
            return;
        }
        hole->base = map->range->base + where->offset;
        hole->size = where->size;
        QAPI_LIST_APPEND(tail, hole);
    }
    info->has_holes = map->hole->len;
}

static CxlMapping *describe(const CXLMapping *map)
{
    CxlMapping *info = g_new0(CxlMapping, 1);
    strList **tail = &info->devices;

    info->window = map->window;
    info->base = map->range->base;
    info->size = map->range->size;
    info->kind = map->kind;
    info->reason = g_strdup(map->watched ?: map->why);
    info->file = g_strdup(map->woven ? cxl_weave_path(map->woven) : NULL);
    describe_holes(map, info);
    for (unsigned i = 0; i < map->range->target->len; i++) {
        DeviceState *dev = g_array_index(map->range->target, CXLRouteTarget,
                                         i).device;

        QAPI_LIST_APPEND(tail, dev->id ? g_strdup(dev->id)
                               : object_get_canonical_path(OBJECT(dev)));
    }
    return info;
}

void cxl_mapping_query(const CXLFixedWindow *window, CxlMappingList ***tail)
{
    for (unsigned n = 0; n < mapping_count(window); n++) {
        QAPI_LIST_APPEND(*tail, describe(mapping_at(window, n)));
    }
}
