/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-upstream and cxl-downstream: the ports of a CXL switch. */
#ifndef HW_CXL_MODEL_SWITCH_H
#define HW_CXL_MODEL_SWITCH_H

#include "hw/cxl/core/cdat.h"
#include "hw/cxl/model/port_common.h"
#include "hw/pci/pcie_port.h"

#define TYPE_CXL_UPSTREAM "cxl-upstream"
OBJECT_DECLARE_SIMPLE_TYPE(CXLUpstream, CXL_UPSTREAM)
#define TYPE_CXL_DOWNSTREAM "cxl-downstream"
OBJECT_DECLARE_SIMPLE_TYPE(CXLDownstream, CXL_DOWNSTREAM)

struct CXLUpstream {
    PCIEPort parent_obj;

    /* properties */
    uint64_t serial;                /* 0: no serial number capability */
    char *cdat_file;
    uint32_t latency;               /* through the switch, ns */
    uint8_t hdm_decoders;
    PCIExpLinkSpeed speed;
    PCIExpLinkWidth width;

    CXLPort port;
    CXLDoe doe;
    CXLDoeProtocol doe_protocols[1];
    CXLCdat cdat;
    bool cdat_stale;                /* ports came or went since it was made */
    bool present;                   /* realized: routes may lead here */
};

struct CXLDownstream {
    PCIESlot parent_obj;

    CXLPort port;
};

/* The decoders that routes follow; NULL while nothing is decoded. */
CXLHdm *cxl_upstream_hdm(CXLUpstream *us);
/* A downstream port of @us has come or goes. */
void cxl_upstream_ports_changed(CXLUpstream *us);

#endif
