/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of the core's parts.  What is loaded is a user's file: sizes
 * must match, counts are bounded, and each part checks its invariants.
 */
#ifndef HW_CXL_MODEL_GLUE_VMSTATE_H
#define HW_CXL_MODEL_GLUE_VMSTATE_H

#include "migration/vmstate.h"

/* Every register bank of a CXLComponent. */
extern const VMStateInfo vmstate_info_cxl_component;
/* The register bank of a CXLDvsec. */
extern const VMStateInfo vmstate_info_cxl_dvsec;
/* Registers and payload of a CXLMailbox. */
extern const VMStateInfo vmstate_info_cxl_mailbox;
/* The background operation of a CXLCci. */
extern const VMStateInfo vmstate_info_cxl_cci;
/* Every log of a CXLEventLogs. */
extern const VMStateInfo vmstate_info_cxl_evlog;
/* A CXLPoisonList, with how far the host has read it. */
extern const VMStateInfo vmstate_info_cxl_poison;
/* The range and the results of a CXLScan. */
extern const VMStateInfo vmstate_info_cxl_scan;

/* A CXLFirmware, with what of an image has come so far. */
extern const VMStateDescription vmstate_cxl_firmware;
/* A CXLFeatures, with what of a change has come so far. */
extern const VMStateDescription vmstate_cxl_features;
/* Spares in use, of a CXLRepair. */
extern const VMStateDescription vmstate_cxl_repair;
extern const VMStateDescription vmstate_cxl_debuglog;
extern const VMStateDescription vmstate_cxl_statedump;
extern const VMStateDescription vmstate_cxl_timestamp;
extern const VMStateDescription vmstate_cxl_media;
extern const VMStateDescription vmstate_cxl_health;
extern const VMStateDescription vmstate_cxl_doe;
/* glue_vmstate_security.c */
extern const VMStateDescription vmstate_cxl_sanitize;
extern const VMStateDescription vmstate_cxl_security;

#define VMSTATE_CXL_PART(field, state, info_name, type)             \
    VMSTATE_SINGLE(field, state, 0, info_name, type)

#endif
