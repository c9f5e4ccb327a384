/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CXL device register block: the capabilities array laid out from rows,
 * device status, mailbox, memory device status.
 * CXL r3.2: CXL Device Register Interface.
 */
#ifndef HW_CXL_CORE_DEVICE_H
#define HW_CXL_CORE_DEVICE_H

#include "hw/cxl/core/evlog.h"
#include "hw/cxl/core/mailbox.h"
#include "hw/cxl/core/media.h"

typedef struct CXLDeviceRegs {
    CXLMailbox *mailbox;
    CXLEventLogs *events;       /* device status register; may be NULL */
    CXLMediaState *media;       /* memory device status; NULL: no such block */
    struct CXLDeviceBlock *blocks;  /* laid out: id, version, offset, length */
    unsigned block_count;
    uint32_t length;            /* bytes, a power of two, at least 4 KiB */
} CXLDeviceRegs;

void cxl_device_init(CXLDeviceRegs *dev, CXLMailbox *mailbox,
                     CXLEventLogs *events, CXLMediaState *media);
void cxl_device_finish(CXLDeviceRegs *dev);
/* @offset within @length; @size 1, 2, 4 or 8. */
uint64_t cxl_device_read(CXLDeviceRegs *dev, uint32_t offset, unsigned size);
void cxl_device_write(CXLDeviceRegs *dev, uint32_t offset, uint64_t value,
                      unsigned size);

#endif
