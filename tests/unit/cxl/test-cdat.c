/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/cdat.h"

static const CXLCdatRange ranges[] = {
    { .base = 0, .size = GiB, .handle = 0,
      .read_latency = 150000, .write_latency = 250000,
      .read_bandwidth = 16000, .write_bandwidth = 65534 },
    { .base = GiB, .size = 2 * GiB, .handle = 1,
      .flags = CXL_DSMAS_NON_VOLATILE,
      .read_latency = 65535, .write_latency = UINT32_MAX,
      .read_bandwidth = 1, .write_bandwidth = 655340 },
};

static uint8_t sum(const uint8_t *bytes, size_t len)
{
    uint8_t total = 0;

    while (len--) {
        total += bytes[len];
    }
    return total;
}

/* Read entry @handle as a guest does; its bytes in @out, or -1. */
static int read_entry(CXLCdat *cdat, uint16_t handle, uint16_t *next,
                      uint8_t *out, size_t out_max)
{
    uint8_t request[4] = { 0, 0, handle & 0xff, handle >> 8 };
    g_autofree uint8_t *response = g_malloc(out_max + 4);
    int len = cxl_cdat_answer(cdat, request, sizeof(request), response,
                              out_max + 4);

    if (len >= 4) {
        g_assert_cmphex(response[0], ==, 0);
        g_assert_cmphex(response[1], ==, 0);
        *next = lduw_le_p(response + 2);
        memcpy(out, response + 4, len - 4);
        return len - 4;
    }
    return len;
}

/* The table as a guest gathers it. */
static GByteArray *gather(CXLCdat *cdat)
{
    GByteArray *table = g_byte_array_new();
    uint16_t handle = 0;
    uint8_t entry[256];

    while (handle != 0xffff) {
        int len = read_entry(cdat, handle, &handle, entry, sizeof(entry));

        g_assert_cmpint(len, >=, 4);
        g_assert_cmpint(len, ==,
                        table->len ? lduw_le_p(entry + 2) : 16);
        g_byte_array_append(table, entry, len);
        g_assert_cmpuint(table->len, <, 4096);
    }
    return table;
}

static void test_build(void)
{
    g_autoptr(GByteArray) table = NULL;
    CXLCdat cdat;

    cxl_cdat_init(&cdat);
    cxl_cdat_build(&cdat, ranges, ARRAY_SIZE(ranges));
    table = gather(&cdat);
    g_assert_cmpuint(table->len, ==, 16 + 2 * 6 * 24);
    g_assert_cmpuint(ldl_le_p(table->data), ==, table->len);
    g_assert_cmpuint(table->data[4], ==, 2);
    g_assert_cmphex(sum(table->data, table->len), ==, 0);
    g_assert_cmpuint(ldl_le_p(table->data + 12), ==, 1);
    cxl_cdat_build(&cdat, ranges, 1);
    g_assert_cmpuint(ldl_le_p(cdat.table->data + 12), ==, 2);
    g_assert_cmpuint(cdat.table->len, ==, 16 + 6 * 24);
    g_assert_cmpuint(cdat.entry->len, ==, 7);
    g_assert_cmphex(sum(cdat.table->data, cdat.table->len), ==, 0);
    cxl_cdat_finish(&cdat);
}

static void check_latency(const uint8_t *entry, unsigned handle,
                          unsigned type, uint32_t value, uint32_t slack)
{
    uint64_t got = ldq_le_p(entry + 8) * lduw_le_p(entry + 16);

    g_assert_cmpuint(entry[0], ==, CXL_CDAT_DSLBIS);
    g_assert_cmpuint(entry[4], ==, handle);
    g_assert_cmpuint(entry[5], ==, 0);
    g_assert_cmpuint(entry[6], ==, type);
    g_assert_cmpuint(lduw_le_p(entry + 16), >, 0);
    g_assert_cmpuint(lduw_le_p(entry + 16), <, 0xffff);
    g_assert_cmpuint(got, <=, value);
    g_assert_cmpuint(value - got, <=, slack);
}

