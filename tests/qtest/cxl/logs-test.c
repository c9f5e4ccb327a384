/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs that are not of events: populated, cleared, reset, migrated. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define BG_STARTED 0x01
#define SECOND 1000000000ULL
#define ENTRY 16
#define DUMP 0x60
#define SMALL "mailbox-payload=4096"

static const uint8_t debug_log[16] = {
    0x5e, 0x18, 0x19, 0xd9, 0x11, 0xa9, 0x40, 0x0c,
    0x81, 0x1f, 0xd6, 0x07, 0x19, 0x40, 0x3d, 0x86,
};
static const uint8_t state_dump[16] = {
    0xb3, 0xfa, 0xb4, 0xcf, 0x01, 0xb6, 0x43, 0x32,
    0x94, 0x3e, 0x5e, 0x99, 0x62, 0xf2, 0x35, 0x67,
};

static QCXLMachine *m;
static QCXLDevice *dev;
static uint8_t out[4096];

static QCXLTopology topology(void)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 1, .device = SMALL, .ram = true,
    };
}

static void start(void)
{
    QCXLTopology t = topology();

    m = qcxl_start(&t);
    dev = &m->device[0];
}

/* The size of a log, as listed */
static uint32_t size_of(const uint8_t *uuid)
{
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x0400, NULL, 0, out, &len), ==, 0);
    for (size_t at = 8; at < len; at += 20) {
        if (!memcmp(out + at, uuid, 16)) {
            return ldl_le_p(out + at + 16);
        }
    }
    g_assert_not_reached();
}

/* All of it, in out */
static void get(const uint8_t *uuid, uint32_t size)
{
    uint8_t in[24] = { 0 };
    size_t len = sizeof(out);

    g_assert_cmpuint(size_of(uuid), ==, size);
    memcpy(in, uuid, 16);
    stl_le_p(in + 20, size);
    g_assert_cmphex(qcxl_command(dev, 0x0401, in, sizeof(in), out, &len), ==,
                    0);
    g_assert_cmpuint(len, ==, size);
}

static void clear(const uint8_t *uuid)
{
    g_assert_cmphex(qcxl_command(dev, 0x0403, uuid, 16, NULL, NULL), ==, 0);
}

static void note(uint16_t opcode)
{
    qcxl_command(dev, opcode, NULL, 0, NULL, NULL);
}

static void populate(void)
{
    g_assert_cmphex(qcxl_command(dev, 0x0404, state_dump, 16, NULL, NULL), ==,
                    BG_STARTED);
}

static void test_debug(void)
{
    start();
    clear(debug_log);
    get(debug_log, 0);
    note(0x4200);
    note(0x1234);
    get(debug_log, 2 * ENTRY);
    g_assert_cmphex(lduw_le_p(out + 8), ==, 0x4200);
    g_assert_cmphex(lduw_le_p(out + ENTRY + 8), ==, 0x1234);
    g_assert_cmphex(lduw_le_p(out + ENTRY + 10), ==, 3);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    get(debug_log, 0);
    qcxl_stop(m);
}

static void test_dump(void)
{
    start();
    get(state_dump, DUMP);
    g_assert_cmpuint(ldl_le_p(out), ==, 0);
    populate();
    get(state_dump, DUMP);
    g_assert_cmpuint(ldl_le_p(out), ==, 0);
    qtest_clock_step(m->qts, SECOND);
    get(state_dump, DUMP);
    g_assert_cmpuint(ldl_le_p(out), ==, 0x20);
    g_assert_cmpuint(out[0x41], ==, 1);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    get(state_dump, DUMP);
    g_assert_cmpuint(ldl_le_p(out), ==, 0);
    qcxl_stop(m);
}

/* With a dump in the making, and one that is there */
static void test_migrate(void)
{
    char *store = qcxl_store_new();
    g_autofree char *state = g_strdup_printf("%s/state", store);

    start();
    clear(debug_log);
    note(0x4200);
    populate();
    for (unsigned turn = 0; turn < 2; turn++) {
        QCXLTopology t = topology();
        QCXLMachine *from = m;

        qcxl_save(m, state);
        t.more = "-incoming defer";
        m = qcxl_launch(&t);
        g_assert_true(qcxl_load(m, state));
        qcxl_adopt(m, from);
        dev = &m->device[0];
        qcxl_stop(from);
        get(debug_log, ENTRY);
        g_assert_cmphex(lduw_le_p(out + 8), ==, 0x4200);
        get(state_dump, DUMP);
        g_assert_cmpuint(ldl_le_p(out), ==, turn ? 0x20 : 0);
        qtest_clock_step(m->qts, SECOND);
    }
    qcxl_stop(m);
    qcxl_store_remove(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/logs/debug", test_debug);
    qtest_add_func("cxl/logs/dump", test_dump);
    qtest_add_func("cxl/logs/migrate", test_migrate);
    return g_test_run();
}
