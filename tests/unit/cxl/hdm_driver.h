/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a driver does with HDM decoders: 32-bit accesses, high half first. */
#ifndef TESTS_UNIT_CXL_HDM_DRIVER_H
#define TESTS_UNIT_CXL_HDM_DRIVER_H

#include "hw/cxl/core/hdm.h"

typedef struct HdmProgram {
    uint64_t base, size;
    unsigned iw, ig;
    uint32_t control;           /* other bits of the control register */
    uint64_t extra;             /* skip, or eight target bytes */
} HdmProgram;

static inline uint32_t hdm_read(const CXLHdm *hdm, uint32_t offset)
{
    return cxl_regbank_read(&hdm->bank, offset, 4);
}

static inline void hdm_write(CXLHdm *hdm, uint32_t offset, uint32_t value)
{
    cxl_regbank_write(&hdm->bank, offset, value, 4);
}

static inline uint32_t hdm_control(const CXLHdm *hdm, unsigned n)
{
    return hdm_read(hdm, CXL_HDM_REG(n, CXL_HDM_CONTROL));
}

static inline void hdm_write_pair(CXLHdm *hdm, unsigned n, unsigned low,
                                  uint64_t value)
{
    hdm_write(hdm, CXL_HDM_REG(n, low + 4), value >> 32);
    hdm_write(hdm, CXL_HDM_REG(n, low), value);
}

static inline void hdm_program(CXLHdm *hdm, unsigned n, const HdmProgram *p)
{
    uint32_t control = p->control;

    control = FIELD_DP32(control, CXL_HDM_CTRL, IW, p->iw);
    control = FIELD_DP32(control, CXL_HDM_CTRL, IG, p->ig);
    hdm_write_pair(hdm, n, CXL_HDM_BASE_LOW, p->base);
    hdm_write_pair(hdm, n, CXL_HDM_SIZE_LOW, p->size);
    hdm_write_pair(hdm, n, CXL_HDM_SKIP_LOW, p->extra);
    hdm_write(hdm, CXL_HDM_REG(n, CXL_HDM_CONTROL),
              control | R_CXL_HDM_CTRL_COMMIT_MASK);
}

static inline void hdm_tear_down(CXLHdm *hdm, unsigned n)
{
    hdm_write(hdm, CXL_HDM_REG(n, CXL_HDM_CONTROL),
              hdm_control(hdm, n) & ~R_CXL_HDM_CTRL_COMMIT_MASK);
    hdm_write_pair(hdm, n, CXL_HDM_SIZE_LOW, 0);
    hdm_write_pair(hdm, n, CXL_HDM_BASE_LOW, 0);
}

#endif
