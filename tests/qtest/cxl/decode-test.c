/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What decodes and what does not: switches, skips, partial sets, widths. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define ONES UINT64_MAX
#define GRANULARITY 256

static QCXLMachine *m;
static uint64_t base;

static void start(unsigned bridges, unsigned ports, unsigned kinds,
                  uint64_t size)
{
    QCXLTopology topology = {
        .bridges = bridges, .ports = ports, .kinds = kinds, .size = size,
        .lsa = 4096,
        .window = { { .ways = bridges, .size = 16 * QCXL_UNIT } },
    };

    m = qcxl_start(&topology);
    base = m->window[0].base;
}

static uint64_t bridge_hdm(unsigned b)
{
    return qcxl_hdm(m, m->bridge[b].component);
}

static uint64_t device_hdm(unsigned n)
{
    return qcxl_hdm(m, m->device[n].fn.component);
}

static void commit(uint64_t hdm, unsigned n, const QCXLDecoder *decoder)
{
    g_assert_cmphex(qcxl_hdm_commit(m, hdm, n, decoder) &
                    (QCXL_HDM_COMMITTED | QCXL_HDM_ERROR), ==,
                    QCXL_HDM_COMMITTED);
}

/* All devices of one bridge as one set; @offset into the window. */
static void route(unsigned n, unsigned ways, uint64_t offset, uint64_t size)
{
    QCXLDecoder decoder = { .base = base + offset, .size = size,
                            .ways = ways, .granularity = GRANULARITY };

    for (unsigned p = 0; p < ways; p++) {
        commit(device_hdm(p), n, &decoder);
        qcxl_mem_enable(&m->device[p], true);
    }
    for (unsigned p = 0; p < ways; p++) {
        decoder.target[p] = m->bridge[0].port[p].number;
    }
    commit(bridge_hdm(0), n, &decoder);
}

/* @host is what the guest sees at @hpa, both ways. */
static void check_there(uint64_t hpa, uint8_t *host)
{
    qcxl_write(m, hpa, 8, 0x1122334455667788);
    g_assert_cmphex(ldq_le_p(host), ==, 0x1122334455667788);
    stq_le_p(host, 0x99aabbccddeeff00);
    g_assert_cmphex(qcxl_read(m, hpa, 8), ==, 0x99aabbccddeeff00);
}

/* Ones are read, and a write changes no device's byte there. */
static void check_nothing(uint64_t hpa)
{
    uint64_t before = ldq_le_p(m->device[0].host[0]);

    for (unsigned size = 1; size <= 8; size *= 2) {
        g_assert_cmphex(qcxl_read(m, hpa, size), ==,
                        ONES >> (64 - 8 * size));
        qcxl_write(m, hpa, size, 0x5aa55aa55aa55aa5);
    }
    g_assert_cmphex(ldq_le_p(m->device[0].host[0]), ==, before);
}

/* Every step of the way has to be there. */
static void test_steps(void)
{
    QCXLDecoder decoder = { .size = QCXL_UNIT };
    QCXLDevice *dev;

    start(1, 2, QCXL_VOLATILE, QCXL_UNIT);
    dev = &m->device[0];
    decoder.base = base;
    check_nothing(base);
    commit(device_hdm(0), 0, &decoder);
    check_nothing(base);
    decoder.target[0] = m->bridge[0].port[0].number;
    commit(bridge_hdm(0), 0, &decoder);
    check_nothing(base);
    qcxl_mem_enable(dev, true);
    check_there(base, dev->host[0]);
    qcxl_hdm_uncommit(m, bridge_hdm(0), 0);
    check_nothing(base);
    commit(bridge_hdm(0), 0, &decoder);
    check_there(base + QCXL_UNIT - 8, dev->host[0] + QCXL_UNIT - 8);
    check_nothing(base + QCXL_UNIT);
    qcxl_stop(m);
}

