/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random plugging, pulling, committing, resetting, saving: after each step
 * addresses lead to where a simple model of the registers says.  A run is
 * repeated with --seed and the seed that it printed.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

#define STEPS 150
#define PROBES 12
#define SLOTS 8                         /* and as many devices */
#define BRIDGES 2
#define DECODERS 4                      /* of those that a component has */
#define DEVICE_SIZE (2 * QCXL_UNIT)
#define PLACE (8 * QCXL_UNIT)           /* where ranges begin in a window */
#define ONES UINT64_MAX
#define NOBODY (-1)

#define CAP_EXPRESS 0x10
#define SLOT_CONTROL 0x18
#define SLOT_LED_ON 0x100
#define SLOT_LED_OFF 0x300
#define SLOT_POWER_OFF 0x400
#define BRIDGE_CONTROL 0x3e
#define SECONDARY_RESET 0x40
#define DVSEC_DEVICE 0
#define DVSEC_PORT 3

/* What the guest has written, and whether it took. */
typedef struct Registers {
    QCXLDecoder decoder[DECODERS];
    bool committed[DECODERS];
} Registers;

typedef struct Device {
    Registers registers;
    bool mem, global;                   /* enable bits: DVSEC, decoders */
    uint8_t *host;                      /* its memory */
} Device;

static QCXLMachine *m;
static QCXLTopology topology;
static unsigned ports, fan;             /* fan: 1 without switches */
static Device device[SLOTS];
static int in_slot[SLOTS];              /* a device or NOBODY */
static Registers bridge[BRIDGES], switches[SLOTS];
static GHashTable *written;             /* device and DPA to 8 bytes */

static unsigned any(unsigned count)
{
    return g_test_rand_int_range(0, count);
}

/* -- the model ----------------------------------------------------------- */

static const QCXLDecoder *decoder_at(const Registers *r, uint64_t hpa,
                                     unsigned *n)
{
    for (*n = 0; *n < DECODERS; ++*n) {
        const QCXLDecoder *d = &r->decoder[*n];

        if (r->committed[*n] && hpa >= d->base && hpa - d->base < d->size) {
            return d;
        }
    }
    return NULL;
}

/* The index of the port that a router of @count ports sends @hpa to */
static int port_for(const Registers *r, uint64_t hpa, unsigned count)
{
    unsigned n;
    const QCXLDecoder *d = decoder_at(r, hpa, &n);

    for (unsigned p = 0; d && p < count; p++) {
        if (qcxl_port_number(p) ==
            d->target[hpa / d->granularity % d->ways]) {
            return p;
        }
    }
    return NOBODY;
}

static int slot_for(uint64_t hpa)
{
    const QCXLWindow *w = &m->window[hpa >= m->window[1].base];
    unsigned b = hpa / w->granularity % w->ways;
    int p = port_for(&bridge[b], hpa, ports);
    int below = 0;

    if (p >= 0 && topology.fan[0]) {
        below = port_for(&switches[b * ports + p], hpa, fan);
    }
    return p < 0 || below < 0 ? NOBODY : (b * ports + p) * fan + below;
}

/* The DPA at which device @k answers to @hpa, if it does */
static bool dpa_of(unsigned k, uint64_t hpa, uint64_t *dpa)
{
    const Registers *r = &device[k].registers;
    unsigned n;
    const QCXLDecoder *d = decoder_at(r, hpa, &n);

    if (!d) {
        return false;
    }
    *dpa = (hpa - d->base) / d->granularity / d->ways * d->granularity +
           hpa % d->granularity;
    while (n--) {
        *dpa += r->decoder[n].size / r->decoder[n].ways;
    }
    return true;
}

/* What device @k holds at @dpa: its file, or what was last written. */
static void *cell(unsigned k, uint64_t dpa)
{
    gint64 key = k * DEVICE_SIZE + dpa;
    uint64_t *value;

    if (device[k].host) {
        return device[k].host + dpa;
    }
    value = g_hash_table_lookup(written, &key);
    if (!value) {
        value = g_new0(uint64_t, 1);
        g_hash_table_insert(written, g_memdup2(&key, sizeof(key)), value);
    }
    return value;
}

static void *expected(uint64_t hpa)
{
    int slot = slot_for(hpa);
    int k = slot < 0 ? NOBODY : in_slot[slot];
    uint64_t dpa;

    return k >= 0 && device[k].mem && device[k].global &&
           dpa_of(k, hpa, &dpa) ? cell(k, dpa) : NULL;
}

/* -- what a guest finds -------------------------------------------------- */

