/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model of the bytes of all devices, and what guest and devices do with
 * them: each byte that is read is the last that was written at its device and
 * DPA.
 */
#ifndef TESTS_QTEST_CXL_MEMORY_MODEL_H
#define TESTS_QTEST_CXL_MEMORY_MODEL_H

#include "machine_model.h"
#include "qemu/bswap.h"
#include "qemu/cutils.h"

#define ACCESSES 12
#define PAGE 4096
#define LONGEST (2 * PAGE)
#define CHUNK 256                       /* of which all is in one device */
#define LINE 64
#define LINES 16                        /* that are poisoned at most */

/* What is known of the memory of all devices, plugged or not */
typedef struct Memory {
    GHashTable *page;                   /* place to bytes; others are zero */
    GHashTable *poisoned;               /* places of lines */
} Memory;

static Memory memory;
static uint64_t range[4];               /* where the last ranges begin */
static unsigned ranges;
static unsigned answered;               /* pieces written, all in all */

/* -- the reference ------------------------------------------------------- */

static inline gint64 place_of(unsigned k, uint64_t dpa)
{
    return (gint64)k << 40 | dpa;
}

static inline void memory_open(Memory *mem)
{
    mem->page = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                      g_free);
    mem->poisoned = g_hash_table_new_full(g_int64_hash, g_int64_equal,
                                          g_free, NULL);
}

static inline void memory_close(Memory *mem)
{
    g_hash_table_unref(mem->page);
    g_hash_table_unref(mem->poisoned);
}

static inline Memory memory_copy(const Memory *mem)
{
    Memory copy;
    GHashTableIter it;
    gpointer place, bytes;

    memory_open(&copy);
    g_hash_table_iter_init(&it, mem->page);
    while (g_hash_table_iter_next(&it, &place, &bytes)) {
        g_hash_table_insert(copy.page, g_memdup2(place, sizeof(gint64)),
                            g_memdup2(bytes, PAGE));
    }
    g_hash_table_iter_init(&it, mem->poisoned);
    while (g_hash_table_iter_next(&it, &place, NULL)) {
        g_hash_table_add(copy.poisoned, g_memdup2(place, sizeof(gint64)));
    }
    return copy;
}

/* The byte of device @k at @dpa and those after it on its page */
static inline uint8_t *bytes_at(unsigned k, uint64_t dpa)
{
    gint64 place = place_of(k, dpa & ~(PAGE - 1ULL));
    uint8_t *page = g_hash_table_lookup(memory.page, &place);

    if (!page) {
        page = g_malloc0(PAGE);
        g_hash_table_insert(memory.page, g_memdup2(&place, sizeof(place)),
                            page);
    }
    return page + dpa % PAGE;
}

static inline bool is_poisoned(unsigned k, uint64_t dpa)
{
    gint64 place = place_of(k, dpa & ~(LINE - 1ULL));

    return g_hash_table_contains(memory.poisoned, &place);
}

static inline gboolean is_of(gpointer place, gpointer value, gpointer k)
{
    return *(gint64 *)place >> 40 == GPOINTER_TO_UINT(k);
}

/* All of device @k is zeroes. */
static inline void forget_memory(unsigned k)
{
    g_hash_table_foreach_remove(memory.page, is_of, GUINT_TO_POINTER(k));
}

/* -- what the guest does ------------------------------------------------- */

static inline void write_bytes(uint64_t hpa, const uint8_t *buf, unsigned len)
{
    while (len) {
        unsigned now = MIN(len, CHUNK - hpa % CHUNK);
        uint64_t dpa;
        int k = answering(hpa, &dpa);

        if (k != NOBODY) {
            memcpy(bytes_at(k, dpa), buf, now);
            answered++;
        }
        hpa += now;
        buf += now;
        len -= now;
    }
}

static inline void check_byte(int k, uint64_t hpa, uint64_t dpa, uint8_t byte)
{
    if (k == NOBODY) {
        g_assert_cmphex(byte, ==, 0xff);
    } else if (!is_poisoned(k, dpa) && byte != *bytes_at(k, dpa)) {
        g_error("0x%" PRIx64 " is 0x%02x, not 0x%02x as device %d has it at "
                "0x%" PRIx64, hpa, byte, *bytes_at(k, dpa), k, dpa);
    }
}

static inline void check_bytes(uint64_t hpa, const uint8_t *buf, unsigned len)
{
    uint64_t dpa = 0;
    int k = NOBODY;

    for (unsigned i = 0; i < len; i++, dpa++) {
        if (!i || (hpa + i) % CHUNK == 0) {
            k = answering(hpa + i, &dpa);
        }
        check_byte(k, hpa + i, dpa, buf[i]);
    }
}

/* Often where ranges begin and end, and where one device's DPAs do */
static inline uint64_t any_address(unsigned len)
{
    const QCXLWindow *w = &m->window[any(m->windows)];
    uint64_t hpa = w->base + any(w->size / QCXL_UNIT) * QCXL_UNIT;

    if (ranges && any(4)) {
        hpa = range[any(MIN(ranges, ARRAY_SIZE(range)))];
        hpa += any(4) ? 0 : any(16) * QCXL_UNIT;
    }
    hpa += any(4) ? any(32 * 1024) : any(QCXL_UNIT);
    w = window_at(hpa);
    return MIN(hpa, w->base + w->size - len);
}

/* Zeroes now and then: a copy of what there is must not leave them out. */
static inline void any_bytes(uint8_t *buf, unsigned len)
{
    uint8_t mask = any(3) ? 0xff : 0;

    for (unsigned i = 0; i < len; i++) {
        buf[i] = g_rand_int(dice) & mask;
    }
}

