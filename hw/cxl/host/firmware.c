/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include "hw/cxl/core/plan.h"
#include "hw/cxl/cxl_host.h"
#include "hw/cxl/host/firmware.h"
#include "hw/cxl/host/firmware_range.h"
#include "hw/cxl/host/topology.h"
#include "hw/cxl/host/window.h"
#include "hw/cxl/model/type3.h"
#include "system/reset.h"

/* ACPI: address range types; the last is what Linux knows it by. */
enum {
    MAP_RAM = 1,
    MAP_RESERVED = 2,
    MAP_SOFT_RESERVED = 0xefffffff,
};

/* A range while it is being programmed. */
typedef struct Setting {
    CXLFirmwareRange *range;
    CXLFixedWindow *window;
    CXLType3 *device[CXL_MAX_WAYS];
    CXLRouteWindow route;
    CXLRouteNode *node[CXL_MAX_WAYS];
    CXLPlanRange plan;
} Setting;

#define FAIL(set, errp, fmt, ...)                                     \
    error_setg(errp, "cxl-region '%s': " fmt,                         \
               cxl_firmware_range_id((set)->range), ## __VA_ARGS__)

static const char *device_id(const Setting *set, unsigned position)
{
    return DEVICE(set->device[position])->id ?: "(no id)";
}

static bool find_window(Setting *set, const CXLState *state, Error **errp)
{
    for (GList *it = state->fixed_windows; it; it = it->next) {
        CXLFixedWindow *window = it->data;

        if (window->index == set->range->window) {
            set->window = window;
            return true;
        }
    }
    FAIL(set, errp, "window=%" PRIu64 ": there is no cxl-fmw.%" PRIu64,
         set->range->window, set->range->window);
    return false;
}

/* Each position has a bridge of its own, or no plan could reach it. */
static bool check_window(const Setting *set, Error **errp)
{
    const CXLFixedWindow *window = set->window;
    const CXLFirmwareRange *range = set->range;

    for (unsigned i = 1; i < window->ways; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (window->target[i] == window->target[j]) {
                FAIL(set, errp, "window=%u: cxl-fmw.%u has '%s' at two "
                     "targets", window->index, window->index,
                     window->target[i]->id);
                return false;
            }
        }
    }
    if (range->ways % window->ways) {
        FAIL(set, errp, "devices: cxl-fmw.%u interleaves %u bridges, so "
             "name a multiple of %u devices", window->index, window->ways,
             window->ways);
        return false;
    }
    if (window->ways > 1 && range->granularity != CXL_FIRMWARE_UNSET &&
        range->granularity != window->granularity) {
        FAIL(set, errp, "interleave-granularity: cxl-fmw.%u interleaves its "
             "bridges by %" PRIu64 " bytes; leave it out", window->index,
             window->granularity);
        return false;
    }
    return true;
}

static bool find_devices(Setting *set, Error **errp)
{
    const strList *it = set->range->devices;

    for (unsigned i = 0; it; it = it->next, i++) {
        /* An empty path would stand for any of them. */
        Object *device = *it->value ?
            object_resolve_path_type(it->value, TYPE_CXL_TYPE3, NULL) : NULL;

        if (!device || !cxl_type3_hdm(CXL_TYPE3(device))) {
            FAIL(set, errp, "devices: there is no cxl-type3 with id '%s'",
                 it->value);
            return false;
        }
        set->device[i] = CXL_TYPE3(device);
    }
    return true;
}

/* Once: the guest may give the first device another boundary later. */
static void choose_partition(const Setting *set)
{
    CXLFirmwareRange *range = set->range;

    if (!range->has_partition) {
        range->partition = set->device[0]->media.volatile_size ?
                           CXL_PARTITION_VOLATILE : CXL_PARTITION_PERSISTENT;
        range->has_partition = true;
    }
}

static bool is_persistent(const Setting *set)
{
    return set->range->partition == CXL_PARTITION_PERSISTENT;
}

static uint64_t partition_base(const Setting *set, unsigned position)
{
    return is_persistent(set) ? set->device[position]->media.volatile_size
                              : 0;
}

static uint64_t room(const Setting *set, unsigned position)
{
    const CXLMediaState *media = &set->device[position]->media;

    return cxl_plan_room(cxl_type3_hdm(set->device[position]),
                         partition_base(set, position),
                         is_persistent(set) ? cxl_media_total(media)
                                            : media->volatile_size);
}

static bool check_room(const Setting *set, Error **errp)
{
    const CXLFirmwareRange *range = set->range;

    for (unsigned i = 0; i < range->ways; i++) {
        if (room(set, i) < range->length / range->ways) {
            g_autofree char *left = size_to_str(room(set, i));

            FAIL(set, errp, "size: '%s' has only %s of its %s memory left; "
                 "volatile memory has to come before persistent memory",
                 device_id(set, i), left, CxlPartition_str(range->partition));
            return false;
        }
    }
    return true;
}

