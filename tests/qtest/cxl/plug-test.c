/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots: devices pulled out, power, new bus numbers and register places. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"

#define CAP_MSI 0x05
#define CAP_EXPRESS 0x10
#define COMMAND 0x04
#define BUSES 0x18
#define MEMORY_WINDOW 0x20
#define LINK_STATUS 0x12
#define LINK_ACTIVE 0x2000
#define SLOT_CONTROL 0x18
#define SLOT_LINK_INT 0x1020            /* enable, of changes of the link */
#define SLOT_LED_ON 0x100
#define SLOT_POWER_OFF 0x400
#define SLOT_STATUS 0x1a
#define SLOT_CHANGED 0x108              /* presence, link */
#define SLOT_PRESENT 0x40
#define MESSAGE_AT 0x500000
#define MESSAGE 0x4321
#define ONES UINT64_MAX
#define GRANULARITY 256

static QCXLMachine *m;
static uint64_t base;

/* One bridge; @fan: ports of a switch below each root port, or 0. */
static void start(unsigned ports, unsigned empty, unsigned fan,
                  const char *downstream)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = ports, .empty = empty, .fan = { fan },
        .kinds = QCXL_PERSISTENT, .lsa = 4096, .downstream = downstream,
        .bridge = "hdm_for_passthrough=on",
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };

    m = qcxl_start(&topology);
    base = m->window[0].base;
}

/* Of a set of @set devices; a router shares it out to @targets ports. */
static void commit(uint64_t component, unsigned set, unsigned targets,
                   const QCXLPort *port)
{
    QCXLDecoder decoder = { .base = base, .size = set * QCXL_UNIT,
                            .ways = port ? targets : set,
                            .granularity = GRANULARITY };

    for (unsigned i = 0; i < targets; i++) {
        decoder.target[i] = port[i].number;
    }
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, component), 0, &decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
}

/* As one of a set of @set devices */
static void commit_device(unsigned n, unsigned set)
{
    commit(m->device[n].fn.component, set, 0, NULL);
    qcxl_mem_enable(&m->device[n], true);
}

/* All devices as one set, below root ports or below one switch */
static void route_all(void)
{
    unsigned set = m->devices;

    for (unsigned n = 0; n < set; n++) {
        commit_device(n, set);
    }
    if (m->switches) {
        commit(m->sw[0].fn.component, set, set, m->sw[0].port);
    }
    commit(m->bridge[0].component, set, m->switches ? 1 : set,
           m->bridge[0].port);
}

static void mark(void)
{
    for (unsigned n = 0; n < m->devices; n++) {
        qcxl_write(m, base + n * GRANULARITY, 8, 0x1111 * (n + 1));
        g_assert_cmphex(ldq_le_p(m->device[n].host[1]), ==, 0x1111 * (n + 1));
    }
}

/* The devices of @mask answer, the others do not. */
static void check_marks(unsigned mask)
{
    for (unsigned n = 0; n < 2; n++) {
        uint64_t hpa = base + n * GRANULARITY;

        g_assert_cmphex(qcxl_read(m, hpa, 8), ==,
                        mask & (1 << n) ? 0x1111 * (n + 1) : ONES);
        if (!(mask & (1 << n))) {
            qcxl_write(m, hpa, 8, 0xbad);
            g_assert_cmphex(ldq_le_p(m->device[n].host[1]), ==,
                            0x1111 * (n + 1));
        }
    }
}

static uint16_t express(const QCXLFunction *fn, unsigned offset)
{
    return qcxl_config_read(fn, qcxl_find_cap(fn, CAP_EXPRESS) + offset, 2);
}

static void set_express(const QCXLFunction *fn, unsigned offset,
                        uint16_t value)
{
    qcxl_config_write(fn, qcxl_find_cap(fn, CAP_EXPRESS) + offset, 2, value);
}

