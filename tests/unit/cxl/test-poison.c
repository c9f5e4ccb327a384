/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The poison list, by examples and against a map of lines. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake.h"
#include "hw/cxl/core/event_types.h"
#include "hw/cxl/core/poison.h"

#define L ((uint64_t)CXL_POISON_LINE)
#define LINES 200               /* of the map */
#define TOTAL (512 * GiB)

typedef struct Fixture {
    FakeClock clock;
    FakeIrq irq;
    CXLEventLogs events;
    FakeMedia store;
    CXLTimestamp timestamp;
    CXLMediaState media;
    CXLPoisonList list;
    int map[LINES];             /* source, or -1 */
    unsigned told;              /* calls, the last of which with: */
    CXLPoisonRange last;
} Fixture;

static void init(Fixture *f, uint32_t max, uint16_t limit)
{
    CXLClock clock = fake_clock(&f->clock);
    CXLMedia store = fake_media(&f->store);

    f->store.size = TOTAL;
    cxl_timestamp_init(&f->timestamp, &clock);
    cxl_media_init(&f->media, &store, 0, 0, 0, TOTAL);
    cxl_poison_init(&f->list, max, limit, &f->media, &f->timestamp);
    memset(f->map, -1, sizeof(f->map));
}

static void set_up(Fixture *f, gconstpointer data)
{
    init(f, CXL_POISON_MAX, 0);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    g_assert_true(cxl_poison_valid(&f->list));
}

static void check_range(const Fixture *f, uint32_t n, uint64_t line,
                        uint64_t lines, CXLPoisonSource source)
{
    const CXLPoisonRange *range = &f->list.range[n];

    g_assert_cmpuint(n, <, f->list.count);
    g_assert_cmphex(range->dpa, ==, line * L);
    g_assert_cmphex(range->length, ==, lines * L);
    g_assert_cmpint(range->source, ==, source);
}

static void add(Fixture *f, uint64_t line, uint64_t lines,
                CXLPoisonSource source)
{
    cxl_poison_add(&f->list, line * L, lines * L, source);
}

static void test_merge(Fixture *f, gconstpointer data)
{
    add(f, 10, 2, CXL_POISON_INTERNAL);
    add(f, 14, 2, CXL_POISON_INTERNAL);
    g_assert_cmpuint(f->list.count, ==, 2);
    add(f, 12, 2, CXL_POISON_INTERNAL);
    g_assert_cmpuint(f->list.count, ==, 1);
    check_range(f, 0, 10, 6, CXL_POISON_INTERNAL);
    /* Another source stays apart, and leaves what was there. */
    add(f, 8, 10, CXL_POISON_EXTERNAL);
    g_assert_cmpuint(f->list.count, ==, 3);
    check_range(f, 0, 8, 2, CXL_POISON_EXTERNAL);
    check_range(f, 1, 10, 6, CXL_POISON_INTERNAL);
    check_range(f, 2, 16, 2, CXL_POISON_EXTERNAL);
    add(f, 7, 1, CXL_POISON_EXTERNAL);
    check_range(f, 0, 7, 3, CXL_POISON_EXTERNAL);
}

static void count_changes(void *opaque)
{
    ++*(unsigned *)opaque;
}

/* Told when other lines are poison, and only then */
static void test_changed(Fixture *f, gconstpointer data)
{
    unsigned changes = 0;

    f->list.changed = count_changes;
    f->list.changed_opaque = &changes;
    add(f, 10, 2, CXL_POISON_INTERNAL);
    g_assert_cmpuint(changes, ==, 1);
    g_assert_true(cxl_poison_inject(&f->list, 20 * L));
    g_assert_cmpuint(changes, ==, 2);
    g_assert_true(cxl_poison_inject(&f->list, 20 * L));
    cxl_poison_remove(&f->list, 12 * L, 8 * L);
    cxl_poison_reset(&f->list, CXL_RESET_HOT);
    g_assert_cmpuint(changes, ==, 2);
    cxl_poison_remove(&f->list, 10 * L, L);
    g_assert_cmpuint(changes, ==, 3);
    cxl_poison_reset(&f->list, CXL_RESET_COLD);
    g_assert_cmpuint(changes, ==, 4);
    cxl_poison_reset(&f->list, CXL_RESET_COLD);
    g_assert_cmpuint(changes, ==, 4);
    g_assert_cmpuint(f->list.count, ==, 1);
}

