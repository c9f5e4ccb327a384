/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory and the boundary between its partitions. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"

typedef struct Fixture {
    FakeMedia store;
    CXLMediaState media;
    unsigned moved;
    bool in_use;
} Fixture;

static void moved(void *opaque)
{
    ((Fixture *)opaque)->moved++;
}

static bool in_use(void *opaque)
{
    return ((Fixture *)opaque)->in_use;
}

static void set_up(Fixture *f, gconstpointer data)
{
    CXLMedia store = fake_media(&f->store);

    f->store.size = 4 * GiB;
    cxl_media_init(&f->media, &store, 512 * MiB, 256 * MiB, 512 * MiB,
                   2 * GiB);
    f->media.moved = moved;
    f->media.moved_opaque = f;
    f->media.in_use = in_use;
    f->media.in_use_opaque = f;
}

static void test_init(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(cxl_media_total(&f->media), ==, 4 * GiB);
    g_assert_cmphex(cxl_media_persistent(&f->media), ==, 2 * GiB);
    g_assert_cmpuint(f->media.status, ==, CXL_MEDIA_READY);
    g_assert_true(cxl_media_valid(&f->media));
    cxl_media_reset(&f->media, CXL_RESET_COLD);
    g_assert_cmphex(cxl_media_persistent(&f->media), ==, 2 * GiB);
    g_assert_cmpuint(f->moved, ==, 0);
}

static void test_bounds(Fixture *f, gconstpointer data)
{
    static const struct { uint64_t size; bool ok; } cases[] = {
        { 512 * MiB, true }, { 3 * GiB + 512 * MiB, true }, { 1 * GiB, true },
        { 0, false }, { 256 * MiB, false },         /* into volatile-only */
        { 4 * GiB, false },                         /* into persistent-only */
        { 768 * MiB, false }, { 1 * GiB + 1, false },   /* not aligned */
        { UINT64_MAX - 512 * MiB + 1, false }, { 1ULL << 63, false },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_assert_true(cxl_media_set_partition(&f->media, cases[i].size,
                                              true) == cases[i].ok);
        g_assert_true(cxl_media_set_partition(&f->media, cases[i].size,
                                              false) == cases[i].ok);
    }
}

static void test_fixed(Fixture *f, gconstpointer data)
{
    f->media.align = 0;
    g_assert_false(cxl_media_set_partition(&f->media, 1 * GiB, false));
    g_assert_false(cxl_media_set_partition(&f->media, 2 * GiB, true));
}

static void test_immediate(Fixture *f, gconstpointer data)
{
    cxl_media_set_partition(&f->media, 3 * GiB, false);
    g_assert_true(cxl_media_set_partition(&f->media, 1 * GiB, true));
    g_assert_cmphex(f->media.volatile_size, ==, 1 * GiB);
    g_assert_cmphex(cxl_media_persistent(&f->media), ==, 3 * GiB);
    g_assert_false(f->media.next_pending);
    g_assert_cmpuint(f->moved, ==, 1);
    g_assert_true(cxl_media_set_partition(&f->media, 1 * GiB, true));
    g_assert_cmpuint(f->moved, ==, 1);
}

static void test_in_use(Fixture *f, gconstpointer data)
{
    f->in_use = true;
    g_assert_false(cxl_media_set_partition(&f->media, 1 * GiB, true));
    g_assert_cmphex(f->media.volatile_size, ==, 2 * GiB);
    g_assert_true(cxl_media_set_partition(&f->media, 1 * GiB, false));
    f->media.in_use = NULL;
    g_assert_true(cxl_media_set_partition(&f->media, 1 * GiB, true));
}

static void test_pending(Fixture *f, gconstpointer data)
{
    g_assert_true(cxl_media_set_partition(&f->media, 1 * GiB, false));
    g_assert_true(f->media.next_pending);
    g_assert_cmphex(f->media.volatile_size, ==, 2 * GiB);
    cxl_media_reset(&f->media, CXL_RESET_HOT);
    cxl_media_reset(&f->media, CXL_RESET_CXL);
    g_assert_cmphex(f->media.volatile_size, ==, 2 * GiB);
    g_assert_cmpuint(f->moved, ==, 0);
    cxl_media_reset(&f->media, CXL_RESET_COLD);
    g_assert_cmphex(f->media.volatile_size, ==, 1 * GiB);
    g_assert_false(f->media.next_pending);
    g_assert_cmpuint(f->moved, ==, 1);
    cxl_media_reset(&f->media, CXL_RESET_COLD);
    g_assert_cmpuint(f->moved, ==, 1);
}

