/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-type3: properties and what makes them sane. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include "hw/cxl/model/glue_cdat.h"
#include "hw/cxl/model/type3.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"

#define PAYLOAD_MIN 256
#define PAYLOAD_MAX (1 * MiB)
/*
 * Linux moves labels, logs and firmware in pieces of this size: 64 KiB makes
 * the commands few, and the registers still fit beside others in 1 MiB.
 */
#define PAYLOAD_DEFAULT (64 * KiB)
#define EVENTS_DEFAULT 128
#define DECODERS_DEFAULT 8
/*
 * Linux looks after a second whether a Sanitize is over, and then after 11
 * more.  It waits for no Secure Erase at all.
 */
#define SANITIZE_DEFAULT 500
#define ERASE_DEFAULT 0
/* An update needs one beside the active one. */
#define SLOTS_DEFAULT 2
/* Round numbers of a device of the DDR5 generation; ns and MB/s. */
#define READ_LATENCY_DEFAULT 150
#define WRITE_LATENCY_DEFAULT 250
#define BANDWIDTH_DEFAULT 16000

static bool check_backend(HostMemoryBackend *backend, const char *prop,
                          uint64_t unit, Error **errp)
{
    const char *name;
    MemoryRegion *mr;
    uint64_t size;

    if (!backend) {
        return true;
    }
    name = object_get_canonical_path_component(OBJECT(backend));
    mr = host_memory_backend_get_memory(backend);
    size = memory_region_size(mr);
    if (host_memory_backend_is_mapped(backend)) {
        error_setg(errp, "%s='%s' is in use already: give each device a "
                   "backend of its own", prop, name);
        return false;
    }
    if (memory_region_is_rom(mr)) {
        error_setg(errp, "%s='%s' is read-only: CXL memory is written to",
                   prop, name);
        return false;
    }
    if (!size || size % unit) {
        g_autofree char *size_text = size_to_str(size);
        g_autofree char *unit_text = size_to_str(unit);

        error_setg(errp, "%s='%s': its size, %s, is not a multiple of %s",
                   prop, name, size_text, unit_text);
        return false;
    }
    return true;
}

/* memdev= is the old name of persistent-memdev=. */
static bool adopt_legacy(CXLType3 *ct3d, Error **errp)
{
    if (!ct3d->legacy_backend) {
        return true;
    }
    if (ct3d->volatile_backend || ct3d->persistent_backend) {
        error_setg(errp, "memdev= is the old name of persistent-memdev=; "
                   "use only volatile-memdev= and persistent-memdev=");
        return false;
    }
    warn_report_once("cxl-type3: memdev= is deprecated, use "
                     "persistent-memdev= or volatile-memdev=");
    /* The reference moves along: each link gives back its own. */
    ct3d->persistent_backend = g_steal_pointer(&ct3d->legacy_backend);
    return true;
}

/* Each is used as a whole: none may be named twice. */
static bool check_distinct(CXLType3 *ct3d, Error **errp)
{
    if (ct3d->volatile_backend == ct3d->persistent_backend) {
        error_setg(errp, "volatile-memdev= and persistent-memdev= name the "
                   "same backend: give each its own");
        return false;
    }
    if (ct3d->lsa_backend &&
        (ct3d->lsa_backend == ct3d->volatile_backend ||
         ct3d->lsa_backend == ct3d->persistent_backend)) {
        error_setg(errp, "lsa= names the backend of the memory: give it its "
                   "own");
        return false;
    }
    if (ct3d->metadata_backend &&
        (ct3d->metadata_backend == ct3d->volatile_backend ||
         ct3d->metadata_backend == ct3d->persistent_backend ||
         ct3d->metadata_backend == ct3d->lsa_backend)) {
        error_setg(errp, "metadata-memdev= names a backend of the memory or "
                   "of the labels: give it its own");
        return false;
    }
    return true;
}

