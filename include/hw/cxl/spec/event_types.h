/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Event Records: what each type of record says. */
#ifndef HW_CXL_SPEC_EVENT_TYPES_H
#define HW_CXL_SPEC_EVENT_TYPES_H

#include "hw/cxl/spec/cmd_health.h"
#include "hw/cxl/spec/event.h"

#define CXL_EVENT_DATA 0x50         /* bytes that belong to the type */
#define CXL_EVENT_COMPONENT_ID 16

/* Physical address of media records: the DPA of a line, and flags */
enum {
    CXL_EVENT_PA_VOLATILE       = 1 << 0,
    CXL_EVENT_PA_NOT_REPAIRABLE = 1 << 1,
    CXL_EVENT_PA_FLAGS          = 0x3f,
};

/* Memory Event Descriptor */
enum {
    CXL_EVENT_UNCORRECTABLE   = 1 << 0,
    CXL_EVENT_THRESHOLD       = 1 << 1,
    CXL_EVENT_POISON_OVERFLOW = 1 << 2,
};

/* Transaction Type of media records */
enum {
    CXL_EVENT_BY_UNKNOWN        = 0,
    CXL_EVENT_BY_HOST_READ      = 1,
    CXL_EVENT_BY_HOST_WRITE     = 2,
    CXL_EVENT_BY_SCAN_MEDIA     = 3,
    CXL_EVENT_BY_INJECT_POISON  = 4,
    CXL_EVENT_BY_SCRUB          = 5,
    CXL_EVENT_BY_MANAGEMENT     = 6,
    CXL_EVENT_BY_ECS            = 7,
    CXL_EVENT_BY_INITIALIZATION = 8,
};

/* CXL r3.2: General Media Event Record: Memory Event Type */
enum {
    CXL_MEDIA_EVENT_ECC             = 0,
    CXL_MEDIA_EVENT_INVALID_ADDRESS = 1,
    CXL_MEDIA_EVENT_DATA_PATH       = 2,
    CXL_MEDIA_EVENT_TE_STATE        = 3,
    CXL_MEDIA_EVENT_SCRUB_ECC       = 4,
    CXL_MEDIA_EVENT_COUNTER_EXPIRED = 5,
    CXL_MEDIA_EVENT_CKID            = 6,
};

/* CXL r3.2: General Media Event Record: Validity Flags */
enum {
    CXL_MEDIA_EVENT_CHANNEL_VALID   = 1 << 0,
    CXL_MEDIA_EVENT_RANK_VALID      = 1 << 1,
    CXL_MEDIA_EVENT_DEVICE_VALID    = 1 << 2,
    CXL_MEDIA_EVENT_COMPONENT_VALID = 1 << 3,
    CXL_MEDIA_EVENT_COMPONENT_PLDM  = 1 << 4,
};

/* CXL r3.2: General Media Event Record */
typedef struct {
    cxl_le64 address;
    uint8_t descriptor;
    uint8_t type;
    uint8_t transaction;
    cxl_le16 validity;
    uint8_t channel;
    uint8_t rank;
    cxl_le24 device;
    uint8_t component_id[CXL_EVENT_COMPONENT_ID];
    uint8_t cme_threshold_flags;
    cxl_le24 cme_count;
    uint8_t subtype;
    uint8_t reserved[0x29];
} QEMU_PACKED CXLWireGeneralMediaEvent;
CXL_WIRE(CXLWireGeneralMediaEvent, CXL_EVENT_DATA);

/* CXL r3.2: DRAM Event Record: Memory Event Type */
enum {
    CXL_DRAM_EVENT_ECC             = 0,
    CXL_DRAM_EVENT_SCRUB_ECC       = 1,
    CXL_DRAM_EVENT_INVALID_ADDRESS = 2,
    CXL_DRAM_EVENT_DATA_PATH       = 3,
    CXL_DRAM_EVENT_TE_STATE        = 4,
    CXL_DRAM_EVENT_COUNTER_EXPIRED = 5,
    CXL_DRAM_EVENT_CKID            = 6,
};

/* CXL r3.2: DRAM Event Record: Validity Flags */
enum {
    CXL_DRAM_EVENT_CHANNEL_VALID     = 1 << 0,
    CXL_DRAM_EVENT_RANK_VALID        = 1 << 1,
    CXL_DRAM_EVENT_NIBBLE_VALID      = 1 << 2,
    CXL_DRAM_EVENT_BANK_GROUP_VALID  = 1 << 3,
    CXL_DRAM_EVENT_BANK_VALID        = 1 << 4,
    CXL_DRAM_EVENT_ROW_VALID         = 1 << 5,
    CXL_DRAM_EVENT_COLUMN_VALID      = 1 << 6,
    CXL_DRAM_EVENT_CORRECTION_VALID  = 1 << 7,
    CXL_DRAM_EVENT_COMPONENT_VALID   = 1 << 8,
    CXL_DRAM_EVENT_COMPONENT_PLDM    = 1 << 9,
    CXL_DRAM_EVENT_SUB_CHANNEL_VALID = 1 << 10,
};

/* CXL r3.2: DRAM Event Record */
typedef struct {
    cxl_le64 address;
    uint8_t descriptor;
    uint8_t type;
    uint8_t transaction;
    cxl_le16 validity;
    uint8_t channel;
    uint8_t rank;
    cxl_le24 nibble_mask;
    uint8_t bank_group;
    uint8_t bank;
    cxl_le24 row;
    cxl_le16 column;
    cxl_le64 correction_mask[4];
    uint8_t component_id[CXL_EVENT_COMPONENT_ID];
    uint8_t sub_channel;
    uint8_t cme_threshold_flags;
    cxl_le24 cvme_count;
    uint8_t subtype;
    uint8_t reserved;
} QEMU_PACKED CXLWireDramEvent;
CXL_WIRE(CXLWireDramEvent, CXL_EVENT_DATA);

