/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqos: a CXL machine, its command line and what a guest finds in it. */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "tests/qtest/libqos/cxl.h"
#include "qobject/qdict.h"

#define ECAM_BASE 0xb0000000u
#define MCH_PCIEXBAR 0x60               /* of 00:00.0 */
#define MMIO_BASE 0xc0000000u           /* behind ECAM, below the APICs */
#define BUSES_PER_BRIDGE 16

/* Header offsets; command: memory, bus master */
#define PCI_VENDOR 0x00
#define PCI_COMMAND 0x04
#define COMMAND_ON 0x6
#define PCI_BAR0 0x10
#define PCI_BUSES 0x18
#define PCI_MEMORY_WINDOW 0x20
#define ABSENT 0xffff

#define VENDOR_INTEL 0x8086
#define DVSEC_LOCATOR 8
#define BLOCK_COMPONENT 1
#define BLOCK_DEVICE 3

static const char *const kind_name[] = { "vm", "pm" };

char *qcxl_store_new(void)
{
    char *store = g_dir_make_tmp("cxl-qtest-XXXXXX", NULL);

    g_assert_nonnull(store);
    return store;
}

void qcxl_store_remove(char *store)
{
    GDir *dir = g_dir_open(store, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(store, name, NULL);

        g_unlink(path);
    }
    if (dir) {
        g_dir_close(dir);
    }
    g_rmdir(store);
    g_free(store);
}

static void add_option(GString *args, const char *option)
{
    if (option) {
        g_string_append_printf(args, ",%s", option);
    }
}

static void add_backend(GString *args, const QCXLTopology *t,
                        const char *store, const char *name, unsigned n,
                        uint64_t size)
{
    g_string_append_printf(args, " -object memory-backend-%s,id=%s%u,"
                           "size=%" PRIu64, t->ram ? "ram" : "file",
                           name, n, size);
    if (!t->ram) {
        g_string_append_printf(args, ",share=on,mem-path=%s/%s%u",
                               store, name, n);
    }
}

static void add_device(GString *args, const QCXLTopology *t,
                       const char *store, unsigned n)
{
    static const char *const property[] = { "volatile", "persistent" };
    g_autoptr(GString) device = g_string_new(NULL);

    g_string_printf(device, " -device cxl-type3,id=mem%u,bus=rp%u,sn=%u",
                    n, n, 0x1000 + n);
    for (unsigned kind = 0; kind < 2; kind++) {
        if (t->kinds & (1 << kind)) {
            add_backend(args, t, store, kind_name[kind], n, t->size);
            g_string_append_printf(device, ",%s-memdev=%s%u",
                                   property[kind], kind_name[kind], n);
        }
    }
    if (t->lsa) {
        add_backend(args, t, store, "lsa", n, t->lsa);
        g_string_append_printf(device, ",lsa=lsa%u", n);
    }
    add_option(device, t->device);
    g_string_append(args, device->str);
}

static uint8_t bridge_bus(unsigned b)
{
    return BUSES_PER_BRIDGE * (b + 1);
}

/* Neither from 0 nor consecutive: a target list must be looked up. */
static uint8_t port_number(unsigned p)
{
    return 2 * p + 5;
}

static void add_bridge(GString *args, const QCXLTopology *t,
                       const char *store, unsigned b)
{
    g_string_append_printf(args, " -device pxb-cxl,id=cxl%u,bus=pcie.0,"
                           "bus_nr=%u", b, bridge_bus(b));
    add_option(args, t->bridge);
    for (unsigned p = 0; p < t->ports; p++) {
        unsigned n = b * t->ports + p;

        g_string_append_printf(args, " -device cxl-rp,id=rp%u,bus=cxl%u,"
                               "addr=%x.0,port=%u,chassis=%u,slot=%u",
                               n, b, p, port_number(p), b, n + 1);
        if (p < t->ports - t->empty) {
            add_device(args, t, store, n);
        }
    }
}

static void add_windows(GString *args, const QCXLTopology *t)
{
    for (unsigned w = 0; w < QCXL_MAX_WINDOWS && t->window[w].ways; w++) {
        g_string_append_printf(args, ",cxl-fmw.%u.size=%" PRIu64
                               ",cxl-fmw.%u.interleave-granularity=%" PRIu64,
                               w, t->window[w].size, w,
                               t->window[w].granularity ?: 256);
        for (unsigned i = 0; i < t->window[w].ways; i++) {
            g_string_append_printf(args, ",cxl-fmw.%u.targets.%u=cxl%u",
                                   w, i, i);
        }
    }
}