/* Of all that @hpa would lead to, were it not for what is above */
static uint64_t checksum(uint64_t hpa)
{
    uint64_t sum = 0, dpa;

    for (unsigned k = 0; k < SLOTS; k++) {
        if (dpa_of(k, hpa, &dpa)) {
            sum = sum * 31 + ldq_le_p(cell(k, dpa));
        }
    }
    return sum;
}

/* True if some device answered. */
static bool probe(uint64_t hpa)
{
    void *host = expected(hpa);
    uint64_t value = (uint64_t)g_test_rand_int() << 32 | any(1 << 30);
    uint64_t before = checksum(hpa);

    if (host) {
        if (!topology.ram) {
            stq_le_p(host, ~value);
        }
        g_assert_cmphex(qcxl_read(m, hpa, 8), ==, ldq_le_p(host));
        qcxl_write(m, hpa, 8, value);
        if (topology.ram) {
            stq_le_p(host, value);
        }
        g_assert_cmphex(ldq_le_p(host), ==, value);
        return true;
    }
    g_assert_cmphex(qcxl_read(m, hpa, 8), ==, ONES);
    qcxl_write(m, hpa, 8, value);
    g_assert_cmphex(checksum(hpa), ==, before);
    return false;
}

static unsigned probe_all(void)
{
    unsigned answered = 0;

    for (unsigned i = 0; i < PROBES; i++) {
        const QCXLWindow *w = &m->window[i & 1];
        uint64_t hpa = w->base + PLACE * any(w->size / PLACE);

        hpa += (any(4) ? any(4096) : any(PLACE / 8)) * 8ULL;
        answered += probe(hpa);
    }
    return answered;
}

static QCXLDevice *found(unsigned slot)
{
    for (unsigned n = 0; n < m->devices; n++) {
        if (m->device[n].number == slot) {
            return &m->device[n];
        }
    }
    g_assert_not_reached();
}

static void enumerate(void)
{
    unsigned count = 0;

    qcxl_enumerate(m);
    for (unsigned s = 0; s < SLOTS; s++) {
        count += in_slot[s] >= 0;
    }
    g_assert_cmpuint(m->devices, ==, count);
}

static const QCXLFunction *root_port(unsigned n)
{
    return &m->bridge[n / ports].port[n % ports].fn;
}

static const QCXLFunction *port_of(unsigned slot)
{
    return topology.fan[0] ? &m->sw[slot / fan].port[slot % fan].fn
                           : root_port(slot);
}

static void power(unsigned slot, uint16_t control)
{
    const QCXLFunction *fn = port_of(slot);

    qcxl_config_write(fn, qcxl_find_cap(fn, CAP_EXPRESS) + SLOT_CONTROL, 2,
                      control);
}

/* -- steps --------------------------------------------------------------- */

static void forget(int k)
{
    if (k >= 0) {
        device[k].registers = (Registers) { 0 };
        device[k].mem = device[k].global = false;
    }
}

static int any_slot(bool empty)
{
    unsigned first = any(SLOTS);

    for (unsigned i = 0; i < SLOTS; i++) {
        unsigned slot = (first + i) % SLOTS;

        if ((in_slot[slot] < 0) == empty) {
            return slot;
        }
    }
    return NOBODY;
}

static int any_free_device(void)
{
    bool used[SLOTS] = { false };
    unsigned first = any(SLOTS);

    for (unsigned s = 0; s < SLOTS; s++) {
        if (in_slot[s] >= 0) {
            used[in_slot[s]] = true;
        }
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        if (!used[(first + i) % SLOTS]) {
            return (first + i) % SLOTS;
        }
    }
    return NOBODY;
}

static void add(unsigned k, unsigned slot)
{
    g_autofree char *id = g_strdup_printf("mem%u", k);
    g_autofree char *vm = g_strdup_printf("vm%u", k);
    g_autofree char *bus = g_strdup_printf(topology.fan[0] ? "ds0-%u"
                                                           : "rp%u", slot);

    qtest_qmp_device_add(m->qts, "cxl-type3", id, "{ 'bus': %s, 'sn': %u,"
                         "'volatile-memdev': %s }", bus, 0x1000 + k, vm);
}

static void plug(void)
{
    int slot = any_slot(true), k = any_free_device();

    if (slot >= 0 && k >= 0) {
        add(k, slot);
        in_slot[slot] = k;
        forget(k);
        power(slot, SLOT_LED_ON);
        enumerate();
    }
}

static void pull(unsigned k)
{
    g_autofree char *id = g_strdup_printf("mem%u", k);

    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-surprise-remove',"
                             "'arguments': { 'path': %s } }", id);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
}

static void unplug(unsigned k, unsigned slot)
{
    g_autofree char *id = g_strdup_printf("mem%u", k);

    qtest_qmp_device_del_send(m->qts, id);
    power(slot, SLOT_LED_OFF | SLOT_POWER_OFF);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
}

