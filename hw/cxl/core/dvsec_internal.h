/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the DVSEC files share. */
#ifndef HW_CXL_CORE_DVSEC_INTERNAL_H
#define HW_CXL_CORE_DVSEC_INTERNAL_H

#include "hw/cxl/core/dvsec.h"

/* The rows that every table begins with: the DVSEC header. */
#define CXL_DVSEC_HEADER_ROWS                                          \
    { .name = "CXL_DVSEC_HEADER1", .offset = CXL_DVSEC_HEADER1,        \
      .size = 4 },                                                     \
    { .name = "CXL_DVSEC_HEADER2", .offset = CXL_DVSEC_HEADER2,        \
      .size = 2 }

void cxl_dvsec_init(CXLDvsec *dvsec, const CXLRegTable *table, uint16_t id,
                    uint8_t revision, uint16_t length);

#endif
