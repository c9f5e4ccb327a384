/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The five doors through which the core reaches the world.  Each is a table
 * of functions and an opaque pointer; tests/unit/cxl/fake.c has a fake of
 * each.  A door is copied by value into the part that uses it.
 */
#ifndef HW_CXL_CORE_PORT_H
#define HW_CXL_CORE_PORT_H

#include "qemu/osdep.h"

/* Which reset reaches a part, strongest first. */
typedef enum CXLResetKind {
    CXL_RESET_COLD,     /* power cycle: everything to its power-on value */
    CXL_RESET_HOT,      /* conventional reset over the link: sticky bits stay */
    CXL_RESET_CXL,      /* DVSEC-initiated CXL reset: locks stay too */
} CXLResetKind;

typedef struct CXLClockOps {
    /* Nanoseconds since an arbitrary start; never goes back. */
    uint64_t (*now)(void *opaque);
    /* Call the owner back at @deadline (same scale); UINT64_MAX disarms. */
    void (*arm)(void *opaque, uint64_t deadline);
} CXLClockOps;

typedef struct CXLClock {
    const CXLClockOps *ops;
    void *opaque;
} CXLClock;

typedef struct CXLIrqOps {
    /* Raise MSI/MSI-X @vector once; an edge, never a level. */
    void (*raise)(void *opaque, unsigned vector);
} CXLIrqOps;

typedef struct CXLIrq {
    const CXLIrqOps *ops;
    void *opaque;
} CXLIrq;

/* A store of bytes: offsets in bytes from 0 to size() - 1. */
typedef struct CXLMediaOps {
    uint64_t (*size)(void *opaque);
    /* Each returns false, and changes nothing, if any byte is outside. */
    bool (*read)(void *opaque, uint64_t offset, void *buf, uint64_t len);
    bool (*write)(void *opaque, uint64_t offset, const void *buf,
                  uint64_t len);
    bool (*fill)(void *opaque, uint64_t offset, uint8_t byte, uint64_t len);
    /*
     * Zeroes from @offset on: as many bytes of @len, at least one, as take
     * no time that anybody would notice.  How many; 0 if any is outside.
     */
    uint64_t (*erase)(void *opaque, uint64_t offset, uint64_t len);
} CXLMediaOps;

typedef struct CXLMedia {
    const CXLMediaOps *ops;     /* NULL: no store at all, size 0 */
    void *opaque;
} CXLMedia;

/* Ports of a switch; the fabric management command sets are its users. */
typedef struct CXLFabricOps {
    unsigned (*port_count)(void *opaque);
} CXLFabricOps;

typedef struct CXLFabric {
    const CXLFabricOps *ops;
    void *opaque;
} CXLFabric;

typedef struct CXLTraceOps {
    /* A command has been answered: @rc is a CXLRetCode. */
    void (*command)(void *opaque, const char *name, uint16_t opcode,
                    size_t in_len, size_t out_len, unsigned rc);
    /* A register was written in a way that the standard does not allow. */
    void (*refused)(void *opaque, const char *reg, uint64_t value);
} CXLTraceOps;

typedef struct CXLTrace {
    const CXLTraceOps *ops;     /* NULL: silent */
    void *opaque;
} CXLTrace;

uint64_t cxl_clock_now(const CXLClock *clock);
void cxl_clock_arm(const CXLClock *clock, uint64_t deadline);
void cxl_irq_raise(const CXLIrq *irq, unsigned vector);
uint64_t cxl_media_size(const CXLMedia *media);
bool cxl_media_read(const CXLMedia *media, uint64_t offset, void *buf,
                    uint64_t len);
bool cxl_media_write(const CXLMedia *media, uint64_t offset, const void *buf,
                     uint64_t len);
bool cxl_media_fill(const CXLMedia *media, uint64_t offset, uint8_t byte,
                    uint64_t len);
uint64_t cxl_media_erase(const CXLMedia *media, uint64_t offset,
                         uint64_t len);
/* All @len bytes, however long it takes; false if any is outside. */
bool cxl_media_erase_all(const CXLMedia *media, uint64_t offset,
                         uint64_t len);
void cxl_trace_command(const CXLTrace *trace, const char *name,
                       uint16_t opcode, size_t in_len, size_t out_len,
                       unsigned rc);
void cxl_trace_refused(const CXLTrace *trace, const char *reg,
                       uint64_t value);

#endif
