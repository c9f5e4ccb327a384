/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register engine: access, masks, hooks. */
#include "qemu/osdep.h"
#include "fake.h"
#include "hw/cxl/core/regbank.h"
#include "hw/cxl/spec/wire.h"

#define SIZE 0x40

typedef struct Hook {
    const char *name;
    unsigned index;
    uint64_t old, now;
} Hook;

typedef struct Fixture {
    CXLRegBank bank;
    bool locked;
    FakeTrace trace;
    Hook hook[16];
    unsigned hooks;
} Fixture;

static void wrote(CXLRegBank *bank, const CXLRegRow *row, unsigned index,
                  uint64_t old)
{
    Fixture *f = bank->owner;
    uint32_t offset = row->offset + index * row->stride;

    g_assert_cmpuint(f->hooks, <, ARRAY_SIZE(f->hook));
    f->hook[f->hooks++] = (Hook) {
        row->name, index, old, cxl_regbank_get(bank, offset, row->size),
    };
}

static bool locked(const CXLRegBank *bank, const CXLRegRow *row,
                   unsigned index)
{
    const Fixture *f = bank->owner;

    return f->locked;
}

static const CXLRegRow rows[] = {
    { "RO", 0x00, 4, .reset = 0x11223344 },
    { "RW", 0x04, 4, .reset = 0x55, .rw = 0xffff00ff, .wrote = wrote },
    { "WIDE", 0x08, 8, .rw = UINT64_MAX, .sticky = 0xff, .wrote = wrote },
    { "W1C", 0x10, 2, .reset = 0xf0f0, .w1c = 0xfff0, .sticky = 0xff00 },
    { "RWO", 0x12, 1, .rwo = 0x03, .rw = 0x80 },
    /* 0x13: nothing */
    { "LOCK", 0x14, 4, .rw = 0x0f, .locked_rw = 0xf0, .wrote = wrote },
    { "LO", 0x20, 4, .count = 4, .stride = 8, .rw = 0xfffffff0,
      .wrote = wrote },
    { "HI", 0x24, 4, .count = 4, .stride = 8, .reset = 7, .rw = UINT32_MAX,
      .wrote = wrote },
};
static CXL_REG_TABLE(table, rows);

static void set_up(Fixture *f, gconstpointer data)
{
    cxl_regbank_init(&f->bank, &table, SIZE, f);
    f->bank.locked = locked;
    f->bank.trace = fake_trace(&f->trace);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    cxl_regbank_finish(&f->bank);
}

static uint64_t rd(Fixture *f, uint32_t offset, unsigned size)
{
    return cxl_regbank_read(&f->bank, offset, size);
}

static void wr(Fixture *f, uint32_t offset, uint64_t value, unsigned size)
{
    cxl_regbank_write(&f->bank, offset, value, size);
}

static void test_init(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(rd(f, 0x00, 4), ==, 0x11223344);
    g_assert_cmphex(rd(f, 0x04, 4), ==, 0x55);
    g_assert_cmphex(rd(f, 0x3c, 4), ==, 7);
    g_assert_cmphex(cxl_regbank_get(&f->bank, 0x10, 2), ==, 0xf0f0);
}

static void test_partial_read(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(rd(f, 0x01, 2), ==, 0x2233);
    g_assert_cmphex(rd(f, 0x03, 1), ==, 0x11);
    g_assert_cmphex(rd(f, 0x02, 4), ==, 0x00551122);
    g_assert_cmphex(rd(f, 0x00, 8), ==, 0x5511223344);
    g_assert_cmphex(rd(f, 0x01, 7), ==, 0x55112233);
}

static void test_outside(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(rd(f, 0x3c, 8), ==, 7);
    g_assert_cmphex(rd(f, SIZE, 8), ==, 0);
    g_assert_cmphex(rd(f, UINT32_MAX, 8), ==, 0);
    wr(f, 0x13, 0xff, 1);
    wr(f, 0x18, UINT64_MAX, 8);
    wr(f, SIZE, UINT64_MAX, 8);
    wr(f, UINT32_MAX, UINT64_MAX, 8);
    g_assert_cmphex(rd(f, 0x13, 1), ==, 0);
    g_assert_cmphex(rd(f, 0x18, 8), ==, 0);
    g_assert_cmpuint(f->hooks, ==, 0);
    wr(f, 0x3e, UINT64_MAX, 8);
    g_assert_cmphex(rd(f, 0x3c, 4), ==, 0xffff0007);
    g_assert_cmpuint(f->hooks, ==, 1);
}

