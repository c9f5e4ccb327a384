/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health over QMP, alerts and their events, and how a shutdown went: after
 * resets, quits, kills and removals, over migration.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"

#define AREA (128 * 1024)
#define RECORD 0x80
#define VECTOR_EVENT 2

enum { INFO, WARN, FAILURE };

static char *store, *state;
static QCXLMachine *m;
static QCXLDevice *dev;

static void open_store(void)
{
    store = qcxl_store_new();
    state = g_strdup_printf("%s/state", store);
}

static void close_store(void)
{
    qcxl_stop(m);
    g_free(state);
    qcxl_store_remove(store);
}

static QCXLTopology topology(void)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 1, .kinds = QCXL_PERSISTENT, .lsa = 4096,
        .metadata = AREA, .store = store,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static void start(void)
{
    QCXLTopology t = topology();

    m = qcxl_start(&t);
    dev = &m->device[0];
}

/* @options: JSON members.  An error with @words in it; NULL: none. */
static void set_health(const char *options, const char *words)
{
    g_autofree char *command = g_strdup_printf(
        "{ 'execute': 'cxl-set-health', 'arguments': { 'path': 'mem0', %s } }",
        options);
    QDict *reply = qtest_qmp(m->qts, "%p", qobject_from_json(command,
                                                             &error_abort));
    QDict *error = qdict_get_qdict(reply, "error");

    g_assert_true(!words == !error);
    if (error) {
        const char *desc = qdict_get_str(error, "desc");

        g_test_message("%s", desc);
        g_assert_nonnull(strstr(desc, words));
    }
    qobject_unref(reply);
}

static void ask(uint16_t opcode, uint8_t *out, size_t len)
{
    size_t got = len;

    g_assert_cmphex(qcxl_command(dev, opcode, NULL, 0, out, &got), ==, 0);
    g_assert_cmpuint(got, ==, len);
}

static void check_health(const uint8_t *want)
{
    uint8_t out[0x12];

    ask(0x4200, out, sizeof(out));
    g_assert_cmpmem(out, sizeof(out), want, sizeof(out));
}

static void set_alerts(const uint8_t *in)
{
    g_assert_cmphex(qcxl_command(dev, 0x4202, in, 12, NULL, NULL), ==, 0);
}

static void set_dirty(uint8_t dirty)
{
    g_assert_cmphex(qcxl_command(dev, 0x4204, &dirty, 1, NULL, NULL), ==, 0);
}

static void check_shutdown(uint8_t dirty, uint32_t count)
{
    uint8_t out[0x12], now;

    ask(0x4203, &now, 1);
    g_assert_cmpuint(now, ==, dirty);
    ask(0x4200, out, sizeof(out));
    g_assert_cmpuint(ldl_le_p(out + 6), ==, count);
}

/* The only record of this log, with the health that it tells, is cleared. */
static void take_event(uint8_t log, uint8_t type)
{
    uint8_t out[0x20 + 4 * RECORD], clear[8] = { log, 0, 1 };
    const uint8_t *record = out + 0x20;
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x0100, &log, 1, out, &len), ==, 0);
    g_assert_cmpuint(lduw_le_p(out + 0x14), ==, 1);
    g_assert_cmphex((uint32_t)ldl_be_p(record), ==, 0xfe927475);
    g_assert_cmpuint(record[0x11] & 3, ==, log);
    g_assert_cmpuint(record[0x30], ==, type);
    check_health(record + 0x31);
    memcpy(clear + 6, record + 0x14, 2);
    g_assert_cmphex(qcxl_command(dev, 0x0101, clear, sizeof(clear), NULL,
                                 NULL), ==, 0);
    g_assert_true(qcxl_msix_take(&dev->fn, VECTOR_EVENT + log));
}

static void check_no_event(void)
{
    for (unsigned log = 0; log < 4; log++) {
        g_assert_false(qcxl_msix_take(&dev->fn, VECTOR_EVENT + log));
    }
}

static void test_qmp(void)
{
    static const uint8_t want[0x12] = {
        5, 7, 8, 6, 0xfe, 0xff, 4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9,
    };

    open_store();
    start();
    set_health("'temperature': -2, 'life-used': 6", NULL);
    set_health("'health-status': 5, 'media-status': 7,"
               "'dirty-shutdown-count': 16909060,"
               "'corrected-volatile-error-count': 84281096,"
               "'corrected-persistent-error-count': 151653132", NULL);
    check_health(want);
    set_health("'health-status': 16", "health-status=16");
    set_health("'media-status': 10", "media-status=10");
    set_health("'life-used': 101", "life-used=101");
    set_health("'life-used': 6, 'temperature': 1, 'media-status': 11",
               "media-status=11");
    check_health(want);
    close_store();
}

static void test_events(void)
{
    static const uint8_t alerts[12] = { 3, 3, 30, 0, 50 };

    open_store();
    start();
    qcxl_msix_enable(&dev->fn);
    g_assert_cmphex(qcxl_command(dev, 0x0103, "\1\1\1\1", 4, NULL, NULL), ==,
                    0);
    set_alerts(alerts);
    set_health("'temperature': 49, 'life-used': 29", NULL);
    check_no_event();
    set_health("'temperature': 50", NULL);
    take_event(WARN, 3);
    set_health("'temperature': 51", NULL);
    check_no_event();
    set_health("'temperature': 90", NULL);
    take_event(FAILURE, 3);
    set_health("'life-used': 30", NULL);
    take_event(WARN, 2);
    set_health("'health-status': 1", NULL);
    take_event(WARN, 0);
    set_health("'health-status': 0", NULL);
    take_event(INFO, 0);
    set_health("'media-status': 2", NULL);
    take_event(FAILURE, 1);
    check_no_event();
    close_store();
}

