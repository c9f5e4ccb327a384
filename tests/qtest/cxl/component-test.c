/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register blocks: capability arrays, access widths, ends of regions. */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "tests/qtest/libqos/cxl.h"

#define CAP_RAS 2
#define CAP_LINK 4
#define CAP_HDM 5
#define CAP_EXT_SECURITY 6
#define CAP_SNOOP_FILTER 8
#define CACHEMEM 0x1000
#define BLOCK 0x10000

static QCXLMachine *m;

typedef struct Capability {
    uint16_t id;
    uint8_t version;
    uint16_t length;
} Capability;

static void start(unsigned ports, const char *bridge, const char *device)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = ports, .bridge = bridge, .device = device,
    };

    m = qcxl_start(&topology);
}

static uint64_t bridge(void)
{
    return m->bridge[0].component;
}

/* Entries that are not null are those of @want, in any order. */
static void check_array(uint64_t component, const Capability *want,
                        unsigned count)
{
    uint64_t array = component + CACHEMEM;
    uint32_t header = qcxl_read(m, array, 4);
    unsigned found = 0;

    g_assert_cmphex(header & 0xffffff, ==, 0x110001);
    for (unsigned n = 1; n <= header >> 24; n++) {
        uint32_t entry = qcxl_read(m, array + 4 * n, 4);

        if (entry & 0xffff) {
            g_assert_cmpuint(entry >> 20, >=, 4 * ((header >> 24) + 1));
            found++;
        }
    }
    g_assert_cmpuint(found, ==, count);
    for (unsigned i = 0; i < count; i++) {
        uint64_t cap = qcxl_component_cap(m, component, want[i].id);

        g_test_message("capability %u", want[i].id);
        g_assert_cmphex(cap, !=, 0);
        g_assert_cmpuint(cap - array + want[i].length, <=, 0x1000);
    }
}

static void check_version(uint64_t component, uint16_t id, uint8_t version)
{
    uint64_t array = component + CACHEMEM;
    unsigned count = qcxl_read(m, array, 4) >> 24;

    for (unsigned n = 1; n <= count; n++) {
        uint32_t entry = qcxl_read(m, array + 4 * n, 4);

        if ((entry & 0xffff) == id) {
            g_assert_cmpuint(entry >> 16 & 0xf, ==, version);
            return;
        }
    }
    g_assert_not_reached();
}

static void check_caps(uint64_t component, const Capability *want,
                       unsigned count)
{
    check_array(component, want, count);
    for (unsigned i = 0; i < count; i++) {
        check_version(component, want[i].id, want[i].version);
    }
}

static void test_arrays(void)
{
    static const Capability of_device[] = {
        { CAP_RAS, 3, 0x58 }, { CAP_LINK, 2, 0x38 },
        { CAP_HDM, 3, 0x10 + 0x20 * 8 },
    };
    static const Capability of_port[] = {
        { CAP_RAS, 3, 0x58 }, { CAP_LINK, 2, 0x38 },
        { CAP_SNOOP_FILTER, 1, 8 },
    };
    static const Capability of_bridge[] = {
        { CAP_HDM, 3, 0x10 + 0x20 * 8 }, { CAP_EXT_SECURITY, 2, 4 + 8 },
    };

    start(2, NULL, NULL);
    check_caps(m->device[0].fn.component, of_device, ARRAY_SIZE(of_device));
    check_caps(m->bridge[0].port[0].fn.component, of_port,
               ARRAY_SIZE(of_port));
    check_caps(bridge(), of_bridge, ARRAY_SIZE(of_bridge));
    qcxl_stop(m);
}

/* CXL r3.2: a host bridge with one root port may route without decoders */
static void test_passthrough(void)
{
    static const struct {
        unsigned ports;
        const char *bridge;
        bool hdm;
    } wanted[] = {
        { 1, NULL, false },
        { 1, "hdm_for_passthrough=off", false },
        { 1, "hdm_for_passthrough=on", true },
        { 2, NULL, true },
        { 2, "hdm_for_passthrough=on", true },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(wanted); i++) {
        g_test_message("%u ports, %s", wanted[i].ports,
                       wanted[i].bridge ?: "default");
        start(wanted[i].ports, wanted[i].bridge, NULL);
        g_assert_cmpint(qcxl_hdm(m, bridge()) != 0, ==, wanted[i].hdm);
        /* It stays so. */
        qtest_system_reset(m->qts);
        g_assert_cmpint(qcxl_hdm(m, bridge()) != 0, ==, wanted[i].hdm);
        qcxl_stop(m);
    }
}

