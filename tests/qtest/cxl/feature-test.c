/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Features and maintenance: changed, used up, reset, migrated, kept. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define INVALID_INPUT 0x02
#define BG_STARTED 0x01
#define IN_PROGRESS 0x1b
#define EXHAUSTED 0x1d

#define INITIATE 1
#define FINISH 3
#define SAVE 8

#define CURRENT 0
#define SAVED 2

#define SMALL "mailbox-payload=4096"
#define BANKS 4

static const uint8_t scrub[16] = {
    0x96, 0xda, 0xd7, 0xd6, 0xfd, 0xe8, 0x48, 0x2b,
    0xa7, 0x33, 0x75, 0x77, 0x4e, 0x06, 0xdb, 0x8a,
};
static const uint8_t ecs[16] = {
    0xe5, 0xb1, 0x3f, 0x22, 0x23, 0x28, 0x4a, 0x14,
    0xb8, 0xba, 0xb9, 0x69, 0x1e, 0x89, 0x33, 0x86,
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

/* Bytes of the answer in out */
static size_t get(const uint8_t *uuid, uint8_t selection)
{
    uint8_t in[0x15] = { 0 };
    size_t len = sizeof(out);

    memcpy(in, uuid, 16);
    stw_le_p(in + 0x12, 64);
    in[0x14] = selection;
    g_assert_cmphex(qcxl_command(dev, 0x0501, in, sizeof(in), out, &len), ==,
                    0);
    return len;
}

static unsigned set(const uint8_t *uuid, uint32_t flags, uint16_t offset,
                    const void *data, size_t len)
{
    uint8_t in[0x20 + 16] = { 0 };

    memcpy(in, uuid, 16);
    stl_le_p(in + 0x10, flags);
    stw_le_p(in + 0x14, offset);
    in[0x16] = 1;
    memcpy(in + 0x20, data, len);
    return qcxl_command(dev, 0x0502, in, 0x20 + len, NULL, NULL);
}

static void check_scrub(uint8_t selection, uint8_t hours, uint8_t on)
{
    g_assert_cmpuint(get(scrub, selection), ==, 4);
    g_assert_cmphex(out[0] & 1, ==, 1);
    g_assert_cmpuint(out[1], ==, hours);
    g_assert_cmpuint(out[2], ==, 1);
    g_assert_cmphex(out[3], ==, on);
}

/* The size and the attributes of each feature that is listed fit its bytes. */
static void test_list(void)
{
    uint8_t in[8] = { 0 };
    size_t len = sizeof(out);
    unsigned count;
    g_autofree uint8_t *entries = NULL;

    start();
    stl_le_p(in, 8);
    g_assert_cmphex(qcxl_command(dev, 0x0500, in, 8, out, &len), ==, 0);
    g_assert_cmpuint(lduw_le_p(out), ==, 0);
    count = lduw_le_p(out + 2);
    g_assert_cmpuint(count, >=, 2);
    stl_le_p(in, sizeof(out));
    len = sizeof(out);
    g_assert_cmphex(qcxl_command(dev, 0x0500, in, 8, out, &len), ==, 0);
    g_assert_cmpuint(lduw_le_p(out), ==, count);
    g_assert_cmpuint(len, ==, 8 + 48 * count);
    entries = g_memdup2(out + 8, 48 * count);
    for (unsigned n = 0; n < count; n++) {
        const uint8_t *entry = entries + 48 * n;

        g_assert_cmpuint(lduw_le_p(entry + 0x10), ==, n);
        g_assert_cmpuint(get(entry, CURRENT), ==, lduw_le_p(entry + 0x12));
        g_assert_cmphex(ldl_le_p(entry + 0x16) & 1, ==, 1);
    }
    qcxl_stop(m);
}

static void test_reset(void)
{
    start();
    check_scrub(CURRENT, 12, 0);
    g_assert_cmphex(set(scrub, SAVE, 0, "\6\1", 2), ==, 0);
    g_assert_cmphex(set(scrub, 0, 0, "\7\0", 2), ==, 0);
    g_assert_cmphex(set(scrub, 0, 0, "\0\0", 2), ==, INVALID_INPUT);
    check_scrub(CURRENT, 7, 0);
    check_scrub(SAVED, 6, 1);
    g_assert_cmphex(set(ecs, INITIATE, 0, "\0", 1), ==, 0);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_scrub(CURRENT, 6, 1);
    g_assert_cmpuint(get(ecs, CURRENT), ==, 17);
    qcxl_stop(m);
}

static char *store, *state;

static QCXLMachine *launch_waiting(void)
{
    QCXLTopology t = topology();

    t.more = "-incoming defer";
    return qcxl_launch(&t);
}

/* In the middle of a change that is to be saved */
static void test_migrate(void)
{
    QCXLMachine *from;

    store = qcxl_store_new();
    state = g_strdup_printf("%s/state", store);
    start();
    g_assert_cmphex(set(scrub, SAVE, 0, "\6\1", 2), ==, 0);
    g_assert_cmphex(set(scrub, 0, 0, "\7\0", 2), ==, 0);
    g_assert_cmphex(set(ecs, INITIATE | SAVE, 0, "\1\4\0", 3), ==, 0);
    qcxl_save(m, state);
    from = m;
    m = launch_waiting();
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    qcxl_stop(from);
    check_scrub(CURRENT, 7, 0);
    check_scrub(SAVED, 6, 1);
    g_assert_cmphex(set(scrub, 0, 0, "\7\0", 2), ==, IN_PROGRESS);
    g_assert_cmphex(set(ecs, FINISH, 3, "\5\0\4\0\4\0", 6), ==, 0);
    g_assert_cmpuint(get(ecs, SAVED), ==, 17);
    g_assert_cmphex(out[0], ==, 1);
    g_assert_cmphex(out[2], ==, 4);
    g_assert_cmphex(out[6], ==, 5);
    qcxl_stop(m);
    g_free(state);
    qcxl_store_remove(store);
}

/* A setting in the saved state that no host could have made */
static void test_hostile(void)
{
    /* Current settings, and the saved ones behind them */
    static const uint8_t mark[17] = { 0x5b, 1, [16] = 12 };
    g_autofree uint8_t *bytes = NULL;
    uint8_t *found;
    gsize len;

    store = qcxl_store_new();
    state = g_strdup_printf("%s/state", store);
    start();
    g_assert_cmphex(set(scrub, 0, 0, "\x5b\1", 2), ==, 0);
    qcxl_save(m, state);
    qcxl_stop(m);
    g_assert_true(g_file_get_contents(state, (char **)&bytes, &len, NULL));
    found = memmem(bytes, len, mark, sizeof(mark));
    g_assert_nonnull(found);
    for (unsigned bad = 0; bad < 2; bad++) {
        found[1] = bad ? 2 : 1;
        g_assert_true(g_file_set_contents(state, (char *)bytes, len, NULL));
        m = launch_waiting();
        g_assert_true(qcxl_load(m, state) == !bad);
        qcxl_stop(m);
    }
    g_free(state);
    qcxl_store_remove(store);
}

/* A bank, taken out of use until the power goes, or for good */
static unsigned spare_bank(bool hard)
{
    uint8_t in[16] = { 2, 2, hard ? 2 : 0, [9] = 3 };

    return qcxl_command(dev, 0x0600, in, sizeof(in), NULL, NULL);
}

/* Spare banks, as a record says after a query; the log is empty then. */
static unsigned banks_left(void)
{
    uint8_t in[16] = { 2, 2, 1 }, clear[8] = { 0, 0, 1 };
    size_t len = sizeof(out);
    unsigned left, rc;

    rc = qcxl_command(dev, 0x0600, in, sizeof(in), NULL, NULL);
    for (;;) {
        uint8_t info = 0;

        len = sizeof(out);
        g_assert_cmphex(qcxl_command(dev, 0x0100, &info, 1, out, &len), ==,
                        0);
        g_assert_cmpuint(lduw_le_p(out + 0x14), >, 0);
        memcpy(clear + 6, out + 0x20 + 0x14, 2);
        g_assert_cmphex(qcxl_command(dev, 0x0101, clear, 8, NULL, NULL), ==,
                        0);
        g_assert_cmphex(out[0x20], ==, 0xe7);
        /* Answers to queries are marked. */
        if (out[0x20 + 0x32] & 1) {
            break;
        }
    }
    left = lduw_le_p(out + 0x20 + 0x3c);
    g_assert_cmphex(rc, ==, left ? 0 : EXHAUSTED);
    g_assert_cmphex(out[0x20 + 0x33], ==, rc);
    return left;
}

static void test_repair(void)
{
    start();
    g_assert_cmpuint(banks_left(), ==, BANKS);
    for (unsigned n = 0; n < BANKS; n++) {
        g_assert_cmphex(spare_bank(n == 0), ==, BG_STARTED);
        /* Over, and well, as the driver looks */
        g_assert_cmphex(qcxl_read(m, dev->mailbox + 0x18, 8), ==,
                        0x0600 | 100 << 16);
    }
    g_assert_cmphex(spare_bank(true), ==, EXHAUSTED);
    g_assert_cmpuint(banks_left(), ==, 0);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmpuint(banks_left(), ==, BANKS - 1);
    qcxl_stop(m);
}

static void test_repair_migrate(void)
{
    QCXLMachine *from;

    store = qcxl_store_new();
    state = g_strdup_printf("%s/state", store);
    start();
    g_assert_cmphex(spare_bank(true), ==, BG_STARTED);
    g_assert_cmphex(spare_bank(false), ==, BG_STARTED);
    qcxl_save(m, state);
    from = m;
    m = launch_waiting();
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    qcxl_stop(from);
    g_assert_cmpuint(banks_left(), ==, BANKS - 2);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmpuint(banks_left(), ==, BANKS - 1);
    qcxl_stop(m);
    g_free(state);
    qcxl_store_remove(store);
}

/* What is saved and what is hard is there after QEMU was killed. */
static void test_kept(void)
{
    QCXLTopology t = {
        .bridges = 1, .ports = 1, .kinds = QCXL_PERSISTENT, .lsa = 4096,
        .metadata = 128 * 1024, .device = SMALL,
    };

    t.store = store = qcxl_store_new();
    m = qcxl_start(&t);
    dev = &m->device[0];
    g_assert_cmphex(set(scrub, SAVE, 0, "\6\1", 2), ==, 0);
    g_assert_cmphex(set(scrub, 0, 0, "\7\0", 2), ==, 0);
    qcxl_kill(m);
    m = qcxl_start(&t);
    dev = &m->device[0];
    check_scrub(CURRENT, 6, 1);
    check_scrub(SAVED, 6, 1);
    g_assert_cmphex(spare_bank(true), ==, BG_STARTED);
    g_assert_cmphex(spare_bank(false), ==, BG_STARTED);
    qcxl_kill(m);
    m = qcxl_start(&t);
    dev = &m->device[0];
    check_scrub(SAVED, 6, 1);
    g_assert_cmpuint(banks_left(), ==, BANKS - 1);
    qcxl_stop(m);
    qcxl_store_remove(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/feature/list", test_list);
    qtest_add_func("cxl/feature/reset", test_reset);
    qtest_add_func("cxl/feature/migrate", test_migrate);
    qtest_add_func("cxl/feature/hostile", test_hostile);
    qtest_add_func("cxl/feature/repair", test_repair);
    qtest_add_func("cxl/feature/repair/migrate", test_repair_migrate);
    qtest_add_func("cxl/feature/kept", test_kept);
    return g_test_run();
}
