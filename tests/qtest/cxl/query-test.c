/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QMP tells of memory devices, their logs and their poison. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-events.h"
#include "qemu/bswap.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"

static QCXLMachine *m;
static QCXLDevice *dev;

static void start(const QCXLTopology *topology)
{
    m = qcxl_start(topology);
    dev = &m->device[0];
}

/* The member of a list, which stays the reply's */
static const QDict *item(const QDict *reply, unsigned n)
{
    const QListEntry *entry = qlist_first(qdict_get_qlist(reply, "return"));

    while (n--) {
        entry = qlist_next(entry);
    }
    return qobject_to(QDict, qlist_entry_obj(entry));
}

static unsigned items(const QDict *reply)
{
    return qlist_size(qdict_get_qlist(reply, "return"));
}

static uint64_t number(const QDict *dict, const char *name)
{
    g_assert_true(qdict_haskey(dict, name));
    return qnum_get_uint(qobject_to(QNum, qdict_get(dict, name)));
}

static void run(uint16_t opcode, const void *in, size_t len)
{
    g_assert_cmphex(qcxl_command(dev, opcode, in, len, NULL, NULL), ==, 0);
}

static void check_number(const QDict *dict, const char *name, uint64_t want)
{
    g_test_message("%s", name);
    g_assert_cmphex(number(dict, name), ==, want);
}

static const QCXLTopology both = {
    .bridges = 1, .ports = 2, .ram = true, .lsa = 4096,
    .kinds = QCXL_VOLATILE | QCXL_PERSISTENT,
    .device = "event-log-size=7,hdm-decoders=4,mailbox-payload=512,"
              "partition-alignment=256M",
};

static void test_memdev_new(void)
{
    QDict *reply;
    const QDict *info;

    start(&both);
    reply = qcxl_qmp(m, "query-cxl-memdev", "", NULL);
    g_assert_cmpuint(items(reply), ==, 2);
    info = item(reply, 0);
    g_assert_cmpstr(qdict_get_str(info, "id"), ==, "mem0");
    g_assert_cmpstr(qdict_get_str(info, "path"), ==,
                    "/machine/peripheral/mem0");
    g_assert_cmpstr(qdict_get_str(info, "firmware"), ==, "QEMU-CXL 1");
    g_assert_cmpstr(qdict_get_str(info, "media-status"), ==, "ready");
    g_assert_false(qdict_get_bool(info, "mem-enabled"));
    g_assert_false(qdict_get_bool(info, "locked"));
    g_assert_false(qdict_get_bool(info, "poison-overflowed"));
    g_assert_false(qdict_haskey(info, "timestamp"));
    g_assert_false(qdict_haskey(info, "next-volatile-size"));
    g_assert_false(qdict_haskey(info, "background-opcode"));
    check_number(info, "serial", 0x1000);
    check_number(info, "volatile-only", QCXL_UNIT);
    check_number(info, "persistent-only", 0);
    check_number(info, "partition-alignment", QCXL_UNIT);
    check_number(info, "volatile-size", QCXL_UNIT);
    check_number(info, "persistent-size", QCXL_UNIT);
    check_number(info, "lsa-size", 4096);
    check_number(info, "hdm-decoders", 4);
    check_number(info, "committed-decoders", 0);
    check_number(info, "mailbox-payload", 512);
    check_number(info, "event-log-size", 7);
    check_number(info, "poison-records", 0);
    qobject_unref(reply);
    qcxl_stop(m);
}

