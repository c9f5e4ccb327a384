/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every way count and granularity that 1 to 16 host bridges allow, by modulo
 * and by XOR: each byte of a piece of the range is looked up in the file of
 * the device that the standard's arithmetic names, both ways round.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/host-utils.h"

#define GRANULARITIES 7                 /* 256 bytes << 0 to 6 */
#define SELECT_END 15                   /* address bits 8 to 14 select */
#define PIECE_MAX (256 * 1024)

/* A region over the first @bridges bridges and @ports ports of each. */
typedef struct Region {
    const QCXLMachine *m;
    const QCXLWindow *window;
    unsigned bridges, ports;
    unsigned bridge_granularity;
    unsigned ways, granularity;         /* of the endpoints */
    uint64_t base, size;
} Region;

static unsigned cases;
static bool woven;              /* the files have the bytes between uses */
static char *store;

/* Not in order: the target list has to be looked up. */
static unsigned port_of(const Region *r, unsigned position)
{
    return (3 * position + 1) % r->m->topology.ports;
}

static const QCXLBridge *bridge_of(const Region *r, unsigned position)
{
    for (unsigned b = 0; b < r->m->topology.bridges; b++) {
        if (r->m->bridge[b].uid == r->window->target[position]) {
            return &r->m->bridge[b];
        }
    }
    g_assert_not_reached();
}

static const QCXLDevice *device_of(const Region *r, unsigned bridge_position,
                                   unsigned port_position)
{
    unsigned b = bridge_of(r, bridge_position) - r->m->bridge;

    return &r->m->device[b * r->m->topology.ports +
                         port_of(r, port_position)];
}

/*
 * CXL r3.2: the window selects a bridge, and a bridge a port, by the address;
 * the device takes the selecting bits out of the offset into its range.
 */
static uint8_t *where(const Region *r, uint64_t hpa)
{
    uint64_t offset = hpa - r->base;
    unsigned low_bits = ctz32(r->granularity);
    uint64_t upper = offset >> (low_bits + ctz32(r->ways));
    uint64_t low = offset & (r->granularity - 1);

    if (r->ways % 3 == 0) {
        upper /= 3;
    }
    return device_of(r, qcxl_window_position(r->window, hpa),
                     (hpa / r->bridge_granularity) % r->ports)->host[0] +
           (upper << low_bits | low);
}

static void commit(const QCXLMachine *m, uint64_t component,
                   const QCXLDecoder *decoder)
{
    uint64_t hdm = qcxl_hdm(m, component);

    g_assert_cmphex(qcxl_hdm_commit(m, hdm, 0, decoder) &
                    (QCXL_HDM_COMMITTED | QCXL_HDM_ERROR), ==,
                    QCXL_HDM_COMMITTED);
}

static void program(const Region *r)
{
    QCXLDecoder endpoint = { .base = r->base, .size = r->size,
                             .ways = r->ways,
                             .granularity = r->granularity };
    QCXLDecoder router = { .base = r->base, .size = r->size,
                           .ways = r->ports,
                           .granularity = r->bridge_granularity };

    for (unsigned b = 0; b < r->bridges; b++) {
        const QCXLBridge *bridge = bridge_of(r, b);

        for (unsigned p = 0; p < r->ports; p++) {
            const QCXLDevice *dev = device_of(r, b, p);

            router.target[p] = bridge->port[port_of(r, p)].number;
            commit(r->m, dev->fn.component, &endpoint);
            qcxl_mem_enable(dev, true);
        }
        commit(r->m, bridge->component, &router);
    }
}

static void tear_down(const Region *r)
{
    for (unsigned b = 0; b < r->bridges; b++) {
        qcxl_hdm_uncommit(r->m, qcxl_hdm(r->m, bridge_of(r, b)->component),
                          0);
        for (unsigned p = 0; p < r->ports; p++) {
            const QCXLDevice *dev = device_of(r, b, p);

            qcxl_hdm_uncommit(r->m, qcxl_hdm(r->m, dev->fn.component), 0);
        }
    }
}

