/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Viral: a device or port that has to assume that what passes is corrupt.
 * CXL r3.2: CXL Viral Handling; Viral Enable and Viral Status of the DVSECs.
 */
#ifndef HW_CXL_CORE_VIRAL_H
#define HW_CXL_CORE_VIRAL_H

#include "hw/cxl/core/dvsec.h"

typedef struct CXLViral {
    CXLDvsec *dvsec;            /* the device's or the port's */
    bool active;
} CXLViral;

void cxl_viral_init(CXLViral *viral, CXLDvsec *dvsec);
/* False, and nothing happens, while Viral Enable is off. */
bool cxl_viral_enter(CXLViral *viral);
/* Any reset but that of a function ends it; the status bit is sticky. */
void cxl_viral_reset(CXLViral *viral);

#endif
