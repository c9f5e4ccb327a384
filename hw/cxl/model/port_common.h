/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What root ports and the ports of switches share: registers, DVSECs, the
 * reset of the link below and its masking.
 */
#ifndef HW_CXL_MODEL_PORT_COMMON_H
#define HW_CXL_MODEL_PORT_COMMON_H

#include "hw/cxl/model/glue_errors.h"
#include "hw/pci/pcie_port.h"
#include "migration/vmstate.h"

#define CXL_PORT_COMPONENT_BAR 0

typedef struct CXLPort {
    CXLPciExt ext;
    CXLComponent component;
    MemoryRegion component_mr;
    CXLDvsec dvsec_port, dvsec_flexbus, dvsec_locator;
    CXLDvsec dvsec_gpf;         /* not of an upstream port */
    bool flit_256b;             /* property: offers Flit Mode */
    CXLErrors errors;
    bool link_broken;           /* by a user: see port_link.h */
    bool link_disabled;         /* by the guest */
    bool hot_reset;             /* a secondary bus reset is under way */
} CXLPort;

/* What a PCI function implements that is such a port. */
#define TYPE_CXL_PORT "cxl-port"
typedef struct CXLPortClass {
    InterfaceClass parent;

    CXLPort *(*get)(PCIDevice *dev);
} CXLPortClass;
DECLARE_CLASS_CHECKERS(CXLPortClass, CXL_PORT, TYPE_CXL_PORT)

/* @dev's port; NULL if it is not one (or is NULL). */
CXLPort *cxl_port_of(PCIDevice *dev);
/* The same for CXLErrorSourceClass: @dev is a port. */
CXLErrors *cxl_port_errors(PCIDevice *dev);
/* The root or downstream port at the other end of @dev's link, or NULL. */
PCIDevice *cxl_port_above(PCIDevice *dev);
/* Is a hot reset, of the link above @dev or higher, what resets it now? */
bool cxl_port_in_hot_reset(PCIDevice *dev);

/*
 * PCIe r6.0: Flit Mode.  @dev offers it on its link, or does not; the
 * function that faces the host then trains with the port above it.
 */
void cxl_port_offer_flit(PCIDevice *dev, bool offer);
void cxl_port_train(PCIDevice *dev);
/* @dev leaves its link. */
void cxl_port_untrain(PCIDevice *dev);

/*
 * @first: where extended capabilities may go, after the port's own.
 * @decoders: of an upstream port, else 0.
 */
void cxl_port_init(CXLPort *port, PCIDevice *dev, CXLComponentKind kind,
                   unsigned decoders, uint16_t first);
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

/*
 * Claim @slot's chassis= and slot=, to be given back with
 * pcie_chassis_del_slot().  False when another port has both.
 */
bool cxl_port_add_slot(PCIESlot *slot, Error **errp);

extern const VMStateDescription vmstate_cxl_port;

#endif
