/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors that QMP injects: what RAS records, and how far AER carries them. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-errors.h"
#include "qobject/qdict.h"

#define CAP_MSI 0x05
#define CAP_EXPRESS 0x10
#define LINK_CAPABILITIES 0x0c      /* in it */
#define SLOT_CONTROL 0x18
#define SLOT_POWER_OFF 0x400
#define SLOT_LED_OFF 0x300

static const char *const ce_type[] = {
    "cache-data-ecc", "mem-data-ecc", "crc-threshold", "retry-threshold",
    "cache-poison-received", "mem-poison-received", "physical",
};

static const struct {
    const char *type;
    unsigned bit;
} ue[] = {
    { "cache-data-parity", 0 }, { "cache-address-parity", 1 },
    { "cache-be-parity", 2 }, { "cache-data-ecc", 3 },
    { "mem-data-parity", 4 }, { "mem-address-parity", 5 },
    { "mem-be-parity", 6 }, { "mem-data-ecc", 7 },
    { "reinit-threshold", 8 }, { "rsvd-encoding", 9 },
    { "poison-received", 10 }, { "receiver-overflow", 11 },
    { "internal", 14 }, { "cxl-ide-tx", 15 }, { "cxl-ide-rx", 16 },
};

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

static uint16_t requester(const QCXLFunction *fn)
{
    return fn->bus << 8 | fn->devfn;
}

static void check_ce(const char *path, unsigned n)
{
    const QCXLFunction *fn = function(path);

    qcxl_inject_ce(m, path, ce_type[n]);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_CE_STATUS), ==, 1u << n);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_COR_STATUS), ==, COR_INTERNAL);
    g_assert_cmphex(qcxl_aer_read(root, AER_ROOT_SOURCE) & 0xffff, ==,
                    requester(fn));
    g_assert_cmphex(qcxl_root_take_status(root), ==, ROOT_COR);
    g_assert_true(qcxl_root_take_interrupt(root));
    qcxl_ras_write(fn, RAS_CE_STATUS, 1u << n);
    qcxl_aer_write(fn, AER_COR_STATUS, COR_INTERNAL);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_CE_STATUS), ==, 0);
}

static void test_correctable(void)
{
    start_reporting();
    for (unsigned i = 0; i < ARRAY_SIZE(component); i++) {
        for (unsigned n = 0; n < ARRAY_SIZE(ce_type); n++) {
            g_test_message("%s %s", component[i], ce_type[n]);
            check_ce(component[i], n);
        }
    }
    qcxl_stop(m);
}

static void check_ue(const char *path, unsigned n)
{
    const QCXLFunction *fn = function(path);
    unsigned link = qcxl_find_cap(fn, CAP_EXPRESS) + LINK_CAPABILITIES;
    uint32_t capabilities = qcxl_config_read(fn, link, 4);

    qcxl_inject_ue(m, path, ue[n].type, 0x12345678 + n);
    g_assert_cmphex(qcxl_config_read(fn, link, 4), ==, capabilities);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 1u << ue[n].bit);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_CE_STATUS), ==, 0);
    g_assert_cmpuint(qcxl_ras_first(fn), ==, ue[n].bit);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 0x12345678 + n);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG + 4), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_STATUS), ==, UNCOR_INTERNAL);
    g_assert_cmphex(qcxl_aer_read(root, AER_ROOT_SOURCE) >> 16, ==, requester(fn));
    g_assert_cmphex(qcxl_root_take_status(root), ==, ROOT_UNCOR | ROOT_FATAL);
    g_assert_true(qcxl_root_take_interrupt(root));
    qcxl_ras_write(fn, RAS_UE_STATUS, 1u << ue[n].bit);
    qcxl_aer_write(fn, AER_UNCOR_STATUS, UNCOR_INTERNAL);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 0);
}

static void test_uncorrectable(void)
{
    start_reporting();
    for (unsigned i = 0; i < ARRAY_SIZE(component); i++) {
        for (unsigned n = 0; n < ARRAY_SIZE(ue); n++) {
            g_test_message("%s %s", component[i], ue[n].type);
            check_ue(component[i], n);
        }
    }
    qcxl_stop(m);
}

