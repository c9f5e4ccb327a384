/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware update: transfers, activation, time, resets, QMP, saved state. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"

#define BG_STARTED 0x01
#define INVALID_INPUT 0x02
#define BUSY 0x06
#define IN_PROGRESS 0x08
#define OUT_OF_ORDER 0x09
#define VERIFICATION_FAILED 0x0a
#define INVALID_SLOT 0x0b
#define ROLLED_BACK 0x0c
#define COLD_RESET_REQUIRED 0x0d
#define ABORTED 0x12

#define FULL 0
#define INITIATE 1
#define CONTINUE 2
#define END 3
#define ABORT 4

#define UNIT 128
#define HEADER 128
#define VECTOR_MAILBOX 1
#define SECOND 1000000000ULL
#define SMALL "mailbox-payload=4096"

static QCXLMachine *m;
static QCXLDevice *dev;
static char *store, *state;

static QCXLTopology topology(const char *device)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 1, .device = device, .ram = true,
    };
}

static void start(const char *device)
{
    QCXLTopology t = topology(device);

    m = qcxl_start(&t);
    dev = &m->device[0];
}

/* Byte @at of every image that is sent here */
static uint8_t image_byte(size_t at)
{
    static const char revision[16] = "7.3 second";

    return at < sizeof(revision) ? revision[at] : at * 31 + (at >> 8);
}

static unsigned transfer(uint8_t action, uint8_t slot, size_t at, size_t len)
{
    g_autofree uint8_t *in = g_malloc0(HEADER + len);

    in[0] = action;
    in[1] = slot;
    stl_le_p(in + 4, at / UNIT);
    for (size_t i = 0; i < len; i++) {
        in[HEADER + i] = image_byte(at + i);
    }
    return qcxl_command(dev, 0x0201, in, HEADER + len, NULL, NULL);
}

static unsigned activate(uint8_t action, uint8_t slot)
{
    uint8_t in[] = { action, slot };

    return qcxl_command(dev, 0x0202, in, sizeof(in), NULL, NULL);
}

static bool running(void)
{
    return qcxl_read(m, dev->mailbox + 0x10, 8) & 1;
}

/* The end of what runs in background: how */
static unsigned wait_for_it(uint16_t opcode)
{
    uint64_t status;

    g_assert_true(running());
    qtest_clock_step(m->qts, 10 * SECOND);
    g_assert_false(running());
    status = qcxl_read(m, dev->mailbox + 0x18, 8);
    g_assert_cmphex(status & 0xffff, ==, opcode);
    return status >> 32 & 0xffff;
}

static void check_slots(unsigned slots, unsigned active, unsigned staged)
{
    uint8_t out[0x50];
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x0200, NULL, 0, out, &len), ==, 0);
    g_assert_cmpuint(len, ==, sizeof(out));
    g_assert_cmpuint(out[0], ==, slots);
    g_assert_cmphex(out[1], ==, active | staged << 3);
}

static void check_revision(const char *want)
{
    char id[0x45];
    size_t len = sizeof(id);

    g_assert_cmphex(qcxl_command(dev, 0x4000, NULL, 0, id, &len), ==, 0);
    g_assert_cmpint(strncmp(id, want, 16), ==, 0);
}

static void send_parts(size_t len, size_t part)
{
    size_t at = part;

    g_assert_cmphex(transfer(INITIATE, 0, 0, part), ==, 0);
    for (; at + part < len; at += part) {
        g_assert_cmphex(transfer(CONTINUE, 0, at, part), ==, 0);
    }
    g_assert_cmphex(transfer(END, 2, at, len - at), ==, BG_STARTED);
}

static QDict *query(void)
{
    return qtest_qmp_assert_success_ref(m->qts,
        "{ 'execute': 'query-cxl-firmware',"
        "'arguments': { 'path': 'mem0' } }");
}

/* What QMP says of slot 2: the very bytes that were sent */
static void check_image(size_t len)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree uint8_t *image = g_malloc(len);
    QDict *info = query(), *second;
    QList *images = qdict_get_qlist(info, "images");

    for (size_t i = 0; i < len; i++) {
        image[i] = image_byte(i);
    }
    g_checksum_update(sum, image, len);
    g_assert_cmpuint(qlist_size(images), ==, 2);
    qobject_unref(qlist_pop(images));
    second = qobject_to(QDict, qlist_peek(images));
    g_assert_cmpint(qdict_get_int(second, "slot"), ==, 2);
    g_assert_cmpint(qdict_get_int(second, "size"), ==, len);
    g_assert_cmpstr(qdict_get_str(second, "revision"), ==, "7.3 second");
    g_assert_cmpstr(qdict_get_str(second, "sha256"), ==,
                    g_checksum_get_string(sum));
    qobject_unref(info);
}

