/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The five doors: a door without functions is a wall, not a crash. */
#include "qemu/osdep.h"
#include "hw/cxl/core/port.h"

uint64_t cxl_clock_now(const CXLClock *clock)
{
    return clock->ops ? clock->ops->now(clock->opaque) : 0;
}

void cxl_clock_arm(const CXLClock *clock, uint64_t deadline)
{
    if (clock->ops) {
        clock->ops->arm(clock->opaque, deadline);
    }
}

void cxl_irq_raise(const CXLIrq *irq, unsigned vector)
{
    if (irq->ops) {
        irq->ops->raise(irq->opaque, vector);
    }
}

uint64_t cxl_media_size(const CXLMedia *media)
{
    return media->ops ? media->ops->size(media->opaque) : 0;
}

bool cxl_media_read(const CXLMedia *media, uint64_t offset, void *buf,
                    uint64_t len)
{
    return media->ops && media->ops->read(media->opaque, offset, buf, len);
}

bool cxl_media_write(const CXLMedia *media, uint64_t offset, const void *buf,
                     uint64_t len)
{
    return media->ops && media->ops->write(media->opaque, offset, buf, len);
}

bool cxl_media_fill(const CXLMedia *media, uint64_t offset, uint8_t byte,
                    uint64_t len)
{
    return media->ops && media->ops->fill(media->opaque, offset, byte, len);
}

uint64_t cxl_media_erase(const CXLMedia *media, uint64_t offset,
                         uint64_t len)
{
    return media->ops ? media->ops->erase(media->opaque, offset, len) : 0;
}

bool cxl_media_erase_all(const CXLMedia *media, uint64_t offset,
                         uint64_t len)
{
    while (len) {
        uint64_t erased = cxl_media_erase(media, offset, len);

        if (!erased) {
            return false;
        }
        offset += erased;
        len -= erased;
    }
    return true;
}

void cxl_trace_command(const CXLTrace *trace, const char *name,
                       uint16_t opcode, size_t in_len, size_t out_len,
                       unsigned rc)
{
    if (trace->ops) {
        trace->ops->command(trace->opaque, name, opcode, in_len, out_len, rc);
    }
}

void cxl_trace_refused(const CXLTrace *trace, const char *reg,
                       uint64_t value)
{
    if (trace->ops) {
        trace->ops->refused(trace->opaque, reg, value);
    }
}
