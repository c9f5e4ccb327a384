/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switches: their ports, what their decoders select, resets, state. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

#define CAP_EXPRESS 0x10
#define CAP_MSI 0x05
#define EXT_CAP_AER 0x0001
#define EXT_CAP_DSN 0x0003
#define EXT_CAP_ACS 0x000d
#define EXT_CAP_DOE 0x002e
#define BRIDGE_CONTROL 0x3e
#define SECONDARY_RESET 0x40
#define DVSEC_PORT 3
#define ONES UINT64_MAX
#define LEVELS 3                        /* bridge, switch, switch */
#define PIECE 32768

static QCXLMachine *m;

static void start(unsigned ports, unsigned fan0, unsigned fan1)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = ports, .fan = { fan0, fan1 },
        .bridge = "hdm_for_passthrough=on",
        .window = { { .ways = 1, .size = 16 * QCXL_UNIT } },
    };

    m = qcxl_start(&topology);
}

/* The upstream port of the first switch, and its port @p */
static const QCXLFunction *up(void)
{
    return &m->sw[0].fn;
}

static const QCXLFunction *down(unsigned p)
{
    return &m->sw[0].port[p].fn;
}

static void check_port(const QCXLFunction *fn, uint32_t id, unsigned type)
{
    unsigned cap = qcxl_find_cap(fn, CAP_EXPRESS);

    g_assert_cmphex(qcxl_config_read(fn, 0, 4), ==, id);
    g_assert_cmphex(qcxl_config_read(fn, 8, 4) >> 8, ==, 0x060400);
    g_assert_cmphex(qcxl_config_read(fn, cap + 2, 1) >> 4, ==, type);
    g_assert_cmpuint(fn->bar_size[0], ==, 0x10000);
    g_assert_cmpuint(qcxl_find_cap(fn, CAP_MSI), !=, 0);
    g_assert_cmpuint(qcxl_find_ext_cap(fn, EXT_CAP_AER), ==, 0x100);
    /* CXL r3.2: DVSECs; global persistent flush is for links below */
    g_assert_cmpuint(qcxl_find_dvsec(fn, 3), !=, 0);
    g_assert_cmpuint(!!qcxl_find_dvsec(fn, 4), ==, type != 5);
    g_assert_cmpuint(qcxl_find_dvsec(fn, 7), !=, 0);
    g_assert_cmpuint(qcxl_find_dvsec(fn, 8), !=, 0);
    g_assert_cmpuint(!!qcxl_find_ext_cap(fn, EXT_CAP_DOE), ==, type == 5);
    g_assert_cmpuint(!!qcxl_find_ext_cap(fn, EXT_CAP_ACS), ==, type != 5);
    /* RAS and link on both, decoders on the upstream port */
    g_assert_cmphex(qcxl_component_cap(m, fn->component, 2), !=, 0);
    g_assert_cmphex(qcxl_component_cap(m, fn->component, 4), !=, 0);
    g_assert_cmpuint(!!qcxl_component_cap(m, fn->component, 5), ==,
                     type == 5);
}

static void test_ports(void)
{
    unsigned cap;

    start(1, 2, 0);
    check_port(up(), 0xa12819e5, 5);
    for (unsigned p = 0; p < 2; p++) {
        check_port(down(p), 0xa12919e5, 6);
        cap = qcxl_find_cap(down(p), CAP_EXPRESS);
        g_assert_cmpuint(qcxl_config_read(down(p), cap + 0xf, 1), ==,
                         m->sw[0].port[p].number);
        /* a slot, hot-pluggable, with the device present */
        g_assert_cmphex(qcxl_config_read(down(p), cap + 3, 1) & 1, ==, 1);
        g_assert_cmphex(qcxl_config_read(down(p), cap + 0x14, 4) & 0x60, ==,
                        0x60);
        g_assert_cmphex(qcxl_config_read(down(p), cap + 0x1a, 2) & 0x40, ==,
                        0x40);
    }
    /* 32 GT/s, 16 lanes */
    cap = qcxl_find_cap(up(), CAP_EXPRESS);
    g_assert_cmphex(qcxl_config_read(up(), cap + 0x12, 2) & 0x3ff, ==,
                    0x105);
    /* 8 decoders of 8 targets */
    g_assert_cmphex(qcxl_read(m, qcxl_hdm(m, up()->component), 4) & 0xff,
                    ==, 0x84);
    g_assert_cmpuint(qcxl_find_ext_cap(up(), EXT_CAP_DSN), ==, 0);
    qcxl_stop(m);
}

