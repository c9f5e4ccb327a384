/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device logs of poison.  CXL r3.2: General Media Event Record. */
#ifndef HW_CXL_CORE_POISON_EVENT_H
#define HW_CXL_CORE_POISON_EVENT_H

#include "hw/cxl/core/event_types.h"
#include "hw/cxl/core/poison.h"

/*
 * The host has read the line at @dpa, which is poison: a failure, unless the
 * log has a record of just that already.
 */
void cxl_poison_event_read(CXLEventLogs *logs, const CXLMediaState *media,
                           uint64_t dpa);

#endif