static void test_masks(Fixture *f, gconstpointer data)
{
    wr(f, 0x00, 0, 4);
    wr(f, 0x04, 0xaabbccdd, 4);
    g_assert_cmphex(rd(f, 0x00, 4), ==, 0x11223344);
    g_assert_cmphex(rd(f, 0x04, 4), ==, 0xaabb00dd);
    wr(f, 0x06, 0x12, 1);
    g_assert_cmphex(rd(f, 0x04, 4), ==, 0xaa1200dd);
}

static void test_w1c(Fixture *f, gconstpointer data)
{
    wr(f, 0x10, 0x00ff, 2);
    g_assert_cmphex(rd(f, 0x10, 2), ==, 0xf000);
    wr(f, 0x11, 0x10, 1);
    g_assert_cmphex(rd(f, 0x10, 2), ==, 0xe000);
    wr(f, 0x10, 0, 2);
    wr(f, 0x10, UINT64_MAX, 1);
    g_assert_cmphex(rd(f, 0x10, 2), ==, 0xe000);
}

static void test_rwo(Fixture *f, gconstpointer data)
{
    wr(f, 0x12, 0x81, 1);
    g_assert_cmphex(rd(f, 0x12, 1), ==, 0x81);
    wr(f, 0x12, 0x02, 1);
    g_assert_cmphex(rd(f, 0x12, 1), ==, 0x03);
    wr(f, 0x12, 0xfc, 1);
    g_assert_cmphex(rd(f, 0x12, 1), ==, 0x83);
}

static void test_locked(Fixture *f, gconstpointer data)
{
    wr(f, 0x14, 0x5a, 4);
    g_assert_cmphex(rd(f, 0x14, 4), ==, 0x5a);
    f->locked = true;
    wr(f, 0x14, 0x53, 4);
    g_assert_cmphex(rd(f, 0x14, 4), ==, 0x53);
    g_assert_cmpuint(f->trace.refused, ==, 0);
    wr(f, 0x14, 0xa1, 4);
    g_assert_cmphex(rd(f, 0x14, 4), ==, 0x51);
    g_assert_cmpuint(f->trace.refused, ==, 1);
    g_assert_cmpstr(f->trace.name, ==, "LOCK");
    g_assert_cmphex(f->trace.value, ==, 0xa1);
    wr(f, 0x15, 0xff, 1);
    g_assert_cmpuint(f->trace.refused, ==, 1);
}

static void check_hook(const Hook *hook, const char *name, unsigned index,
                       uint64_t old, uint64_t now)
{
    g_assert_cmpstr(hook->name, ==, name);
    g_assert_cmpuint(hook->index, ==, index);
    g_assert_cmphex(hook->old, ==, old);
    g_assert_cmphex(hook->now, ==, now);
}

static void test_hook(Fixture *f, gconstpointer data)
{
    wr(f, 0x05, 0x010203, 3);
    wr(f, 0x04, 0x01020055, 4);
    g_assert_cmpuint(f->hooks, ==, 2);
    check_hook(&f->hook[0], "RW", 0, 0x55, 0x01020055);
    check_hook(&f->hook[1], "RW", 0, 0x01020055, 0x01020055);
}

static void test_spanning(Fixture *f, gconstpointer data)
{
    wr(f, 0x06, 0x0807060504030201, 8);
    g_assert_cmphex(rd(f, 0x04, 4), ==, 0x02010055);
    g_assert_cmphex(rd(f, 0x08, 8), ==, 0x0000080706050403);
    g_assert_cmpuint(f->hooks, ==, 2);
    check_hook(&f->hook[0], "RW", 0, 0x55, 0x02010055);
    check_hook(&f->hook[1], "WIDE", 0, 0, 0x0000080706050403);
    g_assert_cmphex(rd(f, 0x10, 2), ==, 0xf0f0);
}

static void test_instances(Fixture *f, gconstpointer data)
{
    wr(f, 0x30, 0x1122334455667788, 8);
    g_assert_cmphex(rd(f, 0x30, 8), ==, 0x1122334455667780);
    g_assert_cmphex(rd(f, 0x28, 8), ==, 0x700000000);
    g_assert_cmphex(rd(f, 0x38, 8), ==, 0x700000000);
    g_assert_cmpuint(f->hooks, ==, 2);
    check_hook(&f->hook[0], "LO", 2, 0, 0x55667780);
    check_hook(&f->hook[1], "HI", 2, 7, 0x11223344);
}

static void test_left_out(void)
{
    CXLRegBank bank;

    /* Two instances, and one whose high half does not fit. */
    cxl_regbank_init(&bank, &table, 0x36, NULL);
    g_assert_cmphex(cxl_regbank_read(&bank, 0x28, 8), ==, 0x700000000);
    g_assert_cmphex(cxl_regbank_read(&bank, 0x30, 8), ==, 0);
    cxl_regbank_write(&bank, 0x34, UINT64_MAX, 8);
    g_assert_cmphex(cxl_regbank_read(&bank, 0x34, 8), ==, 0);
    cxl_regbank_finish(&bank);
}

