/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Data Object Exchange mailbox: framing, discovery and a table of objects.
 * PCIe r6.0: Data Object Exchange.
 */
#ifndef HW_CXL_CORE_DOE_H
#define HW_CXL_CORE_DOE_H

#include "hw/cxl/core/port.h"
#include "hw/cxl/spec/doe.h"

#define CXL_DOE_MAX_DW 2048         /* longest object, either way: 8 KiB */

typedef struct CXLDoe CXLDoe;

/* One kind of object; discovery is built in as the first. */
typedef struct CXLDoeProtocol {
    uint16_t vendor;
    uint8_t type;
    /*
     * Answer @in (@in_len bytes after the 8-byte header) into @out, at most
     * @out_max bytes.  Returns its bytes, or -1: drop it without an answer.
     */
    int (*answer)(void *state, const uint8_t *in, size_t in_len,
                  uint8_t *out, size_t out_max);
    void *state;
} CXLDoeProtocol;

struct CXLDoe {
    const CXLDoeProtocol *protocols;
    unsigned protocol_count;
    CXLIrq irq;
    int vector;                 /* -1: no interrupt support */
    bool interrupt_enable, interrupt_status, error, ready;
    uint32_t in_dw, out_dw, out_pos;
    uint32_t in[CXL_DOE_MAX_DW];    /* as written, host byte order */
    uint32_t out[CXL_DOE_MAX_DW];
};

/* @protocols must outlive the DOE. */
void cxl_doe_init(CXLDoe *doe, const CXLDoeProtocol *protocols,
                  unsigned count, const CXLIrq *irq, int vector);
void cxl_doe_reset(CXLDoe *doe);
/* Is loaded state (counts, position) within its bounds? */
bool cxl_doe_valid(const CXLDoe *doe);
/*
 * Registers from 0x04 to 0x17 of the extended capability (0x00 is the
 * model's); @size 1 to 4.  A partial access touches the bytes it names.
 */
uint32_t cxl_doe_read(CXLDoe *doe, uint32_t offset, unsigned size);
void cxl_doe_write(CXLDoe *doe, uint32_t offset, uint32_t value,
                   unsigned size);

#endif
