/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scan Media through a mailbox: in background, over resets and migration. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define L 64
#define LISTED 256
#define MS 1000000LL
#define SCAN_MS (QCXL_UNIT / (16 * QCXL_MIB))

#define UNSUPPORTED 0x03
#define OVERFLOWED 2
#define SCANNING 4
#define RESULTS_MORE 1

static char *store, *state;
static QCXLMachine *m;
static QCXLDevice *dev;
static uint8_t answer[0x20 + LISTED * 0x10];

static QCXLTopology topology(const char *more)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 1, .ram = true,
        .device = "mailbox-payload=4k", .more = more,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static void start(void)
{
    QCXLTopology t = topology(NULL);

    store = qcxl_store_new();
    state = g_strdup_printf("%s/state", store);
    m = qcxl_start(&t);
    dev = &m->device[0];
}

static void stop(void)
{
    qcxl_stop(m);
    g_free(state);
    qcxl_store_remove(store);
}

/* To another machine, with all state */
static void migrate(void)
{
    QCXLTopology t = topology("-incoming defer");
    QCXLMachine *from = m;

    qcxl_save(m, state);
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    qcxl_stop(from);
}

static void poison(unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-inject-poison',"
            "'arguments': { 'path': 'mem0', 'start': %" PRIu64
            ", 'length': 64 } }", n * (uint64_t)0x100);
    }
}

static void clear(uint64_t dpa)
{
    uint64_t in[9] = { cpu_to_le64(dpa) };

    g_assert_cmphex(qcxl_command(dev, 0x4302, in, sizeof(in), NULL, NULL), ==,
                    0);
}

static void begin(void)
{
    uint8_t in[17] = { [16] = 1 };

    stq_le_p(in + 8, QCXL_UNIT / L);
    g_assert_cmphex(qcxl_command(dev, 0x4304, in, sizeof(in), NULL, NULL), ==,
                    1);
}

static unsigned percent(void)
{
    uint64_t status = qcxl_read(m, dev->mailbox + 0x18, 8);

    g_assert_cmphex(status & 0xffff, ==, 0x4304);
    return status >> 16 & 0x7f;
}

static void check_list_flags(uint8_t flags)
{
    uint64_t in[2] = { 0, cpu_to_le64(1) };
    size_t len = sizeof(answer);

    g_assert_cmphex(qcxl_command(dev, 0x4300, in, sizeof(in), answer, &len),
                    ==, 0);
    g_assert_cmphex(answer[0], ==, flags);
}

/* Of one page; the first record is @first. */
static void check_results(unsigned count, uint8_t flags, uint64_t first)
{
    size_t len = sizeof(answer);

    g_assert_cmphex(qcxl_command(dev, 0x4305, NULL, 0, answer, &len), ==, 0);
    g_assert_cmpuint(lduw_le_p(answer + 0x12), ==, count);
    g_assert_cmphex(answer[0x10], ==, flags);
    g_assert_cmphex(ldq_le_p(answer + 0x20), ==, first);
}

static void check_no_results(void)
{
    g_assert_cmphex(qcxl_command(dev, 0x4305, NULL, 0, NULL, NULL), ==,
                    UNSUPPORTED);
}

static void test_background(void)
{
    start();
    poison(1);
    check_no_results();
    begin();
    check_list_flags(SCANNING);
    qtest_clock_step(m->qts, SCAN_MS / 2 * MS);
    g_assert_cmpuint(percent(), ==, 50);
    qtest_clock_step(m->qts, SCAN_MS / 2 * MS);
    g_assert_cmpuint(percent(), ==, 100);
    check_list_flags(0);
    check_results(1, 0, 2);
    stop();
}

/* Killed on the way, and what it had found forgotten */
static void test_reset(void)
{
    start();
    poison(1);
    for (unsigned half = 0; half < 2; half++) {
        begin();
        qtest_clock_step(m->qts, half ? SCAN_MS * MS : SCAN_MS / 2 * MS);
        qtest_system_reset(m->qts);
        qcxl_enumerate(m);
        check_list_flags(0);
        check_no_results();
        g_assert_cmphex(qcxl_read(m, dev->mailbox + 0x18, 8), ==, 0);
    }
    qtest_clock_step(m->qts, SCAN_MS * MS);
    check_no_results();
    stop();
}

/* On the way, and again with results that have been read in part */
static void test_migrate(void)
{
    start();
    poison(LISTED + 10);
    check_list_flags(OVERFLOWED);
    begin();
    qtest_clock_step(m->qts, SCAN_MS / 4 * MS);
    migrate();
    check_list_flags(OVERFLOWED | SCANNING);
    g_assert_cmpuint(percent(), <, 100);
    qtest_clock_step(m->qts, SCAN_MS * MS);
    g_assert_cmpuint(percent(), ==, 100);
    check_list_flags(OVERFLOWED);
    check_results(254, RESULTS_MORE, 2);
    migrate();
    check_results(12, 0, 254 * 0x100 | 2);
    for (unsigned n = 0; n < 10; n++) {
        clear(n * 0x100);
    }
    begin();
    qtest_clock_step(m->qts, SCAN_MS * MS);
    check_list_flags(0);
    check_results(254, RESULTS_MORE, 10 * 0x100 | 2);
    stop();
}

/* The bytes of a saved scan's results, as a hostile file may have them */
static void check_hostile(unsigned at, uint8_t byte)
{
    /* The range, how far, quiet, valid, next, count, and a record */
    static const uint8_t scan[] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0,
        0, 0, 0, 0, 0x10, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 2,
    };
    QCXLTopology t = topology("-incoming defer");
    g_autofree uint8_t *bytes = NULL;
    QCXLMachine *to;
    uint8_t *found;
    gsize len;

    g_assert_true(g_file_get_contents(state, (char **)&bytes, &len, NULL));
    found = memmem(bytes, len, scan, sizeof(scan));
    g_assert_nonnull(found);
    found[at] = byte;
    g_assert_true(g_file_set_contents(state, (char *)bytes, len, NULL));
    to = qcxl_launch(&t);
    g_assert_true(qcxl_load(to, state) == (byte == scan[at]));
    qcxl_stop(to);
    found[at] = scan[at];
    g_assert_true(g_file_set_contents(state, (char *)bytes, len, NULL));
}

static void test_hostile(void)
{
    start();
    poison(1);
    begin();
    qtest_clock_step(m->qts, SCAN_MS * MS);
    qcxl_save(m, state);
    check_hostile(7, 0);        /* as it was */
    check_hostile(7, 1);        /* address */
    check_hostile(8, 1);        /* length */
    check_hostile(20, 0x11);    /* how far */
    check_hostile(29, 2);       /* next */
    check_hostile(30, 0x7f);    /* count */
    check_hostile(50, 4);       /* source */
    stop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/scan/background", test_background);
    qtest_add_func("cxl/scan/reset", test_reset);
    qtest_add_func("cxl/scan/migrate", test_migrate);
    qtest_add_func("cxl/scan/hostile", test_hostile);
    return g_test_run();
}
