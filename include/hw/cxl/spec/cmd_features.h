/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Features Command Set, and the features of memory devices. */
#ifndef HW_CXL_SPEC_CMD_FEATURES_H
#define HW_CXL_SPEC_CMD_FEATURES_H

#include "hw/cxl/spec/wire.h"

/* Get Supported Features (0500h): input */
typedef struct {
    cxl_le32 count;                 /* bytes of answer that are wanted */
    cxl_le16 start;
    uint8_t reserved[2];
} QEMU_PACKED CXLWireGetFeatures;
CXL_WIRE(CXLWireGetFeatures, 8);

/* Its output, @count CXLWireFeature follow */
typedef struct {
    cxl_le16 count;
    cxl_le16 total;
    uint8_t reserved[4];
} QEMU_PACKED CXLWireFeatures;
CXL_WIRE(CXLWireFeatures, 8);

typedef struct {
    uint8_t uuid[16];               /* RFC 4122 byte order */
    cxl_le16 index;
    cxl_le16 get_size, set_size;    /* bytes */
    cxl_le32 attributes;
    uint8_t get_version, set_version;
    cxl_le16 effects;               /* CXL_EFF_* */
    uint8_t reserved[0x12];
} QEMU_PACKED CXLWireFeature;
CXL_WIRE(CXLWireFeature, 0x30);

enum {
    CXL_FEATURE_CHANGEABLE      = 1 << 0,
    CXL_FEATURE_OVER_COLD       = 4 << 1,   /* deepest reset it persists over */
    CXL_FEATURE_OVER_FW_UPDATE  = 1 << 4,
    CXL_FEATURE_HAS_DEFAULT     = 1 << 5,
    CXL_FEATURE_HAS_SAVED       = 1 << 6,
};

typedef enum CXLFeatureSelection {
    CXL_FEATURE_CURRENT,
    CXL_FEATURE_DEFAULT,
    CXL_FEATURE_SAVED,
    CXL_FEATURE_SELECTIONS
} CXLFeatureSelection;

/* Get Feature (0501h): input */
typedef struct {
    uint8_t uuid[16];
    cxl_le16 offset, count;         /* bytes */
    uint8_t selection;
} QEMU_PACKED CXLWireGetFeature;
CXL_WIRE(CXLWireGetFeature, 0x15);

/* Set Feature (0502h): input, the data follow */
typedef struct {
    uint8_t uuid[16];
    cxl_le32 flags;
    cxl_le16 offset;
    uint8_t version;
    uint8_t reserved[9];
    uint8_t data[];
} QEMU_PACKED CXLWireSetFeature;
CXL_WIRE(CXLWireSetFeature, 0x20);

typedef enum CXLFeatureAction {
    CXL_FEATURE_FULL,
    CXL_FEATURE_INITIATE,
    CXL_FEATURE_CONTINUE,
    CXL_FEATURE_FINISH,
    CXL_FEATURE_ABORT,
} CXLFeatureAction;

#define CXL_FEATURE_ACTION_MASK     0x07
#define CXL_FEATURE_SAVE            0x08
#define CXL_FEATURE_FLAGS           0x0f

/* Device Patrol Scrub Control */
typedef struct {
    uint8_t caps;
    uint8_t cycle, min_cycle;       /* hours */
    uint8_t flags;
} QEMU_PACKED CXLWirePatrolScrub;
CXL_WIRE(CXLWirePatrolScrub, 4);

typedef struct {
    uint8_t cycle;
    uint8_t flags;
} QEMU_PACKED CXLWireSetPatrolScrub;
CXL_WIRE(CXLWireSetPatrolScrub, 2);

#define CXL_SCRUB_CYCLE_CHANGEABLE  0x01
#define CXL_SCRUB_ENABLED           0x01

/* DDR5 Error Check Scrub Control: @log and for each FRU a CXLWireEcsFru */
typedef struct {
    uint8_t caps;
    cxl_le16 config;
    uint8_t flags;
} QEMU_PACKED CXLWireEcsFru;
CXL_WIRE(CXLWireEcsFru, 4);

#define CXL_ECS_LOG_TYPE_MASK       0x03    /* 0 per DRAM, 1 per FRU */
#define CXL_ECS_THRESHOLD_MASK      0x0007  /* 3: 256, 4: 1024, 5: 4096 */
#define CXL_ECS_CODEWORDS           0x0008  /* counts these, not rows */
#define CXL_ECS_RESET               0x0010  /* of the counter; reads 0 */
#define CXL_ECS_CONFIG              0x001f

#endif