/* The port tells when the link goes up or down, by MSI. */
static void listen_to(const QCXLFunction *port)
{
    unsigned msi = qcxl_find_cap(port, CAP_MSI);

    qcxl_config_write(port, msi + 4, 4, MESSAGE_AT);
    qcxl_config_write(port, msi + 8, 4, 0);
    qcxl_config_write(port, msi + 0xc, 2, MESSAGE);
    qcxl_config_write(port, msi + 2, 2, 1);
    set_express(port, SLOT_STATUS, express(port, SLOT_STATUS));
    set_express(port, SLOT_CONTROL, SLOT_LED_ON | SLOT_LINK_INT);
}

static void pull(const char *id)
{
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-surprise-remove',"
                             "'arguments': { 'path': %s } }", id);
}

static void check_empty(const QCXLFunction *port)
{
    g_assert_cmphex(express(port, SLOT_STATUS) &
                    (SLOT_PRESENT | SLOT_CHANGED), ==, SLOT_CHANGED);
    g_assert_cmphex(express(port, LINK_STATUS) & LINK_ACTIVE, ==, 0);
    g_assert_cmphex(qcxl_read(m, MESSAGE_AT, 4), ==, MESSAGE);
    set_express(port, SLOT_STATUS, SLOT_CHANGED);
    g_assert_cmphex(express(port, SLOT_STATUS) & SLOT_CHANGED, ==, 0);
}

/* With power, as the guest's hot-plug driver gives it */
static void plug(unsigned n, const char *bus, const QCXLPort *port)
{
    g_autofree char *id = g_strdup_printf("mem%u", n);
    g_autofree char *pm = g_strdup_printf("pm%u", n);
    g_autofree char *lsa = g_strdup_printf("lsa%u", n);

    qtest_qmp_device_add(m->qts, "cxl-type3", id, "{ 'bus': %s, 'sn': 7,"
                         "'persistent-memdev': %s, 'lsa': %s }",
                         bus, pm, lsa);
    set_express(&port->fn, SLOT_CONTROL, SLOT_LED_ON);
}

/* Gone at once; what it held is found again in another slot. */
static void test_pull(void)
{
    const QCXLFunction *port;

    start(3, 1, 0, NULL);
    port = &m->bridge[0].port[1].fn;
    route_all();
    mark();
    listen_to(port);
    g_assert_cmphex(express(port, LINK_STATUS) & LINK_ACTIVE, !=, 0);
    pull("mem1");
    check_marks(1);
    check_empty(port);
    g_assert_cmphex(qcxl_config_read(&m->device[1].fn, 0, 4), ==, UINT32_MAX);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");

    qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 0);
    plug(1, "rp2", &m->bridge[0].port[2]);
    qcxl_enumerate(m);
    g_assert_cmpuint(m->devices, ==, 2);
    commit_device(1, 1);
    commit(m->bridge[0].component, 1, 1, &m->bridge[0].port[2]);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0x2222);
    qcxl_stop(m);
}

/* By its QOM path, from a switch: the other half of the set goes on. */
static void test_pull_downstream(void)
{
    const QCXLFunction *port;

    start(1, 0, 2, NULL);
    port = &m->sw[0].port[0].fn;
    route_all();
    mark();
    listen_to(port);
    pull("/machine/peripheral/mem0");
    check_marks(2);
    check_empty(port);
    /* Name and memory are free at once. */
    plug(0, "ds0-0", &m->sw[0].port[0]);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    check_marks(2);
    qcxl_enumerate(m);
    g_assert_cmpuint(m->devices, ==, 2);
    commit_device(0, 2);
    check_marks(3);
    qcxl_stop(m);
}

static void expect_deleted(unsigned count)
{
    while (count--) {
        qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    }
}

