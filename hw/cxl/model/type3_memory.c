/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-type3: the memory behind the DPAs and what describes it. */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_cdat.h"
#include "hw/cxl/model/glue_recover.h"
#include "hw/cxl/model/type3.h"
#include "exec/cpu-common.h"
#include "exec/ramblock.h"
#include "hw/qdev-core.h"
#include "migration/vmstate.h"
#include "qemu/bswap.h"

uint64_t cxl_type3_backend_size(HostMemoryBackend *backend)
{
    return backend ?
        memory_region_size(host_memory_backend_get_memory(backend)) : 0;
}

static void claim(CXLType3 *ct3d, HostMemoryBackend *backend,
                  CXLGlueBackend *store)
{
    MemoryRegion *mr;

    if (!backend) {
        return;
    }
    mr = host_memory_backend_get_memory(backend);
    host_memory_backend_set_mapped(backend, true);
    vmstate_register_ram(mr, DEVICE(ct3d));
    cxl_glue_backend_add(store, mr);
}

static void release(CXLType3 *ct3d, HostMemoryBackend *backend)
{
    if (!backend) {
        return;
    }
    vmstate_unregister_ram(host_memory_backend_get_memory(backend),
                           DEVICE(ct3d));
    host_memory_backend_set_mapped(backend, false);
}

static CXLDvsecRanges dvsec_ranges(const CXLType3 *ct3d)
{
    uint64_t ram = ct3d->media.volatile_size;
    uint64_t pmem = cxl_media_persistent(&ct3d->media);

    return (CXLDvsecRanges) {
        .size = { ram ?: pmem, ram ? pmem : 0 },
    };
}

static CXLCdatRange cdat_range(const CXLType3 *ct3d, uint64_t base,
                               uint64_t size, uint8_t handle, uint8_t flags)
{
    return (CXLCdatRange) {
        .base = base,
        .size = size,
        .handle = handle,
        .flags = flags,
        .read_latency = ct3d->read_latency * CXL_PS_PER_NS,
        .write_latency = ct3d->write_latency * CXL_PS_PER_NS,
        .read_bandwidth = ct3d->read_bandwidth,
        .write_bandwidth = ct3d->write_bandwidth,
    };
}

static void build_cdat(CXLType3 *ct3d)
{
    uint64_t ram = ct3d->media.volatile_size;
    uint64_t pmem = cxl_media_persistent(&ct3d->media);
    CXLCdatRange range[2];
    unsigned n = 0;

    if (ram) {
        range[n] = cdat_range(ct3d, 0, ram, n, 0);
        n++;
    }
    if (pmem) {
        range[n] = cdat_range(ct3d, ram, pmem, n, CXL_DSMAS_NON_VOLATILE);
        n++;
    }
    cxl_cdat_build(&ct3d->cdat, range, n);
}

/* The boundary between the partitions has moved. */
static void partition_moved(void *opaque)
{
    CXLType3 *ct3d = opaque;
    CXLDvsecRanges ranges = dvsec_ranges(ct3d);

    cxl_dvsec_device_set_ranges(&ct3d->dvsec_device, &ranges);
    cxl_pci_ext_sync(&ct3d->ext);
    if (!ct3d->cdat_file) {
        build_cdat(ct3d);
    }
}

void cxl_type3_memory_loaded(CXLType3 *ct3d)
{
    /* Building counts up; this table is the one that was saved. */
    if (!ct3d->cdat_file) {
        ct3d->cdat.sequence--;
    }
    partition_moved(ct3d);
}

static bool partition_in_use(void *opaque)
{
    CXLType3 *ct3d = opaque;

    return cxl_hdm_committed(&ct3d->component.hdm) > 0;
}

