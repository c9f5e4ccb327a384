/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data Object Exchange: discovery, the CDAT, errors, aborts, noise. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define EXT_CAP_DOE 0x2e
#define CONTROL 0x08
#define STATUS 0x0c
#define WRITE 0x10
#define READ 0x14

#define ABORT 0x1u
#define INTERRUPT_ENABLE 0x2u
#define GO 0x80000000u
#define BUSY 0x1u
#define INTERRUPT 0x2u
#define ERROR 0x4u
#define READY 0x80000000u

#define OBJECT_MAX_DW 2048
#define VECTOR_DOE 0
#define CDAT_REQUEST 0x21e98

static QCXLMachine *m;
static const QCXLFunction *fn;
static unsigned doe;

static void start(unsigned kinds, const char *device)
{
    QCXLTopology topology = {
        .bridges = 1, .ports = 1, .kinds = kinds, .lsa = 4096,
        .device = device,
    };

    m = qcxl_start(&topology);
    fn = &m->device[0].fn;
    doe = qcxl_find_ext_cap(fn, EXT_CAP_DOE);
    g_assert_cmpuint(doe, !=, 0);
}

static uint32_t get(unsigned reg)
{
    return qcxl_config_read(fn, doe + reg, 4);
}

static void put(unsigned reg, uint32_t value)
{
    qcxl_config_write(fn, doe + reg, 4, value);
}

static void put_object(const uint32_t *object, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        put(WRITE, object[i]);
    }
}

/* The response to discovery of @index. */
static uint32_t discover(uint8_t index)
{
    uint32_t in[3] = { 0x00000001, 3, index };
    uint32_t out[3];

    g_assert_cmpint(qcxl_doe(fn, in, 3, out, 3), ==, 3);
    g_assert_cmphex(out[0], ==, in[0]);
    g_assert_cmphex(out[1], ==, 3);
    return out[2];
}

static void check_alive(void)
{
    g_assert_cmphex(get(STATUS), ==, 0);
    g_assert_cmphex(discover(0), ==, 0x01000001);
    g_assert_cmphex(get(STATUS), ==, 0);
}

static void test_registers(void)
{
    start(QCXL_VOLATILE, NULL);
    g_assert_cmphex(qcxl_config_read(fn, doe, 4) & 0xfffff, ==, 0x1002e);
    g_assert_cmphex(get(4), ==, 1 | VECTOR_DOE << 1);
    g_assert_cmphex(get(CONTROL), ==, 0);
    g_assert_cmphex(get(STATUS), ==, 0);
    put(4, UINT32_MAX);
    put(STATUS, UINT32_MAX);
    g_assert_cmphex(get(4), ==, 1 | VECTOR_DOE << 1);
    put(CONTROL, INTERRUPT_ENABLE);
    g_assert_cmphex(get(CONTROL), ==, INTERRUPT_ENABLE);
    put(CONTROL, 0);
    g_assert_cmphex(get(CONTROL), ==, 0);
    g_assert_cmphex(get(WRITE), ==, 0);
    g_assert_cmphex(get(READ), ==, 0);
    qcxl_stop(m);
}

static void test_discovery(void)
{
    start(QCXL_VOLATILE, NULL);
    g_assert_cmphex(discover(0), ==, 0x01000001);
    g_assert_cmphex(discover(1), ==, CDAT_REQUEST);
    for (unsigned index = 2; index < 256; index += 23) {
        g_assert_cmphex(discover(index) & 0xffffff, ==, 0xffffff);
    }
    qcxl_stop(m);
}

typedef struct Counts {
    unsigned of[6];
} Counts;

/* CDAT r1.04: lengths by type; each refers to a DSMAS before it. */
static Counts check_entries(const GByteArray *cdat)
{
    static const uint8_t length[] = { 24, 24, 20, 8, 24 };
    unsigned handle_at[] = { 4, 4, 4, 5, 4 };
    bool known[256] = { false };
    Counts counts = { 0 };

    for (unsigned at = 16; at < cdat->len;
         at += lduw_le_p(cdat->data + at + 2)) {
        const uint8_t *entry = cdat->data + at;

        g_assert_cmpuint(entry[0], <, ARRAY_SIZE(length));
        g_assert_cmpuint(lduw_le_p(entry + 2), ==, length[entry[0]]);
        if (entry[0] == 0) {
            g_assert_false(known[entry[4]]);
            known[entry[4]] = true;
        }
        g_assert_true(known[entry[handle_at[entry[0]]]]);
        counts.of[entry[0]]++;
    }
    return counts;
}

