/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decoders that are committed before the guest starts: see cxl-region. */
#ifndef HW_CXL_HOST_FIRMWARE_H
#define HW_CXL_HOST_FIRMWARE_H

#include "hw/cxl/cxl.h"

/*
 * Windows and devices are complete: settles where each range is, checks all
 * of it, and from now on programs the decoders at every reset of the machine.
 * False if a range cannot be programmed.
 */
bool cxl_firmware_start(CXLState *state, Error **errp);

#endif
