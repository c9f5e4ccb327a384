/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random plugging, pulling, committing, resetting, saving: after each step
 * addresses lead to where a simple model of the registers says.  A run is
 * repeated with --seed and the seed that it printed.
 */
#include "qemu/osdep.h"
#include "machine_model.h"
#include "qemu/bswap.h"

#define STEPS 150
#define PROBES 12
#define SLOTS 8
#define BRIDGES 2
#define DEVICE_SIZE (2 * QCXL_UNIT)
#define PLACE (8 * QCXL_UNIT)           /* where ranges begin in a window */
#define ONES UINT64_MAX

static uint8_t *file[SLOTS];            /* the memory of each device */
static GHashTable *written;             /* device and DPA to 8 bytes */

/* What device @k holds at @dpa: its file, or what was last written. */
static void *cell(unsigned k, uint64_t dpa)
{
    gint64 key = k * DEVICE_SIZE + dpa;
    uint64_t *value;

    if (file[k]) {
        return file[k] + dpa;
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
    uint64_t dpa;
    int k = answering(hpa, &dpa);

    return k == NOBODY ? NULL : cell(k, dpa);
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
    uint64_t value = (uint64_t)g_rand_int(dice) << 32 | any(1 << 30);
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

/* -- steps --------------------------------------------------------------- */

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

static void make_range(void)
{
    unsigned w = any(2);

    program_range(w, m->window[w].base +
                  PLACE * any(m->window[w].size / PLACE), any_shape(w, 256));
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
    forget_routers();
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
    replug();
    g_assert_true(qcxl_load(m, path));
    qcxl_adopt(m, from);
    qcxl_stop(from);
}

static void start(void)
{
    dice = g_rand_new_with_seed(g_test_rand_int());
    start_full();
    written = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                    g_free);
    for (unsigned k = 0; k < SLOTS; k++) {
        file[k] = g_steal_pointer(&m->device[k].host[0]);
    }
}

static void stop(void)
{
    qcxl_stop(m);
    for (unsigned k = 0; k < SLOTS; k++) {
        if (file[k]) {
            munmap(file[k], DEVICE_SIZE);
        }
    }
    g_hash_table_unref(written);
    g_rand_free(dice);
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
    slots = SLOTS;
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
