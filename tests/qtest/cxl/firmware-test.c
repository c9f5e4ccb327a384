/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-region: decoders that are committed before the guest does anything. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "tests/qtest/libqos/fw_cfg.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"

#define ONES UINT64_MAX
#define DVSEC_DEVICE 0
#define SLOT_CONTROL 0x18
#define SLOT_LED_OFF_POWER_OFF 0x7c0
#define REGION(id) " -object cxl-region,id=" id ",window=0,"

static QCXLMachine *m;
static uint64_t base;

static QCXLTopology topology(unsigned bridges, unsigned ports,
                             const char *more)
{
    return (QCXLTopology) {
        .bridges = bridges, .ports = ports, .size = 2 * QCXL_UNIT,
        .bridge = "hdm_for_passthrough=on", .more = more,
        .window = { { .ways = bridges, .size = 8 * QCXL_UNIT,
                      .granularity = 1024 } },
    };
}

static void start(unsigned bridges, unsigned ports, unsigned kinds,
                  const char *more)
{
    QCXLTopology t = topology(bridges, ports, more);

    t.kinds = kinds;
    t.lsa = 4096;
    m = qcxl_start(&t);
    base = m->window[0].base;
}

static void reset(void)
{
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
}

static uint64_t bridge_hdm(unsigned b)
{
    return qcxl_hdm(m, m->bridge[b].component);
}

static uint64_t device_hdm(unsigned n)
{
    return qcxl_hdm(m, m->device[n].fn.component);
}

/* Decoder @n has been committed with these fields. */
static void check_decoder(uint64_t hdm, unsigned n, const QCXLDecoder *d)
{
    uint32_t control = qcxl_hdm_control(m, hdm, n);

    g_assert_cmphex(control & 0xf00, ==, QCXL_HDM_COMMIT |
                    QCXL_HDM_COMMITTED | (d->flags & QCXL_HDM_LOCK));
    g_assert_cmphex(control & QCXL_HDM_HOST_ONLY, !=, 0);
    g_assert_cmphex(qcxl_hdm_base(m, hdm, n), ==, d->base);
    g_assert_cmphex(qcxl_hdm_size(m, hdm, n), ==, d->size);
    g_assert_cmpuint(qcxl_decode_ways((control >> 4) & 0xf), ==, d->ways);
    g_assert_cmpuint(256 << (control & 0xf), ==, d->granularity);
}

static void check_enabled(unsigned n)
{
    const QCXLFunction *fn = &m->device[n].fn;

    g_assert_cmphex(qcxl_read(m, device_hdm(n) + 4, 4), ==, 2);
    g_assert_cmphex(qcxl_config_read(fn, qcxl_find_dvsec(fn, DVSEC_DEVICE) +
                                     0xc, 2) & 4, ==, 4);
}

/* @host is what the guest sees at @hpa, both ways. */
static void check_there(uint64_t hpa, uint8_t *host)
{
    qcxl_write(m, hpa, 8, 0x1122334455667788);
    g_assert_cmphex(ldq_le_p(host), ==, 0x1122334455667788);
    stq_le_p(host, 0x99aabbccddeeff00);
    g_assert_cmphex(qcxl_read(m, hpa, 8), ==, 0x99aabbccddeeff00);
}

/* Two bridges of two ports: mem0 and mem1 are below the first. */
#define FOUR_WAYS "devices=mem0,devices=mem2,devices=mem1,devices=mem3"

static void check_four_ways(uint32_t lock)
{
    static const uint8_t order[] = { 0, 2, 1, 3 };
    QCXLDecoder d = { .base = base, .size = 8 * QCXL_UNIT, .ways = 4,
                      .granularity = 1024, .flags = lock };

    for (unsigned n = 0; n < 4; n++) {
        check_decoder(device_hdm(n), 0, &d);
        g_assert_cmphex(qcxl_hdm_control(m, device_hdm(n), 1), ==, 0);
        check_enabled(n);
    }
    d.ways = 2;
    d.granularity = 2048;
    for (unsigned b = 0; b < 2; b++) {
        check_decoder(bridge_hdm(b), 0, &d);
        for (unsigned p = 0; p < 2; p++) {
            g_assert_cmphex(qcxl_read(m, bridge_hdm(b) + 0x24 + p, 1), ==,
                            m->bridge[b].port[p].number);
        }
    }
    for (unsigned k = 0; k < 64; k++) {
        check_there(base + k * 1024 + 8,
                    m->device[order[k % 4]].host[0] + k / 4 * 1024 + 8);
    }
}

