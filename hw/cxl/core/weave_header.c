/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/cursor.h"
#include "hw/cxl/core/weave_header.h"
#include "hw/cxl/spec/wire.h"

#define MAGIC "CXLWOVEN"
#define VERSION 1
#define PAGE 4096
#define SHA256 32
#define MAX_SIZE (1ULL << 40)       /* what all windows together may have */
#define MAX_SLOT_SHIFT 24

typedef struct {
    uint8_t ways, shift, by_xor, reserved[5];
    cxl_le64 xor_map[CXL_MAX_XOR_MAPS];
} QEMU_PACKED WireInterleave;

typedef struct {
    char magic[8];
    cxl_le32 version;
    cxl_le32 length;                /* of all that is summed */
    uint8_t uuid[16];
    cxl_le32 member;
    cxl_le32 members;
    cxl_le64 base, size;
    WireInterleave interleave;
    cxl_le32 shift;
    cxl_le32 slots;
} QEMU_PACKED WireHeader;

typedef struct {
    cxl_le64 hpa_base, dpa_base, file_offset;
    WireInterleave interleave;
    char name[CXL_WEAVE_NAME];
} QEMU_PACKED WireMember;

typedef struct {
    cxl_le64 sequence, boundary;
    uint8_t uuid[16];
    uint8_t sum[SHA256];
} QEMU_PACKED WireMark;
QEMU_BUILD_BUG_ON(sizeof(WireMark) != CXL_WEAVE_MARK_SIZE);

static void sum_of(const void *bytes, size_t len, uint8_t *sum)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = SHA256;

    g_checksum_update(checksum, bytes, len);
    g_checksum_get_digest(checksum, sum, &size);
}

static bool sum_right(const void *bytes, size_t len, const uint8_t *sum)
{
    uint8_t right[SHA256];

    sum_of(bytes, len, right);
    return !memcmp(right, sum, SHA256);
}

static CXLRouteTarget *target_at(const CXLRouteRange *range, unsigned n)
{
    return &g_array_index(range->target, CXLRouteTarget, n);
}

bool cxl_weave_header_init(CXLWeaveHeader *header, const uint8_t *uuid,
                           const CXLRouteRange *range)
{
    size_t slots = (size_t)range->interleave.ways * range->slots;
    const char *why;

    *header = (CXLWeaveHeader) { .range = *range };
    if (!cxl_weave_plan(range, &header->plan, &why)) {
        return false;
    }
    memcpy(header->uuid, uuid, sizeof(header->uuid));
    header->range.slot = g_memdup2(range->slot, slots * sizeof(uint16_t));
    header->range.target = g_array_copy(range->target);
    for (unsigned n = 0; n < range->target->len; n++) {
        target_at(&header->range, n)->device = cxl_weave_header_device(n);
    }
    return true;
}

void cxl_weave_header_finish(CXLWeaveHeader *header)
{
    g_clear_pointer(&header->range.slot, g_free);
    g_clear_pointer(&header->range.target, g_array_unref);
}

static WireInterleave put_interleave(const CXLInterleave *il)
{
    WireInterleave w = {
        .ways = il->ways, .shift = il->shift, .by_xor = il->by_xor,
    };

    for (unsigned i = 0; i < CXL_MAX_XOR_MAPS; i++) {
        w.xor_map[i] = cxl_put64(il->xor_map[i]);
    }
    return w;
}

static void put_members(GByteArray *out, const CXLWeaveHeader *header)
{
    for (unsigned n = 0; n < header->range.target->len; n++) {
        const CXLRouteTarget *target = target_at(&header->range, n);
        WireMember w = {
            .hpa_base = cxl_put64(target->hpa_base),
            .dpa_base = cxl_put64(target->dpa_base),
            .file_offset = cxl_put64(header->file_offset[n]),
            .interleave = put_interleave(&target->interleave),
        };

        memcpy(w.name, header->name[n], sizeof(w.name));
        g_byte_array_append(out, (uint8_t *)&w, sizeof(w));
    }
}

