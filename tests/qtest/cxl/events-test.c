/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event records that QMP injects: every byte, interrupts, storms, state. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-events.h"
#include "qemu/bswap.h"

#define INFO QCXL_LOG_INFO
#define FATAL QCXL_LOG_FATAL
#define OVERFLOWED 1
#define MORE 2
#define INVALID_HANDLE 0x0e
#define CAP_EXPRESS 0x10
#define CAP_MSIX 0x11
#define SLOT_CONTROL 0x18
#define SLOT_POWER_OFF (1 << 10)
#define SLOT_LED_OFF (3 << 8)
#define PAGE ((65536 - QCXL_EVENTS) / QCXL_RECORD)

static const char *const log_names[QCXL_LOGS] = {
    "informational", "warning", "failure", "fatal",
};

static QCXLMachine *m;
static QCXLDevice *dev;
static uint8_t records[PAGE][QCXL_RECORD];

static QCXLMachine *launch(const char *device, const char *more)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .device = device, .more = more,
        .ram = true,
    };

    return more ? qcxl_launch(&topology) : qcxl_start(&topology);
}

static void start(const char *device)
{
    m = launch(device, NULL);
    dev = &m->device[0];
}

static QCXLEvents get(uint8_t log)
{
    return qcxl_events(dev, log, records, PAGE);
}

static uint16_t handle(unsigned n)
{
    return lduw_le_p(records[n] + 0x14);
}

/* One record in @log, of these bytes with handle and severity in them */
static void check_one(uint8_t log, const uint8_t *want)
{
    uint8_t record[QCXL_RECORD];

    memcpy(record, want, sizeof(record));
    record[0x10] = QCXL_RECORD;
    record[0x11] |= log;
    record[0x14] = 1;
    g_assert_cmpuint(get(log).count, ==, 1);
    g_assert_cmpmem(records[0], QCXL_RECORD, record, QCXL_RECORD);
}

#define HEADER \
    "'path': 'mem0', 'flags': 60, 'maint-op-class': 1," \
    "'maint-op-subclass': 2, 'ld-id': 772, 'head-id': 5," \
    "'related-handle': 1798,"

static void test_general_media(void)
{
    static const uint8_t want[QCXL_RECORD] = {
        0xfb, 0xcd, 0x0a, 0x77, 0xc2, 0x60, 0x41, 0x7f,
        0x85, 0xa9, 0x08, 0x8b, 0x16, 0x21, 0xeb, 0xa6,
        [0x11] = 0xfc, 0x01, [0x16] = 6, 7,
        [0x20] = 1, 2, 4, 3, 5,
        [0x30] = 0x41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x1f, 0,
        12, 13, 14, 15, 16,
        'D', 'I', 'M', 'M', [0x52] = 17, 18, 19, 20, 21,
    };

    start(NULL);
    qcxl_qmp_do(m, "cxl-inject-general-media-event", HEADER
                "'log': 'failure', 'dpa': 578437695752307265,"
                "'descriptor': 9, 'type': 10, 'transaction-type': 11,"
                "'channel': 12, 'rank': 13, 'device': 1052430,"
                "'component-id': 'DIMM', 'is-comp-id-pldm': true,"
                "'cme-ev-flags': 17, 'cme-count': 1315602, 'sub-type': 21",
                NULL);
    check_one(QCXL_LOG_FAILURE, want);
    qcxl_stop(m);
}

/* What is left out is 0 and not valid; of 32 bits 24 are taken. */
static void test_left_out(void)
{
    static const uint8_t want[QCXL_RECORD] = {
        0xfb, 0xcd, 0x0a, 0x77, 0xc2, 0x60, 0x41, 0x7f,
        0x85, 0xa9, 0x08, 0x8b, 0x16, 0x21, 0xeb, 0xa6,
        [0x30] = 0x40, [0x38] = 1, 2, 3, 4, [0x3f] = 0xff, 0xff, 0xff,
    };

    start(NULL);
    qcxl_qmp_do(m, "cxl-inject-general-media-event",
                "'path': 'mem0', 'flags': 3, 'log': 'informational',"
                "'dpa': 64, 'descriptor': 1, 'type': 2,"
                "'transaction-type': 3, 'device': 4294967295", NULL);
    check_one(INFO, want);
    qcxl_stop(m);
}

