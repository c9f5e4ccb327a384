/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mailbox registers and the dispatch of commands. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define UNSUPPORTED 0x03
#define UNSUPPORTED_CCI 0x15
#define INVALID_LENGTH 0x16

#define LENGTH_MAX 0x1fffff             /* 21 bits */
#define VECTOR_MAILBOX 1
#define LSA_SIZE (2 * QCXL_MIB)

static const uint8_t cel_uuid[16] = {
    0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
    0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17,
};

static QCXLMachine *m;
static QCXLDevice *dev;

static void start(const char *device)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .lsa = LSA_SIZE, .device = device,
        .kinds = QCXL_PERSISTENT,
    };

    m = qcxl_start(&topology);
    dev = &m->device[0];
}

/* What the device must take; lengths in bytes, in_max of 0 like in_min. */
typedef struct Command {
    uint16_t opcode, in_min, out;
    uint32_t in_max;
    uint8_t in[24];
    uint8_t rc;
} Command;

static const Command commands[] = {
    { 0x0005, 0, 0 },
    { 0x0100, 1, 0x20 },
    { 0x0101, 6, 0, 6 + 2 * 255 },
    { 0x0102, 0, 4 },
    { 0x0103, 4, 0, 5 },
    { 0x0200, 0, 0x50 },
    { 0x0300, 0, 8 },
    { 0x0301, 8, 0 },
    { 0x0400, 0, 8 + 3 * 0x14 },
    { 0x0401, 0x18, 4, 0, {
        0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
        0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17,
        0, 0, 0, 0, 4, 0, 0, 0 } },
    { 0x0402, 0x10, 4, 0, {
        0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
        0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17 } },
    { 0x0403, 0x10, 0, 0, {
        0x5e, 0x18, 0x19, 0xd9, 0x11, 0xa9, 0x40, 0x0c,
        0x81, 0x1f, 0xd6, 0x07, 0x19, 0x40, 0x3d, 0x86 } },
    { 0x0405, 2, 8 },
    { 0x0500, 8, 8, 0, { 8 } },
    { 0x0501, 0x15, 4, 0, {
        0x96, 0xda, 0xd7, 0xd6, 0xfd, 0xe8, 0x48, 0x2b,
        0xa7, 0x33, 0x75, 0x77, 0x4e, 0x06, 0xdb, 0x8a,
        0, 0, 0xff, 0xff } },
    { 0x0600, 2, 0, 16 },
    { 0x4000, 0, 0x45 },
    { 0x4100, 0, 0x20 },
    { 0x4101, 9, 0, 10 },
    { 0x4102, 8, 16, 0, { 0, 0, 0, 0, 16 } },
    { 0x4103, 8, 0, UINT32_MAX },
    { 0x4200, 0, 0x12 },
    { 0x4201, 0, 0x10 },
    { 0x4202, 12, 0, 0, { 1, 1, 30 } },
    { 0x4203, 0, 1 },
    { 0x4204, 1, 0, 0, { 1 } },
    { 0x4300, 16, 0x20 },
    { 0x4301, 8, 0 },
    { 0x4302, 72, 0 },
    { 0x4303, 16, 4 },
    { 0x4304, 17, 0, .rc = 1 },         /* in background */
    { 0x4305, 0, 0, .rc = 3 },          /* not before that has ended */
};

static uint32_t longest(const Command *c)
{
    return MIN(c->in_max ?: c->in_min, dev->payload);
}

static void test_each_command(void)
{
    start("partition-alignment=256M");
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        size_t out_len;
        unsigned rc;

        g_test_message("opcode %04x", commands[i].opcode);
        rc = qcxl_command(dev, commands[i].opcode, commands[i].in,
                          commands[i].in_min, NULL, &out_len);
        g_assert_cmphex(rc, ==, commands[i].rc);
        g_assert_cmpuint(out_len, ==, commands[i].out);
    }
    qcxl_stop(m);
}

static void check_length(const Command *c, uint32_t length)
{
    if (length <= LENGTH_MAX) {
        g_assert_cmphex(qcxl_doorbell(dev, c->opcode, length), ==,
                        INVALID_LENGTH);
        g_assert_cmphex(qcxl_read(m, dev->mailbox + 8, 8), ==, c->opcode);
    }
}

