/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings: how the guest reaches the ranges that routes found in a window.
 *
 *   linear   one target: an alias of the device's memory, at RAM speed
 *   trapped  anything else: each access looks up its route
 */
#ifndef HW_CXL_HOST_MAPPING_H
#define HW_CXL_HOST_MAPPING_H

#include "hw/cxl/cxl_host.h"

/*
 * Make the window's mappings those of @ranges (of CXLRouteRange; the
 * reference is taken over).  Does nothing when they are so already.
 */
void cxl_mapping_update(CXLFixedWindow *window, GPtrArray *ranges);

#endif
