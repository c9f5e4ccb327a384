/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounded reader. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cursor.h"
#include "hw/cxl/spec/wire.h"

typedef struct {
    uint8_t a;
    cxl_le16 b;
} QEMU_PACKED Pair;

static const uint8_t bytes[] = { 1, 2, 3, 4, 5 };

static void test_take(void)
{
    CXLReader reader;
    const Pair *pair;

    cxl_reader_init(&reader, bytes, sizeof(bytes));
    pair = CXL_READ(&reader, Pair);
    g_assert_nonnull(pair);
    g_assert_cmphex(pair->a, ==, 1);
    g_assert_cmphex(cxl_get16(pair->b), ==, 0x0302);
    g_assert_cmpuint(cxl_reader_left(&reader), ==, 2);
    g_assert_true(cxl_reader_take(&reader, 2) == bytes + 3);
    g_assert_cmpuint(cxl_reader_left(&reader), ==, 0);
}

static void test_too_much(void)
{
    CXLReader reader;

    cxl_reader_init(&reader, bytes, 2);
    g_assert_null(CXL_READ(&reader, Pair));
    g_assert_null(cxl_reader_take(&reader, SIZE_MAX));
    g_assert_cmpuint(cxl_reader_left(&reader), ==, 2);
    g_assert_true(cxl_reader_take(&reader, 2) == bytes);
    g_assert_null(cxl_reader_take(&reader, 1));
}

static void test_nothing(void)
{
    CXLReader reader;

    cxl_reader_init(&reader, bytes, 0);
    g_assert_true(cxl_reader_take(&reader, 0) == bytes);
    g_assert_null(cxl_reader_take(&reader, 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cursor/take", test_take);
    g_test_add_func("/cursor/too-much", test_too_much);
    g_test_add_func("/cursor/nothing", test_nothing);
    return g_test_run();
}
