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
/*
 * The line at @dpa is in @list now: injected by the host, which is
 * informational, or found by the device; or it is not, for want of room.
 * Nothing happens if the list has no logs.  An interrupt's message may reach
 * any register: nothing of the device may be half done.
 */
void cxl_poison_event_injected(const CXLPoisonList *list, uint64_t dpa);
void cxl_poison_event_found(const CXLPoisonList *list, uint64_t dpa);
void cxl_poison_event_overflow(const CXLPoisonList *list, uint64_t dpa);

#endif
