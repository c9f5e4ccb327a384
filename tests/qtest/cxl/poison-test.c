/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Poison: commands, limits, QMP, resets, saved state, woven memory. */
#include "qemu/osdep.h"
#include "weave_model.h"
#include "qobject/qdict.h"

#define L 64
#define RECORDS 256
#define LIMIT 128

#define INVALID_INPUT 0x02
#define INVALID_DPA 0x0f
#define LIMIT_REACHED 0x10

#define MORE 1
#define OVERFLOWED 2

#define INTERNAL 2
#define INJECTED 3

static QCXLDevice *dev;
static uint8_t answer[0x20 + RECORDS * 0x10];

static void start_with(const char *device, const char *more)
{
    QCXLTopology t = topology(1, 1);

    t.device = device;
    t.more = more;
    m = qcxl_start(&t);
    dev = &m->device[0];
}

static unsigned inject(uint64_t dpa)
{
    uint8_t in[8];

    stq_le_p(in, dpa);
    return qcxl_command(dev, 0x4301, in, sizeof(in), NULL, NULL);
}

static unsigned clear(QCXLDevice *device, uint64_t dpa, uint64_t word)
{
    uint8_t in[72];

    stq_le_p(in, dpa);
    for (unsigned i = 0; i < 8; i++) {
        stq_le_p(in + 8 + i * 8, word + i);
    }
    return qcxl_command(device, 0x4302, in, sizeof(in), NULL, NULL);
}

/* Records in the answer */
static unsigned get(uint64_t dpa, uint64_t length, uint8_t flags)
{
    uint8_t in[16];
    size_t len = sizeof(answer);

    stq_le_p(in, dpa);
    stq_le_p(in + 8, length / L);
    g_assert_cmphex(qcxl_command(dev, 0x4300, in, sizeof(in), answer, &len),
                    ==, 0);
    g_assert_cmphex(answer[0], ==, flags);
    g_assert_cmpuint(len, ==, 0x20 + 0x10 * lduw_le_p(answer + 0xa));
    return lduw_le_p(answer + 0xa);
}

static unsigned get_all(uint8_t flags)
{
    return get(0, QCXL_UNIT, flags);
}

static void check_record(unsigned n, uint64_t dpa, uint64_t length,
                         unsigned source)
{
    const uint8_t *record = answer + 0x20 + n * 0x10;

    g_assert_cmphex(ldq_le_p(record), ==, dpa | source);
    g_assert_cmphex(ldl_le_p(record + 8), ==, length / L);
    g_assert_cmphex(ldl_le_p(record + 12), ==, 0);
}

/* An error that has @words in it, or, if NULL, none */
static void qmp_inject(const char *path, uint64_t at, uint64_t length,
                       const char *words)
{
    QDict *reply = qtest_qmp(m->qts, "{ 'execute': 'cxl-inject-poison',"
        "'arguments': { 'path': %s, 'start': %" PRIu64 ", 'length': %" PRIu64
        " } }", path, at, length);
    QDict *error = qdict_get_qdict(reply, "error");

    g_assert_true(!words == !error);
    if (error) {
        const char *desc = qdict_get_str(error, "desc");

        g_test_message("%s", desc);
        g_assert_nonnull(strstr(desc, words));
    }
    qobject_unref(reply);
}

static void test_identify(void)
{
    uint8_t id[0x45];
    size_t len = sizeof(id);

    start_with(NULL, NULL);
    g_assert_cmphex(qcxl_command(dev, 0x4000, NULL, 0, id, &len), ==, 0);
    g_assert_cmpuint(ldl_le_p(id + 0x3c) & 0xffffff, ==, RECORDS);
    g_assert_cmpuint(lduw_le_p(id + 0x3f), ==, LIMIT);
    g_assert_cmphex(id[0x41], ==, 0);
    qcxl_stop(m);
}

