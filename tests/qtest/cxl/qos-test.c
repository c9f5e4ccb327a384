/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quality of service: what _DSM answers to a performance, groups and limits
 * of windows, CDAT of devices with a performance of their own, generic ports.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "tests/qtest/libqos/cxl-aml.h"
#include "qemu/bswap.h"

#define UUID_BYTES 16
#define MAX_GROUPS 8

/* F365F9A6-A7DE-4071-A66A-B40C0B4F8E52, as ACPI's ToUUID lays it out */
static const uint8_t qtg_uuid[UUID_BYTES] = {
    0xa6, 0xf9, 0x65, 0xf3, 0xde, 0xa7, 0x71, 0x40,
    0xa6, 0x6a, 0xb4, 0x0c, 0x0b, 0x4f, 0x8e, 0x52,
};

/* Read and write latency in ps, read and write bandwidth in MB/s */
typedef struct Performance {
    uint32_t of[4];
} Performance;

static QCXLMachine *m;
static GByteArray *tables;

static void start(const char *machine, const char *device, const char *more)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .machine = machine, .device = device,
        .more = more,
    };

    for (unsigned w = 0; w < 4; w++) {
        topology.window[w] = (QCXLWindowOptions) {
            .ways = 1, .size = QCXL_UNIT, .granularity = 256,
        };
    }
    m = qcxl_start(&topology);
    tables = qcxl_acpi_tables(m);
}

static void stop(void)
{
    g_byte_array_unref(tables);
    qcxl_stop(m);
}

/* Call _DSM of ACPI0017. */
static QAmlValue dsm(const uint8_t *uuid, unsigned function,
                     const Performance *performance)
{
    const uint8_t *hid = memmem(tables->data, tables->len, "ACPI0017", 8);
    uint8_t package[4 * 5];
    QAmlValue arg[4] = {
        { .kind = QAML_BUFFER, .bytes = uuid, .len = UUID_BYTES },
        { .kind = QAML_INTEGER, .n = 1 },
        { .kind = QAML_INTEGER, .n = function },
        { .kind = QAML_PACKAGE, .n = 4, .bytes = package,
          .len = sizeof(package) },
    };

    for (unsigned i = 0; i < 4; i++) {
        package[5 * i] = 0x0c;              /* DWordPrefix */
        stl_le_p(package + 5 * i + 1, performance->of[i]);
    }
    g_assert_nonnull(hid);
    return qaml_call(hid, tables->data + tables->len - hid, "_DSM", arg, 4);
}

/* Function 1's answer is @greatest and the @count ids in @id. */
static void check_answer(const Performance *performance, uint16_t greatest,
                         const uint16_t *id, unsigned count)
{
    QAmlValue answer = dsm(qtg_uuid, 1, performance);
    QAmlValue groups = qaml_element(&answer, 1);

    g_assert_cmpuint(answer.n, ==, 2);
    g_assert_cmpuint(qaml_element(&answer, 0).kind, ==, QAML_INTEGER);
    g_assert_cmpuint(qaml_element(&answer, 0).n, ==, greatest);
    g_assert_cmpuint(groups.n, ==, count);
    for (unsigned i = 0; i < count; i++) {
        g_assert_cmpuint(qaml_element(&groups, i).n, ==, id[i]);
    }
}

static void check_buffer(QAmlValue value, uint8_t byte)
{
    g_assert_cmpuint(value.kind, ==, QAML_BUFFER);
    g_assert_cmpmem(value.bytes, value.len, &byte, 1);
}

/* All windows in group 0: the bytes that the base's ACPI test knows. */
static void test_plain(void)
{
    static const Performance points[] = {
        { { 0 } },
        { { 150000, 150000, 16000, 16000 } },
        { { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX } },
    };
    static const uint16_t id[] = { 0, 1 };

    start(NULL, NULL, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(points); i++) {
        check_answer(&points[i], 1, id, 2);
    }
    check_buffer(dsm(qtg_uuid, 0, &points[0]), 0x01);
    stop();
}

static void test_functions(void)
{
    static const uint8_t other[UUID_BYTES] = { 1 };
    Performance any = { { 1, 1, 1, 1 } };

    start("cxl-fmw.1.qtg=1", NULL, NULL);
    check_buffer(dsm(qtg_uuid, 0, &any), 0x03);
    check_buffer(dsm(qtg_uuid, 2, &any), 0x00);
    check_buffer(dsm(other, 1, &any), 0x00);
    stop();
}

