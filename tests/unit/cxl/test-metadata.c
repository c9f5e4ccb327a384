/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device remembers: saved, torn, damaged, truncated, hostile. */
#include "qemu/osdep.h"
#include "fake.h"
#include "hw/cxl/core/metadata.h"

#define COPY CXL_METADATA_COPY
#define SUM_AT 8                /* of a copy */
#define LENGTH_AT 44
#define SEQUENCE_AT 48
#define SECTIONS_AT 56
#define STATE_MAX 24

typedef struct State {
    size_t len;
    uint8_t bytes[STATE_MAX];
} State;

typedef struct Fixture {
    FakeMedia media;
    CXLMetadata md;
    State state[2];
    char *why;
} Fixture;

static size_t pack(const void *opaque, uint8_t *out)
{
    const State *state = opaque;

    memcpy(out, state->bytes, state->len);
    return state->len;
}

/* No state begins with ff. */
static bool unpack(void *opaque, const uint8_t *in, size_t len)
{
    State *state = opaque;

    if (len && in[0] == 0xff) {
        return false;
    }
    state->len = len;
    memcpy(state->bytes, in, len);
    return true;
}

static const CXLMetadataSection sections[] = {
    { CXL_METADATA_HEALTH, "the health", STATE_MAX, pack, unpack },
    { CXL_METADATA_POISON, "the poison list", STATE_MAX, pack, unpack },
};

/* As after a restart: nothing but the area is left. */
static void restart(Fixture *f)
{
    CXLMedia store = fake_media(&f->media);

    g_clear_pointer(&f->why, g_free);
    memset(f->state, 0, sizeof(f->state));
    cxl_metadata_init(&f->md, &store);
    for (unsigned i = 0; i < 2; i++) {
        cxl_metadata_add(&f->md, &sections[i], &f->state[i]);
    }
}

static bool load(Fixture *f)
{
    restart(f);
    return cxl_metadata_load(&f->md, &f->why);
}

static void set_up(Fixture *f, gconstpointer data)
{
    f->media.size = CXL_METADATA_SIZE;
    f->media.bytes = g_malloc0(CXL_METADATA_SIZE);
    restart(f);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    g_free(f->media.bytes);
    g_free(f->why);
}

static void put(Fixture *f, unsigned n, const char *text)
{
    f->state[n].len = strlen(text);
    memcpy(f->state[n].bytes, text, f->state[n].len);
}

static void check(const Fixture *f, unsigned n, const char *text)
{
    g_assert_cmpmem(f->state[n].bytes, f->state[n].len, text, strlen(text));
}

static void save(Fixture *f, const char *text)
{
    put(f, 0, text);
    put(f, 1, "other");
    g_assert_true(cxl_metadata_save(&f->md));
}

static void seal(Fixture *f, unsigned n)
{
    uint8_t *copy = f->media.bytes + n * COPY;
    GChecksum *sha = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = 32;

    g_checksum_update(sha, copy + 40, 16 + copy[LENGTH_AT] +
                                      (copy[LENGTH_AT + 1] << 8));
    g_checksum_get_digest(sha, copy + SUM_AT, &size);
    g_checksum_free(sha);
}

static void refused(Fixture *f, const char *words)
{
    g_autofree uint8_t *before = g_memdup2(f->media.bytes,
                                           CXL_METADATA_SIZE);

    g_assert_false(load(f));
    g_test_message("%s", f->why);
    g_assert_nonnull(strstr(f->why, words));
    g_assert_cmpmem(f->media.bytes, CXL_METADATA_SIZE, before,
                    CXL_METADATA_SIZE);
}

static void test_blank(Fixture *f, gconstpointer data)
{
    put(f, 0, "as it is");
    g_assert_true(cxl_metadata_load(&f->md, &f->why));
    check(f, 0, "as it is");
    /* Loading writes nothing. */
    for (unsigned i = 0; i < CXL_METADATA_SIZE; i++) {
        g_assert_cmphex(f->media.bytes[i], ==, 0);
    }
}

