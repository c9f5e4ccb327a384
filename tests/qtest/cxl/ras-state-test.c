/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors across resets and migration; masks that start cleared; viral. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-errors.h"
#include "qobject/qdict.h"

#define BRIDGE_CONTROL 0x3e
#define SECONDARY_RESET 0x40
#define DVSEC_DEVICE 0
#define DVSEC_PORT 3
#define VIRAL (1 << 14)             /* in control and in status */

/* One of each kind of component that has RAS */
static const char *const component[] = { "rp0", "us0-0", "ds0-0", "mem0" };

static QCXLMachine *m;
static const QCXLFunction *root;

static const QCXLFunction *function(const char *id)
{
    return !strcmp(id, "rp0") ? root :
           !strcmp(id, "us0-0") ? &m->sw[0].fn :
           !strcmp(id, "ds0-0") ? &m->sw[0].port[0].fn : &m->device[0].fn;
}

static QCXLTopology topology(const char *device, const char *more)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 1, .fan = { 2 }, .ram = true,
        .device = device, .more = more,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static void adopt(void)
{
    root = &m->bridge[0].port[0].fn;
}

static void start(const char *device)
{
    QCXLTopology t = topology(device, NULL);

    m = qcxl_start(&t);
    adopt();
}

static void start_reporting(void)
{
    start(NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(component); i++) {
        qcxl_errors_report(function(component[i]));
        qcxl_errors_unmask(function(component[i]));
    }
    qcxl_root_interrupts(root);
}

#define THREE_ERRORS \
    "[ { 'type': 'mem-data-parity', 'header': [ 1 ] }," \
    "  { 'type': 'poison-received', 'header': [ 2 ] }," \
    "  { 'type': 'mem-data-parity', 'header': [ 3 ] } ]"

static void inject_three(void)
{
    qtest_qmp_assert_success(m->qts,
        "{ 'execute': 'cxl-inject-uncorrectable-errors', 'arguments':"
        "{ 'path': 'mem0', 'errors': " THREE_ERRORS " } }");
}

/* The three come out in order; Linux clears all at once. */
static void check_three(void)
{
    const QCXLFunction *fn = function("mem0");

    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 0x410);
    g_assert_cmpuint(qcxl_ras_first(fn), ==, 4);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 1);
    qcxl_ras_write(fn, RAS_UE_STATUS, 0x10);
    g_assert_cmpuint(qcxl_ras_first(fn), ==, 10);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 2);
    qcxl_ras_write(fn, RAS_UE_STATUS, 0x400);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 0x10);
    g_assert_cmpuint(qcxl_ras_first(fn), ==, 4);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 3);
    qcxl_ras_write(fn, RAS_UE_STATUS, 0x10);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 0);
}

static void set_up_sticky(const QCXLFunction *fn)
{
    qcxl_inject_ue(m, "mem0", "internal", 9);
    qcxl_inject_ce(m, "mem0", "physical");
    qcxl_ras_write(fn, RAS_UE_SEVERITY, 1);
    qcxl_aer_write(fn, AER_UNCOR_SEVERITY, 0);
}

static void hot_reset(const QCXLFunction *port)
{
    qcxl_config_write(port, qcxl_find_dvsec(port, DVSEC_PORT) + 0xc, 2, 1);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, 0);
    qcxl_enumerate(m);
}

static void test_hot_reset(void)
{
    const QCXLFunction *fn, *port;

    start_reporting();
    fn = function("mem0");
    port = function("ds0-0");
    set_up_sticky(fn);
    hot_reset(port);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 1 << 14);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_CE_STATUS), ==, 1 << 6);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 9);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_MASK), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_STATUS), ==, UNCOR_INTERNAL);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_MASK), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_SEVERITY), ==, 0);
    qcxl_stop(m);
}

static void check_power_on(const char *path, bool unmasked)
{
    const QCXLFunction *fn = function(path);

    g_test_message("%s", path);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 0);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_MASK), ==, unmasked ? 0 : RAS_UE_ALL);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_SEVERITY), ==, RAS_UE_ALL);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_CE_STATUS), ==, 0);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_CE_MASK), ==, unmasked ? 0 : RAS_CE_ALL);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_STATUS), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_MASK) & UNCOR_INTERNAL, ==,
                    unmasked ? 0 : UNCOR_INTERNAL);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_SEVERITY) & UNCOR_INTERNAL, ==,
                    UNCOR_INTERNAL);
    g_assert_cmphex(qcxl_aer_read(fn, AER_COR_STATUS), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_COR_MASK) & COR_INTERNAL, ==,
                    unmasked ? 0 : COR_INTERNAL);
    /* Advisory errors and overflows stay masked. */
    g_assert_cmphex(qcxl_aer_read(fn, AER_COR_MASK) & 0xa000, ==, 0xa000);
}

