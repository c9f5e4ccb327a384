/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Identify Memory Device. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/spec/cmd_identify.h"

/* Records that the log holds; 0 without it. */
static cxl_le16 log_size(const CXLIdentity *id, CXLEventLogId log)
{
    return cxl_put16(id->events && log < id->events->count ?
                     id->events->log[log].depth : 0);
}

static CXLRetCode identify_memory_device(CXLCall *call)
{
    const CXLIdentity *id = call->state;
    CXLWireIdentifyMemdev *out = CXL_CALL_OUT(call, CXLWireIdentifyMemdev);

    memcpy(out->firmware, cxl_firmware_active(id->firmware)->revision,
           sizeof(out->firmware));
    out->total = cxl_put_capacity(cxl_media_total(id->media));
    out->volatile_only = cxl_put_capacity(id->media->volatile_only);
    out->persistent_only = cxl_put_capacity(id->media->persistent_only);
    out->partition_align = cxl_put_capacity(id->media->align);
    out->info_log = log_size(id, CXL_EVENT_LOG_INFO);
    out->warning_log = log_size(id, CXL_EVENT_LOG_WARNING);
    out->failure_log = log_size(id, CXL_EVENT_LOG_FAILURE);
    out->fatal_log = log_size(id, CXL_EVENT_LOG_FATAL);
    out->lsa_size = cxl_put32(id->lsa ? cxl_lsa_size(id->lsa) : 0);
    if (id->poison) {
        out->poison_list_max = cxl_put24(id->poison->max);
        out->inject_poison_limit = cxl_put16(id->poison->inject_limit);
        out->poison_caps = CXL_POISON_CAPS;
    }
    out->dc_log = log_size(id, CXL_EVENT_LOG_DYNAMIC_CAPACITY);
    return CXL_RC_SUCCESS;
}

static const CXLCommand identify_cmds[] = {
    CXL_CMD(0x4000, identify_memory_device, CXL_IN_NONE,
            .out_min = sizeof(CXLWireIdentifyMemdev)),
};
CXL_COMMAND_SET(cxl_cmdset_identify, identify_cmds);