static void test_saves(Fixture *f, gconstpointer data)
{
    for (unsigned n = 0; n < 20; n++) {
        g_autofree char *text = g_strdup_printf("save %u", n);

        save(f, text);
        if (n % 3) {
            g_assert_true(load(f));
            check(f, 0, text);
            check(f, 1, "other");
        }
    }
}

static void test_no_store(Fixture *f, gconstpointer data)
{
    CXLMetadata md;

    cxl_metadata_init(&md, NULL);
    cxl_metadata_add(&md, &sections[0], &f->state[0]);
    g_assert_true(cxl_metadata_load(&md, &f->why));
    g_assert_true(cxl_metadata_save(&md));
    g_assert_true(cxl_metadata_save(NULL));
}

/* An area without one of the sections: an older device's */
static void test_section_added(Fixture *f, gconstpointer data)
{
    CXLMedia store = fake_media(&f->media);

    cxl_metadata_init(&f->md, &store);
    cxl_metadata_add(&f->md, &sections[0], &f->state[0]);
    save(f, "old");
    restart(f);
    put(f, 1, "new");
    g_assert_true(cxl_metadata_load(&f->md, &f->why));
    check(f, 0, "old");
    check(f, 1, "new");
}

static void test_section_unknown(Fixture *f, gconstpointer data)
{
    save(f, "text");
    f->media.bytes[SECTIONS_AT] = f->media.bytes[COPY + SECTIONS_AT] = 99;
    seal(f, 0);
    seal(f, 1);
    refused(f, "newer QEMU: section 99");
}

static void test_section_twice(Fixture *f, gconstpointer data)
{
    save(f, "text");
    f->media.bytes[COPY + SECTIONS_AT] = CXL_METADATA_POISON;
    seal(f, 1);
    refused(f, "the poison list does not fit");
}

static void test_section_refuses(Fixture *f, gconstpointer data)
{
    save(f, "text");
    f->media.bytes[COPY + SECTIONS_AT + 8] = 0xff;
    seal(f, 1);
    refused(f, "another device's: the health does not fit");
}

static void test_section_too_long(Fixture *f, gconstpointer data)
{
    uint8_t *copy = f->media.bytes + COPY;

    save(f, "text");
    copy[LENGTH_AT] = 8 + STATE_MAX + 1;
    copy[SECTIONS_AT + 4] = STATE_MAX + 1;
    seal(f, 1);
    refused(f, "the health does not fit");
}

static void test_section_cut(Fixture *f, gconstpointer data)
{
    uint8_t *copy = f->media.bytes + COPY;
    uint8_t whole;

    save(f, "text");
    whole = copy[LENGTH_AT];
    while (--copy[LENGTH_AT]) {
        seal(f, 1);
        if (copy[LENGTH_AT] == 8 + 4) {
            g_assert_true(load(f));
        } else {
            refused(f, "ends too early");
        }
    }
    copy[LENGTH_AT] = whole;
    seal(f, 1);
    g_assert_true(load(f));
    memset(copy + SECTIONS_AT + 4, 0xff, 4);
    seal(f, 1);
    refused(f, "ends too early");
}

static void test_format(Fixture *f, gconstpointer data)
{
    save(f, "text");
    f->media.bytes[COPY + 40] = 2;
    seal(f, 1);
    refused(f, "newer QEMU: format 2");
}

static void test_foreign(Fixture *f, gconstpointer data)
{
    f->media.bytes[COPY - 1] = 1;
    refused(f, "something else");
    memset(f->media.bytes, 0, CXL_METADATA_SIZE);
    f->media.bytes[CXL_METADATA_SIZE - 1] = 1;
    refused(f, "something else");
    f->media.bytes[0] = 1;
    refused(f, "something else");
    /* A save that is tried all the same does no harm. */
    g_assert_false(cxl_metadata_save(&f->md));
    g_assert_cmphex(f->media.bytes[1], ==, 0);
}

