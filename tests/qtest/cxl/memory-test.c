/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory is memory: whatever decoders, resets, plugs, snapshots and machines
 * come between, each byte that is read is the last that was written at its
 * device and DPA, by the guest or by the device itself.
 *
 * A run is repeated with CXL_TEST_SEED=N, as it is printed; CXL_TEST_ROUNDS=N
 * or -m slow makes it longer.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include "memory_model.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"

#define STEPS 40
#define COARSEST 16384                  /* of all granularities */
#define PIECE_TIME 1000000              /* ns that clearing 16 MiB takes */
#define CAP_CONTROL 0x08
#define FUNCTION_RESET 0x8000
#define CONTROL2 0x10
#define INITIATE_RESET 0x4
#define CLEAR_MEMORY 0x8

/* All that a snapshot goes back to */
typedef struct Moment {
    Memory memory;
    Device device[MAX_SLOTS];
    Registers bridge[QCXL_MAX_BRIDGES], switches[MAX_SLOTS];
} Moment;

static char *store;
static unsigned saves;                  /* names of files */
static bool has_image;                  /* one snapshot for each machine */
static bool paused;                     /* no time passes */
static unsigned woven, trapped;

/* -- steps that leave the devices where they are ------------------------- */

/* The granularity of the highest bits that select */
static unsigned highest(const Shape *s)
{
    unsigned lower = s->upside_down ? s->deep : s->wide;
    unsigned higher = s->upside_down ? s->wide : s->deep;
    unsigned first = next_granularity(s->granularity, s->across);

    return higher > 1 ? next_granularity(first, lower)
                      : lower > 1 ? first : s->granularity;
}

static Shape legal_shape(unsigned w)
{
    Shape s;

    do {
        s = any_shape(w, m->window[w].ways > 1 ? m->window[w].granularity
                                               : 256 << any(7));
        s.upside_down = any(2);
    } while (highest(&s) > COARSEST);
    s.share = (1 + any(topology.size / QCXL_UNIT)) * QCXL_UNIT;
    return s;
}

static void make_range(void)
{
    unsigned w = any(m->windows), units = m->window[w].size / QCXL_UNIT;
    Shape s = legal_shape(w);
    uint64_t base;

    units -= MIN(units - 1, s.share * ways_of(&s) / QCXL_UNIT - 1);
    base = m->window[w].base + any(units) * QCXL_UNIT;
    range[ranges++ % ARRAY_SIZE(range)] = base;
    program_range(w, base, s);
}

static void let_go_of(Registers *r, uint64_t component)
{
    for (unsigned n = DECODERS; n--;) {
        if (r->committed[n]) {
            qcxl_hdm_uncommit(m, qcxl_hdm(m, component), n);
            r->committed[n] = false;
        }
    }
}

/* As a driver does it, from the bridges down */
static void destroy_ranges(void)
{
    for (unsigned b = 0; b < topology.bridges; b++) {
        let_go_of(&bridge[b], m->bridge[b].component);
    }
    for (unsigned n = 0; n < m->switches; n++) {
        let_go_of(&switches[n], m->sw[n].fn.component);
    }
    for (unsigned s = 0; s < slots; s++) {
        if (in_slot[s] != NOBODY) {
            let_go_of(&device[in_slot[s]].registers,
                      found(s)->fn.component);
        }
    }
}

static void remake(void)
{
    destroy_ranges();
    use();
    make_range();
    make_range();
}

static void change_lines(void)
{
    for (unsigned i = 0; i < 8; i++) {
        change_line();
    }
}

static void reset_link(void)
{
    unsigned n = any(topology.bridges * ports), slot = any(slots);

    heal();
    if (any(3)) {
        hot_reset(port_of(slot));
        forget(in_slot[slot]);
    } else {
        hot_reset(root_port(n));
        for (unsigned i = 0; i < fan; i++) {
            forget(in_slot[n * fan + i]);
        }
        switches[n] = (Registers) { 0 };
    }
    use();
    enumerate();
}

