/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Persistent Memory Data-at-rest Security. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"

static CXLRetCode get_security_state(CXLCall *call)
{
    CXL_CALL_OUT(call, CXLWireSecurityState)->state =
        cxl_put32(cxl_security_state(call->state));
    return CXL_RC_SUCCESS;
}

static CXLRetCode set_passphrase(CXLCall *call)
{
    const CXLWireSetPassphrase *in = CXL_CALL_IN(call, CXLWireSetPassphrase);

    return cxl_security_set(call->state, in->type, in->current, in->next);
}

static CXLRetCode disable_passphrase(CXLCall *call)
{
    const CXLWirePassphrase *in = CXL_CALL_IN(call, CXLWirePassphrase);

    return cxl_security_disable(call->state, in->type, in->passphrase);
}

static CXLRetCode unlock(CXLCall *call)
{
    return cxl_security_unlock(call->state,
                               CXL_CALL_IN(call, CXLWireUnlock)->passphrase);
}

static CXLRetCode freeze_security_state(CXLCall *call)
{
    cxl_security_freeze(call->state);
    return CXL_RC_SUCCESS;
}

static CXLRetCode passphrase_secure_erase(CXLCall *call)
{
    const CXLWirePassphrase *in = CXL_CALL_IN(call, CXLWirePassphrase);

    return cxl_security_erase(call->state, in->type, in->passphrase);
}

static const CXLCommand security_cmds[] = {
    CXL_CMD(0x4500, get_security_state, CXL_IN_NONE,
            .out_min = sizeof(CXLWireSecurityState)),
    CXL_CMD(0x4501, set_passphrase, CXL_IN_EXACT(CXLWireSetPassphrase),
            .effects = CXL_EFF_SECURITY, .secret = true),
    CXL_CMD(0x4502, disable_passphrase, CXL_IN_EXACT(CXLWirePassphrase),
            .effects = CXL_EFF_SECURITY, .secret = true),
    CXL_CMD(0x4503, unlock, CXL_IN_EXACT(CXLWireUnlock),
            .effects = CXL_EFF_SECURITY, .secret = true),
    CXL_CMD(0x4504, freeze_security_state, CXL_IN_NONE,
            .effects = CXL_EFF_SECURITY),
    CXL_CMD(0x4505, passphrase_secure_erase, CXL_IN_EXACT(CXLWirePassphrase),
            .effects = CXL_EFF_IMM_DATA | CXL_EFF_SECURITY,
            .gates = CXL_GATE_MEDIA, .secret = true),
};
CXL_COMMAND_SET(cxl_cmdset_security, security_cmds);
