/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any register table under any accesses: a write of n bytes must leave what n
 * writes of one byte leave, and no access may reach outside of the bank.
 *
 * Input: a byte that chooses the table, two of the bank's size; then accesses
 * of a byte of kind and size, two of offset, eight of value.
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "hw/cxl/core/regtables.h"

typedef struct Pair {
    CXLRegTable table;
    CXLRegRow *rows;
    CXLRegBank whole, bytes;
    bool locked;
} Pair;

static bool locked(const CXLRegBank *bank, const CXLRegRow *row,
                   unsigned index)
{
    return ((Pair *)bank->owner)->locked;
}

/* Hooks are left out: they need the part that owns the bank. */
static void set_up(Pair *pair, unsigned choice, uint32_t size)
{
    unsigned count = 0;

    while (cxl_regtables[count]) {
        count++;
    }
    pair->table = *cxl_regtables[choice % count];
    pair->rows = g_memdup2(pair->table.rows,
                           pair->table.count * sizeof(*pair->rows));
    for (unsigned i = 0; i < pair->table.count; i++) {
        pair->rows[i].wrote = NULL;
    }
    pair->table.rows = pair->rows;
    cxl_regbank_init(&pair->whole, &pair->table, size, pair);
    cxl_regbank_init(&pair->bytes, &pair->table, size, pair);
    pair->whole.locked = pair->bytes.locked = locked;
}

static void tear_down(Pair *pair)
{
    cxl_regbank_finish(&pair->whole);
    cxl_regbank_finish(&pair->bytes);
    g_free(pair->rows);
}

static void write_both(Pair *pair, uint32_t offset, uint64_t value,
                       unsigned size)
{
    cxl_regbank_write(&pair->whole, offset, value, size);
    for (unsigned b = 0; b < size; b++) {
        cxl_regbank_write(&pair->bytes, offset + b, value >> (b * 8), 1);
    }
}

static void step(Pair *pair, CXLReader *in)
{
    uint8_t what = fuzz_take(in, 1);
    unsigned size = what % 8 + 1;
    uint32_t offset = fuzz_take(in, 2);
    uint64_t value = fuzz_take(in, 8);

    pair->locked = what & 0x10;
    if (what & 0x80) {
        cxl_regbank_reset(&pair->whole, value % 3);
        cxl_regbank_reset(&pair->bytes, value % 3);
    } else {
        write_both(pair, offset, value, size);
    }
    value = cxl_regbank_read(&pair->whole, offset, size);
    g_assert_cmphex(value, ==, cxl_regbank_read(&pair->bytes, offset, size));
    g_assert_true(size == 8 || value >> (size * 8) == 0);
    g_assert_cmpmem(pair->whole.data, pair->whole.size, pair->bytes.data,
                    pair->bytes.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Pair pair = { 0 };
    CXLReader in;
    unsigned choice;

    cxl_reader_init(&in, data, size);
    choice = fuzz_take(&in, 1);
    set_up(&pair, choice, fuzz_take(&in, 2) % 0x400 + 1);
    while (cxl_reader_left(&in)) {
        step(&pair, &in);
    }
    tear_down(&pair);
    return 0;
}