static void test_dram(void)
{
    static const uint8_t want[QCXL_RECORD] = {
        0x60, 0x1d, 0xcb, 0xb3, 0x9c, 0x06, 0x4e, 0xab,
        0xb8, 0xaf, 0x4e, 0x9b, 0xfb, 0x5c, 0x96, 0x24,
        [0x11] = 0xfc, 0x01, [0x16] = 6, 7,
        [0x20] = 1, 2, 4, 3, 5,
        [0x30] = 0x41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xff, 0x05,
        12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
        [0x49] = 1, [0x51] = 2, [0x59] = 3, [0x68] = 4,
        [0x69] = 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
        0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
        [0x79] = 24, 25, 26, 27, 28, 29,
    };

    start(NULL);
    qcxl_qmp_do(m, "cxl-inject-dram-event", HEADER
                "'log': 'warning', 'dpa': 578437695752307265,"
                "'descriptor': 9, 'type': 10, 'transaction-type': 11,"
                "'channel': 12, 'rank': 13, 'nibble-mask': 1052430,"
                "'bank-group': 17, 'bank': 18, 'row': 1381395,"
                "'column': 5910, 'correction-mask': [ 1, 2, 3,"
                " 288230376151711744 ], 'sub-channel': 24,"
                "'component-id': '0x00112233445566778899aabbccDDEEFF',"
                "'cme-ev-flags': 25, 'cvme-count': 1841946, 'sub-type': 29",
                NULL);
    check_one(QCXL_LOG_WARNING, want);
    qcxl_stop(m);
}

static void test_memory_module(void)
{
    static const uint8_t want[QCXL_RECORD] = {
        0xfe, 0x92, 0x74, 0x75, 0xdd, 0x59, 0x43, 0x39,
        0xa5, 0x86, 0x79, 0xba, 0xb1, 0x13, 0xb7, 0x74,
        [0x11] = 0xfc, 0x01, [0x16] = 6, 7,
        [0x20] = 1, 2, 4, 3, 5,
        [0x30] = 1, 2, 3, 4, 5, 0xf1, 0xff, 8, 0, 0, 1, 9, 0, 0, 2,
        10, 0, 0, 3, 1, 0, 'a', [0x55] = 11,
    };

    start(NULL);
    qcxl_qmp_do(m, "cxl-inject-memory-module-event", HEADER
                "'log': 'fatal', 'type': 1, 'health-status': 2,"
                "'media-status': 3, 'additional-status': 4, 'life-used': 5,"
                "'temperature': -15, 'dirty-shutdown-count': 16777224,"
                "'corrected-volatile-error-count': 33554441,"
                "'corrected-persistent-error-count': 50331658,"
                "'component-id': 'a', 'sub-type': 11", NULL);
    check_one(FATAL, want);
    qcxl_stop(m);
}

static void test_memory_sparing(void)
{
    static const uint8_t want[QCXL_RECORD] = {
        0xe7, 0x1f, 0x3a, 0x40, 0x2d, 0x29, 0x40, 0x92,
        0x8a, 0x39, 0x4d, 0x1c, 0x96, 0x6c, 0x7c, 0x65,
        [0x11] = 0xfc, 0x01, [0x16] = 6, 7,
        [0x20] = 1, 2, 4, 3, 5,
        [0x32] = 1, 2, 0xff, 0x03, [0x3c] = 3, 4, 5, 6, 7, 8, 9, 10, 11,
        12, 13, 14, 15, 16, 'P', 'L', 'D', 'M', [0x5a] = 17,
    };

    start(NULL);
    qcxl_qmp_do(m, "cxl-inject-memory-sparing-event", HEADER
                "'log': 'informational', 'sparing-flags': 1, 'result': 2,"
                "'spares-available': 1027, 'channel': 5, 'rank': 6,"
                "'nibble-mask': 591879, 'bank-group': 10, 'bank': 11,"
                "'row': 920844, 'column': 4111, 'component-id': 'PLDM',"
                "'is-comp-id-pldm': true, 'sub-channel': 17", NULL);
    check_one(INFO, want);
    qcxl_stop(m);
}

