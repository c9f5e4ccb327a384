/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share: numbers taken from the input. */
#ifndef TESTS_FUZZ_CXL_FUZZ_H
#define TESTS_FUZZ_CXL_FUZZ_H

#include "hw/cxl/core/cursor.h"
#include "hw/cxl/spec/wire.h"

/* libFuzzer's entry point, which replay.c calls too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A little-endian number of @bytes; short input reads as 0. */
static inline uint64_t fuzz_take(CXLReader *in, unsigned bytes)
{
    const uint8_t *b = cxl_reader_take(in, bytes);

    return b ? cxl_le_get(b, bytes) : 0;
}

/* At most @max bytes of what is left, as a heap block of just that size. */
static inline uint8_t *fuzz_take_block(CXLReader *in, size_t max,
                                       size_t *len)
{
    *len = MIN(max, cxl_reader_left(in));
    return g_memdup2(cxl_reader_take(in, *len), *len);
}

#endif
