/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqos: what a guest's PCI code does, as far as CXL needs it. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"

#define ECAM_BASE 0xb0000000u
#define MCH_PCIEXBAR 0x60               /* of 00:00.0 */
#define MMIO_BASE 0xc0000000u           /* behind ECAM, below the APICs */

/* Header offsets; command: memory, bus master */
#define PCI_VENDOR 0x00
#define PCI_COMMAND 0x04
#define COMMAND_ON 0x6
#define PCI_CLASS 0x0a
#define CLASS_BRIDGE 0x0604
#define PCI_BAR0 0x10
#define PCI_BUSES 0x18
#define PCI_MEMORY_WINDOW 0x20
#define ABSENT 0xffff
#define BRIDGE_BARS 2

#define DVSEC_LOCATOR 8
#define BLOCK_COMPONENT 1
#define BLOCK_DEVICE 3

uint64_t qcxl_config_address(const QCXLFunction *fn, unsigned offset)
{
    g_assert_cmpuint(offset, <, 0x1000);
    return ECAM_BASE + ((uint64_t)fn->bus << 20) + (fn->devfn << 12) + offset;
}

uint32_t qcxl_config_read(const QCXLFunction *fn, unsigned offset,
                          unsigned size)
{
    return qcxl_read(fn->machine, qcxl_config_address(fn, offset), size);
}

void qcxl_config_write(const QCXLFunction *fn, unsigned offset,
                       unsigned size, uint32_t value)
{
    qcxl_write(fn->machine, qcxl_config_address(fn, offset), size, value);
}

static void open_ecam(QCXLMachine *m)
{
    qtest_outl(m->qts, 0xcf8, 0x80000000 | MCH_PCIEXBAR);
    qtest_outl(m->qts, 0xcfc, ECAM_BASE | 1);
}

static uint64_t take_mmio(QCXLMachine *m, uint64_t size)
{
    uint64_t base = ROUND_UP(m->next_bar, size);

    m->next_bar = base + size;
    g_assert_cmphex(m->next_bar, <, 0xfec00000);
    return base;
}

/* All memory BARs; the next index. */
static unsigned place_bar(QCXLFunction *fn, unsigned n)
{
    unsigned offset = PCI_BAR0 + 4 * n;
    uint32_t mask;

    qcxl_config_write(fn, offset, 4, UINT32_MAX);
    mask = qcxl_config_read(fn, offset, 4);
    if (!mask || (mask & 1)) {
        return n + 1;
    }
    fn->bar_size[n] = -(mask & ~0xfu) & UINT32_MAX;
    fn->bar[n] = take_mmio(fn->machine, fn->bar_size[n]);
    qcxl_config_write(fn, offset, 4, fn->bar[n]);
    if (mask & 4) {
        qcxl_config_write(fn, offset + 4, 4, fn->bar[n] >> 32);
        return n + 2;
    }
    return n + 1;
}

static void place_function(QCXLFunction *fn, unsigned bars)
{
    unsigned n = 0;

    while (n < bars) {
        n = place_bar(fn, n);
    }
    qcxl_config_write(fn, PCI_COMMAND, 2, COMMAND_ON);
}

/* The block that the register locator names, or 0. */
static uint64_t find_block(const QCXLFunction *fn, uint8_t id,
                           uint64_t *size)
{
    unsigned dvsec = qcxl_find_dvsec(fn, DVSEC_LOCATOR);
    unsigned length;

    g_assert_cmpuint(dvsec, !=, 0);
    length = qcxl_config_read(fn, dvsec + 4, 4) >> 20;
    for (unsigned at = dvsec + 0xc; at < dvsec + length; at += 8) {
        uint32_t low = qcxl_config_read(fn, at, 4);
        uint64_t offset = (uint64_t)qcxl_config_read(fn, at + 4, 4) << 32;
        unsigned bar = low & 7;

        if (((low >> 8) & 0xff) == id) {
            g_assert_cmpuint(fn->bar_size[bar], !=, 0);
            *size = fn->bar_size[bar];
            return fn->bar[bar] + (offset | (low & 0xffff0000));
        }
    }
    return 0;
}

static void find_device_caps(QCXLDevice *dev)
{
    const QCXLMachine *m = dev->fn.machine;
    unsigned count = qcxl_read(m, dev->registers, 8) >> 32 & 0xffff;

    for (unsigned n = 1; n <= count; n++) {
        uint64_t header = dev->registers + 0x10 * n;
        uint16_t id = qcxl_read(m, header, 4);
        uint64_t block = dev->registers + qcxl_read(m, header + 4, 4);

        if (id == 2) {
            dev->mailbox = block;
        } else if (id == 0x4000) {
            dev->memdev_status = block;
        }
    }
    g_assert_cmphex(dev->mailbox, !=, 0);
    dev->payload = 1u << (qcxl_read(m, dev->mailbox, 4) & 0x1f);
}

static void find_device(QCXLDevice *dev)
{
    uint64_t size;

    dev->fn.component = find_block(&dev->fn, BLOCK_COMPONENT, &size);
    dev->registers = find_block(&dev->fn, BLOCK_DEVICE,
                                &dev->registers_size);
    find_device_caps(dev);
}

static void place_below(QCXLMachine *m, QCXLPort *port, unsigned level,
                        QCXLDevice *path);