static void check_range(const uint8_t *t, const CXLCdatRange *r)
{
    g_assert_cmpuint(t[0], ==, CXL_CDAT_DSMAS);
    g_assert_cmpuint(t[4], ==, r->handle);
    g_assert_cmpuint(t[5], ==, r->flags);
    g_assert_cmphex(ldq_le_p(t + 8), ==, r->base);
    g_assert_cmphex(ldq_le_p(t + 16), ==, r->size);
    check_latency(t + 24, r->handle, 1, r->read_latency, 9);
    check_latency(t + 48, r->handle, 2, r->write_latency, 99999);
    check_latency(t + 72, r->handle, 4, r->read_bandwidth, 0);
    check_latency(t + 96, r->handle, 5, r->write_bandwidth, 0);
    t += 120;
    g_assert_cmpuint(t[0], ==, CXL_CDAT_DSEMTS);
    g_assert_cmpuint(t[4], ==, r->handle);
    g_assert_cmpuint(t[5], ==, r->flags & CXL_DSMAS_NON_VOLATILE ? 2 : 1);
    g_assert_cmphex(ldq_le_p(t + 8), ==, 0);
    g_assert_cmphex(ldq_le_p(t + 16), ==, r->size);
}

static void test_structures(void)
{
    CXLCdat cdat;

    cxl_cdat_init(&cdat);
    cxl_cdat_build(&cdat, ranges, ARRAY_SIZE(ranges));
    check_range(cdat.table->data + 16, &ranges[0]);
    check_range(cdat.table->data + 16 + 6 * 24, &ranges[1]);
    cxl_cdat_finish(&cdat);
}

/* 0 would be an illegal entry: what is not known is left out. */
static unsigned pair_count(unsigned ports, bool peers)
{
    return ports + (peers ? ports * (ports - 1) / 2 : 0);
}

/* The pair at @n: its ports and its value in ps or MB/s. */
static void check_pair(const uint8_t *sslbis, unsigned n, uint16_t x,
                       uint16_t y, uint64_t value)
{
    const uint8_t *pair = sslbis + 16 + 8 * n;

    g_assert_cmphex(lduw_le_p(pair), ==, x);
    g_assert_cmphex(lduw_le_p(pair + 2), ==, y);
    g_assert_cmpuint(lduw_le_p(pair + 4) * ldq_le_p(sslbis + 8), ==, value);
}

/* Every pair of ports once, those with the upstream port first. */
static void check_switch(unsigned count, bool peers)
{
    CXLCdatPort port[256];
    CXLCdatSwitch sw = { .latency = 90000, .upstream.bandwidth = 63000,
                         .port = port, .count = count };
    uint32_t length = 16 + 8 * pair_count(count, peers);
    CXLCdat cdat;

    for (unsigned i = 0; i < count; i++) {
        port[i] = (CXLCdatPort) { .number = i, .bandwidth = 1000 * (i + 1) };
    }
    cxl_cdat_init(&cdat);
    cxl_cdat_build_switch(&cdat, &sw);
    g_assert_cmpuint(cdat.table->len, ==, 16 + 2 * length);
    g_assert_cmpuint(length, <=, 8192 - 12);
    g_assert_cmphex(sum(cdat.table->data, cdat.table->len), ==, 0);
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *sslbis = cdat.table->data + 16 + i * length;
        unsigned n = count;

        g_assert_cmpuint(sslbis[0], ==, CXL_CDAT_SSLBIS);
        g_assert_cmpuint(lduw_le_p(sslbis + 2), ==, length);
        g_assert_cmpuint(sslbis[4], ==, i ? CXL_CDAT_ACCESS_BANDWIDTH
                                          : CXL_CDAT_ACCESS_LATENCY);
        for (unsigned x = 0; x < count; x++) {
            check_pair(sslbis, x, CXL_SSLBIS_UPSTREAM, x,
                       i ? MIN(63000, 1000 * (x + 1)) : 90000);
            for (unsigned y = x + 1; peers && y < count; y++) {
                check_pair(sslbis, n++, x, y, i ? 1000 * (x + 1) : 90000);
            }
        }
    }
    cxl_cdat_finish(&cdat);
}

static void test_switch(void)
{
    check_switch(1, true);
    check_switch(2, true);
    check_switch(8, true);
    check_switch(CXL_CDAT_MAX_PEERS, true);
    check_switch(CXL_CDAT_MAX_PEERS + 1, false);
    check_switch(256, false);
}

