/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved state that does not fit, is cut short or changed: an error, no more. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define SECOND 1000000000LL
/* So that payload is not most of the state */
#define SMALL "mailbox-payload=256"

static char *store;
static char *state_path, *log_path;

static void open_store(void)
{
    store = qcxl_store_new();
    state_path = g_strdup_printf("%s/state", store);
    log_path = g_strdup_printf("%s/log", store);
}

static void close_store(void)
{
    g_free(state_path);
    g_free(log_path);
    qcxl_store_remove(store);
}

static QCXLTopology topology(const char *device)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 1, .kinds = QCXL_PERSISTENT, .lsa = 4096,
        .ram = true, .device = device,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static QCXLMachine *start(const char *device)
{
    QCXLTopology t = topology(device);

    return qcxl_start(&t);
}

/* Waits for the state in the file; its messages go to log_path. */
static QCXLMachine *start_waiting(const char *device)
{
    QCXLTopology t = topology(device);
    g_autofree char *more = g_strdup_printf("-incoming defer 2>%s",
                                            log_path);

    t.more = more;
    return qcxl_launch(&t);
}

static void command(const QCXLDevice *dev, uint16_t opcode, const void *in,
                    size_t in_len)
{
    g_assert_cmphex(qcxl_command(dev, opcode, in, in_len, NULL, NULL), ==, 0);
}

static bool logged(const char *words)
{
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(log_path, &text, NULL, NULL));
    return strstr(text, words);
}

/* Into a machine with other properties: refused, and the option is named. */
static void check_mismatch(const char *there, const char *words)
{
    QCXLMachine *from, *to;

    g_test_message("%s", there);
    open_store();
    from = start(NULL);
    qcxl_save(from, state_path);
    qcxl_stop(from);
    to = start_waiting(there);
    g_assert_false(qcxl_load(to, state_path));
    qcxl_stop(to);
    g_assert_true(logged(words));
    close_store();
}

static void test_mismatch(void)
{
    check_mismatch("mailbox-payload=4096", "mailbox-payload");
    check_mismatch("mailbox-payload=1M", "mailbox-payload");
    check_mismatch("event-vectors=2", "event-vectors");
    check_mismatch("firmware-slots=3", "firmware-slots");
    check_mismatch("hdm-decoders=4", "hdm-decoders");
}

/* One root port: whether the bridge has decoders is the option's to say. */
static void test_mismatch_passthrough(void)
{
    QCXLTopology t = topology(NULL);
    g_autofree char *more = NULL;
    QCXLMachine *from, *to;

    open_store();
    more = g_strdup_printf("-incoming defer 2>%s", log_path);
    from = start(NULL);
    qcxl_save(from, state_path);
    qcxl_stop(from);
    t.bridge = "hdm_for_passthrough=on";
    t.more = more;
    to = qcxl_launch(&t);
    g_assert_false(qcxl_load(to, state_path));
    qcxl_stop(to);
    g_assert_true(logged("hdm_for_passthrough"));
    close_store();
}

/* The boundary that the saved machine had is not one that is possible here. */
static void test_mismatch_partition(void)
{
    static const uint8_t all_volatile[9] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };
    QCXLMachine *from, *to;

    open_store();
    from = start("partition-alignment=256M");
    command(&from->device[0], 0x4101, all_volatile, 9);
    qcxl_save(from, state_path);
    qcxl_stop(from);
    to = start_waiting(NULL);
    g_assert_false(qcxl_load(to, state_path));
    qcxl_stop(to);
    g_assert_true(logged("artition"));
    close_store();
}