/* A switch takes all along that is below it. */
static void test_pull_switch(void)
{
    const QCXLFunction *port;

    start(1, 0, 2, NULL);
    port = &m->bridge[0].port[0].fn;
    route_all();
    mark();
    listen_to(port);
    pull("us0-0");
    check_marks(0);
    check_empty(port);
    expect_deleted(5);
    qcxl_enumerate(m);
    g_assert_cmpuint(m->devices, ==, 0);

    /* The backends are free: one of them right below the root port */
    plug(1, "rp0", &m->bridge[0].port[0]);
    qcxl_enumerate(m);
    g_assert_cmpuint(m->devices, ==, 1);
    qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 0);
    commit_device(0, 1);
    commit(m->bridge[0].component, 1, 1, m->bridge[0].port);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0x2222);
    qcxl_stop(m);
}

static void refuse(const char *path, const char *why)
{
    QDict *error = qtest_qmp_assert_failure_ref(
        m->qts, "{ 'execute': 'cxl-surprise-remove',"
        "'arguments': { 'path': %s } }", path);

    g_assert_nonnull(strstr(qdict_get_str(error, "desc"), why));
    qobject_unref(error);
}

static void test_refused(void)
{
    start(1, 0, 2, "hotplug=off");
    refuse("", "no PCI device");
    refuse("nobody", "no PCI device");
    refuse("/machine", "no PCI device");
    refuse("rp0", "not in a slot");
    refuse("ds0-0", "not in a slot");
    refuse("cxl0", "not in a slot");
    refuse("mem0", "hotplug=on");
    pull("us0-0");
    refuse("us0-0", "no PCI device");
    qcxl_stop(m);
}

static void await_status(const char *wanted)
{
    for (;;) {
        QDict *answer = qtest_qmp_assert_success_ref(
            m->qts, "{ 'execute': 'query-migrate' }");
        bool there = !g_strcmp0(qdict_get_try_str(answer, "status"), wanted);

        qobject_unref(answer);
        if (there) {
            return;
        }
        g_usleep(2000);
    }
}

/* What is being saved stays. */
static void test_while_saving(void)
{
    char *store = qcxl_store_new();
    g_autofree char *uri = g_strdup_printf("file:%s/state", store);

    start(1, 0, 0, NULL);
    route_all();
    qtest_qmp_assert_success(m->qts, "{ 'execute':"
                             "'migrate-set-capabilities', 'arguments': {"
                             "'capabilities': [ { 'capability':"
                             "'pause-before-switchover',"
                             "'state': true } ] } }");
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate',"
                             "'arguments': { 'uri': %s } }", uri);
    await_status("pre-switchover");
    refuse("mem0", "migration");
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate_cancel' }");
    await_status("cancelled");
    pull("mem0");
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    qcxl_stop(m);
    qcxl_store_remove(store);
}

/* Halfway into everything: the next device in the slot knows nothing of it. */
static void test_pull_in_the_middle(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .lsa = 4096,
        .kinds = QCXL_VOLATILE | QCXL_PERSISTENT,
    };
    QCXLDevice *dev;
    unsigned doe, dvsec;
    uint32_t word[3] = { 0x00021e98, 3, 0 };

    m = qcxl_start(&topology);
    dev = &m->device[0];
    doe = qcxl_find_ext_cap(&dev->fn, 0x2e);
    dvsec = qcxl_find_dvsec(&dev->fn, 0);
    qcxl_msix_enable(&dev->fn);
    qcxl_config_write(&dev->fn, doe + 0x10, 4, word[0]);
    qcxl_config_write(&dev->fn, doe + 0x10, 4, word[1]);
    qcxl_write(m, dev->mailbox + 0x20, 8, 0x1234);
    qcxl_write(m, dev->mailbox + 8, 8, 0x4103 | 8 << 16);
    /* CXL r3.2: Initiate CXL Reset, and clear memory: not complete yet */
    qcxl_config_write(&dev->fn, dvsec + 0x10, 2, 0xc);
    g_assert_cmphex(qcxl_config_read(&dev->fn, dvsec + 0x12, 2) & 2, ==, 0);
    pull("mem0");
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    qtest_clock_step(m->qts, 1000 * 1000 * 1000 * 1000LL);
    plug(0, "rp0", &m->bridge[0].port[0]);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 0x20, 8), ==, 0);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 8, 8), ==, 0);
    g_assert_cmphex(qcxl_config_read(&dev->fn, qcxl_find_cap(&dev->fn, 0x11)
                                     + 2, 2) & 0x8000, ==, 0);
    qcxl_config_write(&dev->fn, doe + 0x10, 4, word[2]);
    qcxl_config_write(&dev->fn, doe + 8, 4, 1u << 31);
    g_assert_cmphex(qcxl_config_read(&dev->fn, doe + 0xc, 4) >> 31, ==, 0);
    qcxl_stop(m);
}

