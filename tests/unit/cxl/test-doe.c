/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "fake.h"
#include "hw/cxl/core/doe.h"

#define GO R_CXL_DOE_CTRL_GO_MASK
#define ABORT R_CXL_DOE_CTRL_ABORT_MASK
#define INTERRUPT 2u
#define ERROR 4u
#define READY 0x80000000u

typedef struct Fixture {
    CXLDoe doe;
    FakeIrq irq;
    size_t in_len;              /* of the last request that was asked */
} Fixture;

/* Answers its input backwards; drops an input that begins with ffh. */
static int backwards(void *state, const uint8_t *in, size_t in_len,
                     uint8_t *out, size_t out_max)
{
    Fixture *f = state;

    f->in_len = in_len;
    if (in_len > out_max || (in_len && in[0] == 0xff)) {
        return -1;
    }
    for (size_t i = 0; i < in_len; i++) {
        out[i] = in[in_len - 1 - i];
    }
    return in_len;
}

static int odd(void *state, const uint8_t *in, size_t in_len, uint8_t *out,
               size_t out_max)
{
    memcpy(out, "hello", 5);
    return 5;
}

static int empty(void *state, const uint8_t *in, size_t in_len,
                 uint8_t *out, size_t out_max)
{
    return 0;
}

static CXLDoeProtocol protocols[] = {
    { 0x1e98, 2, backwards },
    { 0x1e98, 0, odd },
    { 0x1234, 0xab, empty },
};

static void start(Fixture *f, int vector)
{
    CXLIrq irq = fake_irq(&f->irq);

    f->irq = (FakeIrq) { 0 };
    f->in_len = SIZE_MAX;
    protocols[0].state = f;
    cxl_doe_init(&f->doe, protocols, ARRAY_SIZE(protocols), &irq, vector);
}

static uint32_t status(Fixture *f)
{
    return cxl_doe_read(&f->doe, CXL_DOE_STATUS, 4);
}

static void control(Fixture *f, uint32_t value)
{
    cxl_doe_write(&f->doe, CXL_DOE_CONTROL, value, 4);
}

static void put(Fixture *f, uint32_t dw)
{
    cxl_doe_write(&f->doe, CXL_DOE_WRITE_MAILBOX, dw, 4);
}

static uint32_t take(Fixture *f)
{
    uint32_t dw = cxl_doe_read(&f->doe, CXL_DOE_READ_MAILBOX, 4);

    cxl_doe_write(&f->doe, CXL_DOE_READ_MAILBOX, 0, 4);
    return dw;
}

static void ask(Fixture *f, uint32_t header, uint32_t length, uint32_t dw)
{
    put(f, header);
    put(f, length);
    put(f, dw);
    control(f, GO);
}

static void test_discovery(void)
{
    static const uint32_t expected[] = {
        0x01000001, 0x02021e98, 0x03001e98, 0x00ab1234, 0x00ffffff,
    };
    Fixture f;

    start(&f, -1);
    for (unsigned version = 0; version <= 0x200; version += 0x200) {
        for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
            ask(&f, 0x00000001, 3, version | i);
            g_assert_cmphex(status(&f), ==, READY);
            g_assert_cmphex(take(&f), ==, 0x00000001);
            g_assert_cmphex(take(&f), ==, 3);
            g_assert_cmphex(status(&f), ==, READY);
            g_assert_cmphex(take(&f), ==, expected[i]);
            g_assert_cmphex(status(&f), ==, 0);
        }
        ask(&f, 0x00000001, 3, version | 0xff);
        take(&f);
        take(&f);
        g_assert_cmphex(take(&f), ==, 0x00ffffff);
    }
    put(&f, 0x00000001);
    put(&f, 2);
    control(&f, GO);
    g_assert_cmphex(status(&f), ==, 0);
}

/* Reserved bits of the header do not come back; bytes keep their order. */
static void test_exchange(void)
{
    Fixture f;

    start(&f, -1);
    put(&f, 0x55021e98);
    put(&f, 0xfffc0004);
    put(&f, 0x44332211);
    put(&f, 0x88776655);
    control(&f, GO);
    g_assert_cmpuint(f.in_len, ==, 8);
    g_assert_cmphex(take(&f), ==, 0x00021e98);
    g_assert_cmphex(take(&f), ==, 4);
    g_assert_cmphex(take(&f), ==, 0x55667788);
    g_assert_cmphex(take(&f), ==, 0x11223344);
    g_assert_cmphex(status(&f), ==, 0);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_READ_MAILBOX, 4), ==, 0);
}

