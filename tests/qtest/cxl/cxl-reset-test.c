/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resets that software asks the device for: CXL reset, function level. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-errors.h"
#include "qemu/bswap.h"

#define CAP_EXPRESS 0x10
#define DEVICE_CAPABILITIES 0x04    /* in it */
#define FUNCTION_RESET_CAPABLE (1 << 28)
#define DEVICE_CONTROL 0x08
#define INITIATE_FUNCTION_RESET (1 << 15)
#define COMMAND 0x04
#define BRIDGE_CONTROL 0x3e
#define SECONDARY_RESET 0x40
#define DVSEC_PORT 3
#define DVSEC_DEVICE 0
/* In the device DVSEC */
#define CONTROL 0x0c
#define CONTROL2 0x10
#define INITIATE 0x4
#define CLEAR 0x8
#define STATUS2 0x12
#define COMPLETE 0x2
#define ERROR 0x4
#define LOCK 0x14

#define ONES UINT64_MAX
#define PIECE_TIME 1000000          /* ns: 16 MiB are cleared in it */
#define PIECES 16                   /* of a volatile partition of 256 MiB */

static QCXLMachine *m;
static QCXLDevice *dev;
static uint64_t base, device_hdm, bridge_hdm;
static char *store, *state_path, *log_path;

static QCXLTopology topology(bool ram, const char *more)
{
    return (QCXLTopology) {
        .bridges = 1, .ports = 2, .kinds = QCXL_VOLATILE | QCXL_PERSISTENT,
        .lsa = 4096, .ram = ram, .more = more,
        .window = { { .ways = 1, .size = 4 * QCXL_UNIT } },
    };
}

static void adopt(void)
{
    dev = &m->device[0];
    base = m->window[0].base;
    device_hdm = qcxl_hdm(m, dev->fn.component);
    bridge_hdm = qcxl_hdm(m, m->bridge[0].component);
}

static void start(bool ram)
{
    QCXLTopology t = topology(ram, NULL);

    m = qcxl_start(&t);
    adopt();
}

/* Volatile memory at the window's start; behind it what is persistent. */
static void map(uint32_t flags)
{
    QCXLDecoder d = { .base = base, .size = 2 * QCXL_UNIT, .flags = flags };

    g_assert_cmphex(qcxl_hdm_commit(m, device_hdm, 0, &d) &
                    QCXL_HDM_COMMITTED, !=, 0);
    qcxl_mem_enable(dev, true);
    if (!(qcxl_hdm_control(m, bridge_hdm, 0) & QCXL_HDM_COMMITTED)) {
        d.flags = 0;
        d.target[0] = m->bridge[0].port[0].number;
        qcxl_hdm_commit(m, bridge_hdm, 0, &d);
    }
}

#define LAST (QCXL_UNIT - 8)

static void fill(void)
{
    qcxl_write(m, base, 8, 0x11);
    qcxl_write(m, base + LAST, 8, 0x22);
    qcxl_write(m, base + QCXL_UNIT, 8, 0x33);
}

static void check_memory(uint64_t first, uint64_t last)
{
    g_assert_cmphex(qcxl_read(m, base, 8), ==, first);
    g_assert_cmphex(qcxl_read(m, base + LAST, 8), ==, last);
    g_assert_cmphex(qcxl_read(m, base + QCXL_UNIT, 8), ==, 0x33);
}

static uint32_t dvsec_read(unsigned reg)
{
    return qcxl_config_read(&dev->fn,
                            qcxl_find_dvsec(&dev->fn, DVSEC_DEVICE) + reg, 2);
}

static void dvsec_write(unsigned reg, uint16_t value)
{
    qcxl_config_write(&dev->fn, qcxl_find_dvsec(&dev->fn, DVSEC_DEVICE) + reg,
                      2, value);
}

static uint32_t status(void)
{
    return dvsec_read(STATUS2) & (COMPLETE | ERROR);
}

static void set_timestamp(uint64_t value)
{
    uint8_t in[8];

    stq_le_p(in, value);
    g_assert_cmphex(qcxl_command(dev, 0x0301, in, 8, NULL, NULL), ==, 0);
}

static uint64_t timestamp(void)
{
    uint8_t out[8];
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(dev, 0x0300, NULL, 0, out, &len), ==, 0);
    return ldq_le_p(out);
}

static void test_cxl_reset(void)
{
    start(false);
    map(0);
    fill();
    set_timestamp(1000);
    qcxl_ras_write(&dev->fn, RAS_UE_MASK, 5);
    g_assert_cmphex(status(), ==, 0);
    dvsec_write(CONTROL2, INITIATE);
    g_assert_cmphex(status(), ==, COMPLETE);
    g_assert_cmphex(dvsec_read(CONTROL2), ==, 0);
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm, 0), ==, 0);
    g_assert_cmphex(qcxl_hdm_base(m, device_hdm, 0), ==, 0);
    g_assert_cmphex(dvsec_read(CONTROL), ==, 2);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    /* CXL.io, what is sticky and the memory go on. */
    g_assert_cmphex(qcxl_ras_read(&dev->fn, RAS_UE_MASK), ==, 5);
    g_assert_cmpuint(timestamp(), ==, 1000);
    map(0);
    check_memory(0x11, 0x22);
    /* The next one starts without the last one's bits. */
    dvsec_write(CONTROL2, INITIATE | CLEAR);
    g_assert_cmphex(status(), ==, 0);
    qcxl_stop(m);
}

