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
#include "hw/cxl/spec/device.h"

typedef struct CXLDeviceRegs {
    CXLMailbox *mailbox;
    CXLEventLogs *events;       /* device status register; may be NULL */
    CXLMediaState *media;       /* memory device status; NULL: no such block */
    uint8_t *array;             /* the capabilities array and its headers */
    uint32_t array_length;      /* bytes */
    struct CXLDeviceBlock *blocks;  /* laid out: row, offset, length */
    unsigned block_count;
    uint32_t length;            /* bytes, a power of two, at least 4 KiB */
} CXLDeviceRegs;

void cxl_device_init(CXLDeviceRegs *dev, CXLMailbox *mailbox,
                     CXLEventLogs *events, CXLMediaState *media);
void cxl_device_finish(CXLDeviceRegs *dev);
/*
 * @size 1 to 8.  The block that holds the byte at @offset answers; what is
 * outside of it reads 0 and ignores writes.
 */
uint64_t cxl_device_read(CXLDeviceRegs *dev, uint32_t offset, unsigned size);
void cxl_device_write(CXLDeviceRegs *dev, uint32_t offset, uint64_t value,
                      unsigned size);

#endif
