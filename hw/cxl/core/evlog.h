/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event logs: bounded queues of 128-byte records, with handles, overflow and
 * the interrupt on becoming non-empty.
 * CXL r3.2: Events.
 */
#ifndef HW_CXL_CORE_EVLOG_H
#define HW_CXL_CORE_EVLOG_H

#include "hw/cxl/core/timestamp.h"
#include "hw/cxl/spec/event.h"

typedef struct CXLEventLog {
    CXLWireEventRecord *ring;   /* depth entries */
    uint32_t depth, head, count;
    uint16_t next_handle;       /* never 0 */
    uint16_t overflow_count;    /* saturates */
    uint64_t overflow_first, overflow_last;
    uint8_t policy;             /* CXL r3.2: Event Interrupt Settings byte */
    uint8_t vector;             /* MSI-X message number, 0 to 15 */
} CXLEventLog;

typedef struct CXLEventLogs {
    CXLEventLog log[CXL_EVENT_LOGS];
    unsigned count;             /* 4, or 5 with the dynamic capacity log */
    uint16_t mctp_policy;       /* CXL_MCTP_POLICY_*; nobody is told */
    const CXLTimestamp *timestamp;
    CXLIrq irq;
} CXLEventLogs;

/* @depth: records per log, 1 to 65535; @vectors: one per log. */
void cxl_evlog_init(CXLEventLogs *logs, unsigned count, uint32_t depth,
                    const uint8_t *vectors, const CXLTimestamp *timestamp,
                    const CXLIrq *irq);
void cxl_evlog_finish(CXLEventLogs *logs);
/*
 * A cold reset empties the logs; a conventional one turns the interrupts
 * off; a CXL reset changes nothing.
 */
void cxl_evlog_reset(CXLEventLogs *logs, CXLResetKind kind);
/*
 * Append @record: handle, length, timestamp and severity are filled in.  A
 * full log drops it, counts it and keeps the times.  False if dropped.
 */
bool cxl_evlog_add(CXLEventLogs *logs, CXLEventLogId id,
                   const CXLWireEventRecord *record);
/* The @n-th oldest record, or NULL. */
const CXLWireEventRecord *cxl_evlog_peek(const CXLEventLogs *logs,
                                         CXLEventLogId id, uint32_t n);
/* Drop the @n oldest records; leaves the overflow state once not full. */
void cxl_evlog_drop(CXLEventLogs *logs, CXLEventLogId id, uint32_t n);
/* Has the log dropped records since it was last not full? */
bool cxl_evlog_overflowed(const CXLEventLogs *logs, CXLEventLogId id);
/* Do loaded counters stay within the ring?  If not, do not use the log. */
bool cxl_evlog_valid(const CXLEventLogs *logs);
/* The Event Status register: bit per log that holds records. */
uint32_t cxl_evlog_status(const CXLEventLogs *logs);

#endif