static void put_slots(GByteArray *out, const CXLRouteRange *range)
{
    size_t slots = (size_t)range->interleave.ways * range->slots;

    for (size_t n = 0; n < slots; n++) {
        cxl_le16 w = cxl_put16(range->slot[n]);

        g_byte_array_append(out, w.b, sizeof(w));
    }
}

static WireHeader *header_of(GByteArray *out)
{
    return (WireHeader *)out->data;
}

GByteArray *cxl_weave_header_pack(const CXLWeaveHeader *header)
{
    const CXLRouteRange *range = &header->range;
    GByteArray *out = g_byte_array_new();
    uint8_t sum[SHA256];
    WireHeader w = {
        .magic = MAGIC,
        .version = cxl_put32(VERSION),
        .member = cxl_put32(header->member),
        .members = cxl_put32(range->target->len),
        .base = cxl_put64(range->base),
        .size = cxl_put64(range->size),
        .interleave = put_interleave(&range->interleave),
        .shift = cxl_put32(range->shift),
        .slots = cxl_put32(range->slots),
    };

    memcpy(w.uuid, header->uuid, sizeof(w.uuid));
    g_byte_array_append(out, (uint8_t *)&w, sizeof(w));
    put_members(out, header);
    put_slots(out, range);
    header_of(out)->length = cxl_put32(out->len);
    sum_of(out->data, out->len, sum);
    g_byte_array_append(out, sum, sizeof(sum));
    return out;
}

/* Any ways and granularity that a register could ask for */
static bool get_interleave(const WireInterleave *w, CXLInterleave *il)
{
    *il = (CXLInterleave) {
        .ways = w->ways, .shift = w->shift, .by_xor = w->by_xor,
    };
    if (cxl_interleave_encode_ways(w->ways) < 0 || w->by_xor > 1 ||
        w->shift < 8 || w->shift > CXL_MAX_SHIFT) {
        return false;
    }
    for (unsigned i = 0; i < CXL_MAX_XOR_MAPS; i++) {
        il->xor_map[i] = cxl_get64(w->xor_map[i]);
        if (w->by_xor && i < cxl_interleave_pow2_bits(il) &&
            !cxl_interleave_map_legal(il, i, il->xor_map[i])) {
            return false;
        }
    }
    return true;
}

/* How many bytes the summed part should have; 0 if no header says so. */
static size_t summed(const uint8_t *buf, size_t len, const char **why)
{
    const WireHeader *w = (const WireHeader *)buf;
    size_t length;

    if (len < sizeof(*w) || memcmp(w->magic, MAGIC, sizeof(w->magic))) {
        *why = "it is no woven file";
        return 0;
    }
    if (cxl_get32(w->version) != VERSION) {
        *why = "another version of QEMU-CXL made it";
        return 0;
    }
    length = cxl_get32(w->length);
    if (length < sizeof(*w) || length > len || len - length < SHA256 ||
        !sum_right(buf, length, buf + length)) {
        *why = "its header is damaged";
        return 0;
    }
    return length;
}

static bool get_head(CXLWeaveHeader *header, const WireHeader *w)
{
    CXLRouteRange *range = &header->range;
    uint32_t slots = cxl_get32(w->slots), members = cxl_get32(w->members);

    memcpy(header->uuid, w->uuid, sizeof(header->uuid));
    header->member = cxl_get32(w->member);
    range->base = cxl_get64(w->base);
    range->size = cxl_get64(w->size);
    range->shift = MIN(cxl_get32(w->shift), UINT8_MAX);
    range->slots = slots;
    /* A pattern of slots repeats by the arithmetic of decoders. */
    return get_interleave(&w->interleave, &range->interleave) &&
        members >= 2 && members <= CXL_MAX_WAYS &&
        header->member < members && range->shift >= 8 &&
        range->shift <= MAX_SLOT_SHIFT && slots &&
        slots <= CXL_WEAVE_GEOMETRY_MAX &&
        (is_power_of_2(slots) ||
         (slots % 3 == 0 && is_power_of_2(slots / 3))) &&
        range->size <= MAX_SIZE &&
        range->base < 1ULL << CXL_ADDRESS_BITS;
}

