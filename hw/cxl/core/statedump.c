/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The component state dump. */
#include "qemu/osdep.h"
#include "hw/cxl/core/logs.h"
#include "hw/cxl/core/statedump.h"

/* 5f1cf2ae-6e14-4bd0-9f0a-5d3d8d8a1c77 */
#define FORMAT                                                      \
    { 0x5f, 0x1c, 0xf2, 0xae, 0x6e, 0x14, 0x4b, 0xd0,               \
      0x9f, 0x0a, 0x5d, 0x3d, 0x8d, 0x8a, 0x1c, 0x77 }

static void clear(void *state)
{
    CXLStateDump *dump = state;

    memset(&dump->log, 0, sizeof(dump->log));
}

void cxl_statedump_reset(CXLStateDump *dump, CXLResetKind kind)
{
    if (kind == CXL_RESET_COLD) {
        clear(dump);
    }
}

static uint32_t size(const void *state)
{
    return sizeof(CXLWireStateLog);
}

static void read_dump(const void *state, uint32_t offset, uint8_t *out,
                      uint32_t len)
{
    const CXLStateDump *dump = state;

    if (len) {
        memcpy(out, (const uint8_t *)&dump->log + offset, len);
    }
}

static void populate(void *state)
{
    static const uint8_t format[16] = FORMAT;
    CXLStateDump *dump = state;
    CXLWireStateDump *header = &dump->log.header;
    CXLWireStateData *data = &dump->log.data;

    clear(dump);
    header->length = cxl_put32(sizeof(*data));
    header->timestamp = cxl_put64(cxl_timestamp_get(dump->timestamp));
    memcpy(header->uuid, format, sizeof(format));
    data->media_status = dump->media->status;
    data->firmware_slot = dump->firmware->active;
    data->poison = cxl_put32(dump->poison->count);
    for (unsigned i = 0; i < dump->events->count; i++) {
        data->events[i] = cxl_put32(dump->events->log[i].count);
    }
}

const CXLLogOps cxl_statedump_ops = {
    .uuid = CXL_LOG_UUID_STATE_DUMP,
    .caps = CXL_LOG_CAP_CLEAR | CXL_LOG_CAP_POPULATE,
    .size = size,
    .read = read_dump,
    .clear = clear,
    .populate = populate,
};