/* Sensors and alerts outlast a reset; all but the temperature, a kill. */
static void test_kept(void)
{
    static const uint8_t alerts[12] = { 0x1f, 0x1f, 30, 0, 50, 0, 5, 0, 6, 0,
                                        7, 0 };
    static const uint8_t want[0x12] = { 1, 0, 0x31, 40, 25, 0, 2, 0, 0, 0,
                                        8, 0, 0, 0, 9 };
    uint8_t out[0x10];

    open_store();
    start();
    set_alerts(alerts);
    set_health("'health-status': 1, 'life-used': 40, 'temperature': 25,"
               "'dirty-shutdown-count': 2,"
               "'corrected-volatile-error-count': 8,"
               "'corrected-persistent-error-count': 9", NULL);
    check_health(want);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_health(want);
    set_health("'temperature': 60", NULL);
    qcxl_kill(m);
    start();
    check_health(want);
    ask(0x4201, out, sizeof(out));
    g_assert_cmphex(out[0], ==, 0x1f);
    g_assert_cmpmem(out + 8, 8, alerts + 4, 8);
    close_store();
}

/* Who has the time to flush does, unless that fails. */
static void test_shutdown(void)
{
    open_store();
    start();
    check_shutdown(0, 0);
    set_dirty(1);
    check_shutdown(1, 0);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_shutdown(0, 0);
    set_dirty(1);
    qcxl_stop(m);
    start();
    check_shutdown(0, 0);
    set_health("'gpf-fails': true", NULL);
    set_dirty(1);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_shutdown(0, 1);
    set_dirty(1);
    qcxl_stop(m);
    start();
    check_shutdown(0, 2);
    close_store();
}

static void test_killed(void)
{
    open_store();
    start();
    set_dirty(1);
    qcxl_kill(m);
    start();
    check_shutdown(0, 1);
    /* Nobody has used the memory since. */
    qcxl_kill(m);
    start();
    check_shutdown(0, 1);
    set_dirty(1);
    qcxl_kill(m);
    start();
    check_shutdown(0, 2);
    set_dirty(1);
    set_dirty(0);
    qcxl_kill(m);
    start();
    check_shutdown(0, 2);
    close_store();
}

/* Nobody asks a device that is pulled out whether it has flushed. */
static void test_removed(void)
{
    open_store();
    start();
    set_dirty(1);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-surprise-remove',"
                             "'arguments': { 'path': 'mem0' } }");
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'device_add',"
        "'arguments': { 'driver': 'cxl-type3', 'id': 'mem0', 'bus': 'rp0',"
        "'persistent-memdev': 'pm0', 'lsa': 'lsa0',"
        "'metadata-memdev': 'md0' } }");
    qcxl_enumerate(m);
    check_shutdown(0, 1);
    close_store();
}

static char *read_area(void)
{
    g_autofree char *path = g_strdup_printf("%s/md0", store);
    char *bytes;
    gsize len;

    g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    g_assert_cmpuint(len, ==, AREA);
    return bytes;
}

/* A machine that has been left leaves the area alone, as dirty as it is. */
static void test_migrate(void)
{
    static const uint8_t alerts[12] = { 1, 1, 30 };
    static const uint8_t want[0x12] = { 2, 4, 1, 50, 70, 0, 3 };
    g_autofree char *there = qcxl_store_new();
    QCXLTopology t;
    g_autofree char *before = NULL, *after = NULL;
    QCXLMachine *from;
    uint8_t out[0x10];

    open_store();
    start();
    set_alerts(alerts);
    set_health("'health-status': 2, 'media-status': 4, 'life-used': 50,"
               "'temperature': 70, 'dirty-shutdown-count': 3,"
               "'gpf-fails': true", NULL);
    set_dirty(1);
    qcxl_save(m, state);
    from = m;
    t = topology();
    t.more = "-incoming defer";
    t.store = there;
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    before = read_area();
    qcxl_stop(from);
    after = read_area();
    g_assert_true(!memcmp(before, after, AREA));
    check_health(want);
    check_shutdown(1, 3);
    ask(0x4201, out, sizeof(out));
    g_assert_cmphex(out[0], ==, 1);
    g_assert_cmpuint(out[3], ==, 30);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_shutdown(0, 4);
    close_store();
    qcxl_store_remove(g_steal_pointer(&there));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/health/qmp", test_qmp);
    qtest_add_func("cxl/health/events", test_events);
    qtest_add_func("cxl/health/kept", test_kept);
    qtest_add_func("cxl/health/shutdown", test_shutdown);
    qtest_add_func("cxl/health/killed", test_killed);
    qtest_add_func("cxl/health/removed", test_removed);
    qtest_add_func("cxl/health/migrate", test_migrate);
    return g_test_run();
}