/* Groups without limits: the least id is best, whatever the memory. */
static void test_no_limits(void)
{
    static const uint16_t id[] = { 0, 2, 9 };
    Performance worst = { { UINT32_MAX, UINT32_MAX, 0, 0 } };
    Performance best = { { 0, 0, UINT32_MAX, UINT32_MAX } };

    start("cxl-fmw.0.qtg=9,cxl-fmw.1.qtg=2,cxl-fmw.2.qtg=9", NULL, NULL);
    check_answer(&worst, 9, id, 3);
    check_answer(&best, 9, id, 3);
    g_assert_cmpuint(m->window[0].qtg, ==, 9);
    g_assert_cmpuint(m->window[1].qtg, ==, 2);
    g_assert_cmpuint(m->window[2].qtg, ==, 9);
    g_assert_cmpuint(m->window[3].qtg, ==, 0);
    stop();
}

/* Most demanding first; ps, not ns; 0 and UINT32_MAX: no limit */
typedef struct Group {
    uint16_t id;
    uint32_t most, least;
} Group;

static bool suits(const Performance *p, const Group *group)
{
    return p->of[0] <= group->most && p->of[1] <= group->most &&
           p->of[2] >= group->least && p->of[3] >= group->least;
}

static void check_point(const Performance *p, const Group *group,
                        unsigned count, uint16_t greatest)
{
    uint16_t id[MAX_GROUPS];
    unsigned best = 0, n = 0;

    while (best < count - 1 && !suits(p, &group[best])) {
        best++;
    }
    for (unsigned i = best; i < count; i++) {
        id[n++] = group[i].id;
    }
    for (int i = best - 1; i >= 0; i--) {
        id[n++] = group[i].id;
    }
    check_answer(p, greatest, id, count);
}

/* On, below and above every limit, in each of the four numbers */
static void check_points(const Group *group, unsigned count,
                         uint16_t greatest)
{
    static const uint32_t latency[] = {
        0, 99999, 100000, 100001, 299999, 300000, 300001, 0x7fffffff,
        0x80000000, UINT32_MAX,
    };
    static const uint32_t bandwidth[] = {
        0, 4999, 5000, 5001, 19999, 20000, 20001, 0x80000000, UINT32_MAX,
    };

    for (unsigned a = 0; a < ARRAY_SIZE(latency); a++) {
        for (unsigned b = 0; b < ARRAY_SIZE(latency); b++) {
            for (unsigned c = 0; c < ARRAY_SIZE(bandwidth); c++) {
                for (unsigned d = 0; d < ARRAY_SIZE(bandwidth); d++) {
                    Performance p = { { latency[a], latency[b],
                                        bandwidth[c], bandwidth[d] } };

                    check_point(&p, group, count, greatest);
                }
            }
        }
    }
}

static void test_limits(void)
{
    static const Group group[] = {
        { 6, 100000, 20000 },
        { 1, 300000, 20000 },
        { 500, 300000, 5000 },
        { 0, UINT32_MAX, 0 },
    };

    start("cxl-fmw.0.qtg=500,cxl-fmw.0.qtg-max-latency=300,"
          "cxl-fmw.0.qtg-min-bandwidth=5000,"
          "cxl-fmw.2.qtg=6,cxl-fmw.2.qtg-max-latency=100,"
          "cxl-fmw.2.qtg-min-bandwidth=20000,"
          "cxl-fmw.3.qtg=1,cxl-fmw.3.qtg-max-latency=300,"
          "cxl-fmw.3.qtg-min-bandwidth=20000", NULL, NULL);
    check_points(group, ARRAY_SIZE(group), 500);
    stop();
}

/* Limits that do not nest; the last group takes what suits none. */
static void test_either_limit(void)
{
    static const Group group[] = {
        { 3, 100000, 0 },
        { 2, 300000, 20000 },
        { 4, UINT32_MAX, 5000 },
    };

    start("cxl-fmw.0.qtg=4,cxl-fmw.0.qtg-min-bandwidth=5000,"
          "cxl-fmw.1.qtg=3,cxl-fmw.1.qtg-max-latency=100,"
          "cxl-fmw.2.qtg=2,cxl-fmw.2.qtg-max-latency=300,"
          "cxl-fmw.3.qtg=2,cxl-fmw.3.qtg-min-bandwidth=20000", NULL, NULL);
    check_points(group, ARRAY_SIZE(group), 4);
    stop();
}

/* The product of entry and unit in the DSLBIS of @type, 0 if there is none */
static uint64_t cdat_value(const GByteArray *cdat, unsigned type)
{
    for (unsigned at = 16; at < cdat->len;
         at += lduw_le_p(cdat->data + at + 2)) {
        const uint8_t *entry = cdat->data + at;

        if (entry[0] == 1 && entry[6] == type) {
            return ldq_le_p(entry + 8) * lduw_le_p(entry + 16);
        }
    }
    return 0;
}

static void check_cdat(const char *device, const uint64_t expected[6])
{
    g_autoptr(GByteArray) cdat = NULL;

    start(NULL, device, NULL);
    cdat = qcxl_cdat(&m->device[0].fn);
    for (unsigned type = 0; type < 6; type++) {
        g_assert_cmpuint(cdat_value(cdat, type), ==, expected[type]);
    }
    stop();
}

