/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one background operation of a CCI.
 * CXL r3.2: Background Operations; Background Command Status register.
 */
#ifndef HW_CXL_CORE_CCI_BG_H
#define HW_CXL_CORE_CCI_BG_H

#include "hw/cxl/core/port.h"
#include "hw/cxl/spec/cci.h"

typedef struct CXLBgOps {
    /* Nanoseconds from start to completion; 0 completes at once. */
    uint64_t (*duration)(void *state);
    /* The end: returns the final return code. */
    CXLRetCode (*finish)(void *state);
    /* Stopped by request (NULL: cannot be) or by a reset. */
    void (*abort)(void *state);
    /*
     * A piece of what there is to do, small enough for nobody to notice;
     * true once all is done.  Called from the start on, until then.  NULL:
     * finish() does it all.
     */
    bool (*work)(void *state);
} CXLBgOps;

typedef struct CXLBg {
    CXLClock clock;
    const CXLBgOps *ops;        /* running operation, or NULL */
    void *state;
    uint64_t started, duration; /* ns */
    uint16_t opcode;            /* of the last or running operation */
    uint8_t percent;            /* of a finished one: 100, or where it ended */
    uint16_t rc;                /* valid once not running */
    void (*done)(void *opaque); /* the CCI's owner: interrupt */
    void *done_opaque;
} CXLBg;

/* @clock: NULL when no command of the CCI runs in background. */
void cxl_bg_init(CXLBg *bg, const CXLClock *clock);
/* Stops the running operation and forgets the last one; not done(). */
void cxl_bg_reset(CXLBg *bg);
bool cxl_bg_running(const CXLBg *bg);
/* 0 to 100. */
unsigned cxl_bg_percent(const CXLBg *bg);
/* What takes no time has ended when it returns, however much work it is. */
void cxl_bg_start(CXLBg *bg, const CXLBgOps *ops, void *state,
                  uint16_t opcode);
/* The clock's deadline has come. */
void cxl_bg_tick(CXLBg *bg);
/* Success when idle or aborted; Abort Unsupported otherwise. */
CXLRetCode cxl_bg_abort(CXLBg *bg);
/* After loading started, duration and opcode: run on from there. */
void cxl_bg_resume(CXLBg *bg, const CXLBgOps *ops, void *state);

#endif
