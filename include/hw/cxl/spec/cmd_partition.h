/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Capacity Configuration: all capacities in units of 256 MiB. */
#ifndef HW_CXL_SPEC_CMD_PARTITION_H
#define HW_CXL_SPEC_CMD_PARTITION_H

#include "hw/cxl/spec/wire.h"

/* Get Partition Info (4100h): output */
typedef struct {
    cxl_le64 active_volatile;
    cxl_le64 active_persistent;
    cxl_le64 next_volatile;     /* both 0: no change pending */
    cxl_le64 next_persistent;
} QEMU_PACKED CXLWirePartitionInfo;
CXL_WIRE(CXLWirePartitionInfo, 0x20);

/* Set Partition Info (4101h): input */
typedef struct {
    cxl_le64 volatile_capacity; /* of the partitionable capacity */
    uint8_t flags;
} QEMU_PACKED CXLWireSetPartition;
CXL_WIRE(CXLWireSetPartition, 9);

#define CXL_SET_PARTITION_IMMEDIATE 0x01

#endif