/* What the guest changes shows. */
static void test_memdev_live(void)
{
    static const uint8_t time[8] = { 0, 0, 1 };
    static const uint8_t boundary[9] = { 1 };
    static const uint8_t line[8];
    static const QCXLDecoder decoder = {
        .base = 1ULL << 40, .size = QCXL_UNIT,
    };
    QDict *reply;
    const QDict *info;

    start(&both);
    run(0x0301, time, 8);
    run(0x4101, boundary, 9);
    run(0x4301, line, 8);
    qcxl_mem_enable(dev, true);
    qcxl_hdm_commit(m, qcxl_hdm(m, dev->fn.component), 0, &decoder);
    reply = qcxl_qmp(m, "query-cxl-memdev", "'path': 'mem0'", NULL);
    g_assert_cmpuint(items(reply), ==, 1);
    info = item(reply, 0);
    g_assert_true(qdict_get_bool(info, "mem-enabled"));
    g_assert_cmpuint(number(info, "timestamp"), >=, 0x10000);
    check_number(info, "next-volatile-size", 2 * QCXL_UNIT);
    check_number(info, "committed-decoders", 1);
    check_number(info, "poison-records", 1);
    qobject_unref(reply);
    qcxl_qmp_do(m, "query-cxl-memdev", "'path': 'rp0'", "no cxl-type3");
    qcxl_stop(m);
}

static const QDict *record(const QDict *log, unsigned n)
{
    const QListEntry *entry = qlist_first(qdict_get_qlist(log, "records"));

    while (n--) {
        entry = qlist_next(entry);
    }
    return qobject_to(QDict, qlist_entry_obj(entry));
}

static void inject_two(void)
{
    qcxl_qmp_do(m, "cxl-inject-general-media-event",
                "'path': 'mem0', 'log': 'fatal', 'flags': 4, 'dpa': 64,"
                "'descriptor': 0, 'type': 0, 'transaction-type': 0,"
                "'maint-op-class': 2, 'maint-op-subclass': 3, 'ld-id': 4,"
                "'head-id': 5, 'related-handle': 6", NULL);
    qcxl_qmp_do(m, "cxl-inject-event-record",
                "'path': 'mem0', 'log': 'fatal', 'repeat': 8,"
                "'record': '00112233445566778899aabbccddeeff'", NULL);
}

static void test_events(void)
{
    uint8_t records[2][QCXL_RECORD];
    QDict *reply;
    const QDict *log, *first;
    g_autoptr(GString) hex = g_string_new(NULL);

    start(&both);
    qcxl_events_policy(dev, 1);
    inject_two();
    qcxl_events(dev, QCXL_LOG_FATAL, records, 2);
    for (unsigned i = 0; i < QCXL_RECORD; i++) {
        g_string_append_printf(hex, "%02x", records[0][i]);
    }
    reply = qcxl_qmp(m, "query-cxl-events", "'path': 'mem0'", NULL);
    g_assert_cmpuint(items(reply), ==, 4);
    g_assert_cmpstr(qdict_get_str(item(reply, 0), "log"), ==,
                    "informational");
    check_number(item(reply, 0), "count", 0);
    g_assert_false(qdict_haskey(item(reply, 0), "overflow-first"));
    log = item(reply, 3);
    g_assert_cmpstr(qdict_get_str(log, "log"), ==, "fatal");
    g_assert_cmpstr(qdict_get_str(log, "interrupt"), ==, "msi");
    check_number(log, "vector", 5);
    check_number(log, "size", 7);
    check_number(log, "count", 7);
    check_number(log, "overflow-count", 2);
    check_number(log, "overflow-first", 0);
    check_number(log, "overflow-last", 0);
    g_assert_cmpuint(qlist_size(qdict_get_qlist(log, "records")), ==, 7);
    first = record(log, 0);
    g_assert_cmpstr(qdict_get_str(first, "type"), ==, "General Media");
    g_assert_cmpstr(qdict_get_str(first, "uuid"), ==,
                    "fbcd0a77-c260-417f-85a9-088b1621eba6");
    check_number(first, "handle", 1);
    check_number(first, "timestamp", 0);
    check_number(first, "flags", 0x1c7);
    check_number(first, "maint-op-class", 2);
    check_number(first, "maint-op-subclass", 3);
    check_number(first, "ld-id", 4);
    check_number(first, "head-id", 5);
    check_number(first, "related-handle", 6);
    g_assert_cmpstr(qdict_get_str(first, "record"), ==, hex->str);
    g_assert_false(qdict_haskey(record(log, 1), "type"));
    g_assert_cmpstr(qdict_get_str(record(log, 1), "uuid"), ==,
                    "00112233-4455-6677-8899-aabbccddeeff");
    check_number(record(log, 6), "handle", 7);
    qobject_unref(reply);
    /* Looking changes nothing. */
    g_assert_cmpuint(qcxl_events(dev, QCXL_LOG_FATAL, records, 0).flags, ==,
                     3);
    qcxl_stop(m);
}

