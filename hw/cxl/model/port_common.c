/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/cxl/model/glue_vmstate.h"
#include "hw/cxl/model/port_common.h"
#include "hw/cxl/model/port_link.h"
#include "hw/cxl/trace.h"
#include "hw/pci/pci_bridge.h"

/* PCIe r6.0: Flit Mode Supported; Flit Mode Status */
#define EXP_FLAGS_FLIT 0x8000
#define LNKSTA2_FLIT 0x0400

/* A switch decodes for as many targets as a host bridge. */
#define PORT_TARGETS 8

CXLPort *cxl_port_of(PCIDevice *dev)
{
    Object *port = object_dynamic_cast(OBJECT(dev), TYPE_CXL_PORT);

    return port ? CXL_PORT_GET_CLASS(port)->get(dev) : NULL;
}

CXLErrors *cxl_port_errors(PCIDevice *dev)
{
    return &cxl_port_of(dev)->errors;
}

static PCIDevice *above(PCIDevice *dev)
{
    return pci_bridge_get_device(pci_get_bus(dev));
}

PCIDevice *cxl_port_above(PCIDevice *dev)
{
    PCIDevice *up = above(dev);
    CXLPort *port = cxl_port_of(up);

    return port && port->component.kind != CXL_COMPONENT_UPSTREAM ? up
                                                                  : NULL;
}

bool cxl_port_in_hot_reset(PCIDevice *dev)
{
    while ((dev = above(dev))) {
        CXLPort *port = cxl_port_of(dev);

        if (port && port->hot_reset) {
            return true;
        }
    }
    return false;
}

static uint8_t *express(PCIDevice *dev, unsigned offset)
{
    return dev->config + dev->exp.exp_cap + offset;
}

static void set_flit(PCIDevice *dev, bool on)
{
    uint8_t *status = express(dev, PCI_EXP_LNKSTA2);

    pci_set_word(status, (pci_get_word(status) & ~LNKSTA2_FLIT) |
                         (on ? LNKSTA2_FLIT : 0));
}

void cxl_port_offer_flit(PCIDevice *dev, bool offer)
{
    if (offer) {
        pci_word_test_and_set_mask(express(dev, PCI_EXP_FLAGS),
                                   EXP_FLAGS_FLIT);
    }
}

static bool offers_flit(PCIDevice *dev)
{
    return pci_get_word(express(dev, PCI_EXP_FLAGS)) & EXP_FLAGS_FLIT;
}

void cxl_port_train(PCIDevice *dev)
{
    PCIDevice *port = cxl_port_above(dev);
    bool flit = port && offers_flit(port) && offers_flit(dev);

    set_flit(dev, flit);
    if (port) {
        set_flit(port, flit);
    }
}

void cxl_port_untrain(PCIDevice *dev)
{
    PCIDevice *port = cxl_port_above(dev);

    if (port) {
        set_flit(port, false);
    }
}

static CXLFlexBusKind flexbus_kind(CXLComponentKind kind)
{
    return kind == CXL_COMPONENT_UPSTREAM ? CXL_FLEXBUS_UPSTREAM :
           kind == CXL_COMPONENT_DOWNSTREAM ? CXL_FLEXBUS_DOWNSTREAM :
           CXL_FLEXBUS_ROOT_PORT;
}

/* CXL r3.2: CXL DVSECs: the links below a port are its to flush */
static void add_dvsecs(CXLPort *port, CXLComponentKind kind)
{
    static const CXLDvsecBlock blocks[] = {
        { .bar = CXL_PORT_COMPONENT_BAR, .id = CXL_BLOCK_COMPONENT },
    };
    bool upstream = kind == CXL_COMPONENT_UPSTREAM;

    cxl_dvsec_port_init(&port->dvsec_port, upstream);
    cxl_dvsec_flexbus_init(&port->dvsec_flexbus, flexbus_kind(kind));
    cxl_dvsec_locator_init(&port->dvsec_locator, blocks, ARRAY_SIZE(blocks));
    cxl_pci_ext_add_dvsec(&port->ext, &port->dvsec_port);
    if (!upstream) {
        cxl_dvsec_gpf_port_init(&port->dvsec_gpf);
        cxl_pci_ext_add_dvsec(&port->ext, &port->dvsec_gpf);
    }
    cxl_pci_ext_add_dvsec(&port->ext, &port->dvsec_flexbus);
    cxl_pci_ext_add_dvsec(&port->ext, &port->dvsec_locator);
}

