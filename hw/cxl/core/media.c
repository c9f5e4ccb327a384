/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device's memory and its two partitions. */
#include "qemu/osdep.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/spec/device.h"

void cxl_media_init(CXLMediaState *media, const CXLMedia *store,
                    uint64_t volatile_only, uint64_t persistent_only,
                    uint64_t align, uint64_t volatile_size)
{
    *media = (CXLMediaState) {
        .store = *store,
        .volatile_only = volatile_only,
        .persistent_only = persistent_only,
        .align = align,
        .volatile_size = volatile_size,
        .status = CXL_MEDIA_READY,
    };
}

uint64_t cxl_media_total(const CXLMediaState *media)
{
    return cxl_media_size(&media->store);
}

uint64_t cxl_media_persistent(const CXLMediaState *media)
{
    return cxl_media_total(media) - media->volatile_size;
}

static void answers_changed(const CXLMediaState *media)
{
    if (media->answers_changed) {
        media->answers_changed(media->answers_changed_opaque);
    }
}

static void move_boundary(CXLMediaState *media, uint64_t volatile_size)
{
    media->next_pending = false;
    if (media->volatile_size == volatile_size) {
        return;
    }
    media->volatile_size = volatile_size;
    if (media->moved) {
        media->moved(media->moved_opaque);
    }
    if (media->locked) {
        answers_changed(media);
    }
}

void cxl_media_reset(CXLMediaState *media, CXLResetKind kind)
{
    if (kind == CXL_RESET_COLD && media->next_pending) {
        move_boundary(media, media->next_volatile);
        cxl_metadata_save(media->metadata);
    }
}

static bool in_range(const CXLMediaState *media, uint64_t volatile_size)
{
    uint64_t total = cxl_media_total(media);

    return volatile_size <= total && volatile_size >= media->volatile_only &&
        total - volatile_size >= media->persistent_only;
}

/* The boundary may be there: it only ever moves in steps of align. */
static bool can_move_to(const CXLMediaState *media, uint64_t volatile_size)
{
    return media->align && in_range(media, volatile_size) &&
        (volatile_size - media->volatile_only) % media->align == 0;
}

static bool in_use(const CXLMediaState *media)
{
    return media->in_use && media->in_use(media->in_use_opaque);
}

bool cxl_media_set_partition(CXLMediaState *media, uint64_t volatile_size,
                             bool immediate)
{
    if (!can_move_to(media, volatile_size) || (immediate && in_use(media))) {
        return false;
    }
    if (immediate) {
        move_boundary(media, volatile_size);
    } else {
        media->next_volatile = volatile_size;
        media->next_pending = volatile_size != media->volatile_size;
    }
    cxl_metadata_save(media->metadata);
    return true;
}

void cxl_media_set_status(CXLMediaState *media, CXLMediaStatus status)
{
    if (media->status != status) {
        media->status = status;
        cxl_metadata_save(media->metadata);
        answers_changed(media);
    }
}

void cxl_media_set_locked(CXLMediaState *media, bool locked)
{
    if (media->locked != locked) {
        media->locked = locked;
        answers_changed(media);
    }
}

bool cxl_media_locks(const CXLMediaState *media, uint64_t dpa, uint64_t len)
{
    return media->locked && dpa + len > media->volatile_size;
}

bool cxl_media_withholds(const CXLMediaState *media, uint64_t dpa,
                         uint64_t len)
{
    return media->status != CXL_MEDIA_READY ||
        cxl_media_locks(media, dpa, len);
}

const char *cxl_media_withheld(const CXLMediaState *media, uint64_t dpa,
                               uint64_t end, uint64_t *from, uint64_t *to)
{
    static const char *const why[] = {
        [CXL_MEDIA_NOT_READY] = "media is not ready",
        [CXL_MEDIA_ERROR] = "media has failed",
        [CXL_MEDIA_DISABLED] = "media is disabled",
    };

    *from = dpa;
    *to = end;
    if (dpa >= end || !cxl_media_withholds(media, dpa, end - dpa)) {
        return NULL;
    }
    if (media->status != CXL_MEDIA_READY) {
        return why[media->status];
    }
    *from = MAX(dpa, media->volatile_size);
    return "media is locked";
}

bool cxl_media_valid(const CXLMediaState *media)
{
    return in_range(media, media->volatile_size) &&
        media->status <= CXL_MEDIA_DISABLED &&
        (!media->next_pending || can_move_to(media, media->next_volatile));
}

/* The capacities say whether the boundaries are this device's. */
typedef struct {
    cxl_le64 total;
    cxl_le64 volatile_only;
    cxl_le64 volatile_size;
    cxl_le64 next_volatile;     /* volatile_size: nothing is pending */
    cxl_le64 disabled;          /* 1 until what was to go has gone, else 0 */
} QEMU_PACKED Kept;
CXL_WIRE(Kept, 40);

static size_t pack(const void *state, uint8_t *out)
{
    const CXLMediaState *media = state;

    *(Kept *)out = (Kept) {
        .total = cxl_put64(cxl_media_total(media)),
        .volatile_only = cxl_put64(media->volatile_only),
        .volatile_size = cxl_put64(media->volatile_size),
        .next_volatile = cxl_put64(media->next_pending ?
                                   media->next_volatile :
                                   media->volatile_size),
        .disabled = cxl_put64(media->status == CXL_MEDIA_DISABLED),
    };
    return sizeof(Kept);
}

/* What cannot move has to be where it is. */
static bool may_be_at(const CXLMediaState *media, uint64_t volatile_size)
{
    return media->align ? can_move_to(media, volatile_size)
                        : volatile_size == media->volatile_size;
}

static bool unpack(void *state, const uint8_t *in, size_t len)
{
    CXLMediaState *media = state;
    const Kept *kept = (const Kept *)in;
    uint64_t now, next, disabled;

    if (len != sizeof(*kept) ||
        cxl_get64(kept->total) != cxl_media_total(media) ||
        cxl_get64(kept->volatile_only) != media->volatile_only) {
        return false;
    }
    now = cxl_get64(kept->volatile_size);
    next = cxl_get64(kept->next_volatile);
    disabled = cxl_get64(kept->disabled);
    if (!may_be_at(media, now) || !may_be_at(media, next) ||
        disabled > 1) {
        return false;
    }
    media->status = disabled ? CXL_MEDIA_DISABLED : CXL_MEDIA_READY;
    media->volatile_size = now;
    media->next_volatile = next;
    media->next_pending = next != now;
    return true;
}

const CXLMetadataSection cxl_media_section = {
    .id = CXL_METADATA_MEDIA,
    .name = "the memory's size",
    .max = sizeof(Kept),
    .pack = pack,
    .unpack = unpack,
};

uint64_t cxl_media_status_register(const CXLMediaState *media)
{
    uint64_t v = 0;

    v = FIELD_DP64(v, CXL_MEMDEV_STATUS, MEDIA_STATUS, media->status);
    return FIELD_DP64(v, CXL_MEMDEV_STATUS, MAILBOX_READY, 1);
}
