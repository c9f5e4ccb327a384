/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoders.  CXL r3.2: CXL HDM Decoder Capability Structure, Committing
 * Decoder Programming.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/hdm.h"

/* Addresses have 52 bits; interleave may select by bits 8 to 14. */
#define HPA_LIMIT (1ULL << 52)
#define SELECT_BITS_END 15

#define CTRL_COMMIT     R_CXL_HDM_CTRL_COMMIT_MASK
#define CTRL_COMMITTED  R_CXL_HDM_CTRL_COMMITTED_MASK
#define CTRL_ERROR      R_CXL_HDM_CTRL_ERROR_MASK
#define CTRL_LOCK       R_CXL_HDM_CTRL_LOCK_MASK
#define CTRL_FROZEN     (R_CXL_HDM_CTRL_IG_MASK | R_CXL_HDM_CTRL_IW_MASK | \
                         R_CXL_HDM_CTRL_LOCK_MASK | \
                         R_CXL_HDM_CTRL_HOST_ONLY_MASK)

static uint32_t get(const CXLHdm *hdm, unsigned n, unsigned reg)
{
    return cxl_regbank_get(&hdm->bank, CXL_HDM_REG(n, reg), 4);
}

static void set_control(CXLHdm *hdm, unsigned n, uint32_t value)
{
    cxl_regbank_set(&hdm->bank, CXL_HDM_REG(n, CXL_HDM_CONTROL), value, 4);
}

/* Multiples of 256 MiB: in the low register only bits 31:28 count. */
static uint64_t get_pair(const CXLHdm *hdm, unsigned n, unsigned low)
{
    return ((uint64_t)get(hdm, n, low + 4) << 32) |
           (get(hdm, n, low) & CXL_HDM_LOW_MASK);
}

static bool is_committed(const CXLHdm *hdm, unsigned n)
{
    return get(hdm, n, CXL_HDM_CONTROL) & CTRL_COMMITTED;
}

static bool is_locked(const CXLHdm *hdm, unsigned n)
{
    return is_committed(hdm, n) &&
           (get(hdm, n, CXL_HDM_CONTROL) & CTRL_LOCK);
}

unsigned cxl_hdm_committed(const CXLHdm *hdm)
{
    unsigned n = hdm->count;

    while (n && !is_committed(hdm, n - 1)) {
        n--;
    }
    return n;
}

bool cxl_hdm_enabled(const CXLHdm *hdm)
{
    return FIELD_EX32(cxl_regbank_get(&hdm->bank, CXL_HDM_GLOBAL_CONTROL, 4),
                      CXL_HDM_GLOBAL, ENABLE);
}

static void notify(CXLHdm *hdm)
{
    if (hdm->changed) {
        hdm->changed(hdm->opaque);
    }
}

static void tell(CXLHdm *hdm, unsigned n, bool committed)
{
    if (hdm->told) {
        hdm->told(hdm, n, committed);
    }
}

/* False, and one way, if the control register holds a reserved code. */
static bool get_interleave(const CXLHdm *hdm, unsigned n, CXLInterleave *il)
{
    uint32_t control = get(hdm, n, CXL_HDM_CONTROL);

    *il = (CXLInterleave) { .ways = 1, .shift = 8 };
    return cxl_interleave_decode(FIELD_EX32(control, CXL_HDM_CTRL, IW),
                                 FIELD_EX32(control, CXL_HDM_CTRL, IG), il);
}

static uint64_t get_skip(const CXLHdm *hdm, unsigned n)
{
    return hdm->kind == CXL_HDM_ENDPOINT ?
           get_pair(hdm, n, CXL_HDM_SKIP_LOW) : 0;
}

/* DPA that decoder @n maps, without its skip. */
static uint64_t dpa_size(const CXLHdm *hdm, unsigned n)
{
    CXLInterleave il;

    get_interleave(hdm, n, &il);
    return get_pair(hdm, n, CXL_HDM_SIZE_LOW) / il.ways;
}

/* Where the DPA of the first @n decoders ends. */
static uint64_t dpa_end(const CXLHdm *hdm, unsigned n)
{
    uint64_t dpa = 0;

    for (unsigned i = 0; i < n; i++) {
        dpa += get_skip(hdm, i) + dpa_size(hdm, i);
    }
    return dpa;
}

