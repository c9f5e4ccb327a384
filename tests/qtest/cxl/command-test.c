/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands of a memory device answer and change. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define CAP_MSIX 0x11

#define INVALID_INPUT 0x02
#define UNSUPPORTED 0x03
#define INVALID_HANDLE 0x0e
#define INVALID_LENGTH 0x16
#define INVALID_LOG 0x17

#define LSA_SIZE (256 * 1024)
#define NS_PER_S 1000000000ULL

static QCXLMachine *m;
static QCXLDevice *dev;

static void start(const QCXLTopology *topology)
{
    m = qcxl_start(topology);
    dev = &m->device[0];
}

static void start_kinds(unsigned kinds, const char *device)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .kinds = kinds, .device = device,
        .lsa = LSA_SIZE,
    };

    start(&topology);
}

/* Exactly @out_len bytes of answer. */
static void ask(uint16_t opcode, const void *in, size_t in_len, void *out,
                size_t out_len)
{
    size_t got = out_len;

    g_assert_cmphex(qcxl_command(dev, opcode, in, in_len, out, &got), ==, 0);
    g_assert_cmpuint(got, ==, out_len);
}

static unsigned refuse(uint16_t opcode, const void *in, size_t in_len)
{
    size_t got = 0;
    unsigned rc = qcxl_command(dev, opcode, in, in_len, NULL, &got);

    g_assert_cmpuint(got, ==, 0);
    return rc;
}

/* Capacities in units of 256 MiB */
static void check_identify(unsigned kinds, const char *device,
                           const uint64_t *capacity, uint16_t events)
{
    uint8_t id[0x45];

    start_kinds(kinds, device);
    ask(0x4000, NULL, 0, id, sizeof(id));
    g_assert_cmpint(id[0], !=, 0);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpuint(ldq_le_p(id + 0x10 + 8 * i), ==, capacity[i]);
        g_assert_cmpuint(lduw_le_p(id + 0x30 + 2 * i), ==, events);
    }
    g_assert_cmpuint(ldl_le_p(id + 0x38), ==, LSA_SIZE);
    g_assert_cmpuint(lduw_le_p(id + 0x43), ==, 0);
    qcxl_stop(m);
}

static void test_identify(void)
{
    static const uint64_t v[] = { 1, 1, 0, 0 };
    static const uint64_t p[] = { 1, 0, 1, 0 };
    static const uint64_t both[] = { 2, 1, 1, 0 };
    static const uint64_t split[] = { 1, 0, 0, 1 };
    static const uint64_t half[] = { 2, 1, 0, 1 };

    check_identify(QCXL_VOLATILE, NULL, v, 128);
    check_identify(QCXL_PERSISTENT, "event-log-size=7", p, 7);
    check_identify(QCXL_VOLATILE | QCXL_PERSISTENT, "event-log-size=65535",
                   both, 65535);
    check_identify(QCXL_PERSISTENT, "partition-alignment=256M", split, 128);
    check_identify(QCXL_VOLATILE | QCXL_PERSISTENT,
                   "partition-alignment=256M", half, 128);
}

static void test_events_empty(void)
{
    uint8_t out[0x20], zero[0x20] = { 0 };
    uint8_t clear[8] = { 0 };

    start_kinds(QCXL_VOLATILE, NULL);
    for (uint8_t log = 0; log < 4; log++) {
        ask(0x0100, &log, 1, out, sizeof(out));
        g_assert_cmpmem(out, sizeof(out), zero, sizeof(zero));
        /* Nothing to clear: a list of none, all, one that is not there */
        clear[0] = log;
        clear[1] = clear[2] = 0;
        ask(0x0101, clear, 6, NULL, 0);
        clear[1] = 1;
        g_assert_cmphex(refuse(0x0101, clear, 6), ==, INVALID_INPUT);
        clear[1] = 0;
        clear[2] = 1;
        g_assert_cmphex(refuse(0x0101, clear, 8), ==, INVALID_HANDLE);
        g_assert_cmphex(refuse(0x0101, clear, 6), ==, INVALID_LENGTH);
    }
    /* Logs that a device without dynamic capacity has not */
    for (unsigned log = 4; log < 256; log++) {
        uint8_t in = log;

        g_assert_cmphex(refuse(0x0100, &in, 1), ==, INVALID_INPUT);
    }
    clear[0] = 4;
    clear[2] = 0;
    g_assert_cmphex(refuse(0x0101, clear, 6), ==, INVALID_INPUT);
    g_assert_cmphex(qcxl_read(m, dev->registers + 0x40, 4), ==, 0);
    qcxl_stop(m);
}