/* No ports: no pair; no latency known: none is told. */
static void test_switch_unknown(void)
{
    CXLCdatPort port = { .number = 1, .bandwidth = 1 };
    CXLCdatSwitch sw = { .latency = 1, .upstream.bandwidth = 1,
                         .port = &port };
    CXLCdat cdat;

    cxl_cdat_init(&cdat);
    cxl_cdat_build_switch(&cdat, &sw);
    g_assert_cmpuint(cdat.table->len, ==, 16);
    sw.count = 1;
    sw.latency = 0;
    cxl_cdat_build_switch(&cdat, &sw);
    g_assert_cmpuint(cdat.table->len, ==, 16 + 24);
    g_assert_cmpuint(cdat.table->data[20], ==, CXL_CDAT_ACCESS_BANDWIDTH);
    g_assert_cmpuint(cdat.sequence, ==, 2);
    cxl_cdat_finish(&cdat);
}

static void test_unknown_performance(void)
{
    static const CXLCdatRange bare = { .size = GiB };
    CXLCdat cdat;

    cxl_cdat_init(&cdat);
    cxl_cdat_build(&cdat, &bare, 1);
    g_assert_cmpuint(cdat.table->len, ==, 16 + 2 * 24);
    g_assert_cmpuint(cdat.table->data[16], ==, CXL_CDAT_DSMAS);
    g_assert_cmpuint(cdat.table->data[40], ==, CXL_CDAT_DSEMTS);
    cxl_cdat_finish(&cdat);
}

static void test_requests(void)
{
    static const struct {
        uint8_t request[8];
        size_t len;
        int answer;
    } requests[] = {
        { { 0, 0, 0, 0 }, 4, 20 },
        { { 0, 0, 2, 0 }, 4, 28 },
        { { 0, 0, 3, 0 }, 4, -1 },
        { { 0, 0, 0xff, 0xff }, 4, -1 },
        { { 1, 0, 0, 0 }, 4, -1 },
        { { 0, 1, 0, 0 }, 4, -1 },
        { { 0, 0, 0, 0 }, 8, -1 },
        { { 0, 0, 0, 0 }, 3, -1 },
        { { 0 }, 0, -1 },
    };
    static const CXLCdatRange bare = { .size = GiB };
    uint8_t out[28];
    CXLCdat cdat;

    cxl_cdat_init(&cdat);
    g_assert_cmpint(cxl_cdat_answer(&cdat, requests[0].request, 4, out,
                                    sizeof(out)), ==, -1);
    cxl_cdat_build(&cdat, &bare, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(requests); i++) {
        g_assert_cmpint(cxl_cdat_answer(&cdat, requests[i].request,
                                        requests[i].len, out, sizeof(out)),
                        ==, requests[i].answer);
    }
    g_assert_cmpint(cxl_cdat_answer(&cdat, requests[1].request, 4, out, 27),
                    ==, -1);
    g_assert_cmpint(cxl_cdat_answer(&cdat, requests[1].request, 4, out, 0),
                    ==, -1);
    cxl_cdat_finish(&cdat);
}

static void fix_checksum(GByteArray *file)
{
    file->data[5] -= sum(file->data, file->len);
}

static GByteArray *sample(void)
{
    GByteArray *file = g_byte_array_new();
    CXLCdat cdat;

    cxl_cdat_init(&cdat);
    cxl_cdat_build(&cdat, ranges, ARRAY_SIZE(ranges));
    g_byte_array_append(file, cdat.table->data, cdat.table->len);
    cxl_cdat_finish(&cdat);
    return file;
}

static void append(GByteArray *file, uint8_t type, uint16_t length,
                   size_t bytes)
{
    g_autofree uint8_t *entry = g_malloc0(MAX(bytes, 4));

    entry[0] = type;
    stw_le_p(entry + 2, length);
    g_byte_array_append(file, entry, bytes);
    stl_le_p(file->data, file->len);
    fix_checksum(file);
}

static void test_load(void)
{
    g_autoptr(GByteArray) file = sample();
    g_autoptr(GByteArray) seen = NULL;
    char *why;
    CXLCdat cdat;

    file->data[12] = 77;
    append(file, CXL_CDAT_DSMSCIS, 20, 20);
    append(file, CXL_CDAT_DSIS, 8, 8);
    append(file, CXL_CDAT_SSLBIS, 32, 32);
    append(file, 0x7f, 5, 5);
    cxl_cdat_init(&cdat);
    g_assert_true(cxl_cdat_load(&cdat, file->data, file->len, &why));
    g_assert_null(why);
    g_assert_cmpuint(cdat.sequence, ==, 77);
    seen = gather(&cdat);
    g_assert_cmpmem(seen->data, seen->len, file->data, file->len);
    cxl_cdat_finish(&cdat);
}

