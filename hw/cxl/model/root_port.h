/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-rp: a CXL root port. */
#ifndef HW_CXL_MODEL_ROOT_PORT_H
#define HW_CXL_MODEL_ROOT_PORT_H

#include "hw/cxl/model/port_common.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pcie_port.h"

#define TYPE_CXL_ROOT_PORT "cxl-rp"
OBJECT_DECLARE_SIMPLE_TYPE(CXLRootPort, CXL_ROOT_PORT)

struct CXLRootPort {
    PCIESlot parent_obj;

    PCIResReserve reserve;
    CXLPort port;
};

#endif
