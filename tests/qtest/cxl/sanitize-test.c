/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sanitize, Secure Erase, Media Operations and passphrases: data are gone
 * from every kind of backend, and every state survives what it has to.
 */
#include "qemu/osdep.h"
#include "weave_model.h"
#include "qobject/qdict.h"

#define MS 1000000LL
#define VECTOR_MAILBOX 1

#define BG_STARTED 0x01
#define BUSY 0x06
#define MEDIA_DISABLED 0x07
#define SECURITY_STATE 0x13
#define WRONG 0x14

#define READY 1
#define DISABLED 3

#define USER_SET (1 << 0)
#define LOCKED (1 << 2)
#define FROZEN (1 << 3)
#define USER_LIMIT (1 << 4)

#define USER 1
#define PASSPHRASE "a passphrase that is not too short"
#define WORD 0x6c6c657720746920ULL

static QCXLDevice *dev;

static QCXLTopology persistent(const char *device)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 2, .empty = 1,
        .kinds = QCXL_VOLATILE | QCXL_PERSISTENT,
        .lsa = 4096, .device = device,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static void start_with(const QCXLTopology *t)
{
    m = qcxl_start(t);
    dev = &m->device[0];
}

static void start(const char *device)
{
    QCXLTopology t = persistent(device);

    start_with(&t);
}

static unsigned ask(uint16_t opcode)
{
    return qcxl_command(dev, opcode, NULL, 0, NULL, NULL);
}

static unsigned media(void)
{
    return qcxl_read(m, dev->memdev_status, 8) >> 2 & 3;
}

/* The Background Command Status register */
static unsigned percent(void)
{
    return qcxl_read(m, dev->mailbox + 0x18, 8) >> 16 & 0x7f;
}

static unsigned final_code(void)
{
    return qcxl_read(m, dev->mailbox + 0x18, 8) >> 32 & 0xffff;
}

/* In steps that any number of pieces of work fit in */
static void wait_ms(unsigned ms)
{
    while (ms--) {
        qtest_clock_step(m->qts, MS);
    }
}

static void map(uint64_t size)
{
    QCXLDecoder decoder = { .base = m->window[0].base, .size = size };

    commit(dev->fn.component, &decoder);
    qcxl_mem_enable(dev, true);
    decoder.target[0] = m->bridge[0].port[0].number;
    commit(m->bridge[0].component, &decoder);
}

/* Volatile and persistent memory of the device, side by side in the window */
static void map_all(void)
{
    map(2 * QCXL_UNIT);
}

static void unmap_all(void)
{
    uncommit(m->bridge[0].component);
    uncommit(dev->fn.component);
}

static uint64_t word_at(uint64_t dpa)
{
    return qcxl_read(m, m->window[0].base + dpa, 8);
}

static void put_words(void)
{
    static const uint8_t label[] = "\0\0\0\0\0\0\0\0a label";

    map_all();
    for (uint64_t dpa = 0; dpa < 2 * QCXL_UNIT; dpa += QCXL_UNIT / 8) {
        qcxl_write(m, m->window[0].base + dpa, 8, WORD);
        qcxl_write(m, m->window[0].base + dpa + QCXL_UNIT / 8 - 8, 8, WORD);
    }
    unmap_all();
    g_assert_cmphex(qcxl_command(dev, 0x4103, label, sizeof(label), NULL,
                                 NULL), ==, 0);
}

/* How many of the words are there; all others would fail. */
static unsigned count_words(void)
{
    unsigned n = 0;

    map_all();
    for (uint64_t dpa = 0; dpa < 2 * QCXL_UNIT; dpa += QCXL_UNIT / 8) {
        for (unsigned last = 0; last < 2; last++) {
            uint64_t word = word_at(dpa + (last ? QCXL_UNIT / 8 - 8 : 0));

            g_assert_true(word == WORD || word == 0);
            n += word == WORD;
        }
    }
    unmap_all();
    return n;
}

static bool label_there(void)
{
    static const uint8_t in[8] = { 0, 0, 0, 0, 8 };
    uint8_t out[8];
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x4102, in, 8, out, &len), ==, 0);
    g_assert_cmpuint(len, ==, 8);
    return !memcmp(out, "a label", 8);
}