static void test_commands(void)
{
    start_with(NULL, NULL);
    g_assert_cmpuint(get_all(0), ==, 0);
    g_assert_cmphex(inject(0x1000), ==, 0);
    g_assert_cmphex(inject(0x1000), ==, 0);
    g_assert_cmphex(inject(QCXL_UNIT - L), ==, 0);
    g_assert_cmphex(inject(0x1001), ==, INVALID_INPUT);
    g_assert_cmphex(inject(QCXL_UNIT), ==, INVALID_DPA);
    g_assert_cmpuint(get_all(0), ==, 2);
    check_record(0, 0x1000, L, INJECTED);
    check_record(1, QCXL_UNIT - L, L, INJECTED);
    g_assert_cmphex(clear(dev, 0x1001, 0), ==, INVALID_INPUT);
    g_assert_cmphex(clear(dev, QCXL_UNIT, 0), ==, INVALID_DPA);
    g_assert_cmphex(clear(dev, 0x1000, 0), ==, 0);
    g_assert_cmpuint(get_all(0), ==, 1);
    check_record(0, QCXL_UNIT - L, L, INJECTED);
    qcxl_stop(m);
}

static void test_limit(void)
{
    start_with(NULL, NULL);
    for (unsigned n = 0; n < LIMIT; n++) {
        g_assert_cmphex(inject(n * 0x100), ==, 0);
    }
    g_assert_cmphex(inject(0x100000), ==, LIMIT_REACHED);
    g_assert_cmphex(clear(dev, 0, 0), ==, 0);
    g_assert_cmphex(inject(0x100000), ==, 0);
    g_assert_cmpuint(get_all(0), ==, LIMIT);
    qcxl_stop(m);
}

static void test_qmp(void)
{
    start_with(NULL, NULL);
    qmp_inject("mem0", 0x1000, 4 * L, NULL);
    g_assert_cmpuint(get_all(0), ==, 1);
    check_record(0, 0x1000, 4 * L, INTERNAL);
    g_assert_cmphex(clear(dev, 0x1000 + L, 0), ==, 0);
    g_assert_cmpuint(get_all(0), ==, 2);
    check_record(0, 0x1000, L, INTERNAL);
    check_record(1, 0x1000 + 2 * L, 2 * L, INTERNAL);
    qmp_inject("rp0", 0, L, "no cxl-type3");
    qmp_inject("nobody", 0, L, "no cxl-type3");
    qmp_inject("", 0, L, "no cxl-type3");
    qmp_inject("mem0", 1, L, "start=1 is not a multiple of 64");
    qmp_inject("mem0", 0, 65, "length=65 is not a multiple of 64");
    qmp_inject("mem0", 0, 0, "length=0");
    qmp_inject("mem0", QCXL_UNIT, L, "has 268435456 bytes");
    qmp_inject("mem0", L, 1ULL << 63, "has 268435456 bytes");
    g_assert_cmpuint(get_all(0), ==, 2);
    qcxl_stop(m);
}

/* In small pages, until it is full, and past that */
static void test_pages(void)
{
    unsigned n = 0;

    start_with("mailbox-payload=256", NULL);
    for (; n < RECORDS; n++) {
        qmp_inject("mem0", n * 0x100, L, NULL);
    }
    for (n = 0; n < RECORDS; n += 14) {
        unsigned count = MIN(14, RECORDS - n);

        g_assert_cmpuint(get_all(count == 14 ? MORE : 0), ==, count);
        check_record(0, n * 0x100, L, INTERNAL);
        check_record(count - 1, (n + count - 1) * 0x100, L, INTERNAL);
    }
    g_assert_cmphex(inject(0x100000), ==, LIMIT_REACHED);
    g_assert_cmpuint(get(0, L, 0), ==, 1);
    qmp_inject("mem0", 0x100000, L, NULL);
    g_assert_cmpuint(get(0, L, OVERFLOWED), ==, 1);
    qcxl_stop(m);
}

static void reset_function(void)
{
    unsigned cap = qcxl_find_cap(&dev->fn, 0x10);

    qcxl_config_write(&dev->fn, cap + 8, 2, 0x8000);
    qcxl_enumerate(m);
}

/* Any reset begins the list anew; a power cycle heals what was injected. */
static void test_reset(void)
{
    start_with("mailbox-payload=256", NULL);
    for (unsigned n = 0; n < 15; n++) {
        qmp_inject("mem0", n * 0x100, L, NULL);
    }
    g_assert_cmphex(inject(0x10000), ==, 0);
    g_assert_cmpuint(get_all(MORE), ==, 14);
    reset_function();
    g_assert_cmpuint(get_all(MORE), ==, 14);
    g_assert_cmpuint(get_all(0), ==, 2);
    check_record(1, 0x10000, L, INJECTED);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmpuint(get_all(MORE), ==, 14);
    g_assert_cmpuint(get_all(0), ==, 1);
    check_record(0, 14 * 0x100, L, INTERNAL);
    qcxl_stop(m);
}