static void take_out(void)
{
    int slot = any_slot(false);

    if (slot < 0) {
        return;
    }
    if (any(2)) {
        pull(in_slot[slot]);
    } else {
        unplug(in_slot[slot], slot);
    }
    forget(in_slot[slot]);
    in_slot[slot] = NOBODY;
    /* Even before the guest looks */
    probe_all();
    enumerate();
}

/* The decoder after the last committed one, if there is one */
static void commit(Registers *r, uint64_t component, const QCXLDecoder *d)
{
    uint64_t hdm = qcxl_hdm(m, component);
    unsigned n = DECODERS;

    while (n && !r->committed[n - 1]) {
        n--;
    }
    if (n < DECODERS) {
        r->decoder[n] = *d;
        r->committed[n] = qcxl_hdm_commit(m, hdm, n, d) & QCXL_HDM_COMMITTED;
        if (!r->committed[n]) {
            qcxl_hdm_uncommit(m, hdm, n);
        }
    }
}

static void uncommit(Registers *r, uint64_t component)
{
    unsigned n = any(DECODERS);

    qcxl_hdm_uncommit(m, qcxl_hdm(m, component), n);
    r->committed[n] = false;
}

static void commit_router(Registers *r, uint64_t component, QCXLDecoder d,
                          unsigned ways, unsigned granularity,
                          unsigned first)
{
    d.ways = ways;
    d.granularity = granularity;
    for (unsigned i = 0; i < ways; i++) {
        d.target[i] = qcxl_port_number(first + i);
    }
    commit(r, component, &d);
}

static void commit_slot(unsigned slot, const QCXLDecoder *d)
{
    int k = in_slot[slot];

    if (k >= 0) {
        commit(&device[k].registers, found(slot)->fn.component, d);
        qcxl_mem_enable(found(slot), true);
        device[k].mem = device[k].global = true;
    }
}

/*
 * A range as a guest makes it: @across bridges by the lowest bits, ports by
 * the next, ports of switches by those above.
 */
static void make_range(void)
{
    unsigned w = any(2), across = w ? 1 : BRIDGES;
    unsigned wide = 1 << any(ctz32(ports) + 1);
    unsigned deep = 1 << any(ctz32(fan) + 1);
    unsigned p0 = any(ports - wide + 1), d0 = any(fan - deep + 1);
    QCXLDecoder d = {
        .base = m->window[w].base + PLACE * any(m->window[w].size / PLACE),
        .size = across * wide * deep * QCXL_UNIT,
        .ways = across * wide * deep, .granularity = 256,
    };

    for (unsigned b = 0; b < across; b++) {
        for (unsigned p = b * ports + p0; p < b * ports + p0 + wide; p++) {
            for (unsigned i = d0; i < d0 + deep; i++) {
                commit_slot(p * fan + i, &d);
            }
            if (topology.fan[0]) {
                commit_router(&switches[p], m->sw[p].fn.component, d, deep,
                              deep > 1 ? 256 * across * wide : 256, d0);
            }
        }
        commit_router(&bridge[b], m->bridge[b].component, d, wide,
                      wide > 1 ? 256 * across : 256, p0);
    }
}

static void toggle(Device *d, const QCXLDevice *dev)
{
    bool *bit = any(2) ? &d->mem : &d->global;

    *bit = any(2);
    qcxl_config_write(&dev->fn, qcxl_find_dvsec(&dev->fn, DVSEC_DEVICE) +
                      0xc, 2, d->mem ? 4 : 0);
    qcxl_write(m, qcxl_hdm(m, dev->fn.component) + 4, 4, d->global ? 2 : 0);
}

/* Any component: what it decodes is changed, with no regard to others. */
static void meddle(void)
{
    unsigned b = any(BRIDGES), n = any(BRIDGES * ports);
    int slot = any_slot(false);
    QCXLDecoder d = { .base = m->window[0].base + any(16) * QCXL_UNIT,
                      .size = 4 * QCXL_UNIT };

    switch (any(6)) {
    case 0:
        uncommit(&bridge[b], m->bridge[b].component);
        break;
    case 1:
        commit_router(&bridge[b], m->bridge[b].component, d, 1 << any(3),
                      256 << any(4), any(ports));
        break;
    case 2:
        if (topology.fan[0]) {
            uncommit(&switches[n], m->sw[n].fn.component);
        }
        break;
    case 3:
        if (slot >= 0) {
            uncommit(&device[in_slot[slot]].registers,
                     found(slot)->fn.component);
        }
        break;
    default:
        if (slot >= 0) {
            toggle(&device[in_slot[slot]], found(slot));
        }
    }
}