/* Lengths are checked before anything else, and leave no answer. */
static void test_lengths(void)
{
    start("mailbox-payload=256");
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        const Command *c = &commands[i];

        g_test_message("opcode %04x", c->opcode);
        check_length(c, c->in_min - 1u);
        check_length(c, longest(c) + 1);
        check_length(c, dev->payload + 1);
        check_length(c, 0x100000);
        check_length(c, LENGTH_MAX);
    }
    qcxl_stop(m);
}

static GByteArray *read_cel(void)
{
    GByteArray *cel = g_byte_array_new();
    uint8_t in[24] = { 0 }, out[8 + 3 * 0x14];
    size_t out_len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x0400, NULL, 0, out, &out_len), ==, 0);
    g_assert_cmpuint(lduw_le_p(out), ==, 3);
    g_assert_cmpmem(out + 8, 16, cel_uuid, 16);
    g_byte_array_set_size(cel, ldl_le_p(out + 0x18));
    memcpy(in, cel_uuid, 16);
    stl_le_p(in + 0x14, cel->len);
    out_len = cel->len;
    g_assert_cmphex(qcxl_command(dev, 0x0401, in, 24, cel->data, &out_len),
                    ==, 0);
    g_assert_cmpuint(out_len, ==, cel->len);
    return cel;
}

static bool in_cel(const GByteArray *cel, uint16_t opcode)
{
    for (unsigned i = 0; i < cel->len; i += 4) {
        if (lduw_le_p(cel->data + i) == opcode) {
            return true;
        }
    }
    return false;
}

/* What the CEL lists is there, in order; nothing else is. */
static void test_cel(void)
{
    g_autoptr(GByteArray) cel = NULL;

    start(NULL);
    cel = read_cel();
    g_assert_cmpuint(cel->len % 4, ==, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        g_assert_true(in_cel(cel, commands[i].opcode));
    }
    for (unsigned i = 4; i < cel->len; i += 4) {
        g_assert_cmphex(lduw_le_p(cel->data + i - 4), <,
                        lduw_le_p(cel->data + i));
    }
    qcxl_stop(m);
}

/* Only the doorbell, the fastest way to try many. */
static unsigned try_opcode(uint16_t opcode)
{
    qcxl_write(m, dev->mailbox + 8, 8, opcode | (uint64_t)LENGTH_MAX << 16);
    qcxl_write(m, dev->mailbox + 4, 4, 1);
    return qcxl_read(m, dev->mailbox + 0x14, 2);
}

static void test_unknown(void)
{
    g_autoptr(GByteArray) cel = NULL;

    start(NULL);
    cel = read_cel();
    for (unsigned opcode = 0; opcode < 0x10000; opcode++) {
        unsigned set = opcode >> 8, rc;

        if (set >= 0x08 && !(set >= 0x40 && set < 0x5a) &&
            opcode % 251 && opcode != 0xffff) {
            continue;
        }
        rc = try_opcode(opcode);
        if (in_cel(cel, opcode)) {
            g_assert_cmphex(rc, ==, INVALID_LENGTH);
        } else if (opcode >= 0x0001 && opcode <= 0x0004) {
            /* Of other CCIs */
            g_assert_cmphex(rc, ==, UNSUPPORTED_CCI);
        } else {
            g_assert_true(rc == UNSUPPORTED || rc == UNSUPPORTED_CCI);
        }
    }
    qcxl_stop(m);
}

/* CXL r3.2: effects of the commands that change something */
static void test_effects(void)
{
    static const struct {
        uint16_t opcode, effects;
    } want[] = {
        { 0x0100, 0 }, { 0x0101, 0x10 }, { 0x0103, 0x08 }, { 0x0201, 0x140 },
        { 0x0202, 0x143 }, { 0x0301, 0x08 },
        { 0x0502, 0x3e }, { 0x4000, 0 }, { 0x4101, 0x07 }, { 0x4103, 0x06 },
        { 0x4202, 0x08 }, { 0x4204, 0x08 },
    };
    g_autoptr(GByteArray) cel = NULL;

    start("partition-alignment=256M");
    cel = read_cel();
    for (unsigned n = 0; n < ARRAY_SIZE(want); n++) {
        for (unsigned i = 0; i < cel->len; i += 4) {
            if (lduw_le_p(cel->data + i) == want[n].opcode) {
                g_test_message("opcode %04x", want[n].opcode);
                g_assert_cmphex(lduw_le_p(cel->data + i + 2), ==,
                                want[n].effects);
            }
        }
    }
    qcxl_stop(m);
}

