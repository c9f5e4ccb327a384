/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine that is plugged, pulled, committed and reset at random, and a
 * model of its registers: which device and DPA an address leads to.
 */
#ifndef TESTS_QTEST_CXL_MACHINE_MODEL_H
#define TESTS_QTEST_CXL_MACHINE_MODEL_H

#include "tests/qtest/libqos/cxl.h"
#include "qemu/host-utils.h"

#define MAX_SLOTS 16                    /* and as many devices */
#define DECODERS 4                      /* of those that a component has */
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
} Device;

static QCXLMachine *m;
static QCXLTopology topology;
static unsigned ports, fan;             /* fan: 1 without switches */
static unsigned slots;
static GRand *dice;
static const char *weave = "auto";      /* what all devices have */
static Device device[MAX_SLOTS];
static int in_slot[MAX_SLOTS];          /* a device or NOBODY */
static Registers bridge[QCXL_MAX_BRIDGES], switches[MAX_SLOTS];

static inline unsigned any(unsigned count)
{
    return g_rand_int_range(dice, 0, count);
}

static inline const QCXLDecoder *decoder_at(const Registers *r, uint64_t hpa,
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
static inline int port_for(const Registers *r, uint64_t hpa, unsigned count)
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

static inline const QCXLWindow *window_at(uint64_t hpa)
{
    unsigned w = m->windows - 1;

    while (w && hpa < m->window[w].base) {
        w--;
    }
    return &m->window[w];
}

/* Windows have the first bridges, in order. */
static inline int slot_for(uint64_t hpa)
{
    unsigned b = qcxl_window_position(window_at(hpa), hpa);
    int p = port_for(&bridge[b], hpa, ports);
    int below = 0;

    if (p >= 0 && topology.fan[0]) {
        below = port_for(&switches[b * ports + p], hpa, fan);
    }
    return p < 0 || below < 0 ? NOBODY : (b * ports + p) * fan + below;
}

/* The DPA at which device @k answers to @hpa, if it does */
static inline bool dpa_of(unsigned k, uint64_t hpa, uint64_t *dpa)
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

/* The device and the DPA that @hpa leads to; NOBODY for none */
static inline int answering(uint64_t hpa, uint64_t *dpa)
{
    int slot = slot_for(hpa);
    int k = slot < 0 ? NOBODY : in_slot[slot];

    return k >= 0 && device[k].mem && device[k].global &&
           dpa_of(k, hpa, dpa) ? k : NOBODY;
}

static inline QCXLDevice *found(unsigned slot)
{
    for (unsigned n = 0; n < m->devices; n++) {
        if (m->device[n].number == slot) {
            return &m->device[n];
        }
    }
    g_assert_not_reached();
}

static inline void enumerate(void)
{
    unsigned count = 0;

    qcxl_enumerate(m);
    for (unsigned s = 0; s < slots; s++) {
        count += in_slot[s] >= 0;
    }
    g_assert_cmpuint(m->devices, ==, count);
}

static inline const QCXLFunction *root_port(unsigned n)
{
    return &m->bridge[n / ports].port[n % ports].fn;
}

static inline const QCXLFunction *port_of(unsigned slot)
{
    return topology.fan[0] ? &m->sw[slot / fan].port[slot % fan].fn
                           : root_port(slot);
}

static inline void power(unsigned slot, uint16_t control)
{
    const QCXLFunction *fn = port_of(slot);

    qcxl_config_write(fn, qcxl_find_cap(fn, CAP_EXPRESS) + SLOT_CONTROL, 2,
                      control);
}

static inline void forget(int k)
{
    if (k >= 0) {
        device[k].registers = (Registers) { 0 };
        device[k].mem = device[k].global = false;
    }
}

static inline int any_slot(bool empty)
{
    unsigned first = any(slots);

    for (unsigned i = 0; i < slots; i++) {
        unsigned slot = (first + i) % slots;

        if ((in_slot[slot] < 0) == empty) {
            return slot;
        }
    }
    return NOBODY;
}

static inline int any_free_device(void)
{
    bool used[MAX_SLOTS] = { false };
    unsigned first = any(slots);

    for (unsigned s = 0; s < slots; s++) {
        if (in_slot[s] >= 0) {
            used[in_slot[s]] = true;
        }
    }
    for (unsigned i = 0; i < slots; i++) {
        if (!used[(first + i) % slots]) {
            return (first + i) % slots;
        }
    }
    return NOBODY;
}

static inline void add(unsigned k, unsigned slot)
{
    g_autofree char *id = g_strdup_printf("mem%u", k);
    g_autofree char *vm = g_strdup_printf("vm%u", k);
    g_autofree char *bus = g_strdup_printf(topology.fan[0] ? "ds0-%u"
                                                           : "rp%u", slot);

    qtest_qmp_device_add(m->qts, "cxl-type3", id, "{ 'bus': %s, 'sn': %u,"
                         "'weave': %s, 'volatile-memdev': %s }", bus,
                         0x1000 + k, weave, vm);
}

static inline void plug(void)
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

static inline void pull(unsigned k)
{
    g_autofree char *id = g_strdup_printf("mem%u", k);

    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cxl-surprise-remove',"
                             "'arguments': { 'path': %s } }", id);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
}

