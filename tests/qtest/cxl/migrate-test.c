/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved and loaded, nothing that the guest sees has changed. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define GRANULARITY 1024
#define MOMENT 5000000000LL             /* of the virtual clock, in ns */
#define VECTOR_MAILBOX 1

static char *store;
static char *state_path;

static void open_store(void)
{
    store = qcxl_store_new();
    state_path = g_strdup_printf("%s/state", store);
}

static void close_store(void)
{
    g_free(state_path);
    qcxl_store_remove(store);
}

static QCXLTopology topology(void)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 2, .kinds = QCXL_PERSISTENT, .lsa = 4096,
        .ram = true,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static QCXLMachine *start(void)
{
    QCXLTopology t = topology();

    return qcxl_start(&t);
}

static QCXLMachine *start_waiting(void)
{
    QCXLTopology t = topology();

    t.more = "-incoming defer";
    return qcxl_launch(&t);
}

static void command(const QCXLDevice *dev, uint16_t opcode, const void *in,
                    size_t in_len)
{
    g_assert_cmphex(qcxl_command(dev, opcode, in, in_len, NULL, NULL), ==, 0);
}

static void commit_all(QCXLMachine *m)
{
    QCXLDecoder decoder = {
        .base = m->window[0].base + QCXL_UNIT, .size = 2 * QCXL_UNIT,
        .ways = 2, .granularity = GRANULARITY, .flags = QCXL_HDM_LOCK,
    };

    for (unsigned n = 0; n < 2; n++) {
        uint64_t hdm = qcxl_hdm(m, m->device[n].fn.component);

        g_assert_cmphex(qcxl_hdm_commit(m, hdm, 0, &decoder) &
                        QCXL_HDM_COMMITTED, !=, 0);
        qcxl_mem_enable(&m->device[n], true);
        decoder.target[n] = m->bridge[0].port[n].number;
    }
    decoder.target[0] = m->bridge[0].port[0].number;
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, m->bridge[0].component),
                                    0, &decoder) & QCXL_HDM_COMMITTED, !=, 0);
}

/* Something in every part: registers, DVSECs, DOE, mailbox, labels, memory */
static void use(QCXLMachine *m)
{
    static const uint8_t labels[] = "\5\0\0\0\0\0\0\0labelled";
    static const uint8_t policy[] = { 1, 2, 0, 1 };
    static const uint32_t object[] = { 0x00000001, 3, 0 };
    const QCXLDevice *dev = &m->device[0];
    const QCXLFunction *fn = &dev->fn, *port = &m->bridge[0].port[0].fn;
    unsigned doe = qcxl_find_ext_cap(fn, 0x2e);
    uint8_t now[8] = { 1, 2, 3, 4 };

    qtest_clock_set(m->qts, MOMENT);
    commit_all(m);
    for (unsigned i = 0; i < 8; i++) {
        qcxl_write(m, m->window[0].base + QCXL_UNIT + i * GRANULARITY, 8,
                   0x0101010101010101 * (i + 1));
    }
    command(dev, 0x4103, labels, sizeof(labels));
    command(dev, 0x0103, policy, sizeof(policy));
    command(dev, 0x0301, now, sizeof(now));
    qcxl_write(m, dev->mailbox + 4, 4, 2);
    qcxl_write(m, dev->mailbox + 0x20 + dev->payload - 8, 8, 0x1234567887654);
    qcxl_config_write(fn, qcxl_find_dvsec(fn, 0) + 0x20, 4, 0x5a5a5a5a);
    qcxl_config_write(fn, qcxl_find_dvsec(fn, 0) + 0x14, 2, 1);
    qcxl_config_write(port, qcxl_find_dvsec(port, 3) + 0xc, 2, 1);
    qcxl_config_write(port, qcxl_find_dvsec(port, 4) + 0xc, 2, 0x702);
    qcxl_write(m, qcxl_component_cap(m, fn->component, 2) + 4, 4, 0x11);
    for (unsigned i = 0; i < 3; i++) {
        qcxl_config_write(fn, doe + 0x10, 4, object[i]);
    }
    qcxl_config_write(fn, doe + 8, 4, 0x80000000);
    qcxl_config_write(fn, doe + 0x14, 4, 0);
    qcxl_msix_enable(fn);
}

static void dump_registers(QCXLMachine *m, uint64_t at, uint64_t length,
                           GByteArray *out)
{
    for (uint64_t i = 0; i < length; i += 8) {
        uint64_t value = cpu_to_le64(qcxl_read(m, at + i, 8));

        g_byte_array_append(out, (uint8_t *)&value, 8);
    }
}

static void dump_config(const QCXLFunction *fn, GByteArray *out)
{
    for (unsigned at = 0; at < 0x1000; at += 4) {
        uint32_t value = cpu_to_le32(qcxl_config_read(fn, at, 4));

        g_byte_array_append(out, (uint8_t *)&value, 4);
    }
}

/* All registers there are */
static GByteArray *dump(QCXLMachine *m)
{
    GByteArray *out = g_byte_array_new();

    dump_registers(m, m->bridge[0].component + 0x1000, 0x300, out);
    for (unsigned n = 0; n < m->devices; n++) {
        const QCXLDevice *dev = &m->device[n];

        dump_config(&dev->fn, out);
        dump_config(&m->bridge[0].port[n].fn, out);
        dump_registers(m, dev->fn.component + 0x1000, 0x300, out);
        dump_registers(m, m->bridge[0].port[n].fn.component + 0x1000, 0x200,
                       out);
        dump_registers(m, dev->registers, 0x200, out);
        dump_registers(m, dev->mailbox + 0x20 + dev->payload - 0x40, 0x40,
                       out);
    }
    return out;
}

