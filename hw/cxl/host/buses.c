/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/host/buses.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"

/* One number for @bus and one for each bus below it. */
static unsigned count_buses(const PCIBus *bus)
{
    const PCIBus *child;
    unsigned count = 1;

    QLIST_FOREACH(child, &bus->child, sibling) {
        count += count_buses(child);
    }
    return count;
}

/* The first number above @number that is another root bus's. */
static unsigned next_root(const PCIBus *root, unsigned number)
{
    unsigned next = PCI_BUS_MAX;
    PCIBus *bus;

    QLIST_FOREACH(bus, &root->child, sibling) {
        if (pci_bus_is_root(bus) && pci_bus_num(bus) > number) {
            next = MIN(next, pci_bus_num(bus));
        }
    }
    return next;
}

void cxl_buses_check(PCIBus *root)
{
    PCIBus *bus;

    QLIST_FOREACH(bus, &root->child, sibling) {
        unsigned first, next, count;

        if (!pci_bus_is_root(bus) || !pci_bus_is_cxl(bus)) {
            continue;
        }
        first = pci_bus_num(bus);
        next = next_root(root, first);
        count = count_buses(bus);
        if (count > next - first) {
            warn_report("pxb-cxl '%s' and what is below it need %u bus "
                        "numbers, but from bus_nr=%u there are %u up to %s: "
                        "guests will not find all devices; choose other "
                        "bus_nr=", bus->parent_dev->qdev.id ?: "(no id)",
                        count, first, next - first,
                        next == PCI_BUS_MAX ? "the last one, 255"
                                            : "the next bridge's");
        }
    }
}
