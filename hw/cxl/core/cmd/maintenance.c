/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Maintenance Command Set. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/core/repair.h"

#define SPARING_FLAGS (CXL_REPAIR_QUERY | CXL_REPAIR_HARD |             \
                       CXL_REPAIR_SUB_CHANNEL_VALID | CXL_REPAIR_NIBBLE_VALID)

#define UP_TO_RANK (CXL_SPARING_EVENT_CHANNEL_VALID |                   \
                    CXL_SPARING_EVENT_RANK_VALID)
#define UP_TO_BANK (UP_TO_RANK | CXL_SPARING_EVENT_BANK_GROUP_VALID |   \
                    CXL_SPARING_EVENT_BANK_VALID)
#define UP_TO_ROW (UP_TO_BANK | CXL_SPARING_EVENT_ROW_VALID)

/* What of a place counts, by subclass */
static const struct {
    CXLSpare spare;
    uint16_t validity;
} sparings[] = {
    [CXL_SPARING_CACHELINE] = {
        CXL_SPARE_CACHELINE, UP_TO_ROW | CXL_SPARING_EVENT_COLUMN_VALID
    },
    [CXL_SPARING_ROW] = { CXL_SPARE_ROW, UP_TO_ROW },
    [CXL_SPARING_BANK] = { CXL_SPARE_BANK, UP_TO_BANK },
    [CXL_SPARING_RANK] = { CXL_SPARE_RANK, UP_TO_RANK },
};

static CXLRetCode parse_ppr(CXLRepair *repair, const CXLWirePpr *in)
{
    CXLWireMemorySparingEvent *event = &repair->request.event;

    if (in->subclass > CXL_PPR_HARD || in->flags & ~CXL_REPAIR_QUERY) {
        return CXL_RC_INVALID_INPUT;
    }
    if (cxl_get64(in->dpa) >= cxl_media_total(repair->media)) {
        return CXL_RC_INVALID_DPA;
    }
    repair->request.spare = CXL_SPARE_PPR;
    repair->request.hard = in->subclass == CXL_PPR_HARD;
    event->validity = cxl_put16(CXL_SPARING_EVENT_NIBBLE_VALID);
    event->nibble_mask = in->nibble_mask;
    return CXL_RC_SUCCESS;
}

static void take_place(CXLWireMemorySparingEvent *event,
                       const CXLWireSparing *in)
{
    event->channel = in->channel;
    event->rank = in->rank;
    event->nibble_mask = in->nibble_mask;
    event->bank_group = in->bank_group;
    event->bank = in->bank;
    event->row = in->row;
    event->column = in->column;
    event->sub_channel = in->sub_channel;
}

static CXLRetCode parse_sparing(CXLRepair *repair, const CXLWireSparing *in)
{
    CXLWireMemorySparingEvent *event = &repair->request.event;
    uint16_t validity;

    if (in->subclass >= ARRAY_SIZE(sparings) || in->flags & ~SPARING_FLAGS) {
        return CXL_RC_INVALID_INPUT;
    }
    validity = sparings[in->subclass].validity;
    if (in->flags & CXL_REPAIR_NIBBLE_VALID) {
        validity |= CXL_SPARING_EVENT_NIBBLE_VALID;
    }
    if (in->flags & CXL_REPAIR_SUB_CHANNEL_VALID) {
        validity |= CXL_SPARING_EVENT_SUB_CHANNEL_VALID;
    }
    repair->request.spare = sparings[in->subclass].spare;
    repair->request.hard = in->flags & CXL_REPAIR_HARD;
    take_place(event, in);
    event->validity = cxl_put16(validity);
    return CXL_RC_SUCCESS;
}

static CXLRetCode parse(CXLCall *call)
{
    const CXLWireMaintenance *in = CXL_CALL_IN(call, CXLWireMaintenance);
    CXLRepair *repair = call->state;
    bool ppr = in->class == CXL_MAINTENANCE_PPR;

    if (in->class != CXL_MAINTENANCE_PPR &&
        in->class != CXL_MAINTENANCE_SPARING) {
        return CXL_RC_INVALID_INPUT;
    }
    if (call->in_len != (ppr ? sizeof(CXLWirePpr) : sizeof(CXLWireSparing))) {
        return CXL_RC_INVALID_PAYLOAD_LENGTH;
    }
    repair->request = (CXLRepairRequest) {
        .class = in->class, .subclass = in->subclass,
    };
    return ppr ? parse_ppr(repair, CXL_CALL_IN(call, CXLWirePpr))
               : parse_sparing(repair, CXL_CALL_IN(call, CXLWireSparing));
}

/* CXL r3.2: only sparing answers a query with a record */
static CXLRetCode query(CXLRepair *repair)
{
    bool left = cxl_repair_left(repair, repair->request.spare);
    CXLRetCode rc = left ? CXL_RC_SUCCESS : CXL_RC_RESOURCES_EXHAUSTED;

    if (repair->request.class == CXL_MAINTENANCE_SPARING) {
        cxl_repair_report(repair, true, rc);
    }
    return rc;
}

static CXLRetCode no_op(CXLCall *call)
{
    const CXLWireMaintenance *in = CXL_CALL_IN(call, CXLWireMaintenance);

    if (in->subclass) {
        return CXL_RC_INVALID_INPUT;
    }
    call->foreground = true;
    return call->in_len == sizeof(*in) ? CXL_RC_SUCCESS
                                       : CXL_RC_INVALID_PAYLOAD_LENGTH;
}

static CXLRetCode perform_maintenance(CXLCall *call)
{
    CXLRepair *repair = call->state;
    CXLRetCode rc;

    if (!CXL_CALL_IN(call, CXLWireMaintenance)->class) {
        return no_op(call);
    }
    rc = parse(call);
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    /* Both kinds of data have the flags in the same place. */
    if (CXL_CALL_IN(call, CXLWirePpr)->flags & CXL_REPAIR_QUERY) {
        call->foreground = true;
        return query(repair);
    }
    return cxl_repair_left(repair, repair->request.spare) ?
        CXL_RC_SUCCESS : CXL_RC_RESOURCES_EXHAUSTED;
}

/* Drivers do not wait for it: it has ended when they look. */
static uint64_t no_time(void *state)
{
    return 0;
}

static CXLRetCode perform(void *state)
{
    return cxl_repair_perform(state);
}

static const CXLBgOps repairing = { no_time, perform };

static const CXLCommand maintenance_cmds[] = {
    CXL_CMD(0x0600, perform_maintenance,
            CXL_IN_RANGE(sizeof(CXLWireMaintenance), sizeof(CXLWireSparing)),
            .effects = CXL_EFF_IMM_CONFIG | CXL_EFF_IMM_DATA |
                       CXL_EFF_IMM_LOG,
            .gates = CXL_GATE_MEDIA | CXL_GATE_UNLOCKED, .bg = &repairing),
};
CXL_COMMAND_SET(cxl_cmdset_maintenance, maintenance_cmds);