/* The enables are switches: no need to commit again. */
static void test_enables(void)
{
    QCXLDevice *dev;
    unsigned dvsec;
    uint64_t global;

    start(1, 2, QCXL_VOLATILE, QCXL_UNIT);
    route(0, 1, 0, QCXL_UNIT);
    dev = &m->device[0];
    dvsec = qcxl_find_dvsec(&dev->fn, 0);
    global = device_hdm(0) + 4;
    check_there(base, dev->host[0]);
    qcxl_config_write(&dev->fn, dvsec + 0xc, 2, 0);
    check_nothing(base);
    qcxl_config_write(&dev->fn, dvsec + 0xc, 2, 4);
    check_there(base, dev->host[0]);
    qcxl_write(m, global, 4, 0);
    check_nothing(base);
    qcxl_write(m, global, 4, 2);
    check_there(base, dev->host[0]);
    /* The bridge's global enable is not asked for. */
    g_assert_cmphex(qcxl_read(m, bridge_hdm(0) + 4, 4), ==, 0);
    qcxl_stop(m);
}

static void test_uncommit(void)
{
    start(1, 2, QCXL_VOLATILE, QCXL_UNIT);
    route(0, 1, 0, QCXL_UNIT);
    check_there(base, m->device[0].host[0]);
    qcxl_hdm_uncommit(m, bridge_hdm(0), 0);
    g_assert_cmphex(qcxl_hdm_control(m, bridge_hdm(0), 0) &
                    QCXL_HDM_COMMITTED, ==, 0);
    check_nothing(base);
    qcxl_hdm_uncommit(m, device_hdm(0), 0);
    /* Elsewhere, the same bytes */
    route(0, 1, 3 * QCXL_UNIT, QCXL_UNIT);
    check_nothing(base);
    g_assert_cmphex(qcxl_read(m, base + 3 * QCXL_UNIT, 8), ==,
                    0x99aabbccddeeff00);
    qcxl_stop(m);
}

/* A port number that no port has; one whose port is empty. */
static void test_bad_target(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 3, .empty = 1,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
    QCXLDecoder decoder = { .size = QCXL_UNIT };

    m = qcxl_start(&topology);
    base = decoder.base = m->window[0].base;
    commit(device_hdm(0), 0, &decoder);
    qcxl_mem_enable(&m->device[0], true);
    decoder.target[0] = 99;
    commit(bridge_hdm(0), 0, &decoder);
    check_nothing(base);
    qcxl_hdm_uncommit(m, bridge_hdm(0), 0);
    decoder.target[0] = m->bridge[0].port[2].number;
    commit(bridge_hdm(0), 0, &decoder);
    check_nothing(base);
    qcxl_stop(m);
}

/* One of two devices is off: every second granule is gone. */
static void test_partial_set(void)
{
    start(1, 2, QCXL_VOLATILE, QCXL_UNIT);
    route(0, 2, 0, 2 * QCXL_UNIT);
    qcxl_mem_enable(&m->device[1], false);
    for (unsigned i = 0; i < 8; i++) {
        uint64_t hpa = base + i * GRANULARITY + 16;

        if (i % 2) {
            check_nothing(hpa);
        } else {
            check_there(hpa, m->device[0].host[0] + i / 2 * GRANULARITY + 16);
        }
    }
    qcxl_mem_enable(&m->device[1], true);
    check_there(base + GRANULARITY, m->device[1].host[0]);
    qcxl_stop(m);
}

/* DPA goes on where the decoder before ended, plus the skip. */
static void test_several_decoders(void)
{
    QCXLDecoder decoder = { .size = QCXL_UNIT };
    uint8_t *host;

    start(1, 2, QCXL_VOLATILE, 4 * QCXL_UNIT);
    host = m->device[0].host[0];
    route(0, 1, 0, QCXL_UNIT);
    decoder.base = base + 2 * QCXL_UNIT;
    decoder.skip = QCXL_UNIT;
    commit(device_hdm(0), 1, &decoder);
    decoder.base = base + 3 * QCXL_UNIT;
    decoder.skip = 0;
    commit(device_hdm(0), 2, &decoder);
    decoder.base = base + 2 * QCXL_UNIT;
    decoder.size = 2 * QCXL_UNIT;
    decoder.target[0] = m->bridge[0].port[0].number;
    commit(bridge_hdm(0), 1, &decoder);

    check_there(base + 8, host + 8);
    check_nothing(base + QCXL_UNIT);
    check_there(base + 2 * QCXL_UNIT, host + 2 * QCXL_UNIT);
    check_there(base + 4 * QCXL_UNIT - 8, host + 4 * QCXL_UNIT - 8);
    qcxl_stop(m);
}

