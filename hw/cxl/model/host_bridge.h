/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pxb-cxl: a CXL 2.0 host bridge. */
#ifndef HW_CXL_MODEL_HOST_BRIDGE_H
#define HW_CXL_MODEL_HOST_BRIDGE_H

#include "hw/cxl/core/component.h"
#include "hw/pci-bridge/pci_expander_bridge.h"

#define TYPE_PXB_CXL_DEV "pxb-cxl"
OBJECT_DECLARE_SIMPLE_TYPE(CXLHostBridge, PXB_CXL_DEV)

struct CXLHostBridge {
    PXBPCIEDev parent_obj;

    bool hdm_for_passthrough;
    uint8_t hdm_decoders;
    PCIBus *bus;
    CXLComponent component;
    MemoryRegion registers;         /* 64 KiB, placed by the machine */
};

/*
 * The ports exist now: with a single root port the bridge passes through
 * (no HDM decoders), unless hdm_for_passthrough is set.
 */
void cxl_host_bridge_settle(CXLHostBridge *bridge);

#endif