/* All of the header log's dwords, then fewer */
static void test_header_log(void)
{
    const QCXLFunction *fn;

    start_reporting();
    fn = function("mem0");
    qtest_qmp_assert_success(m->qts,
        "{ 'execute': 'cxl-inject-uncorrectable-errors', 'arguments':"
        "{ 'path': 'mem0', 'errors': [ { 'type': 'mem-data-ecc', 'header':"
        "[ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 4294967295 ]"
        "} ] } }");
    for (unsigned n = 0; n < 15; n++) {
        g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG + 4 * n), ==, n + 1);
    }
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG + 60), ==, UINT32_MAX);
    qcxl_ras_write(fn, RAS_UE_STATUS, UINT32_MAX);
    qtest_qmp_assert_success(m->qts,
        "{ 'execute': 'cxl-inject-uncorrectable-errors', 'arguments':"
        "{ 'path': 'mem0', 'errors':"
        "[ { 'type': 'mem-data-ecc', 'header': [] } ] } }");
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 0x80);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 0);
    qcxl_stop(m);
}

/* What RAS masks leaves a status bit, and no more. */
static void test_ras_mask(void)
{
    const QCXLFunction *fn;

    start_reporting();
    fn = function("mem0");
    qcxl_ras_write(fn, RAS_UE_MASK, RAS_UE_ALL);
    qcxl_ras_write(fn, RAS_CE_MASK, RAS_CE_ALL);
    qcxl_inject_ue(m, "mem0", "internal", 7);
    qcxl_inject_ce(m, "mem0", "physical");
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 1 << 14);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_CE_STATUS), ==, 1 << 6);
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_STATUS), ==, 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_COR_STATUS), ==, 0);
    g_assert_cmphex(qcxl_root_take_status(root), ==, 0);
    g_assert_false(qcxl_root_take_interrupt(root));
    qcxl_stop(m);
}

/* What AER masks, as it does at power-on, stays in the function. */
static void test_aer_mask(void)
{
    const QCXLFunction *fn;

    start(NULL);
    fn = function("mem0");
    qcxl_errors_report(fn);
    qcxl_errors_report(function("ds0-0"));
    qcxl_errors_report(function("us0-0"));
    qcxl_errors_report(root);
    qcxl_root_interrupts(root);
    qcxl_ras_write(fn, RAS_UE_MASK, 0);
    qcxl_ras_write(fn, RAS_CE_MASK, 0);
    qcxl_inject_ue(m, "mem0", "internal", 7);
    qcxl_inject_ce(m, "mem0", "physical");
    g_assert_cmphex(qcxl_ras_read(fn, RAS_HEADER_LOG), ==, 7);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_STATUS), ==, UNCOR_INTERNAL);
    g_assert_cmphex(qcxl_aer_read(fn, AER_COR_STATUS), ==, COR_INTERNAL);
    g_assert_cmphex(qcxl_root_take_status(root), ==, 0);
    g_assert_false(qcxl_root_take_interrupt(root));
    qcxl_stop(m);
}

static uint32_t signalled(uint32_t ras_severity, uint32_t aer_severity)
{
    const QCXLFunction *fn = function("mem0");
    uint32_t status;

    qcxl_ras_write(fn, RAS_UE_SEVERITY, ras_severity);
    qcxl_aer_write(fn, AER_UNCOR_SEVERITY, aer_severity);
    qcxl_inject_ue(m, "mem0", "mem-data-ecc", 0);
    g_assert_cmphex(qcxl_aer_read(fn, AER_UNCOR_SEVERITY), ==, aer_severity);
    qcxl_ras_write(fn, RAS_UE_STATUS, UINT32_MAX);
    qcxl_aer_write(fn, AER_UNCOR_STATUS, UINT32_MAX);
    status = qcxl_root_take_status(root);
    g_assert_cmphex(status & ROOT_UNCOR, ==, ROOT_UNCOR);
    g_assert_true(qcxl_root_take_interrupt(root));
    return status & (ROOT_FATAL | ROOT_NONFATAL);
}