static void test_taken_back(Fixture *f, gconstpointer data)
{
    cxl_media_set_partition(&f->media, 1 * GiB, false);
    g_assert_true(cxl_media_set_partition(&f->media, 2 * GiB, false));
    g_assert_false(f->media.next_pending);
}

static void test_valid(Fixture *f, gconstpointer data)
{
    f->media.volatile_size = 5 * GiB;
    g_assert_false(cxl_media_valid(&f->media));
    f->media.volatile_size = 2 * GiB;
    f->media.next_volatile = 1;
    g_assert_true(cxl_media_valid(&f->media));
    f->media.next_pending = true;
    g_assert_false(cxl_media_valid(&f->media));
    f->media.next_volatile = 1 * GiB;
    g_assert_true(cxl_media_valid(&f->media));
    f->media.status = 4;
    g_assert_false(cxl_media_valid(&f->media));
}

static void count_answers(void *opaque)
{
    ++*(unsigned *)opaque;
}

static void test_withholds(Fixture *f, gconstpointer data)
{
    unsigned changes = 0;

    f->media.answers_changed = count_answers;
    f->media.answers_changed_opaque = &changes;
    g_assert_false(cxl_media_withholds(&f->media, 0, 4 * GiB));
    cxl_media_set_locked(&f->media, false);
    g_assert_cmpuint(changes, ==, 0);
    cxl_media_set_locked(&f->media, true);
    g_assert_cmpuint(changes, ==, 1);
    g_assert_false(cxl_media_withholds(&f->media, 0,
                                       f->media.volatile_size));
    g_assert_true(cxl_media_withholds(&f->media, f->media.volatile_size - 1,
                                      2));
    cxl_media_set_locked(&f->media, false);
    cxl_media_set_status(&f->media, CXL_MEDIA_DISABLED);
    cxl_media_set_status(&f->media, CXL_MEDIA_DISABLED);
    g_assert_cmpuint(changes, ==, 3);
    g_assert_true(cxl_media_withholds(&f->media, 0, 1));
}

static void check_withheld(const Fixture *f, uint64_t dpa, uint64_t end,
                           const char *why, uint64_t from)
{
    uint64_t begins, ends;

    g_assert_cmpstr(cxl_media_withheld(&f->media, dpa, end, &begins, &ends),
                    ==, why);
    if (why) {
        g_assert_cmphex(begins, ==, from);
        g_assert_cmphex(ends, ==, end);
    }
}

static void test_withheld(Fixture *f, gconstpointer data)
{
    uint64_t boundary = f->media.volatile_size;

    check_withheld(f, 0, 4 * GiB, NULL, 0);
    cxl_media_set_locked(&f->media, true);
    check_withheld(f, 0, boundary, NULL, 0);
    check_withheld(f, boundary, boundary, NULL, 0);
    check_withheld(f, 5, 4 * GiB, "media is locked", boundary);
    check_withheld(f, boundary + 9, boundary + 10, "media is locked",
                   boundary + 9);
    cxl_media_set_status(&f->media, CXL_MEDIA_DISABLED);
    check_withheld(f, 5, 4 * GiB, "media is disabled", 5);
    cxl_media_set_status(&f->media, CXL_MEDIA_ERROR);
    check_withheld(f, 5, 7, "media has failed", 5);
    cxl_media_set_status(&f->media, CXL_MEDIA_NOT_READY);
    check_withheld(f, 5, 7, "media is not ready", 5);
    cxl_media_set_locked(&f->media, false);
    cxl_media_set_status(&f->media, CXL_MEDIA_READY);
    check_withheld(f, 0, 4 * GiB, NULL, 0);
}

