/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Firmware Update Command Set. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"

static CXLRetCode get_fw_info(CXLCall *call)
{
    const CXLFirmware *fw = call->state;
    CXLWireFwInfo *out = CXL_CALL_OUT(call, CXLWireFwInfo);

    out->slots = fw->slots;
    out->slot_info = fw->active | fw->staged << CXL_FW_STAGED_SHIFT;
    out->caps = CXL_FW_CAP_ONLINE;
    for (unsigned i = 0; i < fw->slots; i++) {
        memcpy(out->revision[i], fw->slot[i].revision, CXL_FW_REVISION);
    }
    return CXL_RC_SUCCESS;
}

/* Are there bytes, of whole units, for an action that wants some? */
static bool length_fits(uint8_t action, size_t len)
{
    return len % CXL_FW_UNIT == 0 &&
        (len || action == CXL_FW_END || action == CXL_FW_ABORT);
}

static CXLRetCode transfer_fw(CXLCall *call)
{
    const CXLWireTransferFw *in = CXL_CALL_IN(call, CXLWireTransferFw);
    size_t len = call->in_len - sizeof(*in);

    if (in->action > CXL_FW_ABORT || !length_fits(in->action, len)) {
        return CXL_RC_INVALID_INPUT;
    }
    /* Only the check of a whole image takes time. */
    call->foreground = in->action != CXL_FW_FULL && in->action != CXL_FW_END;
    return cxl_firmware_transfer(call->state, in->action, in->slot,
                                 (uint64_t)cxl_get32(in->offset) * CXL_FW_UNIT,
                                 in->data, len);
}

static CXLRetCode activate_fw(CXLCall *call)
{
    const CXLWireActivateFw *in = CXL_CALL_IN(call, CXLWireActivateFw);

    if (in->action > CXL_FW_ACTIVATE_COLD_RESET) {
        return CXL_RC_INVALID_INPUT;
    }
    call->foreground = in->action == CXL_FW_ACTIVATE_COLD_RESET;
    return cxl_firmware_activate(call->state, in->slot,
                                 in->action == CXL_FW_ACTIVATE_ONLINE);
}

static uint64_t job_time(void *state)
{
    return cxl_firmware_job_time(state);
}

static CXLRetCode job_done(void *state)
{
    return cxl_firmware_job_done(state);
}

static void job_abort(void *state)
{
    cxl_firmware_job_abort(state);
}

static const CXLBgOps job = { job_time, job_done, job_abort };

static const CXLCommand firmware_cmds[] = {
    CXL_CMD(0x0200, get_fw_info, CXL_IN_NONE,
            .out_min = sizeof(CXLWireFwInfo)),
    CXL_CMD(0x0201, transfer_fw, CXL_IN_AT_LEAST(CXLWireTransferFw),
            .bg = &job),
    CXL_CMD(0x0202, activate_fw, CXL_IN_EXACT(CXLWireActivateFw),
            .effects = CXL_EFF_CONFIG_COLD_RESET | CXL_EFF_IMM_CONFIG,
            .bg = &job),
};
CXL_COMMAND_SET(cxl_cmdset_firmware, firmware_cmds);