static void check_policy(uint32_t want)
{
    uint8_t out[4];

    ask(0x0102, NULL, 0, out, sizeof(out));
    g_assert_cmphex(ldl_le_p(out), ==, want);
}

static void test_interrupt_policy(void)
{
    static const uint8_t msi[] = { 1, 1, 1, 1 };
    static const uint8_t mixed[] = { 0xf1, 0x52, 0, 0xf0, 1 };
    static const uint8_t reserved[] = { 0, 0, 0, 3 };

    start_kinds(QCXL_VOLATILE, NULL);
    check_policy(0);
    ask(0x0103, msi, sizeof(msi), NULL, 0);
    check_policy(0x51413121);
    /* Nothing of a bad policy is taken. */
    g_assert_cmphex(refuse(0x0103, reserved, 4), ==, INVALID_INPUT);
    check_policy(0x51413121);
    /* The message number is read-only, but for firmware notification. */
    ask(0x0103, mixed, sizeof(mixed), NULL, 0);
    check_policy(0x00005221);
    qcxl_stop(m);
}

/* Logs share messages from the first on; the table has no more than that. */
static void check_vectors(const char *device, uint32_t policy,
                          unsigned vectors)
{
    static const uint8_t msi[] = { 1, 1, 1, 1 };
    unsigned cap;

    start_kinds(QCXL_VOLATILE, device);
    ask(0x0103, msi, sizeof(msi), NULL, 0);
    check_policy(policy);
    cap = qcxl_find_cap(&dev->fn, CAP_MSIX);
    g_assert_cmpuint((qcxl_config_read(&dev->fn, cap + 2, 2) & 0x7ff) + 1, ==,
                     vectors);
    qcxl_stop(m);
}

static void test_event_vectors(void)
{
    check_vectors(NULL, 0x51413121, 6);
    check_vectors("event-vectors=1", 0x21212121, 3);
    check_vectors("event-vectors=3", 0x21413121, 5);
}

static uint64_t get_timestamp(void)
{
    uint8_t out[8];

    ask(0x0300, NULL, 0, out, sizeof(out));
    return ldq_le_p(out);
}

static void test_timestamp(void)
{
    uint8_t in[8];

    start_kinds(QCXL_VOLATILE, NULL);
    qtest_clock_step(m->qts, NS_PER_S);
    g_assert_cmpuint(get_timestamp(), ==, 0);
    stq_le_p(in, 1234 * NS_PER_S);
    ask(0x0301, in, sizeof(in), NULL, 0);
    g_assert_cmpuint(get_timestamp(), ==, 1234 * NS_PER_S);
    qtest_clock_step(m->qts, 5 * NS_PER_S);
    g_assert_cmpuint(get_timestamp(), ==, 1239 * NS_PER_S);
    /* It may go back, and wrap. */
    stq_le_p(in, UINT64_MAX);
    ask(0x0301, in, sizeof(in), NULL, 0);
    qtest_clock_step(m->qts, 2);
    g_assert_cmpuint(get_timestamp(), ==, 1);
    qcxl_stop(m);
}

static unsigned get_log(const uint8_t *uuid, uint32_t offset,
                        uint32_t length, void *out)
{
    uint8_t in[24];
    size_t out_len = length;
    unsigned rc;

    memcpy(in, uuid, 16);
    stl_le_p(in + 16, offset);
    stl_le_p(in + 20, length);
    rc = qcxl_command(dev, 0x0401, in, sizeof(in), out, &out_len);
    g_assert_cmpuint(out_len, ==, rc ? 0 : length);
    return rc;
}