/* Any bit of the newer copy: what was saved before it counts. */
static void test_flip_newer(Fixture *f, gconstpointer data)
{
    size_t length;

    save(f, "first");           /* both copies */
    save(f, "newest");          /* the first one */
    length = SECTIONS_AT + f->media.bytes[LENGTH_AT];
    for (size_t bit = 0; bit < length * 8; bit++) {
        f->media.bytes[bit / 8] ^= 1 << bit % 8;
        g_assert_true(load(f));
        check(f, 0, "first");
        f->media.bytes[bit / 8] ^= 1 << bit % 8;
    }
    g_assert_true(load(f));
    check(f, 0, "newest");
}

static void test_flip_older(Fixture *f, gconstpointer data)
{
    size_t length;

    save(f, "first");
    save(f, "newest");
    length = SECTIONS_AT + f->media.bytes[COPY + LENGTH_AT];
    for (size_t bit = 0; bit < length * 8; bit++) {
        f->media.bytes[COPY + bit / 8] ^= 1 << bit % 8;
        g_assert_true(load(f));
        check(f, 0, "newest");
        f->media.bytes[COPY + bit / 8] ^= 1 << bit % 8;
    }
}

static void test_both_damaged(Fixture *f, gconstpointer data)
{
    save(f, "first");
    f->media.bytes[SECTIONS_AT] ^= 1;
    f->media.bytes[COPY + SECTIONS_AT] ^= 1;
    refused(f, "is damaged");
    /* The later one alone would be a first save that was cut short. */
    memset(f->media.bytes, 0, COPY);
    refused(f, "is damaged");
}

/*
 * A store that is killed after so many bytes, wherever a copy begins; what
 * fits a register goes as a whole.
 */
typedef struct Dying {
    FakeMedia *media;
    uint64_t left;
    bool backwards;
} Dying;

static bool dying_write(void *opaque, uint64_t offset, const void *buf,
                        uint64_t len)
{
    Dying *dying = opaque;
    uint64_t part = MIN(len, dying->left);
    uint64_t from = dying->backwards ? len - part : 0;

    if (!dying->backwards || len > 8 || part == len) {
        memcpy(dying->media->bytes + offset + from, buf + from, part);
    }
    dying->left -= part;
    return part == len;
}

static uint64_t dying_size(void *opaque)
{
    return CXL_METADATA_SIZE;
}

static bool dying_read(void *opaque, uint64_t offset, void *buf,
                       uint64_t len)
{
    Dying *dying = opaque;

    memcpy(buf, dying->media->bytes + offset, len);
    return true;
}

/* Killed at each byte of a save: the old state or the new one, never less */
static void kill_at_each_byte(Fixture *f, const char *before,
                              const char *after, bool backwards)
{
    static const CXLMediaOps ops = {
        .size = dying_size, .read = dying_read, .write = dying_write,
    };
    g_autofree uint8_t *start = g_memdup2(f->media.bytes, CXL_METADATA_SIZE);
    bool saved = false;

    for (uint64_t bytes = 0; !saved; bytes++) {
        Dying dying = { &f->media, bytes, backwards };

        memcpy(f->media.bytes, start, CXL_METADATA_SIZE);
        g_assert_true(load(f));
        put(f, 0, after);
        f->md.store = (CXLMedia) { &ops, &dying };
        saved = cxl_metadata_save(&f->md);
        g_assert_true(load(f));
        if (f->state[0].len != strlen(after)) {
            check(f, 0, before);
            g_assert_false(saved);
        } else {
            check(f, 0, after);
        }
        /* And life goes on. */
        save(f, "later");
        g_assert_true(load(f));
        check(f, 0, "later");
        g_assert_cmpuint(bytes, <, 1000);
    }
}

static void test_killed_first(Fixture *f, gconstpointer data)
{
    kill_at_each_byte(f, "", "first one", false);
    memset(f->media.bytes, 0, CXL_METADATA_SIZE);
    kill_at_each_byte(f, "", "first one", true);
}

static void test_killed_later(Fixture *f, gconstpointer data)
{
    save(f, "before");
    kill_at_each_byte(f, "before", "after it", false);
    save(f, "once more");
    save(f, "before");
    kill_at_each_byte(f, "before", "after it", true);
}

