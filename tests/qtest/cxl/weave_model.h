/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model of interleaved memory: what the guest writes at an HPA belongs to a
 * device and a DPA, whatever decodes it next.
 */
#ifndef TESTS_QTEST_CXL_WEAVE_MODEL_H
#define TESTS_QTEST_CXL_WEAVE_MODEL_H

#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

#define PAGE 4096
#define PAGES 12                    /* of a region that are used */
#define WORDS (PAGE / 8)

typedef struct Region {
    unsigned bridges, ports;        /* the first ones */
    unsigned granularity;           /* of the endpoints */
    uint64_t base, size;
    uint64_t page[PAGES];           /* offsets */
} Region;

static QCXLMachine *m;
static GHashTable *model;           /* of what is not 0: place -> word */
static char *store, *state;

static inline QCXLTopology topology(unsigned bridges, unsigned ports)
{
    return (QCXLTopology) {
        .bridges = bridges, .ports = ports, .ram = true,
        .window = { { .ways = bridges,
                      .size = (bridges * ports + 2) * bridges * QCXL_UNIT } },
    };
}

static inline void open_model(void)
{
    model = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    store = qcxl_store_new();
    state = g_strdup_printf("%s/state", store);
}

static inline void close_model(void)
{
    g_hash_table_unref(model);
    g_free(state);
    qcxl_store_remove(store);
}

static inline uint64_t model_read(unsigned device, uint64_t dpa)
{
    uint64_t place = (uint64_t)device << 48 | dpa;
    const uint64_t *word = g_hash_table_lookup(model, &place);

    return word ? *word : 0;
}

static inline void model_write(unsigned device, uint64_t dpa, uint64_t word)
{
    uint64_t place = (uint64_t)device << 48 | dpa;

    g_hash_table_insert(model, g_memdup2(&place, 8), g_memdup2(&word, 8));
}

static inline unsigned ways(const Region *r)
{
    return r->bridges * r->ports;
}

/* The bits that choose a port are above those that choose the bridge. */
static inline unsigned bridge_granularity(const Region *r)
{
    return r->granularity << (r->bridges == 3 ? 0 : ctz32(r->bridges));
}

static inline unsigned device_at(const Region *r, uint64_t hpa)
{
    unsigned b = hpa / r->granularity % r->bridges;
    unsigned p = hpa / bridge_granularity(r) % r->ports;

    return b * m->topology.ports + p;
}

static inline uint64_t dpa_at(const Region *r, uint64_t hpa)
{
    uint64_t granule = (hpa - r->base) / r->granularity;

    return granule / ways(r) * r->granularity + hpa % r->granularity;
}

static inline void commit(uint64_t component, const QCXLDecoder *decoder)
{
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, component), 0, decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
}

static inline void uncommit(uint64_t component)
{
    qcxl_hdm_uncommit(m, qcxl_hdm(m, component), 0);
}

static inline Region region(unsigned bridges, unsigned ports,
                            unsigned granularity, unsigned units)
{
    Region r = {
        .bridges = bridges, .ports = ports, .granularity = granularity,
        .base = m->window[0].base + units * QCXL_UNIT,
        .size = bridges * ports * QCXL_UNIT,
    };

    r.page[1] = r.size - PAGE;
    for (unsigned i = 2; i < PAGES; i++) {
        r.page[i] = (uint64_t)g_test_rand_int() * PAGE % r.size;
    }
    return r;
}

static inline void program(const Region *r)
{
    for (unsigned b = 0; b < r->bridges; b++) {
        QCXLDecoder decoder = { .base = r->base, .size = r->size,
                                .ways = ways(r),
                                .granularity = r->granularity };

        for (unsigned p = 0; p < r->ports; p++) {
            const QCXLDevice *dev = &m->device[b * m->topology.ports + p];

            commit(dev->fn.component, &decoder);
            qcxl_mem_enable(dev, true);
        }
        for (unsigned p = 0; p < r->ports; p++) {
            decoder.target[p] = m->bridge[b].port[p].number;
        }
        decoder.ways = r->ports;
        decoder.granularity = bridge_granularity(r);
        commit(m->bridge[b].component, &decoder);
    }
}

static inline void tear_down(const Region *r)
{
    for (unsigned b = 0; b < r->bridges; b++) {
        uncommit(m->bridge[b].component);
        for (unsigned p = 0; p < r->ports; p++) {
            uncommit(m->device[b * m->topology.ports + p].fn.component);
        }
    }
}

static inline void use(const Region *r, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t hpa = r->base + r->page[g_test_rand_int_range(0, PAGES)] +
                       g_test_rand_int_range(0, WORDS) * 8;
        uint64_t word = (uint64_t)g_test_rand_int() << 32 | i;

        qcxl_write(m, hpa, 8, word);
        model_write(device_at(r, hpa), dpa_at(r, hpa), word);
    }
}

/* @missing: a device that does not answer, or -1 */
static inline void check_page(const Region *r, uint64_t hpa, int missing)
{
    uint64_t buf[WORDS];

    qtest_bufread(m->qts, hpa, buf, PAGE);
    for (unsigned i = 0; i < WORDS; i++) {
        unsigned device = device_at(r, hpa + i * 8);
        uint64_t expected = (int)device == missing ? UINT64_MAX :
            model_read(device, dpa_at(r, hpa + i * 8));

        g_assert_cmphex(le64_to_cpu(buf[i]), ==, expected);
    }
}

static inline void check(const Region *r, const char *kind)
{
    g_assert_true(qcxl_mapped(m, r->base, kind));
    for (unsigned i = 0; i < PAGES; i++) {
        check_page(r, r->base + r->page[i], -1);
    }
}

/*
 * What the model has of device @n, through a range of its own: of how many
 * words that is
 */
static inline unsigned check_device(unsigned n)
{
    const QCXLDevice *dev = &m->device[n];
    const QCXLBridge *bridge = &m->bridge[dev->bridge];
    QCXLDecoder decoder = {
        .base = m->window[0].base, .size = QCXL_UNIT,
        .target = { bridge->port[dev->port].number },
    };
    uint64_t granule = m->topology.bridges * m->window[0].granularity;
    GHashTableIter it;
    gpointer place, word;
    unsigned found = 0;

    commit(dev->fn.component, &decoder);
    qcxl_mem_enable(dev, true);
    commit(bridge->component, &decoder);
    g_hash_table_iter_init(&it, model);
    while (g_hash_table_iter_next(&it, &place, &word)) {
        uint64_t dpa = *(uint64_t *)place & ((1ULL << 48) - 1);

        /* The window leads to this bridge in some granules only. */
        if (*(uint64_t *)place >> 48 == n &&
            (m->topology.bridges == 1 ||
             (decoder.base + dpa) % granule / m->window[0].granularity ==
             dev->bridge)) {
            g_assert_cmphex(qcxl_read(m, decoder.base + dpa, 8), ==,
                            *(uint64_t *)word);
            found++;
        }
    }
    uncommit(bridge->component);
    uncommit(dev->fn.component);
    return found;
}

static inline void check_devices(const Region *r)
{
    unsigned found = 0;

    for (unsigned b = 0; b < r->bridges; b++) {
        for (unsigned p = 0; p < r->ports; p++) {
            found += check_device(b * m->topology.ports + p);
        }
    }
    g_assert_cmpuint(found, >, 0);
}

#endif
