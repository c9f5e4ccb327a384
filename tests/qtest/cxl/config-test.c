/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space of a memory device and of a root port. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"

#define CAP_EXPRESS 0x10
#define CAP_MSI 0x05
#define CAP_MSIX 0x11
#define EXT_CAP_AER 0x01
#define EXT_CAP_DSN 0x03
#define EXT_CAP_DVSEC 0x23
#define EXT_CAP_DOE 0x2e

#define DVSEC_DEVICE 0
#define DVSEC_PORT 3
#define DVSEC_GPF_PORT 4
#define DVSEC_GPF_DEVICE 5
#define DVSEC_FLEXBUS 7
#define DVSEC_LOCATOR 8

static QCXLMachine *m;

/* A register: what may be written to it, and what it holds after reset. */
typedef struct Register {
    uint8_t dvsec, offset, size;
    uint32_t reset, rw;
} Register;

static const QCXLFunction *device(void)
{
    return &m->device[0].fn;
}

static const QCXLFunction *port(void)
{
    return &m->bridge[0].port[0].fn;
}

static void start_one(unsigned kinds)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .kinds = kinds, .lsa = 256 * 1024,
    };

    m = qcxl_start(&topology);
}

static void test_device_header(void)
{
    start_one(QCXL_VOLATILE);
    g_assert_cmphex(qcxl_config_read(device(), 0, 4), ==, 0x0d938086);
    g_assert_cmphex(qcxl_config_read(device(), 8, 4) >> 8, ==, 0x050210);
    g_assert_cmphex(qcxl_config_read(device(), 0x0e, 1) & 0x7f, ==, 0);
    g_assert_cmpuint(device()->bar_size[0], ==, 0x10000);
    g_assert_cmpuint(device()->bar_size[2], >=, 0x1000);
    /* Read-only: ids and class */
    qcxl_config_write(device(), 0, 4, 0);
    qcxl_config_write(device(), 8, 4, UINT32_MAX);
    g_assert_cmphex(qcxl_config_read(device(), 0, 4), ==, 0x0d938086);
    g_assert_cmphex(qcxl_config_read(device(), 8, 4) >> 8, ==, 0x050210);
    qcxl_stop(m);
}

static void test_port_header(void)
{
    start_one(QCXL_VOLATILE);
    g_assert_cmphex(qcxl_config_read(port(), 0, 4), ==, 0x70758086);
    g_assert_cmphex(qcxl_config_read(port(), 8, 4) >> 8, ==, 0x060400);
    g_assert_cmphex(qcxl_config_read(port(), 0x0e, 1) & 0x7f, ==, 1);
    g_assert_cmpuint(port()->bar_size[0], ==, 0x10000);
    qcxl_stop(m);
}

/* PCIe base: device type, link, and the port number that targets name. */
static void test_express(void)
{
    unsigned cap;

    start_one(QCXL_VOLATILE);
    cap = qcxl_find_cap(device(), CAP_EXPRESS);
    g_assert_cmpuint(cap, !=, 0);
    g_assert_cmphex(qcxl_config_read(device(), cap + 2, 1) & 0xf, ==, 2);
    g_assert_cmphex(qcxl_config_read(device(), cap + 2, 1) >> 4, ==, 0);
    /* 32 GT/s, 16 lanes, in capabilities and in status */
    g_assert_cmphex(qcxl_config_read(device(), cap + 0xc, 4) & 0x3ff, ==,
                    0x105);
    g_assert_cmphex(qcxl_config_read(device(), cap + 0x12, 2) & 0x3ff, ==,
                    0x105);

    cap = qcxl_find_cap(port(), CAP_EXPRESS);
    g_assert_cmphex(qcxl_config_read(port(), cap + 2, 1) >> 4, ==, 4);
    g_assert_cmpuint(qcxl_config_read(port(), cap + 0xf, 1), ==,
                     m->bridge[0].port[0].number);
    /* The link runs at what both ends can do. */
    g_assert_cmphex(qcxl_config_read(port(), cap + 0x12, 2) & 0x3ff, ==,
                    0x105);
    qcxl_stop(m);
}

static void test_standard_caps(void)
{
    unsigned cap;

    start_one(QCXL_VOLATILE);
    cap = qcxl_find_cap(device(), CAP_MSIX);
    g_assert_cmpuint(cap, !=, 0);
    /* DOE, mailbox and four event logs; numbers that registers can hold */
    g_assert_cmpuint((qcxl_config_read(device(), cap + 2, 2) & 0x7ff) + 1,
                     ==, 6);
    g_assert_cmpuint(qcxl_find_cap(port(), CAP_MSI), !=, 0);
    g_assert_cmpuint(qcxl_find_ext_cap(device(), EXT_CAP_AER), ==, 0x100);
    g_assert_cmpuint(qcxl_find_ext_cap(port(), EXT_CAP_AER), ==, 0x100);
    cap = qcxl_find_ext_cap(device(), EXT_CAP_DSN);
    g_assert_cmpuint(cap, !=, 0);
    g_assert_cmphex(qcxl_config_read(device(), cap + 4, 4), ==, 0x1000);
    g_assert_cmphex(qcxl_config_read(device(), cap + 8, 4), ==, 0);
    qcxl_stop(m);
}

