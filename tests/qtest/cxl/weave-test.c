/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Woven interleaves against a model: what the guest writes at an HPA belongs
 * to a device and a DPA, and is found there whatever decodes it next, and
 * after a reset, an unplug, a migration or a snapshot.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qobject/qdict.h"

#define PAGE 4096
#define PAGES 12                    /* of a region that are used */
#define WORDS (PAGE / 8)

typedef struct Region {
    unsigned bridges, ports;        /* the first ones */
    unsigned granularity;           /* of the endpoints */
    uint64_t base, size;
    uint64_t page[PAGES];           /* offsets */
} Region;

static QCXLMachine *m;
static GHashTable *model;           /* of what is not 0: place -> word */
static char *store, *state;

static QCXLTopology topology(unsigned bridges, unsigned ports)
{
    return (QCXLTopology) {
        .bridges = bridges, .ports = ports, .ram = true,
        .window = { { .ways = bridges,
                      .size = (bridges * ports + 2) * bridges * QCXL_UNIT } },
    };
}

static void open_model(void)
{
    model = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    store = qcxl_store_new();
    state = g_strdup_printf("%s/state", store);
}

static void close_model(void)
{
    g_hash_table_unref(model);
    g_free(state);
    qcxl_store_remove(store);
}

static uint64_t model_read(unsigned device, uint64_t dpa)
{
    uint64_t place = (uint64_t)device << 48 | dpa;
    const uint64_t *word = g_hash_table_lookup(model, &place);

    return word ? *word : 0;
}

static void model_write(unsigned device, uint64_t dpa, uint64_t word)
{
    uint64_t place = (uint64_t)device << 48 | dpa;

    g_hash_table_insert(model, g_memdup2(&place, 8), g_memdup2(&word, 8));
}

static unsigned ways(const Region *r)
{
    return r->bridges * r->ports;
}

/* The bits that choose a port are above those that choose the bridge. */
static unsigned bridge_granularity(const Region *r)
{
    return r->granularity << (r->bridges == 3 ? 0 : ctz32(r->bridges));
}

static unsigned device_at(const Region *r, uint64_t hpa)
{
    unsigned b = hpa / r->granularity % r->bridges;
    unsigned p = hpa / bridge_granularity(r) % r->ports;

    return b * m->topology.ports + p;
}

static uint64_t dpa_at(const Region *r, uint64_t hpa)
{
    uint64_t granule = (hpa - r->base) / r->granularity;

    return granule / ways(r) * r->granularity + hpa % r->granularity;
}

static void commit(uint64_t component, const QCXLDecoder *decoder)
{
    g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m, component), 0, decoder) &
                    QCXL_HDM_COMMITTED, !=, 0);
}

static void uncommit(uint64_t component)
{
    qcxl_hdm_uncommit(m, qcxl_hdm(m, component), 0);
}

static Region region(unsigned bridges, unsigned ports, unsigned granularity,
                     unsigned units)
{
    Region r = {
        .bridges = bridges, .ports = ports, .granularity = granularity,
        .base = m->window[0].base + units * QCXL_UNIT,
        .size = bridges * ports * QCXL_UNIT,
    };

    r.page[1] = r.size - PAGE;
    for (unsigned i = 2; i < PAGES; i++) {
        r.page[i] = (uint64_t)g_test_rand_int() * PAGE % r.size;
    }
    return r;
}

static void program(const Region *r)
{
    for (unsigned b = 0; b < r->bridges; b++) {
        QCXLDecoder decoder = { .base = r->base, .size = r->size,
                                .ways = ways(r),
                                .granularity = r->granularity };

        for (unsigned p = 0; p < r->ports; p++) {
            const QCXLDevice *dev = &m->device[b * m->topology.ports + p];

            commit(dev->fn.component, &decoder);
            qcxl_mem_enable(dev, true);
        }
        for (unsigned p = 0; p < r->ports; p++) {
            decoder.target[p] = m->bridge[b].port[p].number;
        }
        decoder.ways = r->ports;
        decoder.granularity = bridge_granularity(r);
        commit(m->bridge[b].component, &decoder);
    }
}

static void tear_down(const Region *r)
{
    for (unsigned b = 0; b < r->bridges; b++) {
        uncommit(m->bridge[b].component);
        for (unsigned p = 0; p < r->ports; p++) {
            uncommit(m->device[b * m->topology.ports + p].fn.component);
        }
    }
}