static bool settle_size(const Setting *set, Error **errp)
{
    CXLFirmwareRange *range = set->range;
    uint64_t least = UINT64_MAX;

    range->length = range->size;
    if (range->size != CXL_FIRMWARE_UNSET) {
        return true;
    }
    for (unsigned i = 0; i < range->ways; i++) {
        least = MIN(least, room(set, i));
    }
    range->length = least * range->ways;
    if (!least) {
        FAIL(set, errp, "size: one of the devices has no %s memory left; "
             "choose another partition= or give size=0",
             CxlPartition_str(range->partition));
    }
    return least;
}

static uint64_t default_base(const Setting *set)
{
    const GPtrArray *ranges = cxl_firmware_ranges();
    uint64_t base = set->window->base;

    for (unsigned i = 0; i < ranges->len; i++) {
        const CXLFirmwareRange *other = g_ptr_array_index(ranges, i);

        if (other->settled && other->window == set->range->window) {
            base = other->base + other->length;
        }
    }
    return base;
}

static bool check_overlap(const Setting *set, Error **errp)
{
    const CXLFirmwareRange *range = set->range;
    const GPtrArray *ranges = cxl_firmware_ranges();

    for (unsigned i = 0; i < ranges->len; i++) {
        const CXLFirmwareRange *other = g_ptr_array_index(ranges, i);

        if (other->settled && range->base < other->base + other->length &&
            other->base < range->base + range->length) {
            FAIL(set, errp, "offset: the range overlaps that of '%s'",
                 cxl_firmware_range_id(other));
            return false;
        }
    }
    return true;
}

static bool settle_base(const Setting *set, Error **errp)
{
    CXLFirmwareRange *range = set->range;
    const CXLFixedWindow *window = set->window;
    uint64_t end = window->base + window->size;
    uint64_t from;

    if (range->offset != CXL_FIRMWARE_UNSET &&
        range->offset > window->size) {
        FAIL(set, errp, "offset: it is beyond the end of cxl-fmw.%u",
             window->index);
        return false;
    }
    range->base = range->offset == CXL_FIRMWARE_UNSET ?
                  default_base(set) : window->base + range->offset;
    from = MIN(range->base, end);
    range->visible = MIN(range->length, end - from);
    if (range->visible < range->length && !range->exceed_window) {
        g_autofree char *left = size_to_str(end - from);

        FAIL(set, errp, "size: cxl-fmw.%u has %s from there on; make it "
             "smaller, or say exceed-window=on", window->index, left);
        return false;
    }
    /* Decoders have 52 bits of address; sums stay within 64 by far. */
    if (range->length > 1ULL << 52) {
        FAIL(set, errp, "size: no decoder has so many address bits");
        return false;
    }
    return check_overlap(set, errp);
}

static void open_tree(Setting *set)
{
    set->route.interleave = cxl_window_interleave(set->window);
    for (unsigned i = 0; i < set->window->ways; i++) {
        set->node[i] =
            cxl_topology_node(PXB_CXL_DEV(set->window->target[i]));
        set->route.target[i] = set->node[i];
    }
}

static void close_tree(Setting *set)
{
    for (unsigned i = 0; i < set->window->ways; i++) {
        cxl_topology_free(set->node[i]);
    }
}

static void describe(Setting *set)
{
    const CXLFirmwareRange *range = set->range;
    uint64_t granularity = range->granularity == CXL_FIRMWARE_UNSET ?
                           set->window->granularity : range->granularity;

    set->plan = (CXLPlanRange) {
        .base = range->base,
        .size = range->length,
        .interleave = { .ways = range->ways, .shift = ctz64(granularity) },
        .locked = range->locked,
    };
    for (unsigned i = 0; i < range->ways; i++) {
        set->plan.device[i] = set->device[i];
        set->plan.dpa_from[i] = partition_base(set, i);
    }
}

static void report_plan(const Setting *set, CXLPlanError error, unsigned position,
                        Error **errp)
{
    unsigned target = position % set->window->ways;
    const char *id = device_id(set, position);

    switch (error) {
    case CXL_PLAN_NOT_BELOW:
        FAIL(set, errp, "devices: '%s', at position %u, is not below '%s', "
             "which has target %u of cxl-fmw.%u: name the devices in the "
             "order of the interleave", id, position,
             set->window->target[target]->id, target, set->window->index);
        break;
    case CXL_PLAN_ORDER:
        FAIL(set, errp, "devices: '%s', at position %u, cannot be there: the "
             "ports of each bridge have to take turns", id, position);
        break;
    default:
        FAIL(set, errp, "interleave-granularity: the bridge above '%s' would "
             "have to select by bits above its own; make it smaller", id);
    }
}