/* As this project has it, a lock of either kind needs more than that. */
static void test_locked(void)
{
    start(false);
    map(QCXL_HDM_LOCK);
    fill();
    dvsec_write(LOCK, 1);
    dvsec_write(CONTROL2, INITIATE);
    g_assert_cmphex(status(), ==, COMPLETE);
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm, 0) & QCXL_HDM_COMMITTED,
                    !=, 0);
    g_assert_cmphex(dvsec_read(LOCK), ==, 1);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    qcxl_stop(m);
}

static void step(unsigned pieces)
{
    for (unsigned i = 0; i < pieces; i++) {
        qtest_clock_step(m->qts, PIECE_TIME);
    }
}

static void test_clear(void)
{
    start(false);
    map(0);
    fill();
    dvsec_write(CONTROL2, CLEAR);
    g_assert_cmphex(dvsec_read(CONTROL2), ==, CLEAR);
    check_memory(0x11, 0x22);
    dvsec_write(CONTROL2, CLEAR | INITIATE);
    /* Decoders may be set up, but the memory is not there. */
    map(0);
    for (unsigned i = 0; i < PIECES; i++) {
        g_assert_cmphex(status(), ==, 0);
        g_assert_cmphex(qcxl_read(m, base + QCXL_UNIT, 8), ==, ONES);
        step(1);
    }
    g_assert_cmphex(status(), ==, COMPLETE);
    check_memory(0, 0);
    qcxl_stop(m);
}

static void map_half(const QCXLDevice *device)
{
    QCXLDecoder d = { .base = base, .size = 2 * QCXL_UNIT, .ways = 2 };

    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, device->fn.component), 0,
                                    &d) & QCXL_HDM_COMMITTED, !=, 0);
    qcxl_mem_enable(device, true);
}

/* Granules of both devices' volatile memory in turn, wherever they are kept */
static void test_clear_interleaved(void)
{
    QCXLDecoder d = { .size = 2 * QCXL_UNIT, .ways = 2 };

    start(true);
    d.base = base;
    for (unsigned i = 0; i < 2; i++) {
        map_half(&m->device[i]);
        d.target[i] = m->bridge[0].port[i].number;
    }
    qcxl_hdm_commit(m, bridge_hdm, 0, &d);
    for (unsigned i = 0; i < 8; i++) {
        qcxl_write(m, base + i * 256, 8, 0x100 + i);
    }
    dvsec_write(CONTROL2, CLEAR | INITIATE);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    g_assert_cmphex(qcxl_read(m, base + 256, 8), ==, 0x101);
    step(PIECES);
    map_half(dev);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmphex(qcxl_read(m, base + i * 256, 8), ==,
                        i % 2 ? 0x100 + i : 0);
    }
    qcxl_stop(m);
}

/* One reset at a time: the second is not heard. */
static void test_meanwhile(void)
{
    start(false);
    map(0);
    fill();
    dvsec_write(CONTROL2, CLEAR | INITIATE);
    step(PIECES - 1);
    map(0);
    dvsec_write(CONTROL2, CLEAR | INITIATE);
    dvsec_write(CONTROL2, INITIATE);
    g_assert_cmphex(status(), ==, 0);
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm, 0) & QCXL_HDM_COMMITTED,
                    !=, 0);
    step(1);
    g_assert_cmphex(status(), ==, COMPLETE);
    check_memory(0, 0);
    qcxl_stop(m);
}

/* Only what was cleared before the conventional reset is. */
static void check_killed(void)
{
    g_assert_cmphex(status(), ==, 0);
    step(2 * PIECES);
    g_assert_cmphex(status(), ==, 0);
    map(0);
    check_memory(0, 0x22);
}

static void test_killed_by_system_reset(void)
{
    start(false);
    map(0);
    fill();
    dvsec_write(CONTROL2, CLEAR | INITIATE);
    step(1);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    check_killed();
    qcxl_stop(m);
}

static void test_killed_by_bus_reset(void)
{
    const QCXLFunction *port;

    start(false);
    port = &m->bridge[0].port[0].fn;
    map(0);
    fill();
    dvsec_write(CONTROL2, CLEAR | INITIATE);
    step(1);
    qcxl_config_write(port, qcxl_find_dvsec(port, DVSEC_PORT) + 0xc, 2, 1);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    qcxl_config_write(port, BRIDGE_CONTROL, 2, 0);
    qcxl_enumerate(m);
    check_killed();
    qcxl_stop(m);
}

static void test_viral_ends(void)
{
    start(false);
    map(0);
    fill();
    dvsec_write(CONTROL, 0x4004);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-inject-viral',"
                             "'arguments': { 'path': 'mem0' } }");
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    dvsec_write(CONTROL2, INITIATE);
    map(0);
    check_memory(0x11, 0x22);
    qcxl_stop(m);
}

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

