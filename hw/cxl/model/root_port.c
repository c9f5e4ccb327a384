/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/cxl/model/port_link.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/root_port.h"
#include "hw/pci/msi.h"
#include "hw/pci/pci_ids.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"

#define RP_DEVICE_ID 0x7075

/* Configuration space below 0x100 */
#define RP_MSI_OFFSET 0x60
#define RP_MSI_VECTORS 2
#define RP_EXP_OFFSET 0x90
#define RP_SSVID_OFFSET 0x40
/* and above */
#define RP_AER_OFFSET 0x100
#define RP_ACS_OFFSET (RP_AER_OFFSET + PCI_ERR_SIZEOF)
#define RP_CXL_OFFSET 0x180

/* What the base's root port does; the same for every instance. */
static PCIDeviceClass parent;
static ResettableHoldPhase parent_reset_hold;

/* Errors have the second message where the guest grants two. */
static uint8_t rp_aer_vector(const PCIDevice *d)
{
    return msi_nr_vectors_allocated(d) > 1 ? 1 : 0;
}

static int rp_interrupts_init(PCIDevice *d, Error **errp)
{
    return msi_init(d, RP_MSI_OFFSET, RP_MSI_VECTORS, true, true, errp);
}

static void rp_interrupts_uninit(PCIDevice *d)
{
    msi_uninit(d);
}

static bool rp_reserve(CXLRootPort *rp, PCIDevice *d, Error **errp)
{
    if (pci_bridge_qemu_reserve_cap_init(d, 0, rp->reserve, errp) < 0) {
        return false;
    }
    if (!rp->reserve.io) {
        pci_word_test_and_clear_mask(d->wmask + PCI_COMMAND, PCI_COMMAND_IO);
        d->wmask[PCI_IO_BASE] = 0;
        d->wmask[PCI_IO_LIMIT] = 0;
    }
    return true;
}

static void rp_realize(PCIDevice *d, Error **errp)
{
    CXLRootPort *rp = CXL_ROOT_PORT(d);
    ERRP_GUARD();

    if (!pci_bus_is_cxl(pci_get_bus(d))) {
        error_setg(errp, "cxl-rp '%s' must sit on the bus of a pxb-cxl "
                   "(bus=<id of a pxb-cxl>)", d->qdev.id ?: "(no id)");
        return;
    }
    /* The base claims the slot too, but its message does not name it. */
    if (!cxl_port_add_slot(PCIE_SLOT(d), errp)) {
        return;
    }
    pcie_chassis_del_slot(PCIE_SLOT(d));
    parent.realize(d, errp);
    if (*errp) {
        return;
    }
    if (!rp_reserve(rp, d, errp)) {
        parent.exit(d);
        return;
    }
    cxl_port_init(&rp->port, d, CXL_COMPONENT_ROOT_PORT, 0, RP_CXL_OFFSET);
}

static void rp_exit(PCIDevice *d)
{
    parent.exit(d);
    cxl_port_finish(&CXL_ROOT_PORT(d)->port);
}

static void rp_reset_hold(Object *obj, ResetType type)
{
    parent_reset_hold(obj, type);
    cxl_port_reset(&CXL_ROOT_PORT(obj)->port, CXL_RESET_COLD);
}

static void rp_config_write(PCIDevice *d, uint32_t addr, uint32_t val,
                            int len)
{
    cxl_port_config_write(&CXL_ROOT_PORT(d)->port, addr, val, len,
                          parent.config_write);
}

static int rp_post_load(void *opaque, int version_id)
{
    cxl_glue_route_loaded();
    pcie_cap_slot_post_load(opaque, version_id);
    cxl_port_link_loaded(&CXL_ROOT_PORT(opaque)->port);
    return 0;
}

static const VMStateDescription vmstate_cxl_rp = {
    .name = "cxl-rp",
    .priority = MIG_PRI_PCI_BUS,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = rp_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj.parent_obj.parent_obj.parent_obj,
                           CXLRootPort),
        VMSTATE_STRUCT(parent_obj.parent_obj.parent_obj.parent_obj.exp.aer_log,
                       CXLRootPort, 0, vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_STRUCT(port, CXLRootPort, 1, vmstate_cxl_port, CXLPort),
        VMSTATE_END_OF_LIST()
    }
};

static const Property rp_props[] = {
    DEFINE_PROP_UINT32("bus-reserve", CXLRootPort, reserve.bus, -1),
    DEFINE_PROP_SIZE("io-reserve", CXLRootPort, reserve.io, -1),
    DEFINE_PROP_SIZE("mem-reserve", CXLRootPort, reserve.mem_non_pref, -1),
    DEFINE_PROP_SIZE("pref32-reserve", CXLRootPort, reserve.mem_pref_32, -1),
    DEFINE_PROP_SIZE("pref64-reserve", CXLRootPort, reserve.mem_pref_64, -1),
    DEFINE_PROP_BOOL("x-256b-flit", CXLRootPort, port.flit_256b, true),
    DEFINE_PROP_PCIE_LINK_SPEED("x-speed", PCIESlot, speed,
                                PCIE_LINK_SPEED_64),
    DEFINE_PROP_PCIE_LINK_WIDTH("x-width", PCIESlot, width,
                                PCIE_LINK_WIDTH_32),
    DEFINE_PROP_BOOL("ras-unmasked", CXLRootPort, port.errors.unmasked, false),
};

static CXLPort *rp_port(PCIDevice *d)
{
    return &CXL_ROOT_PORT(d)->port;
}

static void rp_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
    PCIERootPortClass *rpc = PCIE_ROOT_PORT_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    CXL_PORT_CLASS(klass)->get = rp_port;
    cxl_port_link_class_init(klass);
    CXL_ERROR_SOURCE_CLASS(klass)->get = cxl_port_errors;
    parent.realize = k->realize;
    parent.exit = k->exit;
    parent.config_write = k->config_write;
    parent_reset_hold = rc->phases.hold;

    k->vendor_id = PCI_VENDOR_ID_INTEL;
    k->device_id = RP_DEVICE_ID;
    k->realize = rp_realize;
    k->exit = rp_exit;
    k->config_write = rp_config_write;
    rc->phases.hold = rp_reset_hold;
    dc->desc = "CXL Root Port";
    dc->vmsd = &vmstate_cxl_rp;
    device_class_set_props(dc, rp_props);

    rpc->aer_vector = rp_aer_vector;
    rpc->interrupts_init = rp_interrupts_init;
    rpc->interrupts_uninit = rp_interrupts_uninit;
    rpc->exp_offset = RP_EXP_OFFSET;
    rpc->ssvid_offset = RP_SSVID_OFFSET;
    rpc->aer_offset = RP_AER_OFFSET;
    rpc->acs_offset = RP_ACS_OFFSET;
}

static const TypeInfo rp_info = {
    .name = TYPE_CXL_ROOT_PORT,
    .parent = TYPE_PCIE_ROOT_PORT,
    .instance_size = sizeof(CXLRootPort),
    .class_init = rp_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CXL_DEVICE },
        { TYPE_CXL_PORT },
        { TYPE_CXL_ERROR_SOURCE },
        { }
    },
};

static void rp_register_types(void)
{
    type_register_static(&rp_info);
}

type_init(rp_register_types)