static void set_defaults(QCXLTopology *t)
{
    t->kinds = t->kinds ?: QCXL_VOLATILE;
    t->size = t->size ?: QCXL_UNIT;
}

char *qcxl_arguments(const QCXLTopology *topology, const char *store)
{
    GString *args = g_string_new("-nodefaults -m 32M -machine q35,cxl=on");
    QCXLTopology t = *topology;

    set_defaults(&t);
    add_windows(args, &t);
    add_option(args, t.machine);
    for (unsigned b = 0; b < t.bridges; b++) {
        add_bridge(args, &t, store, b);
    }
    g_string_append_printf(args, " %s", t.more ?: "");
    return g_string_free(args, FALSE);
}

uint64_t qcxl_read(const QCXLMachine *m, uint64_t address, unsigned size)
{
    switch (size) {
    case 1:
        return qtest_readb(m->qts, address);
    case 2:
        return qtest_readw(m->qts, address);
    case 4:
        return qtest_readl(m->qts, address);
    default:
        g_assert_cmpuint(size, ==, 8);
        return qtest_readq(m->qts, address);
    }
}

void qcxl_write(const QCXLMachine *m, uint64_t address, unsigned size,
                uint64_t value)
{
    switch (size) {
    case 1:
        qtest_writeb(m->qts, address, value);
        break;
    case 2:
        qtest_writew(m->qts, address, value);
        break;
    case 4:
        qtest_writel(m->qts, address, value);
        break;
    default:
        g_assert_cmpuint(size, ==, 8);
        qtest_writeq(m->qts, address, value);
    }
}

static uint64_t ecam(const QCXLFunction *fn, unsigned offset)
{
    g_assert_cmpuint(offset, <, 0x1000);
    return ECAM_BASE + ((uint64_t)fn->bus << 20) + (fn->devfn << 12) + offset;
}

uint32_t qcxl_config_read(const QCXLFunction *fn, unsigned offset,
                          unsigned size)
{
    return qcxl_read(fn->machine, ecam(fn, offset), size);
}

