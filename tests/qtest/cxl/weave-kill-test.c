/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine that is killed at any moment, again and again, while a guest
 * writes to a woven range of files, makes it and lets go of it: each write
 * that had an answer is there for the next one.
 *
 * CXL_TEST_KILLS=N or -m slow for more of it.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include "weave_model.h"

#define KILLS 40
#define KILLS_SLOW 200
#define TURNS 3                     /* of a life, to be killed in */
#define BULK 96                     /* pages that each making moves, more */

/* What the guest knows; it outlives the processes. */
typedef struct Journal {
    uint64_t word[PAGES][WORDS];    /* that had an answer */
    bool pending;                   /* one that may have had none: */
    unsigned page, index;
    uint64_t value;
    uint64_t sequence;
    unsigned during[4];             /* lives that ended there */
    unsigned now;
} Journal;

/* As they come, but that the first does not come again */
enum { STARTING, WRITING, LETTING_GO, MAKING };

static Journal *journal;
static int moments;                 /* a byte for each one reached */

static Region the_region(void)
{
    Region r = {
        .bridges = 1, .ports = 2, .granularity = 256,
        .base = m->window[0].base, .size = 2 * QCXL_UNIT,
    };

    for (unsigned i = 0; i < PAGES; i++) {
        r.page[i] = i * (r.size / PAGES / PAGE) * PAGE;
    }
    return r;
}

static void reach(unsigned what)
{
    journal->now = what;
    g_assert_cmpint(write(moments, "", 1), ==, 1);
}

/* What was under way may have come to be, or not; from now on it is known. */
static void settle(const Region *r)
{
    uint64_t there, *word = &journal->word[journal->page][journal->index];

    if (!journal->pending) {
        return;
    }
    there = qcxl_read(m, r->base + r->page[journal->page] +
                      journal->index * 8, 8);
    if (there == journal->value) {
        *word = there;
    }
    journal->pending = false;
}

static void check_journal(const Region *r)
{
    uint64_t buf[WORDS];

    g_assert_true(qcxl_mapped(m, r->base, "woven"));
    settle(r);
    for (unsigned i = 0; i < PAGES; i++) {
        qtest_bufread(m->qts, r->base + r->page[i], buf, PAGE);
        for (unsigned k = 0; k < WORDS; k++) {
            g_assert_cmphex(le64_to_cpu(buf[k]), ==, journal->word[i][k]);
        }
    }
}

static void write_some(const Region *r)
{
    for (unsigned n = 0; n < 40; n++) {
        journal->page = g_random_int_range(0, PAGES);
        journal->index = g_random_int_range(0, WORDS);
        journal->value = ++journal->sequence;
        journal->pending = true;
        qcxl_write(m, r->base + r->page[journal->page] + journal->index * 8,
                   8, journal->value);
        journal->word[journal->page][journal->index] = journal->value;
        journal->pending = false;
    }
}

/* Pages beside those of the journal, so that moving takes its time */
static void write_bulk(const Region *r)
{
    for (unsigned n = 0; n < BULK; n++) {
        uint64_t at = r->page[n % PAGES] + (1 + n / PAGES) * 64 * 1024 * 3;

        qcxl_write(m, r->base + at, 8, n + 1);
        qcxl_write(m, r->base + at + 256, 8, n + 1);
    }
}

static void live(const QCXLTopology *t)
{
    Region r;

    reach(STARTING);
    m = qcxl_start(t);
    r = the_region();
    program(&r);
    check_journal(&r);
    write_bulk(&r);
    for (;;) {
        reach(WRITING);
        write_some(&r);
        reach(LETTING_GO);
        tear_down(&r);
        reach(MAKING);
        program(&r);
        check_journal(&r);
    }
}

/* Both die at once: QEMU is killed when its parent is. */
static void kill_all(pid_t pid)
{
    g_autofree char *sock = g_strdup_printf("/tmp/qtest-%d.sock", (int)pid);
    g_autofree char *qmp = g_strdup_printf("/tmp/qtest-%d.qmp", (int)pid);

    kill(pid, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0) {
        /* We have adopted QEMU: it is gone when there is no child left. */
    }
    unlink(sock);
    unlink(qmp);
}

/* @moment: how many are reached before it dies, and a little more */
static void one_life(const QCXLTopology *t, unsigned moment)
{
    int ends[2];
    pid_t pid;
    char byte;

    g_assert_cmpint(pipe(ends), ==, 0);
    pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (!pid) {
        close(ends[0]);
        moments = ends[1];
        live(t);
    }
    close(ends[1]);
    for (unsigned n = 0; n <= moment; n++) {
        /* None: it has found something wrong, and said so. */
        g_assert_cmpint(read(ends[0], &byte, 1), ==, 1);
    }
    g_usleep(g_test_rand_int_range(0, moment ? 8000 : 400000));
    kill_all(pid);
    journal->during[journal->now]++;
    close(ends[0]);
}

/* While making half of the time: what is lost there is lost for good. */
static unsigned a_moment(void)
{
    static const unsigned within[] = { WRITING, LETTING_GO, MAKING, MAKING };

    return 3 * g_test_rand_int_range(0, TURNS) +
        within[g_test_rand_int_range(0, ARRAY_SIZE(within))];
}

static unsigned kills(void)
{
    const char *asked = getenv("CXL_TEST_KILLS");

    return asked ? atoi(asked) : g_test_slow() ? KILLS_SLOW : KILLS;
}

static void test_kills(void)
{
    QCXLTopology t = topology(1, 2);

    store = qcxl_store_new();
    t.kinds = QCXL_PERSISTENT;
    t.lsa = 4096;
    t.ram = false;
    t.store = store;
    t.device = "weave=on";
    journal = mmap(NULL, sizeof(*journal), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert_true(journal != MAP_FAILED);
    g_assert_cmpint(prctl(PR_SET_CHILD_SUBREAPER, 1), ==, 0);
    for (unsigned n = 0; n < kills(); n++) {
        one_life(&t, n % 5 ? a_moment() : STARTING);
    }
    /* The last one is asked about all of it. */
    one_life(&t, 1);
    g_test_message("killed while starting %u, writing %u, making %u, letting "
                   "go %u; %" PRIu64 " writes", journal->during[STARTING],
                   journal->during[WRITING], journal->during[MAKING],
                   journal->during[LETTING_GO], journal->sequence);
    munmap(journal, sizeof(*journal));
    qcxl_store_remove(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/weave-kill/kills", test_kills);
    return g_test_run();
}
