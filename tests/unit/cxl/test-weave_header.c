/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of a woven file: round trips, damage, marks. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/weave_header.h"

static const uint8_t uuid[16] = "a set of devices";

/* Devices below one bridge, each by the same decoder settings */
static void make_range(CXLRouteRange *range, unsigned ways, unsigned shift)
{
    *range = (CXLRouteRange) {
        .base = 12 * GiB, .size = ways * GiB,
        .interleave = { .ways = 1, .shift = 8 },
        .shift = shift, .slots = ways,
        .slot = g_new(uint16_t, ways),
        .target = g_array_new(false, false, sizeof(CXLRouteTarget)),
    };
    for (unsigned n = 0; n < ways; n++) {
        CXLRouteTarget target = {
            .device = range, .hpa_base = range->base,
            .dpa_base = n * 256 * MiB,
            .interleave = { .ways = ways, .shift = shift },
        };

        range->slot[n] = n;
        target.device = (uint8_t *)range + n;
        g_array_append_val(range->target, target);
    }
}

static void free_range(CXLRouteRange *range)
{
    g_free(range->slot);
    g_array_unref(range->target);
}

static GByteArray *packed(unsigned ways, unsigned shift)
{
    CXLRouteRange range;
    CXLWeaveHeader header;
    GByteArray *bytes;

    make_range(&range, ways, shift);
    g_assert_true(cxl_weave_header_init(&header, uuid, &range));
    header.member = ways - 1;
    for (unsigned n = 0; n < ways; n++) {
        header.file_offset[n] = n * 4 * KiB;
        g_snprintf(header.name[n], CXL_WEAVE_NAME, "file %u", n);
    }
    bytes = cxl_weave_header_pack(&header);
    cxl_weave_header_finish(&header);
    free_range(&range);
    return bytes;
}

/* Where each granule goes is what it was. */
static void check_same(const CXLWeaveHeader *header, unsigned ways,
                       unsigned shift)
{
    CXLRouteRange range;

    make_range(&range, ways, shift);
    g_assert_cmphex(header->range.base, ==, range.base);
    g_assert_cmphex(header->range.size, ==, range.size);
    for (uint64_t i = 0; i < 3000; i++) {
        uint64_t hpa = range.base + i * 256 * 1021 % range.size, dpa, there;
        void *device, *other;

        g_assert_true(cxl_route_lookup(&range, hpa, &device, &dpa));
        g_assert_true(cxl_route_lookup(&header->range, hpa, &other, &there));
        g_assert_cmphex(dpa, ==, there);
        g_assert_cmpuint((uint8_t *)device - (uint8_t *)&range + 1, ==,
                         GPOINTER_TO_UINT(other));
    }
    free_range(&range);
}

static void test_round_trip(void)
{
    static const unsigned ways[] = { 2, 3, 4, 6, 8, 12, 16 };

    for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
        for (unsigned shift = 8; shift <= CXL_MAX_SHIFT; shift += 2) {
            g_autoptr(GByteArray) bytes = packed(ways[i], shift);
            CXLWeaveHeader header;
            const char *why;

            g_assert_true(cxl_weave_header_unpack(&header, bytes->data,
                                                  bytes->len, &why));
            g_assert_cmpmem(header.uuid, 16, uuid, 16);
            g_assert_cmpuint(header.member, ==, ways[i] - 1);
            g_assert_cmpuint(header.plan.ways, ==, ways[i]);
            g_assert_cmphex(header.plan.share, ==, GiB);
            g_assert_cmphex(header.file_offset[1], ==, 4 * KiB);
            g_assert_cmpstr(header.name[1], ==, "file 1");
            check_same(&header, ways[i], shift);
            cxl_weave_header_finish(&header);
        }
    }
}

static void check_refused(const uint8_t *bytes, size_t len)
{
    g_autofree uint8_t *copy = g_memdup2(bytes, len);
    CXLWeaveHeader header;
    const char *why = NULL;

    g_assert_false(cxl_weave_header_unpack(&header, copy, len, &why));
    g_assert_nonnull(why);
    g_assert_null(header.range.slot);
}

static void test_damage(void)
{
    g_autoptr(GByteArray) bytes = packed(4, 8);

    for (unsigned len = 0; len < bytes->len; len++) {
        check_refused(bytes->data, len);
    }
    for (unsigned bit = 0; bit < bytes->len * 8; bit++) {
        bytes->data[bit / 8] ^= 1 << bit % 8;
        check_refused(bytes->data, bytes->len);
        bytes->data[bit / 8] ^= 1 << bit % 8;
    }
}