static QCXLMachine *launch_waiting(const char *device)
{
    QCXLTopology t = topology(1, 1);

    t.device = device;
    t.more = "-incoming defer";
    return qcxl_launch(&t);
}

/* In the middle of the second of three pages, after an overflow */
static void test_migrate(void)
{
    QCXLMachine *from;

    open_model();
    start_with("mailbox-payload=256", NULL);
    for (unsigned n = 0; n < RECORDS + 1; n++) {
        qmp_inject("mem0", n * 0x100, L, NULL);
    }
    for (unsigned n = 0; n < RECORDS - 30; n++) {
        g_assert_cmphex(clear(dev, n * 0x100, 0), ==, 0);
    }
    g_assert_cmphex(inject(0x7f00000), ==, 0);
    g_assert_cmpuint(get_all(OVERFLOWED | MORE), ==, 14);
    qcxl_save(m, state);
    from = m;
    m = launch_waiting("mailbox-payload=256");
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    qcxl_stop(from);
    g_assert_cmpuint(get_all(OVERFLOWED | MORE), ==, 14);
    check_record(0, (RECORDS - 16) * 0x100, L, INTERNAL);
    g_assert_cmpuint(get_all(OVERFLOWED), ==, 3);
    check_record(1, (RECORDS - 1) * 0x100, L, INTERNAL);
    check_record(2, 0x7f00000, L, INJECTED);
    qcxl_stop(m);
    close_model();
}

/* The bytes of a saved list's only record, as a hostile file may have them */
static void check_hostile(unsigned at, uint8_t byte)
{
    /* Its number, address, length and source, as saved */
    static const uint8_t record[] = {
        0, 0, 0, 1, 0, 0, 0, 0, 7, 0x65, 0x43, 0, 0, 0, 0, 0, 0, 0, 0, 0x80,
        INTERNAL,
    };
    g_autofree uint8_t *bytes = NULL;
    QCXLMachine *to;
    uint8_t *found;
    gsize len;

    g_assert_true(g_file_get_contents(state, (char **)&bytes, &len, NULL));
    found = memmem(bytes, len, record, sizeof(record));
    g_assert_nonnull(found);
    found[at] = byte;
    g_assert_true(g_file_set_contents(state, (char *)bytes, len, NULL));
    to = launch_waiting("mailbox-payload=256");
    g_assert_true(qcxl_load(to, state) == (byte == record[at]));
    qcxl_stop(to);
    found[at] = record[at];
    g_assert_true(g_file_set_contents(state, (char *)bytes, len, NULL));
}

static void test_hostile(void)
{
    open_model();
    start_with("mailbox-payload=256", NULL);
    qmp_inject("mem0", 0x7654300, 2 * L, NULL);
    qcxl_save(m, state);
    qcxl_stop(m);
    check_hostile(3, 1);        /* as it was */
    check_hostile(0, 0x7f);     /* number */
    check_hostile(4, 1);        /* address: past the end */
    check_hostile(11, 1);       /* in a line */
    check_hostile(12, 1);       /* length */
    check_hostile(20, 4);       /* source */
    close_model();
}

/* A device's own write, by DPA, is where the window shows it. */
static void test_woven(void)
{
    QCXLTopology t = topology(2, 2);
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(2, 2, 256, 0);
    program(&r);
    use(&r, 300);
    check(&r, "woven");
    for (unsigned i = 0; i < 40; i++) {
        uint64_t hpa = r.base + r.page[i % PAGES] + i * L;
        unsigned n = device_at(&r, hpa);
        uint64_t dpa = dpa_at(&r, hpa);

        g_assert_cmphex(clear(&m->device[n], dpa, hpa), ==, 0);
        for (unsigned word = 0; word < 8; word++) {
            model_write(n, dpa + word * 8, hpa + word);
        }
    }
    check(&r, "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/poison/identify", test_identify);
    qtest_add_func("cxl/poison/commands", test_commands);
    qtest_add_func("cxl/poison/limit", test_limit);
    qtest_add_func("cxl/poison/qmp", test_qmp);
    qtest_add_func("cxl/poison/pages", test_pages);
    qtest_add_func("cxl/poison/reset", test_reset);
    qtest_add_func("cxl/poison/migrate", test_migrate);
    qtest_add_func("cxl/poison/hostile", test_hostile);
    qtest_add_func("cxl/poison/woven", test_woven);
    return g_test_run();
}
