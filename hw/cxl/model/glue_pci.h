/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PCI function's side of the core: DVSECs, DOE, register blocks, MSI-X. */
#ifndef HW_CXL_MODEL_GLUE_PCI_H
#define HW_CXL_MODEL_GLUE_PCI_H

#include "hw/cxl/core/component.h"
#include "hw/cxl/core/doe.h"
#include "hw/cxl/core/dvsec.h"
#include "hw/pci/pci_device.h"

#define CXL_PCI_MAX_DVSECS 8

/* Extended capabilities whose bytes the core keeps. */
typedef struct CXLPciExt {
    PCIDevice *dev;
    uint16_t next;              /* first free byte of configuration space */
    struct {
        uint16_t offset;
        CXLDvsec *dvsec;
    } dvsec[CXL_PCI_MAX_DVSECS];
    unsigned dvsec_count;
    CXLDoe *doe;                /* NULL: none */
    uint16_t doe_offset;
} CXLPciExt;

/* @first: offset in bytes for the first capability added. */
void cxl_pci_ext_init(CXLPciExt *ext, PCIDevice *dev, uint16_t first);
void cxl_pci_ext_add_dvsec(CXLPciExt *ext, CXLDvsec *dvsec);
void cxl_pci_ext_add_doe(CXLPciExt *ext, CXLDoe *doe);
/* Show in configuration space what the DVSECs hold now. */
void cxl_pci_ext_sync(CXLPciExt *ext);
/* To be called after the function's own configuration write. */
void cxl_pci_ext_write(CXLPciExt *ext, uint32_t addr, uint32_t val, int len);
/* @val: what the function itself would have read. */
uint32_t cxl_pci_ext_read(CXLPciExt *ext, uint32_t addr, uint32_t val,
                          int len);

/* A 64 KiB region of @comp's registers; @owner is the device they trace as. */
void cxl_pci_component_region(MemoryRegion *mr, Object *owner,
                              CXLComponent *comp, const char *name);

/* MSI-X of @dev; silent while the guest has it disabled. */
CXLIrq cxl_pci_irq(PCIDevice *dev);
/* Commands and refused writes of @dev as trace events. */
CXLTrace cxl_pci_trace(DeviceState *dev);

#endif
