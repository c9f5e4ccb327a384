/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 in pieces of whole blocks.  Unlike GChecksum's, its state is plain
 * data, which can be saved and loaded halfway.
 */
#ifndef HW_CXL_CORE_SHA256_H
#define HW_CXL_CORE_SHA256_H

#include "qemu/osdep.h"

#define CXL_SHA256_BLOCK 64         /* bytes */
#define CXL_SHA256_BYTES 32

typedef struct CXLSha256 {
    uint32_t h[8];
    uint64_t length;                /* bytes so far */
} CXLSha256;

void cxl_sha256_init(CXLSha256 *sha);
/* @len: a multiple of CXL_SHA256_BLOCK; what is over is left out. */
void cxl_sha256_add(CXLSha256 *sha, const uint8_t *data, size_t len);
/* The digest of what was added so far; more may be added. */
void cxl_sha256_digest(const CXLSha256 *sha, uint8_t digest[CXL_SHA256_BYTES]);

#endif