/* The log in pieces, at odd offsets, and past its end. */
static void test_logs(void)
{
    uint8_t supported[8 + 3 * 20], uuid[16], whole[512], piece[512];
    uint32_t size;

    start_kinds(QCXL_VOLATILE, NULL);
    ask(0x0400, NULL, 0, supported, sizeof(supported));
    memcpy(uuid, supported + 8, 16);
    size = ldl_le_p(supported + 24);
    g_assert_cmpuint(size, <, sizeof(whole));
    g_assert_cmphex(get_log(uuid, 0, size, whole), ==, 0);
    for (uint32_t offset = 0; offset < size; offset += 3) {
        uint32_t length = MIN(7, size - offset);

        g_assert_cmphex(get_log(uuid, offset, length, piece), ==, 0);
        g_assert_cmpmem(piece, length, whole + offset, length);
    }
    g_assert_cmphex(get_log(uuid, size, 0, NULL), ==, 0);
    g_assert_cmphex(get_log(uuid, 0, size + 1, NULL), ==, INVALID_INPUT);
    g_assert_cmphex(get_log(uuid, size, 1, NULL), ==, INVALID_INPUT);
    g_assert_cmphex(get_log(uuid, UINT32_MAX, 1, NULL), ==, INVALID_INPUT);
    g_assert_cmphex(get_log(uuid, 1, UINT32_MAX, NULL), ==, INVALID_INPUT);
    uuid[15] ^= 1;
    g_assert_cmphex(get_log(uuid, 0, 4, NULL), ==, INVALID_LOG);
    qcxl_stop(m);
}

/* CXL r3.2: Get Health Info of a device in good health */
static void test_health(void)
{
    uint8_t out[0x12];

    start_kinds(QCXL_VOLATILE, NULL);
    ask(0x4200, NULL, 0, out, sizeof(out));
    g_assert_cmphex(out[0], ==, 0);
    g_assert_cmphex(out[1], ==, 0);
    g_assert_cmpuint(ldl_le_p(out + 0xa), ==, 0);
    qcxl_stop(m);
}

static void check_partitions(uint64_t active, uint64_t persistent,
                             uint64_t next, uint64_t next_persistent)
{
    uint8_t out[0x20];

    ask(0x4100, NULL, 0, out, sizeof(out));
    g_assert_cmpuint(ldq_le_p(out), ==, active);
    g_assert_cmpuint(ldq_le_p(out + 8), ==, persistent);
    g_assert_cmpuint(ldq_le_p(out + 16), ==, next);
    g_assert_cmpuint(ldq_le_p(out + 24), ==, next_persistent);
}

/* DSMAS entries: base, size and non-volatile of each */
static void check_cdat(unsigned count, const uint64_t *want)
{
    g_autoptr(GByteArray) cdat = qcxl_cdat(&dev->fn);
    unsigned seen = 0;

    for (unsigned at = 16; at < cdat->len;
         at += lduw_le_p(cdat->data + at + 2)) {
        const uint8_t *entry = cdat->data + at;

        if (entry[0] == 0) {
            g_assert_cmpuint(seen, <, count);
            g_assert_cmphex(ldq_le_p(entry + 8), ==,
                            want[3 * seen] * QCXL_UNIT);
            g_assert_cmphex(ldq_le_p(entry + 16), ==,
                            want[3 * seen + 1] * QCXL_UNIT);
            g_assert_cmphex(entry[5] & 4, ==, want[3 * seen + 2] ? 4 : 0);
            seen++;
        }
    }
    g_assert_cmpuint(seen, ==, count);
}

static unsigned set_partition(uint64_t units, uint8_t flags)
{
    uint8_t in[9];

    stq_le_p(in, units);
    in[8] = flags;
    return refuse(0x4101, in, sizeof(in));
}

static void start_split(uint64_t units, unsigned kinds, const char *align)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .kinds = kinds, .device = align,
        .size = units * QCXL_UNIT, .lsa = LSA_SIZE,
    };

    start(&topology);
}

static uint32_t range_size_low(unsigned n)
{
    return qcxl_config_read(&dev->fn, qcxl_find_dvsec(&dev->fn, 0) + 0x1c +
                            0x10 * n, 4) & 0xf0000000;
}