/* By data type: 1 and 2 latencies in ps, 4 and 5 bandwidths in MB/s */
static void test_cdat(void)
{
    static const uint64_t usual[] = { 0, 150000, 250000, 0, 16000, 16000 };
    static const uint64_t given[] = { 0, 1000, 65534000, 0, 1, 65534 };
    static const uint64_t part[] = { 0, 0, 321000, 0, 0, 16000 };
    static const uint64_t most[] = { 0, 4294900000, 250000, 0,
                                     4294900000, 16000 };

    check_cdat(NULL, usual);
    check_cdat("read-latency=1,write-latency=65534,read-bandwidth=1,"
               "write-bandwidth=65534", given);
    check_cdat("read-latency=0,write-latency=321,read-bandwidth=0", part);
    check_cdat("read-latency=4294967,read-bandwidth=4294967295", most);
}

static const uint8_t *table(const char *signature)
{
    const uint8_t *found = memmem(tables->data, tables->len, signature, 4);

    g_assert_nonnull(found);
    return found;
}

/* ACPI r6.5: Generic Port Affinity Structure; the UID is the bus number. */
static void check_srat(unsigned node, unsigned uid)
{
    const uint8_t *srat = table("SRAT");
    uint32_t length = ldl_le_p(srat + 4);
    unsigned ports = 0;

    for (unsigned at = 48; at < length; at += srat[at + 1]) {
        const uint8_t *s = srat + at;

        g_assert_cmpuint(s[1], !=, 0);
        if (s[0] != 6) {
            continue;
        }
        ports++;
        g_assert_cmpuint(s[1], ==, 32);
        g_assert_cmpuint(s[3], ==, 0);
        g_assert_cmpuint(ldl_le_p(s + 4), ==, node);
        g_assert_cmpmem(s + 8, 8, "ACPI0016", 8);
        g_assert_cmpuint(ldl_le_p(s + 16), ==, uid);
        g_assert_cmpuint(ldl_le_p(s + 24), ==, 1);
    }
    g_assert_cmpuint(ports, ==, 1);
}

/* ACPI r6.5: from domain 0 to @target, in ps or MB/s; 0 if not there */
static uint64_t hmat_value(unsigned type, unsigned target)
{
    const uint8_t *hmat = table("HMAT");
    uint32_t length = ldl_le_p(hmat + 4);

    for (unsigned at = 40; at < length; at += ldl_le_p(hmat + at + 4)) {
        const uint8_t *s = hmat + at;

        g_assert_cmpuint(ldl_le_p(s + 4), !=, 0);
        if (lduw_le_p(s) == 1 && s[9] == type) {
            unsigned from = ldl_le_p(s + 12), to = ldl_le_p(s + 16);
            const uint8_t *entries = s + 32 + 4 * (from + to);

            g_assert_cmpuint(from, ==, 1);
            g_assert_cmpuint(target, <, to);
            g_assert_cmpuint(ldl_le_p(s + 32), ==, 0);
            g_assert_cmpuint(ldl_le_p(s + 36 + 4 * target), ==, target);
            return ldq_le_p(s + 24) * lduw_le_p(entries + 2 * target);
        }
    }
    return 0;
}

#define LB " -numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type="

static void test_generic_port(void)
{
    start("hmat=on", NULL,
          "-object memory-backend-ram,id=ram,size=32M "
          "-numa node,nodeid=0,memdev=ram,cpus=0 -numa node,nodeid=1 "
          "-object acpi-generic-port,id=gp0,pci-bus=cxl0,node=1 "
          LB "read-latency,latency=37" LB "write-latency,latency=41"
          LB "read-bandwidth,bandwidth=30001M"
          LB "write-bandwidth,bandwidth=20000M");
    check_srat(1, m->bridge[0].uid);
    g_assert_cmpuint(hmat_value(1, 1), ==, 37000);
    g_assert_cmpuint(hmat_value(2, 1), ==, 41000);
    g_assert_cmpuint(hmat_value(4, 1), ==, 30001);
    g_assert_cmpuint(hmat_value(5, 1), ==, 20000);
    g_assert_cmpuint(hmat_value(1, 0), ==, 0);
    stop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/qos/plain", test_plain);
    qtest_add_func("cxl/qos/functions", test_functions);
    qtest_add_func("cxl/qos/no-limits", test_no_limits);
    qtest_add_func("cxl/qos/limits", test_limits);
    qtest_add_func("cxl/qos/either-limit", test_either_limit);
    qtest_add_func("cxl/qos/cdat", test_cdat);
    qtest_add_func("cxl/qos/generic-port", test_generic_port);
    return g_test_run();
}
