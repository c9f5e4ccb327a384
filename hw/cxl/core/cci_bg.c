/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Background Operations: one at a time. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cci_bg.h"

/* So that elapsed time * 100 fits 64 bits: five years. */
#define LONGEST (UINT64_MAX / 100)
/* From one piece of work to the next, ns */
#define PIECE_PERIOD 1000000ULL

void cxl_bg_init(CXLBg *bg, const CXLClock *clock)
{
    *bg = (CXLBg) { 0 };
    if (clock) {
        bg->clock = *clock;
    }
}

bool cxl_bg_running(const CXLBg *bg)
{
    return bg->ops != NULL;
}

unsigned cxl_bg_percent(const CXLBg *bg)
{
    uint64_t elapsed = cxl_clock_now(&bg->clock) - bg->started;

    if (!cxl_bg_running(bg)) {
        return bg->percent;
    }
    /* 100 says that the return code is valid: not before finish(). */
    if (elapsed >= bg->duration) {
        return 99;
    }
    return elapsed * 100 / bg->duration;
}

/* The operation is no longer running. */
static void stop(CXLBg *bg, unsigned percent, CXLRetCode rc)
{
    bg->ops = NULL;
    bg->state = NULL;
    bg->percent = percent;
    bg->rc = rc;
}

static void tell_owner(const CXLBg *bg)
{
    if (bg->done) {
        bg->done(bg->done_opaque);
    }
}

void cxl_bg_reset(CXLBg *bg)
{
    const CXLBgOps *ops = bg->ops;
    void *state = bg->state;

    stop(bg, 0, CXL_RC_SUCCESS);
    bg->opcode = 0;
    cxl_clock_arm(&bg->clock, UINT64_MAX);
    if (ops && ops->abort) {
        ops->abort(state);
    }
}

void cxl_bg_start(CXLBg *bg, const CXLBgOps *ops, void *state,
                  uint16_t opcode)
{
    bg->opcode = opcode;
    bg->started = cxl_clock_now(&bg->clock);
    bg->duration = ops->duration(state);
    cxl_bg_resume(bg, ops, state);
    if (ops->work || !bg->duration) {
        cxl_bg_tick(bg);
    }
    while (!bg->duration && cxl_bg_running(bg)) {
        cxl_bg_tick(bg);
    }
}

/* Is there work to do, or time left after it?  Then the clock is armed. */
static bool goes_on(CXLBg *bg)
{
    uint64_t now = cxl_clock_now(&bg->clock);

    if (!bg->ops->work(bg->state)) {
        cxl_clock_arm(&bg->clock, now + PIECE_PERIOD);
        return true;
    }
    cxl_clock_arm(&bg->clock, bg->started + bg->duration);
    return now - bg->started < bg->duration;
}

void cxl_bg_tick(CXLBg *bg)
{
    CXLRetCode rc;

    if (!cxl_bg_running(bg) || (bg->ops->work && goes_on(bg))) {
        return;
    }
    rc = bg->ops->finish(bg->state);
    stop(bg, 100, rc);
    cxl_clock_arm(&bg->clock, UINT64_MAX);
    tell_owner(bg);
}

CXLRetCode cxl_bg_abort(CXLBg *bg)
{
    const CXLBgOps *ops = bg->ops;
    void *state = bg->state;

    if (!ops) {
        return CXL_RC_SUCCESS;
    }
    if (!ops->abort) {
        return CXL_RC_ABORT_UNSUPPORTED;
    }
    stop(bg, cxl_bg_percent(bg), CXL_RC_ABORTED);
    cxl_clock_arm(&bg->clock, UINT64_MAX);
    ops->abort(state);
    tell_owner(bg);
    return CXL_RC_SUCCESS;
}

void cxl_bg_resume(CXLBg *bg, const CXLBgOps *ops, void *state)
{
    bg->ops = ops;
    bg->state = state;
    bg->percent = 0;
    bg->rc = CXL_RC_SUCCESS;
    bg->duration = MIN(bg->duration, LONGEST);
    bg->started = MIN(bg->started, cxl_clock_now(&bg->clock));
    cxl_clock_arm(&bg->clock, ops->work ?
                  cxl_clock_now(&bg->clock) + PIECE_PERIOD :
                  bg->started + bg->duration);
}
