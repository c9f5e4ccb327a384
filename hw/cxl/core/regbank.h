/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bank of registers described by rows.  Partial access, reserved bits,
 * write-1-to-clear, locks, write-once and reset kinds live here and nowhere
 * else; a part adds code only for side effects.
 */
#ifndef HW_CXL_CORE_REGBANK_H
#define HW_CXL_CORE_REGBANK_H

#include "hw/cxl/core/port.h"

typedef struct CXLRegBank CXLRegBank;
typedef struct CXLRegRow CXLRegRow;

struct CXLRegRow {
    const char *name;
    uint32_t offset;        /* bytes from the bank's start, of instance 0 */
    uint8_t size;           /* 1, 2, 4 or 8 bytes */
    uint16_t count;         /* instances; 0 means 1 */
    uint16_t stride;        /* bytes between instances */
    uint64_t reset;         /* power-on value (HwInit: see _init_value) */
    uint64_t rw;            /* bits that software may always write */
    uint64_t locked_rw;     /* RWL: bits that software may write until locked */
    uint64_t w1c;           /* write 1 clears */
    uint64_t rwo;           /* write 1 sets, once; only a reset clears */
    uint64_t sticky;        /* bits that a hot reset leaves alone */
    /*
     * Called after the stored value has changed or was rewritten, with the
     * value before; the stored value may be corrected with _set().
     */
    void (*wrote)(CXLRegBank *bank, const CXLRegRow *row, unsigned index,
                  uint64_t old);
};

typedef struct CXLRegTable {
    const char *name;
    const CXLRegRow *rows;
    unsigned count;
} CXLRegTable;

#define CXL_REG_TABLE(table, row_array)                           \
    const CXLRegTable table = {                                   \
        .name = #table,                                           \
        .rows = row_array,                                        \
        .count = ARRAY_SIZE(row_array),                           \
    }

struct CXLRegBank {
    const CXLRegTable *table;
    uint8_t *data;              /* current values, little endian */
    uint8_t *init;              /* power-on values (rows' reset + HwInit) */
    uint16_t *row_at;           /* of each byte: row number + 1, 0 for none */
    uint32_t size;              /* bytes; outside of rows reads 0, ignores */
    void *owner;                /* the part, for wrote() and locked() */
    /* NULL: nothing ever locks.  @index is the instance within @row. */
    bool (*locked)(const CXLRegBank *bank, const CXLRegRow *row,
                   unsigned index);
    CXLTrace trace;
};

/*
 * @size: bytes of the bank.  Rows do not overlap and their first instances
 * ascend.  A row (or an instance of it) that lies outside
 * is left out: this is how one table serves 1 to 10 decoders.
 */
void cxl_regbank_init(CXLRegBank *bank, const CXLRegTable *table,
                      uint32_t size, void *owner);
void cxl_regbank_finish(CXLRegBank *bank);
void cxl_regbank_reset(CXLRegBank *bank, CXLResetKind kind);

/*
 * Guest access of @size 1 to 8 bytes at any @offset; bytes outside of the
 * bank or of its rows read 0 and ignore writes.  A write that covers several
 * registers reaches each of them, lowest offset first.
 */
uint64_t cxl_regbank_read(const CXLRegBank *bank, uint32_t offset,
                          unsigned size);
void cxl_regbank_write(CXLRegBank *bank, uint32_t offset, uint64_t value,
                       unsigned size);

/* The owner's access: no masks, no side effects; within the bank. */
uint64_t cxl_regbank_get(const CXLRegBank *bank, uint32_t offset,
                         unsigned size);
void cxl_regbank_set(CXLRegBank *bank, uint32_t offset, uint64_t value,
                     unsigned size);
/* A HwInit value: what every reset restores, and now the value. */
void cxl_regbank_init_value(CXLRegBank *bank, uint32_t offset,
                            uint64_t value, unsigned size);

#endif