/* Any bytes, but those that are the log's */
static void test_record(void)
{
    g_autoptr(GString) hex = g_string_new(
        "'path': 'mem0', 'log': 'fatal', 'record': '");
    uint8_t want[QCXL_RECORD];

    for (unsigned i = 0; i < QCXL_RECORD; i++) {
        want[i] = 0xff - i;
        g_string_append_printf(hex, i % 2 ? "%02x" : "%02X", want[i]);
    }
    g_string_append(hex, "'");
    start(NULL);
    qcxl_qmp_do(m, "cxl-inject-event-record", hex->str, NULL);
    want[0x11] &= ~3;
    want[0x15] = 0;
    memset(want + 0x18, 0, 8);
    check_one(FATAL, want);
    qcxl_qmp_do(m, "cxl-inject-event-record", "'path': 'mem0',"
                "'log': 'warning', 'record': '7E'", NULL);
    memset(want, 0, sizeof(want));
    want[0] = 0x7e;
    check_one(QCXL_LOG_WARNING, want);
    qcxl_stop(m);
}

#define MEDIA "'flags': 0, 'dpa': 0, 'descriptor': 0, 'type': 0," \
              "'transaction-type': 0"

static void test_errors(void)
{
    static const struct { const char *command, *arguments, *words; } cases[] = {
        { "cxl-inject-general-media-event",
          MEDIA ", 'path': 'rp0', 'log': 'fatal'", "no cxl-type3" },
        { "cxl-inject-general-media-event",
          MEDIA ", 'path': '', 'log': 'fatal'", "no cxl-type3" },
        { "cxl-inject-general-media-event",
          MEDIA ", 'path': 'mem0', 'log': 'info'", "log" },
        { "cxl-inject-general-media-event",
          MEDIA ", 'path': 'mem0', 'log': 'fatal',"
          "'component-id': 'longer than it can'", "up to 16 bytes" },
        { "cxl-inject-general-media-event",
          MEDIA ", 'path': 'mem0', 'log': 'fatal', 'component-id':"
          "'0x00112233445566778899aabbccddeefg'", "32 hexadecimal digits" },
        { "cxl-inject-dram-event",
          MEDIA ", 'path': 'mem0', 'log': 'fatal', 'repeat': 0",
          "repeat=0 is not from 1 to 100000" },
        { "cxl-inject-dram-event",
          MEDIA ", 'path': 'mem0', 'log': 'fatal', 'repeat': 100001",
          "repeat=100001" },
        { "cxl-inject-dram-event",
          MEDIA ", 'path': 'mem0', 'log': 'fatal',"
          "'correction-mask': [ 1, 2, 3, 4, 5 ]", "more than 4 numbers" },
        { "cxl-inject-event-record",
          "'path': 'mem0', 'log': 'fatal', 'record': '123'",
          "an even number" },
        { "cxl-inject-event-record",
          "'path': 'mem0', 'log': 'fatal', 'record': '12 4'", "12 4" },
        { "cxl-inject-event-record",
          "'path': 'nobody', 'log': 'fatal', 'record': ''", "no cxl-type3" },
    };
    g_autofree char *digits = g_strnfill(258, '7');
    g_autofree char *record = g_strdup_printf(
        "'path': 'mem0', 'log': 'fatal', 'record': '%s'", digits);

    start(NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        qcxl_qmp_do(m, cases[i].command, cases[i].arguments, cases[i].words);
    }
    qcxl_qmp_do(m, "cxl-inject-event-record", record, "up to 256");
    for (unsigned log = 0; log < QCXL_LOGS; log++) {
        g_assert_cmpuint(get(log).count, ==, 0);
    }
    qcxl_stop(m);
}

static void inject(unsigned log, unsigned repeat)
{
    g_autofree char *arguments = g_strdup_printf(
        MEDIA ", 'path': 'mem0', 'log': '%s', 'repeat': %u", log_names[log],
        repeat);

    qcxl_qmp_do(m, "cxl-inject-dram-event", arguments, NULL);
}

/* Messages that came: bit for each log's vector, and those of others */
static uint32_t taken(void)
{
    uint32_t vectors = 0;

    for (unsigned n = 0; n < QCXL_VECTOR_EVENT + QCXL_LOGS; n++) {
        vectors |= qcxl_msix_take(&dev->fn, n) ? 1U << n : 0;
    }
    return vectors;
}

