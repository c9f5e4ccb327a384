/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links that a user breaks and that the guest disables. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-errors.h"
#include "qobject/qdict.h"

#define CAP_EXPRESS 0x10
#define CAP_MSI 0x05
#define DVSEC_PORT 3
#define UNMASK_LINK_DISABLE 2
#define BRIDGE_CONTROL 0x3e
#define SECONDARY_RESET 0x40
/* In the PCIe capability */
#define LINK_CONTROL 0x10
#define LINK_DISABLE 0x10
#define LINK_STATUS 0x12
#define LINK_ACTIVE 0x2000
#define SLOT_CONTROL 0x18
#define SLOT_INTERRUPT 0x21         /* hot-plug, attention button */
#define SLOT_STATUS 0x1a
#define SLOT_PRESENT 0x40
#define SLOT_PRESENCE_CHANGED 0x8
#define SLOT_EVENTS 0x9

#define MESSAGE 0x100000
#define TOKEN 0x7700
#define ONES UINT64_MAX

static QCXLMachine *m;
static const QCXLFunction *rp, *ds;
static char *store, *state_path;

static QCXLTopology topology(const char *more)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 1, .fan = { 2 }, .ram = true, .more = more,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static void adopt(void)
{
    rp = &m->bridge[0].port[0].fn;
    ds = &m->sw[0].port[0].fn;
}

static void start(void)
{
    QCXLTopology t = topology(NULL);

    m = qcxl_start(&t);
    adopt();
}

static void link_down(const char *path, bool down)
{
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-inject-link-down',"
                             "'arguments': { 'path': %s, 'down': %i } }",
                             path, down);
}

static unsigned express(const QCXLFunction *fn, unsigned reg)
{
    return qcxl_find_cap(fn, CAP_EXPRESS) + reg;
}

static bool is_active(const QCXLFunction *fn)
{
    return qcxl_config_read(fn, express(fn, LINK_STATUS), 2) & LINK_ACTIVE;
}

static bool is_present(const QCXLFunction *fn)
{
    return qcxl_config_read(fn, express(fn, SLOT_STATUS), 2) & SLOT_PRESENT;
}

static bool take_events(const QCXLFunction *fn)
{
    unsigned at = express(fn, SLOT_STATUS);
    uint32_t status = qcxl_config_read(fn, at, 2);

    qcxl_config_write(fn, at, 2, status & SLOT_EVENTS);
    return status & SLOT_PRESENCE_CHANGED;
}

/* Its function 0 answers in configuration space. */
static bool reachable(const QCXLFunction *fn)
{
    return qcxl_config_read(fn, 0, 2) != 0xffff;
}

/* mem<n> has a place of its own in the window. */
static QCXLDecoder decoder(unsigned n)
{
    return (QCXLDecoder) {
        .base = m->window[0].base + n * QCXL_UNIT, .size = QCXL_UNIT,
        .target = { m->sw[0].port[n].number },
    };
}

static uint64_t map_device(unsigned n)
{
    const QCXLDevice *dev = &m->device[n];
    QCXLDecoder d = decoder(n);

    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, dev->fn.component), 0, &d)
                    & QCXL_HDM_COMMITTED, !=, 0);
    qcxl_mem_enable(dev, true);
    return d.base;
}

static uint64_t map(unsigned n)
{
    QCXLDecoder d = decoder(n);

    qcxl_hdm_commit(m, qcxl_hdm(m, m->sw[0].fn.component), n, &d);
    return map_device(n);
}

static uint64_t map_and_fill(unsigned n)
{
    uint64_t base = map(n);

    qcxl_write(m, base, 8, 0xabc0 + n);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0xabc0 + n);
    return base;
}