void qcxl_config_write(const QCXLFunction *fn, unsigned offset,
                       unsigned size, uint32_t value)
{
    qcxl_write(fn->machine, ecam(fn, offset), size, value);
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

static void place_device(QCXLDevice *dev, QCXLMachine *m, unsigned b,
                         unsigned p)
{
    dev->fn = (QCXLFunction) { .machine = m, .bus = bridge_bus(b) + 1 + p };
    dev->bridge = b;
    dev->port = p;
    place_function(&dev->fn, QCXL_BARS);
}

static void find_device(QCXLDevice *dev)
{
    uint64_t size;

    dev->fn.component = find_block(&dev->fn, BLOCK_COMPONENT, &size);
    dev->registers = find_block(&dev->fn, BLOCK_DEVICE,
                                &dev->registers_size);
    find_device_caps(dev);
}

static bool present(QCXLMachine *m, uint8_t bus)
{
    QCXLFunction fn = { .machine = m, .bus = bus };

    return qcxl_config_read(&fn, PCI_VENDOR, 2) != ABSENT;
}

static void find_port(QCXLMachine *m, unsigned b, unsigned p)
{
    QCXLPort *port = &m->bridge[b].port[p];
    QCXLDevice *dev = &m->device[m->devices];
    uint8_t below = bridge_bus(b) + 1 + p;
    uint64_t base, size;

    port->fn = (QCXLFunction) { .machine = m, .bus = bridge_bus(b),
                                .devfn = p << 3 };
    port->number = port_number(p);
    g_assert_cmphex(qcxl_config_read(&port->fn, PCI_VENDOR, 2), ==,
                    VENDOR_INTEL);
    place_function(&port->fn, 2);
    port->fn.component = find_block(&port->fn, BLOCK_COMPONENT, &size);
    qcxl_config_write(&port->fn, PCI_BUSES, 4,
                      bridge_bus(b) | (below << 8) | (below << 16));
    if (!present(m, below)) {
        return;
    }
    /* A bridge's window is of whole MiB. */
    m->next_bar = base = ROUND_UP(m->next_bar, QCXL_MIB);
    place_device(dev, m, b, p);
    m->next_bar = ROUND_UP(m->next_bar, QCXL_MIB);
    qcxl_config_write(&port->fn, PCI_MEMORY_WINDOW, 4,
                      ((m->next_bar - 1) & 0xfff00000) | (base >> 16));
    find_device(dev);
    m->devices++;
}

void qcxl_enumerate(QCXLMachine *m)
{
    m->next_bar = MMIO_BASE;
    m->devices = 0;
    open_ecam(m);
    for (unsigned b = 0; b < m->topology.bridges; b++) {
        for (unsigned p = 0; p < m->topology.ports; p++) {
            find_port(m, b, p);
        }
    }
}

void qcxl_adopt(QCXLMachine *m, const QCXLMachine *from)
{
    m->windows = from->windows;
    m->devices = from->devices;
    memcpy(m->window, from->window, sizeof(m->window));
    memcpy(m->bridge, from->bridge, sizeof(m->bridge));
    memcpy(m->device, from->device, sizeof(m->device));
    for (unsigned b = 0; b < m->topology.bridges; b++) {
        for (unsigned p = 0; p < m->topology.ports; p++) {
            m->bridge[b].port[p].fn.machine = m;
        }
    }
    for (unsigned n = 0; n < m->devices; n++) {
        m->device[n].fn.machine = m;
    }
}

static uint8_t *map_file(const QCXLMachine *m, const char *name, unsigned n)
{
    g_autofree char *path = g_strdup_printf("%s/%s%u", m->store, name, n);
    int fd = open(path, O_RDWR);
    uint8_t *host;

    g_assert_cmpint(fd, >=, 0);
    host = mmap(NULL, m->topology.size, PROT_READ | PROT_WRITE, MAP_SHARED,
                fd, 0);
    g_assert_true(host != MAP_FAILED);
    close(fd);
    return host;
}

static void map_files(QCXLMachine *m)
{
    const QCXLTopology *t = &m->topology;

    for (unsigned n = 0; n < m->devices; n++) {
        QCXLDevice *dev = &m->device[n];

        for (unsigned kind = 0; kind < 2; kind++) {
            if (t->kinds & (1 << kind)) {
                dev->host[kind] = map_file(m, kind_name[kind], dev->bridge *
                                           t->ports + dev->port);
            }
        }
    }
}

QCXLMachine *qcxl_launch(const QCXLTopology *topology)
{
    QCXLMachine *m = g_new0(QCXLMachine, 1);
    g_autofree char *args = NULL;

    m->topology = *topology;
    set_defaults(&m->topology);
    m->store = topology->store ? g_strdup(topology->store)
                               : qcxl_store_new();
    args = qcxl_arguments(&m->topology, m->store);
    m->qts = qtest_init(args);
    return m;
}

QCXLMachine *qcxl_start(const QCXLTopology *topology)
{
    QCXLMachine *m = qcxl_launch(topology);

    qcxl_enumerate(m);
    qcxl_read_cedt(m);
    if (!topology->ram) {
        map_files(m);
    }
    if (!topology->store) {
        /* Open or mapped where needed: nothing stays behind. */
        qcxl_store_remove(g_steal_pointer(&m->store));
    }
    return m;
}

void qcxl_stop(QCXLMachine *m)
{
    qtest_quit(m->qts);
    for (unsigned n = 0; n < QCXL_MAX_DEVICES; n++) {
        for (unsigned kind = 0; kind < 2; kind++) {
            if (m->device[n].host[kind]) {
                munmap(m->device[n].host[kind], m->topology.size);
            }
        }
    }
    if (m->store && !m->topology.store) {
        qcxl_store_remove(g_steal_pointer(&m->store));
    }
    g_free(m->store);
    g_free(m);
}

/* Waits for the end of a migration; was it a good one? */
static bool migrated(QTestState *qts)
{
    for (;;) {
        QDict *answer = qtest_qmp_assert_success_ref(
            qts, "{ 'execute': 'query-migrate' }");
        const char *status = qdict_get_try_str(answer, "status");
        bool done = status && !strcmp(status, "completed");
        bool failed = status && !strcmp(status, "failed");

        qobject_unref(answer);
        if (done || failed) {
            return done;
        }
        g_usleep(2000);
    }
}

void qcxl_save(const QCXLMachine *m, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate',"
                             "'arguments': { 'uri': %s } }", uri);
    g_assert_true(migrated(m->qts));
}

bool qcxl_load(const QCXLMachine *m, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate-incoming',"
                             "'arguments': { 'uri': %s,"
                             "'exit-on-error': false } }", uri);
    return migrated(m->qts);
}
