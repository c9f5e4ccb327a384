/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vendor debug log: the last commands that the device has answered, those
 * about logs left out.  CXL r3.2: Vendor Debug Log.
 */
#ifndef HW_CXL_CORE_DEBUGLOG_H
#define HW_CXL_CORE_DEBUGLOG_H

#include "hw/cxl/core/port.h"
#include "hw/cxl/spec/wire.h"

#define CXL_DEBUGLOG_DEPTH 128

typedef struct {
    cxl_le64 time;              /* ns, of the device's clock */
    cxl_le16 opcode;
    cxl_le16 return_code;
    cxl_le32 input_length;      /* bytes */
} QEMU_PACKED CXLWireDebugEntry;
CXL_WIRE(CXLWireDebugEntry, 0x10);

typedef struct CXLDebugLog {
    CXLClock clock;
    CXLWireDebugEntry ring[CXL_DEBUGLOG_DEPTH];
    uint32_t head, count;       /* the oldest one, and how many */
} CXLDebugLog;

extern const struct CXLLogOps cxl_debuglog_ops;

void cxl_debuglog_init(CXLDebugLog *log, const CXLClock *clock);
/* A power cycle empties it. */
void cxl_debuglog_reset(CXLDebugLog *log, CXLResetKind kind);
void cxl_debuglog_add(CXLDebugLog *log, uint16_t opcode, uint16_t rc,
                      uint32_t in_len);
/* Is what was loaded within the ring?  If not, reset it. */
bool cxl_debuglog_valid(const CXLDebugLog *log);

#endif
