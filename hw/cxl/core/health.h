/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's state of health.  CXL r3.2: Get Health Info.
 */
#ifndef HW_CXL_CORE_HEALTH_H
#define HW_CXL_CORE_HEALTH_H

#include "hw/cxl/core/port.h"

typedef struct CXLHealth {
    uint8_t status;             /* maintenance, performance, replacement.. */
    uint8_t media_status;
    uint8_t additional_status;
    uint8_t life_used;          /* percent; 0xff not reported */
    int16_t temperature;        /* degrees Celsius */
    uint32_t dirty_shutdowns;
    uint32_t corrected_volatile;
    uint32_t corrected_persistent;
} CXLHealth;

/* A new device at room temperature. */
void cxl_health_init(CXLHealth *health);

#endif
