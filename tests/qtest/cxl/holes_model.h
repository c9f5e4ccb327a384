/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Poison in a region, and the holes in its mapping. */
#ifndef TESTS_QTEST_CXL_HOLES_MODEL_H
#define TESTS_QTEST_CXL_HOLES_MODEL_H

#include "weave_model.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"

#define L 64

typedef struct Hole {
    uint64_t base, size;
} Hole;

static inline void start(unsigned bridges, unsigned ports)
{
    QCXLTopology t = topology(bridges, ports);

    t.bridge = "hdm_for_passthrough=on";
    m = qcxl_start(&t);
}

/* Of the mapping that begins at @base */
static inline GArray *holes_at(uint64_t base)
{
    QDict *answer = qtest_qmp(m->qts, "{ 'execute': 'query-cxl-mappings' }");
    GArray *holes = g_array_new(false, false, sizeof(Hole));
    const QListEntry *entry, *inner;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, "return"), entry) {
        QDict *mapping = qobject_to(QDict, qlist_entry_obj(entry));
        QList *list = qdict_get_qlist(mapping, "holes");

        if (qdict_get_int(mapping, "base") != base || !list) {
            continue;
        }
        QLIST_FOREACH_ENTRY(list, inner) {
            QDict *one = qobject_to(QDict, qlist_entry_obj(inner));
            Hole hole = { qdict_get_int(one, "base"),
                          qdict_get_int(one, "size") };

            g_array_append_val(holes, hole);
        }
    }
    qobject_unref(answer);
    return holes;
}

static inline unsigned count_holes(uint64_t base)
{
    g_autoptr(GArray) holes = holes_at(base);

    return holes->len;
}

/* As the base's memory map has it */
static inline bool is_trapped(uint64_t base, uint64_t size)
{
    g_autofree char *map = qtest_hmp(m->qts, "info mtree -f");
    g_autofree char *range = g_strdup_printf("%016" PRIx64 "-%016" PRIx64 " ",
                                             base, base + size - 1);
    char *line = strstr(map, range);
    g_autofree char *found = line ? g_strndup(line, strcspn(line, "\r\n"))
                                  : NULL;

    return found && strstr(found, "cxl-trapped");
}

static inline void check_hole(const Region *r, unsigned n, uint64_t page,
                       uint64_t size)
{
    g_autoptr(GArray) holes = holes_at(r->base);

    g_assert_cmpuint(n, <, holes->len);
    g_assert_cmphex(g_array_index(holes, Hole, n).base, ==, page);
    g_assert_cmphex(g_array_index(holes, Hole, n).size, ==, size);
    g_assert_true(is_trapped(page, size));
}

static inline unsigned line_command(unsigned n, uint16_t opcode, uint64_t dpa,
                             uint64_t word)
{
    uint8_t in[72];

    stq_le_p(in, dpa);
    for (unsigned i = 0; i < 8; i++) {
        stq_le_p(in + 8 + i * 8, word + i);
    }
    return qcxl_command(&m->device[n], opcode, in, opcode == 0x4301 ? 8 : 72,
                        NULL, NULL);
}

/* The line of @r at @hpa */
static inline void inject(const Region *r, uint64_t hpa)
{
    g_assert_cmphex(line_command(device_at(r, hpa), 0x4301, dpa_at(r, hpa),
                                 0), ==, 0);
}

static inline void clear(const Region *r, uint64_t hpa, uint64_t word)
{
    uint64_t line = hpa / L * L;
    unsigned n = device_at(r, hpa);

    g_assert_cmphex(line_command(n, 0x4302, dpa_at(r, line), word), ==, 0);
    for (unsigned i = 0; i < L / 8; i++) {
        model_write(n, dpa_at(r, line + i * 8), word + i);
    }
}

static inline void qmp_poison(const char *path, uint64_t dpa, uint64_t length)
{
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-inject-poison',"
        "'arguments': { 'path': %s, 'start': %" PRIu64 ", 'length': %" PRIu64
        " } }", path, dpa, length);
}

/* All ones in the line at @poison, what the model has in the rest */
static inline void check_around(const Region *r, uint64_t poison)
{
    uint64_t page = poison / PAGE * PAGE, buf[WORDS];

    qtest_bufread(m->qts, page, buf, PAGE);
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t hpa = page + i * 8;
        uint64_t expected = hpa / L == poison / L ? UINT64_MAX :
            model_read(device_at(r, hpa), dpa_at(r, hpa));

        g_assert_cmphex(le64_to_cpu(buf[i]), ==, expected);
        g_assert_cmphex(qcxl_read(m, hpa, 8), ==, expected);
    }
}

static inline void fill_page(const Region *r, uint64_t page)
{
    for (uint64_t hpa = page; hpa < page + PAGE; hpa += 8) {
        uint64_t word = (uint64_t)g_test_rand_int() << 32 | hpa;

        qcxl_write(m, hpa, 8, word);
        model_write(device_at(r, hpa), dpa_at(r, hpa), word);
    }
}

#endif
