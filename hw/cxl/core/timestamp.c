/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Timestamp. */
#include "qemu/osdep.h"
#include "hw/cxl/core/timestamp.h"

void cxl_timestamp_init(CXLTimestamp *ts, const CXLClock *clock)
{
    *ts = (CXLTimestamp) { .clock = *clock };
}

void cxl_timestamp_reset(CXLTimestamp *ts, CXLResetKind kind)
{
    if (kind != CXL_RESET_CXL) {
        ts->set = false;
        ts->host = ts->at = 0;
    }
}

void cxl_timestamp_set(CXLTimestamp *ts, uint64_t ns)
{
    ts->set = true;
    ts->host = ns;
    ts->at = cxl_clock_now(&ts->clock);
}

uint64_t cxl_timestamp_get(const CXLTimestamp *ts)
{
    return ts->set ? ts->host + (cxl_clock_now(&ts->clock) - ts->at) : 0;
}
