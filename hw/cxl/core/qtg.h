/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QoS throttling groups: those of a machine's windows, and in which order
 * they suit a performance.  CXL r3.2: _DSM function for retrieving QTG ID.
 */
#ifndef HW_CXL_CORE_QTG_H
#define HW_CXL_CORE_QTG_H

#define CXL_QTG_MAX 16              /* groups on one machine */

/* What a group asks of the memory in it; 0: nothing. */
typedef struct CXLQtgGroup {
    uint16_t id;
    uint32_t max_latency;           /* nanoseconds, read and write */
    uint32_t min_bandwidth;         /* MB/s, read and write */
} CXLQtgGroup;

/* Most demanding first: least latency, most bandwidth, least id. */
typedef struct CXLQtgTable {
    CXLQtgGroup group[CXL_QTG_MAX];
    unsigned count;
} CXLQtgTable;

typedef enum CXLQtgAdded {
    CXL_QTG_ADDED,
    CXL_QTG_FULL,                   /* would be group CXL_QTG_MAX + 1 */
    CXL_QTG_OTHER_LATENCY,          /* the group has another limit already */
    CXL_QTG_OTHER_BANDWIDTH,
} CXLQtgAdded;

/*
 * One window's group.  A window that leaves a limit at 0 takes that of the
 * others in its group.  Unless added, @table stays as it was.
 */
CXLQtgAdded cxl_qtg_add(CXLQtgTable *table, const CXLQtgGroup *group);
/* Is there anything to choose by: a limit, or a group other than 0? */
bool cxl_qtg_configured(const CXLQtgTable *table);
/* The greatest id, 0 without groups. */
uint16_t cxl_qtg_greatest(const CXLQtgTable *table);
/*
 * Write all ids to @id (table->count of them), best first, for memory that
 * suits group number @best of the table and none before it: that group, the
 * less demanding ones, then the more demanding ones, nearest first.
 */
void cxl_qtg_order(const CXLQtgTable *table, unsigned best,
                   uint16_t id[CXL_QTG_MAX]);

#endif