static void test_properties(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .fan = { 1 },
        .upstream = "sn=0x1122334455667788,hdm-decoders=10,x-speed=16,"
                    "x-width=4,aer_log_max=4,port=3",
        .downstream = "x-speed=8,x-width=1,hotplug=off,"
                      "power_controller_present=off,aer_log_max=4",
    };
    unsigned cap;

    m = qcxl_start(&topology);
    cap = qcxl_find_ext_cap(up(), EXT_CAP_DSN);
    g_assert_cmphex(qcxl_config_read(up(), cap + 4, 4), ==, 0x55667788);
    g_assert_cmphex(qcxl_config_read(up(), cap + 8, 4), ==, 0x11223344);
    g_assert_cmphex(qcxl_read(m, qcxl_hdm(m, up()->component), 4) & 0xf, ==,
                    5);
    cap = qcxl_find_cap(up(), CAP_EXPRESS);
    g_assert_cmphex(qcxl_config_read(up(), cap + 0xc, 4) & 0x3ff, ==, 0x44);
    g_assert_cmpuint(qcxl_config_read(up(), cap + 0xf, 1), ==, 3);
    cap = qcxl_find_cap(down(0), CAP_EXPRESS);
    g_assert_cmphex(qcxl_config_read(down(0), cap + 0xc, 4) & 0x3ff, ==,
                    0x13);
    g_assert_cmphex(qcxl_config_read(down(0), cap + 0x14, 4) & 0x62, ==, 0);
    qcxl_stop(m);
}

static bool flit(const QCXLFunction *fn)
{
    return qcxl_config_read(fn, qcxl_find_cap(fn, CAP_EXPRESS) + 0x32, 2) &
           0x400;
}

static bool offers_flit(const QCXLFunction *fn)
{
    return qcxl_config_read(fn, qcxl_find_cap(fn, CAP_EXPRESS) + 2, 2) &
           0x8000;
}

/* PCIe r6.0: a link is in Flit Mode if both of its ends support that. */
static void check_flit(const char *upstream, const char *device,
                       bool first, bool second)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .fan = { 1 },
        .upstream = upstream, .device = device,
    };

    m = qcxl_start(&topology);
    g_assert_true(offers_flit(down(0)));
    g_assert_cmpint(offers_flit(up()), ==, first);
    g_assert_cmpint(offers_flit(&m->device[0].fn), ==, second);
    g_assert_cmpint(flit(&m->bridge[0].port[0].fn), ==, first);
    g_assert_cmpint(flit(up()), ==, first);
    g_assert_cmpint(flit(down(0)), ==, second);
    g_assert_cmpint(flit(&m->device[0].fn), ==, second);
    qcxl_stop(m);
}

static void test_flit(void)
{
    check_flit(NULL, NULL, false, false);
    check_flit("x-256b-flit=on", NULL, true, false);
    check_flit(NULL, "x-256b-flit=on", false, true);
    check_flit("x-256b-flit=on", "x-256b-flit=on", true, true);
}

/*
 * A range over all devices: at each level @ways ports at @granularity, from
 * the bridge down.
 */
typedef struct Range {
    uint64_t base, size;
    unsigned ways[LEVELS], granularity[LEVELS];
    unsigned all_ways, least;           /* what the devices see */
} Range;

/* The standard's rule, level by level; nothing of it is the model's. */
static const QCXLDevice *device_at(const Range *r, uint64_t hpa)
{
    unsigned number = 0;

    for (unsigned i = 0; i < LEVELS; i++) {
        number = number * r->ways[i] +
                 (hpa / r->granularity[i]) % r->ways[i];
    }
    g_assert_cmpuint(m->device[number].number, ==, number);
    return &m->device[number];
}

static uint8_t *where(const Range *r, uint64_t hpa)
{
    uint64_t offset = hpa - r->base;

    return device_at(r, hpa)->host[0] +
           offset / r->least / r->all_ways * r->least + offset % r->least;
}

static void commit(uint64_t component, const QCXLDecoder *decoder)
{
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, component), 0, decoder) &
                    (QCXL_HDM_COMMITTED | QCXL_HDM_ERROR), ==,
                    QCXL_HDM_COMMITTED);
}

