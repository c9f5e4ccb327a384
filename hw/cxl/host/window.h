/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixed memory windows: options checked, bridges found. */
#ifndef HW_CXL_HOST_WINDOW_H
#define HW_CXL_HOST_WINDOW_H

#include "hw/cxl/core/qtg.h"
#include "hw/cxl/core/route.h"
#include "hw/cxl/cxl_host.h"

/* Checks everything that does not need the bridges.  NULL on error. */
CXLFixedWindow *cxl_window_new(unsigned index,
                               const CXLFixedMemoryWindowOptions *opts,
                               Error **errp);
void cxl_window_free(CXLFixedWindow *window);
/* Finds the pxb-cxl that each target names. */
bool cxl_window_link(CXLFixedWindow *window, Error **errp);
/*
 * The QoS throttling groups of @windows (of CXLFixedWindow).  Fails, naming
 * the option, when windows disagree or there are too many groups.
 */
bool cxl_window_groups(const GList *windows, CXLQtgTable *table,
                       Error **errp);
CXLInterleave cxl_window_interleave(const CXLFixedWindow *window);
/* Two XOR windows of the same granularity have the same maps. */
bool cxl_window_check_maps(const CXLFixedWindow *window,
                           const CXLFixedWindow *other, Error **errp);

#endif