static void test_full(void)
{
    start(NULL);
    check_slots(2, 1, 0);
    g_assert_cmphex(transfer(FULL, 1, 0, UNIT), ==, INVALID_SLOT);
    g_assert_cmphex(transfer(FULL, 3, 0, UNIT), ==, INVALID_SLOT);
    g_assert_cmphex(transfer(FULL, 2, 0, 60000 / UNIT * UNIT), ==,
                    BG_STARTED);
    g_assert_cmphex(transfer(FULL, 2, 0, UNIT), ==, BUSY);
    g_assert_cmphex(wait_for_it(0x0201), ==, 0);
    check_image(60000 / UNIT * UNIT);
    check_slots(2, 1, 0);
    qcxl_stop(m);
}

static void test_parts(void)
{
    start(SMALL ",firmware-slots=4");
    check_slots(4, 1, 0);
    g_assert_cmphex(transfer(CONTINUE, 0, UNIT, UNIT), ==, INVALID_INPUT);
    send_parts(100 * UNIT, 7 * UNIT);
    g_assert_cmphex(wait_for_it(0x0201), ==, 0);
    check_image(100 * UNIT);
    g_assert_cmphex(transfer(INITIATE, 0, 0, UNIT), ==, 0);
    g_assert_cmphex(transfer(INITIATE, 0, 0, UNIT), ==, IN_PROGRESS);
    g_assert_cmphex(transfer(CONTINUE, 0, 2 * UNIT, UNIT), ==, OUT_OF_ORDER);
    qtest_clock_step(m->qts, 31 * SECOND);
    g_assert_cmphex(transfer(CONTINUE, 0, UNIT, UNIT), ==, INVALID_INPUT);
    qcxl_stop(m);
}

/* Online at once; staged at the next cold reset, and no other. */
static void test_activate(void)
{
    start(NULL);
    check_revision("QEMU-CXL 1");
    transfer(FULL, 2, 0, UNIT);
    wait_for_it(0x0201);
    g_assert_cmphex(activate(1, 2), ==, 0);
    g_assert_false(running());
    check_slots(2, 1, 2);
    check_revision("QEMU-CXL 1");
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_slots(2, 2, 0);
    check_revision("7.3 second");
    g_assert_cmphex(activate(0, 1), ==, BG_STARTED);
    check_revision("7.3 second");
    g_assert_cmphex(wait_for_it(0x0202), ==, 0);
    check_slots(2, 1, 0);
    check_revision("QEMU-CXL 1");
    qcxl_stop(m);
}

static void fail(const char *how)
{
    qtest_qmp_assert_success(m->qts,
        "{ 'execute': 'cxl-inject-firmware-failure',"
        "'arguments': { 'path': 'mem0', 'failure': %s } }", how);
}

static void test_failures(void)
{
    start(NULL);
    fail("verification");
    transfer(FULL, 2, 0, UNIT);
    g_assert_cmphex(wait_for_it(0x0201), ==, VERIFICATION_FAILED);
    g_assert_cmphex(activate(1, 2), ==, INVALID_SLOT);
    transfer(FULL, 2, 0, UNIT);
    g_assert_cmphex(wait_for_it(0x0201), ==, 0);
    fail("rolled-back");
    activate(0, 2);
    g_assert_cmphex(wait_for_it(0x0202), ==, ROLLED_BACK);
    check_slots(2, 1, 0);
    fail("cold-reset-required");
    activate(0, 2);
    g_assert_cmphex(wait_for_it(0x0202), ==, COLD_RESET_REQUIRED);
    check_slots(2, 1, 2);
    fail("rolled-back");
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_slots(2, 1, 0);
    fail("verification");
    fail("none");
    transfer(FULL, 2, 0, UNIT);
    g_assert_cmphex(wait_for_it(0x0201), ==, 0);
    qcxl_stop(m);
}