static void test_padding(void)
{
    Fixture f;

    start(&f, -1);
    for (unsigned i = 2; i < 6; i++) {
        put(&f, i == 2 ? 0x00021e98 : i == 3 ? 4 : 0x22222222);
    }
    control(&f, GO);
    put(&f, 0x00001e98);
    put(&f, 2);
    control(&f, GO);
    take(&f);
    g_assert_cmphex(take(&f), ==, 4);
    g_assert_cmphex(take(&f), ==, 0x6c6c6568);
    g_assert_cmphex(take(&f), ==, 0x0000006f);
    g_assert_cmphex(status(&f), ==, 0);
    put(&f, 0x00ab1234);
    put(&f, 2);
    control(&f, GO);
    take(&f);
    g_assert_cmphex(status(&f), ==, READY);
    g_assert_cmphex(take(&f), ==, 2);
    g_assert_cmphex(status(&f), ==, 0);
}

/* No answer, no error: and the next object is not disturbed. */
static void test_dropped(void)
{
    Fixture f;

    start(&f, -1);
    ask(&f, 0x00031e98, 3, 0);              /* nobody's type */
    g_assert_cmphex(status(&f), ==, 0);
    ask(&f, 0x00021e99, 3, 0);              /* nobody's vendor */
    g_assert_cmphex(status(&f), ==, 0);
    ask(&f, 0x00021e98, 4, 0);              /* too little was written */
    g_assert_cmphex(status(&f), ==, 0);
    ask(&f, 0x00021e98, 2, 0);              /* too much */
    g_assert_cmphex(status(&f), ==, 0);
    g_assert_cmpuint(f.in_len, ==, SIZE_MAX);
    ask(&f, 0x00021e98, 3, 0xff);           /* refused by its owner */
    g_assert_cmpuint(f.in_len, ==, 4);
    g_assert_cmphex(status(&f), ==, 0);
    put(&f, 0x00021e98);
    control(&f, GO);                        /* not even a header */
    g_assert_cmphex(status(&f), ==, 0);
    control(&f, GO);
    g_assert_cmphex(status(&f), ==, 0);
    ask(&f, 0x00021e98, 3, 7);
    g_assert_cmphex(status(&f), ==, READY);
}

static void test_longest(void)
{
    Fixture f;

    start(&f, -1);
    put(&f, 0x00021e98);
    put(&f, CXL_DOE_MAX_DW);
    for (unsigned i = 2; i < CXL_DOE_MAX_DW; i++) {
        put(&f, i);
    }
    control(&f, GO);
    g_assert_cmpuint(f.in_len, ==, (CXL_DOE_MAX_DW - 2) * 4);
    take(&f);
    g_assert_cmphex(take(&f), ==, CXL_DOE_MAX_DW);
    for (unsigned i = CXL_DOE_MAX_DW - 1; i >= 2; i--) {
        g_assert_cmphex(status(&f), ==, READY);
        g_assert_cmphex(take(&f), ==, bswap32(i));
    }
    g_assert_cmphex(status(&f), ==, 0);
}

/* More than the mailbox holds, written or claimed: error until the abort. */
static void test_too_long(void)
{
    static const uint32_t claims[] = { 0, CXL_DOE_MAX_DW + 1, 0x3ffff };
    Fixture f;

    start(&f, -1);
    for (unsigned i = 0; i < CXL_DOE_MAX_DW; i++) {
        put(&f, 0x00021e98);
    }
    g_assert_cmphex(status(&f), ==, 0);
    put(&f, 0);
    g_assert_cmphex(status(&f), ==, ERROR);
    control(&f, GO);
    g_assert_cmphex(status(&f), ==, ERROR);
    for (unsigned i = 0; i < ARRAY_SIZE(claims); i++) {
        control(&f, ABORT);
        g_assert_cmphex(status(&f), ==, 0);
        ask(&f, 0x00021e98, claims[i], 0);
        g_assert_cmphex(status(&f), ==, ERROR);
        ask(&f, 0x00021e98, 3, 0);
        g_assert_cmphex(status(&f), ==, ERROR);
    }
    g_assert_cmpuint(f.in_len, ==, SIZE_MAX);
    control(&f, ABORT);
    ask(&f, 0x00021e98, 3, 0);
    g_assert_cmphex(status(&f), ==, READY);
}

