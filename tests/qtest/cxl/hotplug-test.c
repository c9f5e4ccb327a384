/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory devices that come and go while the machine runs. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qobject/qdict.h"

#define CAP_EXPRESS 0x10
#define SLOT_CONTROL 0x18
#define SLOT_POWER_OFF 0x400
#define SLOT_LED_ON 0x100
#define SLOT_LED_OFF 0x300
#define PLUG_PORT 1

static QCXLMachine *m;
static uint64_t base;

static void start(void)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 2, .empty = 1,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };

    m = qcxl_start(&topology);
    base = m->window[0].base;
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'object-add',"
                             "'arguments': { 'qom-type':"
                             "'memory-backend-ram', 'id': 'hot',"
                             "'size': 268435456 } }");
}

static void slot(unsigned port, uint16_t control)
{
    const QCXLFunction *fn = &m->bridge[0].port[port].fn;
    unsigned cap = qcxl_find_cap(fn, CAP_EXPRESS);

    qcxl_config_write(fn, cap + SLOT_CONTROL, 2, control);
}

static void plug(void)
{
    qtest_qmp_device_add(m->qts, "cxl-type3", "new", "{ 'bus': 'rp1',"
                         "'volatile-memdev': 'hot' }");
    slot(PLUG_PORT, SLOT_LED_ON);
    qcxl_enumerate(m);
    g_assert_cmpuint(m->devices, ==, 2);
}

/* The guest lets go as its hot-plug driver would. */
static void unplug(unsigned port, const char *id)
{
    qtest_qmp_device_del_send(m->qts, id);
    slot(port, SLOT_LED_OFF | SLOT_POWER_OFF);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
}

static void commit(uint64_t component, unsigned n, unsigned ways,
                   unsigned first)
{
    uint64_t hdm = qcxl_hdm(m, component);
    QCXLDecoder decoder = { .base = base, .size = ways * QCXL_UNIT,
                            .ways = ways, .granularity = 256 };

    for (unsigned i = 0; component == m->bridge[0].component && i < ways;
         i++) {
        decoder.target[i] = m->bridge[0].port[first + i].number;
    }
    g_assert_cmphex(qcxl_hdm_commit(m, hdm, n, &decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
}

/* A one-way range on the device that was plugged */
static void use_new(void)
{
    commit(m->device[1].fn.component, 0, 1, PLUG_PORT);
    qcxl_mem_enable(&m->device[1], true);
    commit(m->bridge[0].component, 0, 1, PLUG_PORT);
}

static void test_plug(void)
{
    start();
    g_assert_cmpuint(m->devices, ==, 1);
    plug();
    g_assert_cmphex(qcxl_command(&m->device[1], 0x4000, NULL, 0, NULL, NULL),
                    ==, 0);
    use_new();
    qcxl_write(m, base, 8, 0x1122334455667788);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0x1122334455667788);
    qcxl_stop(m);
}

/* Gone with its routes; the backend is free, and keeps what it holds. */
static void test_unplug_in_use(void)
{
    start();
    plug();
    use_new();
    qcxl_write(m, base + 8, 8, 0x5566778899aabbcc);
    unplug(PLUG_PORT, "new");
    g_assert_cmphex(qcxl_read(m, base + 8, 8), ==, UINT64_MAX);
    qcxl_write(m, base + 8, 8, 1);
    g_assert_cmphex(qcxl_config_read(&m->device[1].fn, 0, 4), ==, UINT32_MAX);

    qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 0);
    plug();
    g_assert_cmphex(qcxl_hdm_control(m, qcxl_hdm(m, m->device[1].fn.component),
                                     0), ==, 0);
    use_new();
    g_assert_cmphex(qcxl_read(m, base + 8, 8), ==, 0x5566778899aabbcc);
    qcxl_stop(m);
}

/* One half of an interleave set: the other half goes on. */
static void test_unplug_half(void)
{
    start();
    plug();
    for (unsigned n = 0; n < 2; n++) {
        commit(m->device[n].fn.component, 0, 2, 0);
        qcxl_mem_enable(&m->device[n], true);
    }
    commit(m->bridge[0].component, 0, 2, 0);
    qcxl_write(m, base, 8, 1);
    qcxl_write(m, base + 256, 8, 2);
    unplug(PLUG_PORT, "new");
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 1);
    g_assert_cmphex(qcxl_read(m, base + 256, 8), ==, UINT64_MAX);
    unplug(0, "mem0");
    g_assert_cmphex(qcxl_read(m, base, 8), ==, UINT64_MAX);
    qcxl_stop(m);
}

static void test_again_and_again(void)
{
    start();
    for (unsigned i = 0; i < 5; i++) {
        plug();
        use_new();
        qcxl_write(m, base, 8, i);
        unplug(PLUG_PORT, "new");
        qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 0);
    }
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'object-del',"
                             "'arguments': { 'id': 'hot' } }");
    qcxl_stop(m);
}

static void refuse(const char *key, const char *value)
{
    QDict *error = qtest_qmp_assert_failure_ref(
        m->qts, "{ 'execute': 'device_add', 'arguments': {"
        "'driver': 'cxl-type3', 'id': 'new', 'bus': 'rp1',"
        "'volatile-memdev': 'hot', %s: %s } }", key, value);

    g_assert_nonnull(strstr(qdict_get_str(error, "desc"), key));
    qobject_unref(error);
}

/* A device that cannot be made leaves nothing behind. */
static void test_refused(void)
{
    start();
    refuse("cdat", "/nonexistent");
    refuse("mailbox-payload", "100");
    refuse("persistent-memdev", "vm0");
    refuse("lsa", "vm0");
    plug();
    use_new();
    qcxl_write(m, base, 8, 3);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 3);
    qcxl_stop(m);
}

/* A reset before the guest has let go: the device stays, with no routes. */
static void test_reset_between(void)
{
    start();
    plug();
    use_new();
    qtest_qmp_device_del_send(m->qts, "new");
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmpuint(m->devices, ==, 2);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, UINT64_MAX);
    slot(PLUG_PORT, SLOT_LED_OFF | SLOT_POWER_OFF);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    qcxl_enumerate(m);
    g_assert_cmpuint(m->devices, ==, 1);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/hotplug/plug", test_plug);
    qtest_add_func("cxl/hotplug/unplug-in-use", test_unplug_in_use);
    qtest_add_func("cxl/hotplug/unplug-half", test_unplug_half);
    qtest_add_func("cxl/hotplug/again-and-again", test_again_and_again);
    qtest_add_func("cxl/hotplug/refused", test_refused);
    qtest_add_func("cxl/hotplug/reset-between", test_reset_between);
    return g_test_run();
}
