/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the mappings of all windows in step with what decoders say. */
#ifndef HW_CXL_HOST_ROUTER_H
#define HW_CXL_HOST_ROUTER_H

#include "hw/cxl/cxl_host.h"

/* The windows of @state have found their bridges.  Once. */
void cxl_router_start(CXLState *state);
/* Of CXLFixedWindow, by ascending number; NULL before that. */
const GList *cxl_router_windows(void);

#endif
