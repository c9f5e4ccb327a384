/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL reset: software initiates it in the device DVSEC and polls there for
 * its end.  Volatile memory, if it is to be cleared, is cleared in pieces
 * while the rest of the machine goes on.
 * CXL r3.2: CXL Reset; CXL Reset Mem Clear.
 */
#ifndef HW_CXL_CORE_RESET_H
#define HW_CXL_CORE_RESET_H

#include "hw/cxl/core/dvsec.h"
#include "hw/cxl/core/media.h"

/* Bytes cleared at once, and the time from one piece to the next. */
#define CXL_RESET_PIECE (16 * 1024 * 1024ULL)
#define CXL_RESET_PERIOD 1000000ULL         /* ns */

typedef struct CXLResetOps {
    /* Reset all that a CXL reset reaches, the DVSEC included. */
    void (*reset)(void *opaque);
    /* It has ended; the DVSEC says how. */
    void (*ended)(void *opaque);
} CXLResetOps;

typedef struct CXLReset {
    CXLDvsec *dvsec;
    const CXLMediaState *media;
    CXLClock clock;
    const CXLResetOps *ops;
    void *opaque;
    bool clearing;              /* memory must not be reached meanwhile */
    uint64_t dpa;               /* what is below has been cleared */
} CXLReset;

/* Also lets a write to @dvsec, a device's, initiate it. */
void cxl_reset_init(CXLReset *reset, CXLDvsec *dvsec,
                    const CXLMediaState *media, const CXLClock *clock,
                    const CXLResetOps *ops, void *opaque);
/* A conventional reset ends it, without a word. */
void cxl_reset_kill(CXLReset *reset);
/* The clock's deadline has come. */
void cxl_reset_tick(CXLReset *reset);
/* After loading clearing and dpa: go on, or false if they make no sense. */
bool cxl_reset_resume(CXLReset *reset);

#endif