static void test_down_and_up(void)
{
    uint64_t base0, base1, status;

    start();
    status = qcxl_read(m, m->device[0].memdev_status, 8);
    base0 = map_and_fill(0);
    base1 = map_and_fill(1);
    qcxl_ras_write(&m->device[0].fn, RAS_UE_MASK, 5);
    take_events(ds);
    link_down("ds0-0", true);
    g_assert_false(is_active(ds));
    g_assert_false(is_present(ds));
    g_assert_true(take_events(ds));
    g_assert_false(reachable(&m->device[0].fn));
    g_assert_cmphex(qcxl_read(m, m->device[0].memdev_status, 8), !=, status);
    g_assert_cmphex(qcxl_read(m, base0, 8), ==, ONES);
    /* The other port has its own. */
    g_assert_true(is_active(&m->sw[0].port[1].fn));
    g_assert_cmphex(qcxl_read(m, base1, 8), ==, 0xabc1);
    /* Again: nothing new */
    link_down("ds0-0", true);
    g_assert_false(take_events(ds));

    link_down("ds0-0", false);
    g_assert_true(is_active(ds));
    g_assert_true(is_present(ds));
    g_assert_true(take_events(ds));
    g_assert_true(reachable(&m->device[0].fn));
    qcxl_enumerate(m);
    /* As after a hot reset */
    g_assert_cmphex(qcxl_ras_read(&m->device[0].fn, RAS_UE_MASK), ==, 5);
    g_assert_cmphex(qcxl_hdm_control(m, qcxl_hdm(m,
                    m->device[0].fn.component), 0), ==, 0);
    map_device(0);
    g_assert_cmphex(qcxl_read(m, base0, 8), ==, 0xabc0);
    qcxl_stop(m);
}

/* A whole switch is gone. */
static void test_above_switch(void)
{
    uint64_t base;

    start();
    base = map_and_fill(0);
    link_down("rp0", true);
    g_assert_false(is_active(rp));
    g_assert_false(reachable(&m->sw[0].fn));
    g_assert_false(reachable(ds));
    g_assert_false(reachable(&m->device[0].fn));
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    link_down("rp0", false);
    qcxl_enumerate(m);
    map(0);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0xabc0);
    qcxl_stop(m);
}

static bool take_interrupt(void)
{
    uint32_t token = qcxl_read(m, MESSAGE, 4);

    qcxl_write(m, MESSAGE, 4, 0);
    g_assert_true(!token || token == TOKEN);
    return token;
}

static void test_interrupt(void)
{
    unsigned msi;

    start();
    msi = qcxl_find_cap(rp, CAP_MSI);
    qcxl_config_write(rp, msi + 4, 4, MESSAGE);
    qcxl_config_write(rp, msi + 12, 2, TOKEN);
    qcxl_config_write(rp, msi + 2, 2, 1);
    take_events(rp);
    qcxl_config_write(rp, express(rp, SLOT_CONTROL), 2, SLOT_INTERRUPT);
    take_interrupt();
    link_down("rp0", true);
    g_assert_true(take_interrupt());
    g_assert_true(take_events(rp));
    link_down("rp0", false);
    g_assert_true(take_interrupt());
    qcxl_stop(m);
}

/* A slot without hot-plug says nothing; the link status does. */
static void test_no_hotplug(void)
{
    QCXLTopology t = topology("-global cxl-rp.hotplug=off");

    m = qcxl_start(&t);
    adopt();
    take_events(rp);
    link_down("rp0", true);
    g_assert_false(take_events(rp));
    g_assert_false(is_active(rp));
    g_assert_false(reachable(&m->sw[0].fn));
    link_down("rp0", false);
    g_assert_false(take_events(rp));
    g_assert_true(is_active(rp));
    g_assert_true(reachable(&m->sw[0].fn));
    qcxl_stop(m);
}

/* The slot's power has no say while the link is down. */
static void test_slot_control(void)
{
    unsigned control;

    start();
    control = express(ds, SLOT_CONTROL);
    qcxl_ras_write(&m->device[0].fn, RAS_UE_MASK, 5);
    link_down("ds0-0", true);
    qcxl_config_write(ds, control, 2, 0x1c0);
    g_assert_false(reachable(&m->device[0].fn));
    qcxl_config_write(ds, control, 2, 0x5c0);       /* power off, blinking */
    g_assert_false(reachable(&m->device[0].fn));
    link_down("ds0-0", false);
    g_assert_false(reachable(&m->device[0].fn));
    qcxl_config_write(ds, control, 2, 0x1c0);
    g_assert_true(reachable(&m->device[0].fn));
    qcxl_stop(m);
}