static void check_cdat(unsigned kinds, unsigned ranges)
{
    g_autoptr(GByteArray) cdat = NULL;
    uint8_t sum = 0;
    Counts counts;

    start(kinds, NULL);
    cdat = qcxl_cdat(fn);
    g_assert_cmpuint(cdat->data[4], ==, 2);
    for (unsigned i = 0; i < cdat->len; i++) {
        sum += cdat->data[i];
    }
    g_assert_cmphex(sum, ==, 0);
    counts = check_entries(cdat);
    g_assert_cmpuint(counts.of[0], ==, ranges);
    /* Read and write latency and bandwidth of each range; its kind for EFI */
    g_assert_cmpuint(counts.of[1], ==, 4 * ranges);
    g_assert_cmpuint(counts.of[4], ==, ranges);
    qcxl_stop(m);
}

static void test_cdat(void)
{
    check_cdat(QCXL_VOLATILE, 1);
    check_cdat(QCXL_PERSISTENT, 1);
    check_cdat(QCXL_VOLATILE | QCXL_PERSISTENT, 2);
}

/* Entries in any order, as often as wanted. */
static void test_cdat_handles(void)
{
    uint8_t first[64], again[64];
    uint16_t next;
    unsigned length;

    start(QCXL_VOLATILE, NULL);
    length = qcxl_cdat_entry(fn, 3, first, sizeof(first), &next);
    g_assert_cmpuint(next, ==, 4);
    qcxl_cdat_entry(fn, 0, again, sizeof(again), &next);
    g_assert_cmpuint(next, ==, 1);
    g_assert_cmpuint(qcxl_cdat_entry(fn, 3, again, sizeof(again), &next),
                     ==, length);
    g_assert_cmpmem(first, length, again, length);
    qcxl_stop(m);
}

/* A request that makes no sense is dropped: no answer, no error. */
static void check_dropped(const uint32_t *object, unsigned count)
{
    uint32_t out[64];

    g_assert_cmpint(qcxl_doe(fn, object, count, out, ARRAY_SIZE(out)), ==, 0);
    check_alive();
}

static void test_dropped(void)
{
    static const uint32_t vendor[] = { 0x00001af4, 3, 0 };
    static const uint32_t type[] = { 0x00071e98, 3, 0 };
    static const uint32_t too_short[] = { 0x00000001, 2 };
    static const uint32_t too_long[] = { 0x00000001, 4, 0, 0 };
    static const uint32_t said_more[] = { 0x00000001, 4, 0 };
    static const uint32_t said_less[] = { 0x00000001, 2, 0 };
    static const uint32_t code[] = { CDAT_REQUEST, 3, 0x00000001 };
    static const uint32_t table[] = { CDAT_REQUEST, 3, 0x00000100 };
    static const uint32_t handle[] = { CDAT_REQUEST, 3, 0x12340000 };
    static const uint32_t last[] = { CDAT_REQUEST, 3, 0xffff0000 };

    start(QCXL_VOLATILE, NULL);
    check_dropped(NULL, 0);
    check_dropped(vendor, 1);
    check_dropped(vendor, 3);
    check_dropped(type, 3);
    check_dropped(too_short, 2);
    check_dropped(too_long, 4);
    check_dropped(said_more, 3);
    check_dropped(said_less, 3);
    check_dropped(code, 3);
    check_dropped(table, 3);
    check_dropped(handle, 3);
    check_dropped(last, 3);
    qcxl_stop(m);
}

/* An error stays, and nothing works, until it is aborted. */
static void check_error(void)
{
    static const uint32_t object[] = { 0x00000001, 3, 0 };

    g_assert_cmphex(get(STATUS) & ~INTERRUPT, ==, ERROR);
    put_object(object, 3);
    put(CONTROL, GO);
    g_assert_cmphex(get(STATUS) & ~INTERRUPT, ==, ERROR);
    put(STATUS, UINT32_MAX);
    g_assert_cmphex(get(STATUS), ==, ERROR);
    put(CONTROL, ABORT);
    check_alive();
}

