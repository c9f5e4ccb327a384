/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/host/topology.h"
#include "hw/cxl/model/port_link.h"
#include "hw/cxl/model/switch.h"
#include "hw/cxl/model/type3.h"
#include "hw/pci/pci_bus.h"

static CXLRouteNode *endpoint_node(CXLType3 *ct3d)
{
    CXLRouteNode *node = g_new0(CXLRouteNode, 1);

    node->endpoint = true;
    node->hdm = cxl_type3_hdm(ct3d);
    node->enabled = cxl_type3_mem_enabled(ct3d);
    node->device = ct3d;
    return node;
}

static void add_child(CXLRouteNode *node, uint8_t port, CXLRouteNode *child)
{
    unsigned n = node->child_count++;

    node->child = g_realloc_n(node->child, n + 1, sizeof(*node->child));
    node->child[n].port = port;
    node->child[n].node = child;
}

static void add_port(PCIBus *bus, PCIDevice *dev, void *opaque);

static CXLRouteNode *switch_node(CXLUpstream *us)
{
    CXLRouteNode *node = g_new0(CXLRouteNode, 1);

    node->enabled = true;
    node->hdm = cxl_upstream_hdm(us);
    pci_for_each_device_under_bus(pci_bridge_get_sec_bus(PCI_BRIDGE(us)),
                                  add_port, node);
    return node;
}

/* What sits at the other end of @port's link, or NULL. */
static CXLRouteNode *link_partner(PCIDevice *port)
{
    PCIBus *bus = pci_bridge_get_sec_bus(PCI_BRIDGE(port));
    Object *device = OBJECT(bus->devices[0]);

    if (device && object_dynamic_cast(device, TYPE_CXL_TYPE3)) {
        return endpoint_node(CXL_TYPE3(device));
    }
    if (device && object_dynamic_cast(device, TYPE_CXL_UPSTREAM) &&
        cxl_upstream_hdm(CXL_UPSTREAM(device))) {
        return switch_node(CXL_UPSTREAM(device));
    }
    return NULL;
}

/* Of a host bridge or a switch: the ports that face away from the host. */
static void add_port(PCIBus *bus, PCIDevice *dev, void *opaque)
{
    CXLRouteNode *node = opaque;
    CXLPort *port = cxl_port_of(dev);
    CXLRouteNode *child;

    if (!port || !cxl_port_link_up(port)) {
        return;
    }
    child = link_partner(dev);
    if (child) {
        add_child(node, PCIE_PORT(dev)->port, child);
    }
}

CXLRouteNode *cxl_topology_node(CXLHostBridge *bridge)
{
    CXLRouteNode *node = g_new0(CXLRouteNode, 1);

    node->enabled = true;
    node->hdm = cxl_component_hdm(&bridge->component);
    pci_for_each_device_under_bus(bridge->bus, add_port, node);
    return node;
}

void cxl_topology_free(CXLRouteNode *node)
{
    for (unsigned i = 0; i < node->child_count; i++) {
        cxl_topology_free(node->child[i].node);
    }
    g_free(node->child);
    g_free(node);
}