static bool get_member(CXLWeaveHeader *header, unsigned n,
                       const WireMember *w)
{
    CXLRouteTarget target = {
        .device = cxl_weave_header_device(n),
    };

    if (!w || !get_interleave(&w->interleave, &target.interleave)) {
        return false;
    }
    target.hpa_base = cxl_get64(w->hpa_base);
    target.dpa_base = cxl_get64(w->dpa_base);
    header->file_offset[n] = cxl_get64(w->file_offset);
    memcpy(header->name[n], w->name, sizeof(header->name[n]) - 1);
    g_array_append_val(header->range.target, target);
    return target.dpa_base < 1ULL << CXL_ADDRESS_BITS &&
        header->file_offset[n] < 1ULL << CXL_ADDRESS_BITS &&
        QEMU_IS_ALIGNED(target.dpa_base | header->file_offset[n], PAGE);
}

static bool get_slots(CXLRouteRange *range, CXLReader *in)
{
    size_t slots = (size_t)range->interleave.ways * range->slots;

    if (cxl_reader_left(in) != slots * sizeof(cxl_le16)) {
        return false;
    }
    range->slot = g_new(uint16_t, slots);
    for (size_t n = 0; n < slots; n++) {
        range->slot[n] = cxl_get16(*CXL_READ(in, cxl_le16));
        if (range->slot[n] >= range->target->len &&
            range->slot[n] != CXL_ROUTE_NONE) {
            return false;
        }
    }
    return true;
}

static bool get_all(CXLWeaveHeader *header, CXLReader *in)
{
    const WireHeader *w = CXL_READ(in, WireHeader);
    const char *why;

    header->range.target = g_array_new(false, false, sizeof(CXLRouteTarget));
    if (!w || !get_head(header, w)) {
        return false;
    }
    for (unsigned n = 0; n < cxl_get32(w->members); n++) {
        if (!get_member(header, n, CXL_READ(in, WireMember))) {
            return false;
        }
    }
    return get_slots(&header->range, in) &&
        cxl_weave_plan(&header->range, &header->plan, &why);
}

bool cxl_weave_header_unpack(CXLWeaveHeader *header, const uint8_t *buf,
                             size_t len, const char **why)
{
    size_t length = summed(buf, len, why);
    CXLReader in;

    *header = (CXLWeaveHeader) {};
    if (!length) {
        return false;
    }
    cxl_reader_init(&in, buf, length);
    if (!get_all(header, &in)) {
        cxl_weave_header_finish(header);
        *why = "it describes no interleave";
        return false;
    }
    return true;
}

void cxl_weave_mark_pack(uint8_t *buf, const uint8_t *uuid, uint64_t sequence,
                         uint64_t boundary)
{
    WireMark w = {
        .sequence = cxl_put64(sequence), .boundary = cxl_put64(boundary),
    };

    memcpy(w.uuid, uuid, sizeof(w.uuid));
    sum_of(&w, offsetof(WireMark, sum), w.sum);
    memcpy(buf, &w, sizeof(w));
}

static const WireMark *whole_mark(const uint8_t *buf, const uint8_t *uuid)
{
    const WireMark *w = (const WireMark *)buf;

    return sum_right(w, offsetof(WireMark, sum), w->sum) &&
        !memcmp(w->uuid, uuid, sizeof(w->uuid)) ? w : NULL;
}

bool cxl_weave_mark_unpack(const uint8_t *a, const uint8_t *b,
                           const uint8_t *uuid, uint64_t *sequence,
                           uint64_t *boundary)
{
    const WireMark *mark = whole_mark(a, uuid), *other = whole_mark(b, uuid);

    if (!mark || (other && cxl_get64(other->sequence) >
                           cxl_get64(mark->sequence))) {
        mark = other;
    }
    if (!mark) {
        return false;
    }
    *sequence = cxl_get64(mark->sequence);
    *boundary = cxl_get64(mark->boundary);
    return true;
}