static void test_wrap(Fixture *f, gconstpointer data)
{
    save(f, "first");
    for (unsigned n = 0; n < 2; n++) {
        memset(f->media.bytes + n * COPY + SEQUENCE_AT, 0xff, 8);
        f->media.bytes[n * COPY + SEQUENCE_AT] -= !n;
        seal(f, n);
    }
    for (unsigned n = 0; n < 4; n++) {
        g_autofree char *text = g_strdup_printf("save %u", n);

        g_assert_true(load(f));
        save(f, text);
        g_assert_true(load(f));
        check(f, 0, text);
    }
}

/* Other bytes have come: the next save does not overwrite the newest copy */
static void test_replaced(Fixture *f, gconstpointer data)
{
    g_autofree uint8_t *older = NULL;

    save(f, "one");
    older = g_memdup2(f->media.bytes, CXL_METADATA_SIZE);
    save(f, "two");
    memcpy(f->media.bytes, older, CXL_METADATA_SIZE);
    cxl_metadata_replaced(&f->md);
    save(f, "three");
    /* The copy before it is still whole. */
    f->media.bytes[SECTIONS_AT] ^= 1;
    g_assert_true(load(f));
    check(f, 0, "one");
    f->media.bytes[SECTIONS_AT] ^= 1;
    g_assert_true(load(f));
    check(f, 0, "three");
}

static bool is_withheld(void *opaque)
{
    return true;
}

static void test_withheld(Fixture *f, gconstpointer data)
{
    save(f, "mine");
    f->md.withheld = is_withheld;
    save(f, "not written");
    g_assert_true(load(f));
    check(f, 0, "mine");
}

static void test_unreadable(Fixture *f, gconstpointer data)
{
    f->media.held = CXL_METADATA_SIZE - 1;
    refused(f, "cannot be read");
    restart(f);
    g_assert_false(cxl_metadata_save(&f->md));
}

/* Any bytes: a reason, or a state that a save brings back */
static void test_noise(Fixture *f, gconstpointer data)
{
    for (unsigned round = 0; round < 500; round++) {
        uint8_t *at = f->media.bytes + round % 2 * COPY;

        if (round % 10 == 0) {
            memset(f->media.bytes, 0, CXL_METADATA_SIZE);
            restart(f);
            save(f, "noise");
        }
        for (unsigned i = 0; i < 3; i++) {
            at[g_test_rand_int_range(0, 100)] = g_test_rand_int();
        }
        at[LENGTH_AT + 2] = at[LENGTH_AT + 3] = 0;
        seal(f, round % 2);
        if (load(f)) {
            State state = f->state[0];

            g_assert_true(cxl_metadata_save(&f->md));
            g_assert_true(load(f));
            g_assert_cmpmem(state.bytes, state.len, f->state[0].bytes,
                            f->state[0].len);
        } else {
            g_assert_nonnull(f->why);
        }
    }
}

#define ADD(name, func) g_test_add("/metadata/" name, Fixture, NULL, \
                                   set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("blank", test_blank);
    ADD("saves", test_saves);
    ADD("no-store", test_no_store);
    ADD("section-added", test_section_added);
    ADD("section-unknown", test_section_unknown);
    ADD("section-twice", test_section_twice);
    ADD("section-refuses", test_section_refuses);
    ADD("section-too-long", test_section_too_long);
    ADD("section-cut", test_section_cut);
    ADD("format", test_format);
    ADD("foreign", test_foreign);
    ADD("flip-newer", test_flip_newer);
    ADD("flip-older", test_flip_older);
    ADD("both-damaged", test_both_damaged);
    ADD("killed-first", test_killed_first);
    ADD("killed-later", test_killed_later);
    ADD("wrap", test_wrap);
    ADD("replaced", test_replaced);
    ADD("withheld", test_withheld);
    ADD("unreadable", test_unreadable);
    ADD("noise", test_noise);
    return g_test_run();
}
