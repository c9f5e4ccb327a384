/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's wall clock: 0 until the host sets it, then it runs.
 * CXL r3.2: Timestamp.
 */
#ifndef HW_CXL_CORE_TIMESTAMP_H
#define HW_CXL_CORE_TIMESTAMP_H

#include "hw/cxl/core/port.h"

typedef struct CXLTimestamp {
    CXLClock clock;
    bool set;
    uint64_t host;      /* ns since 1970-01-01 UTC, as the host said */
    uint64_t at;        /* the clock when it said so */
} CXLTimestamp;

void cxl_timestamp_init(CXLTimestamp *ts, const CXLClock *clock);
/* A conventional reset forgets the time. */
void cxl_timestamp_reset(CXLTimestamp *ts, CXLResetKind kind);
void cxl_timestamp_set(CXLTimestamp *ts, uint64_t ns);
/* Nanoseconds since 1970-01-01 UTC, or 0. */
uint64_t cxl_timestamp_get(const CXLTimestamp *ts);

#endif
