/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spare resources, and repairs that use them up.  What is repaired hard stays
 * so; soft repairs end with the power.
 * CXL r3.2: Maintenance: PPR, Memory Sparing.
 */
#ifndef HW_CXL_CORE_REPAIR_H
#define HW_CXL_CORE_REPAIR_H

#include "hw/cxl/core/event_types.h"
#include "hw/cxl/core/feature.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/spec/cmd_maintenance.h"

/* Spares of their own: PPR of either kind shares one, as both use rows. */
typedef enum CXLSpare {
    CXL_SPARE_PPR,
    CXL_SPARE_CACHELINE,
    CXL_SPARE_ROW,
    CXL_SPARE_BANK,
    CXL_SPARE_RANK,
    CXL_SPARES
} CXLSpare;

typedef struct CXLRepairRequest {
    uint8_t class, subclass;
    bool hard;
    CXLSpare spare;
    CXLWireMemorySparingEvent event;    /* the place, as a record tells it */
} CXLRepairRequest;

typedef struct CXLRepair {
    uint16_t soft[CXL_SPARES], hard[CXL_SPARES];    /* in use */
    CXLRepairRequest request;           /* between a command and its end */
    CXLEventLogs *events;
    const CXLMediaState *media;
    const CXLFeatures *features;
    CXLMetadata *metadata;              /* keeps what is hard, or NULL */
} CXLRepair;

/* Hard repairs, of a CXLRepair */
extern const CXLMetadataSection cxl_repair_section;

void cxl_repair_init(CXLRepair *repair, CXLEventLogs *events,
                     const CXLMediaState *media, const CXLFeatures *features);
/* A power cycle undoes what is soft. */
void cxl_repair_reset(CXLRepair *repair, CXLResetKind kind);
/* Spares that are left. */
unsigned cxl_repair_left(const CXLRepair *repair, CXLSpare spare);
/* Append a record of the request: @query, or with its result. */
void cxl_repair_report(CXLRepair *repair, bool query, CXLRetCode result);
/* Carry out the request. */
CXLRetCode cxl_repair_perform(CXLRepair *repair);
/* Are no more in use than there are?  If not, init anew. */
bool cxl_repair_valid(const CXLRepair *repair);

#endif
