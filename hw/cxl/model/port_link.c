/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/port_link.h"
#include "hw/cxl/trace.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_regs.h"

static uint8_t *express(const CXLPort *port)
{
    PCIDevice *dev = port->ext.dev;

    return dev->config + dev->exp.exp_cap;
}

static PCIBus *bus_below(const CXLPort *port)
{
    return pci_bridge_get_sec_bus(PCI_BRIDGE(port->ext.dev));
}

static bool has_link(const CXLPort *port)
{
    return port->component.kind != CXL_COMPONENT_UPSTREAM;
}

/* CXL r3.2: while Unmask Link Disable is 0, Link Disable has no effect */
static bool is_disabled(const CXLPort *port)
{
    return (pci_get_word(express(port) + PCI_EXP_LNKCTL) &
            PCI_EXP_LNKCTL_LD) &&
           cxl_dvsec_port_link_disable_unmasked(&port->dvsec_port);
}

bool cxl_port_link_up(const CXLPort *port)
{
    return !port->link_broken && !port->link_disabled;
}

static void power_off(PCIBus *bus, PCIDevice *dev, void *opaque)
{
    pci_set_power(dev, false);
}

/* Down, the device is reset as by a hot reset; it is again when powered. */
static void set_power(CXLPort *port, bool on)
{
    PCIDevice *dev = port->ext.dev;
    bool in_reset = port->hot_reset;

    port->hot_reset = true;
    if (on) {
        /* As the slot's power control says */
        pcie_cap_slot_post_load(dev, 0);
    } else {
        pci_for_each_device_under_bus(bus_below(port), power_off, NULL);
    }
    port->hot_reset = in_reset;
}

static void show_active(CXLPort *port, bool up)
{
    uint8_t *status = express(port) + PCI_EXP_LNKSTA;
    bool reports = pci_get_long(express(port) + PCI_EXP_LNKCAP) &
                   PCI_EXP_LNKCAP_DLLLARC;

    if (up && reports && bus_below(port)->devices[0]) {
        pci_word_test_and_set_mask(status, PCI_EXP_LNKSTA_DLLLA);
    } else {
        pci_word_test_and_clear_mask(status, PCI_EXP_LNKSTA_DLLLA);
    }
}

static void show_present(CXLPort *port, bool present)
{
    uint8_t *status = express(port) + PCI_EXP_SLTSTA;

    if (present && bus_below(port)->devices[0]) {
        pci_word_test_and_set_mask(status, PCI_EXP_SLTSTA_PDS);
    } else {
        pci_word_test_and_clear_mask(status, PCI_EXP_SLTSTA_PDS);
    }
}

/* With the attention button's event, as the base does for a plug */
static void tell_slot(CXLPort *port)
{
    if (pci_get_long(express(port) + PCI_EXP_SLTCAP) & PCI_EXP_SLTCAP_HPC) {
        pci_word_test_and_set_mask(express(port) + PCI_EXP_SLTSTA,
                                   PCI_EXP_SLTSTA_PDC);
        pcie_cap_slot_push_attention_button(port->ext.dev);
    }
}

static void settle(CXLPort *port)
{
    bool up = cxl_port_link_up(port);

    trace_cxl_port_link(port->ext.dev->name, up);
    show_active(port, up);
    set_power(port, up);
    cxl_glue_route_changed();
}

bool cxl_port_link_update(CXLPort *port)
{
    bool was_up = cxl_port_link_up(port);

    if (!has_link(port)) {
        return false;
    }
    port->link_disabled = is_disabled(port);
    if (cxl_port_link_up(port) != was_up) {
        settle(port);
        return true;
    }
    if (!was_up) {
        /* The base may have powered the slot meanwhile. */
        set_power(port, false);
    }
    return false;
}

void cxl_port_link_init(CXLPort *port)
{
    PCIDevice *dev = port->ext.dev;

    if (has_link(port)) {
        pci_word_test_and_set_mask(dev->wmask + dev->exp.exp_cap +
                                   PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
        /* Data Link Layer State Changed, which other slots do not have */
        pci_word_test_and_set_mask(dev->wmask + dev->exp.exp_cap +
                                   PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_DLLSCE);
        pci_word_test_and_set_mask(dev->w1cmask + dev->exp.exp_cap +
                                   PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_DLLSC);
        /* It changes with the link: not compared on load. */
        pci_word_test_and_clear_mask(dev->cmask + dev->exp.exp_cap +
                                     PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_DLLLA);
    }
}

void cxl_port_link_reset(CXLPort *port)
{
    bool was_up = cxl_port_link_up(port);

    if (!has_link(port)) {
        return;
    }
    pci_word_test_and_clear_mask(express(port) + PCI_EXP_LNKCTL,
                                 PCI_EXP_LNKCTL_LD);
    port->link_broken = false;
    port->link_disabled = false;
    if (!was_up) {
        show_present(port, true);
        settle(port);
    }
}

void cxl_port_link_loaded(CXLPort *port)
{
    if (!cxl_port_link_up(port)) {
        set_power(port, false);
    }
}

bool cxl_port_link_break(CXLPort *port, bool down, Error **errp)
{
    const char *id = port->ext.dev->qdev.id ?: "(no id)";

    if (!has_link(port)) {
        error_setg(errp, "'%s' is an upstream port: give the port above, "
                   "which has the link", id);
        return false;
    }
    if (down && !bus_below(port)->devices[0]) {
        error_setg(errp, "'%s': nothing is plugged in, so no link is up", id);
        return false;
    }
    if (port->link_broken == down) {
        return true;
    }
    port->link_broken = down;
    show_present(port, !down);
    settle(port);
    tell_slot(port);
    return true;
}

static void slot_plug(HotplugHandler *handler, DeviceState *dev, Error **errp)
{
    CXLPort *port = cxl_port_of(PCI_DEVICE(handler));

    port->link_broken = false;
    pcie_cap_slot_plug_cb(handler, dev, errp);
    if (!cxl_port_link_up(port)) {
        settle(port);
    }
}

void cxl_port_link_class_init(ObjectClass *klass)
{
    HOTPLUG_HANDLER_CLASS(klass)->plug = slot_plug;
}