static void put_sum(GByteArray *bytes)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = 32;

    g_checksum_update(sum, bytes->data, bytes->len - size);
    g_checksum_get_digest(sum, bytes->data + bytes->len - size, &size);
}

/* Forged bytes with the right sum: each is refused or still a permutation. */
static void test_forged(void)
{
    g_autoptr(GByteArray) bytes = packed(3, 9);

    for (unsigned at = 16; at < bytes->len - 32; at++) {
        uint8_t good = bytes->data[at];

        for (unsigned v = 0; v < 256; v += 51) {
            CXLWeaveHeader header;
            CXLWeavePlan plan;
            const char *why;

            bytes->data[at] = v;
            put_sum(bytes);
            if (cxl_weave_header_unpack(&header, bytes->data, bytes->len,
                                        &why)) {
                g_assert_true(cxl_weave_plan(&header.range, &plan, &why));
                cxl_weave_header_finish(&header);
            }
        }
        bytes->data[at] = good;
    }
}

static void check_mark(const uint8_t (*mark)[CXL_WEAVE_MARK_SIZE],
                       uint64_t sequence, uint64_t boundary)
{
    uint64_t s, b;

    g_assert_true(cxl_weave_mark_unpack(mark[0], mark[1], uuid, &s, &b));
    g_assert_cmpuint(s, ==, sequence);
    g_assert_cmphex(b, ==, boundary);
}

/* A name that does not end, before what looks like more of it */
static void test_endless_name(void)
{
    g_autoptr(GByteArray) bytes = packed(2, 8);
    uint8_t *end = bytes->data + bytes->len - 32;

    memset(end - 2 * sizeof(uint16_t) - CXL_WEAVE_NAME, 0xff,
           2 * sizeof(uint16_t) + CXL_WEAVE_NAME);
    put_sum(bytes);
    check_refused(bytes->data, bytes->len);
    memset(end - 2 * sizeof(uint16_t), 0, sizeof(uint16_t));
    end[-2] = 1;
    end[-1] = 0;
    put_sum(bytes);
    {
        g_autofree uint8_t *copy = g_memdup2(bytes->data, bytes->len);
        CXLWeaveHeader header;
        const char *why;

        g_assert_true(cxl_weave_header_unpack(&header, copy, bytes->len,
                                              &why));
        g_assert_cmpuint(strlen(header.name[1]), ==, CXL_WEAVE_NAME - 1);
        cxl_weave_header_finish(&header);
    }
}

/* A mark that was being written when the machine died is not whole. */
static void test_marks(void)
{
    uint8_t mark[2][CXL_WEAVE_MARK_SIZE] = {}, next[CXL_WEAVE_MARK_SIZE];
    uint64_t s, b;

    g_assert_false(cxl_weave_mark_unpack(mark[0], mark[1], uuid, &s, &b));
    cxl_weave_mark_pack(mark[1], uuid, 1, 0x1000);
    check_mark(mark, 1, 0x1000);
    cxl_weave_mark_pack(mark[0], uuid, 2, 0x2000);
    check_mark(mark, 2, 0x2000);
    cxl_weave_mark_pack(next, uuid, 3, 0x3000);
    for (unsigned torn = 1; torn < CXL_WEAVE_MARK_SIZE; torn++) {
        uint8_t old[CXL_WEAVE_MARK_SIZE];

        memcpy(old, mark[1], sizeof(old));
        memcpy(mark[1], next, torn);
        if (memcmp(mark[1], next, sizeof(next))) {
            check_mark(mark, 2, 0x2000);
        }
        memcpy(mark[1], old, sizeof(old));
    }
    memcpy(mark[1], next, sizeof(next));
    check_mark(mark, 3, 0x3000);
    mark[0][3] ^= 1;
    mark[1][3] ^= 1;
    g_assert_false(cxl_weave_mark_unpack(mark[0], mark[1], uuid, &s, &b));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/weave_header/round-trip", test_round_trip);
    g_test_add_func("/weave_header/damage", test_damage);
    g_test_add_func("/weave_header/forged", test_forged);
    g_test_add_func("/weave_header/endless-name", test_endless_name);
    g_test_add_func("/weave_header/marks", test_marks);
    return g_test_run();
}