/* One decoder over the end of the volatile memory */
static void test_both_kinds(void)
{
    uint64_t end;

    start(1, 2, QCXL_VOLATILE | QCXL_PERSISTENT, 2 * QCXL_UNIT);
    route(0, 1, 0, 4 * QCXL_UNIT);
    end = base + 2 * QCXL_UNIT;
    check_there(base, m->device[0].host[0]);
    check_there(end - 8, m->device[0].host[0] + 2 * QCXL_UNIT - 8);
    check_there(end, m->device[0].host[1]);
    check_there(end + 2 * QCXL_UNIT - 8,
                m->device[0].host[1] + 2 * QCXL_UNIT - 8);
    /* An access over the boundary itself */
    stl_le_p(m->device[0].host[0] + 2 * QCXL_UNIT - 4, 0x11223344);
    stl_le_p(m->device[0].host[1], 0x55667788);
    g_assert_cmphex(qcxl_read(m, end - 4, 8), ==, 0x5566778811223344);
    qcxl_stop(m);
}

/* One port: the bridge has no decoders, and all goes there. */
static void test_passthrough(void)
{
    QCXLDecoder decoder = { .size = 2 * QCXL_UNIT, .ways = 2,
                            .granularity = GRANULARITY };

    start(2, 1, QCXL_VOLATILE, QCXL_UNIT);
    g_assert_cmphex(bridge_hdm(0), ==, 0);
    decoder.base = base + 4 * QCXL_UNIT;
    for (unsigned b = 0; b < 2; b++) {
        commit(device_hdm(b), 0, &decoder);
        qcxl_mem_enable(&m->device[b], true);
    }
    check_there(decoder.base, m->device[0].host[0]);
    check_there(decoder.base + GRANULARITY, m->device[1].host[0]);
    check_there(decoder.base + 2 * GRANULARITY,
                m->device[0].host[0] + GRANULARITY);
    check_nothing(decoder.base - 8);
    check_nothing(decoder.base + 2 * QCXL_UNIT);
    qcxl_stop(m);
}

/* The bytes of the set as they lie in address order */
static uint8_t *byte_at(uint64_t offset)
{
    return m->device[offset / GRANULARITY % 2].host[0] +
           offset / (2 * GRANULARITY) * GRANULARITY + offset % GRANULARITY;
}

static uint64_t value_at(uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)*byte_at(offset + i) << (8 * i);
    }
    return value;
}

/* Every width at every offset round the ends of granules and the range */
static void check_widths_around(uint64_t offset)
{
    for (uint64_t at = offset - 9; at <= offset + 1; at++) {
        for (unsigned size = 1; size <= 8; size *= 2) {
            if (at + size > 2 * QCXL_UNIT) {
                continue;
            }
            qcxl_write(m, base + at, size, 0x0123456789abcdef + at);
            g_assert_cmphex(value_at(at, size), ==,
                            (0x0123456789abcdef + at) &
                            (ONES >> (64 - 8 * size)));
            *byte_at(at) ^= 0xff;
            g_assert_cmphex(qcxl_read(m, base + at, size), ==,
                            value_at(at, size));
        }
    }
}

