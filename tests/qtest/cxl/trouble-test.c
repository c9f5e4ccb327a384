/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mailboxes in trouble, and the QMP events of what a guest does. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-events.h"
#include "qemu/bswap.h"
#include "qobject/qnum.h"

#define INTERNAL_ERROR 4
#define RETRY_REQUIRED 5
#define BUSY 6
#define DOORBELL 1
#define VECTOR_MAILBOX 1

static QCXLMachine *m;
static QCXLDevice *dev;

static QCXLMachine *launch(const char *more)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 2, .ram = true, .more = more,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };

    return more ? qcxl_launch(&topology) : qcxl_start(&topology);
}

static void start(void)
{
    m = launch(NULL);
    dev = &m->device[0];
}

static unsigned run(uint16_t opcode)
{
    return qcxl_command(dev, opcode, NULL, 0, NULL, NULL);
}

static void fail(const char *arguments)
{
    g_autofree char *all = g_strdup_printf("'path': 'mem0', %s", arguments);

    qcxl_qmp_do(m, "cxl-inject-mailbox-error", all, NULL);
}

static void hang(bool on)
{
    qcxl_qmp_do(m, "cxl-inject-mailbox-hang", on ?
                "'path': 'mem0', 'hang': true" :
                "'path': 'mem0', 'hang': false", NULL);
}

static void test_error(void)
{
    start();
    fail("'error': 'busy'");
    g_assert_cmphex(run(0x4000), ==, BUSY);
    g_assert_cmphex(run(0x4000), ==, 0);
    fail("'error': 'retry-required', 'opcode': 768, 'count': 2");
    g_assert_cmphex(run(0x4000), ==, 0);
    g_assert_cmphex(run(0x0300), ==, RETRY_REQUIRED);
    g_assert_cmphex(run(0x0300), ==, RETRY_REQUIRED);
    g_assert_cmphex(run(0x0300), ==, 0);
    fail("'error': 'internal-error', 'count': 4294967295");
    g_assert_cmphex(run(0x4000), ==, INTERNAL_ERROR);
    fail("'error': 'busy', 'count': 0");
    g_assert_cmphex(run(0x4000), ==, 0);
    fail("'error': 'busy'");
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(run(0x4000), ==, 0);
    qcxl_qmp_do(m, "cxl-inject-mailbox-error",
                "'path': 'rp0', 'error': 'busy'", "no cxl-type3");
    qcxl_qmp_do(m, "cxl-inject-mailbox-error",
                "'path': 'mem0', 'error': 'success'", "error");
    qcxl_qmp_do(m, "cxl-inject-mailbox-hang",
                "'path': 'nobody', 'hang': true", "no cxl-type3");
    qcxl_stop(m);
}

static void ring(uint16_t opcode)
{
    qcxl_write(m, dev->mailbox + 8, 8, opcode);
    qcxl_write(m, dev->mailbox + 4, 4, DOORBELL | 2);
}

static uint32_t control(void)
{
    return qcxl_read(m, dev->mailbox + 4, 4);
}

static void test_hang(void)
{
    start();
    qcxl_msix_enable(&dev->fn);
    hang(true);
    ring(0x0300);
    g_assert_cmphex(control(), ==, DOORBELL | 2);
    ring(0x4000);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 8, 8), ==, 0x0300);
    g_assert_false(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    hang(false);
    g_assert_cmphex(control(), ==, 2);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 8, 8), ==, 0x80300);
    g_assert_true(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    hang(true);
    ring(0x0300);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(control(), ==, 0);
    g_assert_cmphex(run(0x4000), ==, 0);
    qcxl_stop(m);
}

/* What is to fail fails there, what waits goes on there. */
static void test_migrate(void)
{
    g_autofree char *store = qcxl_store_new();
    g_autofree char *state = g_strdup_printf("%s/state", store);
    QCXLMachine *from;

    start();
    fail("'error': 'busy', 'opcode': 768, 'count': 2");
    g_assert_cmphex(run(0x0300), ==, BUSY);
    hang(true);
    ring(0x0300);
    qcxl_save(m, state);
    from = m;
    m = launch("-incoming defer");
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    qcxl_stop(from);
    g_assert_cmphex(control(), ==, DOORBELL | 2);
    hang(false);
    g_assert_cmphex(control(), ==, 2);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 0x10, 8), ==,
                    (uint64_t)BUSY << 32);
    g_assert_cmphex(run(0x0300), ==, 0);
    qcxl_stop(m);
    qcxl_store_remove(g_steal_pointer(&store));
}

