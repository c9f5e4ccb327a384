/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Background operations, on a clock that the test moves. */
#include "qemu/osdep.h"
#include "fake.h"
#include "hw/cxl/core/cci_bg.h"

#define SECOND 1000000000ULL

typedef struct Fixture {
    FakeClock clock;
    CXLBg bg;
    uint64_t duration;
    CXLRetCode result;
    unsigned finished, aborted, done;
    unsigned pieces;            /* of work that are left */
} Fixture;

static uint64_t duration(void *state)
{
    Fixture *f = state;

    return f->duration;
}

static CXLRetCode finish(void *state)
{
    Fixture *f = state;

    f->finished++;
    return f->result;
}

static void on_abort(void *state)
{
    Fixture *f = state;

    f->aborted++;
}

static void done(void *opaque)
{
    Fixture *f = opaque;

    f->done++;
}

static bool work(void *state)
{
    Fixture *f = state;

    return f->pieces <= 1 || !--f->pieces;
}

static const CXLBgOps worker = { duration, finish, on_abort, work };
static const CXLBgOps ops = { duration, finish, on_abort };
static const CXLBgOps stubborn = { duration, finish, NULL };

static void set_up(Fixture *f, gconstpointer data)
{
    CXLClock clock = fake_clock(&f->clock);

    f->clock = (FakeClock) { .now = 5 * SECOND, .deadline = UINT64_MAX };
    f->duration = 10 * SECOND;
    cxl_bg_init(&f->bg, &clock);
    f->bg.done = done;
    f->bg.done_opaque = f;
}

static void test_runs(Fixture *f, gconstpointer data)
{
    cxl_bg_start(&f->bg, &ops, f, 0x4400);
    g_assert_true(cxl_bg_running(&f->bg));
    g_assert_cmpuint(f->clock.deadline, ==, 15 * SECOND);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 0);
    f->clock.now = 10 * SECOND;
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 50);
    f->clock.now = 20 * SECOND;
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 99);
    g_assert_cmpuint(f->finished + f->done, ==, 0);
}

static void test_finishes(Fixture *f, gconstpointer data)
{
    f->result = CXL_RC_INTERNAL_ERROR;
    cxl_bg_start(&f->bg, &ops, f, 0x4400);
    f->clock.now = f->clock.deadline;
    cxl_bg_tick(&f->bg);
    g_assert_false(cxl_bg_running(&f->bg));
    g_assert_cmpuint(f->clock.deadline, ==, UINT64_MAX);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 100);
    g_assert_cmphex(f->bg.opcode, ==, 0x4400);
    g_assert_cmphex(f->bg.rc, ==, CXL_RC_INTERNAL_ERROR);
    cxl_bg_tick(&f->bg);
    g_assert_cmpuint(f->finished, ==, 1);
    g_assert_cmpuint(f->done, ==, 1);
    g_assert_cmpuint(f->aborted, ==, 0);
}

static void test_at_once(Fixture *f, gconstpointer data)
{
    f->duration = 0;
    cxl_bg_start(&f->bg, &ops, f, 0x0201);
    g_assert_false(cxl_bg_running(&f->bg));
    g_assert_cmpuint(f->clock.deadline, ==, UINT64_MAX);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 100);
    g_assert_cmphex(f->bg.opcode, ==, 0x0201);
    g_assert_cmpuint(f->done, ==, 1);
}

static void test_next_replaces(Fixture *f, gconstpointer data)
{
    f->duration = 0;
    f->result = CXL_RC_ABORTED;
    cxl_bg_start(&f->bg, &ops, f, 1);
    f->duration = SECOND;
    cxl_bg_start(&f->bg, &ops, f, 2);
    g_assert_cmphex(f->bg.opcode, ==, 2);
    g_assert_cmphex(f->bg.rc, ==, 0);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 0);
}

static void test_abort(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(cxl_bg_abort(&f->bg), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(f->done, ==, 0);
    cxl_bg_start(&f->bg, &ops, f, 0x4400);
    f->clock.now += SECOND;
    g_assert_cmphex(cxl_bg_abort(&f->bg), ==, CXL_RC_SUCCESS);
    g_assert_false(cxl_bg_running(&f->bg));
    g_assert_cmpuint(f->clock.deadline, ==, UINT64_MAX);
    g_assert_cmphex(f->bg.rc, ==, CXL_RC_ABORTED);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 10);
    g_assert_cmpuint(f->aborted, ==, 1);
    g_assert_cmpuint(f->done, ==, 1);
    g_assert_cmpuint(f->finished, ==, 0);
}

static void test_cannot_abort(Fixture *f, gconstpointer data)
{
    cxl_bg_start(&f->bg, &stubborn, f, 0x0600);
    g_assert_cmphex(cxl_bg_abort(&f->bg), ==, CXL_RC_ABORT_UNSUPPORTED);
    g_assert_true(cxl_bg_running(&f->bg));
    cxl_bg_reset(&f->bg);
    g_assert_false(cxl_bg_running(&f->bg));
}

