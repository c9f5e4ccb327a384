/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/cxl/model/glue_notify.h"
#include "hw/cxl/model/glue_pci.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/glue_vmstate.h"
#include "hw/cxl/model/host_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie_port.h"
#include "hw/qdev-properties.h"

#define BRIDGE_DECODERS 8
#define BRIDGE_TARGETS 8

/* Port numbers of the root ports, as the guest knows them. */
typedef struct RootPorts {
    uint8_t number[CXL_COMPONENT_MAX_PORTS];
    unsigned count;
} RootPorts;

static void add_root_port(PCIBus *bus, PCIDevice *dev, void *opaque)
{
    RootPorts *ports = opaque;
    uint8_t number;

    if (!object_dynamic_cast(OBJECT(dev), TYPE_PCIE_ROOT_PORT) ||
        ports->count == CXL_COMPONENT_MAX_PORTS) {
        return;
    }
    number = PCIE_PORT(dev)->port;
    if (memchr(ports->number, number, ports->count)) {
        warn_report("%s '%s': another root port of its pxb-cxl has port=%u "
                    "too; guests can use only one of them",
                    object_get_typename(OBJECT(dev)),
                    dev->qdev.id ?: "(no id)", number);
    }
    ports->number[ports->count++] = number;
}

void cxl_host_bridge_settle(CXLHostBridge *bridge)
{
    RootPorts ports = { .count = 0 };

    pci_for_each_device_under_bus(bridge->bus, add_root_port, &ports);
    cxl_component_set_root_ports(&bridge->component, ports.number,
                                 ports.count);
    cxl_component_hide_hdm(&bridge->component, ports.count == 1 &&
                                               !bridge->hdm_for_passthrough);
}

static void decoders_changed(void *opaque)
{
    cxl_glue_route_changed();
}

static void bridge_realize(PCIDevice *d, Error **errp)
{
    CXLHostBridge *bridge = PXB_CXL_DEV(d);

    if (!pci_bus_is_express(pci_get_bus(d))) {
        error_setg(errp, "pxb-cxl '%s' must sit on a PCI Express root bus "
                   "(-M q35, bus=pcie.0)", d->qdev.id ?: "(no id)");
        return;
    }
    if (!cxl_hdm_count_legal(bridge->hdm_decoders)) {
        error_setg(errp, "hdm-decoders=%u: choose 1, 2, 4, 6, 8 or 10",
                   bridge->hdm_decoders);
        return;
    }
    bridge->bus = pxb_dev_realize_common(d, PXB_CXL, errp);
    if (!bridge->bus) {
        return;
    }
    cxl_component_init(&bridge->component, CXL_COMPONENT_HOST_BRIDGE,
                       bridge->hdm_decoders, BRIDGE_TARGETS);
    bridge->component.hdm.changed = decoders_changed;
    cxl_glue_notify_decoders(&bridge->component.hdm, DEVICE(d));
    cxl_pci_component_region(&bridge->registers, OBJECT(d),
                             &bridge->component, "cxl-host-bridge");
}

static void bridge_exit(PCIDevice *d)
{
    pxb_dev_exitfn(d);
    cxl_component_finish(&PXB_CXL_DEV(d)->component);
}

static void bridge_reset_hold(Object *obj, ResetType type)
{
    cxl_component_reset(&PXB_CXL_DEV(obj)->component, CXL_RESET_COLD);
}

static int bridge_post_load(void *opaque, int version_id)
{
    cxl_glue_route_loaded();
    return 0;
}

static const VMStateDescription vmstate_bridge = {
    .name = TYPE_PXB_CXL_DEV,
    .priority = MIG_PRI_PCI_BUS,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = bridge_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_CXL_PART(component, CXLHostBridge, vmstate_info_cxl_component,
                         CXLComponent),
        VMSTATE_END_OF_LIST()
    }
};

static const Property bridge_props[] = {
    DEFINE_PROP_BOOL("hdm_for_passthrough", CXLHostBridge,
                     hdm_for_passthrough, false),
    DEFINE_PROP_UINT8("hdm-decoders", CXLHostBridge, hdm_decoders,
                      BRIDGE_DECODERS),
};

static void bridge_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    k->realize = bridge_realize;
    k->exit = bridge_exit;
    rc->phases.hold = bridge_reset_hold;
    dc->desc = "CXL Host Bridge";
    dc->vmsd = &vmstate_bridge;
    dc->hotpluggable = false;
    device_class_set_props(dc, bridge_props);
    set_bit(DEVICE_CATEGORY_BRIDGE, dc->categories);
}

static const TypeInfo bridge_info = {
    .name = TYPE_PXB_CXL_DEV,
    .parent = TYPE_PXB_PCIE_DEV,
    .instance_size = sizeof(CXLHostBridge),
    .class_init = bridge_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { }
    },
};

static void bus_host_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIHostBridgeClass *hc = PCI_HOST_BRIDGE_CLASS(klass);

    hc->root_bus_path = pxb_host_root_bus_path;
    dc->fw_name = "cxl";
    /* Reason: part of pxb-cxl, made by it */
    dc->user_creatable = false;
}

/* Only the root bus's parent: all state is in the pxb-cxl. */
static const TypeInfo bus_host_info = {
    .name = TYPE_PXB_CXL_HOST,
    .parent = TYPE_PCI_HOST_BRIDGE,
    .class_init = bus_host_class_init,
};

static void bridge_register_types(void)
{
    type_register_static(&bridge_info);
    type_register_static(&bus_host_info);
}

type_init(bridge_register_types)
