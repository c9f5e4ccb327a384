/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleaves of memory in files, woven: the files are as if they had never
 * been, after a clean end and after a kill at any moment.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "weave_model.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include <sys/mman.h>
#include <sys/wait.h>

static QCXLTopology files(unsigned bridges, unsigned ports, const char *where)
{
    QCXLTopology t = topology(bridges, ports);

    t.kinds = QCXL_PERSISTENT;
    t.lsa = 4096;
    t.ram = false;
    t.device = "weave=on";
    t.store = where;
    return t;
}

static char *woven_name(const char *where, unsigned n)
{
    return g_strdup_printf("%s/pm%u.woven", where, n);
}

static unsigned woven_files(const char *where)
{
    unsigned count = 0;

    for (unsigned n = 0; n < QCXL_MAX_DEVICES; n++) {
        g_autofree char *name = woven_name(where, n);

        count += !access(name, F_OK);
    }
    return count;
}

static uint8_t *map_device(const char *where, unsigned n)
{
    g_autofree char *name = g_strdup_printf("%s/pm%u", where, n);
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    void *host;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, QCXL_UNIT), ==, 0);
    host = mmap(NULL, QCXL_UNIT, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(host != MAP_FAILED);
    close(fd);
    return host;
}

static void unmap_device(void *host)
{
    munmap(host, QCXL_UNIT);
}

/* What the model knows of each device is in its file, at its DPA. */
static void check_files(const char *where, unsigned devices)
{
    GHashTableIter it;
    gpointer place, word;

    for (unsigned n = 0; n < devices; n++) {
        uint8_t *host = map_device(where, n);

        g_hash_table_iter_init(&it, model);
        while (g_hash_table_iter_next(&it, &place, &word)) {
            uint64_t at = *(uint64_t *)place;

            if (at >> 48 == n) {
                g_assert_cmphex(ldq_le_p(host + (at & MAKE_64BIT_MASK(0, 48))),
                                ==, *(uint64_t *)word);
            }
        }
        unmap_device(host);
    }
}

/* Where the mapping at @base says its bytes are, or NULL */
static char *file_of(uint64_t base)
{
    QDict *answer = qtest_qmp(m->qts, "{ 'execute': 'query-cxl-mappings' }");
    const QListEntry *entry;
    char *file = NULL;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, "return"), entry) {
        const QDict *map = qobject_to(QDict, entry->value);

        if ((uint64_t)qdict_get_int(map, "base") == base) {
            file = g_strdup(qdict_get_try_str(map, "file"));
        }
    }
    qobject_unref(answer);
    return file;
}

