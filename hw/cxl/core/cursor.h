/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded reader over bytes that a guest or a file has made: parse first,
 * act after.
 */
#ifndef HW_CXL_CORE_CURSOR_H
#define HW_CXL_CORE_CURSOR_H

#include "qemu/osdep.h"

typedef struct CXLReader {
    const uint8_t *at;
    size_t left;
} CXLReader;

void cxl_reader_init(CXLReader *reader, const void *bytes, size_t len);
/* The next @len bytes, or NULL, taking nothing, when there are fewer. */
const void *cxl_reader_take(CXLReader *reader, size_t len);
size_t cxl_reader_left(const CXLReader *reader);

/* The next wire structure, or NULL. */
#define CXL_READ(reader, type) \
    ((const type *)cxl_reader_take((reader), sizeof(type)))

#endif