static void use(const Region *r, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t hpa = r->base + r->page[g_test_rand_int_range(0, PAGES)] +
                       g_test_rand_int_range(0, WORDS) * 8;
        uint64_t word = (uint64_t)g_test_rand_int() << 32 | i;

        qcxl_write(m, hpa, 8, word);
        model_write(device_at(r, hpa), dpa_at(r, hpa), word);
    }
}

/* @missing: a device that does not answer, or -1 */
static void check_page(const Region *r, uint64_t hpa, int missing)
{
    uint64_t buf[WORDS];

    qtest_bufread(m->qts, hpa, buf, PAGE);
    for (unsigned i = 0; i < WORDS; i++) {
        unsigned device = device_at(r, hpa + i * 8);
        uint64_t expected = (int)device == missing ? UINT64_MAX :
            model_read(device, dpa_at(r, hpa + i * 8));

        g_assert_cmphex(le64_to_cpu(buf[i]), ==, expected);
    }
}

static void check(const Region *r, const char *kind)
{
    g_assert_true(qcxl_mapped(m, r->base, kind));
    for (unsigned i = 0; i < PAGES; i++) {
        check_page(r, r->base + r->page[i], -1);
    }
}

/*
 * What the model has of device @n, through a range of its own: of how many
 * words that is
 */
static unsigned check_device(unsigned n)
{
    const QCXLDevice *dev = &m->device[n];
    const QCXLBridge *bridge = &m->bridge[dev->bridge];
    QCXLDecoder decoder = {
        .base = m->window[0].base, .size = QCXL_UNIT,
        .target = { bridge->port[dev->port].number },
    };
    uint64_t granule = m->topology.bridges * m->window[0].granularity;
    GHashTableIter it;
    gpointer place, word;
    unsigned found = 0;

    commit(dev->fn.component, &decoder);
    qcxl_mem_enable(dev, true);
    commit(bridge->component, &decoder);
    g_hash_table_iter_init(&it, model);
    while (g_hash_table_iter_next(&it, &place, &word)) {
        uint64_t dpa = *(uint64_t *)place & ((1ULL << 48) - 1);

        /* The window leads to this bridge in some granules only. */
        if (*(uint64_t *)place >> 48 == n &&
            (m->topology.bridges == 1 ||
             (decoder.base + dpa) % granule / m->window[0].granularity ==
             dev->bridge)) {
            g_assert_cmphex(qcxl_read(m, decoder.base + dpa, 8), ==,
                            *(uint64_t *)word);
            found++;
        }
    }
    uncommit(bridge->component);
    uncommit(dev->fn.component);
    return found;
}

static void check_devices(const Region *r)
{
    unsigned found = 0;

    for (unsigned b = 0; b < r->bridges; b++) {
        for (unsigned p = 0; p < r->ports; p++) {
            found += check_device(b * m->topology.ports + p);
        }
    }
    g_assert_cmpuint(found, >, 0);
}

/* Commit, use, let go; then the same memory cut up in other ways */
static void run_shapes(unsigned bridges, unsigned ports, const char *device)
{
    const char *kind = device ? "trapped" : "woven";
    QCXLTopology t = topology(bridges, ports);

    open_model();
    t.device = device;
    m = qcxl_start(&t);
    for (unsigned p = ports; p; p /= 2) {
        for (unsigned i = 0; i < 3; i++) {
            Region r = region(bridges, p, bridges == 1 ? 256 << i : 256, i);

            if (ways(&r) == 1) {
                continue;
            }
            program(&r);
            check(&r, kind);
            use(&r, 300);
            check(&r, kind);
            tear_down(&r);
            g_assert_cmphex(qcxl_read(m, r.base, 8), ==, UINT64_MAX);
            check_devices(&r);
        }
    }
    qcxl_stop(m);
    close_model();
}

static void test_shapes(void)
{
    run_shapes(1, 8, NULL);
    run_shapes(2, 8, NULL);
    run_shapes(3, 4, NULL);
}

static void test_off(void)
{
    run_shapes(2, 2, "weave=off");
}