/* CXL r3.2: it spares CXL.mem. */
static void reset_function(const QCXLDevice *dev)
{
    qcxl_config_write(&dev->fn, qcxl_find_cap(&dev->fn, CAP_EXPRESS) +
                      CAP_CONTROL, 2, FUNCTION_RESET);
    enumerate();
}

static void reset_cxl(const QCXLDevice *dev, unsigned k, bool clear)
{
    qcxl_config_write(&dev->fn, qcxl_find_dvsec(&dev->fn, DVSEC_DEVICE) +
                      CONTROL2, 2, INITIATE_RESET |
                      (clear ? CLEAR_MEMORY : 0));
    forget(k);
    use();
    if (clear) {
        for (unsigned i = 0; i < topology.size >> 24; i++) {
            qtest_clock_step(m->qts, PIECE_TIME);
        }
        forget_memory(k);
    }
}

static void reset_device(void)
{
    int slot = any_slot(false);

    if (slot == NOBODY) {
        return;
    }
    heal();
    if (any(2)) {
        reset_function(found(slot));
    } else {
        reset_cxl(found(slot), in_slot[slot], !any(3) && !paused);
    }
}

static void reset_machine(void)
{
    heal();
    qtest_system_reset(m->qts);
    for (unsigned k = 0; k < slots; k++) {
        forget(k);
    }
    forget_routers();
    enumerate();
    make_range();
}

static void step_aside(void)
{
    static void (*const step[])(void) = {
        make_range, make_range, make_range, remake, remake, remake,
        change_lines, change_lines, change_lines, meddle, reset_link,
        reset_device, reset_machine,
    };

    step[any(ARRAY_SIZE(step))]();
    use();
}

/* -- steps that are not for all times ------------------------------------ */

static void take_out(void)
{
    int slot = any_slot(false);

    if (slot == NOBODY) {
        return;
    }
    heal();
    if (any(2)) {
        pull(in_slot[slot]);
    } else {
        unplug(in_slot[slot], slot);
    }
    forget(in_slot[slot]);
    in_slot[slot] = NOBODY;
    use();
    enumerate();
}

static void fill_slots(void)
{
    while (any_slot(true) != NOBODY) {
        plug();
    }
}

static char *new_file(const char *what)
{
    return g_strdup_printf("%s/%s%u", store, what, saves++);
}

static void come_back(void)
{
    g_autofree char *path = new_file("image");
    Moment then;

    if (has_image) {
        return;
    }
    has_image = true;
    qcxl_add_image(m, path);
    qcxl_snapshot(m, "snapshot-save");
    then.memory = memory_copy(&memory);
    memcpy(then.device, device, sizeof(device));
    memcpy(then.bridge, bridge, sizeof(bridge));
    memcpy(then.switches, switches, sizeof(switches));
    for (unsigned i = any(6); i; i--) {
        step_aside();
    }
    remake();
    qcxl_snapshot(m, "snapshot-load");
    memory_close(&memory);
    memory = then.memory;
    memcpy(device, then.device, sizeof(device));
    memcpy(bridge, then.bridge, sizeof(bridge));
    memcpy(switches, then.switches, sizeof(switches));
}

static void set_bandwidth(uint64_t bytes)
{
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate-set-parameters',"
                             "'arguments': { 'max-bandwidth': %" PRIu64
                             " } }", bytes);
}

/* Memory changes and moves while it is being sent, and after. */
static void send_to(const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    qtest_qmp_assert_success(m->qts, "{ 'execute':"
                             "'migrate-set-capabilities', 'arguments': {"
                             "'capabilities': [ { 'capability':"
                             "'pause-before-switchover',"
                             "'state': true } ] } }");
    set_bandwidth(1024 * 1024);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate',"
                             "'arguments': { 'uri': %s } }", uri);
    for (unsigned i = any(8); i; i--) {
        step_aside();
    }
    set_bandwidth(1ULL << 40);
    qcxl_wait_for_migration(m, "pre-switchover");
    paused = true;
    remake();
    for (unsigned i = any(4); i; i--) {
        step_aside();
    }
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate-continue',"
                             "'arguments': { 'state': 'pre-switchover' } }");
    qcxl_wait_for_migration(m, "completed");
    paused = false;
}

