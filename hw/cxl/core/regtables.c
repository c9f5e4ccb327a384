/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every register table. */
#include "qemu/osdep.h"
#include "hw/cxl/core/mailbox.h"
#include "hw/cxl/core/regtables.h"

const CXLRegTable *const cxl_regtables[] = {
    &cxl_mailbox_registers,
    NULL
};
