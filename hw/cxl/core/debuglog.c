/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vendor debug log. */
#include "qemu/osdep.h"
#include "hw/cxl/core/debuglog.h"
#include "hw/cxl/core/logs.h"

#define SET_OF(opcode) ((opcode) >> 8)
#define SET_LOGS 0x04

void cxl_debuglog_init(CXLDebugLog *log, const CXLClock *clock)
{
    *log = (CXLDebugLog) { .clock = *clock };
}

void cxl_debuglog_reset(CXLDebugLog *log, CXLResetKind kind)
{
    if (kind == CXL_RESET_COLD) {
        log->head = log->count = 0;
    }
}

/* Whoever reads it in pieces would otherwise see it move. */
void cxl_debuglog_add(CXLDebugLog *log, uint16_t opcode, uint16_t rc,
                      uint32_t in_len)
{
    if (SET_OF(opcode) == SET_LOGS) {
        return;
    }
    if (log->count == CXL_DEBUGLOG_DEPTH) {
        log->head = (log->head + 1) % CXL_DEBUGLOG_DEPTH;
        log->count--;
    }
    log->ring[(log->head + log->count++) % CXL_DEBUGLOG_DEPTH] =
        (CXLWireDebugEntry) {
            .time = cxl_put64(cxl_clock_now(&log->clock)),
            .opcode = cxl_put16(opcode),
            .return_code = cxl_put16(rc),
            .input_length = cxl_put32(in_len),
        };
}

bool cxl_debuglog_valid(const CXLDebugLog *log)
{
    return log->head < CXL_DEBUGLOG_DEPTH && log->count <= CXL_DEBUGLOG_DEPTH;
}

static uint32_t size(const void *state)
{
    const CXLDebugLog *log = state;

    return log->count * sizeof(log->ring[0]);
}

static void read_ring(const void *state, uint32_t offset, uint8_t *out,
                      uint32_t len)
{
    const CXLDebugLog *log = state;
    const uint8_t *ring = (const uint8_t *)log->ring;
    uint32_t at = (log->head * sizeof(log->ring[0]) + offset) %
                  sizeof(log->ring);
    uint32_t part = MIN(len, sizeof(log->ring) - at);

    if (len) {
        memcpy(out, ring + at, part);
        memcpy(out + part, ring, len - part);
    }
}

static void clear(void *state)
{
    CXLDebugLog *log = state;

    log->head = log->count = 0;
}

const CXLLogOps cxl_debuglog_ops = {
    .uuid = CXL_LOG_UUID_VENDOR_DEBUG,
    .caps = CXL_LOG_CAP_CLEAR | CXL_LOG_CAP_AUTO_POPULATE,
    .size = size,
    .read = read_ring,
    .clear = clear,
};