/* What is woven has files beside those of the devices. */
static void close_files(void)
{
    if (topology.store) {
        qcxl_store_remove((char *)topology.store);
    }
}

static void move_on(void)
{
    g_autofree char *path = new_file("state");
    QCXLTopology incoming = topology;
    QCXLMachine *from = m;

    send_to(path);
    incoming.more = "-incoming defer";
    incoming.store = topology.ram ? NULL : qcxl_store_new();
    m = qcxl_launch(&incoming);
    replug();
    g_assert_true(qcxl_load(m, path));
    g_unlink(path);
    qcxl_adopt(m, from);
    qcxl_stop(from);
    close_files();
    topology.store = incoming.store;
    if (any(2)) {
        use();
    }
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
    has_image = false;
    for (unsigned k = 0; k < slots; k++) {
        if (slot_of(k) == NOBODY) {
            forget_memory(k);   /* a backend that nobody uses stays behind */
        }
    }
}

/* -- a run --------------------------------------------------------------- */

static unsigned count_kind(const char *kind)
{
    QDict *answer = qtest_qmp(m->qts, "{ 'execute': 'query-cxl-mappings' }");
    const QListEntry *entry;
    unsigned count = 0;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, "return"), entry) {
        QDict *mapping = qobject_to(QDict, qlist_entry_obj(entry));

        count += !strcmp(qdict_get_str(mapping, "kind"), kind);
    }
    qobject_unref(answer);
    return count;
}

/* All that is known of @page of every device, in a range over all of them */
static void check_page(uint64_t base, uint64_t page)
{
    unsigned len = slots * PAGE;
    g_autofree uint8_t *buf = g_malloc(len);

    qtest_bufread(m->qts, base + page * slots, buf, len);
    check_bytes(base + page * slots, buf, len);
}

static void check_everything(void)
{
    uint64_t base = m->window[0].base;
    GList *places, *at;
    Shape s = {
        .across = topology.bridges, .wide = ports, .deep = fan,
        .granularity = m->window[0].granularity, .share = topology.size,
    };

    heal();
    fill_slots();
    reset_machine();
    destroy_ranges();
    program_range(0, base, s);
    for (unsigned k = 0; k < slots; k++) {
        g_assert_true(device[k].registers.committed[0]);
    }
    places = g_hash_table_get_keys(memory.page);
    for (at = places; at; at = at->next) {
        check_page(base, *(gint64 *)at->data & ((1ULL << 40) - 1));
    }
    g_list_free(places);
}

static void (*const steps[])(void) = {
    step_aside, step_aside, step_aside, step_aside, step_aside, step_aside,
    step_aside, step_aside, step_aside, step_aside, step_aside, step_aside,
    step_aside, step_aside, plug, take_out, come_back,
};

static unsigned rounds(void)
{
    const char *wanted = g_getenv("CXL_TEST_ROUNDS");

    return wanted ? atoi(wanted) : g_test_slow() ? 20 * STEPS : STEPS;
}

static uint32_t seed(void)
{
    const char *wanted = g_getenv("CXL_TEST_SEED");

    return wanted ? g_ascii_strtoull(wanted, NULL, 0) : 20;
}

/* In pieces as small as they come, or as large: QEMU inherits it. */
static void allow_huge_pages(bool allow)
{
#ifdef __linux__
    prctl(PR_SET_THP_DISABLE, !allow, 0, 0, 0);
#endif
}