/* The address bits of the interleave select must be ones we have. */
static bool ways_supported(const CXLHdm *hdm, const CXLInterleave *il)
{
    unsigned bits = cxl_interleave_pow2_bits(il);

    if (bits && il->shift + bits > SELECT_BITS_END) {
        return false;
    }
    return hdm->kind == CXL_HDM_ENDPOINT ||
           (!cxl_interleave_by_three(il) && il->ways <= hdm->targets);
}

/*
 * Each position gets whole units of 256 MiB, within what can be addressed.
 * CXL r3.2: Committing Decoder Programming: a size of 0 is legal, and such a
 * decoder decodes nothing.
 */
static bool size_legal(const CXLHdm *hdm, unsigned n,
                       const CXLInterleave *il)
{
    uint64_t base = get_pair(hdm, n, CXL_HDM_BASE_LOW);
    uint64_t size = get_pair(hdm, n, CXL_HDM_SIZE_LOW);

    return size % (il->ways * CXL_HDM_UNIT) == 0 &&
           base <= HPA_LIMIT && size <= HPA_LIMIT - base;
}

static bool above_previous(const CXLHdm *hdm, unsigned n)
{
    return n == 0 || get_pair(hdm, n, CXL_HDM_BASE_LOW) >=
                     get_pair(hdm, n - 1, CXL_HDM_BASE_LOW) +
                     get_pair(hdm, n - 1, CXL_HDM_SIZE_LOW);
}

/* @n's skip and size fit behind the decoders before. */
static bool dpa_fits(const CXLHdm *hdm, unsigned n)
{
    uint64_t left = hdm->capacity - MIN(hdm->capacity, dpa_end(hdm, n));
    uint64_t skip = get_skip(hdm, n);

    return hdm->kind != CXL_HDM_ENDPOINT ||
           (skip <= left && dpa_size(hdm, n) <= left - skip);
}

/* May @n be active, given that all before it were found legal? */
static CXLHdmRefusal check(const CXLHdm *hdm, unsigned n)
{
    CXLInterleave il;

    if (!get_interleave(hdm, n, &il) || !ways_supported(hdm, &il)) {
        return CXL_HDM_BAD_INTERLEAVE;
    }
    if (!size_legal(hdm, n, &il)) {
        return CXL_HDM_BAD_SIZE;
    }
    if (!above_previous(hdm, n)) {
        return CXL_HDM_BELOW_PREVIOUS;
    }
    return dpa_fits(hdm, n) ? CXL_HDM_LEGAL : CXL_HDM_NO_DPA;
}

CXLHdmRefusal cxl_hdm_refusal(const CXLHdm *hdm, unsigned n)
{
    /* In ascending order only: the first above all committed ones. */
    if (n >= hdm->count || n != cxl_hdm_committed(hdm)) {
        return CXL_HDM_OUT_OF_ORDER;
    }
    return check(hdm, n);
}

static void commit(CXLHdm *hdm, unsigned n, uint32_t control)
{
    if (cxl_hdm_refusal(hdm, n) == CXL_HDM_LEGAL) {
        set_control(hdm, n, (control & ~CTRL_ERROR) | CTRL_COMMITTED);
        notify(hdm);
        tell(hdm, n, true);
    } else {
        set_control(hdm, n, control | CTRL_ERROR);
        cxl_trace_refused(&hdm->bank.trace, "HDM_COMMIT", n);
    }
}

static void uncommit(CXLHdm *hdm, unsigned n, uint32_t control)
{
    set_control(hdm, n, control & ~(CTRL_COMMITTED | CTRL_ERROR));
    if (control & CTRL_COMMITTED) {
        notify(hdm);
        tell(hdm, n, false);
    }
}

static void control_wrote(CXLRegBank *bank, const CXLRegRow *row,
                          unsigned n, uint64_t old)
{
    CXLHdm *hdm = bank->owner;
    uint32_t control = get(hdm, n, CXL_HDM_CONTROL);

    if ((old & CTRL_COMMITTED) && (old & CTRL_LOCK)) {
        set_control(hdm, n, old);
    } else if (~old & control & CTRL_COMMIT) {
        commit(hdm, n, control);
    } else if (old & ~control & CTRL_COMMIT) {
        uncommit(hdm, n, control);
    }
}

