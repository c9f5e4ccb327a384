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

static void test_modulo(void)
{
    for (unsigned shift = 0; shift <= 12; shift++) {
        for (unsigned i = 0; i < 1000; i++) {
            uint64_t value = (uint64_t)g_test_rand_int() << 32 >> i % 32 | i;

            g_assert_cmpuint(cxl_interleave_modulo(value, 1U << shift), ==,
                             value % (1U << shift));
            g_assert_cmpuint(cxl_interleave_modulo(value, 3U << shift), ==,
                             value % (3U << shift));
        }
    }
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

/* Maps that are in public use, by hand: bits 8, 11, 17, 25 and so on */
static void test_xor_worked(void)
{
    static const struct {
        uint8_t ways;
        uint64_t address;
        unsigned position;
        uint64_t dpa;
    } worked[] = {
        { 2, 0x100, 1, 0 },
        { 2, 0x2000100, 0, 0x1000000 },
        { 2, 0x2020000, 0, 0x1010000 },
        { 4, 0x4000300, 1, 0x1000000 },
        { 4, 0x2000200, 3, 0x800000 },
        { 6, 0x0100, 1, 0 },            /* 0 % 3, odd */
        { 6, 0x0200, 2, 0 },            /* 1 % 3, even */
        { 6, 0x0800, 3, 0x100 },        /* bit 11 alone: odd; 4 % 3 */
        { 12, 0x4000400, 10, 0x555500 },     /* bit 26: 2; 65537 % 3 = 2 */
        { 16, 0x1000c00, 9, 0x100000 },   /* bits 24 and 10 cancel */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(worked); i++) {
        CXLInterleave il = {
            .ways = worked[i].ways, .shift = 8, .by_xor = true,
            .xor_map = { 0x2020900, 0x4041200, 0x1010400, 0x800 },
        };
        unsigned position;
        uint64_t dpa;

        cxl_interleave_split(&il, worked[i].address, &position, &dpa);
        g_assert_cmpuint(position, ==, worked[i].position);
        g_assert_cmphex(dpa, ==, worked[i].dpa);
        g_assert_cmphex(cxl_interleave_join(&il, position, dpa), ==,
                        worked[i].address);
    }
}

/* A map of a single bit is that bit: modulo again. */
static void test_xor_of_one_bit(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);

    for (unsigned i = 0; i < 50000; i++) {
        CXLInterleave il = {
            .ways = all_ways[i % ARRAY_SIZE(all_ways)],
            .shift = g_rand_int_range(rand, 8, 15),
        };
        uint64_t address = random_address(rand);
        unsigned modulo = cxl_interleave_position(&il, address);

        il.by_xor = true;
        for (unsigned n = 0; n < CXL_MAX_XOR_MAPS; n++) {
            il.xor_map[n] = 1ULL << (il.shift + n);
        }
        g_assert_cmpuint(cxl_interleave_position(&il, address), ==, modulo);
    }
}

static void test_maps(void)
{
    for (unsigned w = 0; w < ARRAY_SIZE(all_ways); w++) {
        for (unsigned shift = 8; shift <= 14; shift++) {
            CXLInterleave il = { .ways = all_ways[w], .shift = shift };

            for (unsigned n = 0; n < CXL_MAX_XOR_MAPS; n++) {
                uint64_t map = cxl_interleave_default_map(&il, n);

                g_assert_true(cxl_interleave_map_legal(&il, n, map));
                g_assert_false(cxl_interleave_map_legal(&il, n + 1, map));
                g_assert_false(cxl_interleave_map_legal(&il, n, map | 1));
                g_assert_false(cxl_interleave_map_legal(&il, n, map & ~(
                    1ULL << (shift + n))));
                g_assert_true(cxl_interleave_map_legal(&il, n, map |
                                                       1ULL << 51));
                g_assert_false(cxl_interleave_map_legal(&il, n, map |
                                                        1ULL << 52));
                g_assert_cmpint(ctpop64(map), ==, 4);
                /* It looks at no bit that another one decides. */
                for (unsigned k = 0; k < CXL_MAX_XOR_MAPS; k++) {
                    g_assert_true(k == n || !(map >> (shift + k) & 1));
                }
            }
            g_assert_false(cxl_interleave_map_legal(&il, 0, 0));
        }
    }
}

static void random_maps(GRand *rand, CXLInterleave *il)
{
    il->by_xor = true;
    for (unsigned n = 0; n < CXL_MAX_XOR_MAPS; n++) {
        il->xor_map[n] = (random_address(rand) | 1) << (il->shift + n) &
                         ((1ULL << CXL_ADDRESS_BITS) - 1);
    }
}

/* Every turn finds each position once, whatever the bits above. */
static void test_xor_turns(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);

    for (unsigned i = 0; i < 20000; i++) {
        CXLInterleave il = {
            .ways = all_ways[i % ARRAY_SIZE(all_ways)],
            .shift = g_rand_int_range(rand, 8, 15),
        };
        uint64_t turn = random_address(rand) >> 20, found = 0;

        random_maps(rand, &il);
        for (unsigned k = 0; k < il.ways; k++) {
            unsigned position;
            uint64_t dpa;

            cxl_interleave_split(&il, (turn * il.ways + k) << il.shift,
                                 &position, &dpa);
            g_assert_cmphex(dpa, ==, turn << il.shift);
            found |= 1 << position;
        }
        g_assert_cmphex(found, ==, (1 << il.ways) - 1);
    }
}

static void test_inverse(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(0x1e98);

    for (unsigned i = 0; i < 500000; i++) {
        CXLInterleave il = {
            .ways = all_ways[i % ARRAY_SIZE(all_ways)],
            .shift = g_rand_int_range(rand, 8, 15),
        };

        if (g_rand_boolean(rand)) {
            random_maps(rand, &il);
        }
        check_inverse(&il, random_address(rand),
                      g_rand_int_range(rand, 0, il.ways),
                      random_address(rand));
    }
}

/* No intermediate result of the last bytes of 52 bits may overflow. */
static void test_top(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);

    for (unsigned w = 0; w < ARRAY_SIZE(all_ways); w++) {
        for (unsigned shift = 8; shift <= 14; shift++) {
            CXLInterleave il = { .ways = all_ways[w], .shift = shift };

            check_inverse(&il, (1ULL << 52) - 1, il.ways - 1,
                          (1ULL << 52) - 1);
            random_maps(rand, &il);
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
    g_test_add_func("/cxl/interleave/modulo", test_modulo);
    g_test_add_func("/cxl/interleave/decode", test_decode);
    g_test_add_func("/cxl/interleave/worked", test_worked);
    g_test_add_func("/cxl/interleave/granules", test_granules);
    g_test_add_func("/cxl/interleave/xor-worked", test_xor_worked);
    g_test_add_func("/cxl/interleave/xor-of-one-bit", test_xor_of_one_bit);
    g_test_add_func("/cxl/interleave/maps", test_maps);
    g_test_add_func("/cxl/interleave/xor-turns", test_xor_turns);
    g_test_add_func("/cxl/interleave/inverse", test_inverse);
    g_test_add_func("/cxl/interleave/top", test_top);
    return g_test_run();
}