/* The largest label write that fits, read back, and one byte more. */
static void check_payload(uint32_t payload)
{
    g_autofree uint8_t *in = g_malloc0(payload);
    g_autofree uint8_t *out = g_malloc0(payload);
    uint8_t get[8] = { 0 };
    size_t out_len = payload;

    g_assert_cmpuint(dev->payload, ==, payload);
    for (uint32_t i = 8; i < payload; i++) {
        in[i] = i * 7 + (i >> 8);
    }
    stl_le_p(in, 5);
    g_assert_cmphex(qcxl_command(dev, 0x4103, in, payload, NULL, NULL), ==,
                    0);
    stl_le_p(get, 5);
    stl_le_p(get + 4, payload - 8);
    g_assert_cmphex(qcxl_command(dev, 0x4102, get, 8, out, &out_len), ==, 0);
    g_assert_cmpmem(out, out_len, in + 8, payload - 8);

    stl_le_p(get + 4, payload);
    out_len = payload;
    g_assert_cmphex(qcxl_command(dev, 0x4102, get, 8, out, &out_len), ==, 0);
    g_assert_cmpuint(out_len, ==, payload);
    stl_le_p(get + 4, payload + 1);
    g_assert_cmphex(qcxl_command(dev, 0x4102, get, 8, NULL, &out_len), ==, 2);
    g_assert_cmpuint(out_len, ==, 0);
    g_assert_cmphex(qcxl_doorbell(dev, 0x4103, MIN(payload + 1, LENGTH_MAX)),
                    ==, INVALID_LENGTH);
}

static void check_payload_end(uint32_t payload)
{
    uint64_t end = dev->mailbox + 0x20 + payload;

    g_assert_cmpuint(end - dev->registers, <=, dev->registers_size);
    qcxl_write(m, end - 8, 8, 0x1122334455667788);
    g_assert_cmphex(qcxl_read(m, end - 8, 8), ==, 0x1122334455667788);
    g_assert_cmphex(qcxl_read(m, end - 1, 1), ==, 0x11);
    qcxl_write(m, end - 1, 1, 0x99);
    g_assert_cmphex(qcxl_read(m, end - 2, 2), ==, 0x9922);
}

static void test_payload_sizes(void)
{
    for (uint32_t payload = 256; payload <= QCXL_MIB; payload *= 2) {
        g_autofree char *option = g_strdup_printf("mailbox-payload=%u",
                                                  payload);

        g_test_message("%s", option);
        start(option);
        check_payload(payload);
        check_payload_end(payload);
        qcxl_stop(m);
    }
}

static void test_registers(void)
{
    uint64_t mb;

    start(NULL);
    mb = dev->mailbox;
    /* 64 KiB, both interrupts, message 1, type by class */
    g_assert_cmphex(qcxl_read(m, mb, 4), ==, 16 | 0x60 | 1 << 7);
    qcxl_write(m, mb, 4, UINT32_MAX);
    g_assert_cmphex(qcxl_read(m, mb, 4), ==, 16 | 0x60 | 1 << 7);
    qcxl_write(m, mb + 4, 4, 0xfffffffe);
    g_assert_cmphex(qcxl_read(m, mb + 4, 4), ==, 6);
    qcxl_write(m, mb + 8, 8, UINT64_MAX);
    g_assert_cmphex(qcxl_read(m, mb + 8, 8), ==, 0x1fffffffff);
    qcxl_write(m, mb + 0x10, 8, UINT64_MAX);
    qcxl_write(m, mb + 0x18, 8, UINT64_MAX);
    g_assert_cmphex(qcxl_read(m, mb + 0x10, 8), ==, 0);
    g_assert_cmphex(qcxl_read(m, mb + 0x18, 8), ==, 0);
    qcxl_stop(m);
}

