/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Health Info and Alerts (4200h-4204h). */
#ifndef HW_CXL_SPEC_CMD_HEALTH_H
#define HW_CXL_SPEC_CMD_HEALTH_H

#include "hw/cxl/spec/wire.h"

/* Get Health Info: health status */
enum {
    CXL_HEALTH_MAINTENANCE = 1 << 0,
    CXL_HEALTH_PERFORMANCE = 1 << 1,
    CXL_HEALTH_REPLACEMENT = 1 << 2,
    CXL_HEALTH_CAPACITY    = 1 << 3,
    CXL_HEALTH_STATUS_MASK = 0xf,
};

/* Get Health Info: media status */
enum {
    CXL_HEALTH_MEDIA_NORMAL = 0,
    CXL_HEALTH_MEDIA_NOT_READY = 1,
    CXL_HEALTH_MEDIA_PERSISTENCY_LOST = 2,
    CXL_HEALTH_MEDIA_DATA_LOST = 3,
    CXL_HEALTH_MEDIA_PERSISTENCY_LOSS_POWER = 4,   /* at the next power loss */
    CXL_HEALTH_MEDIA_PERSISTENCY_LOSS_SHUT = 5,
    CXL_HEALTH_MEDIA_PERSISTENCY_LOSS_SOON = 6,
    CXL_HEALTH_MEDIA_DATA_LOSS_POWER = 7,
    CXL_HEALTH_MEDIA_DATA_LOSS_SHUT = 8,
    CXL_HEALTH_MEDIA_DATA_LOSS_SOON = 9,
};

/* Get Health Info: additional status: two of two bits, two of one */
enum {
    CXL_HEALTH_LIFE_SHIFT           = 0,
    CXL_HEALTH_TEMPERATURE_SHIFT    = 2,
    CXL_HEALTH_CORRECTED_VOLATILE   = 1 << 4,
    CXL_HEALTH_CORRECTED_PERSISTENT = 1 << 5,
};

typedef struct {
    uint8_t status;
    uint8_t media_status;
    uint8_t additional_status;
    uint8_t life_used;          /* percent; 0xff: not reported */
    cxl_le16 temperature;       /* degrees Celsius, two's complement */
    cxl_le32 dirty_shutdowns;
    cxl_le32 corrected_volatile;
    cxl_le32 corrected_persistent;
} QEMU_PACKED CXLWireHealthInfo;
CXL_WIRE(CXLWireHealthInfo, 0x12);

#define CXL_HEALTH_LIFE_NOT_REPORTED 0xff
#define CXL_HEALTH_TEMPERATURE_NOT_REPORTED 0x7fff

/* One bit for each alert, in all masks */
typedef enum CXLAlert {
    CXL_ALERT_LIFE_USED,
    CXL_ALERT_OVER_TEMPERATURE,
    CXL_ALERT_UNDER_TEMPERATURE,
    CXL_ALERT_CORRECTED_VOLATILE,
    CXL_ALERT_CORRECTED_PERSISTENT,
    CXL_ALERTS
} CXLAlert;
#define CXL_ALERT_MASK ((1 << CXL_ALERTS) - 1)

/* Get Alert Configuration (4201h): output */
typedef struct {
    uint8_t valid;              /* alerts that are on */
    uint8_t programmable;
    uint8_t life_critical;      /* percent */
    uint8_t life_warning;
    cxl_le16 over_critical;     /* degrees Celsius, two's complement */
    cxl_le16 under_critical;
    cxl_le16 over_warning;
    cxl_le16 under_warning;
    cxl_le16 volatile_warning;  /* errors */
    cxl_le16 persistent_warning;
} QEMU_PACKED CXLWireAlertConfig;
CXL_WIRE(CXLWireAlertConfig, 0x10);

/* Set Alert Configuration (4202h): input */
typedef struct {
    uint8_t change;             /* alerts that are set */
    uint8_t enable;             /* on or off */
    uint8_t life_warning;
    uint8_t reserved;
    cxl_le16 over_warning;
    cxl_le16 under_warning;
    cxl_le16 volatile_warning;
    cxl_le16 persistent_warning;
} QEMU_PACKED CXLWireSetAlertConfig;
CXL_WIRE(CXLWireSetAlertConfig, 0xc);

/* Get and Set Shutdown State (4203h, 4204h) */
typedef struct {
    uint8_t state;
} QEMU_PACKED CXLWireShutdownState;
CXL_WIRE(CXLWireShutdownState, 1);

enum {
    CXL_SHUTDOWN_CLEAN = 0,
    CXL_SHUTDOWN_DIRTY = 1,
};

#endif