static void test_split(Fixture *f, gconstpointer data)
{
    add(f, 10, 10, CXL_POISON_VENDOR);
    cxl_poison_remove(&f->list, 14 * L, L);
    g_assert_cmpuint(f->list.count, ==, 2);
    check_range(f, 0, 10, 4, CXL_POISON_VENDOR);
    check_range(f, 1, 15, 5, CXL_POISON_VENDOR);
    cxl_poison_remove(&f->list, 9 * L, 2 * L);
    check_range(f, 0, 11, 3, CXL_POISON_VENDOR);
    cxl_poison_remove(&f->list, 19 * L, 9 * L);
    check_range(f, 1, 15, 4, CXL_POISON_VENDOR);
    cxl_poison_remove(&f->list, 0, 100 * L);
    g_assert_cmpuint(f->list.count, ==, 0);
}

/* More than a record can say becomes several records. */
static void test_long(Fixture *f, gconstpointer data)
{
    add(f, 0, TOTAL / L, CXL_POISON_INTERNAL);
    g_assert_cmpuint(f->list.count, ==, 3);
    check_range(f, 0, 0, UINT32_MAX, CXL_POISON_INTERNAL);
    check_range(f, 1, UINT32_MAX, UINT32_MAX, CXL_POISON_INTERNAL);
    check_range(f, 2, 2ULL * UINT32_MAX, 2, CXL_POISON_INTERNAL);
    /* What is between two long ones does not join them. */
    for (uint64_t line = UINT32_MAX - 1; line <= UINT32_MAX; line++) {
        cxl_poison_remove(&f->list, line * L, L);
        add(f, line, 1, CXL_POISON_INTERNAL);
        g_assert_cmpuint(f->list.count, ==, 3);
        check_range(f, 0, 0, UINT32_MAX, CXL_POISON_INTERNAL);
        check_range(f, 1, UINT32_MAX, UINT32_MAX, CXL_POISON_INTERNAL);
    }
}

static void test_find(Fixture *f, gconstpointer data)
{
    CXLPoisonRange found;

    add(f, 10, 4, CXL_POISON_UNKNOWN);
    add(f, 20, 4, CXL_POISON_INTERNAL);
    g_assert_false(cxl_poison_find(&f->list, 0, 10 * L, &found));
    g_assert_false(cxl_poison_find(&f->list, 14 * L, 20 * L, &found));
    g_assert_false(cxl_poison_find(&f->list, 24 * L, TOTAL, &found));
    g_assert_false(cxl_poison_find(&f->list, 11 * L, 11 * L, &found));
    g_assert_true(cxl_poison_find(&f->list, 12 * L, 22 * L, &found));
    g_assert_cmphex(found.dpa, ==, 12 * L);
    g_assert_cmphex(found.length, ==, 2 * L);
    g_assert_true(cxl_poison_find(&f->list, 14 * L, 22 * L, &found));
    g_assert_cmphex(found.dpa, ==, 20 * L);
    g_assert_cmphex(found.length, ==, 2 * L);
    g_assert_cmpint(found.source, ==, CXL_POISON_INTERNAL);
}

static void test_inject(Fixture *f, gconstpointer data)
{
    init(f, 4, 3);
    add(f, 5, 1, CXL_POISON_INTERNAL);
    for (unsigned line = 0; line < 3; line++) {
        g_assert_true(cxl_poison_inject(&f->list, line * L));
    }
    check_range(f, 0, 0, 3, CXL_POISON_INJECTED);
    /* The limit counts lines, and only those that are new. */
    g_assert_false(cxl_poison_inject(&f->list, 3 * L));
    g_assert_true(cxl_poison_inject(&f->list, 1 * L));
    g_assert_true(cxl_poison_inject(&f->list, 5 * L));
    g_assert_cmpuint(f->list.count, ==, 2);
    cxl_poison_remove(&f->list, 2 * L, L);
    g_assert_true(cxl_poison_inject(&f->list, 3 * L));
    g_assert_false(f->list.overflowed);
}

