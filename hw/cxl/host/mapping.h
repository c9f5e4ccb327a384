/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings: how the guest reaches the ranges that routes found in a window.
 *
 *   linear   one target: an alias of the device's memory, at RAM speed
 *   woven    an interleave of memory that may move: an alias of the window's
 *            own block, where the bytes are kept in the order of the HPAs
 *   trapped  anything else: each access looks up its route
 *
 * A page of the first two that holds something that has to be watched, like
 * poison, is a hole: it is trapped.
 */
#ifndef HW_CXL_HOST_MAPPING_H
#define HW_CXL_HOST_MAPPING_H

#include "hw/cxl/cxl_host.h"

/*
 * A change of routes takes two steps, each for all windows, so that memory
 * can go from one to another: drop what is not in @ranges (of CXLRouteRange;
 * the reference is taken over), then add what is new in them.  What is in
 * both stays untouched.  @loading: saved state is arriving, and what is woven
 * in it has to be waited for.
 */
void cxl_mapping_drop(CXLFixedWindow *window, GPtrArray *ranges,
                      bool loading);
void cxl_mapping_add(CXLFixedWindow *window, bool loading);
/*
 * Other parts of the memory of @device (NULL: of any) have to be watched than
 * before.
 */
void cxl_mapping_watch(CXLFixedWindow *window, const void *device);
/*
 * RAM has been loaded under what is woven: where the bytes were is no longer
 * where they are.  An update must follow.
 */
void cxl_mapping_forget(CXLFixedWindow *window);
/*
 * What is woven in files, or else what is trapped, will be made anew by the
 * update that must follow.
 */
void cxl_mapping_renew_kept(CXLFixedWindow *window);
/* Is anything woven in files? */
bool cxl_mapping_has_kept(const CXLFixedWindow *window);
void cxl_mapping_renew_trapped(CXLFixedWindow *window);
/* QEMU ends, and no guest runs: what is woven in files goes back. */
void cxl_mapping_put_back(CXLFixedWindow *window);
/* The window's mappings by ascending HPA, appended at *@tail. */
void cxl_mapping_query(const CXLFixedWindow *window, CxlMappingList ***tail);
/* Which ranges are woven becomes part of the machine's saved state. */
void cxl_mapping_register_state(CXLFixedWindow *window);

#endif
