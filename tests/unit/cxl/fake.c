/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake of each door of the core. */
#include "qemu/osdep.h"
#include "fake.h"

static uint64_t clock_now(void *opaque)
{
    FakeClock *fake = opaque;

    return fake->now;
}

static void clock_arm(void *opaque, uint64_t deadline)
{
    FakeClock *fake = opaque;

    fake->deadline = deadline;
}

CXLClock fake_clock(FakeClock *fake)
{
    static const CXLClockOps ops = { clock_now, clock_arm };

    return (CXLClock) { &ops, fake };
}

static void irq_raise(void *opaque, unsigned vector)
{
    FakeIrq *fake = opaque;

    fake->count++;
    fake->vector = vector;
    if (fake->hook) {
        fake->hook(fake->hook_opaque);
    }
}

CXLIrq fake_irq(FakeIrq *fake)
{
    static const CXLIrqOps ops = { irq_raise };

    return (CXLIrq) { &ops, fake };
}

static uint64_t media_size(void *opaque)
{
    FakeMedia *fake = opaque;

    return fake->size;
}

static bool media_has(const FakeMedia *fake, uint64_t offset, uint64_t len)
{
    uint64_t end = fake->held ?: fake->size;

    return fake->bytes && offset <= end && len <= end - offset;
}

static bool media_read(void *opaque, uint64_t offset, void *buf, uint64_t len)
{
    FakeMedia *fake = opaque;

    if (!media_has(fake, offset, len)) {
        return false;
    }
    memcpy(buf, fake->bytes + offset, len);
    return true;
}

static bool media_write(void *opaque, uint64_t offset, const void *buf,
                        uint64_t len)
{
    FakeMedia *fake = opaque;

    if (!media_has(fake, offset, len)) {
        return false;
    }
    memcpy(fake->bytes + offset, buf, len);
    return true;
}

static bool media_fill(void *opaque, uint64_t offset, uint8_t byte,
                       uint64_t len)
{
    FakeMedia *fake = opaque;

    if (!media_has(fake, offset, len)) {
        return false;
    }
    memset(fake->bytes + offset, byte, len);
    return true;
}

/* What is not held is zeroes already. */
static uint64_t media_erase(void *opaque, uint64_t offset, uint64_t len)
{
    FakeMedia *fake = opaque;
    uint64_t held = fake->held ?: fake->size;

    if (!fake->bytes || offset > fake->size || len > fake->size - offset) {
        return 0;
    }
    len = MIN(len, fake->piece ?: len);
    if (offset < held) {
        memset(fake->bytes + offset, 0, MIN(len, held - offset));
    }
    return len;
}

CXLMedia fake_media(FakeMedia *fake)
{
    static const CXLMediaOps ops = {
        media_size, media_read, media_write, media_fill, media_erase,
    };

    return (CXLMedia) { &ops, fake };
}

static unsigned fabric_port_count(void *opaque)
{
    FakeFabric *fake = opaque;

    return fake->ports;
}

CXLFabric fake_fabric(FakeFabric *fake)
{
    static const CXLFabricOps ops = { fabric_port_count };

    return (CXLFabric) { &ops, fake };
}

static void trace_command(void *opaque, const char *name, uint16_t opcode,
                          size_t in_len, size_t out_len, unsigned rc)
{
    FakeTrace *fake = opaque;

    fake->commands++;
    fake->name = name;
    fake->opcode = opcode;
    fake->in_len = in_len;
    fake->out_len = out_len;
    fake->rc = rc;
}

static void trace_refused(void *opaque, const char *reg, uint64_t value)
{
    FakeTrace *fake = opaque;

    fake->refused++;
    fake->name = reg;
    fake->value = value;
}

CXLTrace fake_trace(FakeTrace *fake)
{
    static const CXLTraceOps ops = { trace_command, trace_refused };

    return (CXLTrace) { &ops, fake };
}