/* A log of its own vector tells once, until it has been empty. */
static void test_interrupts(void)
{
    start(NULL);
    qcxl_msix_enable(&dev->fn);
    inject(INFO, 1);
    g_assert_cmphex(taken(), ==, 0);
    get(INFO);
    g_assert_cmphex(qcxl_events_clear(dev, INFO, handle(0), 1), ==, 0);
    qcxl_events_policy(dev, 1);
    for (unsigned log = 0; log < QCXL_LOGS; log++) {
        inject(log, 1);
        g_assert_cmphex(taken(), ==, 1 << (QCXL_VECTOR_EVENT + log));
        inject(log, 2);
        g_assert_cmphex(taken(), ==, 0);
        get(log);
        g_assert_cmphex(qcxl_events_clear(dev, log, handle(0), 2), ==, 0);
        inject(log, 1);
        g_assert_cmphex(taken(), ==, 0);
        g_assert_cmphex(qcxl_events_clear(dev, log, handle(2), 2), ==, 0);
        inject(log, 1);
        g_assert_cmphex(taken(), ==, 1 << (QCXL_VECTOR_EVENT + log));
    }
    qcxl_stop(m);
}

/* The firmware is told by other means, of which there are none here. */
static void test_firmware(void)
{
    uint8_t policy[4];
    size_t len = sizeof(policy);

    start(NULL);
    qcxl_msix_enable(&dev->fn);
    qcxl_events_policy(dev, 0x32);
    inject(FATAL, 1);
    g_assert_cmphex(taken(), ==, 0);
    g_assert_cmpuint(get(FATAL).count, ==, 1);
    g_assert_cmphex(qcxl_command(dev, 0x0102, NULL, 0, policy, &len), ==, 0);
    g_assert_cmphex(ldl_le_p(policy), ==, 0x32323232);
    qcxl_stop(m);
}

/* The @n-th record is of general media: of @dpa, @descriptor, @transaction */
static void check_media(unsigned n, uint64_t dpa, uint8_t descriptor,
                        uint8_t transaction)
{
    static const uint8_t uuid[] = { 0xfb, 0xcd, 0x0a, 0x77 };

    g_assert_cmpmem(records[n], 4, uuid, 4);
    g_assert_cmphex(ldq_le_p(records[n] + 0x30), ==, dpa);
    g_assert_cmphex(records[n][0x38], ==, descriptor);
    g_assert_cmphex(records[n][0x39], ==, 0);
    g_assert_cmphex(records[n][0x3a], ==, transaction);
}

static void lose(uint64_t start, uint64_t length)
{
    g_autofree char *arguments = g_strdup_printf(
        "'path': 'mem0', 'start': %" PRIu64 ", 'length': %" PRIu64, start,
        length);

    qcxl_qmp_do(m, "cxl-inject-poison", arguments, NULL);
}

/* What the guest injects is informational, what is lost a failure. */
static void test_poison(void)
{
    uint8_t in[8] = { 0x40, 0x10 };

    start("event-log-size=300");
    qcxl_msix_enable(&dev->fn);
    qcxl_events_policy(dev, 1);
    g_assert_cmphex(qcxl_command(dev, 0x4301, in, 8, NULL, NULL), ==, 0);
    g_assert_cmphex(taken(), ==, 1 << QCXL_VECTOR_EVENT);
    g_assert_cmpuint(get(INFO).count, ==, 1);
    check_media(0, 0x1041, 1, 4);
    lose(0x1000, 0x100);
    g_assert_cmphex(taken(), ==, 1 << (QCXL_VECTOR_EVENT + 2));
    lose(0x1000, 0x100);
    g_assert_cmpuint(get(QCXL_LOG_FAILURE).count, ==, 1);
    check_media(0, 0x1001, 1, 6);
    for (unsigned n = 1; n <= 254; n++) {
        lose(n * 0x10000, 0x40);
    }
    g_assert_cmpuint(get(QCXL_LOG_FAILURE).count, ==, 256);
    check_media(254, 0xfe0001, 1, 6);
    check_media(255, 0xfe0001, 5, 6);
    qcxl_stop(m);
}