static void global_wrote(CXLRegBank *bank, const CXLRegRow *row,
                         unsigned index, uint64_t old)
{
    if (cxl_regbank_get(bank, row->offset, row->size) != old) {
        notify(bank->owner);
    }
}

/*
 * Fields freeze while their decoder is committed, and while one above is:
 * its DPA starts where this one's ends.
 */
static bool fields_frozen(const CXLRegBank *bank, const CXLRegRow *row,
                          unsigned n)
{
    return n < cxl_hdm_committed(bank->owner);
}

#define DECODER_ROW(reg, ...)                                     \
    {                                                             \
        .name = #reg, .offset = CXL_HDM_REG(0, reg), .size = 4,   \
        .count = CXL_HDM_MAX_DECODERS,                            \
        .stride = CXL_HDM_DECODER_STRIDE, __VA_ARGS__             \
    }

#define DECODER_ROWS                                              \
    DECODER_ROW(CXL_HDM_BASE_LOW, .locked_rw = CXL_HDM_LOW_MASK), \
    DECODER_ROW(CXL_HDM_BASE_HIGH, .locked_rw = UINT32_MAX),      \
    DECODER_ROW(CXL_HDM_SIZE_LOW, .locked_rw = CXL_HDM_LOW_MASK), \
    DECODER_ROW(CXL_HDM_SIZE_HIGH, .locked_rw = UINT32_MAX),      \
    DECODER_ROW(CXL_HDM_CONTROL, .rw = CTRL_COMMIT,               \
                .locked_rw = CTRL_FROZEN, .wrote = control_wrote)

static const CXLRegRow endpoint_rows[] = {
    { .name = "CXL_HDM_CAPABILITY", .offset = CXL_HDM_CAPABILITY,
      .size = 4 },
    { .name = "CXL_HDM_GLOBAL_CONTROL", .offset = CXL_HDM_GLOBAL_CONTROL,
      .size = 4, .rw = R_CXL_HDM_GLOBAL_ENABLE_MASK,
      .wrote = global_wrote },
    DECODER_ROWS,
    DECODER_ROW(CXL_HDM_SKIP_LOW, .locked_rw = CXL_HDM_LOW_MASK),
    DECODER_ROW(CXL_HDM_SKIP_HIGH, .locked_rw = UINT32_MAX),
};
CXL_REG_TABLE(cxl_hdm_endpoint_registers, endpoint_rows);

static const CXLRegRow router_rows[] = {
    { .name = "CXL_HDM_CAPABILITY", .offset = CXL_HDM_CAPABILITY,
      .size = 4 },
    { .name = "CXL_HDM_GLOBAL_CONTROL", .offset = CXL_HDM_GLOBAL_CONTROL,
      .size = 4 },
    DECODER_ROWS,
    DECODER_ROW(CXL_HDM_TARGET_LOW, .locked_rw = UINT32_MAX),
    DECODER_ROW(CXL_HDM_TARGET_HIGH, .locked_rw = UINT32_MAX),
};
CXL_REG_TABLE(cxl_hdm_router_registers, router_rows);

uint32_t cxl_hdm_length(unsigned count)
{
    return CXL_HDM_REG(count, 0);
}

static uint32_t capability(const CXLHdm *hdm)
{
    bool endpoint = hdm->kind == CXL_HDM_ENDPOINT;
    uint32_t cap = 0;

    cap = FIELD_DP32(cap, CXL_HDM_CAP, COUNT,
                     CXL_HDM_COUNT_CODE(hdm->count));
    cap = FIELD_DP32(cap, CXL_HDM_CAP, TARGETS, hdm->targets);
    cap = FIELD_DP32(cap, CXL_HDM_CAP, INTERLEAVE_11_8, 1);
    cap = FIELD_DP32(cap, CXL_HDM_CAP, INTERLEAVE_14_12, 1);
    cap = FIELD_DP32(cap, CXL_HDM_CAP, WAYS_3_6_12, endpoint);
    cap = FIELD_DP32(cap, CXL_HDM_CAP, WAYS_16, endpoint);
    return FIELD_DP32(cap, CXL_HDM_CAP, COHERENCY,
                      endpoint ? CXL_HDM_COHERENCY_HOST_ONLY
                               : CXL_HDM_COHERENCY_UNKNOWN);
}

