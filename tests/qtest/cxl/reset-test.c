/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reset of the machine and of the bus below a port clears and keeps. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define ONES UINT64_MAX
#define BRIDGE_CONTROL 0x3e
#define SECONDARY_RESET 0x40
#define DVSEC_DEVICE 0
#define DVSEC_PORT 3
#define CAP_RAS 2
#define UNITS 4

static QCXLMachine *m;
static QCXLDevice *dev;
static const QCXLFunction *port;
static uint64_t base, device_hdm, bridge_hdm;

static void start(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 2, .kinds = QCXL_PERSISTENT, .lsa = 4096,
        .size = UNITS * QCXL_UNIT, .device = "partition-alignment=256M",
        .window = { { .ways = 1, .size = UNITS * QCXL_UNIT } },
    };

    m = qcxl_start(&topology);
    dev = &m->device[0];
    port = &m->bridge[0].port[0].fn;
    base = m->window[0].base;
    device_hdm = qcxl_hdm(m, dev->fn.component);
    bridge_hdm = qcxl_hdm(m, m->bridge[0].component);
}

static void commit(uint32_t flags)
{
    QCXLDecoder decoder = { .base = base, .size = QCXL_UNIT,
                            .flags = flags };

    g_assert_cmphex(qcxl_hdm_commit(m, device_hdm, 0, &decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
    decoder.target[0] = m->bridge[0].port[0].number;
    g_assert_cmphex(qcxl_hdm_commit(m, bridge_hdm, 0, &decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
    qcxl_mem_enable(dev, true);
}

static uint64_t ask64(uint16_t opcode, size_t out_len)
{
    uint8_t out[64];

    g_assert_cmphex(qcxl_command(dev, opcode, NULL, 0, out, &out_len), ==, 0);
    return out_len == 4 ? ldl_le_p(out) : ldq_le_p(out);
}

static void tell(uint16_t opcode, uint64_t value, size_t len)
{
    uint8_t in[16] = { 0 };

    stq_le_p(in, value);
    g_assert_cmphex(qcxl_command(dev, opcode, in, len, NULL, NULL), ==, 0);
}

static uint8_t label(void)
{
    static const uint8_t in[8] = { 7, 0, 0, 0, 1 };
    uint8_t out;
    size_t out_len = 1;

    g_assert_cmphex(qcxl_command(dev, 0x4102, in, 8, &out, &out_len), ==, 0);
    return out;
}

/* Something in every part of the device */
static void use(uint32_t flags)
{
    static const uint8_t set_lsa[9] = { 7, 0, 0, 0, 0, 0, 0, 0, 0x5a };

    commit(flags);
    qcxl_write(m, base + 64, 8, 0x1234567890abcdef);
    g_assert_cmphex(qcxl_command(dev, 0x4103, set_lsa, 9, NULL, NULL), ==, 0);
    tell(0x0103, 0x01010101, 4);
    tell(0x0301, 1000, 8);
    tell(0x4101, 1, 9);
    qcxl_write(m, dev->mailbox + 0x20, 8, 0x1122334455667788);
    qcxl_write(m, dev->mailbox + 4, 4, 6);
    qcxl_config_write(&dev->fn, qcxl_find_dvsec(&dev->fn, DVSEC_DEVICE) +
                      0x14, 2, 1);
    qcxl_write(m, qcxl_component_cap(m, dev->fn.component, CAP_RAS) + 4, 4,
               0x5);
}

static bool pending_partition(void)
{
    uint8_t out[32];
    size_t out_len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x4100, NULL, 0, out, &out_len), ==, 0);
    return ldq_le_p(out + 16) == 1;
}

/* What no reset spares, and what every reset does. */
static void check_cleared(void)
{
    unsigned dvsec = qcxl_find_dvsec(&dev->fn, DVSEC_DEVICE);

    g_assert_cmphex(qcxl_hdm_control(m, device_hdm, 0), ==, 0);
    g_assert_cmphex(qcxl_hdm_base(m, device_hdm, 0), ==, 0);
    g_assert_cmphex(qcxl_read(m, device_hdm + 4, 4), ==, 0);
    g_assert_cmphex(qcxl_config_read(&dev->fn, dvsec + 0xc, 2), ==, 2);
    g_assert_cmphex(qcxl_config_read(&dev->fn, dvsec + 0x14, 2), ==, 0);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 4, 4), ==, 0);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 8, 8), ==, 0);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 0x20, 8), ==, 0);
    g_assert_cmphex(qcxl_read(m, dev->memdev_status, 8), ==, 0x14);
    g_assert_cmphex(qcxl_read(m, base + 64, 8), ==, ONES);
    g_assert_cmphex(ask64(0x0102, 4), ==, 0);
    g_assert_cmpuint(ask64(0x0300, 8), ==, 0);
}

