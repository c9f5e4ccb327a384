/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: CXL RAS Capability Structure.  Everything in it is sticky. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/ras.h"

/* A first error pointer that names no error. */
#define NO_ERROR R_CXL_RAS_CTRL_FIRST_ERROR_MASK

static uint32_t get(const CXLRas *ras, uint32_t offset)
{
    return cxl_regbank_get(&ras->bank, offset, 4);
}

static void set(CXLRas *ras, uint32_t offset, uint32_t value)
{
    cxl_regbank_set(&ras->bank, offset, value, 4);
}

static uint8_t pointer(const CXLRas *ras)
{
    return FIELD_EX32(get(ras, CXL_RAS_CONTROL), CXL_RAS_CTRL, FIRST_ERROR);
}

static void point_at(CXLRas *ras, uint8_t error)
{
    set(ras, CXL_RAS_CONTROL, FIELD_DP32(get(ras, CXL_RAS_CONTROL),
                                         CXL_RAS_CTRL, FIRST_ERROR, error));
}

/* The bit of the first error while @status has it, else 0. */
static uint32_t first_in(const CXLRas *ras, uint32_t status)
{
    return pointer(ras) < 32 ? status & (1U << pointer(ras)) : 0;
}

/* Make @rec the first error; without one the pointer and log are empty. */
static void show(CXLRas *ras, const CXLRasRecord *rec)
{
    point_at(ras, rec ? rec->error : NO_ERROR);
    for (unsigned i = 0; i < CXL_RAS_HEADER_DWORDS; i++) {
        set(ras, CXL_RAS_HEADER_LOG + i * 4, rec ? rec->header[i] : 0);
    }
    if (rec) {
        set(ras, CXL_RAS_UE_STATUS,
            get(ras, CXL_RAS_UE_STATUS) | (1U << rec->error));
    }
}

static void take(CXLRas *ras, unsigned n)
{
    ras->count--;
    memmove(&ras->queue[n], &ras->queue[n + 1],
            (ras->count - n) * sizeof(ras->queue[0]));
}

static void show_next(CXLRas *ras)
{
    CXLRasRecord rec;

    if (!ras->count) {
        show(ras, NULL);
        return;
    }
    rec = ras->queue[0];
    take(ras, 0);
    show(ras, &rec);
}

static void drop(CXLRas *ras, uint32_t errors)
{
    unsigned n = 0;

    while (n < ras->count) {
        if (errors & (1U << ras->queue[n].error)) {
            take(ras, n);
        } else {
            n++;
        }
    }
}

/*
 * CXL r3.2: Multiple Header Recording.  Clearing the first error alone shows
 * the next; clearing any other bit says that all of its kind are dealt with.
 */
static void status_wrote(CXLRegBank *bank, const CXLRegRow *row,
                         unsigned index, uint64_t old)
{
    CXLRas *ras = bank->owner;
    uint32_t cleared = old & ~get(ras, CXL_RAS_UE_STATUS);
    uint32_t first = first_in(ras, old);

    if (cleared != first) {
        drop(ras, cleared);
    }
    if (cleared & first) {
        show_next(ras);
    }
}

static const CXLRegRow ras_rows[] = {
    { .name = "CXL_RAS_UE_STATUS", .offset = CXL_RAS_UE_STATUS, .size = 4,
      .w1c = CXL_RAS_UE_ALL, .sticky = CXL_RAS_UE_ALL,
      .wrote = status_wrote },
    { .name = "CXL_RAS_UE_MASK", .offset = CXL_RAS_UE_MASK, .size = 4,
      .reset = CXL_RAS_UE_ALL, .rw = CXL_RAS_UE_ALL,
      .sticky = CXL_RAS_UE_ALL },
    { .name = "CXL_RAS_UE_SEVERITY", .offset = CXL_RAS_UE_SEVERITY,
      .size = 4, .reset = CXL_RAS_UE_ALL, .rw = CXL_RAS_UE_ALL,
      .sticky = CXL_RAS_UE_ALL },
    { .name = "CXL_RAS_CE_STATUS", .offset = CXL_RAS_CE_STATUS, .size = 4,
      .w1c = CXL_RAS_CE_ALL, .sticky = CXL_RAS_CE_ALL },
    { .name = "CXL_RAS_CE_MASK", .offset = CXL_RAS_CE_MASK, .size = 4,
      .reset = CXL_RAS_CE_ALL, .rw = CXL_RAS_CE_ALL,
      .sticky = CXL_RAS_CE_ALL },
    { .name = "CXL_RAS_CONTROL", .offset = CXL_RAS_CONTROL, .size = 4,
      .reset = R_CXL_RAS_CTRL_MULTIPLE_HEADERS_MASK,
      .rw = R_CXL_RAS_CTRL_POISON_ENABLED_MASK,
      .sticky = R_CXL_RAS_CTRL_POISON_ENABLED_MASK |
                R_CXL_RAS_CTRL_FIRST_ERROR_MASK },
    { .name = "CXL_RAS_HEADER_LOG", .offset = CXL_RAS_HEADER_LOG, .size = 4,
      .count = CXL_RAS_HEADER_DWORDS, .stride = 4, .sticky = UINT32_MAX },
};
CXL_REG_TABLE(cxl_ras_registers, ras_rows);