static void report_refusal(const Setting *set, const CXLPlanStep *step,
                           CXLHdmRefusal refusal, Error **errp)
{
    g_autofree char *where =
        g_strdup_printf("%s'%s'", step->node->endpoint ? "" : "a port above ",
                        device_id(set, step->position));

    switch (refusal) {
    case CXL_HDM_OUT_OF_ORDER:
        FAIL(set, errp, "devices: %s has no HDM decoder left; give it more "
             "with hdm-decoders=", where);
        break;
    case CXL_HDM_BAD_INTERLEAVE:
        FAIL(set, errp, "interleave-granularity: %s cannot interleave %u "
             "ways by %u bytes; make it smaller or name other devices",
             where, step->decoder.interleave.ways,
             1u << step->decoder.interleave.shift);
        break;
    case CXL_HDM_BAD_SIZE:
        FAIL(set, errp, "size: %" PRIu64 " is not a multiple of 256 MiB for "
             "each of %u devices, or ends above 52 bits of address",
             set->range->length, set->range->ways);
        break;
    case CXL_HDM_BELOW_PREVIOUS:
        FAIL(set, errp, "offset: %s has a decoder at higher addresses "
             "already; give the cxl-region in ascending order", where);
        break;
    default:
        FAIL(set, errp, "size: it exceeds the capacity of %s", where);
    }
}

static bool make_and_program(Setting *set, Error **errp)
{
    g_autoptr(GArray) steps = g_array_new(false, false, sizeof(CXLPlanStep));
    CXLHdmRefusal refusal;
    CXLPlanError error;
    unsigned at = 0;

    error = cxl_plan_make(&set->route, &set->plan, steps, &at);
    if (error) {
        report_plan(set, error, at, errp);
        return false;
    }
    refusal = cxl_plan_program(steps, &at);
    if (refusal) {
        report_refusal(set, &g_array_index(steps, CXLPlanStep, at), refusal,
                       errp);
        return false;
    }
    for (unsigned i = 0; i < set->range->ways; i++) {
        cxl_type3_enable_mem(set->device[i]);
    }
    return true;
}

static bool program(CXLState *state, CXLFirmwareRange *range, Error **errp)
{
    Setting set = { .range = range };
    bool done;

    if (!find_window(&set, state, errp) || !check_window(&set, errp) ||
        !find_devices(&set, errp)) {
        return false;
    }
    choose_partition(&set);
    if (!range->settled && (!settle_size(&set, errp) ||
                            !settle_base(&set, errp))) {
        return false;
    }
    range->settled = true;
    if (!check_room(&set, errp)) {
        return false;
    }
    open_tree(&set);
    describe(&set);
    done = make_and_program(&set, errp);
    close_tree(&set);
    return done;
}

/*
 * All devices have been reset.  What was right at start may be wrong now: a
 * device is gone, or the guest has moved the boundary of its partitions.
 */
static void program_again(void *opaque)
{
    const GPtrArray *ranges = cxl_firmware_ranges();

    for (unsigned i = 0; i < ranges->len; i++) {
        Error *err = NULL;

        if (!program(opaque, g_ptr_array_index(ranges, i), &err)) {
            error_prepend(&err, "not programmed: ");
            warn_report_err(err);
        }
    }
}

/* Programs for real, to see what is refused; the first reset clears it. */
bool cxl_firmware_start(CXLState *state, Error **errp)
{
    const GPtrArray *ranges = cxl_firmware_ranges();

    for (unsigned i = 0; i < ranges->len; i++) {
        if (!program(state, g_ptr_array_index(ranges, i), errp)) {
            return false;
        }
    }
    if (ranges->len) {
        qemu_register_reset_nosnapshotload(program_again, state);
    }
    return true;
}

void cxl_add_memory_map(const CXLState *state,
                        void (*add)(uint64_t base, uint64_t size,
                                    uint32_t type))
{
    static const uint32_t type[CXL_MEMORY_MAP__MAX] = {
        [CXL_MEMORY_MAP_RESERVED] = MAP_RESERVED,
        [CXL_MEMORY_MAP_SOFT_RESERVED] = MAP_SOFT_RESERVED,
        [CXL_MEMORY_MAP_RAM] = MAP_RAM,
    };
    const GPtrArray *ranges = cxl_firmware_ranges();

    for (unsigned i = 0; i < ranges->len; i++) {
        const CXLFirmwareRange *range = g_ptr_array_index(ranges, i);

        if (range->memory_map != CXL_MEMORY_MAP_NONE && range->visible) {
            add(range->base, range->visible, type[range->memory_map]);
        }
    }
}
