/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device of the base that does DMA to CXL memory, over a migration: it looks
 * at its rings while it is loaded, when routes must lead there already.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"

/* A legacy virtio device, created before all that is CXL */
#define VIRTIO " -device virtio-rng-pci,disable-modern=on," \
               "disable-legacy=off,bus=pcie.0,addr=5"
#define SLOT 5
#define IO_BASE 0xc000
#define QUEUE_PAGE (IO_BASE + 8)
#define QUEUE_SIZE (IO_BASE + 12)
#define QUEUE_SELECT (IO_BASE + 14)
#define QUEUE_NOTIFY (IO_BASE + 16)
#define STATUS (IO_BASE + 18)
#define RING 0x10000                /* from the base of the range */
#define BUFFER 0x40000
#define LENGTH 8

static QCXLMachine *m;
static uint64_t desc, avail, used;

static void config(unsigned offset, uint32_t value, bool word)
{
    qtest_outl(m->qts, 0xcf8, 0x80000000 | SLOT << 11 | (offset & ~3));
    if (word) {
        qtest_outw(m->qts, 0xcfc, value);
    } else {
        qtest_outl(m->qts, 0xcfc, value);
    }
}

static void commit(uint64_t component, const QCXLDecoder *decoder)
{
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, component), 0, decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
}

static void program(unsigned ways)
{
    QCXLDecoder decoder = {
        .base = m->window[0].base, .size = ways * QCXL_UNIT,
        .ways = ways, .granularity = 256,
    };

    for (unsigned n = 0; n < ways; n++) {
        commit(m->device[n].fn.component, &decoder);
        qcxl_mem_enable(&m->device[n], true);
        decoder.target[n] = m->bridge[0].port[n].number;
    }
    decoder.target[0] = m->bridge[0].port[0].number;
    commit(m->bridge[0].component, &decoder);
}

/* virtio 1.1, legacy interface: one queue, whose ring is in CXL memory */
static void set_up_queue(uint64_t base)
{
    unsigned size;

    config(0x10, IO_BASE, false);
    config(0x04, 7, true);
    qtest_outb(m->qts, STATUS, 3);
    qtest_outw(m->qts, QUEUE_SELECT, 0);
    size = qtest_inw(m->qts, QUEUE_SIZE);
    desc = base + RING;
    avail = desc + 16 * size;
    used = ROUND_UP(avail + 6 + 2 * size, 4096);
    qtest_outl(m->qts, QUEUE_PAGE, desc >> 12);
    qcxl_write(m, desc, 8, base + BUFFER);
    qcxl_write(m, desc + 8, 4, LENGTH);
    qcxl_write(m, desc + 12, 2, 2);     /* the device writes */
    qtest_outb(m->qts, STATUS, 7);
}

/* Offer the buffer for the @nth time, and wait until it has been filled. */
static void fill_buffer(unsigned nth)
{
    unsigned now = nth - 1;

    qcxl_write(m, avail + 2, 2, nth);
    qtest_outw(m->qts, QUEUE_NOTIFY, 0);
    for (unsigned tries = 0; now != nth; tries++) {
        g_assert_cmpuint(tries, <, 100000);
        now = qcxl_read(m, used + 2, 2);
        g_assert_true(now == nth || now == nth - 1);
    }
}

static void check_ways(unsigned ways)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = ways, .ram = true, .machine = "usb=off" VIRTIO,
        .bridge = "hdm_for_passthrough=on",
        .window = { { .ways = 1, .size = 2 * QCXL_UNIT } },
    };
    char *store = qcxl_store_new();
    g_autofree char *path = g_build_filename(store, "state", NULL);
    QCXLMachine *from = m = qcxl_start(&topology);

    program(ways);
    set_up_queue(m->window[0].base);
    fill_buffer(1);
    fill_buffer(2);
    qcxl_save(from, path);
    topology.more = "-incoming defer";
    m = qcxl_launch(&topology);
    g_assert_true(qcxl_load(m, path));
    fill_buffer(3);
    qcxl_stop(from);
    qcxl_stop(m);
    qcxl_store_remove(store);
}

static void test_linear(void)
{
    check_ways(1);
}

static void test_woven(void)
{
    check_ways(2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/dma/linear", test_linear);
    qtest_add_func("cxl/dma/woven", test_woven);
    return g_test_run();
}
