/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Get LSA, Set LSA. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/core/cursor.h"
#include "hw/cxl/spec/cmd_lsa.h"

static bool inside(const CXLLsa *lsa, uint32_t offset, size_t length)
{
    uint32_t size = cxl_lsa_size(lsa);

    return offset <= size && length <= size - offset;
}

static CXLRetCode get_lsa(CXLCall *call)
{
    const CXLLsa *lsa = call->state;
    const CXLWireGetLsa *in = CXL_CALL_IN(call, CXLWireGetLsa);
    uint32_t offset = cxl_get32(in->offset);
    uint32_t length = cxl_get32(in->length);

    if (!inside(lsa, offset, length) || length > cxl_call_out_room(call)) {
        return CXL_RC_INVALID_INPUT;
    }
    return !length || cxl_media_read(&lsa->store, offset,
                                     cxl_call_put(call, length), length) ?
        CXL_RC_SUCCESS : CXL_RC_INTERNAL_ERROR;
}

static CXLRetCode set_lsa(CXLCall *call)
{
    const CXLLsa *lsa = call->state;
    CXLReader data;
    const CXLWireSetLsa *in;
    uint32_t offset;
    size_t length;

    cxl_reader_init(&data, call->in, call->in_len);
    in = CXL_READ(&data, CXLWireSetLsa);
    offset = cxl_get32(in->offset);
    length = cxl_reader_left(&data);
    if (!inside(lsa, offset, length)) {
        return CXL_RC_INVALID_INPUT;
    }
    return !length || cxl_media_write(&lsa->store, offset,
                                      cxl_reader_take(&data, length),
                                      length) ?
        CXL_RC_SUCCESS : CXL_RC_INTERNAL_ERROR;
}

static const CXLCommand lsa_cmds[] = {
    CXL_CMD(0x4102, get_lsa, CXL_IN_EXACT(CXLWireGetLsa),
            .gates = CXL_GATE_MEDIA),
    CXL_CMD(0x4103, set_lsa, CXL_IN_AT_LEAST(CXLWireSetLsa),
            .effects = CXL_EFF_IMM_CONFIG | CXL_EFF_IMM_DATA,
            .gates = CXL_GATE_MEDIA),
};
CXL_COMMAND_SET(cxl_cmdset_lsa, lsa_cmds);
