/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings of memory in files that other processes can see. */
#include "qemu/osdep.h"
#include "hw/cxl/host/mapping_internal.h"

static bool is_kept(const CXLMapping *map)
{
    return map->woven && cxl_weave_path(map->woven);
}

/* The window's mappings of a kind, to be freed with g_list_free() */
static GList *list(const CXLFixedWindow *window,
                   bool (*which)(const CXLMapping *))
{
    GHashTableIter it;
    gpointer map;
    GList *found = NULL;

    if (!window->mappings) {
        return NULL;
    }
    g_hash_table_iter_init(&it, window->mappings->by_base);
    while (g_hash_table_iter_next(&it, NULL, &map)) {
        if (which(map)) {
            found = g_list_prepend(found, map);
        }
    }
    return found;
}

static bool is_trapped(const CXLMapping *map)
{
    return map->kind == CXL_MAPPING_KIND_TRAPPED;
}

static void renew(CXLFixedWindow *window, bool (*which)(const CXLMapping *))
{
    g_autoptr(GList) maps = list(window, which);

    for (GList *it = maps; it; it = it->next) {
        ((CXLMapping *)it->data)->stale = true;
    }
}

void cxl_mapping_renew_kept(CXLFixedWindow *window)
{
    renew(window, is_kept);
}

void cxl_mapping_renew_trapped(CXLFixedWindow *window)
{
    renew(window, is_trapped);
}

bool cxl_mapping_has_kept(const CXLFixedWindow *window)
{
    g_autoptr(GList) maps = list(window, is_kept);

    return maps;
}

void cxl_mapping_put_back(CXLFixedWindow *window)
{
    g_autoptr(GList) maps = list(window, is_kept);

    for (GList *it = maps; it; it = it->next) {
        cxl_weave_leave(g_steal_pointer(&((CXLMapping *)it->data)->woven));
    }
}
