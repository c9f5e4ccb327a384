/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Poison that the list has no room for, and what is kept without power. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake.h"
#include "hw/cxl/core/poison.h"

#define L ((uint64_t)CXL_POISON_LINE)
#define LINES 200               /* of the map */
#define TOTAL (512 * GiB)
#define LISTED 5

typedef struct Fixture {
    FakeClock clock;
    FakeMedia store;
    CXLTimestamp timestamp;
    CXLMediaState media;
    CXLPoisonList list, unlisted;
    bool map[LINES];
} Fixture;

static void init_lists(Fixture *f)
{
    cxl_poison_init(&f->list, LISTED, 0, &f->media, &f->timestamp);
    cxl_poison_init(&f->unlisted, CXL_POISON_MAX, 0, &f->media,
                    &f->timestamp);
    f->list.unlisted = &f->unlisted;
}

static void set_up(Fixture *f, gconstpointer data)
{
    CXLClock clock = fake_clock(&f->clock);
    CXLMedia store = fake_media(&f->store);

    f->store.size = TOTAL;
    cxl_timestamp_init(&f->timestamp, &clock);
    cxl_media_init(&f->media, &store, 0, 0, 0, TOTAL);
    init_lists(f);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    g_assert_true(cxl_poison_valid(&f->list));
    g_assert_true(cxl_poison_valid(&f->unlisted));
}

static void add(Fixture *f, unsigned line, unsigned lines)
{
    cxl_poison_add(&f->list, line * L, lines * L, CXL_POISON_INTERNAL);
}

static void add_apart(Fixture *f, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        add(f, n * 2, 1);
    }
}

static void test_unlisted(Fixture *f, gconstpointer data)
{
    CXLPoisonRange found;

    add_apart(f, LISTED + 2);
    g_assert_true(f->list.overflowed);
    g_assert_cmpuint(f->unlisted.count, ==, 2);
    g_assert_false(cxl_poison_find(&f->list, 10 * L, TOTAL, &found));
    g_assert_true(cxl_poison_find_any(&f->list, 9 * L, TOTAL, &found));
    g_assert_cmphex(found.dpa, ==, 10 * L);
    g_assert_true(cxl_poison_find_any(&f->list, 8 * L, TOTAL, &found));
    g_assert_cmphex(found.dpa, ==, 8 * L);
    g_assert_false(cxl_poison_find_any(&f->list, 13 * L, TOTAL, &found));
    /* It is poison, so there is nothing to inject. */
    g_assert_true(cxl_poison_inject(&f->list, 10 * L));
    g_assert_false(cxl_poison_inject(&f->list, 20 * L));
    /* Good is good, listed or not. */
    cxl_poison_remove(&f->list, 0, TOTAL);
    g_assert_false(cxl_poison_find_any(&f->list, 0, TOTAL, &found));
    g_assert_true(f->list.overflowed);
}

/* The second piece of what is cut in two */
static void test_cut(Fixture *f, gconstpointer data)
{
    CXLPoisonRange found;

    add_apart(f, LISTED - 1);
    add(f, 20, 10);
    cxl_poison_remove(&f->list, 24 * L, L);
    g_assert_true(f->list.overflowed);
    g_assert_true(cxl_poison_find_any(&f->list, 24 * L, TOTAL, &found));
    g_assert_cmphex(found.dpa, ==, 25 * L);
    g_assert_cmphex(found.length, ==, 5 * L);
}