/* Fatal only where both registers say so */
static void test_severity(void)
{
    start_reporting();
    g_assert_cmphex(signalled(0x80, UNCOR_INTERNAL), ==, ROOT_FATAL);
    g_assert_cmphex(signalled(RAS_UE_ALL & ~0x80, UNCOR_INTERNAL), ==,
                    ROOT_NONFATAL);
    g_assert_cmphex(signalled(0x80, 0), ==, ROOT_NONFATAL);
    g_assert_cmphex(signalled(0, 0), ==, ROOT_NONFATAL);
    qcxl_stop(m);
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

static void test_several(void)
{
    const QCXLFunction *fn;

    start_reporting();
    fn = function("mem0");
    qcxl_ras_write(fn, RAS_UE_SEVERITY, 0x400);
    inject_three();
    /* Told of once, as the gravest */
    g_assert_cmphex(qcxl_aer_read(root, AER_ROOT_STATUS) & 0x7f, ==,
                    ROOT_UNCOR | ROOT_FATAL | 0x10);
    g_assert_true(qcxl_root_take_interrupt(root));
    check_three();
    inject_three();
    qcxl_ras_write(fn, RAS_UE_STATUS, qcxl_ras_read(fn, RAS_UE_STATUS));
    g_assert_cmphex(qcxl_ras_read(fn, RAS_UE_STATUS), ==, 0);
    qcxl_stop(m);
}

/* QMP answers with an error that has @words in it, and nothing changes. */
static void check_refused(const char *path, const char *errors,
                          const char *words)
{
    g_autofree char *command = g_strdup_printf(
        "{ 'execute': 'cxl-inject-uncorrectable-errors', 'arguments':"
        "{ 'path': '%s', 'errors': %s } }", path, errors);
    QDict *answer = qtest_qmp(m->qts, command, NULL);
    const char *desc;

    g_assert_true(qdict_haskey(answer, "error"));
    desc = qdict_get_str(qdict_get_qdict(answer, "error"), "desc");
    g_test_message("%s", desc);
    g_assert_nonnull(strstr(desc, words));
    qobject_unref(answer);
    g_assert_cmphex(qcxl_ras_read(function("mem0"), RAS_UE_STATUS), ==, 0);
}

static void test_refusals(void)
{
    static const char one[] = "[ { 'type': 'internal', 'header': [] } ]";

    start(NULL);
    check_refused("nothing", one, "no device");
    check_refused("/machine", one, "no device");
    check_refused("", one, "several devices");
    check_refused("vm0", one, "no device");
    check_refused("cxl0", one, "root ports");
    check_refused("mch", one, "no RAS");
    check_refused("mem0", "[]", "at least one");
    check_refused("mem0", "[ { 'type': 'rust', 'header': [] } ]", "rust");
    check_refused("mem0", "[ { 'type': 'internal', 'header':"
                  "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16] },"
                  "{ 'type': 'internal', 'header':"
                  "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17] } ]",
                  "errors[1].header");
    check_refused("mem0", "[ { 'type': 'internal', 'header':"
                  "[ 4294967296 ] } ]", "uint32");
    qcxl_inject_ce(m, "/machine/peripheral/mem0", "physical");
    g_assert_cmphex(qcxl_ras_read(function("mem0"), RAS_CE_STATUS), ==, 0x40);
    qcxl_stop(m);
}

/* A slot without power: there is nobody who could tell. */
static void test_powered_off(void)
{
    const QCXLFunction *port;
    unsigned cap;

    start(NULL);
    port = &m->sw[0].port[1].fn;
    cap = qcxl_find_cap(port, CAP_EXPRESS);
    qcxl_config_write(port, cap + SLOT_CONTROL, 2, SLOT_POWER_OFF);
    check_refused("mem1", "[ { 'type': 'internal', 'header': [] } ]",
                  "slot is off");
    qcxl_stop(m);
}

/* The message tells the slot to let go of its device, which is gone then. */
static void test_own_slot(void)
{
    unsigned msi, slot;
    uint64_t address;

    start_reporting();
    msi = qcxl_find_cap(root, CAP_MSI);
    slot = qcxl_find_cap(root, CAP_EXPRESS) + SLOT_CONTROL;
    address = qcxl_config_address(root, slot);
    qcxl_config_write(root, msi + 4, 4, address);
    qcxl_config_write(root, msi + 8, 4, address >> 32);
    qcxl_config_write(root, msi + 12, 2, SLOT_POWER_OFF | SLOT_LED_OFF);
    qcxl_inject_ue(m, "mem0", "internal", 1);
    g_assert_cmphex(qcxl_config_read(&m->sw[0].fn, 0, 4), ==, UINT32_MAX);
    g_assert_cmphex(qcxl_config_read(root, slot, 2) & SLOT_POWER_OFF, ==,
                    SLOT_POWER_OFF);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/ras/correctable", test_correctable);
    qtest_add_func("cxl/ras/uncorrectable", test_uncorrectable);
    qtest_add_func("cxl/ras/header-log", test_header_log);
    qtest_add_func("cxl/ras/ras-mask", test_ras_mask);
    qtest_add_func("cxl/ras/aer-mask", test_aer_mask);
    qtest_add_func("cxl/ras/severity", test_severity);
    qtest_add_func("cxl/ras/several", test_several);
    qtest_add_func("cxl/ras/refusals", test_refusals);
    qtest_add_func("cxl/ras/powered-off", test_powered_off);
    qtest_add_func("cxl/ras/own-slot", test_own_slot);
    return g_test_run();
}
