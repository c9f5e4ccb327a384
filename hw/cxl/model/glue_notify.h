/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP events about what happens to decoders and memory.  A guest can make any
 * number of them happen: they are sent up to a rate, and the rest is counted.
 */
#ifndef HW_CXL_MODEL_GLUE_NOTIFY_H
#define HW_CXL_MODEL_GLUE_NOTIFY_H

#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/poison.h"
#include "hw/qdev-core.h"
#include "qapi/qapi-types-cxl.h"

/* As QMP spells it. */
CxlPoisonSource cxl_glue_poison_source(CXLPoisonSource source);
/* From here on commits and uncommits of @hdm, which is @dev's, are told. */
void cxl_glue_notify_decoders(CXLHdm *hdm, DeviceState *dev);
/* The same for poison that is new in @list. */
void cxl_glue_notify_poison(CXLPoisonList *list, DeviceState *dev);

#endif