static void test_system_reset(void)
{
    start_reporting();
    set_up_sticky(function("mem0"));
    qcxl_inject_ue(m, "rp0", "internal", 9);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    for (unsigned i = 0; i < ARRAY_SIZE(component); i++) {
        check_power_on(component[i], false);
    }
    qcxl_stop(m);
}

/* ras-unmasked=on: as if firmware had; it comes back with each power-on. */
static void test_unmasked(void)
{
    QCXLTopology t = topology("ras-unmasked=on", NULL);

    t.upstream = t.downstream = "ras-unmasked=on";
    t.more = "-global cxl-rp.ras-unmasked=on";
    m = qcxl_start(&t);
    adopt();
    for (unsigned i = 0; i < ARRAY_SIZE(component); i++) {
        const QCXLFunction *fn = function(component[i]);

        check_power_on(component[i], true);
        qcxl_ras_write(fn, RAS_UE_MASK, RAS_UE_ALL);
        qcxl_ras_write(fn, RAS_CE_MASK, RAS_CE_ALL);
        qcxl_aer_write(fn, AER_UNCOR_MASK, UINT32_MAX);
        qcxl_aer_write(fn, AER_COR_MASK, UINT32_MAX);
    }
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    for (unsigned i = 0; i < ARRAY_SIZE(component); i++) {
        check_power_on(component[i], true);
        qcxl_errors_report(function(component[i]));
    }
    qcxl_root_interrupts(root);
    qcxl_inject_ce(m, "mem0", "crc-threshold");
    g_assert_cmphex(qcxl_root_take_status(root), ==, ROOT_COR);
    g_assert_true(qcxl_root_take_interrupt(root));
    qcxl_stop(m);
}

static char *store, *state_path, *log_path;

static void open_store(void)
{
    store = qcxl_store_new();
    state_path = g_strdup_printf("%s/state", store);
    log_path = g_strdup_printf("%s/log", store);
}

static void close_store(void)
{
    g_free(state_path);
    g_free(log_path);
    qcxl_store_remove(store);
}

/* Save, and load into a new machine that stays as m; was the load good? */
static bool move(bool change(uint8_t *state, gsize len))
{
    g_autofree char *more = g_strdup_printf("-incoming defer 2>%s", log_path);
    g_autofree char *state = NULL;
    QCXLTopology t = topology(NULL, more);
    QCXLMachine ghost = *m;
    gsize len;
    bool good;

    qcxl_save(m, state_path);
    qcxl_stop(m);
    if (change) {
        g_assert_true(g_file_get_contents(state_path, &state, &len, NULL));
        g_assert_true(change((uint8_t *)state, len));
        g_assert_true(g_file_set_contents(state_path, state, len, NULL));
    }
    m = qcxl_launch(&t);
    good = qcxl_load(m, state_path);
    qcxl_adopt(m, &ghost);
    adopt();
    return good;
}

/* Errors that wait, and what is masked, move along. */
static void test_migrate(void)
{
    open_store();
    start_reporting();
    inject_three();
    /* One of PCIe's own, with a header */
    g_free(qtest_hmp(m->qts, "pcie_aer_inject_error us0-0 MALF_TLP 1 2 3 4"));
    qcxl_aer_write(root, AER_ROOT_STATUS, UINT32_MAX);
    g_assert_true(move(NULL));
    g_assert_cmphex(qcxl_ras_read(function("mem0"), RAS_UE_MASK), ==, 0);
    g_assert_cmphex(qcxl_aer_read(function("mem0"), AER_UNCOR_STATUS), ==,
                    UNCOR_INTERNAL);
    check_three();
    qcxl_root_take_interrupt(root);
    qcxl_aer_write(function("mem0"), AER_UNCOR_STATUS, UINT32_MAX);
    qcxl_inject_ue(m, "mem0", "internal", 5);
    g_assert_cmphex(qcxl_root_take_status(root), ==, ROOT_UNCOR | ROOT_FATAL);
    g_assert_true(qcxl_root_take_interrupt(root));
    qcxl_stop(m);
    close_store();
}

/* The saved queue: how many, then of each its bit and its header log */
static uint8_t *find_queue(uint8_t *state, gsize len)
{
    static const uint8_t queue[] = { 0, 0, 0, 2, 10, 0, 0, 0, 2 };

    return memmem(state, len, queue, sizeof(queue));
}

static bool too_many(uint8_t *state, gsize len)
{
    uint8_t *queue = find_queue(state, len);

    if (queue) {
        queue[0] = 0x7f;
    }
    return queue;
}

static bool no_error(uint8_t *state, gsize len)
{
    uint8_t *queue = find_queue(state, len);

    if (queue) {
        queue[4] = 33;
    }
    return queue;
}

