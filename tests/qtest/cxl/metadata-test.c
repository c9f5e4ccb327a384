/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device remembers: over a killed QEMU, in a damaged, foreign or other
 * device's area, over migration and hot-plug.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define AREA (128 * 1024)
#define COPY (AREA / 2)
#define PARTITIONS "partition-alignment=256M"

static char *store, *area;
static QCXLMachine *m;
static QCXLDevice *dev;

static void open_store(void)
{
    store = qcxl_store_new();
    area = g_strdup_printf("%s/md0", store);
}

static void close_store(void)
{
    g_free(area);
    qcxl_store_remove(store);
}

static QCXLTopology topology(const char *device)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 1, .kinds = QCXL_PERSISTENT, .lsa = 4096,
        .size = 2 * QCXL_UNIT, .metadata = AREA, .store = store,
        .device = device,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static void start_with(const QCXLTopology *t)
{
    m = qcxl_start(t);
    dev = &m->device[0];
}

static void start(void)
{
    QCXLTopology t = topology(PARTITIONS);

    start_with(&t);
}

/* Killed, and started again with the same files */
static void start_again(void)
{
    qcxl_kill(m);
    start();
}

static void set_partition(uint64_t units, bool immediate)
{
    uint8_t in[9] = { units, [8] = immediate };

    g_assert_cmphex(qcxl_command(dev, 0x4101, in, sizeof(in), NULL, NULL),
                    ==, 0);
}

/* Of the volatile partition; in units */
static void check_partition(uint64_t active, uint64_t next)
{
    uint64_t out[4];
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x4100, NULL, 0, out, &len), ==, 0);
    g_assert_cmpuint(ldq_le_p(out), ==, active);
    g_assert_cmpuint(ldq_le_p(out + 1), ==, 2 - active);
    g_assert_cmpuint(ldq_le_p(out + 2), ==, next);
}

/* QEMU's output, when it does not start with the files as they are */
static void check_refused(const QCXLTopology *t, const char *words)
{
    g_autofree char *args = qcxl_arguments(t, store);
    g_autofree char *command = g_strdup_printf(
        "echo quit | timeout 60 %s -accel qtest -display none -nodefaults "
        "-monitor stdio %s 2>&1", getenv("QTEST_QEMU_BINARY"), args);
    const char *argv[] = { "/bin/sh", "-c", command, NULL };
    g_autofree char *output = NULL, *before = NULL, *after = NULL;
    int status;
    gsize len;

    g_assert_true(g_file_get_contents(area, &before, &len, NULL));
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT,
                               NULL, NULL, &output, NULL, &status, NULL));
    g_test_message("%s", output);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 1);
    g_assert_nonnull(strstr(output, "metadata-memdev='md0'"));
    g_assert_nonnull(strstr(output, words));
    g_assert_true(g_file_get_contents(area, &after, &len, NULL));
    g_assert_cmpmem(before, len, after, len);
}

static void flip(unsigned at)
{
    g_autofree char *bytes = NULL;
    gsize len;

    g_assert_true(g_file_get_contents(area, &bytes, &len, NULL));
    bytes[at] ^= 1;
    g_assert_true(g_file_set_contents(area, bytes, len, NULL));
}

static char *read_area(void)
{
    char *bytes;
    gsize len;

    g_assert_true(g_file_get_contents(area, &bytes, &len, NULL));
    g_assert_cmpuint(len, ==, AREA);
    return bytes;
}

static bool area_is_blank(void)
{
    g_autofree char *bytes = read_area(), *zeroes = g_malloc0(AREA);

    return !memcmp(bytes, zeroes, AREA);
}

static void test_pending(void)
{
    open_store();
    start();
    check_partition(0, 0);
    g_assert_true(area_is_blank());
    set_partition(1, false);
    check_partition(0, 1);
    start_again();
    check_partition(1, 0);
    start_again();
    check_partition(1, 0);
    set_partition(0, false);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_partition(0, 0);
    start_again();
    check_partition(0, 0);
    qcxl_stop(m);
    close_store();
}