static void test_interleave(void)
{
    start(2, 2, QCXL_VOLATILE, REGION("r") FOUR_WAYS);
    check_four_ways(0);
    reset();
    check_four_ways(0);
    for (unsigned n = 0; n < 4; n++) {
        qcxl_hdm_uncommit(m, device_hdm(n), 0);
        qcxl_mem_enable(&m->device[n], false);
    }
    qcxl_hdm_uncommit(m, bridge_hdm(0), 0);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    reset();
    check_four_ways(0);
    qcxl_stop(m);
}

/* Through a switch below each of two root ports: one more level selects. */
static void test_switches(void)
{
    static const uint8_t order[] = { 0, 2, 1, 3 };
    QCXLTopology t = topology(1, 2, REGION("r") FOUR_WAYS);
    QCXLDecoder d = { .size = 8 * QCXL_UNIT, .ways = 2,
                      .granularity = 1024 };

    t.fan[0] = 2;
    m = qcxl_start(&t);
    d.base = base = m->window[0].base;
    g_assert_cmpuint(m->devices, ==, 4);
    check_decoder(bridge_hdm(0), 0, &d);
    d.granularity = 2048;
    for (unsigned s = 0; s < 2; s++) {
        uint64_t hdm = qcxl_hdm(m, m->sw[s].fn.component);

        check_decoder(hdm, 0, &d);
        for (unsigned p = 0; p < 2; p++) {
            g_assert_cmphex(qcxl_read(m, hdm + 0x24 + p, 1), ==,
                            m->sw[s].port[p].number);
        }
    }
    for (unsigned k = 0; k < 64; k++) {
        check_there(base + k * 1024, m->device[order[k % 4]].host[0] +
                                     k / 4 * 1024);
    }
    qcxl_stop(m);
}

/* Where the window selects by XOR, all bytes have a place of their own. */
static void test_xor(void)
{
    QCXLTopology t = topology(2, 2, REGION("r") FOUR_WAYS);

    t.window[0].by_xor = true;
    m = qcxl_start(&t);
    base = m->window[0].base;
    for (unsigned k = 0; k < 256; k++) {
        qcxl_write(m, base + k * 1024, 8, k + 1);
    }
    for (unsigned k = 0; k < 256; k++) {
        g_assert_cmpuint(qcxl_read(m, base + k * 1024, 8), ==, k + 1);
    }
    for (unsigned n = 0; n < 4; n++) {
        for (unsigned k = 0; k < 64; k++) {
            g_assert_cmpuint(ldq_le_p(m->device[n].host[0] + k * 1024), !=,
                             0);
        }
    }
    qcxl_stop(m);
}

/* No register of decoder 0 takes anything. */
static void attack(uint64_t hdm)
{
    for (unsigned at = 0x10; at < 0x2c; at += 4) {
        uint32_t before = qcxl_read(m, hdm + at, 4);

        qcxl_write(m, hdm + at, 4, 0);
        g_assert_cmphex(qcxl_read(m, hdm + at, 4), ==, before);
        qcxl_write(m, hdm + at, 4, UINT32_MAX);
        g_assert_cmphex(qcxl_read(m, hdm + at, 4), ==, before);
    }
}

static void test_locked(void)
{
    start(2, 2, QCXL_VOLATILE, REGION("r") FOUR_WAYS ",locked=on");
    for (unsigned round = 0; round < 2; round++) {
        check_four_ways(QCXL_HDM_LOCK);
        for (unsigned n = 0; n < 4; n++) {
            attack(device_hdm(n));
        }
        attack(bridge_hdm(0));
        attack(bridge_hdm(1));
        check_four_ways(QCXL_HDM_LOCK);
        reset();
    }
    qcxl_stop(m);
}

static uint64_t skip(uint64_t hdm, unsigned n)
{
    return qcxl_read(m, hdm + 0x10 + 0x20 * n + 0x14, 8);
}

