/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: CXL Device Register Interface. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/cxl/core/device.h"

#define BLOCK_ALIGN 0x10

/* A capability; length() of 0 bytes says that the device has none. */
typedef struct CXLDeviceRow {
    uint16_t id;
    uint8_t version;
    uint32_t (*length)(const CXLDeviceRegs *dev);
    uint64_t (*read)(CXLDeviceRegs *dev, uint32_t offset, unsigned size);
    void (*write)(CXLDeviceRegs *dev, uint32_t offset, uint64_t value,
                  unsigned size);         /* NULL: read only */
} CXLDeviceRow;

struct CXLDeviceBlock {
    const CXLDeviceRow *row;
    uint32_t offset, length;
};

/* Bytes of a 64-bit register. */
static uint64_t part(uint64_t value, uint32_t offset, unsigned size)
{
    return offset < 8 ? extract64(value, offset * 8,
                                  MIN(size, 8 - offset) * 8) : 0;
}

static uint32_t status_length(const CXLDeviceRegs *dev)
{
    return CXL_DEVICE_STATUS_LENGTH;
}

static uint64_t status_read(CXLDeviceRegs *dev, uint32_t offset,
                            unsigned size)
{
    return part(dev->events ? cxl_evlog_status(dev->events) : 0,
                offset, size);
}

static uint32_t mailbox_length(const CXLDeviceRegs *dev)
{
    return cxl_mailbox_length(dev->mailbox);
}

static uint64_t mailbox_read(CXLDeviceRegs *dev, uint32_t offset,
                             unsigned size)
{
    return cxl_mailbox_read(dev->mailbox, offset, size);
}

static void mailbox_write(CXLDeviceRegs *dev, uint32_t offset,
                          uint64_t value, unsigned size)
{
    cxl_mailbox_write(dev->mailbox, offset, value, size);
}

static uint32_t memdev_length(const CXLDeviceRegs *dev)
{
    return dev->media ? CXL_MEMDEV_STATUS_LENGTH : 0;
}

static uint64_t memdev_read(CXLDeviceRegs *dev, uint32_t offset,
                            unsigned size)
{
    return part(cxl_media_status_register(dev->media), offset, size);
}

static const CXLDeviceRow device_rows[] = {
    { CXL_DEVICE_CAP_STATUS, 2, status_length, status_read },
    { CXL_DEVICE_CAP_PRIMARY_MAILBOX, 1, mailbox_length, mailbox_read,
      mailbox_write },
    { CXL_DEVICE_CAP_MEMDEV_STATUS, 1, memdev_length, memdev_read },
};

static void lay_out(CXLDeviceRegs *dev)
{
    uint32_t end;

    for (unsigned i = 0; i < ARRAY_SIZE(device_rows); i++) {
        uint32_t length = device_rows[i].length(dev);

        if (length) {
            dev->blocks[dev->block_count++] = (struct CXLDeviceBlock) {
                .row = &device_rows[i], .length = length,
            };
        }
    }
    end = dev->array_length = sizeof(CXLWireDeviceCapArray) +
        dev->block_count * sizeof(CXLWireDeviceCapHeader);
    for (unsigned i = 0; i < dev->block_count; i++) {
        dev->blocks[i].offset = end;
        end = ROUND_UP(end + dev->blocks[i].length, BLOCK_ALIGN);
    }
    dev->length = MAX(4 * KiB, pow2ceil(end));
}

static void fill_array(CXLDeviceRegs *dev)
{
    CXLWireDeviceCapArray *array = (void *)dev->array;
    CXLWireDeviceCapHeader *header = (void *)(array + 1);

    array->id = cxl_put16(CXL_DEVICE_CAP_ARRAY);
    array->version = 1;
    array->count = cxl_put16(dev->block_count);
    for (unsigned i = 0; i < dev->block_count; i++) {
        header[i].id = cxl_put16(dev->blocks[i].row->id);
        header[i].version = dev->blocks[i].row->version;
        header[i].offset = cxl_put32(dev->blocks[i].offset);
        header[i].length = cxl_put32(dev->blocks[i].length);
    }
}

void cxl_device_init(CXLDeviceRegs *dev, CXLMailbox *mailbox,
                     CXLEventLogs *events, CXLMediaState *media)
{
    *dev = (CXLDeviceRegs) {
        .mailbox = mailbox,
        .events = events,
        .media = media,
        .blocks = g_new0(struct CXLDeviceBlock, ARRAY_SIZE(device_rows)),
    };
    lay_out(dev);
    dev->array = g_malloc0(dev->array_length);
    fill_array(dev);
}

void cxl_device_finish(CXLDeviceRegs *dev)
{
    g_clear_pointer(&dev->array, g_free);
    g_clear_pointer(&dev->blocks, g_free);
    dev->array_length = dev->block_count = 0;
}

static const struct CXLDeviceBlock *find(const CXLDeviceRegs *dev,
                                         uint32_t offset)
{
    for (unsigned i = 0; i < dev->block_count; i++) {
        const struct CXLDeviceBlock *block = &dev->blocks[i];

        if (offset >= block->offset &&
            offset - block->offset < block->length) {
            return block;
        }
    }
    return NULL;
}

uint64_t cxl_device_read(CXLDeviceRegs *dev, uint32_t offset, unsigned size)
{
    const struct CXLDeviceBlock *block = find(dev, offset);

    size = MIN(size, 8);
    if (offset < dev->array_length) {
        return cxl_le_get(&dev->array[offset],
                          MIN(size, dev->array_length - offset));
    }
    return block ? block->row->read(dev, offset - block->offset, size) : 0;
}

void cxl_device_write(CXLDeviceRegs *dev, uint32_t offset, uint64_t value,
                      unsigned size)
{
    const struct CXLDeviceBlock *block = find(dev, offset);

    if (block && block->row->write) {
        block->row->write(dev, offset - block->offset, value, size);
    }
}
