/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scan of the media for poison, in background, and what it has found:
 * also what the poison list had no room for.  CXL r3.2: Scan Media.
 */
#ifndef HW_CXL_CORE_SCAN_H
#define HW_CXL_CORE_SCAN_H

#include "hw/cxl/core/cci_bg.h"
#include "hw/cxl/core/event_types.h"
#include "hw/cxl/core/poison.h"
#include "hw/cxl/spec/cmd_scan.h"

#define CXL_SCAN_MAX (2 * CXL_POISON_MAX)

typedef struct CXLScan {
    CXLPoisonList *poison;
    CXLEventLogs *events;
    const CXLBg *bg;            /* that it runs in: how far it is */
    uint64_t dpa, length;       /* bytes: what is or was to be scanned */
    bool quiet;                 /* no event records */
    bool valid;                 /* there are results */
    uint64_t scanned;           /* bytes of @length; less: it was stopped */
    CXLPoisonRange found[CXL_SCAN_MAX];
    uint32_t count, next;       /* results; those before @next were read */
} CXLScan;

extern const CXLBgOps cxl_scan_ops;

/* @events may be NULL. */
void cxl_scan_init(CXLScan *scan, CXLPoisonList *poison,
                   CXLEventLogs *events, const CXLBg *bg);
/* Any reset but a CXL reset forgets the results; a running scan has ended. */
void cxl_scan_reset(CXLScan *scan, CXLResetKind kind);
/* ms that a scan of so many bytes takes, at least 1. */
uint32_t cxl_scan_estimate(uint64_t length);
/* What the background operation is to scan; the last results are gone. */
void cxl_scan_prepare(CXLScan *scan, uint64_t dpa, uint64_t length,
                      bool quiet);
/*
 * A loaded state is one that could have come about, and if so the scan runs
 * if @running.  If not, reset it.
 */
bool cxl_scan_loaded(CXLScan *scan, bool running);

#endif