/* It takes a cold reset; then everything that describes memory follows. */
static void test_partition_cold(void)
{
    start_split(4, QCXL_PERSISTENT, "partition-alignment=256M");
    check_partitions(0, 4, 0, 0);
    check_cdat(1, (const uint64_t[]) { 0, 4, 1 });
    g_assert_cmphex(set_partition(1, 0), ==, 0);
    check_partitions(0, 4, 1, 3);
    check_cdat(1, (const uint64_t[]) { 0, 4, 1 });

    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_partitions(1, 3, 0, 0);
    check_cdat(2, (const uint64_t[]) { 0, 1, 0, 1, 3, 1 });
    g_assert_cmphex(range_size_low(0), ==, 0x10000000);
    g_assert_cmphex(range_size_low(1), ==, 0x30000000);

    /* Back again, and a change of mind before the reset */
    g_assert_cmphex(set_partition(4, 0), ==, 0);
    check_partitions(1, 3, 4, 0);
    g_assert_cmphex(set_partition(1, 0), ==, 0);
    check_partitions(1, 3, 0, 0);
    g_assert_cmphex(set_partition(0, 0), ==, 0);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_partitions(0, 4, 0, 0);
    check_cdat(1, (const uint64_t[]) { 0, 4, 1 });
    qcxl_stop(m);
}

