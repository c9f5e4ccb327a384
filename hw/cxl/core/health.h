/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's state of health, the alerts on it, and how the last power-off
 * went.  CXL r3.2: Health Info and Alerts.
 */
#ifndef HW_CXL_CORE_HEALTH_H
#define HW_CXL_CORE_HEALTH_H

#include "hw/cxl/core/event_types.h"
#include "hw/cxl/core/metadata.h"
#include "hw/cxl/spec/cmd_health.h"

/* What sensors and counters say. */
typedef struct CXLHealthValues {
    uint8_t status;             /* CXL_HEALTH_MAINTENANCE and so on */
    uint8_t media_status;       /* CXL_HEALTH_MEDIA_NORMAL and so on */
    uint8_t life_used;          /* percent; 0xff none */
    int16_t temperature;        /* degrees Celsius; 0x7fff none */
    uint32_t dirty_shutdowns;   /* all three wrap */
    uint32_t corrected_volatile;
    uint32_t corrected_persistent;
} CXLHealthValues;

/* Thresholds; those that are critical are the device's own. */
typedef struct CXLAlerts {
    uint8_t enabled;            /* warnings: 1 << CXLAlert */
    uint8_t life_warning;       /* percent */
    int16_t over_warning, under_warning;            /* degrees Celsius */
    uint16_t volatile_warning, persistent_warning;  /* errors */
} CXLAlerts;

/* The device's own: percent and degrees Celsius. */
enum {
    CXL_HEALTH_LIFE_CRITICAL  = 95,
    CXL_HEALTH_OVER_CRITICAL  = 90,
    CXL_HEALTH_UNDER_CRITICAL = 0,
};

typedef struct CXLHealth {
    CXLHealthValues now;
    CXLAlerts alerts;
    bool dirty;                 /* persistent memory may be in use */
    bool gpf_fails;             /* losing power then loses data */
    CXLEventLogs *events;       /* where it tells; may be NULL */
    CXLMetadata *metadata;      /* may be NULL */
} CXLHealth;

/* A new device at room temperature, all warnings off. */
void cxl_health_init(CXLHealth *health, CXLEventLogs *events);
/*
 * Power is lost, unless the reset is not cold.  Global Persistent Flush
 * makes a dirty device clean, or fails and is counted.
 */
void cxl_health_reset(CXLHealth *health, CXLResetKind kind);
/*
 * Other values from now on.  A Memory Module record tells of another status
 * and of each threshold that is passed by it, but not of the way back.
 * CXL r3.2: Memory Module Event Record.
 */
void cxl_health_set(CXLHealth *health, const CXLHealthValues *values);
/* Can these values be? */
bool cxl_health_values_valid(const CXLHealthValues *values);
/*
 * Other warnings from now on; false if they are not milder than what is
 * critical.  One that is passed already is told of at once.
 */
bool cxl_health_set_alerts(CXLHealth *health, const CXLAlerts *alerts);
/* CXL r3.2: Set Shutdown State. */
void cxl_health_set_dirty(CXLHealth *health, bool dirty);
/* As the wire has it, with the additional status that follows. */
CXLWireHealthInfo cxl_health_info(const CXLHealth *health);
/* Is a loaded state one that could have come about? */
bool cxl_health_valid(const CXLHealth *health);

/*
 * What is kept without power.  To take it from the area is to start after
 * it was last saved: if that was dirty, nobody has flushed.
 */
extern const CXLMetadataSection cxl_health_section;

#endif