/* Volatile memory first, in part; then the persistent one behind it. */
static void test_partitions(void)
{
    QCXLDecoder d = { .base = 0, .size = QCXL_UNIT, .ways = 1,
                      .granularity = 256 };

    start(1, 1, QCXL_VOLATILE | QCXL_PERSISTENT,
          REGION("a") "devices=mem0,size=256M,interleave-granularity=256"
          REGION("b") "devices=mem0,offset=512M,partition=persistent,"
          "interleave-granularity=4k");
    d.base = base;
    check_decoder(device_hdm(0), 0, &d);
    check_decoder(bridge_hdm(0), 0, &d);
    g_assert_cmphex(skip(device_hdm(0), 0), ==, 0);
    d.base = base + 2 * QCXL_UNIT;
    d.size = 2 * QCXL_UNIT;
    d.granularity = 4096;
    check_decoder(device_hdm(0), 1, &d);
    check_decoder(bridge_hdm(0), 1, &d);
    g_assert_cmphex(skip(device_hdm(0), 1), ==, QCXL_UNIT);
    check_there(base + QCXL_UNIT - 8, m->device[0].host[0] + QCXL_UNIT - 8);
    g_assert_cmphex(qcxl_read(m, base + QCXL_UNIT, 8), ==, ONES);
    check_there(base + 2 * QCXL_UNIT, m->device[0].host[1]);
    check_there(base + 4 * QCXL_UNIT - 8,
                m->device[0].host[1] + 2 * QCXL_UNIT - 8);
    qcxl_stop(m);
}

/* A second range comes behind the first, in address and in memory. */
static void test_behind(void)
{
    start(1, 1, QCXL_VOLATILE,
          REGION("a") "devices=mem0,size=256M"
          REGION("b") "devices=mem0");
    check_there(base, m->device[0].host[0]);
    check_there(base + QCXL_UNIT, m->device[0].host[0] + QCXL_UNIT);
    g_assert_cmphex(qcxl_hdm_base(m, device_hdm(0), 1), ==,
                    base + QCXL_UNIT);
    g_assert_cmphex(qcxl_hdm_size(m, device_hdm(0), 1), ==, QCXL_UNIT);
    qcxl_stop(m);
}

/* A decoder of no size is used up, decodes nothing, and is in nobody's way. */
static void test_size_0(void)
{
    QCXLDecoder d = { .size = 0, .ways = 1, .granularity = 1024,
                      .flags = QCXL_HDM_LOCK };

    start(1, 1, QCXL_VOLATILE, REGION("r") "devices=mem0,size=0,locked=on");
    d.base = base;
    check_decoder(device_hdm(0), 0, &d);
    check_decoder(bridge_hdm(0), 0, &d);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    attack(device_hdm(0));
    d.size = QCXL_UNIT;
    d.flags = 0;
    d.target[0] = m->bridge[0].port[0].number;
    g_assert_cmphex(qcxl_hdm_commit(m, bridge_hdm(0), 1, &d) &
                    QCXL_HDM_COMMITTED, !=, 0);
    d.target[0] = 0;
    g_assert_cmphex(qcxl_hdm_commit(m, device_hdm(0), 1, &d) &
                    QCXL_HDM_COMMITTED, !=, 0);
    check_there(base, m->device[0].host[0]);
    qcxl_stop(m);
}

/* A low memory hole: the decoders go on where the window has ended. */
static void test_exceed_window(void)
{
    QCXLTopology t = topology(1, 1, REGION("r") "devices=mem0,size=512M,"
                              "exceed-window=on,memory-map=reserved");
    QCXLDecoder d = { .size = 2 * QCXL_UNIT, .ways = 1,
                      .granularity = 1024 };

    t.window[0].size = QCXL_UNIT;
    m = qcxl_start(&t);
    d.base = base = m->window[0].base;
    g_assert_cmphex(m->window[0].size, ==, QCXL_UNIT);
    check_decoder(device_hdm(0), 0, &d);
    check_decoder(bridge_hdm(0), 0, &d);
    check_there(base + QCXL_UNIT - 8, m->device[0].host[0] + QCXL_UNIT - 8);
    stq_le_p(m->device[0].host[0] + QCXL_UNIT, 5);
    qcxl_write(m, base + QCXL_UNIT, 8, 6);
    g_assert_cmphex(ldq_le_p(m->device[0].host[0] + QCXL_UNIT), ==, 5);
    qcxl_stop(m);
}

