/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users say of a CDAT: cdat= of devices and switches, latencies. */
#ifndef HW_CXL_MODEL_GLUE_CDAT_H
#define HW_CXL_MODEL_GLUE_CDAT_H

#include "hw/cxl/core/cdat.h"

#define CXL_PS_PER_NS 1000

/* False, with an error that names the file, if it is not a sound table. */
bool cxl_glue_cdat_load(CXLCdat *cdat, const char *path, Error **errp);

/*
 * Is @latency, in nanoseconds, one that 32 bits of picoseconds hold?  False,
 * with an error that names the property @prop, if not.
 */
bool cxl_glue_cdat_check_latency(uint32_t latency, const char *prop,
                                 Error **errp);

#endif