static void test_found(Fixture *f, gconstpointer data)
{
    add_apart(f, LISTED + 3);
    cxl_poison_remove(&f->list, 0, 3 * L);
    g_assert_cmpuint(f->list.count, ==, LISTED - 2);
    cxl_poison_list_found(&f->list, 11 * L, TOTAL);
    g_assert_cmpuint(f->list.count, ==, LISTED);
    g_assert_cmpuint(f->unlisted.count, ==, 1);
    g_assert_cmphex(f->unlisted.range[0].dpa, ==, 10 * L);
    cxl_poison_list_found(&f->list, 0, TOTAL);
    g_assert_cmpuint(f->unlisted.count, ==, 1);
    /* What joins needs no room, though what comes before does. */
    add(f, 30, 1);
    add(f, 3, 1);
    add(f, 15, 1);
    cxl_poison_list_found(&f->list, 0, TOTAL);
    g_assert_cmpuint(f->unlisted.count, ==, 2);
    add(f, 11, 1);
    cxl_poison_list_found(&f->list, 0, TOTAL);
    g_assert_cmpuint(f->unlisted.count, ==, 1);
    g_assert_cmphex(f->unlisted.range[0].dpa, ==, 30 * L);
    g_assert_true(f->list.overflowed);
    cxl_poison_end_overflow(&f->list);
    g_assert_false(f->list.overflowed);
    g_assert_cmpuint(f->list.overflow_time, ==, 0);
}

/* Known again, and now there is room */
static void test_again(Fixture *f, gconstpointer data)
{
    add_apart(f, LISTED + 1);
    cxl_poison_remove(&f->list, 0, L);
    add(f, 10, 1);
    g_assert_cmpuint(f->list.count, ==, LISTED);
    g_assert_cmpuint(f->unlisted.count, ==, 0);
}

static void random_step(Fixture *f)
{
    unsigned line = g_test_rand_int_range(0, LINES);
    unsigned lines = g_test_rand_int_range(0, MIN(20, LINES - line) + 1);
    unsigned kind = g_test_rand_int_range(0, 5);

    if (kind == 4) {
        cxl_poison_list_found(&f->list, line * L, (line + lines) * L);
        return;
    }
    if (kind < 2) {
        cxl_poison_remove(&f->list, line * L, lines * L);
    } else {
        add(f, line, lines);
    }
    for (unsigned n = line; n < line + lines; n++) {
        f->map[n] = kind >= 2;
    }
}

static void check_map(const Fixture *f)
{
    CXLPoisonRange found;

    for (unsigned line = 0; line < LINES; line++) {
        uint64_t dpa = line * L;
        bool listed = cxl_poison_find(&f->list, dpa, dpa + L, &found);
        bool unlisted = cxl_poison_find(&f->unlisted, dpa, dpa + L, &found);

        g_assert_false(listed && unlisted);
        g_assert_true(f->map[line] == (listed || unlisted));
        g_assert_true(f->map[line] == cxl_poison_find_any(&f->list, dpa,
                                                          dpa + L, &found));
    }
}

/* Nothing is forgotten, and nothing is made up. */
static void test_random(Fixture *f, gconstpointer data)
{
    for (unsigned step = 0; step < 5000; step++) {
        random_step(f);
        g_assert_true(cxl_poison_valid(&f->list));
        g_assert_true(cxl_poison_valid(&f->unlisted));
        check_map(f);
    }
}

static bool restart(Fixture *f, const uint8_t *kept, size_t len)
{
    init_lists(f);
    return cxl_poison_section.unpack(&f->list, kept, len);
}

static void check_kept(Fixture *f)
{
    g_autofree uint8_t *kept = g_malloc(cxl_poison_section.max);
    CXLPoisonList list = f->list, unlisted = f->unlisted;
    size_t len = cxl_poison_section.pack(&f->list, kept);

    g_assert_cmpuint(len, <=, cxl_poison_section.max);
    g_assert_true(restart(f, kept, len));
    g_assert_cmpmem(list.range, list.count * sizeof(CXLPoisonRange),
                    f->list.range, f->list.count * sizeof(CXLPoisonRange));
    g_assert_cmpmem(unlisted.range, unlisted.count * sizeof(CXLPoisonRange),
                    f->unlisted.range,
                    f->unlisted.count * sizeof(CXLPoisonRange));
    g_assert_true(f->list.overflowed == list.overflowed);
    g_assert_cmpuint(f->list.overflow_time, ==, list.overflow_time);
}

