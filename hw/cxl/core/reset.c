/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/reset.h"

static void show(CXLReset *reset, uint32_t bit)
{
    CXLRegBank *bank = &reset->dvsec->bank;

    cxl_regbank_set(bank, CXL_DEVICE_STATUS2,
                    cxl_regbank_get(bank, CXL_DEVICE_STATUS2, 2) | bit, 2);
}

static void finish(CXLReset *reset, bool good)
{
    cxl_reset_kill(reset);
    show(reset, good ? R_CXL_DEVICE_STATUS2_RESET_COMPLETE_MASK
                     : R_CXL_DEVICE_STATUS2_RESET_ERROR_MASK);
    reset->ops->ended(reset->opaque);
}

static void next_piece_later(CXLReset *reset)
{
    cxl_clock_arm(&reset->clock,
                  cxl_clock_now(&reset->clock) + CXL_RESET_PERIOD);
}

/* The status bits of the last one go with the reset of the DVSEC. */
static void initiate(void *opaque, bool clear)
{
    CXLReset *reset = opaque;

    if (reset->clearing) {
        cxl_trace_refused(&reset->dvsec->bank.trace, "INITIATE_CXL_RESET", 1);
        return;
    }
    reset->ops->reset(reset->opaque);
    if (clear && reset->media->volatile_size) {
        reset->clearing = true;
        reset->dpa = 0;
        next_piece_later(reset);
    } else {
        finish(reset, true);
    }
}

void cxl_reset_init(CXLReset *reset, CXLDvsec *dvsec,
                    const CXLMediaState *media, const CXLClock *clock,
                    const CXLResetOps *ops, void *opaque)
{
    *reset = (CXLReset) {
        .dvsec = dvsec,
        .media = media,
        .clock = *clock,
        .ops = ops,
        .opaque = opaque,
    };
    dvsec->initiate_reset = initiate;
    dvsec->reset_opaque = reset;
}

void cxl_reset_kill(CXLReset *reset)
{
    reset->clearing = false;
    reset->dpa = 0;
    cxl_clock_arm(&reset->clock, UINT64_MAX);
}

void cxl_reset_tick(CXLReset *reset)
{
    uint64_t end = reset->media->volatile_size;
    uint64_t len;

    if (!reset->clearing) {
        return;
    }
    len = MIN(CXL_RESET_PIECE, end - MIN(end, reset->dpa));
    if (!cxl_media_fill(&reset->media->store, reset->dpa, 0, len)) {
        finish(reset, false);
        return;
    }
    reset->dpa += len;
    if (reset->dpa >= end) {
        finish(reset, true);
    } else {
        next_piece_later(reset);
    }
}

bool cxl_reset_resume(CXLReset *reset)
{
    if (reset->dpa > cxl_media_total(reset->media)) {
        cxl_reset_kill(reset);
        return false;
    }
    if (reset->clearing) {
        next_piece_later(reset);
    }
    return true;
}
