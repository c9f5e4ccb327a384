/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of a woven file.  What is accepted must be a permutation: each
 * granule leads to a device, and back.
 *
 * Input: a byte that says whether the sum is put right; then the geometry.
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "hw/cxl/core/weave_header.h"

#define LENGTH_AT 12
#define SHA256 32

static void put_right(uint8_t *buf, size_t len)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = SHA256;

    if (len < LENGTH_AT + 4 + SHA256) {
        return;
    }
    cxl_le_put(buf + LENGTH_AT, 4, len - SHA256);
    g_checksum_update(sum, buf, len - SHA256);
    g_checksum_get_digest(sum, buf + len - SHA256, &size);
}

static void check_back(const CXLWeaveHeader *header, uint64_t offset)
{
    uint64_t hpa = header->range.base + offset % header->range.size;
    uint64_t dpa, back;
    void *device;

    g_assert_true(cxl_route_lookup(&header->range, hpa, &device, &dpa));
    g_assert_cmpuint(GPOINTER_TO_UINT(device) - 1, <, header->plan.ways);
    g_assert_true(cxl_weave_hpa(&header->range, &header->plan, device, dpa,
                                &back));
    g_assert_true(back == hpa);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *buf = NULL;
    CXLWeaveHeader header;
    CXLReader in;
    const char *why = NULL;
    bool right;
    size_t len;

    cxl_reader_init(&in, data, size);
    right = fuzz_take(&in, 1) & 1;
    buf = fuzz_take_block(&in, CXL_WEAVE_GEOMETRY_MAX, &len);
    if (right) {
        put_right(buf, len);
    }
    if (!cxl_weave_header_unpack(&header, buf, len, &why)) {
        g_assert_true(why);
        return 0;
    }
    for (uint64_t i = 0; i < 64; i++) {
        check_back(&header, i * 0x9e3779b97f4a7c15ULL);
    }
    cxl_weave_header_finish(&header);
    return 0;
}