static bool check_metadata(CXLType3 *ct3d, Error **errp)
{
    HostMemoryBackend *backend = ct3d->metadata_backend;
    const char *name;
    MemoryRegion *mr;

    if (!backend) {
        return true;
    }
    if (!check_backend(backend, "metadata-memdev", 1, errp)) {
        return false;
    }
    name = object_get_canonical_path_component(OBJECT(backend));
    mr = host_memory_backend_get_memory(backend);
    if (memory_region_size(mr) < CXL_METADATA_SIZE) {
        error_setg(errp, "metadata-memdev='%s' has %" PRIu64 " bytes: give "
                   "it at least %d KiB", name, memory_region_size(mr),
                   CXL_METADATA_SIZE / 1024);
        return false;
    }
    if (memory_region_get_fd(mr) < 0 || !qemu_ram_is_shared(mr->ram_block)) {
        warn_report("metadata-memdev='%s' is not a shared file: what the "
                    "device remembers ends with QEMU (memory-backend-file, "
                    "share=on)", name);
    }
    return true;
}

static bool check_memory(CXLType3 *ct3d, Error **errp)
{
    if (!adopt_legacy(ct3d, errp)) {
        return false;
    }
    if (!ct3d->volatile_backend && !ct3d->persistent_backend) {
        error_setg(errp, "a cxl-type3 needs memory: give volatile-memdev= "
                   "or persistent-memdev= (or both) the id of a "
                   "memory-backend object");
        return false;
    }
    if (!check_distinct(ct3d, errp)) {
        return false;
    }
    if (ct3d->persistent_backend && !ct3d->lsa_backend) {
        warn_report("cxl-type3 '%s' has persistent memory but no lsa=: "
                    "guests cannot label it", DEVICE(ct3d)->id ?: "(no id)");
    }
    return check_backend(ct3d->volatile_backend, "volatile-memdev",
                         CXL_CAPACITY_UNIT, errp) &&
           check_backend(ct3d->persistent_backend, "persistent-memdev",
                         CXL_CAPACITY_UNIT, errp) &&
           check_backend(ct3d->lsa_backend, "lsa", 1, errp) &&
           check_metadata(ct3d, errp);
}

static bool check_partition(CXLType3 *ct3d, Error **errp)
{
    uint64_t align = ct3d->partition_alignment;

    if (align % CXL_CAPACITY_UNIT) {
        error_setg(errp, "partition-alignment=0x%" PRIx64 " is not a "
                   "multiple of 256 MiB", align);
        return false;
    }
    if (align && !ct3d->persistent_backend) {
        error_setg(errp, "partition-alignment= needs persistent-memdev=, "
                   "the memory that can be split");
        return false;
    }
    if (align > cxl_type3_backend_size(ct3d->persistent_backend)) {
        g_autofree char *text = size_to_str(align);

        error_setg(errp, "partition-alignment=%s is more than the persistent "
                   "memory: the boundary could never move", text);
        return false;
    }
    return true;
}

static bool check_mailbox(CXLType3 *ct3d, Error **errp)
{
    uint64_t payload = ct3d->mailbox_payload;

    if (!is_power_of_2(payload) || payload < PAYLOAD_MIN ||
        payload > PAYLOAD_MAX) {
        error_setg(errp, "mailbox-payload=%" PRIu64 " is not a power of two "
                   "from 256 to 1M", payload);
        return false;
    }
    if (!ct3d->event_log_size || ct3d->event_log_size > UINT16_MAX) {
        error_setg(errp, "event-log-size=%u is not from 1 to 65535 records",
                   ct3d->event_log_size);
        return false;
    }
    if (ct3d->firmware_slots < SLOTS_DEFAULT ||
        ct3d->firmware_slots > CXL_FW_MAX_SLOTS) {
        error_setg(errp, "firmware-slots=%u is not from %u to %u",
                   ct3d->firmware_slots, SLOTS_DEFAULT, CXL_FW_MAX_SLOTS);
        return false;
    }
    if (!ct3d->event_vectors || ct3d->event_vectors > CXL_TYPE3_EVENT_LOGS) {
        error_setg(errp, "event-vectors=%u is not from 1 to %u",
                   ct3d->event_vectors, CXL_TYPE3_EVENT_LOGS);
        return false;
    }
    return true;
}