static void test_errors(void)
{
    static const uint32_t huge[] = { 0x00000001, 0, 0 };
    static const uint32_t long_one[] = { 0x00000001, OBJECT_MAX_DW + 1, 0 };

    start(QCXL_VOLATILE, NULL);
    /* A length of 0 stands for 1 MiB. */
    put_object(huge, 3);
    put(CONTROL, GO);
    check_error();
    put_object(long_one, 3);
    put(CONTROL, GO);
    check_error();
    /* Nothing to acknowledge */
    put(READ, 0);
    check_error();
    /* More than fits */
    for (unsigned i = 0; i < OBJECT_MAX_DW; i++) {
        put(WRITE, i);
    }
    g_assert_cmphex(get(STATUS), ==, 0);
    put(WRITE, 0);
    check_error();
    qcxl_stop(m);
}

static void test_abort(void)
{
    static const uint32_t object[] = { 0x00000001, 3, 0 };

    start(QCXL_VOLATILE, NULL);
    put(CONTROL, ABORT);
    check_alive();
    /* Half an object is forgotten, */
    put_object(object, 2);
    put(CONTROL, ABORT);
    check_alive();
    /* an answer too, read in part or not at all. */
    put_object(object, 3);
    put(CONTROL, GO);
    g_assert_cmphex(get(STATUS), ==, READY);
    put(READ, 0);
    put(CONTROL, ABORT);
    g_assert_cmphex(get(READ), ==, 0);
    check_alive();
    /* Abort wins over go. */
    put_object(object, 3);
    put(CONTROL, GO | ABORT);
    check_alive();
    qcxl_stop(m);
}

/* The dword stays until it is acknowledged; ready lasts till the last one. */
static void test_read_pointer(void)
{
    static const uint32_t object[] = { 0x00000001, 3, 0 };
    static const uint32_t answer[] = { 0x00000001, 3, 0x01000001 };

    start(QCXL_VOLATILE, NULL);
    put_object(object, 3);
    put(CONTROL, GO);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmphex(get(STATUS), ==, READY);
        g_assert_cmphex(get(READ), ==, answer[i]);
        g_assert_cmphex(get(READ), ==, answer[i]);
        g_assert_cmphex(qcxl_config_read(fn, doe + READ + 2, 2), ==,
                        answer[i] >> 16);
        put(READ, UINT32_MAX);
    }
    check_alive();
    qcxl_stop(m);
}

static void test_interrupt(void)
{
    static const uint32_t object[] = { 0x00000001, 3, 0 };

    start(QCXL_VOLATILE, NULL);
    qcxl_msix_enable(fn);
    put_object(object, 3);
    put(CONTROL, GO);
    g_assert_false(qcxl_msix_take(fn, VECTOR_DOE));
    put(CONTROL, ABORT | INTERRUPT_ENABLE);

    put_object(object, 3);
    put(CONTROL, GO | INTERRUPT_ENABLE);
    g_assert_true(qcxl_msix_take(fn, VECTOR_DOE));
    g_assert_cmphex(get(STATUS), ==, READY | INTERRUPT);
    put(STATUS, INTERRUPT);
    g_assert_cmphex(get(STATUS), ==, READY);
    put(CONTROL, ABORT | INTERRUPT_ENABLE);
    g_assert_false(qcxl_msix_take(fn, VECTOR_DOE));
    /* For an error as well */
    put(READ, 0);
    g_assert_true(qcxl_msix_take(fn, VECTOR_DOE));
    g_assert_cmphex(get(STATUS), ==, ERROR | INTERRUPT);
    qcxl_stop(m);
}