static void media_init(CXLType3 *ct3d)
{
    uint64_t ram = cxl_type3_backend_size(ct3d->volatile_backend);
    uint64_t pmem = cxl_type3_backend_size(ct3d->persistent_backend);
    CXLMedia store = cxl_glue_backend_media(&ct3d->dpa_store);
    CXLMedia labels = cxl_glue_backend_media(&ct3d->lsa_store);

    cxl_media_init(&ct3d->media, &store, ram,
                   ct3d->partition_alignment ? 0 : pmem,
                   ct3d->partition_alignment, ram);
    ct3d->media.moved = partition_moved;
    ct3d->media.moved_opaque = ct3d;
    ct3d->media.in_use = partition_in_use;
    ct3d->media.in_use_opaque = ct3d;
    cxl_lsa_init(&ct3d->lsa, &labels);
}

/* Bytes that a killed machine left elsewhere */
static bool recover(CXLType3 *ct3d, HostMemoryBackend *backend, Error **errp)
{
    return !backend || cxl_glue_recover(backend, errp);
}

bool cxl_type3_memory_init(CXLType3 *ct3d, Error **errp)
{
    CXLDvsecRanges ranges;

    if (!recover(ct3d, ct3d->volatile_backend, errp) ||
        !recover(ct3d, ct3d->persistent_backend, errp)) {
        return false;
    }
    claim(ct3d, ct3d->volatile_backend, &ct3d->dpa_store);
    claim(ct3d, ct3d->persistent_backend, &ct3d->dpa_store);
    claim(ct3d, ct3d->lsa_backend, &ct3d->lsa_store);
    claim(ct3d, ct3d->metadata_backend, &ct3d->metadata_store);
    media_init(ct3d);
    ranges = dvsec_ranges(ct3d);
    cxl_dvsec_device_init(&ct3d->dvsec_device, &ranges);
    cxl_cdat_init(&ct3d->cdat);
    if (!ct3d->cdat_file) {
        build_cdat(ct3d);
    } else if (!cxl_glue_cdat_load(&ct3d->cdat, ct3d->cdat_file, errp)) {
        cxl_type3_memory_finish(ct3d);
        return false;
    }
    return true;
}

void cxl_type3_memory_finish(CXLType3 *ct3d)
{
    cxl_cdat_finish(&ct3d->cdat);
    cxl_dvsec_finish(&ct3d->dvsec_device);
    release(ct3d, ct3d->metadata_backend);
    release(ct3d, ct3d->lsa_backend);
    release(ct3d, ct3d->persistent_backend);
    release(ct3d, ct3d->volatile_backend);
    ct3d->dpa_store.count = 0;
    ct3d->lsa_store.count = 0;
    ct3d->metadata_store.count = 0;
}

CXLHdm *cxl_type3_hdm(CXLType3 *ct3d)
{
    return ct3d->present ? cxl_component_hdm(&ct3d->component) : NULL;
}

bool cxl_type3_mem_enabled(const CXLType3 *ct3d)
{
    return ct3d->present && !ct3d->errors.viral.active &&
           !ct3d->cxl_reset.clearing &&
           cxl_dvsec_device_mem_enabled(&ct3d->dvsec_device) &&
           cxl_hdm_enabled(&ct3d->component.hdm);
}

void cxl_type3_enable_mem(CXLType3 *ct3d)
{
    cxl_dvsec_write(&ct3d->dvsec_device, CXL_DEVICE_CONTROL,
                    cxl_dvsec_read(&ct3d->dvsec_device, CXL_DEVICE_CONTROL,
                                   2) | R_CXL_DEVICE_CTRL_MEM_ENABLE_MASK, 2);
    cxl_pci_ext_sync(&ct3d->ext);
}

bool cxl_type3_mem_read(CXLType3 *ct3d, uint64_t dpa, uint64_t *data,
                        unsigned size)
{
    CXLGluePiece p;

    if (cxl_media_withholds(&ct3d->media, dpa, size) ||
        !cxl_glue_backend_piece(&ct3d->dpa_store, dpa, size, &p)) {
        return false;
    }
    *data = ldn_le_p(p.host, size);
    return true;
}

