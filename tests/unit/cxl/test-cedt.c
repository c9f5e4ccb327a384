/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/cedt.h"

static void test_chbs(void)
{
    static const uint8_t expected[0x20] = {
        0, 0, 0x20, 0,  0x0c, 0, 0, 0,  1, 0, 0, 0,  0, 0, 0, 0,
        0, 0, 0x34, 0x12, 5, 0, 0, 0,  0, 0, 1, 0, 0, 0, 0, 0,
    };
    g_autoptr(GByteArray) out = g_byte_array_new();

    cxl_cedt_add_chbs(out, 12, 0x512340000);
    g_assert_cmpmem(out->data, out->len, expected, sizeof(expected));
}

static void test_cfmws(void)
{
    static const uint8_t expected[36 + 4 * 3] = {
        1, 0, 0x30, 0,  0, 0, 0, 0,
        0, 0, 0, 0x10, 1, 0, 0, 0,          /* base */
        0, 0, 0, 0x30, 0, 0, 0, 0,          /* size */
        8, 1, 0, 0,  5, 0, 0, 0,  0x0e, 0,  0x34, 0x12,
        1, 0, 0, 0,  2, 0, 0, 0,  0x78, 0x56, 0, 0,
    };
    CXLCedtWindow window = {
        .base = 0x110000000, .size = 0x30000000, .ways = 3,
        .granularity = 8192, .arithmetic = CXL_CEDT_XOR,
        .restrictions = CXL_CFMWS_HOST_ONLY | CXL_CFMWS_VOLATILE |
                        CXL_CFMWS_PERSISTENT,
        .qtg = 0x1234, .target = { 1, 2, 0x5678, 99 },
    };
    g_autoptr(GByteArray) out = g_byte_array_new();

    g_assert_true(cxl_cedt_add_cfmws(out, &window));
    g_assert_cmpmem(out->data, out->len, expected, sizeof(expected));
}

static void test_cxims(void)
{
    static const uint8_t expected[8 + 8 * 2] = {
        2, 0, 0x18, 0,  0, 0, 3, 2,
        0, 0x48, 0x40, 0, 0, 0, 0, 0,
        0, 0x90, 0x80, 0, 0, 0, 8, 0,
    };
    CXLInterleave il = {
        .ways = 12, .shift = 11, .by_xor = true,
        .xor_map = { 0x404800, 0x8000000809000, 99, 99 },
    };
    g_autoptr(GByteArray) out = g_byte_array_new();

    cxl_cedt_add_cxims(out, &il);
    g_assert_cmpmem(out->data, out->len, expected, sizeof(expected));
}

/* The structure's length follows the ways: 36 + 4n. */
static void test_lengths(void)
{
    static const uint8_t ways[] = { 1, 2, 3, 4, 6, 8, 12, 16 };

    for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
        CXLCedtWindow window = { .ways = ways[i], .granularity = 256 };
        g_autoptr(GByteArray) out = g_byte_array_new();

        g_assert_true(cxl_cedt_add_cfmws(out, &window));
        g_assert_cmpuint(out->len, ==, 36 + 4 * ways[i]);
        g_assert_cmpuint(lduw_le_p(out->data + 2), ==, out->len);
        g_assert_cmpuint(cxl_interleave_ways(out->data[24]), ==, ways[i]);
    }
}

static void test_refused(void)
{
    CXLCedtWindow window = { .ways = 5, .granularity = 256 };
    g_autoptr(GByteArray) out = g_byte_array_new();

    g_assert_false(cxl_cedt_add_cfmws(out, &window));
    window.ways = 0;
    g_assert_false(cxl_cedt_add_cfmws(out, &window));
    window.ways = 1000000;
    g_assert_false(cxl_cedt_add_cfmws(out, &window));
    window.ways = 4;
    window.granularity = 32768;
    g_assert_false(cxl_cedt_add_cfmws(out, &window));
    window.granularity = 300;
    g_assert_false(cxl_cedt_add_cfmws(out, &window));
    g_assert_cmpuint(out->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cedt/chbs", test_chbs);
    g_test_add_func("/cxl/cedt/cfmws", test_cfmws);
    g_test_add_func("/cxl/cedt/cxims", test_cxims);
    g_test_add_func("/cxl/cedt/lengths", test_lengths);
    g_test_add_func("/cxl/cedt/refused", test_refused);
    return g_test_run();
}
