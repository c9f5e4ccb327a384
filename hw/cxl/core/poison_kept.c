/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The poison list: what of it is kept without power. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cursor.h"
#include "hw/cxl/core/poison.h"

/* Listed and unlisted records follow, in this order. */
typedef struct {
    uint8_t overflowed;
    cxl_le64 overflow_time;
    cxl_le32 listed, unlisted;
} QEMU_PACKED Kept;
CXL_WIRE(Kept, 17);

static uint32_t pack_records(const CXLPoisonList *list,
                             CXLWirePoisonRecord *record)
{
    uint32_t count = 0;

    for (uint32_t n = 0; n < list->count; n++) {
        const CXLPoisonRange *range = &list->range[n];

        if (range->source != CXL_POISON_INJECTED) {
            record[count++] = (CXLWirePoisonRecord) {
                .address = cxl_put64(range->dpa | range->source),
                .length = cxl_put32(range->length / CXL_POISON_LINE),
            };
        }
    }
    return count;
}

static size_t pack(const void *state, uint8_t *out)
{
    const CXLPoisonList *list = state;
    CXLWirePoisonRecord *record = (void *)(out + sizeof(Kept));
    uint32_t listed = pack_records(list, record);
    uint32_t unlisted = list->unlisted ?
                        pack_records(list->unlisted, record + listed) : 0;

    *(Kept *)out = (Kept) {
        .overflowed = list->overflowed,
        .overflow_time = cxl_put64(list->overflow_time),
        .listed = cxl_put32(listed),
        .unlisted = cxl_put32(unlisted),
    };
    return sizeof(Kept) + (listed + unlisted) * sizeof(*record);
}

static bool unpack_records(CXLPoisonList *list, uint32_t count,
                           CXLReader *in)
{
    if (count > list->max) {
        return false;
    }
    for (uint32_t n = 0; n < count; n++) {
        const CXLWirePoisonRecord *record = CXL_READ(in, CXLWirePoisonRecord);
        uint64_t address;

        if (!record) {
            return false;
        }
        address = cxl_get64(record->address);
        list->range[n] = (CXLPoisonRange) {
            .dpa = address & ~(uint64_t)(CXL_POISON_LINE - 1),
            .length = cxl_get32(record->length) * (uint64_t)CXL_POISON_LINE,
            .source = address & (CXL_POISON_LINE - 1),
        };
    }
    list->count = count;
    return cxl_poison_valid(list);
}

static bool unpack(void *state, const uint8_t *in, size_t len)
{
    CXLPoisonList *list = state;
    const Kept *kept;
    CXLReader reader;

    cxl_reader_init(&reader, in, len);
    kept = CXL_READ(&reader, Kept);
    if (!kept || kept->overflowed > 1) {
        return false;
    }
    list->overflowed = kept->overflowed;
    list->overflow_time = cxl_get64(kept->overflow_time);
    return unpack_records(list, cxl_get32(kept->listed), &reader) &&
        (!list->unlisted ||
         unpack_records(list->unlisted, cxl_get32(kept->unlisted),
                        &reader)) &&
        !cxl_reader_left(&reader);
}

const CXLMetadataSection cxl_poison_section = {
    .id = CXL_METADATA_POISON,
    .name = "the poison list",
    .max = sizeof(Kept) + 2 * CXL_POISON_MAX * sizeof(CXLWirePoisonRecord),
    .pack = pack,
    .unpack = unpack,
};
