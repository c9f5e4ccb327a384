/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows with XOR arithmetic: what the CEDT says of them, and maps that the
 * command line gives.  The arithmetic itself is interleave-test's.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/host-utils.h"

#define BRIDGES 4
#define PIECE 8192

/* Maps that are in public use: bits 8, 11, 17, 25; and 9, 12, 18, 26 */
#define MAP0 0x2020900
#define MAP1 0x4041200
#define GIVEN "cxl-fmw.0.xor-maps.0=0x2020900,cxl-fmw.0.xor-maps.1=0x4041200"

/* Each granularity has the maps of the window that needs most. */
static void test_structures(void)
{
    static const QCXLTopology topology = {
        .bridges = BRIDGES, .ports = 1, .empty = 1, .window = {
            { .ways = 2, .size = QCXL_UNIT * 2, .by_xor = true },
            { .ways = 4, .size = QCXL_UNIT * 4, .by_xor = true },
            { .ways = 4, .size = QCXL_UNIT * 4, .granularity = 512 },
            { .ways = 1, .size = QCXL_UNIT, .granularity = 512,
              .by_xor = true },
            { .ways = 3, .size = QCXL_UNIT * 3, .granularity = 1024,
              .by_xor = true },
            { .ways = 2, .size = QCXL_UNIT * 2, .granularity = 16384,
              .by_xor = true },
            { .ways = 2, .size = QCXL_UNIT * 2 },
        },
    };
    static const unsigned counts[7] = { [0] = 2, [6] = 1 };
    QCXLMachine *m = qcxl_start(&topology);

    g_assert_cmpuint(m->windows, ==, 7);
    for (unsigned w = 0; w < m->windows; w++) {
        g_assert_true(m->window[w].by_xor == topology.window[w].by_xor);
    }
    for (unsigned ig = 0; ig < ARRAY_SIZE(counts); ig++) {
        const QCXLMaps *maps = &m->maps[ig];

        g_assert_cmpuint(maps->count, ==, counts[ig]);
        for (unsigned i = 0; i < maps->count; i++) {
            g_assert_cmpint(ctz64(maps->map[i]), ==, 8 + ig + i);
            g_assert_cmpint(ctpop64(maps->map[i]), >, 1);
            g_assert_cmphex(maps->map[i] >> 52, ==, 0);
        }
    }
    qcxl_stop(m);
}

static void commit(const QCXLMachine *m, uint64_t component,
                   const QCXLDecoder *decoder)
{
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, component), 0, decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
}

static QCXLTopology four_bridges(void)
{
    return (QCXLTopology) {
        .bridges = BRIDGES, .ports = 2, .empty = 1, .machine = GIVEN,
        .window = {
            { .ways = 4, .size = QCXL_UNIT * 8, .by_xor = true },
        },
    };
}

/* A region over the four devices, not at the begin of the window */
static uint64_t make_region(const QCXLMachine *m)
{
    QCXLDecoder decoder = { .base = m->window[0].base + QCXL_UNIT,
                            .size = BRIDGES * QCXL_UNIT, .ways = BRIDGES };

    for (unsigned b = 0; b < BRIDGES; b++) {
        commit(m, m->device[b].fn.component, &decoder);
        qcxl_mem_enable(&m->device[b], true);
    }
    decoder.ways = 1;
    decoder.target[0] = m->bridge[0].port[0].number;
    for (unsigned b = 0; b < BRIDGES; b++) {
        commit(m, m->bridge[b].component, &decoder);
    }
    return decoder.base;
}

static const QCXLDevice *device_at(const QCXLMachine *m, uint64_t hpa)
{
    unsigned position = (ctpop64(hpa & MAP0) & 1) |
                        (ctpop64(hpa & MAP1) & 1) << 1;

    for (unsigned b = 0; b < BRIDGES; b++) {
        if (m->bridge[b].uid == m->window[0].target[position]) {
            return &m->device[b];
        }
    }
    g_assert_not_reached();
}

static void check_piece(const QCXLMachine *m, uint64_t base, uint64_t offset)
{
    uint8_t buf[PIECE];

    for (unsigned i = 0; i < PIECE; i++) {
        buf[i] = g_test_rand_int();
    }
    qtest_bufwrite(m->qts, base + offset, buf, PIECE);
    for (unsigned i = 0; i < PIECE; i++) {
        uint64_t at = offset + i;

        g_assert_cmphex(device_at(m, base + at)->host[0][at / 1024 * 256 +
                                                         at % 256], ==,
                        buf[i]);
    }
}

/* Below and above each of the maps' higher bits */
static void test_given(void)
{
    QCXLTopology topology = four_bridges();
    QCXLMachine *m = qcxl_start(&topology);
    uint64_t base = make_region(m);

    g_assert_cmphex(m->maps[0].map[0], ==, MAP0);
    g_assert_cmphex(m->maps[0].map[1], ==, MAP1);
    check_piece(m, base, 0);
    for (unsigned bit = 13; bit < 28; bit++) {
        check_piece(m, base, (1 << bit) - PIECE / 2);
    }
    check_piece(m, base, BRIDGES * QCXL_UNIT - PIECE);
    qcxl_stop(m);
}

/* Routes are not saved: those of the loaded machine are the same again. */
static void test_saved(void)
{
    g_autofree char *store = qcxl_store_new();
    g_autofree char *path = g_strdup_printf("%s/state", store);
    QCXLTopology topology = four_bridges();
    QCXLMachine *from, *to;
    uint8_t buf[PIECE], back[PIECE];
    uint64_t base;

    topology.ram = true;
    from = qcxl_start(&topology);
    base = make_region(from);
    for (unsigned i = 0; i < PIECE; i++) {
        buf[i] = g_test_rand_int();
    }
    qtest_bufwrite(from->qts, base + 0x2000000 - PIECE / 2, buf, PIECE);
    qcxl_save(from, path);
    topology.more = "-incoming defer";
    to = qcxl_launch(&topology);
    g_assert_true(qcxl_load(to, path));
    qtest_bufread(to->qts, base + 0x2000000 - PIECE / 2, back, PIECE);
    g_assert_cmpmem(back, PIECE, buf, PIECE);
    qcxl_stop(from);
    qcxl_stop(to);
    qcxl_store_remove(g_steal_pointer(&store));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/xor/structures", test_structures);
    qtest_add_func("cxl/xor/given", test_given);
    qtest_add_func("cxl/xor/saved", test_saved);
    return g_test_run();
}