static inline void unplug(unsigned k, unsigned slot)
{
    g_autofree char *id = g_strdup_printf("mem%u", k);

    qtest_qmp_device_del_send(m->qts, id);
    power(slot, SLOT_LED_OFF | SLOT_POWER_OFF);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
}

/* The decoder after the last committed one, if there is one */
static inline void commit(Registers *r, uint64_t component,
                          const QCXLDecoder *d)
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

static inline void uncommit(Registers *r, uint64_t component)
{
    unsigned n = any(DECODERS);

    qcxl_hdm_uncommit(m, qcxl_hdm(m, component), n);
    r->committed[n] = false;
}

static inline void commit_router(Registers *r, uint64_t component,
                                 QCXLDecoder d, unsigned ways,
                                 unsigned granularity, unsigned first)
{
    d.ways = ways;
    d.granularity = granularity;
    for (unsigned i = 0; i < ways; i++) {
        d.target[i] = qcxl_port_number(first + i);
    }
    commit(r, component, &d);
}

static inline void commit_slot(unsigned slot, const QCXLDecoder *d)
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

/* Which ports of each bridge and of each switch below them a range is over */
typedef struct Shape {
    unsigned across;                    /* bridges, the first ones */
    unsigned wide, port;                /* how many ports from which on */
    unsigned deep, below;
    unsigned granularity;               /* of the lowest bits that select */
    bool upside_down;                   /* switches select before bridges */
    uint64_t share;                     /* bytes of each device */
} Shape;

static inline unsigned ways_of(const Shape *s)
{
    return s->across * s->wide * s->deep;
}

static inline Shape any_shape(unsigned w, unsigned granularity)
{
    Shape s = {
        .across = m->window[w].ways, .wide = 1 << any(ctz32(ports) + 1),
        .deep = 1 << any(ctz32(fan) + 1), .granularity = granularity,
        .share = QCXL_UNIT,
    };

    s.port = any(ports - s.wide + 1);
    s.below = any(fan - s.deep + 1);
    return s;
}

/* Multiples of three are left to the remainder: they use up no bit. */
static inline unsigned next_granularity(unsigned granularity, unsigned ways)
{
    return granularity << ctz32(ways);
}

static inline void program_port(unsigned p, const QCXLDecoder *d,
                                const Shape *s, unsigned granularity)
{
    for (unsigned i = s->below; i < s->below + s->deep; i++) {
        commit_slot(p * fan + i, d);
    }
    if (topology.fan[0]) {
        commit_router(&switches[p], m->sw[p].fn.component, *d, s->deep,
                      granularity, s->below);
    }
}

/* A range as a guest makes it; what does not take is left out. */
static inline void program_range(unsigned w, uint64_t base, Shape s)
{
    unsigned first = next_granularity(s.granularity, m->window[w].ways);
    unsigned wide = s.upside_down ? next_granularity(first, s.deep) : first;
    unsigned deep = s.upside_down ? first : next_granularity(first, s.wide);
    QCXLDecoder d = {
        .base = base, .size = s.share * ways_of(&s), .ways = ways_of(&s),
        .granularity = s.granularity,
    };

    for (unsigned b = 0; b < s.across; b++) {
        unsigned p0 = b * ports + s.port;

        for (unsigned p = p0; p < p0 + s.wide; p++) {
            program_port(p, &d, &s, s.deep > 1 ? deep : 256);
        }
        commit_router(&bridge[b], m->bridge[b].component, d, s.wide,
                      s.wide > 1 ? wide : 256, s.port);
    }
}

static inline void toggle(Device *d, const QCXLDevice *dev)
{
    bool *bit = any(2) ? &d->mem : &d->global;

    *bit = any(2);
    qcxl_config_write(&dev->fn, qcxl_find_dvsec(&dev->fn, DVSEC_DEVICE) +
                      0xc, 2, d->mem ? 4 : 0);
    qcxl_write(m, qcxl_hdm(m, dev->fn.component) + 4, 4, d->global ? 2 : 0);
}

/* Any component: what it decodes is changed, with no regard to others. */
static inline void meddle(void)
{
    unsigned b = any(topology.bridges), n = any(topology.bridges * ports);
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

/* Whatever is below @fn; its own DVSEC must not mask that. */
static inline void hot_reset(const QCXLFunction *fn)
{
    qcxl_config_write(fn, qcxl_find_dvsec(fn, DVSEC_PORT) + 0xc, 2, 1);
    qcxl_config_write(fn, BRIDGE_CONTROL, 2, SECONDARY_RESET);
    qcxl_config_write(fn, BRIDGE_CONTROL, 2, 0);
}

/* The devices of a new machine go where the old one's are. */
static inline void replug(void)
{
    for (unsigned k = 0; k < slots; k++) {
        pull(k);
    }
    for (unsigned s = 0; s < slots; s++) {
        if (in_slot[s] >= 0) {
            add(in_slot[s], s);
        }
    }
}

static inline void forget_routers(void)
{
    memset(bridge, 0, sizeof(bridge));
    memset(switches, 0, sizeof(switches));
}

/* All devices in their slots, nothing decoded */
static inline void start_full(void)
{
    m = qcxl_start(&topology);
    for (unsigned k = 0; k < slots; k++) {
        in_slot[k] = k;
        forget(k);
    }
    forget_routers();
}

#endif