/* Each extended capability lies within 4 KiB, aligned, and meets no other. */
static void check_chain(const QCXLFunction *fn)
{
    g_autofree uint8_t *used = g_malloc0(0x1000);
    unsigned at = 0x100;

    while (at) {
        uint32_t header = qcxl_config_read(fn, at, 4);
        uint16_t id = header & 0xffff;
        unsigned length = id == EXT_CAP_DVSEC ?
            qcxl_config_read(fn, at + 4, 4) >> 20 :
            id == EXT_CAP_DOE ? 0x18 : 8;

        g_assert_cmphex(header & 0xf0000, !=, 0);
        g_assert_cmpuint(at % 4, ==, 0);
        g_assert_cmpuint(at + length, <=, 0x1000);
        for (unsigned i = at; i < at + length; i++) {
            g_assert_false(used[i]);
            used[i] = 1;
        }
        at = header >> 20;
    }
}

static void test_chains(void)
{
    start_one(QCXL_VOLATILE | QCXL_PERSISTENT);
    check_chain(device());
    check_chain(port());
    qcxl_stop(m);
}

typedef struct DvsecHeader {
    uint8_t id, revision, length;
} DvsecHeader;

static void check_dvsec_headers(const QCXLFunction *fn,
                                const DvsecHeader *want, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned at = qcxl_find_dvsec(fn, want[i].id);
        uint32_t header;

        g_test_message("DVSEC %u", want[i].id);
        g_assert_cmpuint(at, !=, 0);
        header = qcxl_config_read(fn, at + 4, 4);
        g_assert_cmphex(header & 0xffff, ==, 0x1e98);
        g_assert_cmpuint(header >> 16 & 0xf, ==, want[i].revision);
        g_assert_cmphex(header >> 20, ==, want[i].length);
    }
}

/* CXL r3.2: a D2 device and a root port must have these */
static void test_dvsec_headers(void)
{
    static const DvsecHeader of_device[] = {
        { DVSEC_DEVICE, 3, 0x3c }, { DVSEC_GPF_DEVICE, 0, 0x10 },
        { DVSEC_FLEXBUS, 2, 0x20 }, { DVSEC_LOCATOR, 0, 0x1c },
    };
    static const DvsecHeader of_port[] = {
        { DVSEC_PORT, 0, 0x28 }, { DVSEC_GPF_PORT, 0, 0x10 },
        { DVSEC_FLEXBUS, 2, 0x20 }, { DVSEC_LOCATOR, 0, 0x14 },
    };

    start_one(QCXL_VOLATILE);
    check_dvsec_headers(device(), of_device, ARRAY_SIZE(of_device));
    check_dvsec_headers(port(), of_port, ARRAY_SIZE(of_port));
    g_assert_cmpuint(qcxl_find_dvsec(device(), DVSEC_PORT), ==, 0);
    g_assert_cmpuint(qcxl_find_dvsec(device(), DVSEC_GPF_PORT), ==, 0);
    g_assert_cmpuint(qcxl_find_dvsec(port(), DVSEC_DEVICE), ==, 0);
    g_assert_cmpuint(qcxl_find_dvsec(port(), DVSEC_GPF_DEVICE), ==, 0);
    qcxl_stop(m);
}

/* The 52-bit size and the flags of one range of the device's DVSEC. */
static void check_range(unsigned n, uint64_t size, uint8_t flags)
{
    unsigned at = qcxl_find_dvsec(device(), DVSEC_DEVICE) + 0x18 + 0x10 * n;
    uint32_t low = qcxl_config_read(device(), at + 4, 4);

    g_assert_cmphex(qcxl_config_read(device(), at, 4), ==, size >> 32);
    g_assert_cmphex(low & 0xf0000000, ==, size & UINT32_MAX);
    g_assert_cmphex(low & 0xff, ==, flags);
}

static void check_ranges(unsigned kinds, unsigned count)
{
    unsigned at;

    start_one(kinds);
    at = qcxl_find_dvsec(device(), DVSEC_DEVICE);
    g_assert_cmpuint(qcxl_config_read(device(), at + 0xa, 2) >> 4 & 3, ==,
                     count);
    /* Valid, active, type and class in the CDAT */
    check_range(0, QCXL_UNIT, 0x4b);
    check_range(1, count == 2 ? QCXL_UNIT : 0, count == 2 ? 0x4b : 0);
    qcxl_stop(m);
}

