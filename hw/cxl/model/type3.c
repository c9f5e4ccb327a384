/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/cxl/model/glue_notify.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/glue_vmstate.h"
#include "hw/cxl/model/port_common.h"
#include "hw/cxl/model/type3.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_ids.h"
#include "hw/pci/pcie.h"

#define TYPE3_DEVICE_ID 0x0d93
#define TYPE3_PROG_IF 0x10          /* CXL r3.2: CXL memory device */

#define EXP_OFFSET 0x80
#define AER_OFFSET 0x100
#define DSN_OFFSET 0x148
#define EXT_OFFSET 0x160

#define BAR_COMPONENT 0
#define BAR_DEVICE 2
#define BAR_MSIX 4
#define BAR_TYPE (PCI_BASE_ADDRESS_SPACE_MEMORY | \
                  PCI_BASE_ADDRESS_MEM_TYPE_64)

static uint64_t device_read(void *opaque, hwaddr offset, unsigned size)
{
    return cxl_device_read(opaque, offset, size);
}

static void device_write(void *opaque, hwaddr offset, uint64_t value,
                         unsigned size)
{
    cxl_device_write(opaque, offset, value, size);
}

static const MemoryRegionOps device_ops = {
    .read = device_read,
    .write = device_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

static void routes_changed(void *opaque)
{
    cxl_glue_route_changed();
}

/*
 * Linux names a set of persistent memory by the serial numbers in it: they
 * must differ and stay.  Backends have names that do.
 */
static uint64_t default_serial(CXLType3 *ct3d)
{
    HostMemoryBackend *backend = ct3d->persistent_backend ?:
                                 ct3d->volatile_backend;
    const char *name =
        object_get_canonical_path_component(OBJECT(backend));

    return g_str_hash(name) ?: 1;
}

static void registers_init(CXLType3 *ct3d)
{
    PCIDevice *d = PCI_DEVICE(ct3d);

    cxl_component_init(&ct3d->component, CXL_COMPONENT_DEVICE,
                       ct3d->hdm_decoders, 1);
    ct3d->component.hdm.capacity = cxl_media_total(&ct3d->media);
    ct3d->component.hdm.changed = routes_changed;
    cxl_glue_notify_decoders(&ct3d->component.hdm, DEVICE(d));
    ct3d->dvsec_device.changed = routes_changed;

    cxl_pci_component_region(&ct3d->component_mr, OBJECT(d),
                             &ct3d->component, "cxl-type3-component");
    pci_register_bar(d, BAR_COMPONENT, BAR_TYPE, &ct3d->component_mr);
    memory_region_init_io(&ct3d->device_mr, OBJECT(d), &device_ops,
                          &ct3d->device, "cxl-type3-device",
                          ct3d->device.length);
    pci_register_bar(d, BAR_DEVICE, BAR_TYPE, &ct3d->device_mr);
}

static void doe_init(CXLType3 *ct3d)
{
    CXLIrq irq = cxl_pci_irq(PCI_DEVICE(ct3d));

    ct3d->doe_protocols[0] = (CXLDoeProtocol) {
        .vendor = CXL_VENDOR_ID,
        .type = CXL_DOE_TYPE_TABLE_ACCESS,
        .answer = cxl_cdat_answer,
        .state = &ct3d->cdat,
    };
    cxl_doe_init(&ct3d->doe, ct3d->doe_protocols,
                 ARRAY_SIZE(ct3d->doe_protocols), &irq, CXL_TYPE3_VEC_DOE);
}

static void extended_init(CXLType3 *ct3d)
{
    static const CXLDvsecBlock blocks[] = {
        { .bar = BAR_COMPONENT, .id = CXL_BLOCK_COMPONENT },
        { .bar = BAR_DEVICE, .id = CXL_BLOCK_DEVICE },
    };
    CXLPciExt *ext = &ct3d->ext;

    cxl_dvsec_locator_init(&ct3d->dvsec_locator, blocks, ARRAY_SIZE(blocks));
    cxl_dvsec_gpf_device_init(&ct3d->dvsec_gpf);
    cxl_dvsec_flexbus_init(&ct3d->dvsec_flexbus, CXL_FLEXBUS_DEVICE);
    doe_init(ct3d);

    cxl_pci_ext_init(ext, PCI_DEVICE(ct3d), EXT_OFFSET);
    cxl_pci_ext_add_dvsec(ext, &ct3d->dvsec_device);
    cxl_pci_ext_add_dvsec(ext, &ct3d->dvsec_locator);
    cxl_pci_ext_add_dvsec(ext, &ct3d->dvsec_gpf);
    cxl_pci_ext_add_dvsec(ext, &ct3d->dvsec_flexbus);
    cxl_pci_ext_add_doe(ext, &ct3d->doe);
    cxl_errors_init(&ct3d->errors, ext, &ct3d->component.ras,
                    &ct3d->dvsec_device);
}

static bool pci_init(CXLType3 *ct3d, Error **errp)
{
    PCIDevice *d = PCI_DEVICE(ct3d);
    unsigned vectors = CXL_TYPE3_VEC_EVENT + ct3d->event_vectors;

    pci_config_set_prog_interface(d->config, TYPE3_PROG_IF);
    if (pcie_endpoint_cap_init(d, EXP_OFFSET) < 0) {
        error_setg(errp, "cxl-type3: no room for the PCIe capability");
        return false;
    }
    pcie_cap_fill_link_ep_usp(d, ct3d->width, ct3d->speed);
    cxl_port_offer_flit(d, ct3d->flit_256b);
    if (msix_init_exclusive_bar(d, vectors, BAR_MSIX, errp) < 0) {
        return false;
    }
    for (unsigned i = 0; i < vectors; i++) {
        msix_vector_use(d, i);
    }
    pcie_cap_deverr_init(d);
    pcie_cap_flr_init(d);
    if (pcie_aer_init(d, PCI_ERR_VER, AER_OFFSET, PCI_ERR_SIZEOF, errp)) {
        msix_uninit_exclusive_bar(d);
        return false;
    }
    pcie_dev_ser_num_init(d, DSN_OFFSET, ct3d->serial);
    return true;
}

static void pci_finish(PCIDevice *d)
{
    pcie_aer_exit(d);
    msix_uninit_exclusive_bar(d);
}

/* CXL r3.2: function 0 of what is on a port's link has the DVSECs. */
static bool check_place(PCIDevice *d, Error **errp)
{
    const char *id = d->qdev.id ?: "(no id)";

    if (!pci_bus_is_express(pci_get_bus(d))) {
        error_setg(errp, "cxl-type3 '%s' must sit on a PCI Express bus "
                   "(bus=<id of a cxl-rp or cxl-downstream>)", id);
        return false;
    }
    if (!cxl_port_above(d)) {
        warn_report("cxl-type3 '%s' is not below a cxl-rp or cxl-downstream: "
                    "no window reaches its memory", id);
    } else if (d->devfn) {
        warn_report("cxl-type3 '%s' is not function 0 below its port: no "
                    "window reaches its memory (addr=0)", id);
    }
    return true;
}

static void type3_realize(PCIDevice *d, Error **errp)
{
    CXLType3 *ct3d = CXL_TYPE3(d);

    if (!cxl_type3_check_props(ct3d, errp) || !check_place(d, errp)) {
        return;
    }
    if (!ct3d->serial) {
        ct3d->serial = default_serial(ct3d);
    }
    if (!cxl_type3_memory_init(ct3d, errp)) {
        return;
    }
    if (!pci_init(ct3d, errp)) {
        cxl_type3_memory_finish(ct3d);
        return;
    }
    cxl_type3_cci_init(ct3d);
    if (!cxl_type3_metadata_init(ct3d, errp)) {
        cxl_type3_cci_finish(ct3d);
        cxl_type3_memory_finish(ct3d);
        pci_finish(d);
        return;
    }
    cxl_type3_watch_init(ct3d);
    registers_init(ct3d);
    extended_init(ct3d);
    cxl_port_train(d);
    cxl_type3_reset_init(ct3d);
    ct3d->present = true;
}

static void type3_exit(PCIDevice *d)
{
    CXLType3 *ct3d = CXL_TYPE3(d);

    ct3d->present = false;
    cxl_glue_route_changed();
    cxl_port_untrain(d);
    cxl_type3_reset_finish(ct3d);
    cxl_type3_metadata_finish(ct3d);
    cxl_dvsec_finish(&ct3d->dvsec_locator);
    cxl_dvsec_finish(&ct3d->dvsec_gpf);
    cxl_dvsec_finish(&ct3d->dvsec_flexbus);
    cxl_type3_cci_finish(ct3d);
    cxl_component_finish(&ct3d->component);
    cxl_type3_memory_finish(ct3d);
    pci_finish(d);
}

static void type3_reset_hold(Object *obj, ResetType type)
{
    CXLType3 *ct3d = CXL_TYPE3(obj);
    PCIDevice *d = PCI_DEVICE(obj);
    CXLResetKind kind = cxl_port_in_hot_reset(d) ? CXL_RESET_HOT
                                                      : CXL_RESET_COLD;

    pcie_cap_deverr_reset(d);
    if (ct3d->flr) {
        cxl_type3_reset_function(ct3d);
        return;
    }
    cxl_reset_kill(&ct3d->cxl_reset);
    cxl_errors_reset(&ct3d->errors, kind);
    cxl_doe_reset(&ct3d->doe);
    cxl_dvsec_reset(&ct3d->dvsec_device, kind);
    cxl_dvsec_reset(&ct3d->dvsec_locator, kind);
    cxl_dvsec_reset(&ct3d->dvsec_gpf, kind);
    cxl_dvsec_reset(&ct3d->dvsec_flexbus, kind);
    cxl_component_reset(&ct3d->component, kind);
    cxl_mailbox_reset(&ct3d->mailbox, kind);
    cxl_cci_reset(&ct3d->cci, kind);
    cxl_firmware_reset(&ct3d->firmware, kind);
    cxl_features_reset(&ct3d->features, kind);
    cxl_repair_reset(&ct3d->repair, kind);
    cxl_debuglog_reset(&ct3d->debug_log, kind);
    cxl_statedump_reset(&ct3d->state_dump, kind);
    cxl_evlog_reset(&ct3d->events, kind);
    cxl_timestamp_reset(&ct3d->timestamp, kind);
    cxl_media_reset(&ct3d->media, kind);
    cxl_health_reset(&ct3d->health, kind);
    cxl_poison_reset(&ct3d->poison, kind);
    cxl_scan_reset(&ct3d->scan, kind);
    cxl_sanitize_clear(&ct3d->sanitize);
    cxl_security_reset(&ct3d->security, kind);
    cxl_pci_ext_sync(&ct3d->ext);
}

static uint32_t type3_config_read(PCIDevice *d, uint32_t addr, int len)
{
    return cxl_pci_ext_read(&CXL_TYPE3(d)->ext, addr,
                            pci_default_read_config(d, addr, len), len);
}

static void type3_config_write(PCIDevice *d, uint32_t addr, uint32_t val,
                               int len)
{
    pci_default_write_config(d, addr, val, len);
    pcie_aer_write_config(d, addr, val, len);
    CXL_TYPE3(d)->flr = true;
    pcie_cap_flr_write_config(d, addr, val, len);
    CXL_TYPE3(d)->flr = false;
    cxl_pci_ext_write(&CXL_TYPE3(d)->ext, addr, val, len);
}

static int type3_post_load(void *opaque, int version_id)
{
    CXLType3 *ct3d = opaque;

    cxl_type3_memory_loaded(ct3d);
    cxl_metadata_replaced(&ct3d->metadata);
    if (!cxl_reset_resume(&ct3d->cxl_reset)) {
        error_report("CXL saved state: a CXL reset clears what is not there");
        return -EINVAL;
    }
    if (!cxl_type3_cci_valid(ct3d)) {
        error_report("CXL saved state: what runs in background is not what "
                     "the firmware waits for");
        cxl_firmware_forget(&ct3d->firmware);
        return -EINVAL;
    }
    if (!cxl_scan_loaded(&ct3d->scan,
                         ct3d->cci.bg.ops == &cxl_scan_ops)) {
        error_report("CXL saved state: a scan of what is not there");
        cxl_scan_reset(&ct3d->scan, CXL_RESET_COLD);
        return -EINVAL;
    }
    cxl_pci_ext_sync(&ct3d->ext);
    cxl_glue_route_loaded();
    return 0;
}

static const VMStateDescription vmstate_cxl_type3 = {
    .name = TYPE_CXL_TYPE3,
    .priority = MIG_PRI_PCI_BUS,        /* DMA of others may go to it */
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = type3_post_load,
    .fields = (const VMStateField[]) {
        /* First: they size BARs, which fail to load in less clear words. */
        VMSTATE_UINT64_EQUAL(mailbox_payload, CXLType3,
                             "cxl-type3: start with the mailbox-payload= of "
                             "the saved machine"),
        VMSTATE_UINT8_EQUAL(event_vectors, CXLType3,
                            "cxl-type3: start with the event-vectors= of the "
                            "saved machine"),
        VMSTATE_PCI_DEVICE(parent_obj, CXLType3),
        VMSTATE_MSIX(parent_obj, CXLType3),
        VMSTATE_STRUCT(parent_obj.exp.aer_log, CXLType3, 0,
                       vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_CXL_PART(dvsec_device, CXLType3, vmstate_info_cxl_dvsec,
                         CXLDvsec),
        VMSTATE_CXL_PART(dvsec_gpf, CXLType3, vmstate_info_cxl_dvsec,
                         CXLDvsec),
        VMSTATE_CXL_PART(dvsec_flexbus, CXLType3, vmstate_info_cxl_dvsec,
                         CXLDvsec),
        VMSTATE_STRUCT(doe, CXLType3, 1, vmstate_cxl_doe, CXLDoe),
        VMSTATE_CXL_PART(component, CXLType3, vmstate_info_cxl_component,
                         CXLComponent),
        VMSTATE_CXL_PART(mailbox, CXLType3, vmstate_info_cxl_mailbox,
                         CXLMailbox),
        VMSTATE_CXL_PART(cci, CXLType3, vmstate_info_cxl_cci, CXLCci),
        VMSTATE_CXL_PART(events, CXLType3, vmstate_info_cxl_evlog,
                         CXLEventLogs),
        VMSTATE_STRUCT(timestamp, CXLType3, 1, vmstate_cxl_timestamp,
                       CXLTimestamp),
        VMSTATE_STRUCT(media, CXLType3, 1, vmstate_cxl_media, CXLMediaState),
        VMSTATE_STRUCT(health, CXLType3, 1, vmstate_cxl_health, CXLHealth),
        VMSTATE_CXL_PART(poison, CXLType3, vmstate_info_cxl_poison,
                         CXLPoisonList),
        VMSTATE_CXL_PART(unlisted_poison, CXLType3, vmstate_info_cxl_poison,
                         CXLPoisonList),
        VMSTATE_CXL_PART(scan, CXLType3, vmstate_info_cxl_scan, CXLScan),
        VMSTATE_STRUCT(sanitize, CXLType3, 1, vmstate_cxl_sanitize,
                       CXLSanitize),
        VMSTATE_STRUCT(security, CXLType3, 1, vmstate_cxl_security,
                       CXLSecurity),
        VMSTATE_STRUCT(firmware, CXLType3, 1, vmstate_cxl_firmware,
                       CXLFirmware),
        VMSTATE_STRUCT(features, CXLType3, 1, vmstate_cxl_features,
                       CXLFeatures),
        VMSTATE_STRUCT(repair, CXLType3, 1, vmstate_cxl_repair, CXLRepair),
        VMSTATE_STRUCT(debug_log, CXLType3, 1, vmstate_cxl_debuglog,
                       CXLDebugLog),
        VMSTATE_STRUCT(state_dump, CXLType3, 1, vmstate_cxl_statedump,
                       CXLStateDump),
        VMSTATE_UINT32(cdat.sequence, CXLType3),
        VMSTATE_BOOL(errors.viral.active, CXLType3),
        VMSTATE_BOOL(cxl_reset.clearing, CXLType3),
        VMSTATE_UINT64(cxl_reset.dpa, CXLType3),
        VMSTATE_END_OF_LIST()
    }
};

static CXLErrors *type3_errors(PCIDevice *d)
{
    return &CXL_TYPE3(d)->errors;
}

static void type3_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    CXL_ERROR_SOURCE_CLASS(klass)->get = type3_errors;
    k->realize = type3_realize;
    k->exit = type3_exit;
    k->config_read = type3_config_read;
    k->config_write = type3_config_write;
    k->vendor_id = PCI_VENDOR_ID_INTEL;
    k->device_id = TYPE3_DEVICE_ID;
    k->class_id = PCI_CLASS_MEMORY_CXL;
    rc->phases.hold = type3_reset_hold;
    dc->desc = "CXL Memory Device (Type 3)";
    dc->vmsd = &vmstate_cxl_type3;
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
    cxl_type3_add_props(dc);
}

static const TypeInfo type3_info = {
    .name = TYPE_CXL_TYPE3,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(CXLType3),
    .class_init = type3_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CXL_DEVICE },
        { INTERFACE_PCIE_DEVICE },
        { TYPE_CXL_ERROR_SOURCE },
        { }
    },
};

static void type3_register_types(void)
{
    type_register_static(&type3_info);
}

type_init(type3_register_types)
