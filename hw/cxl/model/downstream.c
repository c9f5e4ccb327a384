/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-downstream: a port of a switch, with a slot below. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/cxl/model/port_link.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/switch.h"
#include "hw/pci/msi.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_ids.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"

#define VENDOR_HUAWEI 0x19e5
#define DS_DEVICE_ID 0xa129

#define SSVID_OFFSET 0x40
#define MSI_OFFSET 0x60
#define EXP_OFFSET 0x90
#define AER_OFFSET 0x100
#define ACS_OFFSET (AER_OFFSET + PCI_ERR_SIZEOF)
#define CXL_OFFSET 0x160

static CXLUpstream *upstream_of(PCIDevice *d)
{
    PCIDevice *up = pci_bridge_get_device(pci_get_bus(d));

    return up && object_dynamic_cast(OBJECT(up), TYPE_CXL_UPSTREAM) ?
           CXL_UPSTREAM(up) : NULL;
}

static void find_same_number(PCIBus *bus, PCIDevice *other, void *opaque)
{
    PCIDevice **d = opaque;

    if (*d && other != *d &&
        object_dynamic_cast(OBJECT(other), TYPE_CXL_DOWNSTREAM) &&
        PCIE_PORT(other)->port == PCIE_PORT(*d)->port) {
        *d = NULL;
    }
}

/* CXL r3.2: target lists name ports by their PCIe port numbers */
static bool check_number(PCIDevice *d, Error **errp)
{
    PCIDevice *unique = d;

    pci_for_each_device_under_bus(pci_get_bus(d), find_same_number, &unique);
    if (!unique) {
        error_setg(errp, "cxl-downstream '%s': port=%u is another port of "
                   "the same switch; give each its own port=",
                   d->qdev.id ?: "(no id)", PCIE_PORT(d)->port);
        return false;
    }
    return true;
}

static bool check_place(PCIDevice *d, Error **errp)
{
    if (!upstream_of(d)) {
        error_setg(errp, "cxl-downstream '%s' must sit below a cxl-upstream "
                   "(bus=<id of a cxl-upstream>)", d->qdev.id ?: "(no id)");
        return false;
    }
    return check_number(d, errp);
}

/* What any downstream port has; undone by exit_port(). */
static bool init_port(PCIDevice *d, Error **errp)
{
    PCIESlot *slot = PCIE_SLOT(d);

    pci_bridge_initfn(d, TYPE_CXL_BUS);
    pcie_port_init_reg(d);
    if (msi_init(d, MSI_OFFSET, 1, true, true, errp) < 0) {
        goto err_bridge;
    }
    if (pci_bridge_ssvid_init(d, SSVID_OFFSET, VENDOR_HUAWEI, 0,
                              errp) < 0 ||
        pcie_cap_init(d, EXP_OFFSET, PCI_EXP_TYPE_DOWNSTREAM,
                      PCIE_PORT(d)->port, errp) < 0) {
        goto err_msi;
    }
    pcie_cap_arifwd_init(d);
    pcie_cap_deverr_init(d);
    pcie_cap_slot_init(d, slot);
    if (!cxl_port_add_slot(slot, errp)) {
        goto err_cap;
    }
    if (pcie_aer_init(d, PCI_ERR_VER, AER_OFFSET, PCI_ERR_SIZEOF, errp) < 0) {
        goto err_slot;
    }
    pcie_acs_init(d, ACS_OFFSET);
    return true;

err_slot:
    pcie_chassis_del_slot(slot);
err_cap:
    pcie_cap_exit(d);
err_msi:
    msi_uninit(d);
err_bridge:
    pci_bridge_exitfn(d);
    return false;
}

static void exit_port(PCIDevice *d)
{
    pcie_aer_exit(d);
    pcie_chassis_del_slot(PCIE_SLOT(d));
    pcie_cap_exit(d);
    msi_uninit(d);
    pci_bridge_exitfn(d);
}

static void ds_realize(PCIDevice *d, Error **errp)
{
    if (!check_place(d, errp) || !init_port(d, errp)) {
        return;
    }
    cxl_port_init(&CXL_DOWNSTREAM(d)->port, d, CXL_COMPONENT_DOWNSTREAM, 0,
                  CXL_OFFSET);
    cxl_upstream_ports_changed(upstream_of(d));
}

