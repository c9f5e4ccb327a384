/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: devices that leave their slots unasked. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/model/port_common.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_port.h"
#include "migration/misc.h"

static PCIDevice *find_device(const char *path, Error **errp)
{
    bool ambiguous = false;
    /* An empty path would stand for any of them. */
    Object *found = *path ? object_resolve_path_type(path, TYPE_PCI_DEVICE,
                                                     &ambiguous) : NULL;

    if (!found) {
        error_setg(errp, "path '%s' names %s; give the id or the QOM path of "
                   "a CXL device", path,
                   ambiguous ? "more than one device" : "no PCI device");
        return NULL;
    }
    return PCI_DEVICE(found);
}

/* The port whose slot holds @d, if it may be emptied. */
static PCIDevice *find_slot(PCIDevice *d, const char *path, Error **errp)
{
    PCIDevice *slot = qdev_is_realized(DEVICE(d)) ? cxl_port_above(d) : NULL;

    if (!slot || !object_dynamic_cast(OBJECT(slot), TYPE_PCIE_SLOT)) {
        error_setg(errp, "'%s' is not in a slot of a cxl-rp or "
                   "cxl-downstream", path);
        return NULL;
    }
    if (!PCIE_SLOT(slot)->hotplug) {
        error_setg(errp, "the slot of '%s' does not allow hot-plug: start "
                   "its port with hotplug=on", path);
        return NULL;
    }
    return slot;
}

static bool may_leave(PCIDevice *slot, Error **errp)
{
    PCIBus *bus = pci_bridge_get_sec_bus(PCI_BRIDGE(slot));

    for (unsigned devfn = 0; devfn < ARRAY_SIZE(bus->devices); devfn++) {
        PCIDevice *d = bus->devices[devfn];

        if (d && !qdev_hotunplug_allowed(DEVICE(d), errp)) {
            return false;
        }
    }
    if (migration_is_running()) {
        error_setg(errp, "no device can be removed while a migration runs");
        return false;
    }
    return true;
}

void qmp_cxl_surprise_remove(const char *path, Error **errp)
{
    PCIDevice *d = find_device(path, errp);
    PCIDevice *slot = d ? find_slot(d, path, errp) : NULL;

    if (slot && may_leave(slot, errp)) {
        pcie_cap_slot_surprise_removal(slot);
    }
}
