/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake of each door of the core: it records, and does what a test says. */
#ifndef TESTS_UNIT_CXL_FAKE_H
#define TESTS_UNIT_CXL_FAKE_H

#include "hw/cxl/core/port.h"

/* Time stands still until the test moves it. */
typedef struct FakeClock {
    uint64_t now;           /* ns */
    uint64_t deadline;      /* as last armed; UINT64_MAX: disarmed */
} FakeClock;

typedef struct FakeIrq {
    unsigned count;             /* interrupts so far */
    unsigned vector;            /* of the last one */
    void (*hook)(void *opaque); /* called at each, if set */
    void *hook_opaque;
} FakeIrq;

/*
 * A store of @size bytes, of which those up to @held, unless it is 0, can be
 * reached; without @bytes none.
 */
typedef struct FakeMedia {
    uint64_t size, held;
    uint64_t piece;             /* erased at once; 0: everything */
    uint8_t *bytes;
} FakeMedia;

typedef struct FakeFabric {
    unsigned ports;
} FakeFabric;

typedef struct FakeTrace {
    unsigned commands, refused;     /* calls so far */
    const char *name;               /* of the last command or register */
    uint16_t opcode;
    size_t in_len, out_len;
    unsigned rc;
    uint64_t value;                 /* of the last refused write */
} FakeTrace;

CXLClock fake_clock(FakeClock *fake);
CXLIrq fake_irq(FakeIrq *fake);
CXLMedia fake_media(FakeMedia *fake);
CXLFabric fake_fabric(FakeFabric *fake);
CXLTrace fake_trace(FakeTrace *fake);

#endif