bool cxl_type3_mem_write(CXLType3 *ct3d, uint64_t dpa, uint64_t data,
                         unsigned size)
{
    CXLGluePiece p;

    if (cxl_media_withholds(&ct3d->media, dpa, size) ||
        !cxl_glue_backend_piece(&ct3d->dpa_store, dpa, size, &p)) {
        return false;
    }
    stn_le_p(p.host, size, data);
    cxl_glue_backend_wrote(p.mr, p.at, size);
    return true;
}

MemoryRegion *cxl_type3_mem_region(CXLType3 *ct3d, uint64_t dpa,
                                   uint64_t len, hwaddr *offset)
{
    MemoryRegion *mr = cxl_glue_backend_find(&ct3d->dpa_store, dpa, offset);

    if (!mr || len > memory_region_size(mr) - *offset ||
        cxl_glue_backend_has_moved(&ct3d->dpa_store, dpa, len)) {
        return NULL;
    }
    return mr;
}

static HostMemoryBackend *backend_of(const CXLType3 *ct3d,
                                     const MemoryRegion *mr)
{
    HostMemoryBackend *ram = ct3d->volatile_backend;

    return ram && host_memory_backend_get_memory(ram) == mr ?
           ram : ct3d->persistent_backend;
}

char *cxl_type3_mem_path(CXLType3 *ct3d, uint64_t dpa)
{
    hwaddr offset;
    MemoryRegion *mr = cxl_glue_backend_find(&ct3d->dpa_store, dpa, &offset);
    HostMemoryBackend *backend = mr ? backend_of(ct3d, mr) : NULL;

    return backend && qemu_ram_is_shared(mr->ram_block) ?
           cxl_glue_recover_path(backend) : NULL;
}

/* What keeps @backend's pages from moving whatever the user wants, or NULL */
static const char *fixed_because(const CXLType3 *ct3d,
                                 HostMemoryBackend *backend,
                                 MemoryRegion *mr)
{
    bool file = memory_region_get_fd(mr) >= 0;

    if (qemu_ram_pagesize(mr->ram_block) != qemu_real_host_page_size()) {
        return "has huge pages";
    }
    if (file != qemu_ram_is_shared(mr->ram_block)) {
        return "is a private mapping of a file";
    }
    if (file && (mr->ram_block->flags & RAM_PMEM)) {
        return "is pmem=on";
    }
    if (backend == ct3d->persistent_backend && file) {
        g_autofree char *path = cxl_glue_recover_path(backend);

        return path ? NULL : "is persistent, in no regular file with a name";
    }
    return NULL;
}

/* Why memory does not move unless the user says so, or NULL */
static const char *kept_because(const HostMemoryBackend *backend,
                                MemoryRegion *mr)
{
    if (qemu_ram_is_shared(mr->ram_block)) {
        return "is shared";
    }
    if (backend->prealloc) {
        return "is preallocated";
    }
    if (backend->policy != HOST_MEM_POLICY_DEFAULT) {
        return "has a host NUMA policy";
    }
    return NULL;
}

char *cxl_type3_weave_obstacle(CXLType3 *ct3d, uint64_t dpa, uint64_t len)
{
    const char *id = DEVICE(ct3d)->id ?: "a device without id";
    hwaddr offset;
    MemoryRegion *mr = cxl_type3_mem_region(ct3d, dpa, len, &offset);
    HostMemoryBackend *backend;
    const char *because;

    if (!mr) {
        return g_strdup_printf("%s: no single backend holds the memory", id);
    }
    if (ct3d->weave == ON_OFF_AUTO_OFF) {
        return g_strdup_printf("%s: weave=off", id);
    }
    backend = backend_of(ct3d, mr);
    because = fixed_because(ct3d, backend, mr);
    if (because) {
        return g_strdup_printf("%s: backend %s", id, because);
    }
    because = kept_because(backend, mr);
    if (because && ct3d->weave == ON_OFF_AUTO_AUTO) {
        return g_strdup_printf("%s: backend %s (weave=on allows it)", id,
                               because);
    }
    return NULL;
}
