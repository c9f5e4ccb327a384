/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who the component is: what the two identify commands answer beside what
 * other parts know.  CXL r3.2: Identify, Identify Memory Device.
 */
#ifndef HW_CXL_CORE_IDENTITY_H
#define HW_CXL_CORE_IDENTITY_H

#include "hw/cxl/core/evlog.h"
#include "hw/cxl/core/firmware.h"
#include "hw/cxl/core/lsa.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/core/poison.h"

typedef struct CXLIdentity {
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint64_t serial;
    uint8_t component_type;         /* 0 switch, 3 type 3 */
    const CXLMediaState *media;     /* the rest: NULL unless a memory device */
    const CXLFirmware *firmware;
    const CXLEventLogs *events;
    const CXLLsa *lsa;
    const CXLPoisonList *poison;    /* NULL: it keeps none */
} CXLIdentity;

#endif
