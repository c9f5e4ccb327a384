/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measure what it takes to commit and to uncommit an interleave, with no
 * guest in between.  tests/bench/run commit starts it.
 *
 *     commitbench WAYS MIB full|empty RUNS
 *
 * Prints the nanoseconds of each run's commit and uncommit, on lines of two,
 * then a line for each state of the machine: its name and QEMU's memory in
 * KiB, resident and by its share (Pss).
 */
#include "qemu/osdep.h"
#include "weave_model.h"

#define FILL_PIECE (16 * QCXL_MIB)
#define CONTROL 0x20                /* of decoder 0, from the capability */

static uint64_t field(const char *file, const char *name)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s",
                                            (int)qtest_pid(m->qts), file);
    g_autofree char *text = NULL;
    const char *value = NULL;

    if (g_file_get_contents(path, &text, NULL, NULL)) {
        value = strstr(text, name);
    }
    return value ? g_ascii_strtoull(value + strlen(name), NULL, 10) : 0;
}

static void print_memory(const char *state)
{
    printf("%s %" PRIu64 " %" PRIu64 "\n", state, field("status", "VmRSS:"),
           field("smaps_rollup", "\nPss:"));
}

/* Bytes that are not zero, in every page of every device */
static void fill(const Region *r)
{
    for (uint64_t at = 0; at < r->size; at += FILL_PIECE) {
        qtest_memset(m->qts, r->base + at, 0xa5, FILL_PIECE);
    }
}

static int64_t timed_write(uint64_t address, uint32_t value)
{
    int64_t begin = g_get_monotonic_time();

    qcxl_write(m, address, 4, value);
    return (g_get_monotonic_time() - begin) * 1000;
}

/* One write to the last bridge's decoder is what changes the routes. */
static void measure(const Region *r, bool full, unsigned runs)
{
    uint64_t control = qcxl_hdm(m, m->bridge[r->bridges - 1].component) +
                       CONTROL;
    uint32_t value = qcxl_read(m, control, 4) & ~QCXL_HDM_COMMITTED;
    int64_t commit_time, uncommit_time;

    print_memory("committed-empty");
    if (full) {
        fill(r);
        print_memory("full");
    }
    for (unsigned run = 0; run < runs; run++) {
        uncommit_time = timed_write(control, value & ~QCXL_HDM_COMMIT);
        if (run == 0) {
            print_memory("uncommitted");
        }
        commit_time = timed_write(control, value | QCXL_HDM_COMMIT);
        g_assert_cmphex(qcxl_read(m, control, 4) & QCXL_HDM_COMMITTED, !=, 0);
        printf("%" PRId64 " %" PRId64 "\n", commit_time, uncommit_time);
    }
    print_memory("committed-again");
}

int main(int argc, char **argv)
{
    QCXLTopology t;
    unsigned ways_wanted;
    Region r;

    if (argc != 5) {
        fprintf(stderr, "usage: commitbench WAYS MIB full|empty RUNS\n");
        return 2;
    }
    ways_wanted = g_ascii_strtoull(argv[1], NULL, 10);
    t = topology(2, MAX(ways_wanted / 2, 2));
    r = (Region) {
        .bridges = 2, .ports = ways_wanted / 2, .granularity = 256,
        .size = g_ascii_strtoull(argv[2], NULL, 10) * QCXL_MIB,
    };
    t.size = r.size / ways_wanted;
    t.window[0].size = r.size;
    t.backend = "reserve=off";          /* more than the host may have */
    m = qcxl_start(&t);
    r.base = m->window[0].base;
    print_memory("start");
    program(&r);
    measure(&r, !strcmp(argv[3], "full"), g_ascii_strtoull(argv[4], NULL, 10));
    tear_down(&r);
    print_memory("torn-down");
    qcxl_stop(m);
    return 0;
}
