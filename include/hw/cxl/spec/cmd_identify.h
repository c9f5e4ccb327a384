/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Identify Memory Device (4000h). */
#ifndef HW_CXL_SPEC_CMD_IDENTIFY_H
#define HW_CXL_SPEC_CMD_IDENTIFY_H

#include "hw/cxl/spec/wire.h"

typedef struct {
    char firmware[16];          /* ASCII */
    cxl_le64 total;             /* capacities: multiples of 256 MiB */
    cxl_le64 volatile_only;
    cxl_le64 persistent_only;
    cxl_le64 partition_align;   /* 0: not partitionable */
    cxl_le16 info_log;          /* event logs: records */
    cxl_le16 warning_log;
    cxl_le16 failure_log;
    cxl_le16 fatal_log;
    cxl_le32 lsa_size;          /* bytes */
    cxl_le24 poison_list_max;   /* records */
    cxl_le16 inject_poison_limit;
    uint8_t poison_caps;
    uint8_t qos_caps;
    cxl_le16 dc_log;            /* records */
} QEMU_PACKED CXLWireIdentifyMemdev;
CXL_WIRE(CXLWireIdentifyMemdev, 0x45);

#endif
