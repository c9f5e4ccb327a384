/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-builtin-visit.h"
#include "qapi/visitor.h"
#include "qemu/error-report.h"
#include "qom/object_interfaces.h"
#include "hw/cxl/host/firmware_range.h"
#include "hw/cxl/spec/hdm.h"
#include "hw/qdev-core.h"
#include "system/system.h"

/* Of one machine, since QEMU has one. */
static GPtrArray *ranges;

const GPtrArray *cxl_firmware_ranges(void)
{
    if (!ranges) {
        ranges = g_ptr_array_new();
    }
    return ranges;
}

const char *cxl_firmware_range_id(const CXLFirmwareRange *range)
{
    return object_get_canonical_path_component(OBJECT(range)) ?: "";
}

static bool may_change(CXLFirmwareRange *range, const char *name,
                       Error **errp)
{
    if (range->complete) {
        error_setg(errp, "'%s' cannot be changed any more: give it with "
                   "-object", name);
    }
    return !range->complete;
}

/* @opaque: where in the object the number is */
static uint64_t *number_at(Object *obj, void *opaque)
{
    return (uint64_t *)((char *)obj + (uintptr_t)opaque);
}

static void get_number(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    uint64_t value = *number_at(obj, opaque);

    visit_type_size(v, name, &value, errp);
}

static void set_number(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    if (may_change(CXL_REGION(obj), name, errp)) {
        visit_type_size(v, name, number_at(obj, opaque), errp);
    }
}

static void get_devices(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    visit_type_strList(v, name, &CXL_REGION(obj)->devices, errp);
}

static void set_devices(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    CXLFirmwareRange *range = CXL_REGION(obj);
    strList *list = NULL;

    if (may_change(range, name, errp) &&
        visit_type_strList(v, name, &list, errp)) {
        qapi_free_strList(range->devices);
        range->devices = list;
    }
}

static int get_partition(Object *obj, Error **errp)
{
    return CXL_REGION(obj)->partition;
}

static void set_partition(Object *obj, int value, Error **errp)
{
    CXLFirmwareRange *range = CXL_REGION(obj);

    if (may_change(range, "partition", errp)) {
        range->partition = value;
        range->has_partition = true;
    }
}

static int get_memory_map(Object *obj, Error **errp)
{
    return CXL_REGION(obj)->memory_map;
}

static void set_memory_map(Object *obj, int value, Error **errp)
{
    if (may_change(CXL_REGION(obj), "memory-map", errp)) {
        CXL_REGION(obj)->memory_map = value;
    }
}

static bool get_locked(Object *obj, Error **errp)
{
    return CXL_REGION(obj)->locked;
}

static void set_locked(Object *obj, bool value, Error **errp)
{
    if (may_change(CXL_REGION(obj), "locked", errp)) {
        CXL_REGION(obj)->locked = value;
    }
}

static bool get_exceed_window(Object *obj, Error **errp)
{
    return CXL_REGION(obj)->exceed_window;
}

static void set_exceed_window(Object *obj, bool value, Error **errp)
{
    if (may_change(CXL_REGION(obj), "exceed-window", errp)) {
        CXL_REGION(obj)->exceed_window = value;
    }
}

static bool check_devices(CXLFirmwareRange *range, Error **errp)
{
    const strList *it, *other;

    range->ways = 0;
    for (it = range->devices; it; it = it->next) {
        for (other = it->next; other; other = other->next) {
            if (g_str_equal(it->value, other->value)) {
                error_setg(errp, "cxl-region: devices names '%s' twice",
                           it->value);
                return false;
            }
        }
        range->ways++;
    }
    if (cxl_interleave_encode_ways(range->ways) < 0) {
        error_setg(errp, "cxl-region: %u devices cannot be interleaved; name "
                   "1, 2, 3, 4, 6, 8, 12 or 16", range->ways);
        return false;
    }
    return true;
}

/* Registers have no room for less. */
static bool check_units(const char *name, uint64_t value, Error **errp)
{
    if (value != CXL_FIRMWARE_UNSET && value % CXL_HDM_UNIT) {
        error_setg(errp, "cxl-region: %s=%" PRIu64 " is not a multiple of "
                   "256 MiB", name, value);
        return false;
    }
    return true;
}

