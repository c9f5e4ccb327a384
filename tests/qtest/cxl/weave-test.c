/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Woven interleaves against the model, in one machine: bytes are found again
 * whatever decodes them next, after a reset and after an unplug.
 */
#include "qemu/osdep.h"
#include "weave_model.h"

/* Commit, use, let go; then the same memory cut up in other ways */
static void run_shapes(unsigned bridges, unsigned ports, const char *device)
{
    const char *kind = device ? "trapped" : "woven";
    QCXLTopology t = topology(bridges, ports);

    open_model();
    t.device = device;
    m = qcxl_start(&t);
    for (unsigned p = ports; p; p /= 2) {
        for (unsigned i = 0; i < 3; i++) {
            Region r = region(bridges, p, bridges == 1 ? 256 << i : 256, i);

            if (ways(&r) == 1) {
                continue;
            }
            program(&r);
            check(&r, kind);
            use(&r, 300);
            check(&r, kind);
            tear_down(&r);
            g_assert_cmphex(qcxl_read(m, r.base, 8), ==, UINT64_MAX);
            check_devices(&r);
        }
    }
    qcxl_stop(m);
    close_model();
}

static void test_shapes(void)
{
    run_shapes(1, 8, NULL);
    run_shapes(2, 8, NULL);
    run_shapes(3, 4, NULL);
}

static void test_off(void)
{
    run_shapes(2, 2, "weave=off");
}

static void check_reason(const QCXLTopology *t, const char *words)
{
    Region r;

    m = qcxl_start(t);
    r = region(1, 2, 256, 0);
    program(&r);
    g_assert_true(words ? qcxl_trapped(m, r.base, words)
                        : qcxl_mapped(m, r.base, "woven"));
    qcxl_stop(m);
}

/* Why it is slow, and what to do about it */
static void test_reasons(void)
{
    QCXLTopology t = topology(1, 2);

    open_model();
    t.store = store;                    /* a woven file needs its directory */
    t.kinds = QCXL_PERSISTENT;
    t.lsa = 4096;
    check_reason(&t, NULL);
    t.device = "weave=off";
    check_reason(&t, "weave=off");
    t.ram = false;
    t.device = "weave=on";
    check_reason(&t, NULL);
    t.device = NULL;
    check_reason(&t, "mem0: backend is shared (weave=on allows it)");
    t.device = "weave=on";
    t.kinds = QCXL_VOLATILE;
    check_reason(&t, NULL);
    t.device = NULL;
    check_reason(&t, "mem0: backend is shared (weave=on allows it)");
    close_model();
}

/* One device stops answering: the others' bytes are there, and go on. */
static void test_partial(void)
{
    QCXLTopology t = topology(2, 2);
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    qcxl_mem_enable(&m->device[3], false);
    g_assert_true(qcxl_mapped(m, r.base, "trapped"));
    for (unsigned i = 0; i < PAGES; i++) {
        check_page(&r, r.base + r.page[i], 3);
    }
    for (uint64_t hpa = r.base; hpa < r.base + PAGE; hpa += 8) {
        qcxl_write(m, hpa, 8, hpa);
        if (device_at(&r, hpa) != 3) {
            model_write(device_at(&r, hpa), dpa_at(&r, hpa), hpa);
        }
    }
    qcxl_mem_enable(&m->device[3], true);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

/* A range that comes or goes leaves its neighbour as it is. */
static void test_two_ranges(void)
{
    QCXLTopology t = topology(1, 4);
    Region r, other;

    open_model();
    m = qcxl_start(&t);
    r = region(1, 2, 256, 0);
    program(&r);
    use(&r, 300);
    other = region(1, 2, 1024, 2);
    for (unsigned n = 2; n < 4; n++) {
        QCXLDecoder decoder = { .base = other.base, .size = other.size,
                                .ways = 2, .granularity = 1024 };

        commit(m->device[n].fn.component, &decoder);
        qcxl_mem_enable(&m->device[n], true);
        decoder.target[0] = m->bridge[0].port[2].number;
        decoder.target[1] = m->bridge[0].port[3].number;
        if (n == 3) {
            g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m,
                            m->bridge[0].component), 1, &decoder) &
                            QCXL_HDM_COMMITTED, !=, 0);
        }
    }
    g_assert_true(qcxl_mapped(m, other.base, "woven"));
    qcxl_write(m, other.base + 1024, 8, 77);
    check(&r, "woven");
    qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 1);
    check(&r, "woven");
    use(&r, 100);
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void test_reset(void)
{
    QCXLTopology t = topology(2, 2);
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(2, 2, 256, 0);
    program(&r);
    use(&r, 300);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_read(m, r.base, 8), ==, UINT64_MAX);
    check_devices(&r);
    program(&r);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

static void unplug(unsigned port, const char *id)
{
    const QCXLFunction *fn = &m->bridge[0].port[port].fn;

    qtest_qmp_device_del_send(m->qts, id);
    /* Indicator and power off, as the guest's driver does it */
    qcxl_config_write(fn, qcxl_find_cap(fn, 0x10) + 0x18, 2, 0x700);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
}