static void commit_router(const Range *r, uint64_t component, unsigned level,
                          const QCXLPort *port)
{
    QCXLDecoder decoder = {
        .base = r->base, .size = r->size, .ways = r->ways[level],
        .granularity = r->granularity[level],
    };

    for (unsigned p = 0; p < r->ways[level]; p++) {
        decoder.target[p] = port[p].number;
    }
    commit(component, &decoder);
    for (unsigned p = 0; p < r->ways[level]; p++) {
        if (port[p].below) {
            const QCXLSwitch *sw = &m->sw[port[p].below - 1];

            commit_router(r, sw->fn.component, level + 1, sw->port);
        }
    }
}

static void program(const Range *r)
{
    QCXLDecoder decoder = {
        .base = r->base, .size = r->size, .ways = r->all_ways,
        .granularity = r->least,
    };

    for (unsigned n = 0; n < m->devices; n++) {
        commit(m->device[n].fn.component, &decoder);
        qcxl_mem_enable(&m->device[n], true);
    }
    commit_router(r, m->bridge[0].component, 0, m->bridge[0].port);
}

static void tear_down(void)
{
    qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 0);
    for (unsigned n = 0; n < m->switches; n++) {
        qcxl_hdm_uncommit(m, qcxl_hdm(m, m->sw[n].fn.component), 0);
    }
    for (unsigned n = 0; n < m->devices; n++) {
        qcxl_hdm_uncommit(m, qcxl_hdm(m, m->device[n].fn.component), 0);
    }
}

static void check_piece(const Range *r, uint64_t hpa)
{
    static uint8_t buf[PIECE];

    for (size_t i = 0; i < PIECE; i++) {
        buf[i] = g_test_rand_int();
    }
    qtest_bufwrite(m->qts, hpa, buf, PIECE);
    for (size_t i = 0; i < PIECE; i++) {
        g_assert_cmphex(*where(r, hpa + i), ==, buf[i]);
        *where(r, hpa + i) = ~buf[i];
    }
    qtest_bufread(m->qts, hpa, buf, PIECE);
    for (size_t i = 0; i < PIECE; i++) {
        g_assert_cmphex(*where(r, hpa + i), ==, buf[i]);
    }
}

/*
 * Levels take adjoining fields of address bits, in each order: @order names
 * the level that has the lowest bits, then the next.  False if a field would
 * leave address bits 8 to 14.
 */
static bool lay_out(Range *r, const unsigned *order, unsigned least)
{
    unsigned granularity = least;

    r->least = least;
    r->all_ways = 1;
    for (unsigned i = 0; i < LEVELS; i++) {
        r->granularity[order[i]] = r->ways[order[i]] > 1 ? granularity : 256;
        granularity *= r->ways[order[i]];
        r->all_ways *= r->ways[order[i]];
    }
    r->base = m->window[0].base;
    r->size = r->all_ways * QCXL_UNIT;
    return granularity <= 32768 && (r->all_ways == 1 || granularity > least);
}

