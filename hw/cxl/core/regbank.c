/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bank of registers described by rows. */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/regbank.h"
#include "hw/cxl/spec/wire.h"

/* One instance of a row. */
typedef struct Register {
    const CXLRegRow *row;
    unsigned index;
    uint32_t offset;
} Register;

/* Bytes of an access at @offset of @size that lie within the bank. */
static unsigned clip(const CXLRegBank *bank, uint32_t offset, unsigned size)
{
    if (offset >= bank->size) {
        return 0;
    }
    return MIN(MIN(size, 8), bank->size - offset);
}

static uint64_t low_bytes(unsigned bytes)
{
    return bytes ? MAKE_64BIT_MASK(0, bytes * 8) : 0;
}

static unsigned instances(const CXLRegRow *row)
{
    return MAX(row->count, 1);
}

/* Name each byte's row; an instance that does not fit is left out. */
static void lay_out(CXLRegBank *bank, unsigned n)
{
    const CXLRegRow *row = &bank->table->rows[n];

    for (unsigned i = 0; i < instances(row); i++) {
        uint64_t offset = row->offset + (uint64_t)i * row->stride;

        if (offset + row->size > bank->size) {
            return;
        }
        for (unsigned b = 0; b < row->size; b++) {
            bank->row_at[offset + b] = n + 1;
        }
        cxl_le_put(&bank->init[offset], row->size, row->reset);
    }
}

void cxl_regbank_init(CXLRegBank *bank, const CXLRegTable *table,
                      uint32_t size, void *owner)
{
    *bank = (CXLRegBank) {
        .table = table,
        .data = g_malloc0(size),
        .init = g_malloc0(size),
        .row_at = g_new0(uint16_t, size),
        .size = size,
        .owner = owner,
    };
    for (unsigned n = 0; n < table->count; n++) {
        lay_out(bank, n);
    }
    memcpy(bank->data, bank->init, size);
}

void cxl_regbank_finish(CXLRegBank *bank)
{
    g_clear_pointer(&bank->data, g_free);
    g_clear_pointer(&bank->init, g_free);
    g_clear_pointer(&bank->row_at, g_free);
    bank->size = 0;
}

/* The register that has the byte at @offset, if any. */
static bool find(const CXLRegBank *bank, uint64_t offset, Register *reg)
{
    if (offset >= bank->size || !bank->row_at[offset]) {
        return false;
    }
    reg->row = &bank->table->rows[bank->row_at[offset] - 1];
    reg->index = reg->row->stride ?
        (offset - reg->row->offset) / reg->row->stride : 0;
    reg->offset = reg->row->offset + reg->index * reg->row->stride;
    return true;
}

/* The bits of @row that a reset of @kind leaves alone. */
static uint64_t kept_bits(const CXLRegRow *row, CXLResetKind kind)
{
    switch (kind) {
    case CXL_RESET_HOT:
        return row->sticky;
    case CXL_RESET_CXL:
        return row->sticky | row->rwo;
    default:
        return 0;
    }
}

static void reset_register(CXLRegBank *bank, const Register *reg,
                           CXLResetKind kind)
{
    uint8_t *data = &bank->data[reg->offset];
    unsigned size = reg->row->size;
    uint64_t kept = kept_bits(reg->row, kind);
    uint64_t init = cxl_le_get(&bank->init[reg->offset], size);

    cxl_le_put(data, size, (cxl_le_get(data, size) & kept) | (init & ~kept));
}

void cxl_regbank_reset(CXLRegBank *bank, CXLResetKind kind)
{
    uint32_t offset = 0;

    while (offset < bank->size) {
        Register reg;

        if (find(bank, offset, &reg)) {
            reset_register(bank, &reg, kind);
            offset = reg.offset + reg.row->size;
        } else {
            offset++;
        }
    }
}

static bool is_locked(const CXLRegBank *bank, const Register *reg)
{
    return bank->locked && bank->locked(bank, reg->row, reg->index);
}

/* What @old becomes when @value is written to the bits in @mask. */
static uint64_t merge(const CXLRegRow *row, bool locked, uint64_t old,
                      uint64_t value, uint64_t mask)
{
    uint64_t plain = (row->rw | (locked ? 0 : row->locked_rw)) & mask;
    uint64_t new = (old & ~plain) | (value & plain);

    new &= ~(value & mask & row->w1c);
    return new | (value & mask & row->rwo);
}

/* Write @value to @count bytes of a register, @skip bytes from its start. */
static void write_register(CXLRegBank *bank, const Register *reg,
                           unsigned skip, uint64_t value, unsigned count)
{
    const CXLRegRow *row = reg->row;
    uint8_t *data = &bank->data[reg->offset];
    uint64_t mask = low_bytes(count) << (skip * 8);
    uint64_t old = cxl_le_get(data, row->size);
    bool locked = is_locked(bank, reg);

    value <<= skip * 8;
    cxl_le_put(data, row->size, merge(row, locked, old, value, mask));
    if (locked && ((value ^ old) & mask & row->locked_rw)) {
        cxl_trace_refused(&bank->trace, row->name, value & mask);
    }
    if (row->wrote) {
        row->wrote(bank, row, reg->index, old);
    }
}

uint64_t cxl_regbank_read(const CXLRegBank *bank, uint32_t offset,
                          unsigned size)
{
    return cxl_regbank_get(bank, offset, size);
}

void cxl_regbank_write(CXLRegBank *bank, uint32_t offset, uint64_t value,
                       unsigned size)
{
    unsigned done = 0;

    size = clip(bank, offset, size);
    while (done < size) {
        uint32_t at = offset + done;
        unsigned count = 1;
        Register reg;

        if (find(bank, at, &reg)) {
            unsigned skip = at - reg.offset;

            count = MIN(reg.row->size - skip, size - done);
            write_register(bank, &reg, skip, value >> (done * 8), count);
        }
        done += count;
    }
}

uint64_t cxl_regbank_get(const CXLRegBank *bank, uint32_t offset,
                         unsigned size)
{
    unsigned bytes = clip(bank, offset, size);

    return bytes ? cxl_le_get(&bank->data[offset], bytes) : 0;
}

void cxl_regbank_set(CXLRegBank *bank, uint32_t offset, uint64_t value,
                     unsigned size)
{
    unsigned bytes = clip(bank, offset, size);

    if (bytes) {
        cxl_le_put(&bank->data[offset], bytes, value);
    }
}

void cxl_regbank_init_value(CXLRegBank *bank, uint32_t offset,
                            uint64_t value, unsigned size)
{
    unsigned bytes = clip(bank, offset, size);

    if (bytes) {
        cxl_le_put(&bank->init[offset], bytes, value);
    }
    cxl_regbank_set(bank, offset, value, size);
}