static void test_reset(Fixture *f, gconstpointer data)
{
    cxl_bg_start(&f->bg, &ops, f, 0x4400);
    f->clock.now += SECOND;
    cxl_bg_reset(&f->bg);
    g_assert_false(cxl_bg_running(&f->bg));
    g_assert_cmpuint(f->clock.deadline, ==, UINT64_MAX);
    g_assert_cmpuint(f->aborted, ==, 1);
    g_assert_cmpuint(f->done + f->finished, ==, 0);
    g_assert_cmphex(f->bg.opcode, ==, 0);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 0);
    cxl_bg_reset(&f->bg);
    g_assert_cmpuint(f->aborted, ==, 1);
}

static void test_resume(Fixture *f, gconstpointer data)
{
    f->bg.started = 2 * SECOND;
    f->bg.duration = 6 * SECOND;
    cxl_bg_resume(&f->bg, &ops, f);
    g_assert_cmpuint(f->clock.deadline, ==, 8 * SECOND);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 50);
}

/* Saved state that nobody could have saved. */
static void test_resume_absurd(Fixture *f, gconstpointer data)
{
    f->bg.started = UINT64_MAX;
    f->bg.duration = UINT64_MAX;
    cxl_bg_resume(&f->bg, &ops, f);
    g_assert_cmpuint(f->clock.deadline, >, f->clock.now);
    g_assert_cmpuint(f->clock.deadline, <, UINT64_MAX);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 0);
    f->bg.started = 100 * SECOND;
    f->bg.duration = 10 * SECOND;
    cxl_bg_resume(&f->bg, &ops, f);
    g_assert_cmpuint(f->clock.deadline, ==, 15 * SECOND);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 0);
    f->bg.started = f->bg.duration = 0;
    cxl_bg_resume(&f->bg, &ops, f);
    g_assert_cmpuint(f->clock.deadline, <=, f->clock.now);
    cxl_bg_tick(&f->bg);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 100);
}

/* Pieces follow each other at once; the end waits for its time. */
static void test_work(Fixture *f, gconstpointer data)
{
    f->pieces = 3;
    cxl_bg_start(&f->bg, &worker, f, 0x4400);
    g_assert_cmpuint(f->pieces, ==, 2);
    g_assert_cmpuint(f->clock.deadline, <, 6 * SECOND);
    f->clock.now = f->clock.deadline;
    cxl_bg_tick(&f->bg);
    g_assert_cmpuint(f->pieces, ==, 1);
    f->clock.now = f->clock.deadline;
    cxl_bg_tick(&f->bg);
    g_assert_true(cxl_bg_running(&f->bg));
    g_assert_cmpuint(f->clock.deadline, ==, 15 * SECOND);
    f->clock.now = f->clock.deadline;
    cxl_bg_tick(&f->bg);
    g_assert_false(cxl_bg_running(&f->bg));
    g_assert_cmpuint(f->finished, ==, 1);
}

/* What is left when the time is over is done first, and all at once if none */
static void test_work_is_late(Fixture *f, gconstpointer data)
{
    f->pieces = 3;
    cxl_bg_start(&f->bg, &worker, f, 0x4400);
    f->clock.now += 10 * SECOND;
    cxl_bg_tick(&f->bg);
    g_assert_cmpuint(f->finished, ==, 0);
    g_assert_cmpuint(cxl_bg_percent(&f->bg), ==, 99);
    f->clock.now = f->clock.deadline;
    cxl_bg_tick(&f->bg);
    g_assert_cmpuint(f->finished, ==, 1);
    f->pieces = 5;
    f->duration = 0;
    cxl_bg_start(&f->bg, &worker, f, 0x4400);
    g_assert_false(cxl_bg_running(&f->bg));
    g_assert_cmpuint(f->pieces, ==, 1);
    g_assert_cmpuint(f->clock.deadline, ==, UINT64_MAX);
}

/* Loaded: work is taken up before the end is waited for. */
static void test_resume_work(Fixture *f, gconstpointer data)
{
    f->pieces = 2;
    f->bg.started = 2 * SECOND;
    f->bg.duration = 6 * SECOND;
    cxl_bg_resume(&f->bg, &worker, f);
    g_assert_cmpuint(f->clock.deadline, <, 6 * SECOND);
    f->clock.now = f->clock.deadline;
    cxl_bg_tick(&f->bg);
    g_assert_cmpuint(f->pieces, ==, 1);
}

#define ADD(name, func) \
    g_test_add("/cci_bg/" name, Fixture, NULL, set_up, func, NULL)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("runs", test_runs);
    ADD("finishes", test_finishes);
    ADD("at-once", test_at_once);
    ADD("next-replaces", test_next_replaces);
    ADD("abort", test_abort);
    ADD("cannot-abort", test_cannot_abort);
    ADD("reset", test_reset);
    ADD("resume", test_resume);
    ADD("resume-absurd", test_resume_absurd);
    ADD("work", test_work);
    ADD("work-is-late", test_work_is_late);
    ADD("resume-work", test_resume_work);
    return g_test_run();
}