static void fill_random(uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        buf[i] = g_test_rand_int();
    }
}

/* What the guest has written goes to the files, and what is there comes. */
static void let_go(const Region *r)
{
    g_assert_true(qcxl_mapped(r->m, r->base, r->ways == 1 ? "linear"
                                                          : "woven"));
    tear_down(r);
}

/* What the guest writes is in the files, and what is there it reads. */
static void check_piece(const Region *r, uint64_t hpa, size_t len)
{
    static uint8_t buf[PIECE_MAX], again[PIECE_MAX];

    fill_random(buf, len);
    qtest_bufwrite(r->m->qts, hpa, buf, len);
    if (woven) {
        let_go(r);
    }
    for (size_t i = 0; i < len; i++) {
        g_assert_cmphex(*where(r, hpa + i), ==, buf[i]);
        *where(r, hpa + i) = ~buf[i];
    }
    if (woven) {
        program(r);
    }
    qtest_bufread(r->m->qts, hpa, again, len);
    for (size_t i = 0; i < len; i++) {
        g_assert_cmphex(again[i], ==, (uint8_t)~buf[i]);
    }
}

/* At least a whole turn over all devices at each place */
static void check_region(const Region *r)
{
    size_t turn = (size_t)r->ways * r->granularity;

    g_test_message("%u bridges%s at %" PRIu64 " x %u ports at %u: %u ways at "
                   "%u", r->bridges, r->window->by_xor ? " by XOR" : "",
                   r->window->granularity, r->ports, r->bridge_granularity,
                   r->ways, r->granularity);
    g_assert_cmpuint(turn + 1024, <=, PIECE_MAX);
    program(r);
    check_piece(r, r->base + r->size / 2 - 77, turn);
    if (!woven) {
        check_piece(r, r->base, turn + 300);
        check_piece(r, r->base + r->size - turn - 1, turn + 1);
    }
    tear_down(r);
    g_assert_cmphex(qcxl_read(r->m, r->base, 8), ==, UINT64_MAX);
}

/* Selecting bits must be ones that a component without options has. */
static bool selectable(unsigned ways, unsigned granularity)
{
    return ctz32(granularity) + ctz32(ways) <= SELECT_END || ways == 1 ||
           ways == 3;
}

/*
 * Bridges choose between ports by the bits just above those that chose the
 * bridge, or just below.  Three bridges take no bits: they are a remainder.
 */
static bool bits_adjoin(const Region *r)
{
    unsigned window = r->window->granularity;
    unsigned pow2 = 1 << ctz32(r->bridges);

    return r->bridges == 1 || r->ports == 1 ||
           r->bridge_granularity == window * pow2 ||
           window == r->bridge_granularity * r->ports;
}

static void try_region(Region *r)
{
    unsigned window = r->window->granularity;

    r->ways = r->bridges * r->ports;
    r->granularity = r->bridges == 1 ? r->bridge_granularity :
                     r->ports == 1 ? window :
                     MIN(window, r->bridge_granularity);
    r->size = r->ways * QCXL_UNIT;
    /* A different start each time; three ways care about it. */
    r->base = r->window->base + cases % 3 * QCXL_UNIT;
    if (bits_adjoin(r) && selectable(r->ways, r->granularity) &&
        selectable(r->ports, r->bridge_granularity)) {
        /* Punching holes in files takes time: woven, some are enough. */
        if (!woven || cases % 4 == 1) {
            check_region(r);
        }
        cases++;
    }
}

static void try_windows(const QCXLMachine *m, unsigned bridges,
                        unsigned ports)
{
    for (unsigned w = 0; w < m->windows; w++) {
        for (unsigned ig = 0; ig < GRANULARITIES; ig++) {
            Region r = {
                .m = m, .window = &m->window[w], .bridges = bridges,
                .ports = ports, .bridge_granularity = 256 << ig,
            };

            /* One port: its granularity says nothing. */
            if (ports > 1 || ig == 0) {
                try_region(&r);
            }
        }
    }
}

