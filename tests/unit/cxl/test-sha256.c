/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 beside that of GLib. */
#include "qemu/osdep.h"
#include "hw/cxl/core/sha256.h"

static void check(const uint8_t *data, size_t len, const CXLSha256 *sha)
{
    g_autoptr(GChecksum) other = g_checksum_new(G_CHECKSUM_SHA256);
    uint8_t digest[CXL_SHA256_BYTES], want[CXL_SHA256_BYTES];
    gsize want_len = sizeof(want);

    g_checksum_update(other, data, len);
    g_checksum_get_digest(other, want, &want_len);
    cxl_sha256_digest(sha, digest);
    g_assert_cmpmem(digest, sizeof(digest), want, want_len);
}

/* Any cut into pieces, with the digest looked at in between */
static void test_pieces(void)
{
    enum { BLOCKS = 40 };
    uint8_t data[BLOCKS * CXL_SHA256_BLOCK];

    for (unsigned round = 0; round < 50; round++) {
        CXLSha256 sha;
        size_t at = 0;

        for (unsigned i = 0; i < sizeof(data); i++) {
            data[i] = g_test_rand_int();
        }
        cxl_sha256_init(&sha);
        check(data, 0, &sha);
        while (at < sizeof(data)) {
            size_t left = (sizeof(data) - at) / CXL_SHA256_BLOCK;
            size_t len = g_test_rand_int_range(0, left + 1) * CXL_SHA256_BLOCK;

            cxl_sha256_add(&sha, data + at, len);
            at += len;
            g_assert_cmpuint(sha.length, ==, at);
            check(data, at, &sha);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sha256/pieces", test_pieces);
    return g_test_run();
}