static void ds_exit(PCIDevice *d)
{
    cxl_upstream_ports_changed(upstream_of(d));
    exit_port(d);
    cxl_port_finish(&CXL_DOWNSTREAM(d)->port);
}

static void ds_reset_hold(Object *obj, ResetType type)
{
    PCIDevice *d = PCI_DEVICE(obj);

    pcie_cap_deverr_reset(d);
    pcie_cap_slot_reset(d);
    pcie_cap_arifwd_reset(d);
    pcie_acs_reset(d);
    pci_bridge_reset(DEVICE(obj));
    pci_bridge_disable_base_limit(d);
    cxl_port_reset(&CXL_DOWNSTREAM(obj)->port,
                   cxl_port_in_hot_reset(d) ? CXL_RESET_HOT
                                            : CXL_RESET_COLD);
}

static void slot_config_write(PCIDevice *d, uint32_t addr, uint32_t val,
                              int len)
{
    uint16_t control, status;

    pcie_cap_slot_get(d, &control, &status);
    pci_bridge_write_config(d, addr, val, len);
    pcie_cap_slot_write_config(d, control, status, addr, val, len);
    pcie_aer_write_config(d, addr, val, len);
}

static void ds_config_write(PCIDevice *d, uint32_t addr, uint32_t val,
                            int len)
{
    cxl_port_config_write(&CXL_DOWNSTREAM(d)->port, addr, val, len,
                          slot_config_write);
}

static int ds_post_load(void *opaque, int version_id)
{
    cxl_glue_route_loaded();
    pcie_cap_slot_post_load(opaque, version_id);
    cxl_port_link_loaded(&CXL_DOWNSTREAM(opaque)->port);
    return 0;
}

static const VMStateDescription vmstate_cxl_downstream = {
    .name = TYPE_CXL_DOWNSTREAM,
    .priority = MIG_PRI_PCI_BUS,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = ds_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj.parent_obj.parent_obj.parent_obj,
                           CXLDownstream),
        VMSTATE_STRUCT(parent_obj.parent_obj.parent_obj.parent_obj.exp.aer_log,
                       CXLDownstream, 0, vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_STRUCT(port, CXLDownstream, 1, vmstate_cxl_port, CXLPort),
        VMSTATE_END_OF_LIST()
    }
};

static const Property ds_props[] = {
    DEFINE_PROP_BIT("power_controller_present", PCIDevice, cap_present,
                    QEMU_PCIE_SLTCAP_PCP_BITNR, true),
    DEFINE_PROP_BOOL("x-256b-flit", CXLDownstream, port.flit_256b, true),
    DEFINE_PROP_PCIE_LINK_SPEED("x-speed", PCIESlot, speed,
                                PCIE_LINK_SPEED_64),
    DEFINE_PROP_PCIE_LINK_WIDTH("x-width", PCIESlot, width,
                                PCIE_LINK_WIDTH_16),
    DEFINE_PROP_BOOL("ras-unmasked", CXLDownstream, port.errors.unmasked, false),
};

static CXLPort *ds_port(PCIDevice *d)
{
    return &CXL_DOWNSTREAM(d)->port;
}

static void ds_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    CXL_PORT_CLASS(klass)->get = ds_port;
    cxl_port_link_class_init(klass);
    CXL_ERROR_SOURCE_CLASS(klass)->get = cxl_port_errors;
    k->realize = ds_realize;
    k->exit = ds_exit;
    k->config_write = ds_config_write;
    k->vendor_id = VENDOR_HUAWEI;
    k->device_id = DS_DEVICE_ID;
    rc->phases.hold = ds_reset_hold;
    dc->desc = "CXL Switch Downstream Port";
    dc->vmsd = &vmstate_cxl_downstream;
    set_bit(DEVICE_CATEGORY_BRIDGE, dc->categories);
    device_class_set_props(dc, ds_props);
}

static const TypeInfo ds_info = {
    .name = TYPE_CXL_DOWNSTREAM,
    .parent = TYPE_PCIE_SLOT,
    .instance_size = sizeof(CXLDownstream),
    .class_init = ds_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CXL_DEVICE },
        { INTERFACE_PCIE_DEVICE },
        { TYPE_CXL_PORT },
        { TYPE_CXL_ERROR_SOURCE },
        { }
    },
};

static void ds_register_types(void)
{
    type_register_static(&ds_info);
}

type_init(ds_register_types)
