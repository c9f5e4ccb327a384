/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Get Partition Info, Set Partition Info. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/spec/cmd_partition.h"

static CXLRetCode get_partition_info(CXLCall *call)
{
    const CXLMediaState *media = call->state;
    uint64_t total = cxl_media_total(media);
    CXLWirePartitionInfo *out = CXL_CALL_OUT(call, CXLWirePartitionInfo);

    out->active_volatile = cxl_put_capacity(media->volatile_size);
    out->active_persistent = cxl_put_capacity(cxl_media_persistent(media));
    if (media->next_pending) {
        out->next_volatile = cxl_put_capacity(media->next_volatile);
        out->next_persistent = cxl_put_capacity(total - media->next_volatile);
    }
    return CXL_RC_SUCCESS;
}

static CXLRetCode set_partition_info(CXLCall *call)
{
    CXLMediaState *media = call->state;
    const CXLWireSetPartition *in = CXL_CALL_IN(call, CXLWireSetPartition);
    uint64_t units = cxl_get64(in->volatile_capacity);
    bool immediate = in->flags & CXL_SET_PARTITION_IMMEDIATE;
    uint64_t boundary;

    if (!media->align) {
        return CXL_RC_UNSUPPORTED;
    }
    if (units > cxl_media_total(media) / CXL_CAPACITY_UNIT) {
        return CXL_RC_INVALID_INPUT;
    }
    boundary = media->volatile_only + units * CXL_CAPACITY_UNIT;
    return cxl_media_set_partition(media, boundary, immediate) ?
        CXL_RC_SUCCESS : CXL_RC_INVALID_INPUT;
}

static const CXLCommand partition_cmds[] = {
    CXL_CMD(0x4100, get_partition_info, CXL_IN_NONE,
            .out_min = sizeof(CXLWirePartitionInfo),
            .gates = CXL_GATE_MEDIA),
    /* Linux lets its users send a byte more, and nothing else. */
    CXL_CMD(0x4101, set_partition_info,
            CXL_IN_RANGE(sizeof(CXLWireSetPartition),
                         sizeof(CXLWireSetPartition) + 1),
            .effects = CXL_EFF_CONFIG_COLD_RESET | CXL_EFF_IMM_CONFIG |
                       CXL_EFF_IMM_DATA,
            /* What is locked must not become volatile, and so readable. */
            .gates = CXL_GATE_MEDIA | CXL_GATE_UNLOCKED),
};
CXL_COMMAND_SET(cxl_cmdset_partition, partition_cmds);
