/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every register table, ended by NULL: what tests, docs and fuzzers walk. */
#ifndef HW_CXL_CORE_REGTABLES_H
#define HW_CXL_CORE_REGTABLES_H

#include "hw/cxl/core/regbank.h"

extern const CXLRegTable *const cxl_regtables[];

#endif
