/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Information and Status Command Set. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/spec/cmd_infostat.h"

/* A primary or secondary mailbox shows both in its registers. */
#define ON_INFOSTAT (CXL_CCI_SWITCH | CXL_CCI_MCTP)

static CXLRetCode identify(CXLCall *call)
{
    const CXLIdentity *id = call->state;
    CXLWireIdentify *out = CXL_CALL_OUT(call, CXLWireIdentify);

    out->vendor = cxl_put16(id->vendor);
    out->device = cxl_put16(id->device);
    out->subsystem_vendor = cxl_put16(id->subsystem_vendor);
    out->subsystem = cxl_put16(id->subsystem);
    out->serial = cxl_put64(id->serial);
    out->max_message = ctz32(call->cci->payload_max);
    out->component_type = id->component_type;
    return CXL_RC_SUCCESS;
}

static CXLRetCode background_operation_status(CXLCall *call)
{
    const CXLBg *bg = &call->cci->bg;
    CXLWireBgStatus *out = CXL_CALL_OUT(call, CXLWireBgStatus);

    out->status = cxl_bg_percent(bg) << CXL_BG_STATUS_PERCENT_SHIFT;
    if (cxl_bg_running(bg)) {
        out->status |= CXL_BG_STATUS_RUNNING;
    }
    out->opcode = cxl_put16(bg->opcode);
    out->return_code = cxl_put16(bg->rc);
    return CXL_RC_SUCCESS;
}

static const CXLCommand infostat_cmds[] = {
    CXL_CMD(0x0001, identify, CXL_IN_NONE,
            .out_min = sizeof(CXLWireIdentify), .on = ON_INFOSTAT),
    CXL_CMD(0x0002, background_operation_status, CXL_IN_NONE,
            .out_min = sizeof(CXLWireBgStatus), .on = ON_INFOSTAT),
};
CXL_COMMAND_SET(cxl_cmdset_infostat, infostat_cmds);