/* One device stops answering: the others' bytes are there, and go on. */
static void test_partial(void)
{
    QCXLTopology t = topology(2, 2);
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    qcxl_mem_enable(&m->device[3], false);
    g_assert_true(qcxl_mapped(m, r.base, "trapped"));
    for (unsigned i = 0; i < PAGES; i++) {
        check_page(&r, r.base + r.page[i], 3);
    }
    for (uint64_t hpa = r.base; hpa < r.base + PAGE; hpa += 8) {
        qcxl_write(m, hpa, 8, hpa);
        if (device_at(&r, hpa) != 3) {
            model_write(device_at(&r, hpa), dpa_at(&r, hpa), hpa);
        }
    }
    qcxl_mem_enable(&m->device[3], true);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

/* A range that comes or goes leaves its neighbour as it is. */
static void test_two_ranges(void)
{
    QCXLTopology t = topology(1, 4);
    Region r, other;

    open_model();
    m = qcxl_start(&t);
    r = region(1, 2, 256, 0);
    program(&r);
    use(&r, 300);
    other = region(1, 2, 1024, 2);
    for (unsigned n = 2; n < 4; n++) {
        QCXLDecoder decoder = { .base = other.base, .size = other.size,
                                .ways = 2, .granularity = 1024 };

        commit(m->device[n].fn.component, &decoder);
        qcxl_mem_enable(&m->device[n], true);
        decoder.target[0] = m->bridge[0].port[2].number;
        decoder.target[1] = m->bridge[0].port[3].number;
        if (n == 3) {
            g_assert_cmphex(qcxl_hdm_commit(m, qcxl_hdm(m,
                            m->bridge[0].component), 1, &decoder) &
                            QCXL_HDM_COMMITTED, !=, 0);
        }
    }
    g_assert_true(qcxl_mapped(m, other.base, "woven"));
    qcxl_write(m, other.base + 1024, 8, 77);
    check(&r, "woven");
    qcxl_hdm_uncommit(m, qcxl_hdm(m, m->bridge[0].component), 1);
    check(&r, "woven");
    use(&r, 100);
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void test_reset(void)
{
    QCXLTopology t = topology(2, 2);
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(2, 2, 256, 0);
    program(&r);
    use(&r, 300);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    g_assert_cmphex(qcxl_read(m, r.base, 8), ==, UINT64_MAX);
    check_devices(&r);
    program(&r);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

static void unplug(unsigned port, const char *id)
{
    const QCXLFunction *fn = &m->bridge[0].port[port].fn;

    qtest_qmp_device_del_send(m->qts, id);
    /* Indicator and power off, as the guest's driver does it */
    qcxl_config_write(fn, qcxl_find_cap(fn, 0x10) + 0x18, 2, 0x700);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
}

/* A member goes: its backend has its bytes, and so have the others. */
static void test_unplug(void)
{
    QCXLTopology t = topology(1, 2);
    const QCXLFunction *port;
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(1, 2, 512, 0);
    program(&r);
    use(&r, 300);
    unplug(1, "mem1");
    g_assert_true(qcxl_mapped(m, r.base, "trapped"));
    for (unsigned i = 0; i < PAGES; i++) {
        check_page(&r, r.base + r.page[i], 1);
    }
    uncommit(m->bridge[0].component);
    uncommit(m->device[0].fn.component);
    qtest_qmp_device_add(m->qts, "cxl-type3", "again", "{ 'bus': 'rp1',"
                         "'volatile-memdev': 'vm1' }");
    port = &m->bridge[0].port[1].fn;
    qcxl_config_write(port, qcxl_find_cap(port, 0x10) + 0x18, 2, 0x100);
    qcxl_enumerate(m);
    check_devices(&r);
    program(&r);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

/* From a machine with properties @from to one with @to, and back apart */
static void check_migrate(const char *from, const char *to)
{
    QCXLTopology t = topology(2, 2);
    QCXLMachine *source;
    Region r;

    open_model();
    t.device = from;
    source = m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    check(&r, from ? "trapped" : "woven");
    qcxl_save(m, state);

    t.device = to;
    t.more = "-incoming defer";
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, source);
    qcxl_stop(source);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
    check(&r, to ? "trapped" : "woven");
    use(&r, 100);
    check(&r, to ? "trapped" : "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void test_migrate(void)
{
    check_migrate(NULL, NULL);
}

static void test_migrate_elsewhere(void)
{
    check_migrate(NULL, "weave=off");
    check_migrate("weave=off", NULL);
}

static void wait_for_migration(const char *wanted)
{
    for (;;) {
        QDict *answer = qtest_qmp_assert_success_ref(
            m->qts, "{ 'execute': 'query-migrate' }");
        g_autofree char *status =
            g_strdup(qdict_get_try_str(answer, "status"));

        qobject_unref(answer);
        if (!g_strcmp0(status, wanted)) {
            return;
        }
        g_assert_cmpstr(status, !=, "failed");
        g_usleep(2000);
    }
}

/* All memory has been sent once when the bytes move. */
static void test_migrate_moving(void)
{
    g_autofree char *uri = NULL;
    QCXLTopology t = topology(2, 2);
    QCXLMachine *source;
    Region r, other;

    open_model();
    uri = g_strdup_printf("file:%s", state);
    source = m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    qtest_qmp_assert_success(m->qts, "{ 'execute':"
                             "'migrate-set-capabilities', 'arguments': {"
                             "'capabilities': [ { 'capability':"
                             "'pause-before-switchover',"
                             "'state': true } ] } }");
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate',"
                             "'arguments': { 'uri': %s } }", uri);
    wait_for_migration("pre-switchover");
    tear_down(&r);
    other = region(2, 1, 256, 0);
    program(&other);
    use(&other, 300);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate-continue',"
                             "'arguments': { 'state': 'pre-switchover' } }");
    wait_for_migration("completed");

    t.more = "-incoming defer";
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, source);
    qcxl_stop(source);
    check(&other, "woven");
    tear_down(&other);
    program(&r);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

/* Firmware's decoders are committed before there is anything to load. */
static void check_firmware(const char *from, const char *to)
{
    QCXLTopology t = topology(2, 2);
    QCXLMachine *source;
    Region r;

    open_model();
    t.more = "-object cxl-region,id=r,window=0,size=1G,devices=mem0,"
             "devices=mem2,devices=mem1,devices=mem3";
    t.device = from;
    source = m = qcxl_start(&t);
    r = region(2, 2, 256, 0);
    g_assert_true(qcxl_mapped(m, r.base, from ? "trapped" : "woven"));
    use(&r, 300);
    qcxl_save(m, state);

    t.device = to;
    t.more = g_strconcat(t.more, " -incoming defer", NULL);
    m = qcxl_launch(&t);
    g_free((char *)t.more);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, source);
    qcxl_stop(source);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
    check(&r, to ? "trapped" : "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void test_firmware(void)
{
    check_firmware(NULL, NULL);
    check_firmware("weave=off", NULL);
    check_firmware(NULL, "weave=off");
}

/* The list of window 0 in the state: its count, then offset and size */
static uint8_t *find_list(char *data, size_t length)
{
    static const char name[] = "\x0a" "cxl-window";

    for (char *at = data; at < data + length - 64; at++) {
        /* A section's name, then numbers of instance and version */
        if (!memcmp(at, name, 11) && ldl_be_p(at + 11) == 0 &&
            ldl_be_p(at + 15) == 1) {
            return (uint8_t *)at + 19;
        }
    }
    g_assert_not_reached();
}

/* Does a machine start from @state with these numbers in it? */
static bool loads(uint32_t count, uint64_t offset, uint64_t size)
{
    QCXLTopology t = topology(1, 2);
    g_autofree char *data = NULL;
    gsize length;
    uint8_t *list;
    bool good;

    g_assert_true(g_file_get_contents(state, &data, &length, NULL));
    list = find_list(data, length);
    g_assert_cmpuint(ldl_be_p(list), ==, 1);
    stl_be_p(list, count);
    stq_be_p(list + 4, offset);
    stq_be_p(list + 12, size);
    g_assert_true(g_file_set_contents(state, data, length, NULL));

    t.more = "-incoming defer";
    m = qcxl_launch(&t);
    good = qcxl_load(m, state);
    if (good) {
        qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
        qtest_system_reset(m->qts);
    }
    qcxl_stop(m);
    stl_be_p(list, 1);
    g_assert_true(g_file_set_contents(state, data, length, NULL));
    return good;
}

/* A list that nobody could have saved is refused, or does no harm. */
static void test_hostile(void)
{
    QCXLTopology t = topology(1, 2);
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(1, 2, 256, 1);
    program(&r);
    use(&r, 300);
    qcxl_save(m, state);
    qcxl_stop(m);
    g_assert_true(loads(1, QCXL_UNIT, 2 * QCXL_UNIT));
    g_assert_true(loads(1, 0, 2 * QCXL_UNIT));
    g_assert_true(loads(1, 3 * QCXL_UNIT, QCXL_UNIT));
    g_assert_false(loads(UINT32_MAX, QCXL_UNIT, 2 * QCXL_UNIT));
    g_assert_false(loads(5, QCXL_UNIT, 2 * QCXL_UNIT));
    g_assert_false(loads(1, QCXL_UNIT + 1, 2 * QCXL_UNIT));
    g_assert_false(loads(1, QCXL_UNIT, 2 * QCXL_UNIT - 1));
    g_assert_false(loads(1, QCXL_UNIT, 0));
    g_assert_false(loads(1, 4 * QCXL_UNIT, QCXL_UNIT));
    g_assert_false(loads(1, QCXL_UNIT, 4 * QCXL_UNIT));
    g_assert_false(loads(1, -QCXL_UNIT, QCXL_UNIT));
    g_assert_false(loads(1, QCXL_UNIT, -QCXL_UNIT));
    close_model();
}

static void check_snapshot(bool reset)
{
    QCXLTopology t = topology(2, 2);
    g_autoptr(GHashTable) then = NULL;
    Region r, other;

    open_model();
    m = qcxl_start(&t);
    qcxl_add_image(m, state);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    qcxl_snapshot(m, "snapshot-save");
    then = g_steal_pointer(&model);
    model = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                  g_free);
    if (reset) {
        tear_down(&r);
        other = region(1, 2, 512, 3);
        program(&other);
        use(&other, 300);
    } else {
        use(&r, 300);
    }
    g_hash_table_unref(model);
    model = g_steal_pointer(&then);
    qcxl_snapshot(m, "snapshot-load");
    check(&r, "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

/* Back to what was: with the same range woven, and another */
static void test_snapshot(void)
{
    check_snapshot(false);
    check_snapshot(true);
}

/* KiB of the host's memory that QEMU uses */
static uint64_t resident(void)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status",
                                            (int)qtest_pid(m->qts));
    g_autofree char *text = NULL;
    const char *line;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    line = strstr(text, "VmRSS:");
    g_assert_nonnull(line);
    return g_ascii_strtoull(line + 6, NULL, 10);
}

static void check_resident(uint64_t expected, uint64_t slack)
{
    uint64_t now = resident();

    g_test_message("resident: %" PRIu64 " KiB, expected %" PRIu64, now,
                   expected);
    g_assert_cmpuint(now, <=, expected + slack);
    g_assert_cmpuint(expected, <=, now + slack);
}

/* Memory costs what the guest has written, wherever it is. */
static void test_sparse(void)
{
    const uint64_t data = 32 * 1024;        /* KiB */
    QCXLTopology t = topology(2, 2);
    uint64_t before;
    Region r;

    t.size = 16 * QCXL_UNIT;
    t.window[0].size = 64 * QCXL_UNIT;
    m = qcxl_start(&t);
    before = resident();
    r = region(2, 2, 256, 0);
    r.size = 64 * QCXL_UNIT;
    program(&r);
    g_assert_true(qcxl_mapped(m, r.base, "woven"));
    check_resident(before, 8 * 1024);
    qtest_memset(m->qts, r.base + r.size / 2, 0x5a, data * 1024);
    check_resident(before + data, 8 * 1024);
    tear_down(&r);
    check_resident(before + data, 8 * 1024);
    program(&r);
    check_resident(before + data, 8 * 1024);
    g_assert_cmphex(qcxl_read(m, r.base + r.size / 2 + data * 1024 - 8, 8),
                    ==, 0x5a5a5a5a5a5a5a5a);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/weave/shapes", test_shapes);
    qtest_add_func("cxl/weave/off", test_off);
    qtest_add_func("cxl/weave/partial", test_partial);
    qtest_add_func("cxl/weave/two-ranges", test_two_ranges);
    qtest_add_func("cxl/weave/reset", test_reset);
    qtest_add_func("cxl/weave/unplug", test_unplug);
    qtest_add_func("cxl/weave/migrate", test_migrate);
    qtest_add_func("cxl/weave/migrate-elsewhere", test_migrate_elsewhere);
    qtest_add_func("cxl/weave/migrate-moving", test_migrate_moving);
    qtest_add_func("cxl/weave/firmware", test_firmware);
    qtest_add_func("cxl/weave/hostile", test_hostile);
    qtest_add_func("cxl/weave/snapshot", test_snapshot);
    qtest_add_func("cxl/weave/sparse", test_sparse);
    return g_test_run();
}