static void check_commands(const QCXLDevice *dev)
{
    static const uint8_t get_lsa[] = { 5, 0, 0, 0, 8, 0, 0, 0 };
    uint8_t out[8];
    size_t out_len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x0300, NULL, 0, out, &out_len), ==, 0);
    g_assert_cmphex(ldq_le_p(out), ==, 0x04030201);
    out_len = sizeof(out);
    g_assert_cmphex(qcxl_command(dev, 0x0102, NULL, 0, out, &out_len), ==, 0);
    g_assert_cmphex(ldl_le_p(out), ==, 0x51000221);
    out_len = sizeof(out);
    g_assert_cmphex(qcxl_command(dev, 0x4102, get_lsa, 8, out, &out_len), ==,
                    0);
    g_assert_cmpmem(out, 8, "labelled", 8);
}

static void check_memory(QCXLMachine *m)
{
    uint64_t base = m->window[0].base + QCXL_UNIT;

    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmphex(qcxl_read(m, base + i * GRANULARITY, 8), ==,
                        0x0101010101010101 * (i + 1));
    }
    g_assert_cmphex(qcxl_read(m, base - 8, 8), ==, UINT64_MAX);
    qcxl_write(m, base + GRANULARITY, 8, 77);
    g_assert_cmpuint(qcxl_read(m, base + GRANULARITY, 8), ==, 77);
    qcxl_write(m, base + GRANULARITY, 8, 0x0202020202020202);
}

static void test_migrate(void)
{
    g_autoptr(GByteArray) before = NULL, after = NULL;
    QCXLMachine *from, *to;

    open_store();
    from = start();
    use(from);
    before = dump(from);
    qcxl_save(from, state_path);

    to = start_waiting();
    g_assert_true(qcxl_load(to, state_path));
    qcxl_adopt(to, from);
    qcxl_stop(from);
    qtest_clock_set(to->qts, MOMENT);
    after = dump(to);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
    check_memory(to);
    check_commands(&to->device[0]);
    g_assert_true(qcxl_msix_take(&to->device[0].fn, VECTOR_MAILBOX));
    /* What was locked is so still, */
    qcxl_hdm_uncommit(to, qcxl_hdm(to, to->bridge[0].component), 0);
    check_memory(to);
    /* and free after a reset. */
    qtest_system_reset(to->qts);
    qcxl_enumerate(to);
    g_assert_cmphex(qcxl_read(to, to->window[0].base + QCXL_UNIT, 8), ==,
                    UINT64_MAX);
    commit_all(to);
    check_memory(to);
    qcxl_stop(to);
    close_store();
}

/* A machine that was never touched, and one that waits after a reset */
static void test_migrate_idle(void)
{
    QCXLMachine *from, *to;

    open_store();
    from = start();
    qcxl_save(from, state_path);
    to = start_waiting();
    g_assert_true(qcxl_load(to, state_path));
    qcxl_stop(from);
    qcxl_enumerate(to);
    command(&to->device[0], 0x4000, NULL, 0);
    qcxl_stop(to);
    close_store();
}

static void start_partitioned(QCXLTopology *t)
{
    *t = topology();
    t->device = "partition-alignment=256M";
}

/* The table and its sequence number are those of the machine that was. */
static void test_migrate_partition(void)
{
    static const uint8_t all_volatile[] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };
    static const uint8_t all_persistent[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1 };
    g_autoptr(GByteArray) first = NULL, before = NULL, after = NULL;
    QCXLMachine *from, *to;
    QCXLTopology t;

    open_store();
    start_partitioned(&t);
    from = qcxl_start(&t);
    first = qcxl_cdat(&from->device[0].fn);
    command(&from->device[0], 0x4101, all_volatile, 9);
    command(&from->device[0], 0x4101, all_persistent, 9);
    command(&from->device[0], 0x4101, all_volatile, 9);
    before = qcxl_cdat(&from->device[0].fn);
    g_assert_cmpuint(ldl_le_p(before->data + 12), ==,
                     ldl_le_p(first->data + 12) + 3);
    qcxl_save(from, state_path);

    t.more = "-incoming defer";
    to = qcxl_launch(&t);
    g_assert_true(qcxl_load(to, state_path));
    qcxl_adopt(to, from);
    qcxl_stop(from);
    after = qcxl_cdat(&to->device[0].fn);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
    qcxl_stop(to);
    close_store();
}

/* Back to what was, in a machine that has since gone elsewhere */
static void test_snapshot(void)
{
    g_autoptr(GByteArray) before = NULL, after = NULL;
    QCXLMachine *m;

    open_store();
    m = start();
    qcxl_add_image(m, state_path);
    use(m);
    before = dump(m);
    qcxl_snapshot(m, "snapshot-save");

    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_read(m, m->window[0].base + QCXL_UNIT, 8), ==,
                    UINT64_MAX);
    command(&m->device[0], 0x4103, "\5\0\0\0\0\0\0\0otherwise", 16);

    qcxl_snapshot(m, "snapshot-load");
    qtest_clock_set(m->qts, MOMENT);
    after = dump(m);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
    check_memory(m);
    check_commands(&m->device[0]);
    qcxl_stop(m);
    close_store();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/migrate/in-use", test_migrate);
    qtest_add_func("cxl/migrate/idle", test_migrate_idle);
    qtest_add_func("cxl/migrate/partition", test_migrate_partition);
    qtest_add_func("cxl/migrate/snapshot", test_snapshot);
    return g_test_run();
}
