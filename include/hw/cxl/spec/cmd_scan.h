/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Scan Media: capabilities, start, results (4303h-4305h). */
#ifndef HW_CXL_SPEC_CMD_SCAN_H
#define HW_CXL_SPEC_CMD_SCAN_H

#include "hw/cxl/spec/wire.h"

/* Get Scan Media Capabilities: input */
typedef struct {
    cxl_le64 dpa;
    cxl_le64 length;            /* lines */
} QEMU_PACKED CXLWireGetScanCaps;
CXL_WIRE(CXLWireGetScanCaps, 0x10);

typedef struct {
    cxl_le32 estimate;          /* ms */
} QEMU_PACKED CXLWireScanCaps;
CXL_WIRE(CXLWireScanCaps, 4);

typedef struct {
    cxl_le64 dpa;
    cxl_le64 length;            /* lines */
    uint8_t flags;
} QEMU_PACKED CXLWireScanMedia;
CXL_WIRE(CXLWireScanMedia, 0x11);

#define CXL_SCAN_NO_EVENTS 0x01

/* CXLWirePoisonRecords follow */
typedef struct {
    cxl_le64 restart_dpa;
    cxl_le64 restart_length;    /* lines; not 0: the scan did not get there */
    uint8_t flags;
    uint8_t reserved;
    cxl_le16 count;
    uint8_t reserved2[0xc];
} QEMU_PACKED CXLWireScanResults;
CXL_WIRE(CXLWireScanResults, 0x20);

enum {
    CXL_SCAN_RESULTS_MORE    = 1 << 0,
    CXL_SCAN_RESULTS_STOPPED = 1 << 1,
};

#endif
