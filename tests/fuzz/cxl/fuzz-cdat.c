/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table from a file.  What is taken must come out of table access again,
 * byte by byte; what is refused has a reason and changes nothing.
 *
 * Input: a byte that says whether length and checksum are put right, so that
 * the structures are reached; then the file.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "fuzz.h"
#include "hw/cxl/core/cdat.h"

#define ANSWER_MAX ((CXL_DOE_MAX_DW - CXL_DOE_HEADER_DW) * 4)

static void put_right(uint8_t *file, size_t len)
{
    uint8_t sum = 0;

    if (len < sizeof(CXLWireCdatHeader)) {
        return;
    }
    stl_le_p(file, len);
    for (size_t i = 0; i < len; i++) {
        sum += file[i];
    }
    file[5] -= sum;
}

static void check_comes_back(CXLCdat *cdat, const uint8_t *file, size_t len)
{
    g_autofree uint8_t *out = g_malloc(ANSWER_MAX);
    unsigned handle = 0;
    size_t seen = 0;

    while (handle != CXL_TABLE_ACCESS_LAST) {
        uint8_t request[4] = { 0, 0, handle & 0xff, handle >> 8 };
        int n = cxl_cdat_answer(cdat, request, sizeof(request), out,
                                ANSWER_MAX);

        g_assert_cmpint(n, >=, 8);
        g_assert_cmpuint(n - 4, <=, len - seen);
        g_assert_true(!memcmp(out + 4, file + seen, n - 4));
        seen += n - 4;
        handle = lduw_le_p(out + 2);
    }
    g_assert_cmpuint(seen, ==, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *file = NULL;
    g_autofree char *why = NULL;
    CXLReader in;
    CXLCdat cdat;
    bool right;
    size_t len;

    cxl_reader_init(&in, data, size);
    right = fuzz_take(&in, 1) & 1;
    file = fuzz_take_block(&in, SIZE_MAX, &len);
    if (right) {
        put_right(file, len);
    }
    cxl_cdat_init(&cdat);
    if (cxl_cdat_load(&cdat, file, len, &why)) {
        check_comes_back(&cdat, file, len);
    } else {
        g_assert_nonnull(why);
        g_assert_cmpuint(cdat.entry->len, ==, 0);
    }
    cxl_cdat_finish(&cdat);
    return 0;
}