static void test_inject_full(Fixture *f, gconstpointer data)
{
    init(f, 2, 0);
    g_assert_true(cxl_poison_inject(&f->list, 0));
    g_assert_true(cxl_poison_inject(&f->list, 4 * L));
    g_assert_false(cxl_poison_inject(&f->list, 8 * L));
    /* It needs no record of its own. */
    g_assert_true(cxl_poison_inject(&f->list, 5 * L));
    g_assert_true(cxl_poison_inject(&f->list, 3 * L));
    check_range(f, 1, 3, 3, CXL_POISON_INJECTED);
    g_assert_false(f->list.overflowed);
}

static void test_overflow(Fixture *f, gconstpointer data)
{
    init(f, 2, 0);
    cxl_timestamp_set(&f->timestamp, 1000);
    add(f, 0, 10, CXL_POISON_INTERNAL);
    add(f, 20, 1, CXL_POISON_INTERNAL);
    g_assert_false(f->list.overflowed);
    f->clock.now = 5;
    add(f, 30, 1, CXL_POISON_INTERNAL);
    g_assert_true(f->list.overflowed);
    g_assert_cmpuint(f->list.overflow_time, ==, 1005);
    f->clock.now = 9;
    add(f, 40, 1, CXL_POISON_INTERNAL);
    g_assert_cmpuint(f->list.overflow_time, ==, 1005);
    g_assert_cmpuint(f->list.count, ==, 2);
}

static void test_overflow_by_split(Fixture *f, gconstpointer data)
{
    init(f, 1, 0);
    add(f, 0, 10, CXL_POISON_INTERNAL);
    cxl_poison_remove(&f->list, 4 * L, L);
    check_range(f, 0, 0, 4, CXL_POISON_INTERNAL);
    g_assert_true(f->list.overflowed);
}

/* What is injected goes with the power; the rest is the media's. */
static void test_reset(Fixture *f, gconstpointer data)
{
    static const CXLResetKind kept[] = { CXL_RESET_HOT, CXL_RESET_CXL };

    init(f, 8, 0);
    cxl_poison_inject(&f->list, 3 * L);
    add(f, 4, 2, CXL_POISON_INTERNAL);
    cxl_poison_inject(&f->list, 6 * L);
    for (unsigned i = 0; i < ARRAY_SIZE(kept); i++) {
        cxl_poison_read_to(&f->list, 0, 9 * L, 4 * L, true);
        cxl_poison_reset(&f->list, kept[i]);
        g_assert_cmpuint(f->list.count, ==, 3);
        g_assert_false(f->list.reading);
    }
    cxl_poison_reset(&f->list, CXL_RESET_COLD);
    g_assert_cmpuint(f->list.count, ==, 1);
    check_range(f, 0, 4, 2, CXL_POISON_INTERNAL);
}

static void test_reading(Fixture *f, gconstpointer data)
{
    cxl_poison_read_to(&f->list, L, 9 * L, 4 * L, true);
    g_assert_cmphex(cxl_poison_read_from(&f->list, L, 9 * L), ==, 4 * L);
    g_assert_cmphex(cxl_poison_read_from(&f->list, 0, 9 * L), ==, 0);
    g_assert_cmphex(cxl_poison_read_from(&f->list, L, 8 * L), ==, L);
    cxl_poison_read_to(&f->list, L, 9 * L, 10 * L, false);
    g_assert_cmphex(cxl_poison_read_from(&f->list, L, 9 * L), ==, L);
}

static void test_in_device(Fixture *f, gconstpointer data)
{
    g_assert_true(cxl_poison_in_device(&f->list, 0, TOTAL));
    g_assert_true(cxl_poison_in_device(&f->list, TOTAL - L, L));
    g_assert_false(cxl_poison_in_device(&f->list, TOTAL - L, 2 * L));
    g_assert_false(cxl_poison_in_device(&f->list, L, UINT64_MAX));
    g_assert_false(cxl_poison_in_device(&f->list, UINT64_MAX, 0));
}