static void check_hostile(bool change(uint8_t *state, gsize len),
                          const char *words)
{
    g_autofree char *log = NULL;

    open_store();
    start_reporting();
    inject_three();
    g_assert_false(move(change));
    qcxl_stop(m);
    g_assert_true(g_file_get_contents(log_path, &log, NULL, NULL));
    g_assert_nonnull(strstr(log, words));
    close_store();
}

static void test_hostile_state(void)
{
    check_hostile(too_many, "do not fit");
    check_hostile(no_error, "wait behind none");
}

static QDict *try_viral(const char *path)
{
    return qtest_qmp(m->qts, "{ 'execute': 'cxl-inject-viral',"
                     "'arguments': { 'path': %s } }", path);
}

/* Viral Enable; status and control of the device's or the port's DVSEC */
static unsigned viral_control(const QCXLFunction *fn)
{
    unsigned device = qcxl_find_dvsec(fn, DVSEC_DEVICE);

    return (device ?: qcxl_find_dvsec(fn, DVSEC_PORT)) + 0xc;
}

static unsigned viral_status(const QCXLFunction *fn)
{
    unsigned device = qcxl_find_dvsec(fn, DVSEC_DEVICE);

    return device ? device + 0xe : qcxl_find_dvsec(fn, DVSEC_PORT) + 0xa;
}

static bool is_viral(const QCXLFunction *fn)
{
    return qcxl_config_read(fn, viral_status(fn), 2) & VIRAL;
}

static void enter_viral(const char *path)
{
    const QCXLFunction *fn = function(path);
    unsigned control = viral_control(fn);

    qcxl_config_write(fn, control, 2,
                      qcxl_config_read(fn, control, 2) | VIRAL);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-inject-viral',"
                             "'arguments': { 'path': %s } }", path);
    g_assert_true(is_viral(fn));
}

static void test_viral_bits(void)
{
    start(NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(component); i++) {
        const QCXLFunction *fn = function(component[i]);
        QDict *answer = try_viral(component[i]);

        g_assert_true(qdict_haskey(answer, "error"));
        qobject_unref(answer);
        g_assert_false(is_viral(fn));
        enter_viral(component[i]);
        qcxl_config_write(fn, viral_status(fn), 2, VIRAL);
        g_assert_false(is_viral(fn));
        enter_viral(component[i]);
    }
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    for (unsigned i = 0; i < ARRAY_SIZE(component); i++) {
        g_assert_false(is_viral(function(component[i])));
    }
    qcxl_stop(m);
}

/* mem0 at the start of the window */
static uint64_t map(void)
{
    QCXLDecoder d = { .base = m->window[0].base, .size = QCXL_UNIT,
                      .target = { m->sw[0].port[0].number } };

    qcxl_hdm_commit(m, qcxl_hdm(m, m->sw[0].fn.component), 0, &d);
    qcxl_hdm_commit(m, qcxl_hdm(m, m->device[0].fn.component), 0, &d);
    qcxl_mem_enable(&m->device[0], true);
    return d.base;
}

/* Memory is kept from what may be corrupt, whatever the status bit says. */
static void test_viral_memory(void)
{
    const QCXLFunction *fn, *port;
    uint64_t base;

    start(NULL);
    fn = function("mem0");
    port = function("ds0-0");
    base = map();
    qcxl_write(m, base, 8, 0x1122);
    enter_viral("mem0");
    g_assert_cmphex(qcxl_read(m, base, 8), ==, UINT64_MAX);
    qcxl_config_write(fn, viral_status(fn), 2, VIRAL);
    qcxl_write(m, base, 8, 0x3344);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, UINT64_MAX);
    enter_viral("mem0");
    hot_reset(port);
    g_assert_true(is_viral(fn));
    map();
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0x1122);
    qcxl_stop(m);
}

static void test_viral_migrate(void)
{
    uint64_t base;

    open_store();
    start(NULL);
    base = map();
    qcxl_write(m, base, 8, 0x1122);
    enter_viral("mem0");
    enter_viral("rp0");
    g_assert_true(move(NULL));
    g_assert_cmphex(qcxl_read(m, base, 8), ==, UINT64_MAX);
    g_assert_true(is_viral(root));
    hot_reset(function("ds0-0"));
    map();
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 0x1122);
    qcxl_stop(m);
    close_store();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/ras-state/hot-reset", test_hot_reset);
    qtest_add_func("cxl/ras-state/system-reset", test_system_reset);
    qtest_add_func("cxl/ras-state/unmasked", test_unmasked);
    qtest_add_func("cxl/ras-state/migrate", test_migrate);
    qtest_add_func("cxl/ras-state/hostile-state", test_hostile_state);
    qtest_add_func("cxl/ras-state/viral-bits", test_viral_bits);
    qtest_add_func("cxl/ras-state/viral-memory", test_viral_memory);
    qtest_add_func("cxl/ras-state/viral-migrate", test_viral_migrate);
    return g_test_run();
}
