/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIPS 180-4: SHA-256. */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/sha256.h"

#define ROUNDS 64

static const uint32_t start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
    0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void cxl_sha256_init(CXLSha256 *sha)
{
    *sha = (CXLSha256) { 0 };
    memcpy(sha->h, start, sizeof(start));
}

static void schedule(uint32_t w[ROUNDS], const uint8_t *block)
{
    for (unsigned i = 0; i < 16; i++) {
        w[i] = ldl_be_p(block + i * 4);
    }
    for (unsigned i = 16; i < ROUNDS; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];

        w[i] = w[i - 16] + w[i - 7] +
            (ror32(a, 7) ^ ror32(a, 18) ^ a >> 3) +
            (ror32(b, 17) ^ ror32(b, 19) ^ b >> 10);
    }
}

/* One round on a..h; they then move on by one place. */
static void turn(uint32_t s[8], uint32_t input)
{
    uint32_t a = s[0], e = s[4];
    uint32_t t1 = s[7] + (ror32(e, 6) ^ ror32(e, 11) ^ ror32(e, 25)) +
                  ((e & s[5]) ^ (~e & s[6])) + input;
    uint32_t t2 = (ror32(a, 2) ^ ror32(a, 13) ^ ror32(a, 22)) +
                  ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

    memmove(s + 1, s, 7 * sizeof(*s));
    s[4] += t1;
    s[0] = t1 + t2;
}

static void add_block(uint32_t h[8], const uint8_t *block)
{
    uint32_t w[ROUNDS], s[8];

    schedule(w, block);
    memcpy(s, h, sizeof(s));
    for (unsigned i = 0; i < ROUNDS; i++) {
        turn(s, constants[i] + w[i]);
    }
    for (unsigned i = 0; i < 8; i++) {
        h[i] += s[i];
    }
}

void cxl_sha256_add(CXLSha256 *sha, const uint8_t *data, size_t len)
{
    for (; len >= CXL_SHA256_BLOCK; len -= CXL_SHA256_BLOCK) {
        add_block(sha->h, data);
        data += CXL_SHA256_BLOCK;
        sha->length += CXL_SHA256_BLOCK;
    }
}

void cxl_sha256_digest(const CXLSha256 *sha, uint8_t digest[CXL_SHA256_BYTES])
{
    uint8_t last[CXL_SHA256_BLOCK] = { 0x80 };
    uint32_t h[8];

    memcpy(h, sha->h, sizeof(h));
    stq_be_p(last + CXL_SHA256_BLOCK - 8, sha->length * 8);
    add_block(h, last);
    for (unsigned i = 0; i < 8; i++) {
        stl_be_p(digest + i * 4, h[i]);
    }
}