static void test_slot_control_is_no_power_cycle(void)
{
    start();
    qcxl_ras_write(&m->device[0].fn, RAS_UE_MASK, 5);
    link_down("ds0-0", true);
    qcxl_config_write(ds, express(ds, SLOT_CONTROL), 2, 0x1c0);
    link_down("ds0-0", false);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_ras_read(&m->device[0].fn, RAS_UE_MASK), ==, 5);
    qcxl_stop(m);
}

static void test_system_reset(void)
{
    start();
    link_down("rp0", true);
    qcxl_config_write(rp, express(rp, LINK_CONTROL), 2, LINK_DISABLE);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_true(is_active(rp));
    g_assert_true(is_present(rp));
    g_assert_cmphex(qcxl_config_read(rp, express(rp, LINK_CONTROL), 2) &
                    LINK_DISABLE, ==, 0);
    g_assert_cmpuint(m->devices, ==, 2);
    map_and_fill(0);
    qcxl_stop(m);
}

/* CXL r3.2: Unmask Link Disable is 0 at first: the bit is only stored. */
static void test_link_disable(void)
{
    unsigned control, mask;
    uint64_t base;

    start();
    base = map_and_fill(0);
    control = express(ds, LINK_CONTROL);
    mask = qcxl_find_dvsec(ds, DVSEC_PORT) + 0xc;
    qcxl_config_write(ds, control, 2, LINK_DISABLE);
    g_assert_cmphex(qcxl_config_read(ds, control, 2), ==, LINK_DISABLE);
    g_assert_true(is_active(ds));
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0xabc0);
    qcxl_config_write(ds, control, 2, 0);

    qcxl_config_write(ds, mask, 2, UNMASK_LINK_DISABLE);
    g_assert_true(is_active(ds));
    take_events(ds);
    qcxl_config_write(ds, control, 2, LINK_DISABLE);
    g_assert_false(is_active(ds));
    g_assert_true(is_present(ds));
    g_assert_false(take_events(ds));
    g_assert_false(reachable(&m->device[0].fn));
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    /* A link that is down for two reasons needs both to end. */
    link_down("ds0-0", true);
    link_down("ds0-0", false);
    g_assert_false(is_active(ds));
    qcxl_config_write(ds, control, 2, 0);
    g_assert_true(is_active(ds));
    qcxl_enumerate(m);
    map(0);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0xabc0);
    qcxl_stop(m);
}

static void test_secondary_reset(void)
{
    start();
    link_down("ds0-0", true);
    qcxl_config_write(ds, qcxl_find_dvsec(ds, DVSEC_PORT) + 0xc, 2, 1);
    qcxl_config_write(ds, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    qcxl_config_write(ds, BRIDGE_CONTROL, 2, 0);
    g_assert_false(reachable(&m->device[0].fn));
    /* A reset of the port itself, from above, trains its link. */
    qcxl_config_write(rp, qcxl_find_dvsec(rp, DVSEC_PORT) + 0xc, 2, 1);
    qcxl_config_write(rp, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    qcxl_config_write(rp, BRIDGE_CONTROL, 2, 0);
    qcxl_enumerate(m);
    g_assert_true(is_active(ds));
    g_assert_true(reachable(&m->device[0].fn));
    qcxl_stop(m);
}

static void move(void)
{
    QCXLTopology t = topology("-incoming defer");
    QCXLMachine ghost = *m;

    qcxl_save(m, state_path);
    qcxl_stop(m);
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state_path));
    qcxl_adopt(m, &ghost);
    adopt();
}

