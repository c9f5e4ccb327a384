/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that cuts two windows into more ranges than QEMU maps: each decoder
 * of 128 devices answers somewhere else.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define BRIDGES 16
#define PORTS 8
#define DECODERS 10
#define DEVICES (BRIDGES * PORTS)
#define IN_WINDOW (DEVICES * DECODERS / 2)
#define MAPPED 1024                     /* as the documentation says */
#define WINDOW_SIZE (2ull * IN_WINDOW * QCXL_UNIT)

static void commit(const QCXLMachine *m, uint64_t component, unsigned n,
                   const QCXLDecoder *decoder)
{
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, component), n, decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
}

/* Range @k of a window; one that is not mapped is after each. */
static uint64_t range_base(const QCXLMachine *m, unsigned window, unsigned k)
{
    return m->window[window].base + 2 * k * QCXL_UNIT;
}

/* All decoders in one go: registers in ascending order, commits among them */
static void commit_device(const QCXLMachine *m, unsigned device)
{
    uint64_t hdm = qcxl_hdm(m, m->device[device].fn.component);
    uint8_t registers[DECODERS * 0x20] = { 0 };

    for (unsigned n = 0; n < DECODERS; n++) {
        stq_le_p(registers + n * 0x20,
                 range_base(m, n / 5, n % 5 * DEVICES + device));
        stq_le_p(registers + n * 0x20 + 8, QCXL_UNIT);
        stl_le_p(registers + n * 0x20 + 0x10, QCXL_HDM_COMMIT);
    }
    qtest_bufwrite(m->qts, hdm + 0x10, registers, sizeof(registers));
    g_assert_cmphex(qcxl_hdm_control(m, hdm, DECODERS - 1) &
                    QCXL_HDM_COMMITTED, !=, 0);
    qcxl_mem_enable(&m->device[device], true);
}

/* All over both windows, to all ports */
static void commit_bridge(const QCXLMachine *m, const QCXLBridge *bridge)
{
    for (unsigned w = 0; w < 2; w++) {
        QCXLDecoder decoder = {
            .base = m->window[w].base, .size = WINDOW_SIZE,
            .ways = PORTS, .granularity = 4096,
        };

        for (unsigned p = 0; p < PORTS; p++) {
            decoder.target[p] = bridge->port[p].number;
        }
        commit(m, bridge->component, w, &decoder);
    }
}

/* Does range @k of window @w answer, from where it should? */
static bool answers(const QCXLMachine *m, unsigned w, unsigned k)
{
    const QCXLDevice *dev = &m->device[k % DEVICES];
    uint64_t offset = dev->bridge * 256 + dev->port * 4096;
    uint64_t dpa = (w * 5 + k / DEVICES) * QCXL_UNIT + offset;
    uint64_t value, wanted = 0x1e98000000000000 | w << 16 | k;

    stq_le_p(dev->host[0] + dpa, wanted);
    value = qcxl_read(m, range_base(m, w, k) + offset, 8);
    if (value != UINT64_MAX) {
        g_assert_cmphex(value, ==, wanted);
    }
    return value != UINT64_MAX;
}

static unsigned count(const QCXLMachine *m, unsigned w)
{
    unsigned found = 0;

    for (unsigned k = 0; k < IN_WINDOW; k++) {
        if (answers(m, w, k)) {
            g_assert_cmpuint(found, ==, k);     /* only the last are left out */
            found++;
        }
    }
    return found;
}

static void test_most(void)
{
    const QCXLTopology topology = {
        .bridges = BRIDGES, .ports = PORTS, .size = DECODERS * QCXL_UNIT,
        .device = "hdm-decoders=10",
        .window = { { .ways = BRIDGES, .size = WINDOW_SIZE },
                    { .ways = BRIDGES, .size = WINDOW_SIZE } },
    };
    QCXLMachine *m = qcxl_start(&topology);

    for (unsigned n = 0; n < DEVICES; n++) {
        commit_device(m, n);
    }
    for (unsigned b = 0; b < BRIDGES; b++) {
        commit_bridge(m, &m->bridge[b]);
    }
    g_assert_cmpuint(count(m, 0), ==, IN_WINDOW);
    g_assert_cmpuint(count(m, 1), ==, MAPPED - IN_WINDOW);
    /* What is given back can be had again. */
    qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 1);
    qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 0);
    for (unsigned k = 0; k < PORTS; k++) {
        g_assert_false(answers(m, 0, k));
    }
    g_assert_true(answers(m, 1, MAPPED - IN_WINDOW + PORTS));
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/ranges/most", test_most);
    return g_test_run();
}
