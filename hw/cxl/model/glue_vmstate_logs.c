/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved state of the logs that are not of events. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/debuglog.h"
#include "hw/cxl/core/statedump.h"
#include "hw/cxl/model/glue_vmstate.h"

static int debuglog_post_load(void *opaque, int version_id)
{
    CXLDebugLog *log = opaque;

    if (!cxl_debuglog_valid(log)) {
        error_report("CXL saved state: the debug log is longer than it can "
                     "be");
        cxl_debuglog_reset(log, CXL_RESET_COLD);
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_cxl_debuglog = {
    .name = "cxl-debug-log",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = debuglog_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(head, CXLDebugLog),
        VMSTATE_UINT32(count, CXLDebugLog),
        VMSTATE_BUFFER_UNSAFE(ring, CXLDebugLog, 1,
                              CXL_DEBUGLOG_DEPTH * sizeof(CXLWireDebugEntry)),
        VMSTATE_END_OF_LIST()
    }
};

/* Any bytes will do: they are only shown. */
const VMStateDescription vmstate_cxl_statedump = {
    .name = "cxl-state-dump",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BUFFER_UNSAFE(log, CXLStateDump, 1, sizeof(CXLWireStateLog)),
        VMSTATE_END_OF_LIST()
    }
};