static bool check_numbers(const CXLFirmwareRange *range, Error **errp)
{
    if (range->granularity != CXL_FIRMWARE_UNSET &&
        cxl_interleave_encode_granularity(range->granularity) < 0) {
        error_setg(errp, "cxl-region: interleave-granularity=%" PRIu64
                   " is not one of 256, 512, 1k, 2k, 4k, 8k, 16k",
                   range->granularity);
        return false;
    }
    return check_units("offset", range->offset, errp) &&
           check_units("size", range->size, errp);
}

static void check_machine(Notifier *notifier, void *data)
{
    CXLFirmwareRange *range = container_of(notifier, CXLFirmwareRange,
                                           machine_done);
    Object *machine = qdev_get_machine();

    if (!object_property_find(machine, "cxl") ||
        !object_property_get_bool(machine, "cxl", NULL)) {
        error_report("cxl-region '%s' needs a machine with cxl=on "
                     "(-M q35,cxl=on)", cxl_firmware_range_id(range));
        exit(EXIT_FAILURE);
    }
}

static void range_complete(UserCreatable *uc, Error **errp)
{
    CXLFirmwareRange *range = CXL_REGION(uc);

    if (phase_check(PHASE_MACHINE_READY)) {
        error_setg(errp, "cxl-region: the guest has started; give it with "
                   "-object");
        return;
    }
    if (!check_devices(range, errp) || !check_numbers(range, errp)) {
        return;
    }
    range->complete = true;
    range->machine_done.notify = check_machine;
    qemu_add_machine_init_done_notifier(&range->machine_done);
    cxl_firmware_ranges();
    g_ptr_array_add(ranges, range);
}

/* Firmware does not forget in the middle. */
static bool range_can_be_deleted(UserCreatable *uc)
{
    return !CXL_REGION(uc)->complete;
}

static void range_init(Object *obj)
{
    CXLFirmwareRange *range = CXL_REGION(obj);

    range->size = CXL_FIRMWARE_UNSET;
    range->offset = CXL_FIRMWARE_UNSET;
    range->granularity = CXL_FIRMWARE_UNSET;
}

static void range_finalize(Object *obj)
{
    CXLFirmwareRange *range = CXL_REGION(obj);

    if (range->complete) {
        qemu_remove_machine_init_done_notifier(&range->machine_done);
        g_ptr_array_remove(ranges, range);
    }
    qapi_free_strList(range->devices);
}

static void add_number(ObjectClass *oc, const char *name, size_t offset)
{
    object_class_property_add(oc, name, "size", get_number, set_number, NULL,
                              (void *)(uintptr_t)offset);
}

static void range_class_init(ObjectClass *oc, void *data)
{
    UserCreatableClass *uc = USER_CREATABLE_CLASS(oc);

    uc->complete = range_complete;
    uc->can_be_deleted = range_can_be_deleted;
    add_number(oc, "window", offsetof(CXLFirmwareRange, window));
    add_number(oc, "size", offsetof(CXLFirmwareRange, size));
    add_number(oc, "offset", offsetof(CXLFirmwareRange, offset));
    add_number(oc, "interleave-granularity",
               offsetof(CXLFirmwareRange, granularity));
    object_class_property_add(oc, "devices", "strList", get_devices,
                              set_devices, NULL, NULL);
    object_class_property_add_enum(oc, "partition", "CxlPartition",
                                   &CxlPartition_lookup, get_partition,
                                   set_partition);
    object_class_property_add_enum(oc, "memory-map", "CxlMemoryMap",
                                   &CxlMemoryMap_lookup, get_memory_map,
                                   set_memory_map);
    object_class_property_add_bool(oc, "locked", get_locked, set_locked);
    object_class_property_add_bool(oc, "exceed-window", get_exceed_window,
                                   set_exceed_window);
}

static const TypeInfo range_info = {
    .name = TYPE_CXL_REGION,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(CXLFirmwareRange),
    .instance_init = range_init,
    .instance_finalize = range_finalize,
    .class_init = range_class_init,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_USER_CREATABLE },
        { }
    },
};

static void range_register_types(void)
{
    type_register_static(&range_info);
}

type_init(range_register_types)