static void check_hdm_capability(uint64_t component, unsigned decoders,
                                 uint32_t rest)
{
    uint32_t cap = qcxl_read(m, qcxl_hdm(m, component), 4);

    g_assert_cmpuint(cap & 0xf, ==, decoders / 2);
    g_assert_cmphex(cap & ~0xf, ==, rest);
}

static void test_hdm_counts(void)
{
    static const unsigned counts[] = { 1, 2, 4, 6, 8, 10 };

    for (unsigned i = 0; i < ARRAY_SIZE(counts); i++) {
        g_autofree char *option = g_strdup_printf("hdm-decoders=%u",
                                                  counts[i]);

        start(2, option, option);
        /* 8 targets, address bits 8 to 14 */
        check_hdm_capability(bridge(), counts[i], 0x380);
        /* 3, 6, 12 and 16 ways too; host-only coherent */
        check_hdm_capability(m->device[0].fn.component, counts[i], 0x401b10);
        qcxl_stop(m);
    }
}

/* Extended security: an entry for each root port, with its number. */
static void test_ext_security(void)
{
    uint64_t cap;

    start(4, NULL, NULL);
    cap = qcxl_component_cap(m, bridge(), CAP_EXT_SECURITY);
    g_assert_cmpuint(qcxl_read(m, cap, 4), ==, 4);
    for (unsigned p = 0; p < 4; p++) {
        g_assert_cmpuint(qcxl_read(m, cap + 8 + 8 * p, 4), ==,
                         m->bridge[0].port[p].number);
        qcxl_write(m, cap + 4 + 8 * p, 4, 2);
        g_assert_cmpuint(qcxl_read(m, cap + 4 + 8 * p, 4), ==, 2);
    }
    qcxl_stop(m);
}

static void check_ras(uint64_t component)
{
    static const struct {
        uint16_t offset;
        uint32_t reset, rw;
    } registers[] = {
        { 0x00, 0, 0 }, { 0x04, 0x1cfff, 0x1cfff },
        { 0x08, 0x1cfff, 0x1cfff }, { 0x0c, 0, 0 }, { 0x10, 0x7f, 0x7f },
        { 0x18, 0, 0 }, { 0x54, 0, 0 },
    };
    uint64_t ras = qcxl_component_cap(m, component, CAP_RAS);

    for (unsigned i = 0; i < ARRAY_SIZE(registers); i++) {
        uint64_t at = ras + registers[i].offset;
        uint32_t rw = registers[i].rw;

        g_assert_cmphex(qcxl_read(m, at, 4), ==, registers[i].reset);
        qcxl_write(m, at, 4, 0);
        g_assert_cmphex(qcxl_read(m, at, 4), ==, registers[i].reset & ~rw);
        qcxl_write(m, at, 4, UINT32_MAX);
        g_assert_cmphex(qcxl_read(m, at, 4), ==,
                        rw | (registers[i].reset & ~rw));
    }
}

static void test_ras(void)
{
    start(2, NULL, NULL);
    check_ras(m->device[0].fn.component);
    check_ras(m->bridge[0].port[0].fn.component);
    qcxl_stop(m);
}

/* All widths see the same bytes. */
static void check_widths(uint64_t at)
{
    uint64_t whole = qcxl_read(m, at, 8);

    for (unsigned size = 1; size <= 4; size *= 2) {
        for (unsigned i = 0; i < 8; i += size) {
            g_assert_cmphex(qcxl_read(m, at + i, size), ==,
                            extract64(whole, i * 8, size * 8));
        }
    }
}

static void test_widths(void)
{
    uint64_t device, hdm, base;

    start(2, NULL, NULL);
    device = m->device[0].registers;
    check_widths(bridge() + CACHEMEM);
    check_widths(m->device[0].fn.component + CACHEMEM);
    check_widths(m->bridge[0].port[0].fn.component + CACHEMEM);
    for (unsigned at = 0; at < 0x40; at += 8) {
        check_widths(device + at);
    }
    check_widths(m->device[0].mailbox);
    check_widths(m->device[0].memdev_status);

    /* Written in parts, read as a whole */
    hdm = qcxl_hdm(m, m->device[0].fn.component);
    base = hdm + 0x10;
    qcxl_write(m, base + 3, 1, 0x50);
    qcxl_write(m, base + 4, 2, 0x1234);
    qcxl_write(m, base + 6, 1, 0x56);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0x0056123450000000);
    qcxl_write(m, base, 8, 0x0011223340000000);
    g_assert_cmphex(qcxl_read(m, base + 4, 4), ==, 0x00112233);
    g_assert_cmphex(qcxl_read(m, base, 4), ==, 0x40000000);
    qcxl_stop(m);
}

