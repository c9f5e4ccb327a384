/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/viral.h"

void cxl_viral_init(CXLViral *viral, CXLDvsec *dvsec)
{
    *viral = (CXLViral) { .dvsec = dvsec };
}

static bool on_device(const CXLViral *viral)
{
    return viral->dvsec->id == CXL_DVSEC_DEVICE;
}

static bool enabled(const CXLViral *viral)
{
    CXLRegBank *bank = &viral->dvsec->bank;

    return on_device(viral) ?
        FIELD_EX32(cxl_regbank_get(bank, CXL_DEVICE_CONTROL, 2),
                   CXL_DEVICE_CTRL, VIRAL_ENABLE) :
        FIELD_EX32(cxl_regbank_get(bank, CXL_PORT_CONTROL, 2),
                   CXL_PORT_CTRL, VIRAL_ENABLE);
}

bool cxl_viral_enter(CXLViral *viral)
{
    CXLRegBank *bank = &viral->dvsec->bank;
    uint32_t at = on_device(viral) ? CXL_DEVICE_STATUS : CXL_PORT_STATUS;
    uint32_t bit = on_device(viral) ? R_CXL_DEVICE_STATUS_VIRAL_MASK
                                    : R_CXL_PORT_STATUS_VIRAL_MASK;

    if (!enabled(viral)) {
        return false;
    }
    viral->active = true;
    cxl_regbank_set(bank, at, cxl_regbank_get(bank, at, 2) | bit, 2);
    return true;
}

void cxl_viral_reset(CXLViral *viral)
{
    viral->active = false;
}