/* One defect each, at the end of a table that is otherwise right. */
static const struct {
    const char *why;
    uint8_t type;
    uint16_t length;
    size_t bytes;
} bad_entries[] = {
    { "offset 304: no room", 0, 1, 1 },
    { "offset 304: no room", 0, 3, 3 },
    { "offset 304: length 0 is out of bounds", 0, 0, 24 },
    { "offset 304: length 3 is out of bounds", 9, 3, 24 },
    { "offset 304: length 25 is out of bounds", 9, 25, 24 },
    { "offset 304: length 65535 is out of bounds", 9, 65535, 24 },
    { "offset 304: length 8181 is out of bounds", 9, 8181, 9000 },
    { "offset 304: length 20 is wrong for type 0", 0, 20, 20 },
    { "offset 304: length 28 is wrong for type 1", 1, 28, 28 },
    { "offset 304: length 24 is wrong for type 2", 2, 24, 24 },
    { "offset 304: length 12 is wrong for type 3", 3, 12, 12 },
    { "offset 304: length 16 is wrong for type 4", 4, 16, 16 },
    { "offset 304: length 12 is wrong for type 5", 5, 12, 12 },
    { "offset 304: length 20 is wrong for type 5", 5, 20, 20 },
};

static void check_refused(const GByteArray *file, const char *reason)
{
    g_autofree char *why = NULL;
    CXLCdat cdat;
    unsigned old;

    cxl_cdat_init(&cdat);
    cxl_cdat_build(&cdat, ranges, 1);
    old = cdat.table->len;
    g_assert_false(cxl_cdat_load(&cdat, file->data, file->len, &why));
    g_assert_nonnull(strstr(why, reason));
    g_assert_cmpuint(cdat.table->len, ==, old);
    g_assert_cmpuint(cdat.entry->len, ==, 7);
    cxl_cdat_finish(&cdat);
}

static void test_bad_entries(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(bad_entries); i++) {
        g_autoptr(GByteArray) file = sample();

        append(file, bad_entries[i].type, bad_entries[i].length,
               bad_entries[i].bytes);
        check_refused(file, bad_entries[i].why);
    }
}

static void test_bad_header(void)
{
    g_autoptr(GByteArray) file = sample();

    file->data[5]++;
    check_refused(file, "checksum");
    file->data[5]--;
    file->data[4] = 3;
    fix_checksum(file);
    check_refused(file, "revision 3");
    file->data[4] = 0;
    fix_checksum(file);
    check_refused(file, "revision 0");
    file->data[4] = 2;
    file->data[0]++;
    fix_checksum(file);
    check_refused(file, "says 305 bytes, there are 304");
    g_byte_array_set_size(file, 15);
    check_refused(file, "15 bytes are too few");
    g_byte_array_set_size(file, 0);
    check_refused(file, "0 bytes are too few");
}

/* A handle has 16 bits and FFFFh is taken. */
static void test_too_many(void)
{
    g_autoptr(GByteArray) file = g_byte_array_new();
    char *why;
    CXLCdat cdat;

    g_byte_array_set_size(file, 16 + 0xfffe * 4);
    memset(file->data, 0, file->len);
    stl_le_p(file->data, file->len);
    file->data[4] = 1;
    for (unsigned i = 16; i < file->len; i += 4) {
        stl_le_p(file->data + i, 0x000400ff);
    }
    fix_checksum(file);
    cxl_cdat_init(&cdat);
    g_assert_true(cxl_cdat_load(&cdat, file->data, file->len, &why));
    g_assert_cmpuint(cdat.entry->len, ==, 0xffff);
    cxl_cdat_finish(&cdat);
    append(file, 0xff, 4, 4);
    check_refused(file, "too many");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cdat/build", test_build);
    g_test_add_func("/cxl/cdat/structures", test_structures);
    g_test_add_func("/cxl/cdat/switch", test_switch);
    g_test_add_func("/cxl/cdat/switch-unknown", test_switch_unknown);
    g_test_add_func("/cxl/cdat/unknown-performance",
                    test_unknown_performance);
    g_test_add_func("/cxl/cdat/requests", test_requests);
    g_test_add_func("/cxl/cdat/load", test_load);
    g_test_add_func("/cxl/cdat/bad-entries", test_bad_entries);
    g_test_add_func("/cxl/cdat/bad-header", test_bad_header);
    g_test_add_func("/cxl/cdat/too-many", test_too_many);
    return g_test_run();
}