/* What is locked is what is persistent: it moves with the boundary. */
static void test_locked_moves(Fixture *f, gconstpointer data)
{
    unsigned changes = 0;

    f->media.answers_changed = count_answers;
    f->media.answers_changed_opaque = &changes;
    g_assert_true(cxl_media_set_partition(&f->media, 1 * GiB, true));
    g_assert_cmpuint(changes, ==, 0);
    cxl_media_set_locked(&f->media, true);
    g_assert_true(cxl_media_set_partition(&f->media, 2 * GiB, true));
    g_assert_cmpuint(changes, ==, 2);
    check_withheld(f, 0, 4 * GiB, "media is locked", 2 * GiB);
}

static bool restart(Fixture *f, const uint8_t *kept, size_t len)
{
    f->media.volatile_size = 2 * GiB;
    f->media.next_pending = false;
    return cxl_media_section.unpack(&f->media, kept, len);
}

static void test_kept(Fixture *f, gconstpointer data)
{
    uint8_t kept[40];
    size_t len;

    g_assert_true(cxl_media_set_partition(&f->media, 3 * GiB, true));
    g_assert_true(cxl_media_set_partition(&f->media, 1 * GiB, false));
    len = cxl_media_section.pack(&f->media, kept);
    g_assert_cmpuint(len, ==, sizeof(kept));
    g_assert_true(restart(f, kept, len));
    g_assert_cmphex(f->media.volatile_size, ==, 3 * GiB);
    g_assert_cmphex(f->media.next_volatile, ==, 1 * GiB);
    g_assert_true(f->media.next_pending);
    cxl_media_reset(&f->media, CXL_RESET_COLD);
    cxl_media_section.pack(&f->media, kept);
    g_assert_true(restart(f, kept, len));
    g_assert_cmphex(f->media.volatile_size, ==, 1 * GiB);
    g_assert_false(f->media.next_pending);
    g_assert_false(restart(f, kept, len - 1));
    g_assert_false(restart(f, NULL, 0));
    for (unsigned i = 0; i < sizeof(kept); i++) {
        uint8_t bit = i == 32 ? 2 : 1;

        kept[i] ^= bit;         /* no multiple of the alignment; neither 0, 1 */
        g_assert_false(restart(f, kept, len));
        kept[i] ^= bit;
    }
    f->media.align = 0;
    g_assert_false(restart(f, kept, len));
}

/* Media that is to be sanitized stays so without power. */
static void test_kept_status(Fixture *f, gconstpointer data)
{
    static const CXLMediaStatus status[] = {
        CXL_MEDIA_DISABLED, CXL_MEDIA_READY,
    };
    FakeMedia area = { .size = CXL_METADATA_SIZE };
    g_autofree uint8_t *bytes = g_malloc0(area.size);
    CXLMedia store = fake_media(&area);
    g_autofree char *why = NULL;
    CXLMetadata md;

    area.bytes = bytes;
    cxl_metadata_init(&md, &store);
    cxl_metadata_add(&md, &cxl_media_section, &f->media);
    f->media.metadata = &md;
    for (unsigned i = 0; i < ARRAY_SIZE(status); i++) {
        cxl_media_set_status(&f->media, status[i]);
        f->media.status = CXL_MEDIA_NOT_READY;
        g_assert_true(cxl_metadata_load(&md, &why));
        g_assert_cmpuint(f->media.status, ==, status[i]);
    }
}

static void test_status_register(Fixture *f, gconstpointer data)
{
    static const uint64_t want[] = { 0x10, 0x14, 0x18, 0x1c };

    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        f->media.status = i;
        g_assert_cmphex(cxl_media_status_register(&f->media), ==, want[i]);
    }
}

#define ADD(name, func) \
    g_test_add("/media/" name, Fixture, NULL, set_up, func, NULL)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("init", test_init);
    ADD("bounds", test_bounds);
    ADD("fixed", test_fixed);
    ADD("immediate", test_immediate);
    ADD("in-use", test_in_use);
    ADD("pending", test_pending);
    ADD("taken-back", test_taken_back);
    ADD("valid", test_valid);
    ADD("withholds", test_withholds);
    ADD("withheld", test_withheld);
    ADD("locked-moves", test_locked_moves);
    ADD("kept", test_kept);
    ADD("kept-status", test_kept_status);
    ADD("status-register", test_status_register);
    return g_test_run();
}
