/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Logs Command Set: the Command Effects Log of this CCI. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/spec/cmd_logs.h"

static const uint8_t cel_uuid[16] = CXL_LOG_UUID_CEL;

static uint32_t cel_size(const CXLCci *cci)
{
    return cxl_cci_cel_count(cci) * sizeof(CXLWireCelEntry);
}

static CXLRetCode get_supported_logs(CXLCall *call)
{
    CXLWireSupportedLogs *out = CXL_CALL_OUT(call, CXLWireSupportedLogs);
    CXLWireSupportedLog *log = CXL_CALL_OUT(call, CXLWireSupportedLog);

    out->count = cxl_put16(1);
    memcpy(log->uuid, cel_uuid, sizeof(cel_uuid));
    log->size = cxl_put32(cel_size(call->state));
    return CXL_RC_SUCCESS;
}

/* @len bytes of the log from @offset on, which need not start an entry. */
static void read_cel(const CXLCci *cci, uint32_t offset, uint8_t *out,
                     uint32_t len)
{
    CXLWireCelEntry entry = { 0 };
    uint16_t opcode = 0, effects = 0;

    while (len) {
        uint32_t skip = offset % sizeof(entry);
        uint32_t part = MIN(len, sizeof(entry) - skip);

        cxl_cci_cel_entry(cci, offset / sizeof(entry), &opcode, &effects);
        entry.opcode = cxl_put16(opcode);
        entry.effects = cxl_put16(effects);
        memcpy(out, (uint8_t *)&entry + skip, part);
        offset += part;
        out += part;
        len -= part;
    }
}

static CXLRetCode get_log(CXLCall *call)
{
    const CXLWireGetLog *in = CXL_CALL_IN(call, CXLWireGetLog);
    uint32_t offset = cxl_get32(in->offset);
    uint32_t length = cxl_get32(in->length);
    uint32_t size = cel_size(call->state);

    if (memcmp(in->uuid, cel_uuid, sizeof(cel_uuid))) {
        return CXL_RC_INVALID_LOG;
    }
    if (offset > size || length > size - offset ||
        length > cxl_call_out_room(call)) {
        return CXL_RC_INVALID_INPUT;
    }
    read_cel(call->state, offset, cxl_call_put(call, length), length);
    return CXL_RC_SUCCESS;
}

static const CXLCommand logs_cmds[] = {
    CXL_CMD(0x0400, get_supported_logs, CXL_IN_NONE,
            .out_min = sizeof(CXLWireSupportedLogs) +
                       sizeof(CXLWireSupportedLog),
            .on = CXL_CCI_ANY),
    CXL_CMD(0x0401, get_log, CXL_IN_EXACT(CXLWireGetLog), .on = CXL_CCI_ANY),
};
CXL_COMMAND_SET(cxl_cmdset_logs, logs_cmds);
