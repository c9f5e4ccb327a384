/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -object cxl-region: a range over devices whose decoders come up committed.
 * The name is the one that users know; here it is a range.
 */
#ifndef HW_CXL_HOST_FIRMWARE_RANGE_H
#define HW_CXL_HOST_FIRMWARE_RANGE_H

#include "hw/cxl/core/interleave.h"
#include "qapi/qapi-types-qom.h"
#include "qemu/notify.h"
#include "qom/object.h"

#define TYPE_CXL_REGION "cxl-region"
OBJECT_DECLARE_SIMPLE_TYPE(CXLFirmwareRange, CXL_REGION)

/* A size, offset or granularity that was not given. */
#define CXL_FIRMWARE_UNSET UINT64_MAX

struct CXLFirmwareRange {
    Object parent_obj;

    /* properties: frozen once complete, which is when they are checked */
    uint64_t window;
    strList *devices;
    uint64_t size, offset, granularity;
    bool has_partition;
    CxlPartition partition;
    bool locked, exceed_window;
    CxlMemoryMap memory_map;

    bool complete;
    unsigned ways;
    Notifier machine_done;

    /* firmware.c: where the range is, once that is settled */
    bool settled;
    uint64_t base, length;          /* HPA, bytes */
    uint64_t visible;               /* bytes of it within the window */
};

/* Complete ones, in the order of the command line; not to be changed. */
const GPtrArray *cxl_firmware_ranges(void);
/* The 'id'. */
const char *cxl_firmware_range_id(const CXLFirmwareRange *range);

#endif