void cxl_hdm_init(CXLHdm *hdm, CXLHdmKind kind, unsigned count,
                  unsigned targets)
{
    *hdm = (CXLHdm) {
        .kind = kind,
        .count = count,
        .targets = kind == CXL_HDM_ENDPOINT ? 1 : targets,
    };
    cxl_regbank_init(&hdm->bank,
                     kind == CXL_HDM_ENDPOINT ? &cxl_hdm_endpoint_registers
                                              : &cxl_hdm_router_registers,
                     cxl_hdm_length(count), hdm);
    hdm->bank.locked = fields_frozen;
    cxl_regbank_init_value(&hdm->bank, CXL_HDM_CAPABILITY, capability(hdm),
                           4);
}

void cxl_hdm_finish(CXLHdm *hdm)
{
    cxl_regbank_finish(&hdm->bank);
}

static unsigned locked_end(const CXLHdm *hdm)
{
    unsigned n = hdm->count;

    while (n && !is_locked(hdm, n - 1)) {
        n--;
    }
    return n;
}

/*
 * A CXL reset spares locked decoders.  Those below them lose their commit
 * but not their fields, for the DPA of the ones above depends on these.
 */
static void reset_unlocked(CXLHdm *hdm)
{
    uint32_t kept = CXL_HDM_REG(locked_end(hdm), 0);
    g_autofree uint8_t *data = g_memdup2(hdm->bank.data, kept);

    cxl_regbank_reset(&hdm->bank, CXL_RESET_CXL);
    memcpy(hdm->bank.data + CXL_HDM_DECODERS, data + CXL_HDM_DECODERS,
           kept - CXL_HDM_DECODERS);
    for (unsigned n = 0; n < cxl_hdm_committed(hdm); n++) {
        if (!is_locked(hdm, n)) {
            set_control(hdm, n, get(hdm, n, CXL_HDM_CONTROL) &
                                ~(CTRL_COMMIT | CTRL_COMMITTED | CTRL_ERROR));
        }
    }
}

void cxl_hdm_reset(CXLHdm *hdm, CXLResetKind kind)
{
    bool was_active = cxl_hdm_committed(hdm) || cxl_hdm_enabled(hdm);

    if (kind == CXL_RESET_CXL) {
        reset_unlocked(hdm);
    } else {
        cxl_regbank_reset(&hdm->bank, kind);
    }
    if (was_active) {
        notify(hdm);
    }
}

uint64_t cxl_hdm_dpa_used(const CXLHdm *hdm)
{
    return dpa_end(hdm, cxl_hdm_committed(hdm));
}

static void get_targets(const CXLHdm *hdm, unsigned n, uint8_t *target)
{
    for (unsigned i = 0; i < CXL_HDM_MAX_TARGETS; i++) {
        target[i] = cxl_regbank_get(&hdm->bank,
                                    CXL_HDM_REG(n, CXL_HDM_TARGET_LOW) + i, 1);
    }
}

bool cxl_hdm_decoder(const CXLHdm *hdm, unsigned n, CXLHdmDecoder *decoder)
{
    if (n >= hdm->count) {
        return false;
    }
    *decoder = (CXLHdmDecoder) {
        .base = get_pair(hdm, n, CXL_HDM_BASE_LOW),
        .size = get_pair(hdm, n, CXL_HDM_SIZE_LOW),
        .committed = is_committed(hdm, n),
        .locked = is_locked(hdm, n),
        .host_only = FIELD_EX32(get(hdm, n, CXL_HDM_CONTROL),
                                CXL_HDM_CTRL, HOST_ONLY),
        .skip = get_skip(hdm, n),
    };
    get_interleave(hdm, n, &decoder->interleave);
    if (hdm->kind == CXL_HDM_ROUTER) {
        get_targets(hdm, n, decoder->target);
    } else {
        decoder->dpa_base = dpa_end(hdm, MIN(n, cxl_hdm_committed(hdm))) +
                            decoder->skip;
    }
    return true;
}

bool cxl_hdm_valid(const CXLHdm *hdm)
{
    unsigned committed = cxl_hdm_committed(hdm);

    for (unsigned n = 0; n < committed; n++) {
        if (check(hdm, n) != CXL_HDM_LEGAL) {
            return false;
        }
    }
    return true;
}
