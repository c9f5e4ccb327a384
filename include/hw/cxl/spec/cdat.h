/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CDAT r1.04: Coherent Device Attribute Table;
 * CXL r3.2: Table Access DOE, the way to read it.
 */
#ifndef HW_CXL_SPEC_CDAT_H
#define HW_CXL_SPEC_CDAT_H

#include "hw/cxl/spec/wire.h"

#define CXL_CDAT_REVISION           2

typedef struct {
    cxl_le32 length;                /* bytes of the whole table */
    uint8_t revision;
    uint8_t checksum;               /* all bytes of the table sum to 0 */
    uint8_t reserved[6];
    cxl_le32 sequence;
} QEMU_PACKED CXLWireCdatHeader;
CXL_WIRE(CXLWireCdatHeader, 16);

enum {
    CXL_CDAT_DSMAS                  = 0,
    CXL_CDAT_DSLBIS                 = 1,
    CXL_CDAT_DSMSCIS                = 2,
    CXL_CDAT_DSIS                   = 3,
    CXL_CDAT_DSEMTS                 = 4,
    CXL_CDAT_SSLBIS                 = 5,
};

typedef struct {
    uint8_t type;
    uint8_t reserved;
    cxl_le16 length;                /* bytes, with these four */
} QEMU_PACKED CXLWireCdatPrefix;
CXL_WIRE(CXLWireCdatPrefix, 4);

/* Device Scoped Memory Affinity Structure */
typedef struct {
    CXLWireCdatPrefix prefix;
    uint8_t handle;
    uint8_t flags;
    uint8_t reserved[2];
    cxl_le64 base, size;            /* DPA, bytes */
} QEMU_PACKED CXLWireDsmas;
CXL_WIRE(CXLWireDsmas, 24);

enum {
    CXL_DSMAS_NON_VOLATILE          = 1 << 2,
    CXL_DSMAS_SHAREABLE             = 1 << 3,
    CXL_DSMAS_HW_COHERENT           = 1 << 4,
    CXL_DSMAS_DYNAMIC_CAPACITY      = 1 << 5,
    CXL_DSMAS_READ_ONLY             = 1 << 6,
};

/* Device Scoped Latency and Bandwidth Information Structure */
typedef struct {
    CXLWireCdatPrefix prefix;
    uint8_t handle;
    uint8_t flags;                  /* 3:0 memory hierarchy, 0 = memory */
    uint8_t data_type;
    uint8_t reserved;
    cxl_le64 base_unit;
    cxl_le16 entry[3];
    uint8_t reserved2[2];
} QEMU_PACKED CXLWireDslbis;
CXL_WIRE(CXLWireDslbis, 24);

/* Entry times base unit: picoseconds or MB/s */
enum {
    CXL_CDAT_ACCESS_LATENCY         = 0,
    CXL_CDAT_READ_LATENCY           = 1,
    CXL_CDAT_WRITE_LATENCY          = 2,
    CXL_CDAT_ACCESS_BANDWIDTH       = 3,
    CXL_CDAT_READ_BANDWIDTH         = 4,
    CXL_CDAT_WRITE_BANDWIDTH        = 5,
};
#define CXL_CDAT_ENTRY_MAX          0xfffe  /* 0 and ffffh: not valid */

/* Device Scoped Memory Side Cache Information Structure */
typedef struct {
    CXLWireCdatPrefix prefix;
    uint8_t handle;
    uint8_t reserved[3];
    cxl_le64 size;
    cxl_le32 attributes;
} QEMU_PACKED CXLWireDsmscis;
CXL_WIRE(CXLWireDsmscis, 20);

/* Device Scoped Initiator Structure */
typedef struct {
    CXLWireCdatPrefix prefix;
    uint8_t flags;
    uint8_t handle;
    uint8_t reserved[2];
} QEMU_PACKED CXLWireDsis;
CXL_WIRE(CXLWireDsis, 8);

/* Device Scoped EFI Memory Type Structure */
typedef struct {
    CXLWireCdatPrefix prefix;
    uint8_t handle;
    uint8_t type;
    uint8_t reserved[2];
    cxl_le64 offset, size;          /* bytes; from the DSMAS's base */
} QEMU_PACKED CXLWireDsemts;
CXL_WIRE(CXLWireDsemts, 24);

enum {
    CXL_DSEMTS_CONVENTIONAL         = 0,
    CXL_DSEMTS_SPECIFIC_PURPOSE     = 1,
    CXL_DSEMTS_RESERVED             = 2,
};

/* Switch Scoped Latency and Bandwidth Information Structure */
typedef struct {
    CXLWireCdatPrefix prefix;
    uint8_t data_type;
    uint8_t reserved[3];
    cxl_le64 base_unit;
} QEMU_PACKED CXLWireSslbis;
CXL_WIRE(CXLWireSslbis, 16);

typedef struct {
    cxl_le16 port_x, port_y;
    cxl_le16 value;
    uint8_t reserved[2];
} QEMU_PACKED CXLWireSslbisEntry;
CXL_WIRE(CXLWireSslbisEntry, 8);

#define CXL_SSLBIS_UPSTREAM         0x0100
#define CXL_SSLBIS_ANY              0xffff

/* Table Access: after the DOE header */
typedef struct {
    uint8_t code;                   /* 0: read entry */
    uint8_t table;                  /* 0: CDAT */
    cxl_le16 handle;
} QEMU_PACKED CXLWireTableAccess;
CXL_WIRE(CXLWireTableAccess, 4);

#define CXL_TABLE_ACCESS_READ       0
#define CXL_TABLE_ACCESS_CDAT       0
#define CXL_TABLE_ACCESS_LAST       0xffff

#endif
