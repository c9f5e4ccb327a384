/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/component.h"

/* Banks start here, behind the largest array, and at multiples of 16. */
#define BANKS_START 0x80
#define BANKS_ALIGN 0x10

#define ON(kind) (1 << CXL_COMPONENT_##kind)
#define ON_LINKS (ON(DEVICE) | ON(ROOT_PORT) | ON(UPSTREAM) | ON(DOWNSTREAM))

/* CXL r3.2: CXL.cache and CXL.mem Registers: who carries which */
static const struct {
    uint16_t id;
    uint8_t version;
    uint8_t kinds;
    size_t bank;                    /* offset in CXLComponent */
    const CXLRegTable *table;       /* NULL: the part makes its own bank */
    uint32_t length;
} cap_rows[] = {
    { CXL_CAP_RAS, CXL_CAP_RAS_VERSION, ON_LINKS,
      offsetof(CXLComponent, ras.bank) },
    { CXL_CAP_LINK, CXL_CAP_LINK_VERSION, ON_LINKS,
      offsetof(CXLComponent, link), &cxl_link_registers, CXL_LINK_LENGTH },
    { CXL_CAP_HDM, CXL_CAP_HDM_VERSION,
      ON(DEVICE) | ON(HOST_BRIDGE) | ON(UPSTREAM),
      offsetof(CXLComponent, hdm.bank) },
    { CXL_CAP_EXT_SECURITY, CXL_CAP_EXT_SECURITY_VERSION, ON(HOST_BRIDGE),
      offsetof(CXLComponent, security), &cxl_ext_security_registers,
      CXL_EXT_SECURITY_LENGTH(CXL_COMPONENT_MAX_PORTS) },
    { CXL_CAP_SNOOP_FILTER, CXL_CAP_SNOOP_FILTER_VERSION, ON(ROOT_PORT),
      offsetof(CXLComponent, snoop), &cxl_snoop_filter_registers,
      CXL_SNOOP_FILTER_LENGTH },
};

static CXLRegBank *bank_of(CXLComponent *comp, unsigned row)
{
    return (CXLRegBank *)((uint8_t *)comp + cap_rows[row].bank);
}

static bool carries(const CXLComponent *comp, unsigned row)
{
    return (cap_rows[row].kinds & (1 << comp->kind)) &&
           (cap_rows[row].id != CXL_CAP_HDM || comp->has_hdm);
}

static void show_entry(CXLComponent *comp, unsigned n)
{
    const CXLComponentCap *cap = &comp->cap[n];
    uint32_t entry = 0;

    if (cap->id != CXL_CAP_NULL) {
        entry = FIELD_DP32(entry, CXL_CAP_ENTRY, ID, cap->id);
        entry = FIELD_DP32(entry, CXL_CAP_ENTRY, VERSION, cap->version);
        entry = FIELD_DP32(entry, CXL_CAP_ENTRY, POINTER, cap->offset);
    }
    cxl_regbank_init_value(&comp->array, n * 4, entry, 4);
}

static void show_header(CXLComponent *comp)
{
    uint32_t header = 0;

    header = FIELD_DP32(header, CXL_CAP_ARRAY, ID, CXL_CAP_HEADER);
    header = FIELD_DP32(header, CXL_CAP_ARRAY, VERSION,
                        CXL_CAP_HEADER_VERSION);
    header = FIELD_DP32(header, CXL_CAP_ARRAY, CACHEMEM_VERSION,
                        CXL_CAP_CACHEMEM_VERSION);
    header = FIELD_DP32(header, CXL_CAP_ARRAY, SIZE, comp->cap_count - 1);
    cxl_regbank_init_value(&comp->array, 0, header, 4);
}

/* Entry 0 is the array itself: what an access finds at 0x1000. */
static void lay_out(CXLComponent *comp)
{
    uint32_t offset = BANKS_START;

    comp->cap[0] = (CXLComponentCap) {
        .id = CXL_CAP_HEADER,
        .version = CXL_CAP_HEADER_VERSION,
        .bank = &comp->array,
    };
    comp->cap_count = 1;
    for (unsigned row = 0; row < ARRAY_SIZE(cap_rows); row++) {
        if (carries(comp, row)) {
            comp->cap[comp->cap_count++] = (CXLComponentCap) {
                .id = cap_rows[row].id,
                .version = cap_rows[row].version,
                .offset = offset,
                .bank = bank_of(comp, row),
            };
            offset += ROUND_UP(bank_of(comp, row)->size, BANKS_ALIGN);
        }
    }
    cxl_regbank_init(&comp->array, &cxl_component_array_registers,
                     comp->cap_count * 4, comp);
    show_header(comp);
    for (unsigned n = 1; n < comp->cap_count; n++) {
        show_entry(comp, n);
    }
}

/* Entries past the number of root ports take no writes. */
static bool no_such_port(const CXLRegBank *bank, const CXLRegRow *row,
                         unsigned index)
{
    return index >= cxl_regbank_get(bank, CXL_EXT_SECURITY_COUNT, 4);
}

