/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HMP: "info cxl", windows with what they lead to, and the devices. */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qapi/qapi-commands-cxl.h"
#include "qapi/type-helpers.h"
#include "hw/cxl/cxl_host.h"
#include "hw/cxl/host/router.h"
#include "hw/cxl/model/port_common.h"
#include "hw/cxl/model/type3.h"
#include "monitor/hmp.h"
#include "monitor/monitor.h"

static void print_size(GString *text, uint64_t size)
{
    g_autofree char *words = size_to_str(size);

    g_string_append(text, words);
}

static void print_window(GString *text, const CXLFixedWindow *window)
{
    const CXLFixedMemoryWindowOptions *opts = window->opts;

    g_string_append_printf(text, "window %u: 0x%" PRIx64 " + ",
                           window->index, window->base);
    print_size(text, window->size);
    g_string_append(text, " to");
    for (strList *t = opts->targets; t; t = t->next) {
        g_string_append_printf(text, " %s", t->value);
    }
    if (window->ways > 1) {
        g_string_append_printf(text, ", %s, %" PRIu64 " bytes each",
                               CXLInterleaveArithmetic_str(
                                   opts->interleave_arithmetic),
                               window->granularity);
    }
    g_string_append_c(text, '\n');
}

static void print_mapping(GString *text, const CxlMapping *map)
{
    g_string_append_printf(text, "  0x%" PRIx64 " + ", map->base);
    print_size(text, map->size);
    g_string_append_printf(text, " %s:", CxlMappingKind_str(map->kind));
    for (strList *dev = map->devices; dev; dev = dev->next) {
        g_string_append_printf(text, " %s", dev->value);
    }
    if (map->file) {
        g_string_append_printf(text, " in %s", map->file);
    }
    if (map->reason) {
        g_string_append_printf(text, " (%s)", map->reason);
    }
    g_string_append_c(text, '\n');
}

static void print_windows(GString *text)
{
    CxlMappingList *list = qmp_query_cxl_mappings(NULL);

    for (const GList *it = cxl_router_windows(); it; it = it->next) {
        const CXLFixedWindow *window = it->data;

        print_window(text, window);
        for (CxlMappingList *map = list; map; map = map->next) {
            if (map->value->window == window->index) {
                print_mapping(text, map->value);
            }
        }
    }
    qapi_free_CxlMappingList(list);
}

static char *describe_device(CXLType3 *ct3d)
{
    PCIDevice *port = cxl_port_above(PCI_DEVICE(ct3d));
    g_autofree char *ram = size_to_str(ct3d->media.volatile_size);
    g_autofree char *pmem = size_to_str(cxl_media_persistent(&ct3d->media));

    return g_strdup_printf("device %s: %s volatile, %s persistent, in %s, "
                           "sn 0x%" PRIx64 ", decoders committed: %u%s\n",
                           DEVICE(ct3d)->id ?: "(no id)", ram, pmem,
                           port && DEVICE(port)->id ? DEVICE(port)->id
                                                    : "(no id)",
                           ct3d->serial,
                           cxl_hdm_committed(&ct3d->component.hdm),
                           cxl_type3_mem_enabled(ct3d) ? "" :
                           ", memory does not answer");
}

/* Any object is met here. */
static int note_device(Object *obj, void *opaque)
{
    GPtrArray *lines = opaque;

    if (object_dynamic_cast(obj, TYPE_CXL_TYPE3) && DEVICE(obj)->realized) {
        g_ptr_array_add(lines, describe_device(CXL_TYPE3(obj)));
    }
    return 0;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_devices(GString *text)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    object_child_foreach_recursive(object_get_root(), note_device, lines);
    g_ptr_array_sort(lines, compare_lines);
    for (unsigned i = 0; i < lines->len; i++) {
        g_string_append(text, g_ptr_array_index(lines, i));
    }
}

static HumanReadableText *info_cxl(Error **errp)
{
    g_autoptr(GString) text = g_string_new(NULL);

    print_windows(text);
    print_devices(text);
    if (!text->len) {
        g_string_append(text, "no CXL windows or devices\n");
    }
    return human_readable_text_from_str(text);
}

static void cxl_hmp_register(void)
{
    monitor_register_hmp_info_hrt("cxl", info_cxl);
}

type_init(cxl_hmp_register)