void cxl_ras_init(CXLRas *ras)
{
    *ras = (CXLRas) { .count = 0 };
    cxl_regbank_init(&ras->bank, &cxl_ras_registers, CXL_RAS_LENGTH, ras);
}

void cxl_ras_finish(CXLRas *ras)
{
    cxl_regbank_finish(&ras->bank);
}

void cxl_ras_reset(CXLRas *ras, CXLResetKind kind)
{
    cxl_regbank_reset(&ras->bank, kind);
    if (kind == CXL_RESET_COLD) {
        ras->count = 0;
    }
}

void cxl_ras_unmask(CXLRas *ras)
{
    cxl_regbank_init_value(&ras->bank, CXL_RAS_UE_MASK, 0, 4);
    cxl_regbank_init_value(&ras->bank, CXL_RAS_CE_MASK, 0, 4);
}

static bool is_one_of(uint32_t error, uint32_t all)
{
    return is_power_of_2(error) && (error & all);
}

CXLRasSignal cxl_ras_correctable(CXLRas *ras, uint32_t error)
{
    if (!is_one_of(error, CXL_RAS_CE_ALL)) {
        return CXL_RAS_SILENT;
    }
    set(ras, CXL_RAS_CE_STATUS, get(ras, CXL_RAS_CE_STATUS) | error);
    return get(ras, CXL_RAS_CE_MASK) & error ? CXL_RAS_SILENT
                                             : CXL_RAS_CORRECTABLE;
}

static void record(CXLRas *ras, const CXLRasRecord *rec)
{
    if (!first_in(ras, get(ras, CXL_RAS_UE_STATUS))) {
        show(ras, rec);
    } else if (ras->count < CXL_RAS_QUEUE) {
        ras->queue[ras->count++] = *rec;
    }
}

/* A masked error must not look like a first one that was logged. */
static void set_masked(CXLRas *ras, uint32_t error)
{
    uint32_t status = get(ras, CXL_RAS_UE_STATUS);

    if (!first_in(ras, status)) {
        point_at(ras, NO_ERROR);
    }
    set(ras, CXL_RAS_UE_STATUS, status | error);
}

CXLRasSignal cxl_ras_uncorrectable(CXLRas *ras, uint32_t error,
                                   const uint32_t *header, unsigned dwords)
{
    CXLRasRecord rec = { .error = ctz32(error) };

    if (!is_one_of(error, CXL_RAS_UE_ALL)) {
        return CXL_RAS_SILENT;
    }
    if (get(ras, CXL_RAS_UE_MASK) & error) {
        set_masked(ras, error);
        return CXL_RAS_SILENT;
    }
    if (dwords) {
        memcpy(rec.header, header,
               MIN(dwords, CXL_RAS_HEADER_DWORDS) * sizeof(*header));
    }
    record(ras, &rec);
    set(ras, CXL_RAS_UE_STATUS, get(ras, CXL_RAS_UE_STATUS) | error);
    return get(ras, CXL_RAS_UE_SEVERITY) & error ? CXL_RAS_FATAL
                                                 : CXL_RAS_NON_FATAL;
}

bool cxl_ras_valid(const CXLRas *ras)
{
    uint32_t status = get(ras, CXL_RAS_UE_STATUS);

    if (ras->count > CXL_RAS_QUEUE ||
        (ras->count && !first_in(ras, status))) {
        return false;
    }
    for (unsigned n = 0; n < ras->count; n++) {
        if (ras->queue[n].error >= 32 ||
            !(status & CXL_RAS_UE_ALL & (1U << ras->queue[n].error))) {
            return false;
        }
    }
    return true;
}
