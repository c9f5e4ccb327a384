/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every downstream-facing port has: registers, DVSECs, SBR masking. */
#ifndef HW_CXL_MODEL_PORT_COMMON_H
#define HW_CXL_MODEL_PORT_COMMON_H

#include "hw/cxl/model/glue_pci.h"
#include "migration/vmstate.h"

#define CXL_PORT_COMPONENT_BAR 0

typedef struct CXLPort {
    CXLPciExt ext;
    CXLComponent component;
    MemoryRegion component_mr;
    CXLDvsec dvsec_port, dvsec_gpf, dvsec_flexbus, dvsec_locator;
    bool hot_reset;             /* a secondary bus reset is under way */
} CXLPort;

/* @first: where extended capabilities may go, after the port's own. */
void cxl_port_init(CXLPort *port, PCIDevice *dev, CXLComponentKind kind,
                   CXLFlexBusKind flexbus, uint16_t first);
void cxl_port_finish(CXLPort *port);
void cxl_port_reset(CXLPort *port, CXLResetKind kind);
/*
 * A configuration write: @parent is the base's, which would reset the bus.
 * CXL r3.2: Unmask SBR of the port DVSEC.
 */
void cxl_port_config_write(CXLPort *port, uint32_t addr, uint32_t val,
                           int len,
                           void (*parent)(PCIDevice *dev, uint32_t addr,
                                          uint32_t val, int len));

extern const VMStateDescription vmstate_cxl_port;

#endif