/* CXL r3.2: Memory Module Event Record: Device Event Type */
enum {
    CXL_MODULE_EVENT_HEALTH      = 0,
    CXL_MODULE_EVENT_MEDIA       = 1,
    CXL_MODULE_EVENT_LIFE_USED   = 2,
    CXL_MODULE_EVENT_TEMPERATURE = 3,
    CXL_MODULE_EVENT_DATA_PATH   = 4,
    CXL_MODULE_EVENT_LSA         = 5,
    CXL_MODULE_EVENT_SIDEBAND    = 6,
    CXL_MODULE_EVENT_FRU         = 7,
    CXL_MODULE_EVENT_POWER       = 8,
};

/* CXL r3.2: Memory Module Event Record */
typedef struct {
    uint8_t type;
    CXLWireHealthInfo health;
    cxl_le16 validity;              /* [0] component id, [1] of PLDM */
    uint8_t component_id[CXL_EVENT_COMPONENT_ID];
    uint8_t subtype;
    uint8_t reserved[0x2a];
} QEMU_PACKED CXLWireMemoryModuleEvent;
CXL_WIRE(CXLWireMemoryModuleEvent, CXL_EVENT_DATA);

/* CXL r3.2: Memory Sparing Event Record: flags */
enum {
    CXL_SPARING_EVENT_QUERY     = 1 << 0,
    CXL_SPARING_EVENT_HARD      = 1 << 1,
    CXL_SPARING_EVENT_BY_DEVICE = 1 << 2,
};

/* CXL r3.2: Memory Sparing Event Record: Validity Flags */
enum {
    CXL_SPARING_EVENT_CHANNEL_VALID     = 1 << 0,
    CXL_SPARING_EVENT_RANK_VALID        = 1 << 1,
    CXL_SPARING_EVENT_NIBBLE_VALID      = 1 << 2,
    CXL_SPARING_EVENT_BANK_GROUP_VALID  = 1 << 3,
    CXL_SPARING_EVENT_BANK_VALID        = 1 << 4,
    CXL_SPARING_EVENT_ROW_VALID         = 1 << 5,
    CXL_SPARING_EVENT_COLUMN_VALID      = 1 << 6,
    CXL_SPARING_EVENT_COMPONENT_VALID   = 1 << 7,
    CXL_SPARING_EVENT_COMPONENT_PLDM    = 1 << 8,
    CXL_SPARING_EVENT_SUB_CHANNEL_VALID = 1 << 9,
};

/* CXL r3.2: Memory Sparing Event Record; its class is in the header */
typedef struct {
    uint8_t reserved0[2];
    uint8_t flags;
    uint8_t result;
    cxl_le16 validity;
    uint8_t reserved1[6];
    cxl_le16 spares_available;
    uint8_t channel;
    uint8_t rank;
    cxl_le24 nibble_mask;
    uint8_t bank_group;
    uint8_t bank;
    cxl_le24 row;
    cxl_le16 column;
    uint8_t component_id[CXL_EVENT_COMPONENT_ID];
    uint8_t sub_channel;
    uint8_t reserved2[0x25];
} QEMU_PACKED CXLWireMemorySparingEvent;
CXL_WIRE(CXLWireMemorySparingEvent, CXL_EVENT_DATA);

/* CXL r3.2: Physical Switch Event Record */
typedef struct {
    uint8_t port;
    uint8_t type;                   /* 0 link state, 1 slot status */
    cxl_le16 slot_status;
    uint8_t reserved0;
    uint8_t config_state;           /* from here on: its Port State block */
    uint8_t connected_mode;
    uint8_t reserved1;
    uint8_t device_type;
    uint8_t supported_modes;
    uint8_t max_width;
    uint8_t width;
    uint8_t speeds;
    uint8_t max_speed;
    uint8_t speed;
    uint8_t ltssm;
    uint8_t first_lane;
    cxl_le16 link_flags;
    uint8_t reserved2[0x3d];
} QEMU_PACKED CXLWirePhysicalSwitchEvent;
CXL_WIRE(CXLWirePhysicalSwitchEvent, CXL_EVENT_DATA);

/* CXL r3.2: Virtual CXL Switch Event Record: Event Type */
enum {
    CXL_VCS_EVENT_BINDING      = 0,
    CXL_VCS_EVENT_RESET        = 1,
    CXL_VCS_EVENT_LINK_CONTROL = 2,
    CXL_VCS_EVENT_SLOT_CONTROL = 3,
};

/* CXL r3.2: Virtual CXL Switch Event Record */
typedef struct {
    uint8_t vcs;
    uint8_t vppb;
    uint8_t type;
    uint8_t binding;
    uint8_t port;
    uint8_t ld;
    cxl_le16 link_control;
    cxl_le16 slot_control;
    uint8_t reserved[0x46];
} QEMU_PACKED CXLWireVirtualSwitchEvent;
CXL_WIRE(CXLWireVirtualSwitchEvent, CXL_EVENT_DATA);

/* CXL r3.2: MLD Port Event Record */
typedef struct {
    uint8_t port;
    uint8_t type;                   /* 0 correctable, 1 non-fatal, 2 fatal */
    uint8_t reserved0[2];
    cxl_le64 message;
    uint8_t reserved1[0x44];
} QEMU_PACKED CXLWireMldPortEvent;
CXL_WIRE(CXLWireMldPortEvent, CXL_EVENT_DATA);

#endif
