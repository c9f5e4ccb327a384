/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "exec/address-spaces.h"
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

bool cxl_glue_backend_has_moved(const CXLGlueBackend *store, uint64_t offset,
                                uint64_t len)
{
    for (unsigned i = 0; i < store->moves; i++) {
        const CXLGlueMove *move = &store->move[i];

        if (offset < move->base + move->size && move->base < offset + len) {
            return true;
        }
    }
    return false;
}

bool cxl_glue_backend_move(CXLGlueBackend *store, const CXLGlueMove *move)
{
    if (store->moves == CXL_GLUE_MOVES ||
        !inside(store, move->base, move->size) ||
        cxl_glue_backend_has_moved(store, move->base, move->size)) {
        return false;
    }
    store->move[store->moves++] = *move;
    return true;
}

void cxl_glue_backend_moved_back(CXLGlueBackend *store, uint64_t base)
{
    for (unsigned i = 0; i < store->moves; i++) {
        if (store->move[i].base == base) {
            store->move[i] = store->move[--store->moves];
            return;
        }
    }
}

void cxl_glue_backend_wrote(MemoryRegion *mr, hwaddr at, uint64_t len)
{
    /* The end of DMA does both; it drops the reference that DMA took. */
    memory_region_ref(mr);
    address_space_unmap(&address_space_memory,
                        memory_region_get_ram_ptr(mr) + at, len, true, len);
}

/* The move that @offset is part of, or NULL; *@len ends where that ends. */
static const CXLGlueMove *move_at(const CXLGlueBackend *store,
                                  uint64_t offset, uint64_t *len)
{
    for (unsigned i = 0; i < store->moves; i++) {
        const CXLGlueMove *move = &store->move[i];

        if (offset - move->base < move->size) {
            *len = MIN(*len, move->size - (offset - move->base));
            return move;
        }
        if (offset < move->base) {
            *len = MIN(*len, move->base - offset);
        }
    }
    return NULL;
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
    Piece p = { .len = len };
    const CXLGlueMove *move = move_at(store, offset, &p.len);

    if (move) {
        p.mr = move->find(move->opaque, offset, &p.at, &p.len);
    } else {
        p.mr = cxl_glue_backend_find(store, offset, &p.at);
        p.len = MIN(p.len, memory_region_size(p.mr) - p.at);
    }
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
        cxl_glue_backend_wrote(p.mr, p.at, p.len);
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
        cxl_glue_backend_wrote(p.mr, p.at, p.len);
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
