/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PCI function's protocol errors: the RAS capability records them, AER
 * tells the host.  CXL r3.2: CXL RAS Capability Structure.
 */
#ifndef HW_CXL_MODEL_GLUE_ERRORS_H
#define HW_CXL_MODEL_GLUE_ERRORS_H

#include "hw/cxl/core/ras.h"
#include "hw/cxl/core/viral.h"
#include "hw/cxl/model/glue_pci.h"

typedef struct CXLErrors {
    CXLPciExt *ext;             /* of the function */
    CXLRas *ras;
    CXLViral viral;
    bool unmasked;              /* ras-unmasked=: as firmware would do it */
} CXLErrors;

/* What a function implements that has a RAS capability. */
#define TYPE_CXL_ERROR_SOURCE "cxl-error-source"
typedef struct CXLErrorSourceClass {
    InterfaceClass parent;

    CXLErrors *(*get)(PCIDevice *dev);
} CXLErrorSourceClass;
DECLARE_CLASS_CHECKERS(CXLErrorSourceClass, CXL_ERROR_SOURCE,
                       TYPE_CXL_ERROR_SOURCE)

/* @obj's errors; NULL if it has no RAS capability. */
CXLErrors *cxl_errors_of(Object *obj);

/*
 * What @ext, @ras and @viral (the DVSEC with its bits) point to must stay;
 * the function has AER.  The field unmasked was set before.
 */
void cxl_errors_init(CXLErrors *errors, CXLPciExt *ext, CXLRas *ras,
                     CXLDvsec *viral);
/* What is not in @ras or the DVSEC: AER (on a cold reset) and viral. */
void cxl_errors_reset(CXLErrors *errors, CXLResetKind kind);
/* Send what an error asks for towards the root port, as AER allows it. */
void cxl_errors_signal(CXLErrors *errors, CXLRasSignal signal);
/* False, and nothing happens, while the guest has not enabled viral. */
bool cxl_errors_viral(CXLErrors *errors);

#endif
