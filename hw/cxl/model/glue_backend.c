/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/units.h"
#include "exec/cpu-common.h"
#include "hw/cxl/model/glue_backend.h"
#include "migration/misc.h"

/* Bytes erased at once: given back to the host, written, in small pieces */
#define ERASE_DISCARDED (1 * GiB)
#define ERASE_WRITTEN   (16 * MiB)
#define ERASE_SMALL     (1 * MiB)

void cxl_glue_backend_add(CXLGlueBackend *store, MemoryRegion *mr)
{
    g_assert(store->count < CXL_GLUE_BACKENDS);
    store->size[store->count] = memory_region_size(mr);
    store->host[store->count] = memory_region_get_ram_ptr(mr);
    store->mr[store->count++] = mr;
}

static uint64_t store_size(void *opaque)
{
    CXLGlueBackend *store = opaque;
    uint64_t size = 0;

    for (unsigned i = 0; i < store->count; i++) {
        size += store->size[i];
    }
    return size;
}

MemoryRegion *cxl_glue_backend_find(const CXLGlueBackend *store,
                                    uint64_t offset, hwaddr *in_region)
{
    for (unsigned i = 0; i < store->count; i++) {
        if (offset < store->size[i]) {
            *in_region = offset;
            return store->mr[i];
        }
        offset -= store->size[i];
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

/* Pinned memory, or memory whose old contents somebody still wants */
static bool may_discard(void)
{
    return !ram_block_discard_is_disabled() &&
           !migration_in_incoming_postcopy() && !migration_in_bg_snapshot();
}

void cxl_glue_backend_vacate(MemoryRegion *mr, hwaddr at, uint64_t len)
{
    if (!may_discard() || ram_block_discard_range(mr->ram_block, at, len)) {
        memset(memory_region_get_ram_ptr(mr) + at, 0, len);
    }
    cxl_glue_backend_wrote(mr, at, len);
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

/* The bytes at @offset, where they belong, in one region; false if outside. */
static bool at_home(const CXLGlueBackend *store, uint64_t offset,
                    uint64_t len, CXLGluePiece *p)
{
    for (unsigned i = 0; i < store->count; i++) {
        if (offset < store->size[i]) {
            p->mr = store->mr[i];
            p->at = offset;
            p->len = MIN(len, store->size[i] - offset);
            p->host = store->host[i] + offset;
            return true;
        }
        offset -= store->size[i];
    }
    return false;
}

/* The part of @offset, @len, not outside, that lies in one region. */
static CXLGluePiece piece(const CXLGlueBackend *store, uint64_t offset,
                          uint64_t len)
{
    CXLGluePiece p = { .len = len };
    const CXLGlueMove *move = move_at(store, offset, &p.len);

    if (!move) {
        at_home(store, offset, p.len, &p);
        return p;
    }
    p.mr = move->find(move->opaque, offset, &p.at, &p.len);
    p.host = memory_region_get_ram_ptr(p.mr) + p.at;
    return p;
}

bool cxl_glue_backend_piece(CXLGlueBackend *store, uint64_t offset,
                            uint64_t len, CXLGluePiece *p)
{
    if (!store->moves) {
        return at_home(store, offset, len, p) && p->len == len;
    }
    if (!inside(store, offset, len)) {
        return false;
    }
    *p = piece(store, offset, len);
    return p->len == len;
}

static bool store_read(void *opaque, uint64_t offset, void *buf, uint64_t len)
{
    if (!inside(opaque, offset, len)) {
        return false;
    }
    while (len) {
        CXLGluePiece p = piece(opaque, offset, len);

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
        CXLGluePiece p = piece(opaque, offset, len);

        memcpy(p.host, buf, p.len);
        cxl_glue_backend_wrote(p.mr, p.at, p.len);
        buf += p.len;
        offset += p.len;
        len -= p.len;
    }
    return true;
}

/* Bytes that are looked at before they are filled */
#define FILL_STEP (64 * 1024ULL)

static bool store_fill(void *opaque, uint64_t offset, uint8_t byte,
                       uint64_t len)
{
    if (!inside(opaque, offset, len)) {
        return false;
    }
    while (len) {
        CXLGluePiece p = piece(opaque, offset, len);

        p.len = MIN(p.len, FILL_STEP);
        /* Erasing what is blank takes no memory, and dirties none. */
        if (byte || !buffer_is_zero(p.host, p.len)) {
            memset(p.host, byte, p.len);
            cxl_glue_backend_wrote(p.mr, p.at, p.len);
        }
        offset += p.len;
        len -= p.len;
    }
    return true;
}

/* Is it zeroes then?  Below a private mapping, the file would come to light. */
static bool can_vacate(MemoryRegion *mr)
{
    return may_discard() && (memory_region_get_fd(mr) < 0 ||
                             qemu_ram_is_shared(mr->ram_block));
}

/* Whole pages go back to the host if they can; anything else is written. */
static uint64_t erase_piece(const CXLGluePiece *p)
{
    uint64_t page = qemu_ram_pagesize(p->mr->ram_block);
    uint64_t len = MIN(p->len, ERASE_WRITTEN);

    if (can_vacate(p->mr)) {
        if (QEMU_IS_ALIGNED(p->at, page) && p->len >= page) {
            len = MIN(p->len, MAX(page, ERASE_DISCARDED));
            len = QEMU_ALIGN_DOWN(len, page);
            cxl_glue_backend_vacate(p->mr, p->at, len);
            return len;
        }
        len = MIN(len, ROUND_UP(p->at + 1, page) - p->at);
    }
    memset(p->host, 0, len);
    cxl_glue_backend_wrote(p->mr, p->at, len);
    return len;
}

static uint64_t erase_some(CXLGlueBackend *store, uint64_t offset,
                           uint64_t len)
{
    const CXLGlueMove *move = move_at(store, offset, &len);
    CXLGluePiece p;

    if (move) {
        return move->erase(move->opaque, offset, len);
    }
    return at_home(store, offset, len, &p) ? erase_piece(&p) : 0;
}

static uint64_t store_erase(void *opaque, uint64_t offset, uint64_t len)
{
    uint64_t done = 0;

    if (!inside(opaque, offset, len)) {
        return 0;
    }
    while (done < len && done < ERASE_SMALL) {
        uint64_t erased = erase_some(opaque, offset + done, len - done);

        if (!erased) {
            break;
        }
        done += erased;
    }
    return done;
}

CXLMedia cxl_glue_backend_media(CXLGlueBackend *store)
{
    static const CXLMediaOps ops = {
        .size = store_size,
        .read = store_read,
        .write = store_write,
        .fill = store_fill,
        .erase = store_erase,
    };

    return (CXLMedia) { .ops = &ops, .opaque = store };
}
