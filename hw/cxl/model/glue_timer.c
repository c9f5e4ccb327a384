/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_timer.h"

static uint64_t clock_now(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void clock_arm(void *opaque, uint64_t deadline)
{
    CXLGlueTimer *timer = opaque;

    if (!timer->timer) {
        return;         /* unplugged by a message of its own */
    }
    if (deadline > INT64_MAX) {
        timer_del(timer->timer);
    } else {
        timer_mod_ns(timer->timer, deadline);
    }
}

CXLClock cxl_glue_timer_init(CXLGlueTimer *timer, QEMUTimerCB *tick,
                             void *opaque)
{
    static const CXLClockOps ops = { .now = clock_now, .arm = clock_arm };

    timer->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, tick, opaque);
    return (CXLClock) { .ops = &ops, .opaque = timer };
}

void cxl_glue_timer_finish(CXLGlueTimer *timer)
{
    timer_free(timer->timer);
    timer->timer = NULL;
}
