/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To the base, what is not woven is discarded memory: it does not migrate it,
 * dump it or pin it.  Parts are populated before the guest sees them and
 * discarded after: nobody who follows the memory map needs to be told.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "exec/cpu-common.h"
#include "hw/boards.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/host/weave.h"
#include "hw/cxl/host/weave_block.h"
#include "migration/vmstate.h"

static CXLWeavePart *part_at(const CXLWeave *weave, unsigned n)
{
    return &g_array_index(weave->part, CXLWeavePart, n);
}

void cxl_weave_block_add(CXLWeave *weave, uint64_t offset, uint64_t size)
{
    CXLWeavePart part = { offset, size };
    unsigned n = 0;

    while (n < weave->part->len && part_at(weave, n)->offset < offset) {
        n++;
    }
    g_array_insert_val(weave->part, n, part);
}

void cxl_weave_block_remove(CXLWeave *weave, uint64_t offset)
{
    for (unsigned n = 0; n < weave->part->len; n++) {
        if (part_at(weave, n)->offset == offset) {
            g_array_remove_index(weave->part, n);
            return;
        }
    }
}

/* @section cut down to @offset, @end of its region; false if nothing is left */
static bool cut(MemoryRegionSection *section, uint64_t offset, uint64_t end)
{
    uint64_t from = section->offset_within_region;
    uint64_t to = from + int128_get64(section->size);
    uint64_t first = MAX(from, offset), last = MIN(to, end);

    if (first >= last) {
        return false;
    }
    section->offset_within_region = first;
    section->offset_within_address_space += first - from;
    section->size = int128_make64(last - first);
    return true;
}

static uint64_t block_granularity(const RamDiscardManager *rdm,
                                  const MemoryRegion *mr)
{
    return CXL_CAPACITY_UNIT;
}

static int block_replay_populated(const RamDiscardManager *rdm,
                                  MemoryRegionSection *section,
                                  ReplayRamPopulate replay, void *opaque)
{
    const CXLWeave *weave = CXL_WEAVE(rdm);
    int ret = 0;

    for (unsigned n = 0; n < weave->part->len && !ret; n++) {
        const CXLWeavePart *part = part_at(weave, n);
        MemoryRegionSection piece = *section;

        if (cut(&piece, part->offset, part->offset + part->size)) {
            ret = replay(&piece, opaque);
        }
    }
    return ret;
}

static void block_replay_discarded(const RamDiscardManager *rdm,
                                   MemoryRegionSection *section,
                                   ReplayRamDiscard replay, void *opaque)
{
    const CXLWeave *weave = CXL_WEAVE(rdm);
    uint64_t offset = 0;

    for (unsigned n = 0; n <= weave->part->len; n++) {
        bool last = n == weave->part->len;
        uint64_t end = last ? memory_region_size(section->mr)
                            : part_at(weave, n)->offset;
        MemoryRegionSection piece = *section;

        if (cut(&piece, offset, end)) {
            replay(&piece, opaque);
        }
        offset = last ? end : end + part_at(weave, n)->size;
    }
}

static void note_discarded(MemoryRegionSection *section, void *opaque)
{
    *(bool *)opaque = false;
}

static bool block_is_populated(const RamDiscardManager *rdm,
                               const MemoryRegionSection *section)
{
    MemoryRegionSection whole = *section;
    bool populated = true;

    block_replay_discarded(rdm, &whole, note_discarded, &populated);
    return populated;
}

static int tell_populated(MemoryRegionSection *section, void *opaque)
{
    RamDiscardListener *rdl = opaque;

    return rdl->notify_populate(rdl, section);
}

static void block_register(RamDiscardManager *rdm, RamDiscardListener *rdl,
                           MemoryRegionSection *section)
{
    CXLWeave *weave = CXL_WEAVE(rdm);
    int ret;

    rdl->section = memory_region_section_new_copy(section);
    QLIST_INSERT_HEAD(&weave->listeners, rdl, next);
    ret = block_replay_populated(rdm, section, tell_populated, rdl);
    if (ret) {
        error_report("CXL: a user of woven memory did not accept it: %s",
                     strerror(-ret));
    }
}

static int tell_discarded(MemoryRegionSection *section, void *opaque)
{
    RamDiscardListener *rdl = opaque;

    rdl->notify_discard(rdl, section);
    return 0;
}

static void block_unregister(RamDiscardManager *rdm, RamDiscardListener *rdl)
{
    block_replay_populated(rdm, rdl->section, tell_discarded, rdl);
    memory_region_section_free_copy(rdl->section);
    rdl->section = NULL;
    QLIST_REMOVE(rdl, next);
}

/* The name and the number of blocks follow from the machine's options. */
CXLWeave *cxl_weave_new(unsigned index, uint64_t size)
{
    g_autofree char *name = g_strdup_printf("cxl-window-%u", index);
    /* No object that a user makes can have a slash in its id. */
    g_autofree char *block = g_strdup_printf("cxl-window/%u", index);
    Object *obj = object_new(TYPE_CXL_WEAVE);
    CXLWeave *weave = CXL_WEAVE(obj);
    Error *err = NULL;

    object_property_add_child(qdev_get_machine(), name, obj);
    object_unref(obj);
    if (!memory_region_init_ram_flags_nomigrate(&weave->mr, obj, block, size,
                                                RAM_NORESERVE | RAM_PRIVATE,
                                                &err)) {
        warn_report("CXL: interleaved memory will be slow: %s",
                    error_get_pretty(err));
        error_free(err);
        object_unparent(obj);
        return NULL;
    }
    memory_region_set_ram_discard_manager(&weave->mr,
                                          RAM_DISCARD_MANAGER(obj));
    vmstate_register_ram_global(&weave->mr);
    return weave;
}

static void weave_init(Object *obj)
{
    CXLWeave *weave = CXL_WEAVE(obj);

    weave->part = g_array_new(false, false, sizeof(CXLWeavePart));
    QLIST_INIT(&weave->listeners);
}

static void weave_finalize(Object *obj)
{
    g_array_unref(CXL_WEAVE(obj)->part);
}

static void weave_class_init(ObjectClass *klass, void *data)
{
    RamDiscardManagerClass *rdmc = RAM_DISCARD_MANAGER_CLASS(klass);

    rdmc->get_min_granularity = block_granularity;
    rdmc->is_populated = block_is_populated;
    rdmc->replay_populated = block_replay_populated;
    rdmc->replay_discarded = block_replay_discarded;
    rdmc->register_listener = block_register;
    rdmc->unregister_listener = block_unregister;
}

static const TypeInfo cxl_weave_info = {
    .name = TYPE_CXL_WEAVE,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(CXLWeave),
    .instance_init = weave_init,
    .instance_finalize = weave_finalize,
    .class_init = weave_class_init,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_RAM_DISCARD_MANAGER },
        { }
    },
};

static void cxl_weave_register_types(void)
{
    type_register_static(&cxl_weave_info);
}

type_init(cxl_weave_register_types)