static uint64_t number(const QDict *event, const char *name)
{
    const QDict *data = qdict_get_qdict(event, "data");

    g_assert_true(qdict_haskey(data, name));
    return qnum_get_uint(qobject_to(QNum, qdict_get(data, name)));
}

static QDict *wait_for(const char *name)
{
    return qtest_qmp_eventwait_ref(m->qts, name);
}

static void check_path(const QDict *event, const char *id)
{
    g_assert_true(g_str_has_suffix(
        qdict_get_str(qdict_get_qdict(event, "data"), "path"), id));
}

static void commit(void)
{
    QCXLDecoder decoder = { .base = m->window[0].base, .size = QCXL_UNIT };

    qcxl_hdm_commit(m, qcxl_hdm(m, dev->fn.component), 0, &decoder);
}

static void uncommit(void)
{
    qcxl_hdm_uncommit(m, qcxl_hdm(m, dev->fn.component), 0);
}

static void test_decoders(void)
{
    QCXLDecoder decoder = {
        .size = QCXL_UNIT, .target = { qcxl_port_number(0) },
    };
    QDict *event;

    start();
    decoder.base = m->window[0].base;
    qcxl_hdm_commit(m, qcxl_hdm(m, m->bridge[0].component), 0, &decoder);
    event = wait_for("CXL_DECODER_COMMITTED");
    check_path(event, "/cxl0");
    qobject_unref(event);
    commit();
    event = wait_for("CXL_DECODER_COMMITTED");
    check_path(event, "/mem0");
    g_assert_cmpuint(number(event, "decoder"), ==, 0);
    g_assert_cmphex(number(event, "base"), ==, m->window[0].base);
    g_assert_cmphex(number(event, "size"), ==, QCXL_UNIT);
    g_assert_false(qdict_haskey(qdict_get_qdict(event, "data"), "lost"));
    qobject_unref(event);
    uncommit();
    event = wait_for("CXL_DECODER_UNCOMMITTED");
    check_path(event, "/mem0");
    g_assert_cmpuint(number(event, "decoder"), ==, 0);
    qobject_unref(event);
    qcxl_stop(m);
}

static void test_poison(void)
{
    static const uint8_t line[8] = { 0x40, 0x20 };
    QDict *event;

    start();
    g_assert_cmphex(qcxl_command(dev, 0x4301, line, 8, NULL, NULL), ==, 0);
    event = wait_for("CXL_POISON_INJECTED");
    check_path(event, "/mem0");
    g_assert_cmphex(number(event, "start"), ==, 0x2040);
    g_assert_cmphex(number(event, "length"), ==, 64);
    g_assert_cmpstr(qdict_get_str(qdict_get_qdict(event, "data"), "source"),
                    ==, "injected");
    qobject_unref(event);
    qcxl_qmp_do(m, "cxl-inject-poison",
                "'path': 'mem0', 'start': 0, 'length': 16384", NULL);
    event = wait_for("CXL_POISON_INJECTED");
    g_assert_cmphex(number(event, "length"), ==, 16384);
    g_assert_cmpstr(qdict_get_str(qdict_get_qdict(event, "data"), "source"),
                    ==, "internal");
    qobject_unref(event);
    qcxl_stop(m);
}

/* A guest that never stops is heard of 256 times, and then as time goes. */
static void test_rate(void)
{
    unsigned sent = 0;
    QDict *event;

    start();
    for (unsigned n = 0; n < 150; n++) {
        commit();
        uncommit();
    }
    /* All that was sent is before the answer; every other one is counted. */
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'query-status' }");
    while ((event = qtest_qmp_event_ref(m->qts, "CXL_DECODER_COMMITTED"))) {
        g_assert_false(qdict_haskey(qdict_get_qdict(event, "data"), "lost"));
        qobject_unref(event);
        sent++;
    }
    g_assert_cmpuint(sent, ==, 128);
    qtest_clock_step(m->qts, 1000 * 1000 * 1000);
    commit();
    event = wait_for("CXL_DECODER_COMMITTED");
    g_assert_cmpuint(number(event, "lost"), ==, 44);
    qobject_unref(event);
    uncommit();
    event = wait_for("CXL_DECODER_UNCOMMITTED");
    g_assert_false(qdict_haskey(qdict_get_qdict(event, "data"), "lost"));
    qobject_unref(event);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/trouble/error", test_error);
    qtest_add_func("cxl/trouble/hang", test_hang);
    qtest_add_func("cxl/trouble/migrate", test_migrate);
    qtest_add_func("cxl/trouble/decoders", test_decoders);
    qtest_add_func("cxl/trouble/poison", test_poison);
    qtest_add_func("cxl/trouble/rate", test_rate);
    return g_test_run();
}