static void test_qmp_errors(void)
{
    QDict *reply;

    start(NULL);
    reply = qtest_qmp(m->qts, "{ 'execute': 'query-cxl-firmware',"
                      "'arguments': { 'path': 'rp0' } }");
    g_assert_true(qdict_haskey(reply, "error"));
    qobject_unref(reply);
    reply = qtest_qmp(m->qts, "{ 'execute': 'cxl-inject-firmware-failure',"
                      "'arguments': { 'path': '', 'failure': 'none' } }");
    g_assert_true(qdict_haskey(reply, "error"));
    qobject_unref(reply);
    qcxl_stop(m);
}

/* The interrupt comes at the end, and Request Abort is an end. */
static void test_interrupt(void)
{
    start(NULL);
    qcxl_msix_enable(&dev->fn);
    transfer(FULL, 2, 0, UNIT);
    qcxl_write(m, dev->mailbox + 4, 4, 4);
    g_assert_false(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    g_assert_cmphex(wait_for_it(0x0201), ==, 0);
    g_assert_true(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    activate(0, 2);
    qcxl_write(m, dev->mailbox + 4, 4, 4);
    qcxl_write(m, dev->mailbox + 8, 8, 0x0005);
    qcxl_write(m, dev->mailbox + 4, 4, 5);
    g_assert_false(running());
    g_assert_true(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 0x1c, 2), ==, ABORTED);
    qtest_clock_step(m->qts, 10 * SECOND);
    check_slots(2, 1, 0);
    qcxl_stop(m);
}

static void test_reset(void)
{
    start(NULL);
    g_assert_cmphex(transfer(INITIATE, 0, 0, UNIT), ==, 0);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(transfer(CONTINUE, 0, UNIT, UNIT), ==, INVALID_INPUT);
    transfer(FULL, 2, 0, UNIT);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_false(running());
    qtest_clock_step(m->qts, 10 * SECOND);
    g_assert_cmphex(activate(1, 2), ==, INVALID_SLOT);
    transfer(FULL, 2, 0, UNIT);
    g_assert_cmphex(wait_for_it(0x0201), ==, 0);
    qcxl_stop(m);
}

static void open_store(void)
{
    store = qcxl_store_new();
    state = g_strdup_printf("%s/state", store);
}

static void close_store(void)
{
    g_free(state);
    qcxl_store_remove(store);
}

static QCXLMachine *launch_waiting(const char *device)
{
    QCXLTopology t = topology(device);

    t.more = "-incoming defer";
    return qcxl_launch(&t);
}

static void move_on(const char *device)
{
    QCXLMachine *from = m;

    qcxl_save(m, state);
    m = launch_waiting(device);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    qcxl_stop(from);
}

/* Between parts, while the image is checked, and while it is staged */
static void test_migrate(void)
{
    open_store();
    start(SMALL);
    g_assert_cmphex(transfer(INITIATE, 0, 0, 10 * UNIT), ==, 0);
    g_assert_cmphex(transfer(CONTINUE, 0, 10 * UNIT, 5 * UNIT), ==, 0);
    move_on(SMALL);
    g_assert_cmphex(transfer(CONTINUE, 0, 10 * UNIT, 5 * UNIT), ==, 0);
    g_assert_cmphex(transfer(END, 2, 15 * UNIT, UNIT), ==, BG_STARTED);
    move_on(SMALL);
    g_assert_cmphex(transfer(INITIATE, 0, 0, UNIT), ==, BUSY);
    g_assert_cmphex(wait_for_it(0x0201), ==, 0);
    check_image(16 * UNIT);
    g_assert_cmphex(activate(1, 2), ==, 0);
    fail("rolled-back");
    move_on(SMALL);
    check_slots(2, 1, 2);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_slots(2, 1, 0);
    g_assert_cmphex(activate(0, 2), ==, BG_STARTED);
    move_on(SMALL);
    g_assert_cmphex(wait_for_it(0x0202), ==, 0);
    check_slots(2, 2, 0);
    qcxl_stop(m);
    close_store();
}

/*
 * A byte of the saved state, counted from the active slot's, that lies; the
 * machine goes on without it.
 */
static void check_hostile(unsigned at, uint8_t byte, bool good)
{
    /* Sum of nothing, its length, head, job and slot come before the events. */
    static const uint8_t start_of_sum[] = { 0x6a, 0x09, 0xe6, 0x67 };
    g_autofree uint8_t *bytes = NULL;
    QCXLMachine *to;
    uint8_t *found, was;
    gsize len;

    g_assert_true(g_file_get_contents(state, (char **)&bytes, &len, NULL));
    found = memmem(bytes, len, start_of_sum, sizeof(start_of_sum));
    g_assert_nonnull(found);
    /* active, staged, fail, open and the time of the last part */
    found -= 4 + 8;
    was = found[at];
    found[at] = byte;
    g_assert_true(g_file_set_contents(state, (char *)bytes, len, NULL));
    to = launch_waiting(SMALL);
    g_assert_true(qcxl_load(to, state) == good);
    qcxl_stop(to);
    found[at] = was;
    g_assert_true(g_file_set_contents(state, (char *)bytes, len, NULL));
}

static void test_hostile(void)
{
    /* Past both sums and the head */
    const unsigned job = 12 + 2 * 40 + 16;

    open_store();
    start(SMALL);
    g_assert_cmphex(transfer(INITIATE, 0, 0, UNIT), ==, 0);
    qcxl_save(m, state);
    qcxl_stop(m);
    check_hostile(0, 1, true);          /* as it was */
    check_hostile(3, 1, true);
    check_hostile(0, 0, false);
    check_hostile(0, 2, false);         /* an empty slot */
    check_hostile(0, 255, false);
    check_hostile(1, 2, false);
    check_hostile(2, 4, false);
    check_hostile(job, 1, false);       /* without a slot */
    check_hostile(job, 255, false);
    close_store();
}

/* What waits for a job that does not run, and the other way round */
static void test_no_job(void)
{
    /* Its slot is 2, as it was while it ran. */
    const unsigned job = 12 + 2 * 40 + 16;

    open_store();
    start(SMALL);
    transfer(FULL, 2, 0, UNIT);
    qcxl_save(m, state);
    qcxl_stop(m);
    check_hostile(job, 1, true);        /* as it was */
    check_hostile(job, 0, false);
    close_store();

    open_store();
    start(SMALL);
    transfer(FULL, 2, 0, UNIT);
    wait_for_it(0x0201);
    qcxl_save(m, state);
    qcxl_stop(m);
    check_hostile(job, 0, true);
    check_hostile(job, 1, false);
    close_store();
}

/* Slots outlast a QEMU that is killed, and what is staged is active then. */
static void test_kept(void)
{
    QCXLTopology t = {
        .bridges = 1, .ports = 1, .kinds = QCXL_PERSISTENT, .lsa = 4096,
        .metadata = 128 * 1024, .device = SMALL,
    };

    open_store();
    t.store = store;
    m = qcxl_start(&t);
    dev = &m->device[0];
    send_parts(20 * UNIT, 7 * UNIT);
    g_assert_cmphex(wait_for_it(0x0201), ==, 0);
    qcxl_kill(m);
    m = qcxl_start(&t);
    dev = &m->device[0];
    check_slots(2, 1, 0);
    check_image(20 * UNIT);
    g_assert_cmphex(activate(1, 2), ==, 0);
    qcxl_kill(m);
    m = qcxl_start(&t);
    dev = &m->device[0];
    check_slots(2, 2, 0);
    check_revision("7.3 second");
    g_assert_cmphex(activate(0, 1), ==, BG_STARTED);
    g_assert_cmphex(wait_for_it(0x0202), ==, 0);
    qcxl_kill(m);
    m = qcxl_start(&t);
    dev = &m->device[0];
    check_slots(2, 1, 0);
    qcxl_stop(m);
    close_store();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/update/full", test_full);
    qtest_add_func("cxl/update/parts", test_parts);
    qtest_add_func("cxl/update/activate", test_activate);
    qtest_add_func("cxl/update/failures", test_failures);
    qtest_add_func("cxl/update/qmp-errors", test_qmp_errors);
    qtest_add_func("cxl/update/interrupt", test_interrupt);
    qtest_add_func("cxl/update/reset", test_reset);
    qtest_add_func("cxl/update/migrate", test_migrate);
    qtest_add_func("cxl/update/hostile", test_hostile);
    qtest_add_func("cxl/update/no-job", test_no_job);
    qtest_add_func("cxl/update/kept", test_kept);
    return g_test_run();
}