/* A window of each granularity over all bridges. */
static QCXLMachine *start(unsigned bridges, unsigned ports, bool by_xor)
{
    QCXLTopology topology = {
        .bridges = bridges, .ports = ports,
        .device = woven ? "weave=on" : NULL,
    };

    for (unsigned w = 0; w < (bridges == 1 ? 1 : GRANULARITIES); w++) {
        topology.window[w] = (QCXLWindowOptions) {
            .ways = bridges, .granularity = 256 << w,
            .size = (ports + 2) * bridges * QCXL_UNIT, .by_xor = by_xor,
        };
    }
    cases = 0;
    /* Woven files need their directory. */
    store = qcxl_store_new();
    topology.store = store;
    return qcxl_start(&topology);
}

static void stop(QCXLMachine *m)
{
    qcxl_stop(m);
    qcxl_store_remove(g_steal_pointer(&store));
}

static void check_arithmetic(unsigned bridges, unsigned ports, bool by_xor,
                             unsigned expected)
{
    /* A bridge has decoders if it has two ports. */
    QCXLMachine *m = start(bridges, MAX(ports, 2), by_xor);

    for (unsigned n = 1; n <= ports; n *= 2) {
        try_windows(m, bridges, n);
    }
    g_assert_cmpuint(cases, ==, expected);
    stop(m);
}

static void check_bridges(unsigned bridges, unsigned ports,
                          unsigned expected)
{
    check_arithmetic(bridges, ports, false, expected);
    if (bridges > 1) {
        check_arithmetic(bridges, ports, true, expected);
    }
}

static void test_one_bridge(void)
{
    /* 1; 2, 4 and 8 ways */
    check_bridges(1, 8, 1 + 7 + 6 + 5);
}

static void test_two_bridges(void)
{
    /* 2; 4, 8 and 16 ways, the bridges selecting below or above */
    check_bridges(2, 8, 7 + 2 * (6 + 5 + 4));
}

static void test_three_bridges(void)
{
    /* 3; 6 and 12 ways, the ports selecting beside or below */
    check_bridges(3, 4, 7 + (7 + 6) + (6 + 5));
}

static void test_four_bridges(void)
{
    /* 4; 8 and 16 ways */
    check_bridges(4, 4, 6 + 2 * (5 + 4));
}

static void test_six_bridges(void)
{
    /* 6; 12 ways */
    check_bridges(6, 2, 7 + 2 * 6);
}

static void test_eight_bridges(void)
{
    /* 8; 16 ways */
    check_bridges(8, 2, 5 + 2 * 4);
}

static void test_most_bridges(void)
{
    check_bridges(12, 1, 6);
    check_bridges(16, 1, 4);
}

typedef struct Shape {
    const char *name;
    void (*test)(void);
} Shape;

static const Shape shapes[] = {
    { "one-bridge", test_one_bridge },
    { "two-bridges", test_two_bridges },
    { "three-bridges", test_three_bridges },
    { "four-bridges", test_four_bridges },
    { "six-bridges", test_six_bridges },
    { "eight-bridges", test_eight_bridges },
    { "most-bridges", test_most_bridges },
};

static void test_trapped(const void *data)
{
    const Shape *shape = data;

    shape->test();
}

/* In RAM of the windows */
static void test_woven(const void *data)
{
    const Shape *shape = data;

    woven = true;
    shape->test();
    woven = false;
}

static void add(const char *kind, const Shape *shape,
                void (*test)(const void *data))
{
    g_autofree char *path = g_strdup_printf("cxl/interleave/%s/%s", kind,
                                            shape->name);

    qtest_add_data_func(path, shape, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
        add("trapped", &shapes[i], test_trapped);
        add("woven", &shapes[i], test_woven);
    }
    return g_test_run();
}