/* A message that lets the slot go of the device; the register of the slot. */
static unsigned aim_at_slot(const QCXLFunction *root)
{
    uint64_t address, entry;
    unsigned msix, slot;

    slot = qcxl_find_cap(root, CAP_EXPRESS) + SLOT_CONTROL;
    address = qcxl_config_address(root, slot);
    qcxl_msix_enable(&dev->fn);
    msix = qcxl_config_read(&dev->fn, qcxl_find_cap(&dev->fn, CAP_MSIX) + 4,
                            4);
    entry = dev->fn.bar[msix & 7] + (msix & ~7u) + 16 * QCXL_VECTOR_EVENT;
    qcxl_write(m, entry, 4, address);
    qcxl_write(m, entry + 4, 4, address >> 32);
    qcxl_write(m, entry + 8, 4, SLOT_POWER_OFF | SLOT_LED_OFF);
    qcxl_events_policy(dev, 1);
    return slot;
}

/* It comes while QMP asks for more. */
static void test_own_slot(void)
{
    const QCXLFunction *root;
    unsigned slot;

    start(NULL);
    root = &m->bridge[0].port[0].fn;
    slot = aim_at_slot(root);
    inject(INFO, 100);
    g_assert_cmphex(qcxl_config_read(&dev->fn, 0, 4), ==, UINT32_MAX);
    g_assert_cmphex(qcxl_config_read(root, slot, 2) & SLOT_POWER_OFF, ==,
                    SLOT_POWER_OFF);
    qcxl_stop(m);
}

/* It comes while the device answers the command that is the reason. */
static void test_own_slot_command(void)
{
    uint64_t dpa = 0;

    start(NULL);
    aim_at_slot(&m->bridge[0].port[0].fn);
    for (unsigned i = 0; i < 8; i++) {
        qtest_writeb(m->qts, dev->mailbox + 0x20 + i, dpa);
    }
    qcxl_write(m, dev->mailbox + 8, 8, 0x4301 | 8 << 16);
    qcxl_write(m, dev->mailbox + 4, 4, 1);
    g_assert_cmphex(qcxl_config_read(&dev->fn, 0, 4), ==, UINT32_MAX);
    qcxl_stop(m);
}

static void set_time(uint64_t ns)
{
    uint8_t in[8];

    stq_le_p(in, ns);
    g_assert_cmphex(qcxl_command(dev, 0x0301, in, 8, NULL, NULL), ==, 0);
}

/* More than fits: counted with their times, until there is room again */
static void test_overflow(void)
{
    QCXLEvents events;

    start("event-log-size=8");
    set_time(1000000);
    inject(FATAL, 8);
    g_assert_cmphex(get(FATAL).flags, ==, 0);
    inject(FATAL, 2);
    qtest_clock_step(m->qts, 500);
    inject(FATAL, 990);
    events = get(FATAL);
    g_assert_cmphex(events.flags, ==, OVERFLOWED);
    g_assert_cmpuint(events.overflows, ==, 992);
    g_assert_cmpuint(events.count, ==, 8);
    g_assert_cmpuint(events.last - events.first, ==, 500);
    g_assert_cmpuint(ldq_le_p(records[0] + 0x18), ==, events.first);
    g_assert_cmphex(get(INFO).flags, ==, 0);
    inject(FATAL, 100000);
    g_assert_cmpuint(get(FATAL).overflows, ==, 0xffff);
    g_assert_cmphex(qcxl_events_clear(dev, FATAL, 2, 1), ==, INVALID_HANDLE);
    g_assert_cmphex(get(FATAL).flags, ==, OVERFLOWED);
    g_assert_cmphex(qcxl_events_clear(dev, FATAL, 1, 1), ==, 0);
    events = get(FATAL);
    g_assert_cmpuint(events.flags + events.overflows + events.first +
                     events.last, ==, 0);
    inject(FATAL, 1);
    g_assert_cmpuint(get(FATAL).count, ==, 8);
    /* What was dropped had no handle. */
    g_assert_cmpuint(handle(7), ==, 9);
    qcxl_stop(m);
}