static unsigned try_orders(Range *r)
{
    static const unsigned order[][LEVELS] = {
        { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
        { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
    };
    unsigned cases = 0;

    for (unsigned least = 256; least <= 16384; least *= 2) {
        for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
            if (lay_out(r, order[i], least)) {
                program(r);
                check_piece(r, r->base + 300);
                check_piece(r, r->base + r->size - PIECE);
                tear_down();
                g_assert_cmphex(qcxl_read(m, r->base, 8), ==, ONES);
                cases++;
            }
        }
    }
    return cases;
}

static void check_levels(unsigned ports, unsigned fan0, unsigned fan1,
                         unsigned expected)
{
    Range r = { .ways = { ports, fan0, MAX(fan1, 1) } };

    start(ports, fan0, fan1);
    g_assert_cmpuint(m->devices, ==, ports * fan0 * MAX(fan1, 1));
    g_assert_cmpuint(try_orders(&r), ==, expected);
    qcxl_stop(m);
}

static void test_one_level(void)
{
    check_levels(1, 2, 0, 7 * 6);
    check_levels(1, 8, 0, 5 * 6);
    check_levels(2, 2, 0, 6 * 6);
    check_levels(2, 4, 0, 5 * 6);
}

static void test_two_levels(void)
{
    check_levels(1, 2, 2, 6 * 6);
    check_levels(2, 2, 2, 5 * 6);
    check_levels(1, 2, 4, 5 * 6);
}

/* One way through two switches: one device, at any place in them */
static void test_one_device(void)
{
    QCXLDecoder decoder;

    start(2, 2, 2);
    decoder = (QCXLDecoder) { .base = m->window[0].base, .size = QCXL_UNIT };
    commit(m->device[6].fn.component, &decoder);
    qcxl_mem_enable(&m->device[6], true);
    decoder.target[0] = m->bridge[0].port[1].number;
    commit(m->bridge[0].component, &decoder);
    g_assert_cmphex(qcxl_read(m, decoder.base, 8), ==, ONES);
    /* the switch below port 1, its port 1, the port 0 of the one below */
    decoder.target[0] = qcxl_port_number(1);
    commit(m->sw[m->bridge[0].port[1].below - 1].fn.component, &decoder);
    g_assert_cmphex(qcxl_read(m, decoder.base, 8), ==, ONES);
    decoder.target[0] = qcxl_port_number(0);
    commit(m->sw[m->sw[m->bridge[0].port[1].below - 1].port[1].below - 1]
           .fn.component, &decoder);
    qcxl_write(m, decoder.base + 64, 8, 0x1122334455667788);
    g_assert_cmphex(ldq_le_p(m->device[6].host[0] + 64), ==,
                    0x1122334455667788);
    qcxl_stop(m);
}

static void use_two_ways(Range *r)
{
    *r = (Range) {
        .ways = { 1, 2, 1 }, .granularity = { 256, 256, 256 },
        .all_ways = 2, .least = 256,
        .base = m->window[0].base, .size = 2 * QCXL_UNIT,
    };
    program(r);
    check_piece(r, r->base);
}

static uint32_t control(const QCXLFunction *fn)
{
    return qcxl_hdm_control(m, qcxl_hdm(m, fn->component), 0) &
           QCXL_HDM_COMMITTED;
}

static void hot_reset(const QCXLFunction *port, bool unmask)
{
    qcxl_config_write(port, qcxl_find_dvsec(port, DVSEC_PORT) + 0xc, 2,
                      unmask);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, 0);
}

/* A hot reset reaches what is below the link, and nothing else. */
static void test_reset_below(void)
{
    uint64_t ras;
    Range r;

    start(1, 2, 0);
    use_two_ways(&r);
    ras = qcxl_component_cap(m, m->device[0].fn.component, 2);
    qcxl_write(m, ras + 4, 4, 0x5);
    hot_reset(down(0), false);
    check_piece(&r, r.base);
    hot_reset(down(0), true);
    qcxl_enumerate(m);
    g_assert_cmphex(control(&m->device[0].fn), ==, 0);
    g_assert_cmphex(control(&m->device[1].fn), !=, 0);
    g_assert_cmphex(control(up()), !=, 0);
    g_assert_cmphex(qcxl_read(m, r.base, 8), ==, ONES);
    g_assert_cmphex(qcxl_read(m, r.base + 256, 8), !=, ONES);
    /* hot, not cold: what is sticky stays */
    ras = qcxl_component_cap(m, m->device[0].fn.component, 2);
    g_assert_cmphex(qcxl_read(m, ras + 4, 4), ==, 0x5);
    qcxl_stop(m);
}

/* From the root port it reaches switch and devices, all of them hot. */
static void test_reset_above(void)
{
    const QCXLFunction *root;
    uint64_t ras;
    Range r;

    start(1, 2, 0);
    root = &m->bridge[0].port[0].fn;
    use_two_ways(&r);
    for (unsigned i = 0; i < 3; i++) {
        const QCXLFunction *fn = i ? &m->device[i - 1].fn : up();

        ras = qcxl_component_cap(m, fn->component, 2);
        qcxl_write(m, ras + 4, 4, 0x5);
    }
    hot_reset(root, true);
    qcxl_enumerate(m);
    g_assert_cmphex(control(up()), ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        const QCXLFunction *fn = i ? &m->device[i - 1].fn : up();

        g_assert_cmphex(control(fn), ==, 0);
        ras = qcxl_component_cap(m, fn->component, 2);
        g_assert_cmphex(qcxl_read(m, ras + 4, 4), ==, 0x5);
    }
    g_assert_cmphex(qcxl_read(m, r.base, 8), ==, ONES);
    use_two_ways(&r);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    ras = qcxl_component_cap(m, up()->component, 2);
    g_assert_cmphex(qcxl_read(m, ras + 4, 4), ==, 0x1cfff);
    g_assert_cmphex(control(up()), ==, 0);
    qcxl_stop(m);
}