/* A decoder that leads to an empty slot waits for what comes there. */
static void test_plug_below_committed(void)
{
    start(2, 1, 0, NULL);
    commit(m->bridge[0].component, 1, 1, &m->bridge[0].port[1]);
    pull("mem0");
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    plug(0, "rp1", &m->bridge[0].port[1]);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    commit_device(0, 1);
    qcxl_write(m, base, 8, 0x3333);
    g_assert_cmphex(ldq_le_p(m->device[0].host[1]), ==, 0x3333);
    qcxl_stop(m);
}

/* Power cut and given again, with the device still there: like a reset. */
static void check_power(const QCXLFunction *port)
{
    mark();
    set_express(port, SLOT_CONTROL, SLOT_LED_ON | SLOT_POWER_OFF);
    check_marks(2);
    g_assert_cmphex(qcxl_config_read(&m->device[0].fn, 0, 4), ==, UINT32_MAX);
    set_express(port, SLOT_CONTROL, SLOT_LED_ON);
    qcxl_enumerate(m);
    g_assert_cmpuint(m->devices, ==, 2);
    g_assert_cmphex(qcxl_hdm_control(m, qcxl_hdm(m, m->device[0].fn.component),
                                     0) & QCXL_HDM_COMMITTED, ==, 0);
    check_marks(2);
    commit_device(0, 2);
    check_marks(3);
    qcxl_stop(m);
}

static void test_power(void)
{
    start(2, 0, 0, NULL);
    route_all();
    check_power(&m->bridge[0].port[0].fn);
    start(1, 0, 2, NULL);
    route_all();
    check_power(&m->sw[0].port[0].fn);
}