static void test_read_past_end(void)
{
    Fixture f;

    start(&f, -1);
    take(&f);
    g_assert_cmphex(status(&f), ==, ERROR);
    control(&f, ABORT);
    ask(&f, 0x00021e98, 3, 7);
    take(&f);
    take(&f);
    take(&f);
    g_assert_cmphex(status(&f), ==, 0);
    take(&f);
    g_assert_cmphex(status(&f), ==, ERROR);
}

static void test_abort(void)
{
    Fixture f;

    start(&f, -1);
    put(&f, 0x00021e98);
    control(&f, ABORT);
    ask(&f, 0x00021e98, 3, 7);
    g_assert_cmphex(status(&f), ==, READY);
    control(&f, ABORT | GO);
    g_assert_cmphex(status(&f), ==, 0);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_CONTROL, 4), ==, 0);
    /* A new object drops an answer that was not read */
    ask(&f, 0x00021e98, 3, 7);
    g_assert_cmphex(status(&f), ==, READY);
    ask(&f, 0x00031e98, 3, 7);
    g_assert_cmphex(status(&f), ==, 0);
}

static void test_interrupt_off(void)
{
    Fixture f;

    start(&f, 5);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_CAPABILITY, 4), ==, 0x0b);
    ask(&f, 0x00021e98, 3, 7);
    g_assert_cmphex(status(&f), ==, READY);
    g_assert_cmpuint(f.irq.count, ==, 0);
}

static void test_interrupts(void)
{
    Fixture f;

    start(&f, 5);
    control(&f, INTERRUPT);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_CONTROL, 4), ==, INTERRUPT);
    put(&f, 0x00021e98);
    put(&f, 3);
    put(&f, 7);
    control(&f, INTERRUPT | GO);
    g_assert_cmphex(status(&f), ==, READY | INTERRUPT);
    g_assert_cmpuint(f.irq.count, ==, 1);
    g_assert_cmpuint(f.irq.vector, ==, 5);
    cxl_doe_write(&f.doe, CXL_DOE_STATUS, INTERRUPT, 4);
    g_assert_cmphex(status(&f), ==, READY);
    take(&f);
    take(&f);
    take(&f);
    g_assert_cmpuint(f.irq.count, ==, 1);
    take(&f);
    take(&f);
    g_assert_cmphex(status(&f), ==, ERROR | INTERRUPT);
    g_assert_cmpuint(f.irq.count, ==, 2);
    control(&f, INTERRUPT | ABORT);
    g_assert_cmphex(status(&f), ==, INTERRUPT);
    cxl_doe_reset(&f.doe);
    g_assert_cmphex(status(&f), ==, 0);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_CONTROL, 4), ==, 0);
}

static void test_no_interrupts(void)
{
    CXLDoe doe;
    Fixture f;

    start(&f, -1);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_CAPABILITY, 4), ==, 0);
    control(&f, INTERRUPT);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_CONTROL, 4), ==, 0);
    take(&f);
    g_assert_cmpuint(f.irq.count, ==, 0);
    cxl_doe_init(&doe, NULL, 0, NULL, 3);
    cxl_doe_write(&doe, CXL_DOE_CONTROL, INTERRUPT, 4);
    cxl_doe_write(&doe, CXL_DOE_READ_MAILBOX, 0, 4);
    g_assert_cmphex(cxl_doe_read(&doe, CXL_DOE_STATUS, 4), ==, ERROR);
}

