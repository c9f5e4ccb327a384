/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqos: a CXL machine, its command line and its life. */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "tests/qtest/libqos/cxl.h"
#include "qobject/qdict.h"

#define BUSES 240                       /* for all bridges */
#define SWITCH_CHASSIS 100              /* of the first level */

static const char *const kind_name[] = { "vm", "pm" };

char *qcxl_store_new(void)
{
    /* Where memory is in files, much waits for the disk, if there is one. */
    const char *where = access("/dev/shm", W_OK) || g_getenv("TMPDIR") ?
                        g_get_tmp_dir() : "/dev/shm";
    char *store = g_build_filename(where, "cxl-qtest-XXXXXX", NULL);

    g_assert_nonnull(g_mkdtemp(store));
    return store;
}

void qcxl_store_remove(char *store)
{
    GDir *dir = g_dir_open(store, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(store, name, NULL);

        g_unlink(path);
    }
    if (dir) {
        g_dir_close(dir);
    }
    g_rmdir(store);
    g_free(store);
}

static void add_option(GString *args, const char *option)
{
    if (option) {
        g_string_append_printf(args, ",%s", option);
    }
}

static void add_backend(GString *args, const QCXLTopology *t,
                        const char *store, const char *name, unsigned n,
                        uint64_t size)
{
    g_string_append_printf(args, " -object memory-backend-%s,id=%s%u,"
                           "size=%" PRIu64, t->ram ? "ram" : "file",
                           name, n, size);
    if (!t->ram) {
        g_string_append_printf(args, ",share=on,mem-path=%s/%s%u",
                               store, name, n);
    }
    add_option(args, t->backend);
}

static void add_device(GString *args, const QCXLTopology *t,
                       const char *store, const char *bus, unsigned n)
{
    static const char *const property[] = { "volatile", "persistent" };
    g_autoptr(GString) device = g_string_new(NULL);

    g_string_printf(device, " -device cxl-type3,id=mem%u,bus=%s,sn=%u",
                    n, bus, 0x1000 + n);
    for (unsigned kind = 0; kind < 2; kind++) {
        if (t->kinds & (1 << kind)) {
            add_backend(args, t, store, kind_name[kind], n, t->size);
            g_string_append_printf(device, ",%s-memdev=%s%u",
                                   property[kind], kind_name[kind], n);
        }
    }
    if (t->lsa) {
        add_backend(args, t, store, "lsa", n, t->lsa);
        g_string_append_printf(device, ",lsa=lsa%u", n);
    }
    if (t->metadata) {
        add_backend(args, t, store, "md", n, t->metadata);
        g_string_append_printf(device, ",metadata-memdev=md%u", n);
    }
    add_option(device, t->device);
    g_string_append(args, device->str);
}

uint8_t qcxl_bridge_bus(const QCXLTopology *t, unsigned b)
{
    return 15 + BUSES / t->bridges * b;
}

/* Neither from 0 nor consecutive: a target list must be looked up. */
uint8_t qcxl_port_number(unsigned p)
{
    return 2 * p + 5;
}

static void add_below(GString *args, const QCXLTopology *t,
                      const char *store, const char *bus, unsigned level,
                      unsigned n);

static void add_downstream(GString *args, const QCXLTopology *t,
                           const char *store, unsigned level, unsigned n,
                           unsigned p)
{
    unsigned number = n * t->fan[level] + p;
    g_autofree char *id = g_strdup_printf("ds%u-%u", level, number);

    g_string_append_printf(args, " -device cxl-downstream,id=%s,bus=us%u-%u,"
                           "addr=%x.0,port=%u,chassis=%u,slot=%u",
                           id, level, n, p, qcxl_port_number(p),
                           SWITCH_CHASSIS + level, number + 1);
    add_option(args, t->downstream);
    add_below(args, t, store, id, level + 1, number);
}

/* What is at the end of the link of port @n, at its level. */
static void add_below(GString *args, const QCXLTopology *t,
                      const char *store, const char *bus, unsigned level,
                      unsigned n)
{
    if (level == QCXL_MAX_LEVELS || !t->fan[level]) {
        add_device(args, t, store, bus, n);
        return;
    }
    g_string_append_printf(args, " -device cxl-upstream,id=us%u-%u,bus=%s",
                           level, n, bus);
    add_option(args, t->upstream);
    for (unsigned p = 0; p < t->fan[level]; p++) {
        add_downstream(args, t, store, level, n, p);
    }
}

static void add_bridge(GString *args, const QCXLTopology *t,
                       const char *store, unsigned b)
{
    g_string_append_printf(args, " -device pxb-cxl,id=cxl%u,bus=pcie.0,"
                           "bus_nr=%u", b, qcxl_bridge_bus(t, b));
    add_option(args, t->bridge);
    for (unsigned p = 0; p < t->ports; p++) {
        unsigned n = b * t->ports + p;
        g_autofree char *id = g_strdup_printf("rp%u", n);

        g_string_append_printf(args, " -device cxl-rp,id=%s,bus=cxl%u,"
                               "addr=%x.0,port=%u,chassis=%u,slot=%u",
                               id, b, p, qcxl_port_number(p), b, n + 1);
        if (p < t->ports - t->empty) {
            add_below(args, t, store, id, 0, n);
        }
    }
}