/* Each way in which a loaded list can be wrong */
static void test_valid(void)
{
    static const struct { CXLPoisonRange range[2]; bool valid; } cases[] = {
        { { { 0, L, 3 }, { L, L, 2 } }, true },
        { { { 0, L, 7 }, { 3 * L, L, 0 } }, true },
        { { { 0, 2 * L, 2 }, { L, L, 2 } }, false },    /* overlap */
        { { { 4 * L, L, 2 }, { L, L, 2 } }, false },    /* order */
        { { { 0, 0, 2 }, { L, L, 2 } }, false },
        { { { 0, L, 4 }, { L, L, 2 } }, false },        /* source */
        { { { 0, L, -1 }, { L, L, 2 } }, false },
        { { { 1, L, 2 }, { 4 * L, L, 2 } }, false },    /* alignment */
        { { { 0, L + 1, 2 }, { 4 * L, L, 2 } }, false },
        { { { 0, L, 2 }, { TOTAL, L, 2 } }, false },
        { { { 0, L, 2 }, { L, TOTAL, 2 } }, false },
        { { { 0, L, 2 }, { L, TOTAL - L, 2 } }, false },    /* too long */
        { { { 0, L, 2 }, { L, -L, 2 } }, false },
        { { { 0, L, 2 }, { L, 3 * L, 3 } }, false },    /* over the limit */
    };
    Fixture f = { 0 };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        init(&f, 2, 2);
        f.list.count = 2;
        memcpy(f.list.range, cases[i].range, sizeof(cases[i].range));
        g_assert_true(cxl_poison_valid(&f.list) == cases[i].valid);
    }
    init(&f, 2, 2);
    f.list.count = 3;
    g_assert_false(cxl_poison_valid(&f.list));
}

static void test_valid_reading(void)
{
    static const struct { uint64_t dpa, length, next; bool valid; } cases[] = {
        { L, 4 * L, L, true }, { L, 4 * L, 5 * L, true },
        { L, 4 * L, 6 * L, false }, { L, 4 * L, 0, false },
        { TOTAL, L, TOTAL, false }, { 1, L, 1, false },
        { L, 4 * L, L + 1, false },
    };
    Fixture f = { 0 };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        init(&f, 2, 2);
        cxl_poison_read_to(&f.list, cases[i].dpa, cases[i].length,
                           cases[i].next, true);
        g_assert_true(cxl_poison_valid(&f.list) == cases[i].valid);
        f.list.reading = false;
        g_assert_true(cxl_poison_valid(&f.list));
    }
}

static void random_step(Fixture *f)
{
    static const CXLPoisonSource sources[] = {
        CXL_POISON_EXTERNAL, CXL_POISON_INTERNAL, CXL_POISON_VENDOR,
    };
    unsigned line = g_test_rand_int_range(0, LINES);
    unsigned lines = g_test_rand_int_range(0, MIN(20, LINES - line) + 1);
    CXLPoisonSource source = sources[g_test_rand_int_range(0, 3)];
    unsigned kind = g_test_rand_int_range(0, 4);

    if (kind == 3) {
        if (cxl_poison_inject(&f->list, line * L) && f->map[line] < 0) {
            f->map[line] = CXL_POISON_INJECTED;
        }
        return;
    }
    if (kind == 2) {
        cxl_poison_remove(&f->list, line * L, lines * L);
    } else {
        add(f, line, lines, source);
    }
    for (unsigned n = line; n < line + lines; n++) {
        f->map[n] = kind == 2 ? -1 : f->map[n] < 0 ? (int)source : f->map[n];
    }
}