static void check_file_empty(const uint8_t *bytes)
{
    for (uint64_t at = 0; at < QCXL_UNIT; at += 8) {
        g_assert_cmphex(ldq_le_p(bytes + at), ==, 0);
    }
}

/* In files, whose bytes the host sees, and of which it gets pages back */
static void test_files(void)
{
    start(NULL);
    put_words();
    g_assert_cmpuint(count_words(), ==, 32);
    g_assert_cmphex(ldq_le_p(dev->host[0]), ==, WORD);
    g_assert_cmphex(ldq_le_p(dev->host[1]), ==, WORD);
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    g_assert_cmpuint(media(), ==, DISABLED);
    wait_ms(250);
    g_assert_cmpuint(percent(), >=, 40);
    g_assert_cmpuint(percent(), <=, 60);
    g_assert_cmphex(ask(0x4400), ==, BUSY);
    g_assert_cmphex(ask(0x4100), ==, MEDIA_DISABLED);
    g_assert_cmphex(ask(0x4102), ==, 0x16);
    g_assert_cmphex(ask(0x4200), ==, 0);
    wait_ms(260);
    g_assert_cmpuint(percent(), ==, 100);
    g_assert_cmphex(final_code(), ==, 0);
    g_assert_cmpuint(media(), ==, READY);
    check_file_empty(dev->host[0]);
    check_file_empty(dev->host[1]);
    g_assert_cmpuint(count_words(), ==, 0);
    g_assert_false(label_there());
    qcxl_stop(m);
}

/* A private mapping: discarded, the file's bytes would show again. */
static void test_unshared(void)
{
    QCXLTopology t = persistent(NULL);
    g_autofree char *path = NULL;
    uint64_t word = cpu_to_le64(WORD);

    open_model();
    path = g_strdup_printf("%s/vm0", store);
    g_assert_true(g_file_set_contents(path, (char *)&word, 8, NULL));
    g_assert_cmpint(truncate(path, QCXL_UNIT), ==, 0);
    t.backend = "share=off";
    t.store = store;
    start_with(&t);
    map_all();
    g_assert_cmphex(word_at(0), ==, WORD);
    qcxl_write(m, m->window[0].base + PAGE, 8, WORD);
    g_assert_cmphex(ask(0x4401), ==, BG_STARTED);
    g_assert_cmphex(word_at(0), ==, 0);
    g_assert_cmphex(word_at(PAGE), ==, 0);
    g_assert_cmphex(ldq_le_p(dev->host[0]), ==, WORD);
    qcxl_stop(m);
    close_model();
}

/* Committed decoders keep their ranges, which do not answer meanwhile. */
static void check_in_use(uint64_t size, const char *kind)
{
    start(NULL);
    put_words();
    map(size);
    g_assert_true(qcxl_mapped(m, m->window[0].base, kind));
    g_assert_cmphex(word_at(0), ==, WORD);
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    g_assert_cmphex(word_at(0), ==, UINT64_MAX);
    qcxl_write(m, m->window[0].base + 64, 8, WORD);
    wait_ms(510);
    g_assert_cmphex(word_at(0), ==, 0);
    g_assert_cmphex(word_at(64), ==, 0);
    g_assert_cmphex(word_at(size - 8), ==, 0);
    g_assert_true(qcxl_mapped(m, m->window[0].base, kind));
    qcxl_write(m, m->window[0].base + 64, 8, WORD);
    g_assert_cmphex(word_at(64), ==, WORD);
    qcxl_stop(m);
}

static void test_in_use(void)
{
    check_in_use(QCXL_UNIT, "linear");
    /* Two backends are trapped. */
    check_in_use(2 * QCXL_UNIT, "trapped");
}

/* Linux asks for no time, and for nothing that is left when it is answered. */
static void test_secure_erase(void)
{
    start(NULL);
    put_words();
    g_assert_cmphex(ask(0x4401), ==, BG_STARTED);
    g_assert_cmpuint(percent(), ==, 100);
    g_assert_cmphex(final_code(), ==, 0);
    g_assert_cmpuint(media(), ==, READY);
    g_assert_cmpuint(count_words(), ==, 0);
    g_assert_true(label_there());
    qcxl_stop(m);
}