/* Down here is down there, for either reason. */
static void test_migrate(void)
{
    unsigned mask;

    store = qcxl_store_new();
    state_path = g_strdup_printf("%s/state", store);
    start();
    link_down("ds0-0", true);
    mask = qcxl_find_dvsec(ds, DVSEC_PORT) + 0xc;
    move();
    g_assert_false(is_active(ds));
    g_assert_false(reachable(&m->device[0].fn));
    link_down("ds0-0", false);
    g_assert_true(reachable(&m->device[0].fn));

    qcxl_config_write(ds, mask, 2, UNMASK_LINK_DISABLE);
    qcxl_config_write(ds, express(ds, LINK_CONTROL), 2, LINK_DISABLE);
    move();
    g_assert_false(reachable(&m->device[0].fn));
    qcxl_config_write(ds, express(ds, LINK_CONTROL), 2, 0);
    g_assert_true(is_active(ds));
    qcxl_enumerate(m);
    map_and_fill(0);
    qcxl_stop(m);
    g_free(state_path);
    qcxl_store_remove(store);
}

/* Another device comes with a link of its own. */
static void test_replug(void)
{
    start();
    link_down("ds0-0", true);
    qcxl_config_write(ds, express(ds, SLOT_CONTROL), 2, 0x7c0);
    qtest_qmp_device_del(m->qts, "mem0");
    qtest_qmp_device_add(m->qts, "cxl-type3", "mem0",
                         "{ 'bus': 'ds0-0', 'volatile-memdev': 'vm0' }");
    g_assert_true(is_active(ds));
    qcxl_config_write(ds, express(ds, SLOT_CONTROL), 2, 0x1c0);
    g_assert_true(reachable(&m->device[0].fn));
    qcxl_enumerate(m);
    map_and_fill(0);
    qcxl_stop(m);
}

static void check_refused(const char *path, bool down, const char *words)
{
    QDict *answer = qtest_qmp(m->qts, "{ 'execute': 'cxl-inject-link-down',"
                              "'arguments': { 'path': %s, 'down': %i } }",
                              path, down);
    const char *desc;

    g_assert_true(qdict_haskey(answer, "error"));
    desc = qdict_get_str(qdict_get_qdict(answer, "error"), "desc");
    g_test_message("%s", desc);
    g_assert_nonnull(strstr(desc, words));
    qobject_unref(answer);
}

static void test_refusals(void)
{
    QCXLTopology t = topology("-device cxl-rp,id=empty,bus=cxl0,addr=5,"
                              "port=99,chassis=9,slot=9");
    QDict *answer;

    m = qcxl_start(&t);
    adopt();
    check_refused("nothing", true, "no device");
    check_refused("mem0", true, "no link");
    check_refused("cxl0", true, "no link");
    check_refused("us0-0", true, "upstream");
    check_refused("empty", true, "plugged in");
    link_down("rp0", false);
    link_down("rp0", true);
    answer = qtest_qmp(m->qts, "{ 'execute': 'cxl-inject-correctable-error',"
                       "'arguments': { 'path': 'mem0',"
                       "'type': 'physical' } }");
    g_assert_true(qdict_haskey(answer, "error"));
    qobject_unref(answer);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/link/down-and-up", test_down_and_up);
    qtest_add_func("cxl/link/above-switch", test_above_switch);
    qtest_add_func("cxl/link/interrupt", test_interrupt);
    qtest_add_func("cxl/link/no-hotplug", test_no_hotplug);
    qtest_add_func("cxl/link/slot-control", test_slot_control);
    qtest_add_func("cxl/link/slot-control-is-no-power-cycle",
                   test_slot_control_is_no_power_cycle);
    qtest_add_func("cxl/link/system-reset", test_system_reset);
    qtest_add_func("cxl/link/disable", test_link_disable);
    qtest_add_func("cxl/link/secondary-reset", test_secondary_reset);
    qtest_add_func("cxl/link/migrate", test_migrate);
    qtest_add_func("cxl/link/replug", test_replug);
    qtest_add_func("cxl/link/refusals", test_refusals);
    return g_test_run();
}
