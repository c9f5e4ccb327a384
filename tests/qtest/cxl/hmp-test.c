/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The human monitor's "info cxl". */
#include "qemu/osdep.h"
#include "weave_model.h"

/* With lines that end as in C */
static char *info(void)
{
    g_autofree char *text = qtest_hmp(m->qts, "info cxl");
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);

    return g_strjoinv("\n", lines);
}

static void expect(const char *words)
{
    g_autofree char *text = info();

    if (!strstr(text, words)) {
        g_error("'%s' is not in:\n%s", words, text);
    }
}

static void expect_mapping(const Region *r, const char *words)
{
    g_autofree char *line = g_strdup_printf("  0x%" PRIx64 " + 512 MiB %s\n",
                                            r->base, words);

    expect(line);
}

static void start(const char *device)
{
    QCXLTopology t = topology(2, 2);

    t.device = device;
    t.kinds = QCXL_VOLATILE;
    m = qcxl_start(&t);
}

static void test_windows(void)
{
    g_autofree char *line = NULL;
    g_autofree char *text = NULL;

    start(NULL);
    line = g_strdup_printf("window 0: 0x%" PRIx64 " + 3 GiB to cxl0 cxl1, "
                           "modulo, 256 bytes each\n", m->window[0].base);
    text = info();
    g_assert_true(g_str_has_prefix(text, line));
    g_assert_null(strstr(text, "woven"));
    qcxl_stop(m);
}

static void test_mappings(void)
{
    Region r;

    start(NULL);
    r = region(2, 1, 256, 0);
    program(&r);
    expect_mapping(&r, "woven: mem0 mem2");
    tear_down(&r);
    qcxl_stop(m);
    start("weave=off");
    program(&r);
    expect_mapping(&r, "trapped: mem0 mem2 (mem0: weave=off)");
    qcxl_stop(m);
}

static void test_file(void)
{
    QCXLTopology t = topology(2, 2);
    g_autofree char *words = NULL;
    Region r;

    open_model();
    t.ram = false;
    t.store = store;
    t.device = "weave=on";
    m = qcxl_start(&t);
    r = region(2, 1, 256, 0);
    program(&r);
    words = g_strdup_printf("woven: mem0 mem2 in %s/", store);
    expect(words);
    tear_down(&r);
    qcxl_stop(m);
    close_model();
}

static void test_devices(void)
{
    Region r;

    start(NULL);
    expect("device mem3: 256 MiB volatile, 0 B persistent, in rp3, ");
    expect("decoders committed: 0, memory does not answer\n");
    r = region(2, 1, 256, 0);
    program(&r);
    expect("decoders committed: 1\n");
    qcxl_stop(m);
}

static void test_no_cxl(void)
{
    QTestState *qts = qtest_init("-M none");
    g_autofree char *text = qtest_hmp(qts, "info cxl");

    g_assert_true(g_str_has_prefix(text, "no CXL windows or devices"));
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/hmp/windows", test_windows);
    qtest_add_func("cxl/hmp/mappings", test_mappings);
    qtest_add_func("cxl/hmp/file", test_file);
    qtest_add_func("cxl/hmp/devices", test_devices);
    qtest_add_func("cxl/hmp/no-cxl", test_no_cxl);
    return g_test_run();
}