/* A port: its registers, then all at the other end of its link. */
static void place_port(QCXLMachine *m, QCXLPort *port, uint8_t bus,
                       unsigned p, unsigned level, QCXLDevice *path)
{
    uint64_t size;

    port->fn = (QCXLFunction) { .machine = m, .bus = bus, .devfn = p << 3 };
    port->number = qcxl_port_number(p);
    port->below = 0;
    g_assert_cmphex(qcxl_config_read(&port->fn, PCI_VENDOR, 2), !=, ABSENT);
    place_function(&port->fn, BRIDGE_BARS);
    port->fn.component = find_block(&port->fn, BLOCK_COMPONENT, &size);
    place_below(m, port, level, path);
}

/* Give @bridge the next bus; its last one is not known yet. */
static uint8_t open_bus(QCXLMachine *m, const QCXLFunction *bridge)
{
    uint8_t bus = m->next_bus++;

    g_assert_cmpuint(bus, <=, m->last_bus);
    qcxl_config_write(bridge, PCI_BUSES, 4,
                      bridge->bus | (bus << 8) | (m->last_bus << 16));
    /* A bridge's window is of whole MiB. */
    m->next_bar = ROUND_UP(m->next_bar, QCXL_MIB);
    return bus;
}

static void close_bus(QCXLMachine *m, const QCXLFunction *bridge,
                      uint8_t bus, uint64_t base)
{
    qcxl_config_write(bridge, PCI_BUSES, 4,
                      bridge->bus | (bus << 8) | ((m->next_bus - 1) << 16));
    m->next_bar = ROUND_UP(m->next_bar, QCXL_MIB);
    if (m->next_bar > base) {
        qcxl_config_write(bridge, PCI_MEMORY_WINDOW, 4,
                          ((m->next_bar - 1) & 0xfff00000) | (base >> 16));
    }
}

static void place_switch(QCXLMachine *m, QCXLSwitch *sw, uint8_t bus,
                         unsigned level, QCXLDevice *path)
{
    unsigned number = path->number;
    uint64_t base, size;
    uint8_t below;

    g_assert_cmpuint(level, <, QCXL_MAX_LEVELS);
    sw->fn = (QCXLFunction) { .machine = m, .bus = bus };
    place_function(&sw->fn, BRIDGE_BARS);
    sw->fn.component = find_block(&sw->fn, BLOCK_COMPONENT, &size);
    below = open_bus(m, &sw->fn);
    base = m->next_bar;
    for (unsigned p = 0; p < m->topology.fan[level]; p++) {
        path->fan[level] = p;
        path->number = number * m->topology.fan[level] + p;
        place_port(m, &sw->port[p], below, p, level + 1, path);
    }
    close_bus(m, &sw->fn, below, base);
}

static void place_below(QCXLMachine *m, QCXLPort *port, unsigned level,
                        QCXLDevice *path)
{
    uint8_t bus = open_bus(m, &port->fn);
    uint64_t base = m->next_bar;

    path->fn = (QCXLFunction) { .machine = m, .bus = bus };
    if (qcxl_config_read(&path->fn, PCI_VENDOR, 2) == ABSENT) {
        close_bus(m, &port->fn, bus, base);
        return;
    }
    if (qcxl_config_read(&path->fn, PCI_CLASS, 2) == CLASS_BRIDGE) {
        g_assert_cmpuint(m->switches, <, QCXL_MAX_SWITCHES);
        port->below = ++m->switches;
        place_switch(m, &m->sw[port->below - 1], bus, level, path);
    } else {
        QCXLDevice *dev = &m->device[m->devices++];
        uint8_t *host[2] = { dev->host[0], dev->host[1] };

        *dev = *path;
        memcpy(dev->host, host, sizeof(host));
        place_function(&dev->fn, QCXL_BARS);
    }
    close_bus(m, &port->fn, bus, base);
}

void qcxl_enumerate(QCXLMachine *m)
{
    m->next_bar = MMIO_BASE;
    m->devices = 0;
    m->switches = 0;
    open_ecam(m);
    for (unsigned b = 0; b < m->topology.bridges; b++) {
        uint8_t bus = qcxl_bridge_bus(&m->topology, b);

        m->next_bus = bus + 1;
        m->last_bus = qcxl_bridge_bus(&m->topology, b + 1) - 1;
        for (unsigned p = 0; p < m->topology.ports; p++) {
            QCXLDevice path = { .bridge = b, .port = p,
                                .number = b * m->topology.ports + p };

            place_port(m, &m->bridge[b].port[p], bus, p, 0, &path);
        }
    }
    /* Registers can be read when all windows above are open. */
    for (unsigned n = 0; n < m->devices; n++) {
        find_device(&m->device[n]);
    }
}

void qcxl_adopt(QCXLMachine *m, const QCXLMachine *from)
{
    m->windows = from->windows;
    m->devices = from->devices;
    memcpy(m->window, from->window, sizeof(m->window));
    memcpy(m->bridge, from->bridge, sizeof(m->bridge));
    memcpy(m->sw, from->sw, sizeof(m->sw));
    memcpy(m->device, from->device, sizeof(m->device));
    m->switches = from->switches;
    for (unsigned n = 0; n < m->switches; n++) {
        m->sw[n].fn.machine = m;
        for (unsigned p = 0; p < QCXL_MAX_PORTS; p++) {
            m->sw[n].port[p].fn.machine = m;
        }
    }
    for (unsigned b = 0; b < m->topology.bridges; b++) {
        for (unsigned p = 0; p < m->topology.ports; p++) {
            m->bridge[b].port[p].fn.machine = m;
        }
    }
    for (unsigned n = 0; n < m->devices; n++) {
        m->device[n].fn.machine = m;
    }
}