static void hammer_at(uint64_t at)
{
    for (unsigned size = 1; size <= 8; size *= 2) {
        qcxl_read(m, at, size);
        qcxl_write(m, at, size, UINT64_MAX);
        qcxl_read(m, at, size);
        qcxl_write(m, at, size, 0);
    }
}

/* Unaligned too; across every register, then the ends of the region. */
static void hammer(uint64_t base, uint64_t registers, uint64_t size)
{
    for (uint64_t at = 0; at < registers; at++) {
        hammer_at(base + at);
    }
    for (uint64_t at = size - 16; at <= size - 8; at++) {
        hammer_at(base + at);
    }
    hammer_at(base + size / 2 - 1);
}

static void test_hammer(void)
{
    QCXLDevice *dev;

    start(2, NULL, "mailbox-payload=256");
    dev = &m->device[0];
    hammer(bridge() + CACHEMEM, 0x250, BLOCK - CACHEMEM);
    hammer(dev->fn.component + CACHEMEM, 0x250, BLOCK - CACHEMEM);
    hammer(m->bridge[0].port[0].fn.component + CACHEMEM, 0x140,
           BLOCK - CACHEMEM);
    hammer(dev->registers, 0x200, dev->registers_size);
    /* Alive */
    g_assert_cmphex(qcxl_hdm(m, bridge()), !=, 0);
    g_assert_cmphex(qcxl_command(dev, 0x4000, NULL, 0, NULL, NULL), ==, 0);
    qcxl_stop(m);
}

/* What is no register reads 0 and drops writes. */
static void check_zero(uint64_t base, uint64_t from, uint64_t to,
                       uint64_t step)
{
    for (uint64_t at = base + from; at < base + to; at += step) {
        qcxl_write(m, at, 8, UINT64_MAX);
        g_assert_cmphex(qcxl_read(m, at, 8), ==, 0);
    }
}

static void test_reserved(void)
{
    QCXLDevice *dev;

    start(2, NULL, "mailbox-payload=256");
    dev = &m->device[0];
    check_zero(bridge(), 0, CACHEMEM, 0x108);
    check_zero(bridge(), 0x2000, BLOCK, 0x408);
    check_zero(bridge(), BLOCK - 0x20, BLOCK, 8);
    check_zero(dev->fn.component, 0, CACHEMEM, 0x108);
    check_zero(dev->fn.component, 0x2000, BLOCK, 0x408);
    check_zero(m->bridge[0].port[1].fn.component, 0x2000, BLOCK, 0x408);
    check_zero(dev->registers, 0x400, dev->registers_size, 0x20);
    check_zero(dev->registers, dev->registers_size - 0x20,
               dev->registers_size, 8);
    qcxl_stop(m);
}

/* CXL r3.2: CXL Device Capabilities Array and Headers */
static void test_device_registers(void)
{
    static const struct {
        uint16_t id;
        uint8_t version;
        uint32_t length;
    } want[] = {
        { 0x0001, 2, 8 }, { 0x0002, 1, 0x20 + 0x10000 }, { 0x4000, 1, 8 },
    };
    QCXLDevice *dev;

    start(1, NULL, NULL);
    dev = &m->device[0];
    g_assert_cmphex(qcxl_read(m, dev->registers, 8), ==, 0x300010000);
    g_assert_cmphex(qcxl_read(m, dev->registers + 8, 8), ==, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        uint64_t header = dev->registers + 0x10 * (i + 1);
        uint32_t offset = qcxl_read(m, header + 4, 4);

        g_assert_cmphex(qcxl_read(m, header, 4), ==,
                        want[i].id | want[i].version << 16);
        g_assert_cmphex(qcxl_read(m, header + 8, 4), ==, want[i].length);
        g_assert_cmphex(offset, >=, 0x40);
        g_assert_cmphex(offset + want[i].length, <=, dev->registers_size);
    }
    /* Media ready, mailbox ready, nothing wrong */
    g_assert_cmphex(qcxl_read(m, dev->memdev_status, 8), ==, 0x14);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/component/arrays", test_arrays);
    qtest_add_func("cxl/component/passthrough", test_passthrough);
    qtest_add_func("cxl/component/hdm-counts", test_hdm_counts);
    qtest_add_func("cxl/component/ext-security", test_ext_security);
    qtest_add_func("cxl/component/ras", test_ras);
    qtest_add_func("cxl/component/widths", test_widths);
    qtest_add_func("cxl/component/reserved", test_reserved);
    qtest_add_func("cxl/component/device-registers", test_device_registers);
    qtest_add_func("cxl/component/hammer", test_hammer);
    return g_test_run();
}
