/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's properties and the bridges' registers. */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include "qapi/clone-visitor.h"
#include "qapi/error.h"
#include "qapi/qapi-visit-cxl.h"
#include "hw/cxl/cxl_host.h"
#include "hw/cxl/host/buses.h"
#include "hw/cxl/host/firmware.h"
#include "hw/cxl/host/router.h"
#include "hw/cxl/host/window.h"
#include "hw/cxl/model/host_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/qdev-core.h"

/* No CPU has more than 52 physical address bits. */
#define MAX_TOTAL (4 * PiB)

void cxl_fmws_link_targets(CXLState *state, Error **errp)
{
    for (GList *it = state->fixed_windows; it; it = it->next) {
        if (!cxl_window_link(it->data, errp)) {
            return;
        }
    }
    cxl_router_start(state);
    cxl_firmware_start(state, errp);
}

static bool hook_up_bridge(CXLState *state, CXLHostBridge *bridge,
                           Error **errp)
{
    if (!state->is_enabled) {
        error_setg(errp, "pxb-cxl '%s' needs the machine option cxl=on",
                   DEVICE(bridge)->id ?: "(no id)");
        return false;
    }
    if (state->next_mr_idx == CXL_MAX_HOST_BRIDGES) {
        error_setg(errp, "pxb-cxl '%s' is one too many: the machine has "
                   "registers for %d CXL host bridges",
                   DEVICE(bridge)->id ?: "(no id)", CXL_MAX_HOST_BRIDGES);
        return false;
    }
    memory_region_add_subregion(&state->host_mr,
                                state->next_mr_idx * CXL_HOST_BRIDGE_REGS,
                                &bridge->registers);
    state->bridge[state->next_mr_idx++] = DEVICE(bridge);
    cxl_host_bridge_settle(bridge);
    return true;
}

void cxl_hook_up_pxb_registers(PCIBus *bus, CXLState *state, Error **errp)
{
    PCIBus *child;

    if (state->fixed_windows && !state->is_enabled) {
        error_setg(errp, "cxl-fmw needs the machine option cxl=on");
        return;
    }
    if (!bus) {
        return;
    }
    QLIST_FOREACH(child, &bus->child, sibling) {
        if (pci_bus_is_root(child) && pci_bus_is_cxl(child) &&
            !hook_up_bridge(state, PXB_CXL_DEV(child->parent_dev), errp)) {
            return;
        }
    }
    cxl_buses_check(bus);
}

void cxl_report_address_space(const CXLState *state)
{
    uint64_t total = 0;

    for (GList *it = state->fixed_windows; it; it = it->next) {
        total += ((CXLFixedWindow *)it->data)->size;
    }
    if (state->is_enabled && total) {
        g_autofree char *text = size_to_str(total);

        error_printf("%s of it are CXL fixed memory windows: make "
                     "cxl-fmw.N.size smaller, or give the CPU more address "
                     "bits (-cpu ...,phys-bits=NN)\n", text);
    }
}

/* Memory and ACPI tables are made once, from what the options were then. */
static bool may_change(const char *name, Error **errp)
{
    if (phase_check(PHASE_MACHINE_INITIALIZED)) {
        error_setg(errp, "'%s' cannot be changed any more: give it with "
                   "-machine", name);
        return false;
    }
    return true;
}

static void get_cxl(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    CXLState *state = opaque;

    visit_type_bool(v, name, &state->is_enabled, errp);
}

static void set_cxl(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    CXLState *state = opaque;

    if (may_change(name, errp)) {
        visit_type_bool(v, name, &state->is_enabled, errp);
    }
}

static void get_windows(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    CXLState *state = opaque;
    CXLFixedMemoryWindowOptionsList *list = NULL;
    CXLFixedMemoryWindowOptionsList **tail = &list;

    for (GList *it = state->fixed_windows; it; it = it->next) {
        CXLFixedWindow *window = it->data;

        QAPI_LIST_APPEND(tail, QAPI_CLONE(CXLFixedMemoryWindowOptions,
                                          window->opts));
    }
    visit_type_CXLFixedMemoryWindowOptionsList(v, name, &list, errp);
    qapi_free_CXLFixedMemoryWindowOptionsList(list);
}

static void free_windows(GList *windows)
{
    g_list_free_full(windows, (GDestroyNotify)cxl_window_free);
}

static bool check_maps(const CXLFixedWindow *window, GList *others,
                       Error **errp)
{
    for (; others; others = others->next) {
        if (!cxl_window_check_maps(window, others->data, errp)) {
            return false;
        }
    }
    return true;
}

static GList *parse_windows(CXLFixedMemoryWindowOptionsList *list,
                            Error **errp)
{
    GList *windows = NULL;
    uint64_t room = MAX_TOTAL;
    unsigned index = 0;
    CXLQtgTable groups;

    for (; list; list = list->next) {
        CXLFixedWindow *window = cxl_window_new(index, list->value, errp);

        if (window && window->size > room) {
            error_setg(errp, "cxl-fmw.%u.size: the windows together exceed "
                       "4 PiB", index);
            cxl_window_free(window);
            window = NULL;
        }
        if (window && !check_maps(window, windows, errp)) {
            cxl_window_free(window);
            window = NULL;
        }
        if (!window) {
            free_windows(windows);
            return NULL;
        }
        room -= window->size;
        windows = g_list_append(windows, window);
        index++;
    }
    if (!cxl_window_groups(windows, &groups, errp)) {
        free_windows(windows);
        return NULL;
    }
    return windows;
}

static void set_windows(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    CXLState *state = opaque;
    CXLFixedMemoryWindowOptionsList *list = NULL;
    GList *windows;
    ERRP_GUARD();

    if (!may_change(name, errp) ||
        !visit_type_CXLFixedMemoryWindowOptionsList(v, name, &list, errp)) {
        return;
    }
    windows = parse_windows(list, errp);
    qapi_free_CXLFixedMemoryWindowOptionsList(list);
    if (!*errp) {
        free_windows(state->fixed_windows);
        state->fixed_windows = windows;
    }
}

void cxl_machine_init(Object *machine, CXLState *state)
{
    object_property_add(machine, "cxl", "bool", get_cxl, set_cxl, NULL,
                        state);
    object_property_set_description(machine, "cxl",
        "Set on/off to have CXL host bridges and fixed memory windows");
    object_property_add(machine, "cxl-fmw", "CXLFixedMemoryWindow",
                        get_windows, set_windows, NULL, state);
    object_property_set_description(machine, "cxl-fmw",
        "CXL fixed memory windows: .N.targets.M, .N.size, "
        ".N.interleave-granularity, .N.interleave-arithmetic, "
        ".N.xor-maps.M, .N.restrictions, .N.qtg, .N.qtg-max-latency, "
        ".N.qtg-min-bandwidth");
}