/* A guest that goes on with what was loaded, whatever that is */
static void go_on(QCXLMachine *m, const QCXLMachine *from)
{
    const QCXLDevice *dev = &m->device[0];

    qcxl_adopt(m, from);
    for (unsigned at = 0; at < 0x400; at += 4) {
        qcxl_write(m, dev->fn.component + 0x1000 + at, 4, UINT32_MAX);
        qcxl_config_write(&dev->fn, 0x100 + at, 4, UINT32_MAX);
        qcxl_config_write(&m->bridge[0].port[0].fn, 0x100 + at, 4,
                          UINT32_MAX);
    }
    for (unsigned opcode = 0x0100; opcode < 0x4400; opcode++) {
        if ((opcode & 0xff) < 8) {
            qcxl_write(m, dev->mailbox + 8, 8, opcode | 8 << 16);
            qcxl_write(m, dev->mailbox + 4, 4, 1);
        }
    }
    qcxl_write(m, m->window[0].base, 8, qcxl_read(m, m->window[0].base, 8));
    qtest_clock_step(m->qts, SECOND);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    command(dev, 0x4000, NULL, 0);
}

/* Any outcome but a crash: qcxl_stop() sees those.  @from: who saved it */
static bool try_load(const QCXLMachine *from, const uint8_t *state,
                     gsize len)
{
    QCXLMachine *to = start_waiting(SMALL);
    bool good;

    g_assert_true(g_file_set_contents(state_path, (const char *)state, len,
                                      NULL));
    good = qcxl_load(to, state_path);
    if (good) {
        go_on(to, from);
    }
    qcxl_stop(to);
    return good;
}

/* Where the state of the device named @name starts in the file */
static gsize find_section(const uint8_t *state, gsize len, const char *name)
{
    const uint8_t *at = memmem(state, len, name, strlen(name));

    g_assert_nonnull(at);
    return at - state;
}

/* Ends @m, of which *@ghost remains: what was where. */
static void save_to_memory(QCXLMachine *m, QCXLMachine *ghost,
                           uint8_t **state, gsize *len)
{
    qcxl_save(m, state_path);
    *ghost = *m;
    qcxl_stop(m);
    g_assert_true(g_file_get_contents(state_path, (char **)state, len,
                                      NULL));
}

static void test_truncated(void)
{
    g_autofree uint8_t *state = NULL;
    QCXLMachine from;
    gsize len, device;

    open_store();
    save_to_memory(start(SMALL), &from, &state, &len);
    device = find_section(state, len, "cxl-type3");
    g_assert_false(try_load(&from, state, 0));
    g_assert_false(try_load(&from, state, 100));
    g_assert_false(try_load(&from, state, device + 30));
    g_assert_false(try_load(&from, state, device + 0x400));
    g_assert_false(try_load(&from, state, device + 0x3000));
    g_assert_false(try_load(&from, state, device + 0x5300));
    g_assert_true(try_load(&from, state, len));
    close_store();
}

/*
 * Bytes of the device's state changed, each in turn: behind configuration
 * space, and behind the 16 KiB of the two DOE buffers.
 */
static void test_corrupted(void)
{
    static const unsigned part[] = { 0x1000, 0x5100 };
    g_autofree uint8_t *state = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    unsigned refused = 0;
    QCXLMachine from;
    gsize len, device;

    open_store();
    save_to_memory(start(SMALL), &from, &state, &len);
    device = find_section(state, len, "cxl-type3");
    for (unsigned i = 0; i < 30; i++) {
        unsigned at = part[i % 2] + g_rand_int_range(rand, 0, 0x600);
        uint8_t was = state[device + at];

        state[device + at] ^= 1 << g_rand_int_range(rand, 0, 8);
        if (!try_load(&from, state, len)) {
            g_test_message("refused: byte 0x%x", at);
            refused++;
        }
        state[device + at] = was;
    }
    g_assert_cmpuint(refused, >, 0);
    close_store();
}

/* Committed decoders that the commit rules forbid: never believed. */
static void test_contradiction(void)
{
    g_autofree uint8_t *state = NULL;
    QCXLDecoder decoder = { .base = 0x654321ULL << 28, .size = QCXL_UNIT };
    uint8_t base_high[4];
    QCXLMachine *m, from;
    uint8_t *at;
    gsize len;

    open_store();
    m = start(SMALL);
    g_assert_cmphex(
        qcxl_hdm_commit(m, qcxl_hdm(m, m->device[0].fn.component), 0,
                        &decoder) & QCXL_HDM_COMMITTED, !=, 0);
    save_to_memory(m, &from, &state, &len);
    stl_le_p(base_high, decoder.base >> 32);
    at = memmem(state, len, base_high, 4);
    g_assert_nonnull(at);
    /* The size behind the base becomes more than there is. */
    g_assert_cmphex(ldl_le_p(at + 4), ==, QCXL_UNIT);
    stl_le_p(at + 4, 2 * QCXL_UNIT);
    g_assert_false(try_load(&from, state, len));
    g_assert_true(logged("HDM decoders"));
    close_store();
}