static void test_widths(void)
{
    start(1, 2, QCXL_VOLATILE, QCXL_UNIT);
    route(0, 2, 0, 2 * QCXL_UNIT);
    check_widths_around(9);
    check_widths_around(GRANULARITY);
    check_widths_around(2 * GRANULARITY);
    check_widths_around(QCXL_UNIT);
    check_widths_around(2 * QCXL_UNIT);
    /* Over the end: what is beyond reads as ones */
    stl_le_p(byte_at(2 * QCXL_UNIT - 4), 0x01020304);
    g_assert_cmphex(qcxl_read(m, base + 2 * QCXL_UNIT - 4, 8), ==,
                    0xffffffff01020304);
    qcxl_stop(m);
}

/* A large, odd copy over many granules, where other devices see nothing */
static void test_bulk(void)
{
    const size_t len = 3 * QCXL_MIB + 123;
    g_autofree uint8_t *data = g_malloc(len);
    g_autofree uint8_t *back = g_malloc(len);

    for (size_t i = 0; i < len; i++) {
        data[i] = i ^ (i >> 8) ^ (i >> 16);
    }
    start(1, 2, QCXL_VOLATILE, QCXL_UNIT);
    route(0, 2, 0, 2 * QCXL_UNIT);
    qtest_bufwrite(m->qts, base + 12345, data, len);
    for (size_t i = 0; i < len; i++) {
        g_assert_cmphex(*byte_at(12345 + i), ==, data[i]);
    }
    qtest_bufread(m->qts, base + 12345, back, len);
    g_assert_cmpmem(data, len, back, len);
    g_assert_cmphex(*byte_at(12344), ==, 0);
    g_assert_cmphex(*byte_at(12345 + len), ==, 0);
    qcxl_stop(m);
}

/* CXL r3.2: what the CFMWS tells, and where windows are placed */
static void test_windows(void)
{
    QCXLTopology topology = {
        .bridges = 2, .ports = 1,
        .window = {
            { .ways = 2, .size = 2 * QCXL_UNIT, .granularity = 4096 },
            { .ways = 1, .size = QCXL_UNIT },
            { .ways = 2, .size = 6 * QCXL_UNIT, .granularity = 16384 },
        },
        .machine = "cxl-fmw.3.size=256M,cxl-fmw.3.targets.0=cxl1,"
                   "cxl-fmw.3.restrictions=6,cxl-fmw.3.qtg=5",
    };
    uint64_t end = 4096 * QCXL_MIB;

    m = qcxl_start(&topology);
    g_assert_cmpuint(m->windows, ==, 4);
    for (unsigned w = 0; w < m->windows; w++) {
        g_assert_cmphex(m->window[w].base % QCXL_UNIT, ==, 0);
        g_assert_cmphex(m->window[w].base, >=, end);
        end = m->window[w].base + m->window[w].size;
    }
    g_assert_cmphex(m->window[2].size, ==, 6 * QCXL_UNIT);
    g_assert_cmpuint(m->window[0].granularity, ==, 4096);
    g_assert_cmpuint(m->window[1].granularity, ==, 256);
    g_assert_cmpuint(m->window[2].granularity, ==, 16384);
    g_assert_cmpuint(m->window[0].target[1], ==, m->bridge[1].uid);
    g_assert_cmpuint(m->window[3].target[0], ==, m->bridge[1].uid);
    g_assert_cmphex(m->window[0].restrictions, ==, 0xf);
    g_assert_cmphex(m->window[3].restrictions, ==, 6);
    g_assert_cmpuint(m->window[3].qtg, ==, 5);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/decode/windows", test_windows);
    qtest_add_func("cxl/decode/steps", test_steps);
    qtest_add_func("cxl/decode/enables", test_enables);
    qtest_add_func("cxl/decode/uncommit", test_uncommit);
    qtest_add_func("cxl/decode/bad-target", test_bad_target);
    qtest_add_func("cxl/decode/partial-set", test_partial_set);
    qtest_add_func("cxl/decode/several-decoders", test_several_decoders);
    qtest_add_func("cxl/decode/both-kinds", test_both_kinds);
    qtest_add_func("cxl/decode/passthrough", test_passthrough);
    qtest_add_func("cxl/decode/widths", test_widths);
    qtest_add_func("cxl/decode/bulk", test_bulk);
    return g_test_run();
}