/* What describes the memory follows the boundary; the labels do not move. */
static void test_immediate(void)
{
    g_autoptr(GByteArray) before = NULL, after = NULL;
    char label[8] = { 0 };
    size_t len = sizeof(label);

    open_store();
    start();
    g_assert_cmphex(qcxl_command(dev, 0x4103, "\0\0\0\0\0\0\0\0label", 13,
                                 NULL, NULL), ==, 0);
    set_partition(1, true);
    before = qcxl_cdat(&dev->fn);
    start_again();
    check_partition(1, 0);
    after = qcxl_cdat(&dev->fn);
    /* All but its header: that has a number that counts changes */
    g_assert_cmpmem(before->data + 16, before->len - 16, after->data + 16,
                    after->len - 16);
    g_assert_cmphex(qcxl_command(dev, 0x4102, "\0\0\0\0\10\0\0\0", 8, label,
                                 &len), ==, 0);
    g_assert_cmpstr(label, ==, "label");
    qcxl_stop(m);
    close_store();
}

static void test_without(void)
{
    QCXLTopology t;

    open_store();
    t = topology(PARTITIONS);
    t.metadata = 0;
    start_with(&t);
    set_partition(1, true);
    qcxl_kill(m);
    start_with(&t);
    check_partition(0, 0);
    qcxl_stop(m);
    close_store();
}

static void test_torn(void)
{
    QCXLTopology t;

    open_store();
    t = topology(PARTITIONS);
    start();
    set_partition(1, true);         /* both copies */
    set_partition(0, true);         /* the first */
    qcxl_kill(m);
    flip(60);
    start();
    check_partition(1, 0);
    set_partition(2, true);         /* in place of what is torn */
    start_again();
    check_partition(2, 0);
    qcxl_kill(m);
    flip(60);
    flip(COPY + 60);
    check_refused(&t, "is damaged");
    close_store();
}

static void test_foreign(void)
{
    g_autofree char *bytes = g_malloc0(AREA);
    QCXLTopology t;

    open_store();
    t = topology(PARTITIONS);
    bytes[AREA - 1] = 1;
    g_assert_true(g_file_set_contents(area, bytes, AREA, NULL));
    check_refused(&t, "something else");
    close_store();
}

static void test_other_device(void)
{
    g_autofree char *memory = NULL;
    QCXLTopology t;

    open_store();
    memory = g_strdup_printf("%s/pm0", store);
    start();
    set_partition(1, true);
    qcxl_kill(m);
    t = topology(NULL);             /* its boundary cannot move */
    check_refused(&t, "another device's: the memory's size");
    t = topology(PARTITIONS);
    t.size = 3 * QCXL_UNIT;
    g_assert_cmpint(truncate(memory, t.size), ==, 0);
    check_refused(&t, "another device's: the memory's size");
    close_store();
}

static void check_unplugged(bool plug)
{
    if (plug) {
        qtest_qmp_assert_success(m->qts, "{ 'execute': 'device_add',"
            "'arguments': { 'driver': 'cxl-type3', 'id': 'mem0',"
            "'bus': 'rp0', 'persistent-memdev': 'pm0', 'lsa': 'lsa0',"
            "'metadata-memdev': 'md0', 'partition-alignment': 268435456 } }");
        qcxl_enumerate(m);
        return;
    }
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-surprise-remove',"
                             "'arguments': { 'path': 'mem0' } }");
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
}

static void test_hotplug(void)
{
    open_store();
    start();
    set_partition(1, true);
    check_unplugged(false);
    check_unplugged(true);
    check_partition(1, 0);
    qcxl_stop(m);
    close_store();
}

/*
 * To a machine with an area of its own, of an older state: the new one counts,
 * and is in the area once it changes.
 */
