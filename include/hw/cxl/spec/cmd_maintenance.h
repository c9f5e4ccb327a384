/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Maintenance Command Set, and the features that it goes with. */
#ifndef HW_CXL_SPEC_CMD_MAINTENANCE_H
#define HW_CXL_SPEC_CMD_MAINTENANCE_H

#include "hw/cxl/spec/wire.h"

enum {
    CXL_MAINTENANCE_NONE    = 0,
    CXL_MAINTENANCE_PPR     = 1,    /* post package repair */
    CXL_MAINTENANCE_SPARING = 2,
};

enum {
    CXL_PPR_SOFT = 0,
    CXL_PPR_HARD = 1,
};

enum {
    CXL_SPARING_CACHELINE = 0,
    CXL_SPARING_ROW       = 1,
    CXL_SPARING_BANK      = 2,
    CXL_SPARING_RANK      = 3,
};

/* Perform Maintenance (0600h): input, data by class follow */
typedef struct {
    uint8_t class;
    uint8_t subclass;
    uint8_t data[];
} QEMU_PACKED CXLWireMaintenance;
CXL_WIRE(CXLWireMaintenance, 2);

typedef struct {
    uint8_t class, subclass;
    uint8_t flags;                  /* CXL_REPAIR_QUERY */
    cxl_le64 dpa;
    cxl_le24 nibble_mask;
} QEMU_PACKED CXLWirePpr;
CXL_WIRE(CXLWirePpr, 0x0e);

typedef struct {
    uint8_t class, subclass;
    uint8_t flags;                  /* CXL_REPAIR_* */
    uint8_t channel, rank;
    cxl_le24 nibble_mask;
    uint8_t bank_group, bank;
    cxl_le24 row;
    cxl_le16 column;
    uint8_t sub_channel;
} QEMU_PACKED CXLWireSparing;
CXL_WIRE(CXLWireSparing, 0x10);

enum {
    CXL_REPAIR_QUERY                = 1 << 0,
    CXL_REPAIR_HARD                 = 1 << 1,
    CXL_REPAIR_SUB_CHANNEL_VALID    = 1 << 2,
    CXL_REPAIR_NIBBLE_VALID         = 1 << 3,
};

/* Soft and Hard PPR features: what is shown */
typedef struct {
    uint8_t latency;
    cxl_le16 op_caps, op_mode;
    uint8_t class, subclass;
    uint8_t reserved[9];
    uint8_t flags;
    cxl_le16 restrictions;
    uint8_t ppr_mode;
} QEMU_PACKED CXLWirePprFeature;
CXL_WIRE(CXLWirePprFeature, 0x14);

typedef struct {
    cxl_le16 op_mode;
    uint8_t ppr_mode;
} QEMU_PACKED CXLWireSetPprFeature;
CXL_WIRE(CXLWireSetPprFeature, 3);

#define CXL_REPAIR_BY_DEVICE        0x0001  /* in op_caps and op_mode */
#define CXL_PPR_TAKES_DPA           0x01    /* flags */
#define CXL_PPR_TAKES_NIBBLE        0x02
#define CXL_PPR_CAN_REPORT          0x04
#define CXL_PPR_REPORT              0x01    /* ppr_mode */

/* Memory sparing features: what is shown; set is op_mode alone */
typedef struct {
    uint8_t latency;
    cxl_le16 op_caps, op_mode;
    uint8_t class, subclass;
    uint8_t reserved[0x0a];
    cxl_le16 restrictions;
} QEMU_PACKED CXLWireSparingFeature;
CXL_WIRE(CXLWireSparingFeature, 0x13);

#define CXL_SPARING_HARD_OK         0x0002  /* restrictions */
#define CXL_SPARING_SOFT_OK         0x0004

#define CXL_REPAIR_LATENCY_100MS    0x05

#endif