/*
 * What follows the mailbox's payload in the state, see the vmstate rows: does
 * it hang, the commands that are to fail, the background operation, the
 * response limit and the log being populated, then the first event log's
 * handle, overflow, policy and number of records.
 */
#define MAILBOX_HUNG 0
#define FAULT_LEFT 1
#define EVENT_HANDLE (FAULT_LEFT + 4 + 2 + 1 + 2 + 1 + 8 + 8 + 2 + 1 + 2 + 4 + 1)
#define EVENT_COUNT (EVENT_HANDLE + 2 + 2 + 8 + 8 + 1)

/* A command waits in a mailbox that hangs. */
static void hang(QCXLMachine *m)
{
    uint64_t mailbox = m->device[0].mailbox;

    qtest_qmp_assert_success(m->qts,
        "{ 'execute': 'cxl-inject-mailbox-hang',"
        "  'arguments': { 'path': 'mem0', 'hang': true } }");
    qcxl_write(m, mailbox + 8, 8, 0x4000);
    qcxl_write(m, mailbox + 4, 4, 1);
}

/* A state in which @at, after the payload, has other bytes */
static void check_mailbox_state(void (*prepare)(QCXLMachine *m), size_t at,
                                uint32_t was, uint32_t value, unsigned size,
                                const char *words)
{
    static const char mark[8] = "payload!";
    g_autofree uint8_t *state = NULL;
    QCXLMachine *m, from;
    const QCXLDevice *dev;
    uint8_t *field;
    gsize len;

    open_store();
    m = start(SMALL);
    dev = &m->device[0];
    qtest_bufwrite(m->qts, dev->mailbox + 0x20 + dev->payload - 8, mark, 8);
    if (prepare) {
        prepare(m);
    }
    save_to_memory(m, &from, &state, &len);
    field = memmem(state, len, mark, 8);
    g_assert_nonnull(field);
    field += 8 + at;
    g_assert_cmphex(ldn_be_p(field, size), ==, was);
    stn_be_p(field, size, value);
    g_assert_false(try_load(&from, state, len));
    g_assert_true(logged(words));
    close_store();
}

/* More events than any log holds must not be read into it. */
static void test_event_count(void)
{
    check_mailbox_state(NULL, EVENT_COUNT, 0, 0x7fffffff, 4,
                        "event-log-size");
}

/* Records have handles, and 0 is none. */
static void test_event_handle(void)
{
    check_mailbox_state(NULL, EVENT_HANDLE, 1, 0, 2, "handle 0");
}

/* Nothing fails with Success. */
static void test_fault(void)
{
    check_mailbox_state(NULL, FAULT_LEFT, 0, 1, 4, "are to fail with code");
}

/* A doorbell that nobody will ever clear */
static void test_doorbell(void)
{
    check_mailbox_state(hang, MAILBOX_HUNG, 1, 0, 1, "is under way");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/state/mismatch/sizes", test_mismatch);
    qtest_add_func("cxl/state/mismatch/partition", test_mismatch_partition);
    qtest_add_func("cxl/state/mismatch/passthrough",
                   test_mismatch_passthrough);
    qtest_add_func("cxl/state/truncated", test_truncated);
    qtest_add_func("cxl/state/corrupted", test_corrupted);
    qtest_add_func("cxl/state/contradiction", test_contradiction);
    qtest_add_func("cxl/state/event-count", test_event_count);
    qtest_add_func("cxl/state/event-handle", test_event_handle);
    qtest_add_func("cxl/state/fault", test_fault);
    qtest_add_func("cxl/state/doorbell", test_doorbell);
    return g_test_run();
}
