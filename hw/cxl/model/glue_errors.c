/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_errors.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/trace.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_aer.h"
#include "hw/pci/pcie_regs.h"

CXLErrors *cxl_errors_of(Object *obj)
{
    Object *source = object_dynamic_cast(obj, TYPE_CXL_ERROR_SOURCE);

    return source ?
        CXL_ERROR_SOURCE_GET_CLASS(source)->get(PCI_DEVICE(obj)) : NULL;
}

/*
 * The base leaves AER alone in every reset; it is sticky, but does not
 * survive a power cycle.
 */
static void aer_power_on(PCIDevice *dev, bool unmasked)
{
    uint8_t *aer = dev->config + dev->exp.aer_cap;
    uint32_t uncor = pci_get_long(dev->wmask + dev->exp.aer_cap +
                                  PCI_ERR_UNCOR_MASK);

    uncor &= PCI_ERR_UNC_MASK_DEFAULT & ~(unmasked ? PCI_ERR_UNC_INTN : 0);
    pci_set_long(aer + PCI_ERR_UNCOR_STATUS, 0);
    pci_set_long(aer + PCI_ERR_UNCOR_MASK, uncor);
    pci_set_long(aer + PCI_ERR_UNCOR_SEVER, PCI_ERR_UNC_SEVERITY_DEFAULT);
    pci_set_long(aer + PCI_ERR_COR_STATUS, 0);
    pci_set_long(aer + PCI_ERR_COR_MASK, PCI_ERR_COR_MASK_DEFAULT &
                                  ~(unmasked ? PCI_ERR_COR_INTERNAL : 0));
    pci_long_test_and_clear_mask(aer + PCI_ERR_CAP, PCI_ERR_CAP_FEP_MASK |
                                 PCI_ERR_CAP_TLP | PCI_ERR_CAP_MHRE |
                                 PCI_ERR_CAP_ECRC_GENE |
                                 PCI_ERR_CAP_ECRC_CHKE);
    memset(aer + PCI_ERR_HEADER_LOG, 0, PCI_ERR_HEADER_LOG_SIZE);
    dev->exp.aer_log.log_num = 0;
}

/* What errors change and software cannot: not compared on load. */
static void aer_let_load(PCIDevice *dev)
{
    uint8_t *cmask = dev->cmask + dev->exp.aer_cap;

    pci_set_long(cmask + PCI_ERR_CAP,
                 ~(uint32_t)(PCI_ERR_CAP_FEP_MASK | PCI_ERR_CAP_TLP));
    memset(cmask + PCI_ERR_HEADER_LOG, 0, PCI_ERR_HEADER_LOG_SIZE);
    if (pcie_cap_get_type(dev) == PCI_EXP_TYPE_ROOT_PORT) {
        pci_set_long(cmask + PCI_ERR_ROOT_ERR_SRC, 0);
    }
}

void cxl_errors_init(CXLErrors *errors, CXLPciExt *ext, CXLRas *ras,
                     CXLDvsec *viral)
{
    errors->ext = ext;
    errors->ras = ras;
    cxl_viral_init(&errors->viral, viral);
    if (errors->unmasked) {
        cxl_ras_unmask(ras);
    }
    aer_let_load(ext->dev);
    aer_power_on(ext->dev, errors->unmasked);
}

void cxl_errors_reset(CXLErrors *errors, CXLResetKind kind)
{
    cxl_viral_reset(&errors->viral);
    if (kind == CXL_RESET_COLD) {
        aer_power_on(errors->ext->dev, errors->unmasked);
    }
}

/*
 * The severity of an internal error is AER's, which the base looks at; RAS
 * may only tone it down.  Nothing else can see the register meanwhile.
 */
static void signal_uncorrectable(PCIDevice *dev, bool fatal)
{
    uint8_t *severity = dev->config + dev->exp.aer_cap + PCI_ERR_UNCOR_SEVER;
    uint32_t chosen = pci_get_long(severity);
    PCIEAERErr err = {
        .status = PCI_ERR_UNC_INTN,
        .source_id = pci_requester_id(dev),
    };

    if (!fatal) {
        pci_set_long(severity, chosen & ~PCI_ERR_UNC_INTN);
    }
    /* The message may be a write to a slot's power, and @dev go with it. */
    object_ref(OBJECT(dev));
    pcie_aer_inject_error(dev, &err);
    if (qdev_is_realized(DEVICE(dev))) {
        pci_set_long(severity, chosen);
    }
    object_unref(OBJECT(dev));
}

static void signal_correctable(PCIDevice *dev)
{
    PCIEAERErr err = {
        .status = PCI_ERR_COR_INTERNAL,
        .flags = PCIE_AER_ERR_IS_CORRECTABLE,
        .source_id = pci_requester_id(dev),
    };

    pcie_aer_inject_error(dev, &err);
}

void cxl_errors_signal(CXLErrors *errors, CXLRasSignal signal)
{
    PCIDevice *dev = errors->ext->dev;

    trace_cxl_error(dev->name, signal);
    if (signal == CXL_RAS_CORRECTABLE) {
        signal_correctable(dev);
    } else if (signal != CXL_RAS_SILENT) {
        signal_uncorrectable(dev, signal == CXL_RAS_FATAL);
    }
}

bool cxl_errors_viral(CXLErrors *errors)
{
    if (!cxl_viral_enter(&errors->viral)) {
        return false;
    }
    cxl_pci_ext_sync(errors->ext);
    cxl_glue_route_changed();
    return true;
}

static const TypeInfo error_source_info = {
    .name = TYPE_CXL_ERROR_SOURCE,
    .parent = TYPE_INTERFACE,
    .class_size = sizeof(CXLErrorSourceClass),
};

static void error_source_register_types(void)
{
    type_register_static(&error_source_info);
}

type_init(error_source_register_types)
