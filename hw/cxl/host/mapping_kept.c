/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings of memory in files that other processes can see. */
#include "qemu/osdep.h"
#include "hw/cxl/host/mapping_internal.h"

static bool is_kept(const CXLMapping *map)
{
    return map->woven && cxl_weave_path(map->woven);
}

static void renew(CXLFixedWindow *window, bool (*which)(const CXLMapping *))
{
    GHashTableIter it;
    gpointer map;

    if (!window->mappings) {
        return;
    }
    g_hash_table_iter_init(&it, window->mappings->by_base);
    while (g_hash_table_iter_next(&it, NULL, &map)) {
        if (which(map)) {
            ((CXLMapping *)map)->stale = true;
        }
    }
}

void cxl_mapping_renew_kept(CXLFixedWindow *window)
{
    renew(window, is_kept);
}

bool cxl_mapping_has_kept(const CXLFixedWindow *window)
{
    GHashTableIter it;
    gpointer map;

    if (!window->mappings) {
        return false;
    }
    g_hash_table_iter_init(&it, window->mappings->by_base);
    while (g_hash_table_iter_next(&it, NULL, &map)) {
        if (is_kept(map)) {
            return true;
        }
    }
    return false;
}

static bool is_trapped(const CXLMapping *map)
{
    return map->kind == CXL_MAPPING_KIND_TRAPPED;
}

void cxl_mapping_renew_trapped(CXLFixedWindow *window)
{
    renew(window, is_trapped);
}

void cxl_mapping_put_back(CXLFixedWindow *window)
{
    GHashTableIter it;
    gpointer value;

    if (!window->mappings) {
        return;
    }
    g_hash_table_iter_init(&it, window->mappings->by_base);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        CXLMapping *map = value;

        if (is_kept(map)) {
            cxl_weave_leave(g_steal_pointer(&map->woven));
        }
    }
}
