/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every command set. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"

const CXLCommandSet *const cxl_cmdsets[] = {
    &cxl_cmdset_infostat,
    &cxl_cmdset_events,
    &cxl_cmdset_firmware,
    &cxl_cmdset_timestamp,
    &cxl_cmdset_logs,
    &cxl_cmdset_features,
    &cxl_cmdset_maintenance,
    &cxl_cmdset_identify,
    &cxl_cmdset_partition,
    &cxl_cmdset_lsa,
    &cxl_cmdset_health,
    &cxl_cmdset_poison,
    &cxl_cmdset_scan,
    &cxl_cmdset_sanitize,
    &cxl_cmdset_security,
    NULL
};
