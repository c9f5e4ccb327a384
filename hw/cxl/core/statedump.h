/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The component state dump: what the device was like when the host asked for
 * it to be populated.  CXL r3.2: Component State Dump Log.
 */
#ifndef HW_CXL_CORE_STATEDUMP_H
#define HW_CXL_CORE_STATEDUMP_H

#include "hw/cxl/core/evlog.h"
#include "hw/cxl/core/firmware.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/core/poison.h"
#include "hw/cxl/spec/cmd_logs.h"

/* The format of our own that the header's UUID names */
typedef struct {
    uint8_t media_status;       /* as in the Memory Device Status register */
    uint8_t firmware_slot;
    uint8_t reserved[2];
    cxl_le32 poison;            /* ranges in the list */
    cxl_le32 events[CXL_EVENT_LOGS];
    cxl_le32 reserved2;
} QEMU_PACKED CXLWireStateData;
CXL_WIRE(CXLWireStateData, 0x20);

typedef struct {
    CXLWireStateDump header;
    CXLWireStateData data;
} QEMU_PACKED CXLWireStateLog;

typedef struct CXLStateDump {
    CXLWireStateLog log;        /* zeros until it is populated */
    const CXLTimestamp *timestamp;
    const CXLMediaState *media;
    const CXLEventLogs *events;
    const CXLPoisonList *poison;
    const CXLFirmware *firmware;
} CXLStateDump;

extern const struct CXLLogOps cxl_statedump_ops;

/* A power cycle clears it.  The parts to look at are the owner's to set. */
void cxl_statedump_reset(CXLStateDump *dump, CXLResetKind kind);

#endif
