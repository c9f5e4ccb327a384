/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes as hardware finds them: a walk of the tree at each access. */
#ifndef TESTS_UNIT_CXL_ROUTE_REFERENCE_H
#define TESTS_UNIT_CXL_ROUTE_REFERENCE_H

#include "hw/cxl/core/route.h"

/* The tree of the window's targets, built and forgotten. */
GPtrArray *route_build(const CXLRouteWindow *window);
/* False, and no change, if nothing answers. */
bool route_walk(const CXLRouteWindow *window, uint64_t hpa, void **device,
                uint64_t *dpa);
bool route_look_up(const GPtrArray *ranges, uint64_t hpa, void **device,
                   uint64_t *dpa);
/* Both find the same for @hpa; do they find anything? */
bool route_check(const CXLRouteWindow *window, const GPtrArray *ranges,
                 uint64_t hpa);
/* Ascending, without overlap, within the window. */
void route_check_order(const CXLRouteWindow *window, const GPtrArray *ranges);
/* The window's position, by replacing the bits that select. */
unsigned route_position(const CXLInterleave *il, uint64_t hpa);

#endif
