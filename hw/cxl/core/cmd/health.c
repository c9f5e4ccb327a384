/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Get Health Info. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/spec/cmd_health.h"

static CXLRetCode get_health_info(CXLCall *call)
{
    const CXLHealth *health = call->state;
    CXLWireHealthInfo *out = CXL_CALL_OUT(call, CXLWireHealthInfo);

    out->status = health->status;
    out->media_status = health->media_status;
    out->additional_status = health->additional_status;
    out->life_used = health->life_used;
    out->temperature = cxl_put16(health->temperature);
    out->dirty_shutdowns = cxl_put32(health->dirty_shutdowns);
    out->corrected_volatile = cxl_put32(health->corrected_volatile);
    out->corrected_persistent = cxl_put32(health->corrected_persistent);
    return CXL_RC_SUCCESS;
}

static const CXLCommand health_cmds[] = {
    CXL_CMD(0x4200, get_health_info, CXL_IN_NONE,
            .out_min = sizeof(CXLWireHealthInfo)),
};
CXL_COMMAND_SET(cxl_cmdset_health, health_cmds);