/* A byte is enough to ring; the command register may be written in parts. */
static void test_narrow_doorbell(void)
{
    uint64_t mb;

    start(NULL);
    mb = dev->mailbox;
    qcxl_write(m, mb + 8, 2, 0x4000);
    qcxl_write(m, mb + 10, 4, 0);
    qcxl_write(m, mb + 4, 1, 1);
    g_assert_cmphex(qcxl_read(m, mb + 4, 1), ==, 0);
    g_assert_cmphex(qcxl_read(m, mb + 0x14, 2), ==, 0);
    g_assert_cmphex(qcxl_read(m, mb + 8, 8), ==, 0x4000 | 0x45 << 16);
    qcxl_stop(m);
}

static void test_interrupt(void)
{
    start(NULL);
    /* Not before MSI-X is on */
    qcxl_write(m, dev->mailbox + 4, 4, 2);
    qcxl_doorbell(dev, 0x0300, 0);
    qcxl_msix_enable(&dev->fn);
    g_assert_false(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));

    qcxl_doorbell(dev, 0x0300, 0);
    g_assert_true(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    /* For an error as well */
    g_assert_cmphex(qcxl_doorbell(dev, 0xffff, 0), ==, UNSUPPORTED);
    g_assert_true(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    /* A write without doorbell is none */
    qcxl_write(m, dev->mailbox + 4, 4, 2);
    g_assert_false(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));

    qcxl_write(m, dev->mailbox + 4, 4, 0);
    qcxl_doorbell(dev, 0x0300, 0);
    for (unsigned n = 0; n < 6; n++) {
        g_assert_false(qcxl_msix_take(&dev->fn, n));
    }
    qcxl_stop(m);
}

/* The message may be addressed to the mailbox itself: no loop, no crash. */
static void test_interrupt_to_itself(void)
{
    unsigned cap;
    uint64_t table;

    start(NULL);
    qcxl_msix_enable(&dev->fn);
    cap = qcxl_find_cap(&dev->fn, 0x11);
    table = dev->fn.bar[qcxl_config_read(&dev->fn, cap + 4, 4) & 7];
    qcxl_write(m, table + 16 * VECTOR_MAILBOX, 4, dev->mailbox + 4);
    qcxl_write(m, table + 16 * VECTOR_MAILBOX + 8, 4, 3);
    qcxl_write(m, dev->mailbox + 8, 8, 0x0300);
    qcxl_write(m, dev->mailbox + 4, 4, 3);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 8, 8), ==, 0x0300 | 8 << 16);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 4, 4), ==, 2);
    qcxl_stop(m);
}

/* Any bytes as any command: an answer, and a device that is still there. */
static void test_noise(void)
{
    uint8_t noise[256];

    start("mailbox-payload=256,partition-alignment=256M");
    for (unsigned round = 0; round < 3000; round++) {
        const Command *c = &commands[g_test_rand_int_range(
            0, ARRAY_SIZE(commands))];
        uint32_t length = g_test_rand_bit() ? c->in_min :
            g_test_rand_int_range(0, sizeof(noise) + 1);

        for (unsigned i = 0; i < sizeof(noise); i++) {
            noise[i] = g_test_rand_int();
        }
        g_assert_cmphex(qcxl_command(dev, c->opcode, noise, length, NULL,
                                     NULL), <=, 0x20);
    }
    g_assert_cmphex(qcxl_command(dev, 0x4000, NULL, 0, NULL, NULL), ==, 0);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/mailbox/registers", test_registers);
    qtest_add_func("cxl/mailbox/narrow-doorbell", test_narrow_doorbell);
    qtest_add_func("cxl/mailbox/each-command", test_each_command);
    qtest_add_func("cxl/mailbox/lengths", test_lengths);
    qtest_add_func("cxl/mailbox/cel", test_cel);
    qtest_add_func("cxl/mailbox/effects", test_effects);
    qtest_add_func("cxl/mailbox/unknown", test_unknown);
    qtest_add_func("cxl/mailbox/payload-sizes", test_payload_sizes);
    qtest_add_func("cxl/mailbox/interrupt", test_interrupt);
    qtest_add_func("cxl/mailbox/interrupt-to-itself",
                   test_interrupt_to_itself);
    qtest_add_func("cxl/mailbox/noise", test_noise);
    return g_test_run();
}