/* A bridge that passes through has nothing to program. */
static void test_passthrough(void)
{
    QCXLTopology t = topology(1, 1, REGION("r") "devices=mem0");

    t.bridge = NULL;
    m = qcxl_start(&t);
    g_assert_cmphex(bridge_hdm(0), ==, 0);
    check_there(m->window[0].base, m->device[0].host[0]);
    qcxl_stop(m);
}

/* What is unplugged stays unprogrammed; the rest comes up. */
static void test_unplug(void)
{
    const QCXLFunction *port;

    start(1, 2, QCXL_VOLATILE, REGION("a") "devices=mem0"
                               REGION("b") "devices=mem1");
    check_there(base + 2 * QCXL_UNIT, m->device[1].host[0]);
    port = &m->bridge[0].port[1].fn;
    qtest_qmp_device_del_send(m->qts, "mem1");
    qcxl_config_write(port, qcxl_find_cap(port, 0x10) + SLOT_CONTROL, 2,
                      SLOT_LED_OFF_POWER_OFF);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    g_assert_cmphex(qcxl_read(m, base + 2 * QCXL_UNIT, 8), ==, ONES);
    reset();
    g_assert_cmpuint(m->devices, ==, 1);
    check_there(base, m->device[0].host[0]);
    g_assert_cmphex(qcxl_hdm_control(m, bridge_hdm(0), 1), ==, 0);
    qcxl_stop(m);
}

static void set_volatile(unsigned units)
{
    uint8_t in[9] = { units };

    g_assert_cmphex(qcxl_command(&m->device[0], 0x4101, in, sizeof(in), NULL,
                                 NULL), ==, 0);
}

/* The guest moves the boundary: the kind of memory stays, while there is. */
static void test_boundary(void)
{
    QCXLTopology t = topology(1, 1, REGION("r") "devices=mem0,size=256M");

    t.kinds = QCXL_PERSISTENT;
    t.lsa = 4096;
    t.device = "partition-alignment=256M";
    m = qcxl_start(&t);
    base = m->window[0].base;
    check_there(base, m->device[0].host[1]);
    set_volatile(1);
    reset();
    g_assert_cmphex(skip(device_hdm(0), 0), ==, QCXL_UNIT);
    check_there(base, m->device[0].host[1] + QCXL_UNIT);
    set_volatile(2);
    reset();
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm(0), 0), ==, 0);
    g_assert_cmphex(qcxl_read(m, base, 8), ==, ONES);
    set_volatile(0);
    reset();
    check_there(base, m->device[0].host[1]);
    qcxl_stop(m);
}

/* The state that is loaded wins over what was programmed at start. */
static void test_migrate(void)
{
    QCXLTopology t = topology(1, 1, REGION("a") "devices=mem0,size=256M,"
                              "locked=on" REGION("b") "devices=mem0");
    g_autofree char *store = qcxl_store_new();
    g_autofree char *path = g_strdup_printf("%s/state", store);
    QCXLDecoder d = { .ways = 1, .granularity = 1024, .size = QCXL_UNIT };
    QCXLMachine *from;

    t.ram = true;
    t.store = store;
    from = m = qcxl_start(&t);
    base = m->window[0].base;
    qcxl_hdm_uncommit(m, device_hdm(0), 1);
    qcxl_hdm_uncommit(m, bridge_hdm(0), 1);
    qcxl_write(m, base, 8, 77);
    qcxl_save(m, path);

    t.more = g_strdup_printf("%s -incoming defer", t.more);
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, path));
    qcxl_adopt(m, from);
    d.base = base;
    d.flags = QCXL_HDM_LOCK;
    check_decoder(device_hdm(0), 0, &d);
    check_decoder(bridge_hdm(0), 0, &d);
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm(0), 1) &
                    QCXL_HDM_COMMITTED, ==, 0);
    g_assert_cmphex(qcxl_hdm_control(m, bridge_hdm(0), 1) &
                    QCXL_HDM_COMMITTED, ==, 0);
    attack(device_hdm(0));
    g_assert_cmphex(qcxl_read(m, base, 8), ==, 77);
    g_assert_cmphex(qcxl_read(m, base + QCXL_UNIT, 8), ==, ONES);
    qcxl_stop(from);
    reset();
    g_assert_cmphex(qcxl_hdm_control(m, device_hdm(0), 1) &
                    QCXL_HDM_COMMITTED, !=, 0);
    qcxl_stop(m);
    qcxl_store_remove(g_steal_pointer(&store));
    g_free((char *)t.more);
}