static void test_owner(Fixture *f, gconstpointer data)
{
    cxl_regbank_set(&f->bank, 0x00, 0xdead, 2);
    g_assert_cmphex(rd(f, 0x00, 4), ==, 0x1122dead);
    cxl_regbank_set(&f->bank, SIZE - 1, UINT64_MAX, 8);
    cxl_regbank_set(&f->bank, SIZE, UINT64_MAX, 8);
    cxl_regbank_init_value(&f->bank, SIZE - 1, 0x4142, 8);
    g_assert_cmphex(rd(f, SIZE - 1, 1), ==, 0x42);
    g_assert_cmpuint(f->hooks, ==, 0);
}

static void dirty(Fixture *f)
{
    cxl_regbank_init_value(&f->bank, 0x00, 0x99, 4);
    wr(f, 0x04, UINT32_MAX, 4);
    wr(f, 0x08, UINT64_MAX, 8);
    cxl_regbank_set(&f->bank, 0x10, 0x0110, 2);
    wr(f, 0x12, 0x83, 1);
    wr(f, 0x38, UINT64_MAX, 8);
}

static void test_reset_cold(Fixture *f, gconstpointer data)
{
    dirty(f);
    cxl_regbank_reset(&f->bank, CXL_RESET_COLD);
    g_assert_cmphex(rd(f, 0x00, 8), ==, 0x5500000099);
    g_assert_cmphex(rd(f, 0x08, 8), ==, 0);
    g_assert_cmphex(rd(f, 0x10, 4), ==, 0xf0f0);
    g_assert_cmphex(rd(f, 0x38, 8), ==, 0x700000000);
}

static void test_reset_hot(Fixture *f, gconstpointer data)
{
    dirty(f);
    cxl_regbank_reset(&f->bank, CXL_RESET_HOT);
    g_assert_cmphex(rd(f, 0x00, 8), ==, 0x5500000099);
    g_assert_cmphex(rd(f, 0x08, 8), ==, 0xff);
    g_assert_cmphex(rd(f, 0x10, 4), ==, 0x01f0);
    g_assert_cmphex(rd(f, 0x38, 8), ==, 0x700000000);
}

static void test_reset_cxl(Fixture *f, gconstpointer data)
{
    dirty(f);
    cxl_regbank_reset(&f->bank, CXL_RESET_CXL);
    g_assert_cmphex(rd(f, 0x08, 8), ==, 0xff);
    g_assert_cmphex(rd(f, 0x10, 4), ==, 0x0301f0);
    g_assert_cmphex(rd(f, 0x38, 8), ==, 0x700000000);
}

/* A write of n bytes leaves what n writes of one byte leave. */
static void test_random(Fixture *f, gconstpointer data)
{
    Fixture g = { 0 };

    set_up(&g, NULL);
    for (unsigned n = 0; n < 20000; n++) {
        uint32_t offset = g_test_rand_int_range(0, SIZE + 8);
        unsigned size = g_test_rand_int_range(1, 9);
        uint64_t value = (uint64_t)g_test_rand_int() << 32 |
                         (uint32_t)g_test_rand_int();

        f->locked = g.locked = g_test_rand_bit();
        f->hooks = 0;
        wr(f, offset, value, size);
        for (unsigned b = 0; b < size; b++) {
            g.hooks = 0;
            wr(&g, offset + b, value >> (b * 8), 1);
        }
        g_assert_cmpmem(f->bank.data, SIZE, g.bank.data, SIZE);
        g_assert_cmphex(rd(f, offset, 1), ==, rd(f, offset, 8) & 0xff);
    }
    tear_down(&g, NULL);
}

#define ADD(name, func) \
    g_test_add("/regbank/" name, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("init", test_init);
    ADD("partial-read", test_partial_read);
    ADD("outside", test_outside);
    ADD("masks", test_masks);
    ADD("w1c", test_w1c);
    ADD("rwo", test_rwo);
    ADD("locked", test_locked);
    ADD("hook", test_hook);
    ADD("spanning", test_spanning);
    ADD("instances", test_instances);
    g_test_add_func("/regbank/left-out", test_left_out);
    ADD("owner", test_owner);
    ADD("reset-cold", test_reset_cold);
    ADD("reset-hot", test_reset_hot);
    ADD("reset-cxl", test_reset_cxl);
    ADD("random", test_random);
    return g_test_run();
}
