/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/interleave.h"

static const uint8_t all_ways[] = { 1, 2, 4, 8, 16, 3, 6, 12 };

static void test_codes(void)
{
    static const struct {
        unsigned iw, ways;
    } codes[] = {
        { 0, 1 }, { 1, 2 }, { 2, 4 }, { 3, 8 }, { 4, 16 },
        { 8, 3 }, { 9, 6 }, { 10, 12 },
    };
    uint32_t legal = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
        g_assert_cmpuint(cxl_interleave_ways(codes[i].iw), ==,
                         codes[i].ways);
        g_assert_cmpint(cxl_interleave_encode_ways(codes[i].ways), ==,
                        codes[i].iw);
        legal |= 1 << codes[i].iw;
    }
    for (unsigned iw = 0; iw < 32; iw++) {
        if (!(legal & (1 << iw))) {
            g_assert_cmpuint(cxl_interleave_ways(iw), ==, 0);
        }
    }
    g_assert_cmpuint(cxl_interleave_ways(UINT_MAX), ==, 0);
    g_assert_cmpint(cxl_interleave_encode_ways(0), ==, -1);
    g_assert_cmpint(cxl_interleave_encode_ways(5), ==, -1);
    g_assert_cmpint(cxl_interleave_encode_ways(32), ==, -1);
}

static void test_granularity(void)
{
    for (int ig = 0; ig <= CXL_MAX_IG; ig++) {
        g_assert_cmpint(cxl_interleave_encode_granularity(256ULL << ig), ==,
                        ig);
    }
    g_assert_cmpint(cxl_interleave_encode_granularity(0), ==, -1);
    g_assert_cmpint(cxl_interleave_encode_granularity(128), ==, -1);
    g_assert_cmpint(cxl_interleave_encode_granularity(768), ==, -1);
    g_assert_cmpint(cxl_interleave_encode_granularity(32768), ==, -1);
}

static void test_decode(void)
{
    CXLInterleave il;

    g_assert_true(cxl_interleave_decode(10, 6, &il));
    g_assert_cmpuint(il.ways, ==, 12);
    g_assert_cmpuint(il.shift, ==, 14);
    g_assert_false(cxl_interleave_decode(5, 0, &il));
    g_assert_false(cxl_interleave_decode(0, 7, &il));
    g_assert_false(cxl_interleave_decode(15, 15, &il));
    g_assert_cmpuint(il.ways, ==, 12);
}

/* Numbers worked out by hand, granularity 256 B */
static void test_worked(void)
{
    static const struct {
        uint8_t ways;
        uint64_t offset;
        unsigned position;
        uint64_t dpa;
    } worked[] = {
        { 2, 0x300, 1, 0x100 },
        { 3, 0x700, 1, 0x200 },
        { 6, 0xd00, 1, 0x200 },
        { 12, 0x1900, 1, 0x200 },
        { 1, 0x12345, 0, 0x12345 },
        { 16, 0xfff, 15, 0xff },
        { 16, 0x10a5, 0, 0x1a5 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(worked); i++) {
        CXLInterleave il = { .ways = worked[i].ways, .shift = 8 };
        unsigned position;
        uint64_t dpa;

        cxl_interleave_split(&il, worked[i].offset, &position, &dpa);
        g_assert_cmpuint(position, ==, worked[i].position);
        g_assert_cmphex(dpa, ==, worked[i].dpa);
        g_assert_cmphex(cxl_interleave_join(&il, position, dpa), ==,
                        worked[i].offset);
    }
}

/* The k-th granule is the (k / ways)-th of target k % ways. */
static void test_granules(void)
{
    for (unsigned w = 0; w < ARRAY_SIZE(all_ways); w++) {
        for (unsigned shift = 8; shift <= 14; shift++) {
            CXLInterleave il = { .ways = all_ways[w], .shift = shift };

            for (uint64_t k = 0; k < 100; k++) {
                unsigned position;
                uint64_t dpa;

                cxl_interleave_split(&il, (k << shift) + 5, &position, &dpa);
                g_assert_cmpuint(position, ==, k % il.ways);
                g_assert_cmphex(dpa, ==, ((k / il.ways) << shift) + 5);
            }
        }
    }
}

static uint64_t random_address(GRand *rand)
{
    uint64_t address = ((uint64_t)g_rand_int(rand) << 32) | g_rand_int(rand);

    return address >> g_rand_int_range(rand, 12, 52);
}

static void check_inverse(const CXLInterleave *il, uint64_t offset,
                          unsigned other, uint64_t dpa_offset)
{
    unsigned position;
    uint64_t dpa, back;

    cxl_interleave_split(il, offset, &position, &dpa);
    g_assert_cmpuint(position, <, il->ways);
    g_assert_cmpuint(position, ==, cxl_interleave_position(il, offset));
    g_assert_cmphex(dpa, <=, offset / il->ways + (1 << il->shift));
    g_assert_cmphex(cxl_interleave_join(il, position, dpa), ==, offset);

    back = cxl_interleave_join(il, other, dpa_offset);
    cxl_interleave_split(il, back, &position, &dpa);
    g_assert_cmpuint(position, ==, other);
    g_assert_cmphex(dpa, ==, dpa_offset);
}

static void test_inverse(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(0x1e98);

    for (unsigned i = 0; i < 500000; i++) {
        CXLInterleave il = {
            .ways = all_ways[i % ARRAY_SIZE(all_ways)],
            .shift = g_rand_int_range(rand, 8, 15),
        };

        check_inverse(&il, random_address(rand),
                      g_rand_int_range(rand, 0, il.ways),
                      random_address(rand));
    }
}

/* No intermediate result of the last bytes of 52 bits may overflow. */
static void test_top(void)
{
    for (unsigned w = 0; w < ARRAY_SIZE(all_ways); w++) {
        for (unsigned shift = 8; shift <= 14; shift++) {
            CXLInterleave il = { .ways = all_ways[w], .shift = shift };

            check_inverse(&il, (1ULL << 52) - 1, il.ways - 1,
                          (1ULL << 52) - 1);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/interleave/codes", test_codes);
    g_test_add_func("/cxl/interleave/granularity", test_granularity);
    g_test_add_func("/cxl/interleave/decode", test_decode);
    g_test_add_func("/cxl/interleave/worked", test_worked);
    g_test_add_func("/cxl/interleave/granules", test_granules);
    g_test_add_func("/cxl/interleave/inverse", test_inverse);
    g_test_add_func("/cxl/interleave/top", test_top);
    return g_test_run();
}