/* Registers in any width with any value: no end of it, and no crash. */
static void test_noise(void)
{
    start(QCXL_VOLATILE | QCXL_PERSISTENT, NULL);
    for (unsigned round = 0; round < 20000; round++) {
        unsigned size = 1 << g_test_rand_int_range(0, 3);
        unsigned reg = 4 + g_test_rand_int_range(0, 0x14 / size) * size;
        uint32_t value = g_test_rand_int();

        switch (g_test_rand_int_range(0, 4)) {
        case 0:
            qcxl_config_read(fn, doe + reg, size);
            break;
        case 1:
            qcxl_config_write(fn, doe + reg, size, value);
            break;
        case 2:
            put(WRITE, g_test_rand_int_range(0, 4));
            break;
        default:
            put(CONTROL, value & GO);
        }
        g_assert_cmphex(get(STATUS) & ~(READY | ERROR | INTERRUPT), ==, 0);
    }
    put(CONTROL, ABORT);
    put(STATUS, INTERRUPT);
    check_alive();
    qcxl_stop(m);
}

/* Well-framed objects with any contents */
static void test_noise_objects(void)
{
    uint32_t object[16], out[64];

    start(QCXL_VOLATILE | QCXL_PERSISTENT, NULL);
    for (unsigned round = 0; round < 1000; round++) {
        unsigned count = g_test_rand_int_range(2, 16);

        for (unsigned i = 0; i < count; i++) {
            object[i] = g_test_rand_int();
        }
        object[0] = g_test_rand_bit() ? 0x00000001 : CDAT_REQUEST;
        object[1] = count;
        if (g_test_rand_bit()) {
            object[2] &= 0x001f0000;
        }
        g_assert_cmpint(qcxl_doe(fn, object, count, out, 64), >=, 0);
    }
    check_alive();
    qcxl_stop(m);
}

static void add_u16(GByteArray *bytes, uint16_t value)
{
    uint8_t le[] = { value & 0xff, value >> 8 };

    g_byte_array_append(bytes, le, 2);
}

/* A DSMAS and an entry of a type that only a guest may know, summing to 0. */
static GByteArray *cdat_of_file(void)
{
    static const uint8_t dsmas[20] = { 7, 4 };
    GByteArray *bytes = g_byte_array_new();
    uint8_t sum = 0;

    g_byte_array_set_size(bytes, 16);
    memset(bytes->data, 0, 16);
    add_u16(bytes, 0);
    add_u16(bytes, 24);
    g_byte_array_append(bytes, dsmas, sizeof(dsmas));
    add_u16(bytes, 0x80);
    add_u16(bytes, 300);
    while (bytes->len < 16 + 24 + 300) {
        add_u16(bytes, bytes->len);
    }
    stl_le_p(bytes->data, bytes->len);
    bytes->data[4] = 1;
    for (unsigned i = 0; i < bytes->len; i++) {
        sum += bytes->data[i];
    }
    bytes->data[5] = -sum;
    return bytes;
}

/* cdat= replaces what would be generated, byte for byte. */
static void test_cdat_file(void)
{
    char *store = qcxl_store_new();
    g_autofree char *option = g_strdup_printf("cdat=%s/cdat", store);
    g_autoptr(GByteArray) bytes = cdat_of_file();
    g_autoptr(GByteArray) cdat = NULL;

    g_assert_true(g_file_set_contents(option + 5, (char *)bytes->data,
                                      bytes->len, NULL));
    start(QCXL_VOLATILE, option);
    cdat = qcxl_cdat(fn);
    g_assert_cmpmem(cdat->data, cdat->len, bytes->data, bytes->len);
    qcxl_stop(m);
    qcxl_store_remove(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/doe/registers", test_registers);
    qtest_add_func("cxl/doe/discovery", test_discovery);
    qtest_add_func("cxl/doe/cdat/table", test_cdat);
    qtest_add_func("cxl/doe/cdat/handles", test_cdat_handles);
    qtest_add_func("cxl/doe/cdat/file", test_cdat_file);
    qtest_add_func("cxl/doe/dropped", test_dropped);
    qtest_add_func("cxl/doe/errors", test_errors);
    qtest_add_func("cxl/doe/abort", test_abort);
    qtest_add_func("cxl/doe/read-pointer", test_read_pointer);
    qtest_add_func("cxl/doe/interrupt", test_interrupt);
    qtest_add_func("cxl/doe/noise/registers", test_noise);
    qtest_add_func("cxl/doe/noise/objects", test_noise_objects);
    return g_test_run();
}