static void start(const QCXLTopology *t)
{
    topology = *t;
    ports = t->ports;
    fan = MAX(t->fan[0], 1);
    slots = t->bridges * ports * fan;
    ranges = answered = woven = trapped = saves = 0;
    has_image = false;
    dice = g_rand_new_with_seed(seed());
    store = qcxl_store_new();
    memory_open(&memory);
    allow_huge_pages(t->bridges > 2);
    topology.store = t->ram ? NULL : qcxl_store_new();
    start_full();
    g_test_message("CXL_TEST_SEED=%u", seed());
}

static void stop(void)
{
    qcxl_stop(m);
    close_files();
    memory_close(&memory);
    qcxl_store_remove(store);
    g_rand_free(dice);
}

/* @kind: how most interleaves are reached */
static void run(const QCXLTopology *t, const char *kind)
{
    unsigned count = rounds();

    start(t);
    for (unsigned i = 0; i < count; i++) {
        if (i % 32 == 4) {
            come_back();
        } else if (i % 32 == 16) {
            move_on();
        }
        if (any(2)) {
            fill_slots();
        }
        steps[any(ARRAY_SIZE(steps))]();
        woven += count_kind("woven");
        trapped += count_kind("trapped");
        use();
    }
    check_everything();
    g_assert_cmpuint(count_kind(kind), ==, 1);
    g_test_message("%u pieces written, %u times woven, %u trapped",
                   answered, woven, trapped);
    /* A run in which nothing answers proves nothing. */
    g_assert_cmpuint(answered, >, count * ACCESSES);
    g_assert_cmpuint(!strcmp(kind, "woven") ? woven : trapped, >, count / 4);
    stop();
}

static void run_with(const char *option, QCXLTopology *t, const char *kind)
{
    g_autofree char *property = g_strdup_printf("weave=%s", option);

    weave = option;
    t->device = property;
    run(t, kind);
    weave = "auto";
}

static QCXLTopology two_bridges(void)
{
    return (QCXLTopology) {
        .bridges = 2, .ports = 4, .ram = true, .size = 2 * QCXL_UNIT,
        .window = {
            { .ways = 2, .size = 24 * QCXL_UNIT },
            { .ways = 1, .size = 12 * QCXL_UNIT },
            { .ways = 2, .size = 24 * QCXL_UNIT, .granularity = 8192,
              .by_xor = true },
        },
    };
}

static void test_bridges(void)
{
    QCXLTopology t = two_bridges();

    run(&t, "woven");
}

static void test_switches(void)
{
    QCXLTopology t = two_bridges();

    t.ports = 2;
    t.fan[0] = 2;
    run(&t, "woven");
}

static void test_thirds(void)
{
    QCXLTopology t = {
        .bridges = 3, .ports = 4, .ram = true, .size = QCXL_UNIT,
        .window = {
            { .ways = 3, .size = 15 * QCXL_UNIT },
            { .ways = 1, .size = 6 * QCXL_UNIT },
        },
    };

    run(&t, "woven");
}

static void test_sixteen(void)
{
    QCXLTopology t = {
        .bridges = 4, .ports = 4, .ram = true, .size = QCXL_UNIT,
        .window = {
            { .ways = 4, .size = 20 * QCXL_UNIT, .by_xor = true },
            { .ways = 2, .size = 12 * QCXL_UNIT, .granularity = 2048 },
            { .ways = 4, .size = 20 * QCXL_UNIT, .granularity = 512 },
        },
    };

    run(&t, "woven");
}

/* In shared files */
static void test_files(void)
{
    QCXLTopology t = two_bridges();

    t.ports = 2;
    t.ram = false;
    run_with("on", &t, "woven");
}

static void test_trapped(void)
{
    QCXLTopology t = two_bridges();

    t.ports = 2;
    run_with("off", &t, "trapped");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/memory/bridges", test_bridges);
    qtest_add_func("cxl/memory/switches", test_switches);
    qtest_add_func("cxl/memory/thirds", test_thirds);
    qtest_add_func("cxl/memory/sixteen", test_sixteen);
    qtest_add_func("cxl/memory/files", test_files);
    qtest_add_func("cxl/memory/trapped", test_trapped);
    return g_test_run();
}
