/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded reader. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cursor.h"

void cxl_reader_init(CXLReader *reader, const void *bytes, size_t len)
{
    *reader = (CXLReader) { .at = bytes, .left = len };
}

const void *cxl_reader_take(CXLReader *reader, size_t len)
{
    const uint8_t *bytes = reader->at;

    if (len > reader->left) {
        return NULL;
    }
    reader->at += len;
    reader->left -= len;
    return bytes;
}

size_t cxl_reader_left(const CXLReader *reader)
{
    return reader->left;
}
