/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Timestamp Command Set. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/spec/cmd_timestamp.h"

#define ON_TIMESTAMP \
    (CXL_CCI_PRIMARY | CXL_CCI_FM_LD | CXL_CCI_SWITCH | CXL_CCI_MCTP)

static CXLRetCode get_timestamp(CXLCall *call)
{
    CXLWireTimestamp *out = CXL_CALL_OUT(call, CXLWireTimestamp);

    out->ns = cxl_put64(cxl_timestamp_get(call->state));
    return CXL_RC_SUCCESS;
}

static CXLRetCode set_timestamp(CXLCall *call)
{
    const CXLWireTimestamp *in = CXL_CALL_IN(call, CXLWireTimestamp);

    cxl_timestamp_set(call->state, cxl_get64(in->ns));
    return CXL_RC_SUCCESS;
}

static const CXLCommand timestamp_cmds[] = {
    CXL_CMD(0x0300, get_timestamp, CXL_IN_NONE,
            .out_min = sizeof(CXLWireTimestamp), .on = ON_TIMESTAMP),
    CXL_CMD(0x0301, set_timestamp, CXL_IN_EXACT(CXLWireTimestamp),
            .effects = CXL_EFF_IMM_POLICY, .on = ON_TIMESTAMP),
};
CXL_COMMAND_SET(cxl_cmdset_timestamp, timestamp_cmds);