/* An access of a part of a register touches that part only. */
static void test_partial(void)
{
    Fixture f;

    start(&f, 0);
    control(&f, INTERRUPT);
    put(&f, 0x00021e98);
    cxl_doe_write(&f.doe, CXL_DOE_WRITE_MAILBOX, 9, 2);
    cxl_doe_write(&f.doe, CXL_DOE_WRITE_MAILBOX + 2, 9, 2);
    cxl_doe_write(&f.doe, CXL_DOE_WRITE_MAILBOX, 9, 1);
    put(&f, 3);
    put(&f, 7);
    cxl_doe_write(&f.doe, CXL_DOE_CONTROL + 3, 0x80, 1);
    g_assert_cmphex(status(&f), ==, READY | INTERRUPT);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_STATUS + 3, 1), ==, 0x80);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_STATUS, 2), ==, INTERRUPT);
    cxl_doe_write(&f.doe, CXL_DOE_STATUS + 1, 0xff, 1);
    g_assert_cmphex(status(&f), ==, READY | INTERRUPT);
    cxl_doe_write(&f.doe, CXL_DOE_STATUS, INTERRUPT, 1);
    g_assert_cmphex(status(&f), ==, READY);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_READ_MAILBOX + 2, 2), ==,
                    0x0002);
    cxl_doe_write(&f.doe, CXL_DOE_READ_MAILBOX + 2, 0, 2);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_READ_MAILBOX, 4), ==,
                    0x00021e98);
    cxl_doe_write(&f.doe, CXL_DOE_READ_MAILBOX, 0, 1);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_READ_MAILBOX, 4), ==, 3);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_CONTROL, 1), ==, INTERRUPT);
    cxl_doe_write(&f.doe, CXL_DOE_CONTROL, ABORT, 1);
    g_assert_cmphex(status(&f), ==, 0);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_CONTROL, 1), ==, 0);
}

/* Accesses across registers and past the last one. */
static void test_unaligned(void)
{
    Fixture f;

    start(&f, -1);
    ask(&f, 0x00021e98, 3, 7);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_STATUS + 3, 4), ==, 0x80);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_READ_MAILBOX + 3, 4), ==,
                    0);
    g_assert_cmphex(cxl_doe_read(&f.doe, CXL_DOE_READ_MAILBOX - 1, 4), ==,
                    0x021e9800);
    cxl_doe_write(&f.doe, CXL_DOE_CONTROL - 1, 0x0100, 4);
    g_assert_cmphex(status(&f), ==, 0);
    cxl_doe_write(&f.doe, CXL_DOE_READ_MAILBOX + 1, UINT32_MAX, 4);
    cxl_doe_write(&f.doe, 0x18, UINT32_MAX, 4);
    cxl_doe_write(&f.doe, CXL_DOE_CAPABILITY, UINT32_MAX, 4);
    g_assert_cmphex(status(&f), ==, 0);
    g_assert_cmphex(cxl_doe_read(&f.doe, 0x18, 4), ==, 0);
}

static void test_valid(void)
{
    Fixture f;

    start(&f, -1);
    g_assert_true(cxl_doe_valid(&f.doe));
    f.doe.interrupt_enable = true;
    g_assert_false(cxl_doe_valid(&f.doe));
    start(&f, 0);
    f.doe.interrupt_enable = true;
    f.doe.in_dw = CXL_DOE_MAX_DW;
    g_assert_true(cxl_doe_valid(&f.doe));
    f.doe.in_dw++;
    g_assert_false(cxl_doe_valid(&f.doe));
    start(&f, 0);
    f.doe.ready = true;
    g_assert_false(cxl_doe_valid(&f.doe));
    f.doe.out_dw = CXL_DOE_MAX_DW;
    f.doe.out_pos = CXL_DOE_MAX_DW - 1;
    g_assert_true(cxl_doe_valid(&f.doe));
    f.doe.out_pos++;
    g_assert_false(cxl_doe_valid(&f.doe));
    f.doe.out_pos = 0;
    f.doe.out_dw = CXL_DOE_MAX_DW + 1;
    g_assert_false(cxl_doe_valid(&f.doe));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/doe/discovery", test_discovery);
    g_test_add_func("/cxl/doe/exchange", test_exchange);
    g_test_add_func("/cxl/doe/padding", test_padding);
    g_test_add_func("/cxl/doe/dropped", test_dropped);
    g_test_add_func("/cxl/doe/longest", test_longest);
    g_test_add_func("/cxl/doe/too-long", test_too_long);
    g_test_add_func("/cxl/doe/read-past-end", test_read_past_end);
    g_test_add_func("/cxl/doe/abort", test_abort);
    g_test_add_func("/cxl/doe/interrupt-off", test_interrupt_off);
    g_test_add_func("/cxl/doe/interrupts", test_interrupts);
    g_test_add_func("/cxl/doe/no-interrupts", test_no_interrupts);
    g_test_add_func("/cxl/doe/partial", test_partial);
    g_test_add_func("/cxl/doe/unaligned", test_unaligned);
    g_test_add_func("/cxl/doe/valid", test_valid);
    return g_test_run();
}