static void test_kept(Fixture *f, gconstpointer data)
{
    check_kept(f);
    cxl_timestamp_set(&f->timestamp, 1234567);
    add_apart(f, LISTED + 3);
    check_kept(f);
    cxl_poison_remove(&f->list, 0, TOTAL);
    for (unsigned n = 0; n < LISTED + CXL_POISON_MAX; n++) {
        add(f, n * 2, 1);
    }
    check_kept(f);
}

static void test_injected(Fixture *f, gconstpointer data)
{
    uint8_t kept[200];
    size_t len;

    g_assert_true(cxl_poison_inject(&f->list, 10 * L));
    add(f, 11, 1);
    g_assert_true(cxl_poison_inject(&f->list, 12 * L));
    len = cxl_poison_section.pack(&f->list, kept);
    g_assert_true(restart(f, kept, len));
    g_assert_cmpuint(f->list.count, ==, 1);
    g_assert_cmphex(f->list.range[0].dpa, ==, 11 * L);
}

/* Also the piece that was cut off, and has no room */
static void test_power_off(Fixture *f, gconstpointer data)
{
    CXLPoisonRange found;

    add_apart(f, LISTED - 1);
    for (unsigned line = 20; line < 23; line++) {
        g_assert_true(cxl_poison_inject(&f->list, line * L));
    }
    cxl_poison_remove(&f->list, 21 * L, L);
    g_assert_true(cxl_poison_find_any(&f->list, 22 * L, TOTAL, &found));
    cxl_poison_reset(&f->list, CXL_RESET_COLD);
    g_assert_false(cxl_poison_find_any(&f->list, 20 * L, TOTAL, &found));
    g_assert_cmpuint(f->list.count, ==, LISTED - 1);
}

static void test_too_many(Fixture *f, gconstpointer data)
{
    uint8_t kept[200];
    size_t len;

    f->list.max = LISTED + 1;
    add_apart(f, LISTED + 1);
    len = cxl_poison_section.pack(&f->list, kept);
    g_assert_false(restart(f, kept, len));
    init_lists(f);
}

static void test_hostile(Fixture *f, gconstpointer data)
{
    static const struct { uint8_t at, byte; } bad[] = {
        { 0, 2 }, { 9, 0xff }, { 13, 0xff }, { 9, 2 }, { 9, 0 }, { 17, 4 },
        { 17, 8 }, { 18, 9 }, { 24, 0xff }, { 25, 0 },
    };
    uint8_t kept[200];
    size_t len;

    add(f, 3, 1);
    len = cxl_poison_section.pack(&f->list, kept);
    g_assert_cmpuint(len, ==, 17 + 16);
    for (size_t n = 0; n < len; n++) {
        g_autofree uint8_t *exact = g_memdup2(kept, n);

        g_assert_false(restart(f, exact, n));
    }
    kept[len] = 0;
    g_assert_false(restart(f, kept, len + 1));
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        uint8_t good = kept[bad[i].at];

        kept[bad[i].at] = bad[i].byte;
        if (bad[i].at == 18) {          /* another address: no harm */
            g_assert_true(restart(f, kept, len));
        } else {
            g_assert_false(restart(f, kept, len));
        }
        kept[bad[i].at] = good;
    }
    g_assert_true(restart(f, kept, len));
}

#define ADD(name, func) \
    g_test_add("/poison_kept/" name, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("unlisted", test_unlisted);
    ADD("cut", test_cut);
    ADD("found", test_found);
    ADD("again", test_again);
    ADD("random", test_random);
    ADD("kept", test_kept);
    ADD("injected", test_injected);
    ADD("power-off", test_power_off);
    ADD("too-many", test_too_many);
    ADD("hostile", test_hostile);
    return g_test_run();
}