/* CDAT r1.04: latency and bandwidth between every two ports */
static void test_cdat(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .fan = { 2 },
        .upstream = "latency=50,x-speed=16,x-width=8",
        .downstream = "x-speed=32,x-width=8",
    };
    /* 16 GT/s and 32 GT/s on 8 lanes */
    static const uint16_t value[2][3] = {
        { 50000, 50000, 50000 }, { 15752, 15752, 31504 },
    };
    g_autoptr(GByteArray) cdat = NULL;

    m = qcxl_start(&topology);
    cdat = qcxl_cdat(up());
    g_assert_cmpuint(cdat->len, ==, 16 + 2 * (16 + 3 * 8));
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *sslbis = cdat->data + 16 + i * 40;

        g_assert_cmpuint(sslbis[0], ==, 5);
        g_assert_cmpuint(lduw_le_p(sslbis + 2), ==, 40);
        g_assert_cmpuint(sslbis[4], ==, i * 3);
        g_assert_cmpuint(ldq_le_p(sslbis + 8), ==, 1);
        for (unsigned p = 0; p < 3; p++) {
            const uint8_t *pair = sslbis + 16 + p * 8;

            g_assert_cmphex(lduw_le_p(pair), ==,
                            p < 2 ? 0x100 : m->sw[0].port[0].number);
            g_assert_cmphex(lduw_le_p(pair + 2), ==,
                            m->sw[0].port[p < 2 ? p : 1].number);
            g_assert_cmpuint(lduw_le_p(pair + 4), ==, value[i][p]);
        }
    }
    qcxl_stop(m);
}

/* All that a guest can see of a switch, and its memory, on the other side */
static void test_migrate(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .fan = { 2 }, .ram = true,
        .bridge = "hdm_for_passthrough=on",
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
    char *store = qcxl_store_new();
    g_autofree char *path = g_build_filename(store, "state", NULL);
    QCXLMachine *from = m = qcxl_start(&topology);
    Range r = { .ways = { 1, 2, 1 }, .granularity = { 256, 512, 256 },
                .all_ways = 2, .least = 512,
                .base = m->window[0].base, .size = 2 * QCXL_UNIT };
    unsigned port, dvsec = qcxl_find_dvsec(up(), DVSEC_PORT);
    g_autoptr(GByteArray) cdat = qcxl_cdat(up());
    g_autoptr(GByteArray) loaded = NULL;

    program(&r);
    for (unsigned i = 0; i < 8; i++) {
        qcxl_write(m, r.base + i * 512, 8, i + 1);
    }
    qcxl_config_write(up(), dvsec + 0xc, 2, 0x4001);
    qcxl_config_write(down(1), qcxl_find_dvsec(down(1), 4) + 0xc, 2, 0x702);
    qcxl_write(m, qcxl_component_cap(m, down(1)->component, 2) + 4, 4, 0x21);
    qcxl_save(from, path);

    topology.more = "-incoming defer";
    m = qcxl_launch(&topology);
    g_assert_true(qcxl_load(m, path));
    qcxl_adopt(m, from);
    port = qcxl_find_dvsec(down(1), 4);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmphex(qcxl_read(m, r.base + i * 512, 8), ==, i + 1);
    }
    g_assert_cmphex(control(up()), !=, 0);
    g_assert_cmphex(qcxl_config_read(up(), dvsec + 0xc, 2), ==, 0x4001);
    g_assert_cmphex(qcxl_config_read(down(1), port + 0xc, 2), ==, 0x702);
    g_assert_cmphex(qcxl_read(m, qcxl_component_cap(m, down(1)->component, 2)
                              + 4, 4), ==, 0x21);
    loaded = qcxl_cdat(up());
    g_assert_cmpmem(loaded->data, loaded->len, cdat->data, cdat->len);
    qcxl_stop(from);
    qcxl_stop(m);
    qcxl_store_remove(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/switch/ports", test_ports);
    qtest_add_func("cxl/switch/properties", test_properties);
    qtest_add_func("cxl/switch/flit", test_flit);
    qtest_add_func("cxl/switch/one-level", test_one_level);
    qtest_add_func("cxl/switch/two-levels", test_two_levels);
    qtest_add_func("cxl/switch/one-device", test_one_device);
    qtest_add_func("cxl/switch/reset-below", test_reset_below);
    qtest_add_func("cxl/switch/reset-above", test_reset_above);
    qtest_add_func("cxl/switch/cdat", test_cdat);
    qtest_add_func("cxl/switch/migrate", test_migrate);
    return g_test_run();
}
