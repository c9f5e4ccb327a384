/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of decoders below a host bridge, as routes are built from it. */
#ifndef HW_CXL_HOST_TOPOLOGY_H
#define HW_CXL_HOST_TOPOLOGY_H

#include "hw/cxl/core/route.h"
#include "hw/cxl/model/host_bridge.h"

/* Never NULL.  The nodes refer to live devices: use at once, then free. */
CXLRouteNode *cxl_topology_node(CXLHostBridge *bridge);
void cxl_topology_free(CXLRouteNode *node);

#endif