static void test_events_some(void)
{
    QDict *reply;

    start(&both);
    qcxl_events_policy(dev, 2);
    inject_two();
    reply = qcxl_qmp(m, "query-cxl-events",
                     "'path': 'mem0', 'log': 'fatal', 'max': 2", NULL);
    g_assert_cmpuint(items(reply), ==, 1);
    g_assert_cmpstr(qdict_get_str(item(reply, 0), "log"), ==, "fatal");
    g_assert_cmpstr(qdict_get_str(item(reply, 0), "interrupt"), ==,
                    "firmware");
    check_number(item(reply, 0), "count", 7);
    g_assert_cmpuint(qlist_size(qdict_get_qlist(item(reply, 0), "records")),
                     ==, 2);
    check_number(record(item(reply, 0), 1), "handle", 2);
    qobject_unref(reply);
    qcxl_qmp_do(m, "query-cxl-events", "'path': 'cxl0'", "no cxl-type3");
    qcxl_stop(m);
}

static void test_poison(void)
{
    static const uint8_t line[8] = { 0, 0x20 };
    QDict *reply;
    const QDict *info;
    const QListEntry *entry;

    start(&both);
    qcxl_qmp_do(m, "cxl-inject-poison",
                "'path': 'mem0', 'start': 4096, 'length': 128", NULL);
    run(0x4301, line, 8);
    reply = qcxl_qmp(m, "query-cxl-poison", "'path': 'mem0'", NULL);
    info = qdict_get_qdict(reply, "return");
    check_number(info, "size", 256);
    check_number(info, "inject-limit", 128);
    g_assert_false(qdict_get_bool(info, "overflowed"));
    g_assert_false(qdict_haskey(info, "overflow-time"));
    entry = qlist_first(qdict_get_qlist(info, "ranges"));
    info = qobject_to(QDict, qlist_entry_obj(entry));
    check_number(info, "start", 4096);
    check_number(info, "length", 128);
    g_assert_cmpstr(qdict_get_str(info, "source"), ==, "internal");
    entry = qlist_next(entry);
    info = qobject_to(QDict, qlist_entry_obj(entry));
    check_number(info, "start", 8192);
    check_number(info, "length", 64);
    g_assert_cmpstr(qdict_get_str(info, "source"), ==, "injected");
    g_assert_null(qlist_next(entry));
    qobject_unref(reply);
    qcxl_qmp_do(m, "query-cxl-poison", "'path': ''", "no cxl-type3");
    qcxl_stop(m);
}

static void test_poison_overflow(void)
{
    static const uint8_t time[8] = { 0, 0, 1 };
    QDict *reply;
    const QDict *info;

    start(&both);
    run(0x0301, time, 8);
    for (unsigned n = 0; n < 257; n++) {
        g_autofree char *arguments = g_strdup_printf(
            "'path': 'mem0', 'start': %u, 'length': 64", n * 128);

        qcxl_qmp_do(m, "cxl-inject-poison", arguments, NULL);
    }
    reply = qcxl_qmp(m, "query-cxl-poison", "'path': 'mem0'", NULL);
    info = qdict_get_qdict(reply, "return");
    g_assert_true(qdict_get_bool(info, "overflowed"));
    g_assert_cmpuint(number(info, "overflow-time"), >=, 0x10000);
    g_assert_cmpuint(qlist_size(qdict_get_qlist(info, "ranges")), ==, 256);
    qobject_unref(reply);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/query/memdev-new", test_memdev_new);
    qtest_add_func("cxl/query/memdev-live", test_memdev_live);
    qtest_add_func("cxl/query/events", test_events);
    qtest_add_func("cxl/query/events-some", test_events_some);
    qtest_add_func("cxl/query/poison", test_poison);
    qtest_add_func("cxl/query/poison-overflow", test_poison_overflow);
    return g_test_run();
}