static void test_migrate(void)
{
    g_autofree char *state = NULL, *there = qcxl_store_new();
    QCXLTopology t;
    QCXLMachine *from;

    open_store();
    state = g_strdup_printf("%s/state", store);
    t = topology(PARTITIONS);
    t.store = there;
    start_with(&t);
    set_partition(2, true);
    qcxl_stop(m);
    start();
    for (unsigned n = 0; n < 5; n++) {
        set_partition(1, false);
        set_partition(2, false);
    }
    qcxl_save(m, state);
    from = m;
    t.more = "-incoming defer";
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    check_partition(0, 2);
    set_partition(0, false);
    qcxl_kill(m);
    t.more = NULL;
    start_with(&t);
    check_partition(0, 0);
    qcxl_stop(m);
    /* What is left behind says what it said when it was. */
    m = from;
    dev = &m->device[0];
    start_again();
    check_partition(2, 0);
    qcxl_stop(m);
    close_store();
    qcxl_store_remove(g_steal_pointer(&there));
}

static void poison(uint64_t dpa)
{
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-inject-poison',"
        "'arguments': { 'path': 'mem0', 'start': %" PRIu64 ", 'length': 64 } }",
        dpa);
}

/* The flags and how many records there are; the first one is @first. */
static void check_poison(uint8_t flags, unsigned count, uint64_t first)
{
    uint64_t in[2] = { 0, cpu_to_le64(2 * QCXL_UNIT / 64) };
    uint8_t out[0x20 + 256 * 0x10] = { 0 };
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x4300, in, sizeof(in), out, &len), ==,
                    0);
    g_assert_cmphex(out[0], ==, flags);
    g_assert_cmpuint(lduw_le_p(out + 0xa), ==, count);
    g_assert_cmphex(ldq_le_p(out + 0x20), ==, first);
}

static void send_dpa(uint16_t opcode, uint64_t dpa, size_t len)
{
    uint64_t in[9] = { cpu_to_le64(dpa) };

    g_assert_cmphex(qcxl_command(dev, opcode, in, len, NULL, NULL), ==, 0);
}

/* What the media has lost stays lost; what was injected does not. */
static void test_poison(void)
{
    open_store();
    start();
    send_dpa(0x4301, 0x40, 8);
    poison(0x1000);
    poison(0x2000);
    check_poison(0, 3, 0x43);
    start_again();
    check_poison(0, 2, 0x1002);
    send_dpa(0x4302, 0x1000, 72);
    start_again();
    check_poison(0, 1, 0x2002);
    /* One more than the list holds */
    for (unsigned n = 0; n < 256; n++) {
        poison(0x10000 + n * 0x100);
    }
    check_poison(2, 256, 0x2002);
    start_again();
    check_poison(2, 256, 0x2002);
    /* Sanitize, which takes time */
    g_assert_cmphex(qcxl_command(dev, 0x4400, NULL, 0, NULL, NULL), ==, 1);
    do {
        qtest_clock_step(m->qts, 1000000000);
    } while ((qcxl_read(m, dev->mailbox + 0x18, 8) >> 16 & 0x7f) < 100);
    check_poison(0, 0, 0);
    start_again();
    check_poison(0, 0, 0);
    qcxl_stop(m);
    close_store();
}

/* Its reset, which moves a boundary, is not that of the machine in use. */
static void test_waiting(void)
{
    g_autofree char *before = NULL, *after = NULL;
    QCXLMachine *waiting;
    QCXLTopology t;

    open_store();
    start();
    set_partition(1, false);
    before = read_area();
    t = topology(PARTITIONS);
    t.more = "-incoming defer";
    waiting = qcxl_launch(&t);
    qcxl_stop(waiting);
    after = read_area();
    g_assert_true(!memcmp(before, after, AREA));
    qcxl_stop(m);
    close_store();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/metadata/pending", test_pending);
    qtest_add_func("cxl/metadata/immediate", test_immediate);
    qtest_add_func("cxl/metadata/without", test_without);
    qtest_add_func("cxl/metadata/torn", test_torn);
    qtest_add_func("cxl/metadata/foreign", test_foreign);
    qtest_add_func("cxl/metadata/other-device", test_other_device);
    qtest_add_func("cxl/metadata/hotplug", test_hotplug);
    qtest_add_func("cxl/metadata/migrate", test_migrate);
    qtest_add_func("cxl/metadata/poison", test_poison);
    qtest_add_func("cxl/metadata/waiting", test_waiting);
    return g_test_run();
}