static inline void access_word(void)
{
    unsigned len = 1 << any(4);
    uint64_t hpa = any_address(len), word;
    uint8_t buf[8];

    if (any(2)) {
        word = (uint64_t)g_rand_int(dice) << 32 | g_rand_int(dice);
        qcxl_write(m, hpa, len, word);
        stq_le_p(buf, word);
        write_bytes(hpa, buf, len);
    }
    stq_le_p(buf, qcxl_read(m, hpa, len));
    check_bytes(hpa, buf, len);
}

static inline void access_block(void)
{
    static uint8_t buf[LONGEST];
    unsigned len = 1 + any(LONGEST);
    uint64_t hpa = any_address(len);

    if (any(2)) {
        any_bytes(buf, len);
        qtest_bufwrite(m->qts, hpa, buf, len);
        write_bytes(hpa, buf, len);
    }
    qtest_bufread(m->qts, hpa, buf, len);
    check_bytes(hpa, buf, len);
}

/* An address that leads to device @k at @dpa, or 0 */
static inline uint64_t address_of(unsigned k, uint64_t dpa)
{
    const Registers *r = &device[k].registers;
    uint64_t start = 0, found;

    for (unsigned n = 0; n < DECODERS; n++) {
        const QCXLDecoder *d = &r->decoder[n];
        uint64_t share = d->size ? d->size / d->ways : 0;

        for (unsigned i = 0; dpa - start < share && i < d->ways; i++) {
            uint64_t granule = (dpa - start) / d->granularity * d->ways + i;
            uint64_t hpa = d->base + granule * d->granularity +
                           dpa % d->granularity;

            if (answering(hpa, &found) == k && found == dpa) {
                return hpa;
            }
        }
        start += share;
    }
    return 0;
}

/* A chunk of @page that is not zero, if there is one */
static inline unsigned any_chunk(const uint8_t *page)
{
    unsigned first = any(PAGE / CHUNK), at;

    for (unsigned i = 0; i < PAGE / CHUNK; i++) {
        at = (first + i) % (PAGE / CHUNK) * CHUNK;
        if (!buffer_is_zero(page + at, CHUNK)) {
            return at;
        }
    }
    return first * CHUNK;
}

/* Something of each page that is known, where it can be reached */
static inline void look_around(void)
{
    GHashTableIter it;
    gpointer place, page;
    uint8_t buf[CHUNK];

    g_hash_table_iter_init(&it, memory.page);
    while (g_hash_table_iter_next(&it, &place, &page)) {
        unsigned k = *(gint64 *)place >> 40;
        uint64_t dpa = *(gint64 *)place & ((1ULL << 40) - 1);
        uint64_t hpa = address_of(k, dpa + any_chunk(page));

        if (hpa) {
            qtest_bufread(m->qts, hpa, buf, CHUNK);
            check_bytes(hpa, buf, CHUNK);
        }
    }
}

static inline void use(void)
{
    look_around();
    for (unsigned i = 0; i < ACCESSES; i++) {
        if (any(3)) {
            access_word();
        } else {
            access_block();
        }
    }
}

/* -- what the device does ------------------------------------------------ */

static inline int slot_of(unsigned k)
{
    for (unsigned s = 0; s < slots; s++) {
        if (in_slot[s] == k) {
            return s;
        }
    }
    return NOBODY;
}

/* CXL r3.2: Clear Poison writes a line by DPA. */
static inline void clear_line(unsigned k, uint64_t dpa)
{
    gint64 place = place_of(k, dpa);
    uint8_t in[8 + LINE];

    stq_le_p(in, dpa);
    any_bytes(in + 8, LINE);
    g_assert_cmphex(qcxl_command(found(slot_of(k)), 0x4302, in, sizeof(in),
                                 NULL, NULL), ==, 0);
    memcpy(bytes_at(k, dpa), in + 8, LINE);
    g_hash_table_remove(memory.poisoned, &place);
}

static inline void inject_line(unsigned k, uint64_t dpa)
{
    gint64 place = place_of(k, dpa);
    uint8_t in[8];

    stq_le_p(in, dpa);
    g_assert_cmphex(qcxl_command(found(slot_of(k)), 0x4301, in, sizeof(in),
                                 NULL, NULL), ==, 0);
    g_hash_table_add(memory.poisoned, g_memdup2(&place, sizeof(place)));
}

/* A line near what others write; the guest sees it, if any. */
static inline void change_line(void)
{
    int slot = any_slot(false);
    uint64_t dpa = any(4) ? any(32 * 1024) : any(topology.size), hpa;
    uint8_t buf[LINE];

    if (slot == NOBODY) {
        return;
    }
    dpa &= ~(LINE - 1ULL);
    if (any(3) || g_hash_table_size(memory.poisoned) == LINES) {
        clear_line(in_slot[slot], dpa);
    } else {
        inject_line(in_slot[slot], dpa);
    }
    hpa = address_of(in_slot[slot], dpa);
    if (hpa) {
        qtest_bufread(m->qts, hpa, buf, LINE);
        check_bytes(hpa, buf, LINE);
    }
}

/* All poison is gone, for what would otherwise take it along. */
static inline void heal(void)
{
    g_autoptr(GList) places = g_hash_table_get_keys(memory.poisoned);

    for (GList *at = places; at; at = at->next) {
        gint64 place = *(gint64 *)at->data;

        clear_line(place >> 40, place & ((1ULL << 40) - 1));
    }
}

#endif
