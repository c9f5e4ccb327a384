/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleaves of memory in files, woven: the files are as if they had never
 * been, after a clean end and after a kill at any moment.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitops.h"
#include "weave_model.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SLOTS 256
#define FILLED (12 * 1024 * 1024)   /* bytes of each file that hold a pattern */

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

/* Shared with the process that is killed: a write begins, a write is done. */
typedef struct Journal {
    pid_t qemu;
    uint64_t begun[SLOTS], done[SLOTS];
} Journal;

static uint64_t pattern(unsigned device, uint64_t dpa)
{
    return (dpa + 1) * 0x9e3779b97f4a7c15ULL ^ device;
}

static uint64_t slot_hpa(const Region *r, unsigned slot)
{
    return r->base + FILLED * 2 + slot * 4096 * 3 + slot * 264 % 4096 / 8 * 8;
}

static void fill_files(unsigned devices)
{
    for (unsigned n = 0; n < devices; n++) {
        uint8_t *host = map_device(store, n);

        for (uint64_t at = 0; at < FILLED; at += 8) {
            stq_le_p(host + at, pattern(n, at));
        }
        unmap_device(host);
    }
}

/* Until it is killed */
static void G_NORETURN play(const QCXLTopology *t, Journal *journal)
{
    Region r;

    m = qcxl_start(t);
    r = region(1, 2, 256, 1);
    qatomic_set(&journal->qemu, qtest_pid(m->qts));
    for (uint64_t v = 1 + g_random_int();; v++) {
        program(&r);
        for (unsigned i = g_random_int_range(0, 60); i; i--, v++) {
            unsigned slot = g_random_int_range(0, SLOTS);

            qatomic_set(&journal->begun[slot], v);
            qcxl_write(m, slot_hpa(&r, slot), 8, v);
            qatomic_set(&journal->done[slot], v);
        }
        tear_down(&r);
    }
}

static void check_pattern(uint8_t *const *host)
{
    for (unsigned n = 0; n < 2; n++) {
        for (uint64_t at = 0; at < FILLED; at += 8) {
            g_assert_cmphex(ldq_le_p(host[n] + at), ==, pattern(n, at));
        }
    }
}

/* Each slot holds its last value, or one that was being written. */
static void check_journal(const Region *r, Journal *journal,
                          uint8_t *const *host)
{
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        uint64_t hpa = slot_hpa(r, slot);
        uint64_t word = ldq_le_p(host[device_at(r, hpa)] + dpa_at(r, hpa));

        if (word != journal->done[slot]) {
            g_assert_cmphex(word, ==, journal->begun[slot]);
        }
        journal->begun[slot] = journal->done[slot] = word;
    }
}

static bool kill_once(const QCXLTopology *t, Journal *journal)
{
    pid_t child = fork();
    unsigned left;

    g_assert_cmpint(child, >=, 0);
    if (!child) {
        play(t, journal);
    }
    while (!qatomic_read(&journal->qemu)) {
        g_usleep(1000);
        g_assert_cmpint(waitpid(child, NULL, WNOHANG), ==, 0);
    }
    g_usleep(g_random_int_range(0, 300000));
    kill(journal->qemu, SIGKILL);
    kill(child, SIGKILL);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    g_assert_cmpint(waitpid(journal->qemu, NULL, 0), ==, journal->qemu);
    journal->qemu = 0;
    left = woven_files(store);
    return left;
}

/* CXL_KILLS: how often, if not 30 times */
static void test_kills(void)
{
    const char *often = g_getenv("CXL_KILLS");
    unsigned kills = often ? atoi(often) : 30, woven = 0;
    Journal *journal = mmap(NULL, sizeof(*journal), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint8_t *host[2];
    QCXLTopology t;
    Region r;

    open_model();
    t = files(1, 2, store);
    fill_files(2);
    for (unsigned i = 0; i < kills; i++) {
        woven += kill_once(&t, journal);
        m = qcxl_start(&t);
        r = region(1, 2, 256, 1);
        g_assert_cmpuint(woven_files(store), ==, 0);
        qcxl_stop(m);
        host[0] = map_device(store, 0);
        host[1] = map_device(store, 1);
        check_pattern(host);
        check_journal(&r, journal, host);
        unmap_device(host[0]);
        unmap_device(host[1]);
    }
    g_test_message("%u kills, %u of them with woven files", kills, woven);
    g_assert_cmpuint(woven, >, 0);
    munmap(journal, sizeof(*journal));
    close_model();
}

int main(int argc, char **argv)
{
    /* Each batch waits for the disk, where there is one. */
    if (!g_getenv("TMPDIR") && !access("/dev/shm", W_OK)) {
        g_setenv("TMPDIR", "/dev/shm", true);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/weave-file/shapes", test_shapes);
    qtest_add_func("cxl/weave-file/kill", test_kill);
    qtest_add_func("cxl/weave-file/refusals", test_refusals);
    qtest_add_func("cxl/weave-file/save", test_save);
    qtest_add_func("cxl/weave-file/snapshot", test_snapshot);
    qtest_add_func("cxl/weave-file/kills", test_kills);
    return g_test_run();
}