static void test_ranges(void)
{
    check_ranges(QCXL_VOLATILE, 1);
    check_ranges(QCXL_PERSISTENT, 1);
    check_ranges(QCXL_VOLATILE | QCXL_PERSISTENT, 2);
}

/* Every bit of every register: those in rw move, no other does. */
static void check_registers(const QCXLFunction *fn, const Register *reg,
                            unsigned count)
{
    for (unsigned i = 0; i < count; i++, reg++) {
        unsigned at = qcxl_find_dvsec(fn, reg->dvsec) + reg->offset;
        uint32_t fixed = reg->reset & ~reg->rw;

        g_test_message("DVSEC %u, register 0x%x", reg->dvsec, reg->offset);
        g_assert_cmphex(qcxl_config_read(fn, at, reg->size), ==, reg->reset);
        qcxl_config_write(fn, at, reg->size, UINT32_MAX);
        g_assert_cmphex(qcxl_config_read(fn, at, reg->size), ==,
                        fixed | reg->rw);
        qcxl_config_write(fn, at, reg->size, 0);
        g_assert_cmphex(qcxl_config_read(fn, at, reg->size), ==, fixed);
        qcxl_config_write(fn, at, reg->size, reg->reset);
    }
}

static void test_device_registers(void)
{
    static const Register registers[] = {
        { DVSEC_DEVICE, 0x0a, 2, 0xcc9e, 0 },
        { DVSEC_DEVICE, 0x0c, 2, 0x0002, 0x4004 },
        { DVSEC_DEVICE, 0x0e, 2, 0, 0 },
        /* 0x10 initiates resets: see cxl-reset-test.c */
        { DVSEC_DEVICE, 0x12, 2, 0x8000, 0 },
        { DVSEC_DEVICE, 0x16, 2, 0, 0 },
        { DVSEC_DEVICE, 0x18, 4, 0, 0 },
        { DVSEC_DEVICE, 0x1c, 4, 0x1000004b, 0 },
        { DVSEC_DEVICE, 0x20, 4, 0, 0xffffffff },
        { DVSEC_DEVICE, 0x24, 4, 0, 0xf0000000 },
        { DVSEC_DEVICE, 0x30, 4, 0, 0xffffffff },
        { DVSEC_DEVICE, 0x34, 4, 0, 0xf0000000 },
        { DVSEC_DEVICE, 0x38, 4, 0, 0 },
        { DVSEC_GPF_DEVICE, 0x0a, 2, 0x0603, 0 },
        { DVSEC_GPF_DEVICE, 0x0c, 4, 51, 0 },
        { DVSEC_FLEXBUS, 0x0a, 2, 0x26, 0 },
        { DVSEC_FLEXBUS, 0x0c, 2, 0x02, 0 },
        { DVSEC_FLEXBUS, 0x0e, 2, 0x26, 0 },
        { DVSEC_LOCATOR, 0x0c, 4, 0x100, 0 },
        { DVSEC_LOCATOR, 0x10, 4, 0, 0 },
        { DVSEC_LOCATOR, 0x14, 4, 0x302, 0 },
        { DVSEC_LOCATOR, 0x18, 4, 0, 0 },
    };

    start_one(QCXL_VOLATILE);
    check_registers(device(), registers, ARRAY_SIZE(registers));
    qcxl_stop(m);
}

static void test_port_registers(void)
{
    static const Register registers[] = {
        { DVSEC_PORT, 0x0a, 2, 0, 0 },
        { DVSEC_PORT, 0x0c, 2, 0, 0x400f },
        { DVSEC_PORT, 0x0e, 1, 0, 0xff },
        { DVSEC_PORT, 0x0f, 1, 0, 0xff },
        { DVSEC_PORT, 0x10, 2, 0, 0xfff0 },
        { DVSEC_PORT, 0x12, 2, 0, 0xfff0 },
        { DVSEC_PORT, 0x14, 2, 0, 0xfff0 },
        { DVSEC_PORT, 0x16, 2, 0, 0xfff0 },
        { DVSEC_PORT, 0x18, 4, 0, 0xffffffff },
        { DVSEC_PORT, 0x1c, 4, 0, 0xffffffff },
        { DVSEC_GPF_PORT, 0x0c, 2, 1, 0x0f0f },
        { DVSEC_GPF_PORT, 0x0e, 2, 1, 0x0f0f },
        { DVSEC_FLEXBUS, 0x0a, 2, 0x26, 0 },
        { DVSEC_FLEXBUS, 0x0c, 2, 0x02, 0xbd },
        { DVSEC_FLEXBUS, 0x0e, 2, 0x26, 0 },
        { DVSEC_LOCATOR, 0x0c, 4, 0x100, 0 },
        { DVSEC_LOCATOR, 0x10, 4, 0, 0 },
    };

    start_one(QCXL_VOLATILE);
    check_registers(port(), registers, ARRAY_SIZE(registers));
    qcxl_stop(m);
}