/* Bytes of the entry of etc/e820 that begins at @address, and its type */
static uint64_t map_entry(uint64_t address, uint32_t *type)
{
    QFWCFG *fw_cfg = pc_fw_cfg_init(m->qts);
    uint8_t map[32 * 20];
    size_t len = qfw_cfg_get_file(fw_cfg, "etc/e820", map, sizeof(map));

    pc_fw_cfg_uninit(fw_cfg);
    g_assert_cmpuint(len, <=, sizeof(map));
    for (size_t at = 0; at + 20 <= len; at += 20) {
        if (ldq_le_p(map + at) == address) {
            *type = ldl_le_p(map + at + 16);
            return ldq_le_p(map + at + 8);
        }
    }
    return 0;
}

static void test_memory_map(void)
{
    static const struct {
        const char *name;
        uint32_t type;
    } maps[] = {
        { "ram", 1 }, { "reserved", 2 }, { "soft-reserved", 0xefffffff },
        { "none", 0 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(maps); i++) {
        g_autofree char *more = g_strdup_printf(
            REGION("r") "devices=mem0,size=512M,offset=256M,memory-map=%s,"
            "exceed-window=on", maps[i].name);
        QCXLTopology t = topology(1, 1, more);
        uint32_t type = 0;
        uint64_t size;

        t.window[0].size = 2 * QCXL_UNIT;
        m = qcxl_start(&t);
        size = map_entry(m->window[0].base + QCXL_UNIT, &type);
        g_assert_cmphex(size, ==, maps[i].type ? QCXL_UNIT : 0);
        g_assert_cmphex(type, ==, maps[i].type);
        qcxl_stop(m);
    }
}

static void refused(QDict *error, const char *word)
{
    g_assert_nonnull(strstr(qdict_get_str(error, "desc"), word));
    qobject_unref(error);
}

/* Once the guest runs, nothing of it can be changed. */
static void test_frozen(void)
{
    start(1, 1, QCXL_VOLATILE, REGION("r") "devices=mem0");
    refused(qtest_qmp_assert_failure_ref(m->qts, "{ 'execute': 'object-del',"
            "'arguments': { 'id': 'r' } }"), "in use");
    refused(qtest_qmp_assert_failure_ref(m->qts, "{ 'execute': 'object-add',"
            "'arguments': { 'qom-type': 'cxl-region', 'id': 's',"
            "'window': 0, 'devices': [ 'mem0' ] } }"), "-object");
    refused(qtest_qmp_assert_failure_ref(m->qts, "{ 'execute': 'qom-set',"
            "'arguments': { 'path': '/objects/r', 'property': 'size',"
            "'value': 0 } }"), "'size'");
    refused(qtest_qmp_assert_failure_ref(m->qts, "{ 'execute': 'qom-set',"
            "'arguments': { 'path': '/objects/r', 'property': 'devices',"
            "'value': [] } }"), "'devices'");
    refused(qtest_qmp_assert_failure_ref(m->qts, "{ 'execute': 'qom-set',"
            "'arguments': { 'path': '/objects/r', 'property': 'locked',"
            "'value': true } }"), "'locked'");
    reset();
    check_there(base, m->device[0].host[0]);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/firmware/interleave", test_interleave);
    qtest_add_func("cxl/firmware/switches", test_switches);
    qtest_add_func("cxl/firmware/xor", test_xor);
    qtest_add_func("cxl/firmware/locked", test_locked);
    qtest_add_func("cxl/firmware/partitions", test_partitions);
    qtest_add_func("cxl/firmware/behind", test_behind);
    qtest_add_func("cxl/firmware/size-0", test_size_0);
    qtest_add_func("cxl/firmware/exceed-window", test_exceed_window);
    qtest_add_func("cxl/firmware/passthrough", test_passthrough);
    qtest_add_func("cxl/firmware/unplug", test_unplug);
    qtest_add_func("cxl/firmware/boundary", test_boundary);
    qtest_add_func("cxl/firmware/migrate", test_migrate);
    qtest_add_func("cxl/firmware/memory-map", test_memory_map);
    qtest_add_func("cxl/firmware/frozen", test_frozen);
    return g_test_run();
}
