/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_backend.h"

void cxl_glue_backend_add(CXLGlueBackend *store, MemoryRegion *mr)
{
    g_assert(store->count < CXL_GLUE_BACKENDS);
    store->mr[store->count++] = mr;
}

static uint64_t store_size(void *opaque)
{
    CXLGlueBackend *store = opaque;
    uint64_t size = 0;

    for (unsigned i = 0; i < store->count; i++) {
        size += memory_region_size(store->mr[i]);
    }
    return size;
}

MemoryRegion *cxl_glue_backend_find(const CXLGlueBackend *store,
                                    uint64_t offset, hwaddr *in_region)
{
    for (unsigned i = 0; i < store->count; i++) {
        uint64_t size = memory_region_size(store->mr[i]);

        if (offset < size) {
            *in_region = offset;
            return store->mr[i];
        }
        offset -= size;
    }
    return NULL;
}

static bool inside(CXLGlueBackend *store, uint64_t offset, uint64_t len)
{
    uint64_t size = store_size(store);

    return offset <= size && len <= size - offset;
}

/* The part of @offset, @len that lies in one region. */
typedef struct Piece {
    MemoryRegion *mr;
    hwaddr at;
    uint64_t len;
    void *host;
} Piece;

static Piece piece(CXLGlueBackend *store, uint64_t offset, uint64_t len)
{
    Piece p = { 0 };

    p.mr = cxl_glue_backend_find(store, offset, &p.at);
    p.len = MIN(len, memory_region_size(p.mr) - p.at);
    p.host = memory_region_get_ram_ptr(p.mr) + p.at;
    return p;
}

static bool store_read(void *opaque, uint64_t offset, void *buf, uint64_t len)
{
    if (!inside(opaque, offset, len)) {
        return false;
    }
    while (len) {
        Piece p = piece(opaque, offset, len);

        memcpy(buf, p.host, p.len);
        buf += p.len;
        offset += p.len;
        len -= p.len;
    }
    return true;
}

static bool store_write(void *opaque, uint64_t offset, const void *buf,
                        uint64_t len)
{
    if (!inside(opaque, offset, len)) {
        return false;
    }
    while (len) {
        Piece p = piece(opaque, offset, len);

        memcpy(p.host, buf, p.len);
        memory_region_set_dirty(p.mr, p.at, p.len);
        buf += p.len;
        offset += p.len;
        len -= p.len;
    }
    return true;
}

static bool store_fill(void *opaque, uint64_t offset, uint8_t byte,
                       uint64_t len)
{
    if (!inside(opaque, offset, len)) {
        return false;
    }
    while (len) {
        Piece p = piece(opaque, offset, len);

        memset(p.host, byte, p.len);
        memory_region_set_dirty(p.mr, p.at, p.len);
        offset += p.len;
        len -= p.len;
    }
    return true;
}

CXLMedia cxl_glue_backend_media(CXLGlueBackend *store)
{
    static const CXLMediaOps ops = {
        .size = store_size,
        .read = store_read,
        .write = store_write,
        .fill = store_fill,
    };

    return (CXLMedia) { .ops = &ops, .opaque = store };
}
