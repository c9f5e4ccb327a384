/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core's clock on QEMU's virtual clock: it stops with the guest. */
#ifndef HW_CXL_MODEL_GLUE_TIMER_H
#define HW_CXL_MODEL_GLUE_TIMER_H

#include "hw/cxl/core/port.h"
#include "qemu/timer.h"

typedef struct CXLGlueTimer {
    QEMUTimer *timer;
} CXLGlueTimer;

/* @tick is called at the deadline that the core has armed. */
CXLClock cxl_glue_timer_init(CXLGlueTimer *timer, QEMUTimerCB *tick,
                             void *opaque);
void cxl_glue_timer_finish(CXLGlueTimer *timer);

#endif