static void add_windows(GString *args, const QCXLTopology *t)
{
    for (unsigned w = 0; w < QCXL_MAX_WINDOWS && t->window[w].ways; w++) {
        g_string_append_printf(args, ",cxl-fmw.%u.size=%" PRIu64
                               ",cxl-fmw.%u.interleave-granularity=%" PRIu64,
                               w, t->window[w].size, w,
                               t->window[w].granularity ?: 256);
        if (t->window[w].by_xor) {
            g_string_append_printf(args, ",cxl-fmw.%u.interleave-arithmetic="
                                   "xor", w);
        }
        for (unsigned i = 0; i < t->window[w].ways; i++) {
            g_string_append_printf(args, ",cxl-fmw.%u.targets.%u=cxl%u",
                                   w, i, i);
        }
    }
}

static void set_defaults(QCXLTopology *t)
{
    t->kinds = t->kinds ?: QCXL_VOLATILE;
    t->size = t->size ?: QCXL_UNIT;
}

char *qcxl_arguments(const QCXLTopology *topology, const char *store)
{
    GString *args = g_string_new("-nodefaults -m 32M -machine q35,cxl=on");
    QCXLTopology t = *topology;

    set_defaults(&t);
    add_windows(args, &t);
    add_option(args, t.machine);
    for (unsigned b = 0; b < t.bridges; b++) {
        add_bridge(args, &t, store, b);
    }
    g_string_append_printf(args, " %s", t.more ?: "");
    return g_string_free(args, FALSE);
}

uint64_t qcxl_read(const QCXLMachine *m, uint64_t address, unsigned size)
{
    switch (size) {
    case 1:
        return qtest_readb(m->qts, address);
    case 2:
        return qtest_readw(m->qts, address);
    case 4:
        return qtest_readl(m->qts, address);
    default:
        g_assert_cmpuint(size, ==, 8);
        return qtest_readq(m->qts, address);
    }
}

void qcxl_write(const QCXLMachine *m, uint64_t address, unsigned size,
                uint64_t value)
{
    switch (size) {
    case 1:
        qtest_writeb(m->qts, address, value);
        break;
    case 2:
        qtest_writew(m->qts, address, value);
        break;
    case 4:
        qtest_writel(m->qts, address, value);
        break;
    default:
        g_assert_cmpuint(size, ==, 8);
        qtest_writeq(m->qts, address, value);
    }
}

static uint8_t *map_file(const QCXLMachine *m, const char *name, unsigned n)
{
    g_autofree char *path = g_strdup_printf("%s/%s%u", m->store, name, n);
    int fd = open(path, O_RDWR);
    uint8_t *host;

    g_assert_cmpint(fd, >=, 0);
    host = mmap(NULL, m->topology.size, PROT_READ | PROT_WRITE, MAP_SHARED,
                fd, 0);
    g_assert_true(host != MAP_FAILED);
    close(fd);
    return host;
}

static void map_files(QCXLMachine *m)
{
    const QCXLTopology *t = &m->topology;

    for (unsigned n = 0; n < m->devices; n++) {
        QCXLDevice *dev = &m->device[n];

        for (unsigned kind = 0; kind < 2; kind++) {
            if (t->kinds & (1 << kind)) {
                dev->host[kind] = map_file(m, kind_name[kind], dev->number);
            }
        }
    }
}

QCXLMachine *qcxl_launch(const QCXLTopology *topology)
{
    QCXLMachine *m = g_new0(QCXLMachine, 1);
    g_autofree char *args = NULL;

    m->topology = *topology;
    set_defaults(&m->topology);
    m->store = topology->store ? g_strdup(topology->store)
                               : qcxl_store_new();
    args = qcxl_arguments(&m->topology, m->store);
    m->qts = qtest_init(args);
    return m;
}

QCXLMachine *qcxl_start(const QCXLTopology *topology)
{
    QCXLMachine *m = qcxl_launch(topology);

    qcxl_enumerate(m);
    qcxl_read_cedt(m);
    if (!topology->ram) {
        map_files(m);
    }
    if (!topology->store) {
        /* Open or mapped where needed: nothing stays behind. */
        qcxl_store_remove(g_steal_pointer(&m->store));
    }
    return m;
}

static void forget(QCXLMachine *m)
{
    for (unsigned n = 0; n < QCXL_MAX_DEVICES; n++) {
        for (unsigned kind = 0; kind < 2; kind++) {
            if (m->device[n].host[kind]) {
                munmap(m->device[n].host[kind], m->topology.size);
            }
        }
    }
    if (m->store && !m->topology.store) {
        qcxl_store_remove(g_steal_pointer(&m->store));
    }
    g_free(m->store);
    g_free(m);
}

void qcxl_stop(QCXLMachine *m)
{
    qtest_quit(m->qts);
    forget(m);
}

/* libqtest takes a signal for a failure: its state is left to the system. */
void qcxl_kill(QCXLMachine *m)
{
    pid_t pid = qtest_pid(m->qts);
    int status;

    qtest_remove_abrt_handler(m->qts);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status));
    forget(m);
}

/* Waits for the end of a migration; was it a good one? */
static bool migrated(QTestState *qts)
{
    for (;;) {
        QDict *answer = qtest_qmp_assert_success_ref(
            qts, "{ 'execute': 'query-migrate' }");
        const char *status = qdict_get_try_str(answer, "status");
        bool done = status && !strcmp(status, "completed");
        bool failed = status && !strcmp(status, "failed");

        qobject_unref(answer);
        if (done || failed) {
            return done;
        }
        g_usleep(2000);
    }
}

void qcxl_save(const QCXLMachine *m, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate',"
                             "'arguments': { 'uri': %s } }", uri);
    g_assert_true(migrated(m->qts));
}

bool qcxl_load(const QCXLMachine *m, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate-incoming',"
                             "'arguments': { 'uri': %s,"
                             "'exit-on-error': false } }", uri);
    return migrated(m->qts);
}