static void init_bank(CXLComponent *comp, unsigned row, unsigned decoders,
                      unsigned targets)
{
    if (cap_rows[row].table) {
        cxl_regbank_init(bank_of(comp, row), cap_rows[row].table,
                         cap_rows[row].length, comp);
    } else if (cap_rows[row].id == CXL_CAP_RAS) {
        cxl_ras_init(&comp->ras);
    } else {
        cxl_hdm_init(&comp->hdm, comp->kind == CXL_COMPONENT_DEVICE ?
                                 CXL_HDM_ENDPOINT : CXL_HDM_ROUTER,
                     decoders, targets);
    }
}

void cxl_component_init(CXLComponent *comp, CXLComponentKind kind,
                        unsigned decoders, unsigned targets)
{
    *comp = (CXLComponent) {
        .kind = kind,
        .has_hdm = decoders != 0,
    };
    for (unsigned row = 0; row < ARRAY_SIZE(cap_rows); row++) {
        if (carries(comp, row)) {
            init_bank(comp, row, decoders, targets);
        }
    }
    comp->security.locked = no_such_port;
    lay_out(comp);
}

void cxl_component_finish(CXLComponent *comp)
{
    for (unsigned row = 0; row < ARRAY_SIZE(cap_rows); row++) {
        cxl_regbank_finish(bank_of(comp, row));
    }
    cxl_regbank_finish(&comp->array);
}

void cxl_component_reset(CXLComponent *comp, CXLResetKind kind)
{
    for (unsigned n = 1; n < comp->cap_count; n++) {
        CXLRegBank *bank = comp->cap[n].bank;

        if (bank == &comp->ras.bank) {
            cxl_ras_reset(&comp->ras, kind);
        } else if (bank && bank != &comp->hdm.bank) {
            cxl_regbank_reset(bank, kind);
        }
    }
    if (comp->has_hdm) {
        cxl_hdm_reset(&comp->hdm, kind);
    }
}

void cxl_component_set_root_ports(CXLComponent *comp, const uint8_t *port,
                                  unsigned count)
{
    count = MIN(count, CXL_COMPONENT_MAX_PORTS);
    cxl_regbank_init_value(&comp->security, CXL_EXT_SECURITY_COUNT, count,
                           4);
    for (unsigned i = 0; i < CXL_COMPONENT_MAX_PORTS; i++) {
        cxl_regbank_init_value(&comp->security, CXL_EXT_SECURITY_PORT +
                               i * CXL_EXT_SECURITY_STRIDE,
                               i < count ? port[i] : 0, 4);
    }
}

void cxl_component_hide_hdm(CXLComponent *comp, bool hide)
{
    for (unsigned n = 1; comp->has_hdm && n < comp->cap_count; n++) {
        CXLComponentCap *cap = &comp->cap[n];

        if (cap->id == CXL_CAP_HDM || cap->id == CXL_CAP_NULL) {
            cap->id = hide ? CXL_CAP_NULL : CXL_CAP_HDM;
            cap->bank = hide ? NULL : &comp->hdm.bank;
            comp->hdm_hidden = hide;
            show_entry(comp, n);
        }
    }
}

CXLHdm *cxl_component_hdm(CXLComponent *comp)
{
    return comp->has_hdm && !comp->hdm_hidden ? &comp->hdm : NULL;
}

/* The part of an access that meets one bank. */
typedef struct Overlap {
    uint32_t offset;                /* in the bank */
    unsigned shift;                 /* bits into the access */
    unsigned size;                  /* bytes, 0 for none */
} Overlap;

static Overlap overlap(const CXLComponentCap *cap, uint32_t offset,
                       unsigned size)
{
    uint32_t start = CXL_COMPONENT_CACHEMEM + cap->offset;
    uint32_t end = start + (cap->bank ? cap->bank->size : 0);
    uint32_t from = MAX(offset, start);
    uint32_t to = MIN(offset + size, end);

    return (Overlap) {
        .offset = from - start,
        .shift = (from - offset) * 8,
        .size = from < to ? to - from : 0,
    };
}

uint64_t cxl_component_read(const CXLComponent *comp, uint32_t offset,
                            unsigned size)
{
    uint64_t value = 0;

    for (unsigned n = 0; n < comp->cap_count; n++) {
        Overlap part = overlap(&comp->cap[n], offset, size);

        if (part.size) {
            value |= cxl_regbank_read(comp->cap[n].bank, part.offset,
                                      part.size) << part.shift;
        }
    }
    return value;
}

void cxl_component_write(CXLComponent *comp, uint32_t offset,
                         uint64_t value, unsigned size)
{
    for (unsigned n = 0; n < comp->cap_count; n++) {
        Overlap part = overlap(&comp->cap[n], offset, size);

        if (part.size) {
            cxl_regbank_write(comp->cap[n].bank, part.offset,
                              value >> part.shift, part.size);
        }
    }
}

CXLRegBank *cxl_component_bank(CXLComponent *comp, unsigned n)
{
    for (unsigned row = 0; row < ARRAY_SIZE(cap_rows); row++) {
        if (bank_of(comp, row)->size && n-- == 0) {
            return bank_of(comp, row);
        }
    }
    return NULL;
}