/* Bytes and words of a register are the register. */
static void test_partial_access(void)
{
    unsigned at;

    start_one(QCXL_VOLATILE);
    at = qcxl_find_dvsec(device(), DVSEC_DEVICE);
    qcxl_config_write(device(), at + 0x22, 1, 0x5a);
    qcxl_config_write(device(), at + 0x20, 2, 0x1234);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x20, 4), ==, 0x5a1234);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x21, 1), ==, 0x12);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x22, 2), ==, 0x5a);
    qcxl_config_write(device(), at + 0x21, 1, 0x77);
    qcxl_config_write(device(), at + 0x23, 1, 0x99);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x20, 4), ==, 0x995a7734);
    /* One access over capability and control */
    qcxl_config_write(device(), at + 0xc, 4, 0x00000004);
    g_assert_cmphex(qcxl_config_read(device(), at + 0xc, 4), ==, 6);
    qcxl_stop(m);
}

/* CXL r3.2: DVSEC CXL Lock freezes what is marked RWL until a reset */
static void test_lock(void)
{
    unsigned at;

    start_one(QCXL_VOLATILE);
    at = qcxl_find_dvsec(device(), DVSEC_DEVICE);
    qcxl_config_write(device(), at + 0xc, 2, 4);
    qcxl_config_write(device(), at + 0x20, 4, 0x12345678);
    qcxl_config_write(device(), at + 0x14, 2, 1);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x14, 2), ==, 1);

    qcxl_config_write(device(), at + 0x14, 2, 0);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x14, 2), ==, 1);
    qcxl_config_write(device(), at + 0xc, 2, 0x4000);
    g_assert_cmphex(qcxl_config_read(device(), at + 0xc, 2), ==, 6);
    qcxl_config_write(device(), at + 0x20, 4, 0);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x20, 4), ==,
                    0x12345678);
    /* Control 2 is not under the lock */
    qcxl_config_write(device(), at + 0x10, 2, 1);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x10, 2), ==, 1);

    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x14, 2), ==, 0);
    g_assert_cmphex(qcxl_config_read(device(), at + 0xc, 2), ==, 2);
    g_assert_cmphex(qcxl_config_read(device(), at + 0x20, 4), ==, 0);
    qcxl_stop(m);
}

/* Every offset in every width, read and written: nothing may break. */
static void hammer(const QCXLFunction *fn, unsigned from)
{
    for (unsigned size = 1; size <= 4; size *= 2) {
        for (unsigned at = from; at < 0x1000; at += size) {
            qcxl_config_write(fn, at, size, UINT32_MAX);
            qcxl_config_read(fn, at, size);
            qcxl_config_write(fn, at, size, 0);
        }
    }
}

static void test_hammer(void)
{
    start_one(QCXL_VOLATILE | QCXL_PERSISTENT);
    hammer(device(), 0x100);
    hammer(port(), 0x100);
    g_assert_cmphex(qcxl_config_read(device(), 0, 4), ==, 0x0d938086);
    g_assert_cmphex(qcxl_config_read(port(), 0, 4), ==, 0x70758086);
    check_chain(device());
    check_chain(port());
    qcxl_stop(m);
}

/* A link narrower and slower than usual. */
static void test_link_options(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .device = "x-speed=16,x-width=4",
    };
    unsigned cap;

    m = qcxl_start(&topology);
    cap = qcxl_find_cap(device(), CAP_EXPRESS);
    g_assert_cmphex(qcxl_config_read(device(), cap + 0xc, 4) & 0x3ff, ==,
                    0x44);
    cap = qcxl_find_cap(port(), CAP_EXPRESS);
    g_assert_cmphex(qcxl_config_read(port(), cap + 0x12, 2) & 0x3ff, ==,
                    0x44);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/config/device/header", test_device_header);
    qtest_add_func("cxl/config/port/header", test_port_header);
    qtest_add_func("cxl/config/express", test_express);
    qtest_add_func("cxl/config/link-options", test_link_options);
    qtest_add_func("cxl/config/standard-caps", test_standard_caps);
    qtest_add_func("cxl/config/chains", test_chains);
    qtest_add_func("cxl/config/dvsec/headers", test_dvsec_headers);
    qtest_add_func("cxl/config/dvsec/ranges", test_ranges);
    qtest_add_func("cxl/config/dvsec/device", test_device_registers);
    qtest_add_func("cxl/config/dvsec/port", test_port_registers);
    qtest_add_func("cxl/config/dvsec/partial-access", test_partial_access);
    qtest_add_func("cxl/config/dvsec/lock", test_lock);
    qtest_add_func("cxl/config/hammer", test_hammer);
    return g_test_run();
}