static void test_partition_immediate(void)
{
    QCXLDecoder decoder = { .base = 16 * QCXL_UNIT, .size = QCXL_UNIT };
    uint64_t hdm;

    start_split(4, QCXL_PERSISTENT, "partition-alignment=512M");
    hdm = qcxl_hdm(m, dev->fn.component);
    g_assert_cmphex(set_partition(2, 1), ==, 0);
    check_partitions(2, 2, 0, 0);
    check_cdat(2, (const uint64_t[]) { 0, 2, 0, 2, 2, 1 });
    /* Not under memory that is mapped */
    g_assert_cmphex(qcxl_hdm_commit(m, hdm, 0, &decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
    g_assert_cmphex(set_partition(4, 1), ==, INVALID_INPUT);
    check_partitions(2, 2, 0, 0);
    qcxl_hdm_uncommit(m, hdm, 0);
    g_assert_cmphex(set_partition(4, 1), ==, 0);
    check_partitions(4, 0, 0, 0);
    check_cdat(1, (const uint64_t[]) { 0, 4, 0 });
    qcxl_stop(m);
}

static void test_partition_limits(void)
{
    start_split(4, QCXL_PERSISTENT, "partition-alignment=512M");
    g_assert_cmphex(set_partition(1, 0), ==, INVALID_INPUT);
    g_assert_cmphex(set_partition(5, 0), ==, INVALID_INPUT);
    g_assert_cmphex(set_partition(6, 0), ==, INVALID_INPUT);
    g_assert_cmphex(set_partition(UINT64_MAX, 0), ==, INVALID_INPUT);
    g_assert_cmphex(set_partition(1ULL << 36, 0), ==, INVALID_INPUT);
    check_partitions(0, 4, 0, 0);
    qcxl_stop(m);

    /* Volatile-only memory stays below the boundary. */
    start_split(2, QCXL_VOLATILE | QCXL_PERSISTENT,
                "partition-alignment=256M");
    check_partitions(2, 2, 0, 0);
    g_assert_cmphex(set_partition(3, 0), ==, INVALID_INPUT);
    g_assert_cmphex(set_partition(1, 1), ==, 0);
    check_partitions(3, 1, 0, 0);
    qcxl_stop(m);

    start_kinds(QCXL_VOLATILE, NULL);
    g_assert_cmphex(set_partition(0, 0), ==, UNSUPPORTED);
    check_partitions(1, 0, 0, 0);
    qcxl_stop(m);
}

static unsigned set_lsa(uint32_t offset, const void *data, uint32_t length)
{
    g_autofree uint8_t *in = g_malloc0(8 + length);

    stl_le_p(in, offset);
    memcpy(in + 8, data, length);
    return refuse(0x4103, in, 8 + length);
}

static unsigned get_lsa(uint32_t offset, uint32_t length, void *out)
{
    uint8_t in[8];
    size_t out_len = length;
    unsigned rc;

    stl_le_p(in, offset);
    stl_le_p(in + 4, length);
    rc = qcxl_command(dev, 0x4102, in, sizeof(in), out, &out_len);
    g_assert_cmpuint(out_len, ==, rc ? 0 : length);
    return rc;
}

static void check_lsa(uint32_t offset, uint32_t length)
{
    g_autofree uint8_t *data = g_malloc(length + 1);
    g_autofree uint8_t *back = g_malloc(length + 1);

    for (uint32_t i = 0; i < length; i++) {
        data[i] = offset + i * 13 + length;
    }
    g_assert_cmphex(set_lsa(offset, data, length), ==, 0);
    g_assert_cmphex(get_lsa(offset, length, back), ==, 0);
    g_assert_cmpmem(data, length, back, length);
}

static void test_lsa(void)
{
    uint8_t byte = 0;

    start_kinds(QCXL_PERSISTENT, NULL);
    for (uint32_t length = 1; length < 40; length += 3) {
        check_lsa(0, length);
        check_lsa(1, length);
        check_lsa(4093, length);
        check_lsa(LSA_SIZE - length, length);
    }
    check_lsa(LSA_SIZE, 0);
    check_lsa(12345, dev->payload - 8);
    g_assert_cmphex(set_lsa(LSA_SIZE, &byte, 1), ==, INVALID_INPUT);
    g_assert_cmphex(set_lsa(UINT32_MAX, &byte, 1), ==, INVALID_INPUT);
    g_assert_cmphex(set_lsa(LSA_SIZE + 1, &byte, 0), ==, INVALID_INPUT);
    g_assert_cmphex(get_lsa(LSA_SIZE, 1, NULL), ==, INVALID_INPUT);
    g_assert_cmphex(get_lsa(LSA_SIZE - 1, 2, NULL), ==, INVALID_INPUT);
    g_assert_cmphex(get_lsa(2, UINT32_MAX - 1, NULL), ==, INVALID_INPUT);
    g_assert_cmphex(get_lsa(UINT32_MAX, 2, NULL), ==, INVALID_INPUT);
    qcxl_stop(m);
}

/* A device without one has no bytes of it. */
static void test_lsa_absent(void)
{
    QCXLTopology topology = { .bridges = 1, .ports = 1 };
    uint8_t id[0x45], byte = 0;

    start(&topology);
    ask(0x4000, NULL, 0, id, sizeof(id));
    g_assert_cmpuint(ldl_le_p(id + 0x38), ==, 0);
    g_assert_cmphex(get_lsa(0, 1, NULL), !=, 0);
    g_assert_cmphex(set_lsa(0, &byte, 1), !=, 0);
    qcxl_stop(m);
}

/* Labels are in the file, and there for the next machine. */
static void test_lsa_persistent(void)
{
    char *store = qcxl_store_new();
    g_autofree char *path = g_strdup_printf("%s/lsa0", store);
    g_autofree char *file = NULL;
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .kinds = QCXL_PERSISTENT, .lsa = LSA_SIZE,
        .store = store,
    };
    char back[9];
    gsize length;

    start(&topology);
    g_assert_cmphex(set_lsa(777, "labelled", 8), ==, 0);
    g_assert_true(g_file_get_contents(path, &file, &length, NULL));
    g_assert_cmpuint(length, ==, LSA_SIZE);
    g_assert_cmpmem(file + 777, 8, "labelled", 8);
    qcxl_stop(m);

    start(&topology);
    g_assert_cmphex(get_lsa(777, 8, back), ==, 0);
    g_assert_cmpmem(back, 8, "labelled", 8);
    qcxl_stop(m);
    qcxl_store_remove(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/command/identify", test_identify);
    qtest_add_func("cxl/command/events-empty", test_events_empty);
    qtest_add_func("cxl/command/interrupt-policy", test_interrupt_policy);
    qtest_add_func("cxl/command/event-vectors", test_event_vectors);
    qtest_add_func("cxl/command/timestamp", test_timestamp);
    qtest_add_func("cxl/command/logs", test_logs);
    qtest_add_func("cxl/command/health", test_health);
    qtest_add_func("cxl/command/partition/cold", test_partition_cold);
    qtest_add_func("cxl/command/partition/immediate",
                   test_partition_immediate);
    qtest_add_func("cxl/command/partition/limits", test_partition_limits);
    qtest_add_func("cxl/command/lsa/round-trip", test_lsa);
    qtest_add_func("cxl/command/lsa/absent", test_lsa_absent);
    qtest_add_func("cxl/command/lsa/persistent", test_lsa_persistent);
    return g_test_run();
}