static void check_kept(void)
{
    g_assert_cmphex(label(), ==, 0x5a);
    commit(0);
    g_assert_cmphex(qcxl_read(m, base + 64, 8), ==, 0x1234567890abcdef);
}

static uint32_t ras_mask(void)
{
    return qcxl_read(m, qcxl_component_cap(m, dev->fn.component, CAP_RAS) + 4,
                     4);
}

static void test_system_reset(void)
{
    start();
    use(QCXL_HDM_LOCK);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_cleared();
    g_assert_cmphex(qcxl_hdm_control(m, bridge_hdm, 0), ==, 0);
    g_assert_cmphex(ras_mask(), ==, 0x1cfff);
    g_assert_false(pending_partition());
    check_kept();
    qcxl_stop(m);
}

/* Twice in a row, and with nothing set up */
static void test_system_reset_idle(void)
{
    start();
    qtest_system_reset(m->qts);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_cleared();
    use(0);
    qcxl_stop(m);
}

static void pulse_secondary_reset(void)
{
    qcxl_config_write(port, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, 0);
}

/* CXL r3.2: Unmask SBR is 0 after reset: the bit has no effect on the link */
static void test_bus_reset_masked(void)
{
    uint64_t hpa;

    start();
    use(0);
    hpa = base + 64;
    qcxl_config_write(port, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    g_assert_cmphex(qcxl_config_read(port, BRIDGE_CONTROL, 2), ==,
                    SECONDARY_RESET);
    g_assert_cmphex(qcxl_read(m, hpa, 8), ==, 0x1234567890abcdef);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, 0);
    qcxl_config_write(port, BRIDGE_CONTROL, 1, SECONDARY_RESET);
    qcxl_config_write(port, BRIDGE_CONTROL - 2, 4, SECONDARY_RESET << 16);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, 0);
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm, 0) & QCXL_HDM_COMMITTED,
                    !=, 0);
    g_assert_cmphex(qcxl_read(m, hpa, 8), ==, 0x1234567890abcdef);
    g_assert_cmpuint(ask64(0x0300, 8), ==, 1000);
    qcxl_stop(m);
}

/* The device is reset, what is sticky stays, and the bridge goes on. */
static void test_bus_reset(void)
{
    uint32_t bridge_control;

    start();
    use(QCXL_HDM_LOCK);
    bridge_control = qcxl_hdm_control(m, bridge_hdm, 0);
    qcxl_config_write(port, qcxl_find_dvsec(port, DVSEC_PORT) + 0xc, 2, 1);
    pulse_secondary_reset();
    qcxl_enumerate(m);
    check_cleared();
    g_assert_cmphex(qcxl_hdm_control(m, bridge_hdm, 0), ==, bridge_control);
    g_assert_cmphex(ras_mask(), ==, 0x5);
    g_assert_true(pending_partition());
    g_assert_cmphex(label(), ==, 0x5a);
    g_assert_cmphex(*(dev->host[1] + 64), ==, 0xef);

    /* Only this port's device */
    g_assert_cmphex(qcxl_config_read(&m->device[1].fn, 0, 4), ==,
                    0x0d938086);
    qcxl_stop(m);
}

/* The mask is looked at for each reset. */
static void test_bus_reset_masked_again(void)
{
    unsigned control;

    start();
    control = qcxl_find_dvsec(port, DVSEC_PORT) + 0xc;
    qcxl_config_write(port, control, 2, 1);
    pulse_secondary_reset();
    qcxl_enumerate(m);
    qcxl_config_write(port, control, 2, 0);
    use(0);
    pulse_secondary_reset();
    g_assert_cmphex(qcxl_read(m, base + 64, 8), ==, 0x1234567890abcdef);
    qcxl_stop(m);
}

/* The port's DVSEC is the port's: the reset below leaves it alone. */
static void test_port_registers_stay(void)
{
    unsigned at;

    start();
    at = qcxl_find_dvsec(port, DVSEC_PORT);
    qcxl_config_write(port, at + 0xc, 2, 1);
    qcxl_config_write(port, at + 0xe, 1, 0x42);
    pulse_secondary_reset();
    g_assert_cmphex(qcxl_config_read(port, at + 0xc, 2), ==, 1);
    g_assert_cmphex(qcxl_config_read(port, at + 0xe, 1), ==, 0x42);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_config_read(port, at + 0xc, 2), ==, 0);
    g_assert_cmphex(qcxl_config_read(port, at + 0xe, 1), ==, 0);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/reset/system", test_system_reset);
    qtest_add_func("cxl/reset/system-idle", test_system_reset_idle);
    qtest_add_func("cxl/reset/bus-masked", test_bus_reset_masked);
    qtest_add_func("cxl/reset/bus", test_bus_reset);
    qtest_add_func("cxl/reset/bus-masked-again",
                   test_bus_reset_masked_again);
    qtest_add_func("cxl/reset/port-registers", test_port_registers_stay);
    return g_test_run();
}