/* Everything that is found between two lines, and nothing else */
static void check_lines(const Fixture *f, unsigned from, unsigned to)
{
    uint64_t dpa = from * L;
    CXLPoisonRange found;

    while (cxl_poison_find(&f->list, dpa, to * L, &found)) {
        unsigned first = found.dpa / L, last = first + found.length / L - 1;

        g_assert_cmpuint(last, <, to);
        for (; from < first; from++) {
            g_assert_true(f->list.overflowed || f->map[from] < 0);
        }
        for (; from <= last; from++) {
            /* What was dropped may have come again, from elsewhere. */
            g_assert_true(f->list.overflowed ? f->map[from] >= 0 :
                          f->map[from] == (int)found.source);
        }
        dpa = found.dpa + found.length;
    }
    for (; from < to; from++) {
        g_assert_true(f->list.overflowed || f->map[from] < 0);
    }
}

/* Records that touch differ in their source. */
static void check_canonical(const CXLPoisonList *list)
{
    for (uint32_t n = 1; n < list->count; n++) {
        const CXLPoisonRange *last = &list->range[n - 1];

        g_assert_true(last->dpa + last->length < list->range[n].dpa ||
                      last->source != list->range[n].source);
    }
}

static void run_random(uint32_t max, unsigned steps)
{
    Fixture f = { 0 };

    init(&f, max, 0);
    while (steps--) {
        unsigned from = g_test_rand_int_range(0, LINES);

        random_step(&f);
        g_assert_true(cxl_poison_valid(&f.list));
        check_canonical(&f.list);
        check_lines(&f, 0, LINES);
        check_lines(&f, from, g_test_rand_int_range(from, LINES + 1));
    }
    g_assert_true(f.list.overflowed == (max < LINES));
}

static void test_random(void)
{
    for (unsigned round = 0; round < 20; round++) {
        run_random(CXL_POISON_MAX, 2000);
        run_random(5, 500);
    }
}

static void note_told(CXLPoisonList *list, const CXLPoisonRange *range)
{
    Fixture *f = list->told_opaque;

    f->told++;
    f->last = *range;
}

static void check_told(const Fixture *f, unsigned told, uint64_t line,
                       uint64_t lines, CXLPoisonSource source)
{
    g_assert_cmpuint(f->told, ==, told);
    g_assert_cmphex(f->last.dpa, ==, line * L);
    g_assert_cmphex(f->last.length, ==, lines * L);
    g_assert_cmpint(f->last.source, ==, source);
}

static void events_init(Fixture *f)
{
    f->list.told = note_told;
    f->list.told_opaque = f;
    f->told = 0;
    static const uint8_t vectors[4];
    CXLIrq irq = fake_irq(&f->irq);

    cxl_evlog_init(&f->events, 4, 8, vectors, &f->timestamp, &irq);
    f->list.events = &f->events;
}

/* The @n-th record of a log; the volatile memory ends at line 100. */
static void check_event(const Fixture *f, CXLEventLogId log, uint32_t n,
                        uint64_t line, uint8_t transaction, uint8_t more)
{
    const CXLWireEventRecord *record = cxl_evlog_peek(&f->events, log, n);
    const CXLWireGeneralMediaEvent *event;

    g_assert_nonnull(record);
    g_assert_cmpuint(cxl_event_type_of(record->uuid), ==,
                     CXL_EVENT_GENERAL_MEDIA);
    event = (const void *)record->data;
    g_assert_cmphex(cxl_get64(event->address), ==, line * L | (line < 100));
    g_assert_cmphex(event->descriptor, ==, 1 | more);
    g_assert_cmphex(event->type, ==, 0);
    g_assert_cmphex(event->transaction, ==, transaction);
    g_assert_cmphex(cxl_get16(event->validity), ==, 0);
}

static unsigned recorded(const Fixture *f)
{
    return f->events.log[CXL_EVENT_LOG_INFO].count |
        f->events.log[CXL_EVENT_LOG_WARNING].count << 8 |
        f->events.log[CXL_EVENT_LOG_FAILURE].count << 16 |
        f->events.log[CXL_EVENT_LOG_FATAL].count << 24;
}