bool cxl_type3_check_props(CXLType3 *ct3d, Error **errp)
{
    if (!cxl_hdm_count_legal(ct3d->hdm_decoders)) {
        error_setg(errp, "hdm-decoders=%u: choose 1, 2, 4, 6, 8 or 10",
                   ct3d->hdm_decoders);
        return false;
    }
    return check_memory(ct3d, errp) && check_partition(ct3d, errp) &&
           check_mailbox(ct3d, errp) &&
           cxl_glue_cdat_check_latency(ct3d->read_latency, "read-latency",
                                       errp) &&
           cxl_glue_cdat_check_latency(ct3d->write_latency, "write-latency",
                                       errp);
}

static const Property type3_props[] = {
    DEFINE_PROP_LINK("memdev", CXLType3, legacy_backend,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_LINK("persistent-memdev", CXLType3, persistent_backend,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_LINK("volatile-memdev", CXLType3, volatile_backend,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_LINK("lsa", CXLType3, lsa_backend,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_LINK("metadata-memdev", CXLType3, metadata_backend,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_UINT64("sn", CXLType3, serial, 0),
    DEFINE_PROP_STRING("cdat", CXLType3, cdat_file),
    DEFINE_PROP_UINT32("read-latency", CXLType3, read_latency,
                       READ_LATENCY_DEFAULT),
    DEFINE_PROP_UINT32("write-latency", CXLType3, write_latency,
                       WRITE_LATENCY_DEFAULT),
    DEFINE_PROP_UINT32("read-bandwidth", CXLType3, read_bandwidth,
                       BANDWIDTH_DEFAULT),
    DEFINE_PROP_UINT32("write-bandwidth", CXLType3, write_bandwidth,
                       BANDWIDTH_DEFAULT),
    DEFINE_PROP_PCIE_LINK_SPEED("x-speed", CXLType3, speed,
                                PCIE_LINK_SPEED_32),
    DEFINE_PROP_PCIE_LINK_WIDTH("x-width", CXLType3, width,
                                PCIE_LINK_WIDTH_16),
    DEFINE_PROP_BOOL("x-256b-flit", CXLType3, flit_256b, false),
    DEFINE_PROP_SIZE("mailbox-payload", CXLType3, mailbox_payload,
                     PAYLOAD_DEFAULT),
    DEFINE_PROP_UINT32("event-log-size", CXLType3, event_log_size,
                       EVENTS_DEFAULT),
    DEFINE_PROP_UINT8("event-vectors", CXLType3, event_vectors,
                      CXL_TYPE3_EVENT_LOGS),
    DEFINE_PROP_UINT8("firmware-slots", CXLType3, firmware_slots,
                      SLOTS_DEFAULT),
    DEFINE_PROP_UINT8("hdm-decoders", CXLType3, hdm_decoders,
                      DECODERS_DEFAULT),
    DEFINE_PROP_UINT32("sanitize-duration", CXLType3, sanitize_ms,
                       SANITIZE_DEFAULT),
    DEFINE_PROP_UINT32("secure-erase-duration", CXLType3, erase_ms,
                       ERASE_DEFAULT),
    DEFINE_PROP_SIZE("partition-alignment", CXLType3, partition_alignment, 0),
    DEFINE_PROP_BOOL("ras-unmasked", CXLType3, errors.unmasked, false),
    DEFINE_PROP_ON_OFF_AUTO("weave", CXLType3, weave, ON_OFF_AUTO_AUTO),
};

void cxl_type3_add_props(DeviceClass *dc)
{
    device_class_set_props_n(dc, type3_props, ARRAY_SIZE(type3_props));
}