void cxl_port_init(CXLPort *port, PCIDevice *dev, CXLComponentKind kind,
                   unsigned decoders, uint16_t first)
{
    cxl_component_init(&port->component, kind, decoders, PORT_TARGETS);
    cxl_pci_component_region(&port->component_mr, OBJECT(dev),
                             &port->component, "cxl-port-component");
    pci_register_bar(dev, CXL_PORT_COMPONENT_BAR,
                     PCI_BASE_ADDRESS_SPACE_MEMORY |
                     PCI_BASE_ADDRESS_MEM_TYPE_64, &port->component_mr);
    cxl_port_offer_flit(dev, port->flit_256b);
    cxl_pci_ext_init(&port->ext, dev, first);
    add_dvsecs(port, kind);
    cxl_errors_init(&port->errors, &port->ext, &port->component.ras,
                    &port->dvsec_port);
    cxl_port_link_init(port);
}

void cxl_port_finish(CXLPort *port)
{
    cxl_dvsec_finish(&port->dvsec_port);
    cxl_dvsec_finish(&port->dvsec_gpf);
    cxl_dvsec_finish(&port->dvsec_flexbus);
    cxl_dvsec_finish(&port->dvsec_locator);
    cxl_component_finish(&port->component);
}

void cxl_port_reset(CXLPort *port, CXLResetKind kind)
{
    cxl_errors_reset(&port->errors, kind);
    cxl_component_reset(&port->component, kind);
    cxl_dvsec_reset(&port->dvsec_port, kind);
    cxl_dvsec_reset(&port->dvsec_gpf, kind);
    cxl_dvsec_reset(&port->dvsec_flexbus, kind);
    cxl_dvsec_reset(&port->dvsec_locator, kind);
    cxl_pci_ext_sync(&port->ext);
    cxl_port_link_reset(port);
}

/* The bridge control register's secondary bus reset bit, within a write. */
static uint32_t sbr_in_write(uint32_t addr, int len)
{
    uint32_t byte = PCI_BRIDGE_CONTROL;     /* the bit is in the low byte */

    if (addr <= byte && byte < addr + len) {
        return (uint32_t)PCI_BRIDGE_CTL_BUS_RESET << (8 * (byte - addr));
    }
    return 0;
}

void cxl_port_config_write(CXLPort *port, uint32_t addr, uint32_t val,
                           int len,
                           void (*parent)(PCIDevice *dev, uint32_t addr,
                                          uint32_t val, int len))
{
    PCIDevice *dev = port->ext.dev;
    uint32_t sbr = sbr_in_write(addr, len) & val;

    if (sbr && !cxl_dvsec_port_sbr_unmasked(&port->dvsec_port)) {
        /* The bit is kept, the link does not see it. */
        trace_cxl_port_reset_masked(dev->name);
        parent(dev, addr, val & ~sbr, len);
        pci_word_test_and_set_mask(dev->config + PCI_BRIDGE_CONTROL,
                                   PCI_BRIDGE_CTL_BUS_RESET);
    } else {
        /* Nor is it a power cycle when the slot's power moves meanwhile. */
        port->hot_reset = sbr != 0 || !cxl_port_link_up(port);
        parent(dev, addr, val, len);
        port->hot_reset = false;
    }
    cxl_pci_ext_write(&port->ext, addr, val, len);
    cxl_port_link_update(port);
}

static const TypeInfo port_info = {
    .name = TYPE_CXL_PORT,
    .parent = TYPE_INTERFACE,
    .class_size = sizeof(CXLPortClass),
};

static void port_register_types(void)
{
    type_register_static(&port_info);
}

type_init(port_register_types)

bool cxl_port_add_slot(PCIESlot *slot, Error **errp)
{
    DeviceState *dev = DEVICE(slot);

    pcie_chassis_create(slot->chassis);
    if (pcie_chassis_add_slot(slot) < 0) {
        error_setg(errp, "%s '%s': another port has chassis=%u,slot=%u; give "
                   "each its own slot=", object_get_typename(OBJECT(dev)),
                   dev->id ?: "(no id)", slot->chassis, slot->slot);
        return false;
    }
    return true;
}

static int port_post_load(void *opaque, int version_id)
{
    CXLPort *port = opaque;

    cxl_pci_ext_sync(&port->ext);
    return 0;
}

const VMStateDescription vmstate_cxl_port = {
    .name = "cxl-port",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = port_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_CXL_PART(component, CXLPort, vmstate_info_cxl_component,
                         CXLComponent),
        VMSTATE_CXL_PART(dvsec_port, CXLPort, vmstate_info_cxl_dvsec,
                         CXLDvsec),
        VMSTATE_CXL_PART(dvsec_gpf, CXLPort, vmstate_info_cxl_dvsec,
                         CXLDvsec),
        VMSTATE_CXL_PART(dvsec_flexbus, CXLPort, vmstate_info_cxl_dvsec,
                         CXLDvsec),
        VMSTATE_BOOL(link_broken, CXLPort),
        VMSTATE_BOOL(link_disabled, CXLPort),
        VMSTATE_BOOL(errors.viral.active, CXLPort),
        VMSTATE_END_OF_LIST()
    }
};