/* A member goes: its backend has its bytes, and so have the others. */
static void test_unplug(void)
{
    QCXLTopology t = topology(1, 2);
    const QCXLFunction *port;
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(1, 2, 512, 0);
    program(&r);
    use(&r, 300);
    unplug(1, "mem1");
    g_assert_true(qcxl_mapped(m, r.base, "trapped"));
    for (unsigned i = 0; i < PAGES; i++) {
        check_page(&r, r.base + r.page[i], 1);
    }
    uncommit(m->bridge[0].component);
    uncommit(m->device[0].fn.component);
    qtest_qmp_device_add(m->qts, "cxl-type3", "again", "{ 'bus': 'rp1',"
                         "'volatile-memdev': 'vm1' }");
    port = &m->bridge[0].port[1].fn;
    qcxl_config_write(port, qcxl_find_cap(port, 0x10) + 0x18, 2, 0x100);
    qcxl_enumerate(m);
    check_devices(&r);
    program(&r);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

/*
 * KiB of the host's memory behind the backends and the window's block: all of
 * QEMU's mappings of their sizes.  QEMU itself takes and gives back some too.
 */
static uint64_t resident(void)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/smaps",
                                            (int)qtest_pid(m->qts));
    uint64_t size = 0, sum = 0;
    g_auto(GStrv) lines = NULL;
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        if (g_str_has_prefix(lines[i], "Size:")) {
            size = g_ascii_strtoull(lines[i] + 5, NULL, 10) * 1024;
        } else if (g_str_has_prefix(lines[i], "Rss:") &&
                   size >= QCXL_UNIT && size <= 1024 * QCXL_UNIT) {
            sum += g_ascii_strtoull(lines[i] + 4, NULL, 10);
        }
    }
    return sum;
}

static void check_resident(uint64_t expected)
{
    uint64_t now = resident();

    g_test_message("resident: %" PRIu64 " KiB, expected %" PRIu64, now,
                   expected);
    g_assert_cmpuint(now, <=, expected + 1024);
    g_assert_cmpuint(expected, <=, now + 1024);
}

/*
 * A word in every page of @size bytes, and of the devices behind them (4 ways
 * at 256 bytes).  A longer write would leave its buffers with a sanitizer.
 */
static void touch(uint64_t hpa, uint64_t size)
{
    for (uint64_t page = 0; page < size; page += 4096) {
        for (unsigned way = 0; way < 4; way++) {
            qcxl_write(m, hpa + page + way * 256, 8, page + way * 256);
        }
    }
}

/* Memory costs what the guest has written, wherever it is. */
static void test_sparse(void)
{
    const uint64_t data = 32 * 1024;        /* KiB */
    QCXLTopology t = topology(2, 2);
    uint64_t before;
    Region r;

    t.size = 16 * QCXL_UNIT;
    t.window[0].size = 64 * QCXL_UNIT;
    m = qcxl_start(&t);
    before = resident();
    r = region(2, 2, 256, 0);
    r.size = 64 * QCXL_UNIT;
    program(&r);
    g_assert_true(qcxl_mapped(m, r.base, "woven"));
    check_resident(before);
    touch(r.base + r.size / 2, data * 1024);
    check_resident(before + data);
    tear_down(&r);
    check_resident(before + data);
    program(&r);
    check_resident(before + data);
    g_assert_cmphex(qcxl_read(m, r.base + r.size / 2 + 512, 8), ==, 512);
    qcxl_stop(m);
}

/* All that QEMU has in RAM, in KiB */
static uint64_t all_resident(void)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status",
                                            (int)qtest_pid(m->qts));
    g_autofree char *text = NULL;
    const char *value;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    value = strstr(text, "VmRSS:");
    g_assert_nonnull(value);
    return g_ascii_strtoull(value + strlen("VmRSS:"), NULL, 10);
}

/* What is woven and empty costs next to nothing, however large it is. */
static void test_large(void)
{
    const uint64_t limit = 64 * 1024;       /* KiB */
    QCXLTopology t = topology(2, 2);
    uint64_t before, committed;
    Region r;

    t.size = 64 * QCXL_UNIT;
    t.window[0].size = 256 * QCXL_UNIT;
    m = qcxl_start(&t);
    before = all_resident();
    r = region(2, 2, 256, 0);
    r.size = 256 * QCXL_UNIT;
    program(&r);
    g_assert_true(qcxl_mapped(m, r.base, "woven"));
    committed = all_resident();
    g_test_message("resident: %" PRIu64 " KiB, then %" PRIu64, before,
                   committed);
    g_assert_cmpuint(committed, <=, before + limit);
    tear_down(&r);
    g_assert_cmpuint(all_resident(), <=, before + limit);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/weave/shapes", test_shapes);
    qtest_add_func("cxl/weave/off", test_off);
    qtest_add_func("cxl/weave/reasons", test_reasons);
    qtest_add_func("cxl/weave/partial", test_partial);
    qtest_add_func("cxl/weave/two-ranges", test_two_ranges);
    qtest_add_func("cxl/weave/reset", test_reset);
    qtest_add_func("cxl/weave/unplug", test_unplug);
    qtest_add_func("cxl/weave/sparse", test_sparse);
    qtest_add_func("cxl/weave/large", test_large);
    return g_test_run();
}