/* A decoder comes and goes elsewhere: all routes are looked for anew. */
static void check_anew(void)
{
    uint64_t hdm = qcxl_hdm(m, m->bridge[0].component);
    QCXLDecoder decoder = { .base = base + 3 * QCXL_UNIT, .size = QCXL_UNIT,
                            .target = { m->bridge[0].port[0].number } };

    g_assert_cmphex(qcxl_hdm_commit(m, hdm, 1, &decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
    check_marks(3);
    qcxl_hdm_uncommit(m, hdm, 1);
    check_marks(3);
}

static void set_buses(QCXLFunction *fn, uint8_t primary, uint8_t secondary,
                      uint8_t last)
{
    qcxl_config_write(fn, BUSES, 4, primary | secondary << 8 | last << 16);
    check_anew();
}

/* From the root on: each step leaves what is below out of reach, but mapped. */
static void test_renumber(void)
{
    QCXLFunction *root, *up, *down, *device;
    uint8_t bus = qcxl_bridge_bus(&m->topology, 0);

    start(1, 0, 2, NULL);
    root = &m->bridge[0].port[0].fn;
    up = &m->sw[0].fn;
    route_all();
    mark();
    set_buses(root, bus, 0, 0);
    set_buses(root, bus, bus + 9, bus + 15);
    up->bus = bus + 9;
    set_buses(up, bus + 9, bus + 12, bus + 15);
    for (unsigned n = 0; n < 2; n++) {
        down = &m->sw[0].port[n].fn;
        device = &m->device[n].fn;
        down->bus = bus + 12;
        device->bus = bus + 15 - n;
        set_buses(down, down->bus, device->bus, device->bus);
        g_assert_cmphex(qcxl_config_read(device, 0, 4), ==, 0x0d938086);
    }
    /* Decoders are reached there, and heard. */
    qcxl_mem_enable(&m->device[1], false);
    check_marks(1);
    qcxl_mem_enable(&m->device[1], true);
    check_marks(3);
    pull("mem0");
    check_marks(2);
    qcxl_stop(m);
}

static void set_command(const QCXLFunction *fn, uint16_t command)
{
    qcxl_config_write(fn, COMMAND, 2, command);
    check_anew();
}

/* CXL r3.2: CXL.mem does not go through BARs and bridge windows. */
static void test_registers_out_of_reach(void)
{
    const QCXLFunction *fn[4];
    uint64_t hdm;
    uint32_t control, window;

    start(1, 0, 2, NULL);
    route_all();
    mark();
    fn[0] = &m->device[0].fn;
    fn[1] = &m->sw[0].port[0].fn;
    fn[2] = &m->sw[0].fn;
    fn[3] = &m->bridge[0].port[0].fn;
    hdm = qcxl_hdm(m, fn[0]->component);
    control = qcxl_hdm_control(m, hdm, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(fn); i++) {
        set_command(fn[i], 0);
        g_assert_cmphex(qcxl_hdm_control(m, hdm, 0), !=, control);
        set_command(fn[i], 6);
        g_assert_cmphex(qcxl_hdm_control(m, hdm, 0), ==, control);
    }
    for (unsigned i = 1; i < ARRAY_SIZE(fn); i++) {
        window = qcxl_config_read(fn[i], MEMORY_WINDOW, 4);
        qcxl_config_write(fn[i], MEMORY_WINDOW, 4, 0x0000fff0);
        check_anew();
        g_assert_cmphex(qcxl_hdm_control(m, hdm, 0), !=, control);
        qcxl_config_write(fn[i], MEMORY_WINDOW, 4, window);
    }
    qcxl_stop(m);
}

/* Registers at another place are the same registers. */
static void test_move_registers(void)
{
    QCXLFunction *fn;
    uint64_t old, hdm;
    uint32_t moved;

    start(1, 0, 2, NULL);
    route_all();
    mark();
    fn = &m->device[0].fn;
    old = qcxl_hdm(m, fn->component);
    /* The room of the device's other registers, which go elsewhere */
    moved = fn->bar[2];
    g_assert_cmphex(fn->bar_size[2], >=, 0x10000);
    qcxl_config_write(fn, 0x18, 4, fn->bar[0]);
    qcxl_config_write(fn, 0x10, 4, moved);
    check_marks(3);
    hdm = old - fn->component + moved;
    g_assert_cmphex(qcxl_hdm_control(m, hdm, 0) & QCXL_HDM_COMMITTED, !=, 0);
    qcxl_hdm_uncommit(m, hdm, 0);
    check_marks(2);
    fn->component = moved;
    commit_device(0, 2);
    check_marks(3);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/plug/pull", test_pull);
    qtest_add_func("cxl/plug/pull-downstream", test_pull_downstream);
    qtest_add_func("cxl/plug/pull-switch", test_pull_switch);
    qtest_add_func("cxl/plug/refused", test_refused);
    qtest_add_func("cxl/plug/while-saving", test_while_saving);
    qtest_add_func("cxl/plug/in-the-middle", test_pull_in_the_middle);
    qtest_add_func("cxl/plug/below-committed", test_plug_below_committed);
    qtest_add_func("cxl/plug/power", test_power);
    qtest_add_func("cxl/plug/renumber", test_renumber);
    qtest_add_func("cxl/plug/out-of-reach", test_registers_out_of_reach);
    qtest_add_func("cxl/plug/move-registers", test_move_registers);
    return g_test_run();
}
