/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every command set, and what cxl_cci_attach() wants as its state. */
#ifndef HW_CXL_CORE_CMDSETS_H
#define HW_CXL_CORE_CMDSETS_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/core/feature.h"
#include "hw/cxl/core/health.h"
#include "hw/cxl/core/identity.h"
#include "hw/cxl/core/sanitize.h"
#include "hw/cxl/core/scan.h"
#include "hw/cxl/core/security.h"

extern const CXLCommandSet cxl_cmdset_infostat;   /* CXLIdentity */
extern const CXLCommandSet cxl_cmdset_events;     /* CXLEventLogs */
extern const CXLCommandSet cxl_cmdset_firmware;   /* CXLFirmware */
extern const CXLCommandSet cxl_cmdset_timestamp;  /* CXLTimestamp */
extern const CXLCommandSet cxl_cmdset_logs;       /* CXLCci: its own */
extern const CXLCommandSet cxl_cmdset_features;   /* CXLFeatures */
extern const CXLCommandSet cxl_cmdset_maintenance; /* CXLRepair */
extern const CXLCommandSet cxl_cmdset_identify;   /* CXLIdentity */
extern const CXLCommandSet cxl_cmdset_partition;  /* CXLMediaState */
extern const CXLCommandSet cxl_cmdset_lsa;        /* CXLLsa */
extern const CXLCommandSet cxl_cmdset_health;     /* CXLHealth */
extern const CXLCommandSet cxl_cmdset_poison;     /* CXLPoisonList */
extern const CXLCommandSet cxl_cmdset_scan;       /* CXLScan */
extern const CXLCommandSet cxl_cmdset_sanitize;   /* CXLSanitize */
extern const CXLCommandSet cxl_cmdset_security;   /* CXLSecurity */

/* All of them, ended by NULL: what tables, docs and fuzzers walk. */
extern const CXLCommandSet *const cxl_cmdsets[];

#endif