/* What was good before is reported, once. */
static void test_events(Fixture *f, gconstpointer data)
{
    init(f, 3, 2);
    events_init(f);
    f->media.volatile_size = 100 * L;
    g_assert_true(cxl_poison_inject(&f->list, 99 * L));
    check_event(f, CXL_EVENT_LOG_INFO, 0, 99, CXL_EVENT_BY_INJECT_POISON, 0);
    g_assert_true(cxl_poison_inject(&f->list, 99 * L));
    check_told(f, 1, 99, 1, CXL_POISON_INJECTED);
    add(f, 98, 4, CXL_POISON_INTERNAL);
    check_told(f, 2, 98, 4, CXL_POISON_INTERNAL);
    check_event(f, CXL_EVENT_LOG_FAILURE, 0, 98, CXL_EVENT_BY_MANAGEMENT, 0);
    add(f, 98, 4, CXL_POISON_INTERNAL);
    add(f, 99, 1, CXL_POISON_INTERNAL);
    g_assert_cmphex(recorded(f), ==, 0x10001);
    add(f, 97, 6, CXL_POISON_INTERNAL);
    check_event(f, CXL_EVENT_LOG_FAILURE, 1, 97, CXL_EVENT_BY_MANAGEMENT, 0);
    g_assert_false(cxl_poison_inject(&f->list, 150 * L));
    cxl_poison_remove(&f->list, 97 * L, L);
    g_assert_cmphex(recorded(f), ==, 0x20001);
    check_told(f, 3, 97, 6, CXL_POISON_INTERNAL);
    cxl_evlog_finish(&f->events);
}

/* An overflow is reported where it begins, and once. */
static void test_overflow_events(Fixture *f, gconstpointer data)
{
    init(f, 2, 0);
    events_init(f);
    f->media.volatile_size = 100 * L;
    add(f, 90, 2, CXL_POISON_INTERNAL);
    add(f, 94, 2, CXL_POISON_EXTERNAL);
    add(f, 93, 4, CXL_POISON_INTERNAL);
    check_event(f, CXL_EVENT_LOG_FAILURE, 2, 93, CXL_EVENT_BY_MANAGEMENT, 0);
    check_event(f, CXL_EVENT_LOG_FAILURE, 3, 93, CXL_EVENT_BY_MANAGEMENT,
                CXL_EVENT_POISON_OVERFLOW);
    add(f, 110, 1, CXL_POISON_INTERNAL);
    check_event(f, CXL_EVENT_LOG_FAILURE, 4, 110, CXL_EVENT_BY_MANAGEMENT, 0);
    g_assert_cmphex(recorded(f), ==, 0x50000);
    cxl_evlog_finish(&f->events);
}

/* A piece that no longer fits after a clear */
static void test_cut_events(Fixture *f, gconstpointer data)
{
    init(f, 1, 0);
    events_init(f);
    add(f, 101, 3, CXL_POISON_INTERNAL);
    f->media.volatile_size = 100 * L;
    cxl_poison_remove(&f->list, 102 * L, L);
    check_event(f, CXL_EVENT_LOG_FAILURE, 1, 103, CXL_EVENT_BY_MANAGEMENT,
                CXL_EVENT_POISON_OVERFLOW);
    g_assert_cmphex(recorded(f), ==, 0x20000);
    cxl_evlog_finish(&f->events);
}

#define ADD(name, func) \
    g_test_add("/poison/" name, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("merge", test_merge);
    ADD("changed", test_changed);
    ADD("split", test_split);
    ADD("long", test_long);
    ADD("find", test_find);
    ADD("inject", test_inject);
    ADD("inject-full", test_inject_full);
    ADD("overflow", test_overflow);
    ADD("overflow-by-split", test_overflow_by_split);
    ADD("reset", test_reset);
    ADD("reading", test_reading);
    ADD("in-device", test_in_device);
    g_test_add_func("/poison/valid", test_valid);
    g_test_add_func("/poison/valid-reading", test_valid_reading);
    g_test_add_func("/poison/random", test_random);
    ADD("events", test_events);
    ADD("overflow-events", test_overflow_events);
    ADD("cut-events", test_cut_events);
    return g_test_run();
}