/* Thousands, read page by page and cleared as Linux does */
static void test_storm(void)
{
    unsigned next = 1;

    start("event-log-size=5000");
    qcxl_msix_enable(&dev->fn);
    qcxl_events_policy(dev, 1);
    inject(INFO, 5000);
    g_assert_cmphex(taken(), ==, 1 << QCXL_VECTOR_EVENT);
    while (next <= 5000) {
        QCXLEvents events = get(INFO);

        g_assert_cmpuint(events.count, ==, MIN(PAGE, 5001 - next));
        g_assert_cmphex(events.flags, ==,
                        next + events.count <= 5000 ? MORE : 0);
        for (unsigned n = 0; n < events.count; n += 255) {
            unsigned some = MIN(255, events.count - n);

            g_assert_cmpuint(handle(n), ==, next);
            g_assert_cmphex(qcxl_events_clear(dev, INFO, next, some), ==, 0);
            next += some;
        }
    }
    g_assert_cmpuint(get(INFO).count, ==, 0);
    g_assert_cmphex(taken(), ==, 0);
    qcxl_stop(m);
}

/* A power cycle leaves no record, no overflow and no interrupt. */
static void test_reset(void)
{
    start("event-log-size=8");
    qcxl_events_policy(dev, 1);
    inject(FATAL, 10);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmpuint(get(FATAL).count, ==, 0);
    g_assert_cmphex(get(FATAL).flags, ==, 0);
    qcxl_msix_enable(&dev->fn);
    inject(FATAL, 1);
    g_assert_cmphex(taken(), ==, 0);
    g_assert_cmpuint(get(FATAL).count, ==, 1);
    g_assert_cmpuint(handle(0), ==, 1);
    qcxl_stop(m);
}

/* Records, handles, overflow and policy go along. */
static void test_migrate(void)
{
    g_autofree char *store = qcxl_store_new();
    g_autofree char *state = g_strdup_printf("%s/state", store);
    QCXLEvents before, after;
    QCXLMachine *from;
    uint8_t saved[QCXL_RECORD];

    start("event-log-size=8");
    set_time(1000000);
    qcxl_msix_enable(&dev->fn);
    qcxl_events_policy(dev, 1);
    inject(INFO, 3);
    g_assert_cmphex(qcxl_events_clear(dev, INFO, 1, 3), ==, 0);
    inject(FATAL, 9);
    qtest_clock_step(m->qts, 500);
    inject(FATAL, 1);
    before = get(FATAL);
    memcpy(saved, records[7], sizeof(saved));
    qcxl_save(m, state);
    from = m;
    m = launch("event-log-size=8", "-incoming defer");
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    qcxl_stop(from);
    after = get(FATAL);
    g_assert_cmpmem(&after, sizeof(after), &before, sizeof(before));
    g_assert_cmpmem(records[7], sizeof(saved), saved, sizeof(saved));
    inject(INFO, 1);
    g_assert_true(qcxl_msix_take(&dev->fn, QCXL_VECTOR_EVENT));
    g_assert_cmpuint(get(INFO).count, ==, 1);
    g_assert_cmpuint(handle(0), ==, 4);
    qcxl_stop(m);
    qcxl_store_remove(g_steal_pointer(&store));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/events/general-media", test_general_media);
    qtest_add_func("cxl/events/left-out", test_left_out);
    qtest_add_func("cxl/events/dram", test_dram);
    qtest_add_func("cxl/events/memory-module", test_memory_module);
    qtest_add_func("cxl/events/memory-sparing", test_memory_sparing);
    qtest_add_func("cxl/events/record", test_record);
    qtest_add_func("cxl/events/errors", test_errors);
    qtest_add_func("cxl/events/interrupts", test_interrupts);
    qtest_add_func("cxl/events/firmware", test_firmware);
    qtest_add_func("cxl/events/poison", test_poison);
    qtest_add_func("cxl/events/own-slot", test_own_slot);
    qtest_add_func("cxl/events/own-slot-command", test_own_slot_command);
    qtest_add_func("cxl/events/overflow", test_overflow);
    qtest_add_func("cxl/events/storm", test_storm);
    qtest_add_func("cxl/events/reset", test_reset);
    qtest_add_func("cxl/events/migrate", test_migrate);
    return g_test_run();
}