static void test_durations(void)
{
    start("sanitize-duration=20,secure-erase-duration=40");
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    wait_ms(19);
    g_assert_cmpuint(percent(), <, 100);
    wait_ms(2);
    g_assert_cmpuint(percent(), ==, 100);
    g_assert_cmphex(ask(0x4401), ==, BG_STARTED);
    wait_ms(39);
    g_assert_cmpuint(percent(), <, 100);
    g_assert_cmpuint(media(), ==, DISABLED);
    wait_ms(2);
    g_assert_cmpuint(percent(), ==, 100);
    qcxl_stop(m);
}

static void test_interrupt(void)
{
    start("sanitize-duration=5");
    qcxl_msix_enable(&dev->fn);
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    qcxl_msix_take(&dev->fn, VECTOR_MAILBOX);
    /* Each command has the enable bit written anew: here by hand. */
    qcxl_write(m, dev->mailbox + 4, 4, 4);
    wait_ms(3);
    g_assert_false(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    wait_ms(3);
    g_assert_true(qcxl_msix_take(&dev->fn, VECTOR_MAILBOX));
    qcxl_stop(m);
}

/* A power cycle in the middle: no way round a Sanitize that succeeds. */
static void test_reset_in_the_middle(void)
{
    start(NULL);
    put_words();
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    wait_ms(10);
    for (unsigned n = 0; n < 2; n++) {
        qtest_system_reset(m->qts);
        qcxl_enumerate(m);
        g_assert_cmpuint(percent(), ==, 0);
        g_assert_cmpuint(media(), ==, DISABLED);
        g_assert_cmphex(ask(0x4100), ==, MEDIA_DISABLED);
    }
    map_all();
    g_assert_cmphex(word_at(0), ==, UINT64_MAX);
    unmap_all();
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    wait_ms(510);
    g_assert_cmpuint(media(), ==, READY);
    g_assert_cmpuint(count_words(), ==, 0);
    qcxl_stop(m);
}

static unsigned erase_range(uint64_t dpa, uint64_t length)
{
    uint8_t in[24] = { 1, 0, 0, 0, 1 };

    stq_le_p(in + 8, dpa);
    stq_le_p(in + 16, length);
    return qcxl_command(dev, 0x4402, in, sizeof(in), NULL, NULL);
}

/* Not by whole pages, over the border of the two backends */
static void test_range(void)
{
    uint64_t first = QCXL_UNIT - 64, end = QCXL_UNIT + 0x1080;

    start("sanitize-duration=0");
    map_all();
    for (uint64_t dpa = first - 8; dpa <= end; dpa += 8) {
        qcxl_write(m, m->window[0].base + dpa, 8, WORD);
    }
    g_assert_cmphex(erase_range(first, end - first), ==, BG_STARTED);
    g_assert_cmpuint(media(), ==, READY);
    g_assert_cmphex(word_at(first - 8), ==, WORD);
    g_assert_cmphex(word_at(end), ==, WORD);
    for (uint64_t dpa = first; dpa < end; dpa += 8) {
        g_assert_cmphex(word_at(dpa), ==, 0);
    }
    qcxl_stop(m);
}

/* The device's words in this range are gone. */
static void forget_words(uint64_t from, uint64_t to)
{
    GHashTableIter it;
    gpointer place;

    g_hash_table_iter_init(&it, model);
    while (g_hash_table_iter_next(&it, &place, NULL)) {
        uint64_t dpa = *(uint64_t *)place & ((1ULL << 48) - 1);

        if (*(uint64_t *)place >> 48 == 1 && dpa >= from && dpa < to) {
            g_hash_table_iter_remove(&it);
        }
    }
}

/* Every word of the first pages of all four devices */
static void use_first(const Region *r)
{
    for (uint64_t hpa = r->base; hpa < r->base + 4 * PAGE; hpa += 8) {
        qcxl_write(m, hpa, 8, hpa);
        model_write(device_at(r, hpa), dpa_at(r, hpa), hpa);
    }
}

/* One of four devices: the neighbours' granules stay. */
static void check_woven(unsigned granularity, bool ram, uint64_t from,
                        uint64_t to, bool whole)
{
    QCXLTopology t = topology(2, 2);
    Region r;

    open_model();
    t.ram = ram;
    t.store = store;
    t.kinds = ram ? QCXL_VOLATILE : QCXL_PERSISTENT;
    t.lsa = ram ? 0 : 4096;
    t.device = "sanitize-duration=0,weave=on";
    t.window[0].granularity = granularity;
    start_with(&t);
    dev = &m->device[1];
    r = region(2, 2, granularity, 0);
    program(&r);
    use(&r, 300);
    use_first(&r);
    check(&r, "woven");
    g_assert_cmphex(whole ? ask(0x4401) : erase_range(from, to - from), ==,
                    BG_STARTED);
    forget_words(from, to);
    check(&r, "woven");
    use(&r, 30);
    check(&r, "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void test_woven(void)
{
    static const unsigned granularity[] = { 256, 4096 };

    for (unsigned i = 0; i < 4; i++) {
        unsigned g = granularity[i & 1];
        bool ram = i & 2;

        check_woven(g, ram, 0, QCXL_UNIT, true);
        check_woven(g, ram, 64, PAGE / 4 - 64, false);
        check_woven(g, ram, QCXL_UNIT / 2 + 64, QCXL_UNIT, false);
    }
}

static unsigned state_bits(void)
{
    uint8_t out[4];
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x4500, NULL, 0, out, &len), ==, 0);
    return ldl_le_p(out);
}

static unsigned set_passphrase(const char *words)
{
    uint8_t in[0x60] = { USER };

    g_strlcpy((char *)in + 0x40, words, 0x20);
    return qcxl_command(dev, 0x4501, in, sizeof(in), NULL, NULL);
}

static unsigned by_type(uint16_t opcode, const char *words)
{
    uint8_t in[0x40] = { USER };

    g_strlcpy((char *)in + 0x20, words, 0x20);
    return qcxl_command(dev, opcode, in, sizeof(in), NULL, NULL);
}

static unsigned unlock(const char *words)
{
    uint8_t in[0x20] = { 0 };

    g_strlcpy((char *)in, words, 0x20);
    return qcxl_command(dev, 0x4503, in, sizeof(in), NULL, NULL);
}

static void reset(void)
{
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
}

/* A power cycle locks what is persistent, and only that. */
static void test_lock(void)
{
    start(NULL);
    put_words();
    g_assert_cmphex(set_passphrase(PASSPHRASE), ==, 0);
    g_assert_cmphex(state_bits(), ==, USER_SET);
    g_assert_cmpuint(count_words(), ==, 32);
    reset();
    g_assert_cmphex(state_bits(), ==, USER_SET | LOCKED);
    map_all();
    g_assert_cmphex(word_at(0), ==, WORD);
    g_assert_cmphex(word_at(QCXL_UNIT - 8), ==, WORD);
    g_assert_cmphex(word_at(QCXL_UNIT), ==, UINT64_MAX);
    qcxl_write(m, m->window[0].base + QCXL_UNIT, 8, 0);
    g_assert_cmphex(unlock("something else"), ==, WRONG);
    g_assert_cmphex(word_at(QCXL_UNIT), ==, UINT64_MAX);
    g_assert_cmphex(unlock(PASSPHRASE), ==, 0);
    g_assert_cmphex(word_at(QCXL_UNIT), ==, WORD);
    unmap_all();
    g_assert_true(label_there());
    qcxl_stop(m);
}

static void test_frozen_and_limit(void)
{
    start(NULL);
    g_assert_cmphex(set_passphrase(PASSPHRASE), ==, 0);
    g_assert_cmphex(ask(0x4400), ==, SECURITY_STATE);
    g_assert_cmphex(ask(0x4401), ==, SECURITY_STATE);
    for (unsigned n = 0; n < 3; n++) {
        g_assert_cmphex(by_type(0x4502, "no"), ==, WRONG);
    }
    g_assert_cmphex(by_type(0x4502, PASSPHRASE), ==, SECURITY_STATE);
    g_assert_cmphex(ask(0x4504), ==, 0);
    g_assert_cmphex(state_bits(), ==, USER_SET | FROZEN | USER_LIMIT);
    reset();
    g_assert_cmphex(state_bits(), ==, USER_SET | LOCKED);
    g_assert_cmphex(unlock(PASSPHRASE), ==, 0);
    g_assert_cmphex(by_type(0x4502, PASSPHRASE), ==, 0);
    g_assert_cmphex(ask(0x4401), ==, BG_STARTED);
    qcxl_stop(m);
}

static void test_erase_by_passphrase(void)
{
    start(NULL);
    put_words();
    g_assert_cmphex(set_passphrase(PASSPHRASE), ==, 0);
    reset();
    g_assert_cmphex(by_type(0x4505, "no"), ==, WRONG);
    g_assert_cmphex(state_bits(), ==, USER_SET | LOCKED);
    g_assert_cmphex(by_type(0x4505, PASSPHRASE), ==, 0);
    g_assert_cmphex(state_bits(), ==, 0);
    check_file_empty(dev->host[1]);
    g_assert_cmpuint(count_words(), ==, 16);
    qcxl_stop(m);
}

/* To another machine, which is told nothing that it should not know */
static void move_on(const char *device)
{
    QCXLTopology t = persistent(device);
    g_autofree uint8_t *bytes = NULL;
    QCXLMachine *from = m;
    gsize len;

    qcxl_save(m, state);
    g_assert_true(g_file_get_contents(state, (char **)&bytes, &len, NULL));
    g_assert_false(memmem(bytes, len, PASSPHRASE, 0x1f));
    t.ram = true;
    t.more = "-incoming defer";
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    dev = &m->device[0];
    qcxl_stop(from);
}

static void start_to_move(const char *device)
{
    QCXLTopology t = persistent(device);

    open_model();
    t.ram = true;
    start_with(&t);
    put_words();
}

static void test_migrate_sanitize(void)
{
    start_to_move(NULL);
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    /* The clock stands still: the second backend's turn has yet to come. */
    move_on(NULL);
    g_assert_cmpuint(media(), ==, DISABLED);
    g_assert_cmpuint(percent(), <, 100);
    g_assert_cmphex(ask(0x4400), ==, BUSY);
    wait_ms(510);
    g_assert_cmpuint(percent(), ==, 100);
    g_assert_cmphex(final_code(), ==, 0);
    g_assert_cmpuint(media(), ==, READY);
    g_assert_cmpuint(count_words(), ==, 0);
    qcxl_stop(m);
    close_model();
}

/* Media that a stopped Sanitize left disabled stays so. */
static void test_migrate_disabled(void)
{
    start_to_move(NULL);
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    reset();
    move_on(NULL);
    g_assert_cmpuint(media(), ==, DISABLED);
    g_assert_cmpuint(percent(), ==, 0);
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    wait_ms(510);
    g_assert_cmpuint(media(), ==, READY);
    qcxl_stop(m);
    close_model();
}

static void test_migrate_locked(void)
{
    start_to_move(NULL);
    g_assert_cmphex(set_passphrase(PASSPHRASE), ==, 0);
    reset();
    g_assert_cmphex(unlock("no"), ==, WRONG);
    g_assert_cmphex(unlock("no"), ==, WRONG);
    move_on(NULL);
    g_assert_cmphex(state_bits(), ==, USER_SET | LOCKED);
    map_all();
    g_assert_cmphex(word_at(QCXL_UNIT), ==, UINT64_MAX);
    unmap_all();
    g_assert_cmphex(unlock(PASSPHRASE), ==, 0);
    g_assert_cmphex(by_type(0x4502, "no"), ==, WRONG);
    g_assert_cmphex(by_type(0x4502, "no"), ==, WRONG);
    move_on(NULL);
    g_assert_cmphex(by_type(0x4502, "no"), ==, WRONG);
    g_assert_cmphex(ask(0x4504), ==, 0);
    move_on(NULL);
    g_assert_cmphex(state_bits(), ==, USER_SET | FROZEN | USER_LIMIT);
    qcxl_stop(m);
    close_model();
}

/* Killed, and started again with the same files */
static void start_kept(void)
{
    QCXLTopology t = persistent(NULL);

    if (m) {
        qcxl_kill(m);
    }
    t.store = store;
    t.metadata = 128 * 1024;
    start_with(&t);
}

static bool area_has(const char *words)
{
    g_autofree char *path = g_strdup_printf("%s/md0", store);
    g_autofree char *bytes = NULL;
    gsize len;

    g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    return memmem(bytes, len, words, strlen(words));
}

/* Without the passphrase, there is no way in with another QEMU either. */
static void test_killed_locked(void)
{
    open_model();
    m = NULL;
    start_kept();
    put_words();
    g_assert_cmphex(set_passphrase(PASSPHRASE), ==, 0);
    start_kept();
    g_assert_cmphex(state_bits(), ==, USER_SET | LOCKED);
    map_all();
    g_assert_cmphex(word_at(0), ==, WORD);
    g_assert_cmphex(word_at(QCXL_UNIT), ==, UINT64_MAX);
    unmap_all();
    g_assert_cmphex(unlock("no"), ==, WRONG);
    g_assert_cmphex(unlock(PASSPHRASE), ==, 0);
    g_assert_cmpuint(count_words(), ==, 32);
    g_assert_cmphex(by_type(0x4502, PASSPHRASE), ==, 0);
    g_assert_false(area_has("passphrase"));
    start_kept();
    g_assert_cmphex(state_bits(), ==, 0);
    qcxl_stop(m);
    close_model();
}

/* In the middle of a Sanitize: only one that succeeds enables the media. */
static void test_killed_sanitize(void)
{
    open_model();
    m = NULL;
    start_kept();
    put_words();
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    for (unsigned n = 0; n < 2; n++) {
        start_kept();
        g_assert_cmpuint(media(), ==, DISABLED);
        g_assert_cmphex(ask(0x4100), ==, MEDIA_DISABLED);
    }
    g_assert_cmphex(ask(0x4400), ==, BG_STARTED);
    wait_ms(510);
    start_kept();
    g_assert_cmpuint(media(), ==, READY);
    g_assert_cmpuint(count_words(), ==, 0);
    qcxl_stop(m);
    close_model();
}

/* Nothing that is locked may become volatile, and so readable. */
static void test_locked_partition(void)
{
    static const uint8_t all_volatile[9] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };

    start("partition-alignment=256M");
    g_assert_cmphex(set_passphrase(PASSPHRASE), ==, 0);
    reset();
    g_assert_cmphex(qcxl_command(dev, 0x4101, all_volatile, 9, NULL, NULL),
                    ==, SECURITY_STATE);
    g_assert_cmphex(erase_range(QCXL_UNIT, 64), ==, SECURITY_STATE);
    g_assert_cmphex(unlock(PASSPHRASE), ==, 0);
    g_assert_cmphex(qcxl_command(dev, 0x4101, all_volatile, 9, NULL, NULL),
                    ==, 0);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/sanitize/files", test_files);
    qtest_add_func("cxl/sanitize/unshared", test_unshared);
    qtest_add_func("cxl/sanitize/in-use", test_in_use);
    qtest_add_func("cxl/sanitize/secure-erase", test_secure_erase);
    qtest_add_func("cxl/sanitize/durations", test_durations);
    qtest_add_func("cxl/sanitize/interrupt", test_interrupt);
    qtest_add_func("cxl/sanitize/reset", test_reset_in_the_middle);
    qtest_add_func("cxl/sanitize/range", test_range);
    qtest_add_func("cxl/sanitize/woven", test_woven);
    qtest_add_func("cxl/sanitize/migrate", test_migrate_sanitize);
    qtest_add_func("cxl/sanitize/migrate-disabled", test_migrate_disabled);
    qtest_add_func("cxl/sanitize/killed", test_killed_sanitize);
    qtest_add_func("cxl/security/killed", test_killed_locked);
    qtest_add_func("cxl/security/lock", test_lock);
    qtest_add_func("cxl/security/frozen-and-limit", test_frozen_and_limit);
    qtest_add_func("cxl/security/erase", test_erase_by_passphrase);
    qtest_add_func("cxl/security/migrate", test_migrate_locked);
    qtest_add_func("cxl/security/partition", test_locked_partition);
    return g_test_run();
}