static void check_shape(unsigned bridges, unsigned ports, unsigned shift)
{
    g_autofree char *name = NULL, *said = NULL;
    QCXLTopology t;
    Region r;

    open_model();
    t = files(bridges, ports, store);
    t.window[0].granularity = 1 << shift;
    m = qcxl_start(&t);
    r = region(bridges, ports, 1 << shift, 1);
    program(&r);
    g_assert_cmpuint(woven_files(store), ==, bridges * ports);
    name = woven_name(store, 0);
    said = file_of(r.base);
    g_assert_cmpstr(said, ==, name);
    use(&r, 200);
    check(&r, "woven");
    tear_down(&r);
    g_assert_cmpuint(woven_files(store), ==, 0);
    check_files(store, bridges * ports);
    program(&r);
    check(&r, "woven");
    use(&r, 200);
    /* A clean end, and the next start */
    qcxl_stop(m);
    g_assert_cmpuint(woven_files(store), ==, 0);
    check_files(store, bridges * ports);
    m = qcxl_start(&t);
    program(&r);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

static void test_shapes(void)
{
    check_shape(1, 2, 8);
    check_shape(2, 2, 12);
    check_shape(3, 2, 9);
    check_shape(4, 4, 8);
}

/* SIGKILL; libqtest would take that for a failure, and is not told. */
static void kill_machine(void)
{
    pid_t pid = qtest_pid(m->qts);

    kill(pid, SIGKILL);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    m = NULL;
}

/* A kill leaves the bytes in the woven file; the next start puts them back. */
static void test_kill(void)
{
    QCXLTopology t;
    Region r;

    open_model();
    t = files(2, 2, store);
    m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    kill_machine();
    g_assert_cmpuint(woven_files(store), ==, 4);
    m = qcxl_start(&t);
    g_assert_cmpuint(woven_files(store), ==, 0);
    check_files(store, 4);
    program(&r);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

/* The end of a start that must fail, and what it says */
static void check_refused(const QCXLTopology *t, const char *where,
                          const char *words)
{
    g_autofree char *args = qcxl_arguments(t, where);
    g_autofree char *command =
        g_strdup_printf("%s -display none -S %s 2>&1",
                        g_getenv("QTEST_QEMU_BINARY"), args);
    g_autofree char *quoted = g_shell_quote(command);
    g_autofree char *shell = g_strdup_printf("timeout 60 sh -c %s", quoted);
    g_autofree char *said = NULL;
    int status;

    g_assert_true(g_spawn_command_line_sync(shell, &said, NULL, &status,
                                            NULL));
    g_assert_cmpint(status, !=, 0);
    if (!strstr(said, words)) {
        g_test_message("expected '%s' in: %s", words, said);
        g_test_fail();
    }
}

/* Wound woven file @n at @at. */
static void wound(unsigned n, off_t at)
{
    g_autofree char *name = woven_name(store, n);
    int fd = open(name, O_RDWR);
    uint8_t byte;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(pread(fd, &byte, 1, at), ==, 1);
    byte ^= 0x10;
    g_assert_cmpint(pwrite(fd, &byte, 1, at), ==, 1);
    close(fd);
}

static void test_refusals(void)
{
    QCXLTopology t, one;
    Region r;

    open_model();
    t = files(1, 2, store);
    m = qcxl_start(&t);
    r = region(1, 2, 256, 1);
    program(&r);
    use(&r, 100);
    check_refused(&t, store, "in use");
    kill_machine();
    one = t;
    one.ports = 1;
    check_refused(&one, store, "what belongs to it is not here: "
                               "'pm1'");
    wound(1, 8192 + 9);
    check_refused(&t, store, "another version");
    wound(1, 8192 + 9);
    wound(0, 8192 + 60);
    check_refused(&t, store, "damaged");
    wound(0, 8192 + 60);
    wound(0, 8192);
    check_refused(&t, store, "no woven file");
    wound(0, 8192);
    /* The older of the two marks is of no interest. */
    wound(0, 4096);
    wound(0, 0);
    check_refused(&t, store, "damaged");
    wound(0, 0);
    wound(0, 4096);
    g_assert_cmpuint(woven_files(store), ==, 2);
    m = qcxl_start(&t);
    check_files(store, 2);
    qcxl_stop(m);
    close_model();
}

/* What is saved is not woven, and is loaded into one that is. */
static void test_save(void)
{
    QCXLTopology t, to;
    QCXLMachine *from;
    Region r;

    open_model();
    t = files(1, 2, store);
    m = from = qcxl_start(&t);
    r = region(1, 2, 256, 1);
    program(&r);
    use(&r, 200);
    qcxl_save(m, state);
    g_assert_cmpuint(woven_files(store), ==, 0);
    check_files(store, 2);
    to = t;
    to.more = "-incoming defer";
    m = qcxl_launch(&to);
    qcxl_adopt(m, from);
    g_assert_true(qcxl_load(m, state));
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
    check(&r, "woven");
    use(&r, 100);
    check(&r, "woven");
    qcxl_stop(from);
    qcxl_stop(m);
    check_files(store, 2);
    close_model();
}

static void test_snapshot(void)
{
    g_autofree char *image = NULL;
    QCXLTopology t;
    Region r;

    open_model();
    image = g_strdup_printf("%s/image", store);
    t = files(1, 2, store);
    m = qcxl_start(&t);
    qcxl_add_image(m, image);
    r = region(1, 2, 256, 1);
    program(&r);
    use(&r, 200);
    qcxl_snapshot(m, "snapshot-save");
    check(&r, "woven");
    for (unsigned i = 0; i < PAGES; i++) {
        qtest_memset(m->qts, r.base + r.page[i], 0x5a, PAGE);
    }
    qcxl_snapshot(m, "snapshot-load");
    check(&r, "woven");
    qcxl_stop(m);
    g_assert_cmpuint(woven_files(store), ==, 0);
    check_files(store, 2);
    close_model();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/weave-file/shapes", test_shapes);
    qtest_add_func("cxl/weave-file/kill", test_kill);
    qtest_add_func("cxl/weave-file/refusals", test_refusals);
    qtest_add_func("cxl/weave-file/save", test_save);
    qtest_add_func("cxl/weave-file/snapshot", test_snapshot);
    return g_test_run();
}