static void hot_reset(const QCXLFunction *fn)
{
    qcxl_config_write(fn, qcxl_find_dvsec(fn, DVSEC_PORT) + 0xc, 2, 1);
    qcxl_config_write(fn, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    qcxl_config_write(fn, BRIDGE_CONTROL, 2, 0);
}

static void reset_something(void)
{
    unsigned n = any(BRIDGES * ports), slot = any(SLOTS);

    switch (any(4)) {
    case 0:
        hot_reset(root_port(n));
        for (unsigned i = 0; i < fan; i++) {
            forget(in_slot[n * fan + i]);
        }
        switches[n] = (Registers) { 0 };
        break;
    case 1:
        power(slot, SLOT_LED_ON | SLOT_POWER_OFF);
        forget(in_slot[slot]);
        probe_all();
        power(slot, SLOT_LED_ON);
        break;
    default:
        hot_reset(port_of(slot));
        forget(in_slot[slot]);
    }
    enumerate();
}

/* Decoders that others have used up are free again: whole sets come to be. */
static void start_over(void)
{
    qtest_system_reset(m->qts);
    for (unsigned k = 0; k < SLOTS; k++) {
        forget(k);
    }
    memset(bridge, 0, sizeof(bridge));
    memset(switches, 0, sizeof(switches));
    enumerate();
    for (unsigned i = 0; i < SLOTS / 2; i++) {
        plug();
    }
    make_range();
    make_range();
}

/* The memory stays in its files: the other machine opens them as well. */
static void ignore_shared(void)
{
    qtest_qmp_assert_success(m->qts, "{ 'execute':"
                             "'migrate-set-capabilities', 'arguments': {"
                             "'capabilities': [ { 'capability':"
                             "'x-ignore-shared', 'state': true } ] } }");
}

static void move_on(void)
{
    g_autofree char *path = g_build_filename(topology.store, "state", NULL);
    QCXLTopology incoming = topology;
    QCXLMachine *from = m;

    ignore_shared();
    qcxl_save(from, path);
    incoming.more = "-incoming defer";
    m = qcxl_launch(&incoming);
    ignore_shared();
    for (unsigned k = 0; k < SLOTS; k++) {
        pull(k);
    }
    for (unsigned s = 0; s < SLOTS; s++) {
        if (in_slot[s] >= 0) {
            add(in_slot[s], s);
        }
    }
    g_assert_true(qcxl_load(m, path));
    qcxl_adopt(m, from);
    qcxl_stop(from);
}

static void start(void)
{
    m = qcxl_start(&topology);
    written = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                    g_free);
    for (unsigned k = 0; k < SLOTS; k++) {
        device[k].host = g_steal_pointer(&m->device[k].host[0]);
        in_slot[k] = k;
        forget(k);
    }
    memset(bridge, 0, sizeof(bridge));
    memset(switches, 0, sizeof(switches));
}

static void stop(void)
{
    qcxl_stop(m);
    for (unsigned k = 0; k < SLOTS; k++) {
        if (device[k].host) {
            munmap(device[k].host, DEVICE_SIZE);
        }
    }
    g_hash_table_unref(written);
    qcxl_store_remove((char *)topology.store);
}

/* @ram: memory of QEMU's own, which it may move about */
static void storm(unsigned root_ports, unsigned below, bool ram)
{
    unsigned steps = g_test_slow() ? 20 * STEPS : STEPS;
    unsigned answered = 0;

    topology = (QCXLTopology) {
        .bridges = BRIDGES, .ports = root_ports, .fan = { below },
        .size = DEVICE_SIZE, .store = qcxl_store_new(), .ram = ram,
        .window = { { .ways = BRIDGES, .size = 3 * PLACE },
                    { .ways = 1, .size = 2 * PLACE } },
    };
    ports = root_ports;
    fan = MAX(below, 1);
    start();
    for (unsigned i = 0; i < steps; i++) {
        static void (*const step[])(void) = {
            plug, plug, plug, take_out, take_out, make_range, make_range,
            make_range, make_range, meddle, meddle, reset_something,
            start_over,
        };

        step[any(ARRAY_SIZE(step))]();
        if (!ram && !any(60)) {
            move_on();
        }
        answered += probe_all();
    }
    g_test_message("%u of %u probes answered", answered, steps * PROBES);
    /* A storm in which nothing is decoded is none. */
    g_assert_cmpuint(answered, >, steps / 10);
    stop();
}

static void test_root_ports(void)
{
    storm(4, 0, false);
}

static void test_switches(void)
{
    storm(2, 2, false);
}

static void test_own_memory(void)
{
    storm(2, 2, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/storm/root-ports", test_root_ports);
    qtest_add_func("cxl/storm/switches", test_switches);
    qtest_add_func("cxl/storm/own-memory", test_own_memory);
    return g_test_run();
}
