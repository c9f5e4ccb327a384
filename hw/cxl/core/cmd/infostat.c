/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Information and Status Command Set. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/spec/cmd_infostat.h"

/* A primary or secondary mailbox shows its own in registers. */
#define ON_IDENTIFY (CXL_CCI_SWITCH | CXL_CCI_MCTP | CXL_CCI_LD | CXL_CCI_FM_LD)
#define ON_STATUS (CXL_CCI_SWITCH | CXL_CCI_MCTP)
/* Where messages are: a mailbox has room for what it has room for. */
#define ON_LIMIT (CXL_CCI_MCTP | CXL_CCI_FM_LD)
#define ON_ABORT (CXL_CCI_PRIMARY | CXL_CCI_SWITCH | CXL_CCI_MCTP)

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

static CXLRetCode get_response_message_limit(CXLCall *call)
{
    CXLWireResponseLimit *out = CXL_CALL_OUT(call, CXLWireResponseLimit);

    out->limit = ctz32(call->cci->response_max);
    return CXL_RC_SUCCESS;
}

/* More than the CCI can do is no error: the answer says what is in force. */
static CXLRetCode set_response_message_limit(CXLCall *call)
{
    uint8_t limit = CXL_CALL_IN(call, CXLWireResponseLimit)->limit;

    if (limit < CXL_MESSAGE_MIN_SHIFT || limit > CXL_MESSAGE_MAX_SHIFT) {
        return CXL_RC_INVALID_INPUT;
    }
    cxl_cci_limit_response(call->cci, 1U << limit);
    return get_response_message_limit(call);
}

static CXLRetCode request_abort_background_operation(CXLCall *call)
{
    return cxl_bg_abort(&call->cci->bg);
}

static const CXLCommand infostat_cmds[] = {
    CXL_CMD(0x0001, identify, CXL_IN_NONE,
            .out_min = sizeof(CXLWireIdentify), .on = ON_IDENTIFY),
    CXL_CMD(0x0002, background_operation_status, CXL_IN_NONE,
            .out_min = sizeof(CXLWireBgStatus), .on = ON_STATUS),
    CXL_CMD(0x0003, get_response_message_limit, CXL_IN_NONE,
            .out_min = sizeof(CXLWireResponseLimit), .on = ON_LIMIT),
    CXL_CMD(0x0004, set_response_message_limit,
            CXL_IN_EXACT(CXLWireResponseLimit),
            .out_min = sizeof(CXLWireResponseLimit), .on = ON_LIMIT),
    CXL_CMD(0x0005, request_abort_background_operation, CXL_IN_NONE,
            .on = ON_ABORT),
};
CXL_COMMAND_SET(cxl_cmdset_infostat, infostat_cmds);