static bool move(void)
{
    g_autofree char *more = g_strdup_printf("-incoming defer 2>%s", log_path);
    QCXLTopology t = topology(true, more);
    QCXLMachine ghost = *m;
    bool good;

    qcxl_stop(m);
    m = qcxl_launch(&t);
    good = qcxl_load(m, state_path);
    qcxl_adopt(m, &ghost);
    dev = &m->device[0];
    return good;
}

static void test_migrate(void)
{
    open_store();
    start(true);
    map(0);
    fill();
    dvsec_write(CONTROL2, CLEAR | INITIATE);
    map(0);
    step(3);
    qcxl_save(m, state_path);
    g_assert_true(move());
    g_assert_cmphex(status(), ==, 0);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    step(PIECES - 4);
    g_assert_cmphex(status(), ==, 0);
    step(2);
    g_assert_cmphex(status(), ==, COMPLETE);
    check_memory(0, 0);
    qcxl_stop(m);
    close_store();
}

/* A place to go on clearing that is not in the memory */
static void test_hostile_state(void)
{
    /* What follows is clearing=true, and 48 MiB are done. */
    static const uint8_t saved[] = { 1, 0, 0, 0, 0, 3, 0, 0, 0 };
    g_autofree char *state = NULL, *log = NULL;
    uint8_t *at;
    gsize len;

    open_store();
    start(true);
    map(0);
    dvsec_write(CONTROL2, CLEAR | INITIATE);
    step(3);
    qcxl_save(m, state_path);
    g_assert_true(g_file_get_contents(state_path, &state, &len, NULL));
    at = memmem(state, len, saved, sizeof(saved));
    g_assert_nonnull(at);
    at[1] = 0x80;
    g_assert_true(g_file_set_contents(state_path, state, len, NULL));
    g_assert_false(move());
    qcxl_stop(m);
    g_assert_true(g_file_get_contents(log_path, &log, NULL, NULL));
    g_assert_nonnull(strstr(log, "CXL reset"));
    close_store();
}

/* Configuration space starts anew; memory does not notice. */
static void test_function(void)
{
    unsigned cap;

    start(false);
    map(0);
    fill();
    set_timestamp(1000);
    qcxl_write(m, dev->mailbox + 4, 4, 6);
    qcxl_ras_write(&dev->fn, RAS_UE_MASK, 5);
    qcxl_errors_report(&dev->fn);
    cap = qcxl_find_cap(&dev->fn, CAP_EXPRESS);
    g_assert_cmphex(qcxl_config_read(&dev->fn, cap + DEVICE_CAPABILITIES, 4) &
                    FUNCTION_RESET_CAPABLE, !=, 0);
    qcxl_config_write(&dev->fn, cap + DEVICE_CONTROL, 2,
                      INITIATE_FUNCTION_RESET);
    g_assert_cmphex(qcxl_config_read(&dev->fn, cap + DEVICE_CONTROL, 2), ==,
                    0);
    g_assert_cmphex(qcxl_config_read(&dev->fn, COMMAND, 2), ==, 0);
    check_memory(0x11, 0x22);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm, 0) & QCXL_HDM_COMMITTED,
                    !=, 0);
    g_assert_cmphex(qcxl_ras_read(&dev->fn, RAS_UE_MASK), ==, 5);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 4, 4), ==, 0);
    g_assert_cmphex(dvsec_read(CONTROL), ==, 6);
    g_assert_cmpuint(timestamp(), ==, 1000);
    check_memory(0x11, 0x22);
    qcxl_stop(m);
}

/* The flag of one is gone when the next reset comes. */
static void test_function_then_system(void)
{
    unsigned cap;

    start(false);
    map(0);
    cap = qcxl_find_cap(&dev->fn, CAP_EXPRESS);
    qcxl_config_write(&dev->fn, cap + DEVICE_CONTROL, 2,
                      INITIATE_FUNCTION_RESET);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm, 0), ==, 0);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/cxl-reset/plain", test_cxl_reset);
    qtest_add_func("cxl/cxl-reset/locked", test_locked);
    qtest_add_func("cxl/cxl-reset/clear", test_clear);
    qtest_add_func("cxl/cxl-reset/clear-interleaved",
                   test_clear_interleaved);
    qtest_add_func("cxl/cxl-reset/meanwhile", test_meanwhile);
    qtest_add_func("cxl/cxl-reset/killed-by-system-reset",
                   test_killed_by_system_reset);
    qtest_add_func("cxl/cxl-reset/killed-by-bus-reset",
                   test_killed_by_bus_reset);
    qtest_add_func("cxl/cxl-reset/viral-ends", test_viral_ends);
    qtest_add_func("cxl/cxl-reset/migrate", test_migrate);
    qtest_add_func("cxl/cxl-reset/hostile-state", test_hostile_state);
    qtest_add_func("cxl/cxl-reset/function", test_function);
    qtest_add_func("cxl/cxl-reset/function-then-system",
                   test_function_then_system);
    return g_test_run();
}
