/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoders: the register bank and the commit state machine.
 *
 * Invariants: a decoder commits only after all below it and before all above
 * it; up to the highest committed one the fields are frozen and legal, the
 * ranges ascend without overlap and, on an endpoint, the DPA they use stays
 * within the capacity.  A guest that tears down out of order leaves a hole:
 * an uncommitted decoder whose frozen fields still place the DPA of those
 * above it.
 * CXL r3.2: CXL HDM Decoder Capability Structure.
 */
#ifndef HW_CXL_CORE_HDM_H
#define HW_CXL_CORE_HDM_H

#include "hw/cxl/core/interleave.h"
#include "hw/cxl/core/regbank.h"
#include "hw/cxl/spec/hdm.h"

#define CXL_HDM_MAX_DECODERS 10
#define CXL_HDM_MAX_TARGETS 8

typedef enum CXLHdmKind {
    CXL_HDM_ENDPOINT,       /* skip registers, DPA */
    CXL_HDM_ROUTER,         /* host bridge or switch: target lists */
} CXLHdmKind;

/* One decoder as its registers say; one way where they are reserved. */
typedef struct CXLHdmDecoder {
    uint64_t base, size;        /* HPA, bytes */
    CXLInterleave interleave;
    bool committed, locked, host_only;
    uint64_t skip;              /* endpoint: bytes of DPA */
    uint64_t dpa_base;          /* endpoint: where this decoder's DPA starts */
    uint8_t target[CXL_HDM_MAX_TARGETS];    /* router: port numbers */
} CXLHdmDecoder;

typedef struct CXLHdm {
    CXLRegBank bank;
    CXLHdmKind kind;
    unsigned count;
    unsigned targets;
    uint64_t capacity;          /* endpoint: DPA bytes that may be mapped */
    /* A commit or an uncommit has changed what is decoded, or an enable. */
    void (*changed)(void *opaque);
    void *opaque;
    /* Software has committed or uncommitted decoder @n.  May be NULL. */
    void (*told)(struct CXLHdm *hdm, unsigned n, bool committed);
    void *told_opaque;
} CXLHdm;

/* Why a commit is refused. */
typedef enum CXLHdmRefusal {
    CXL_HDM_LEGAL,
    CXL_HDM_OUT_OF_ORDER,       /* also: there is no such decoder */
    CXL_HDM_BAD_INTERLEAVE,     /* reserved, or not in the capability */
    CXL_HDM_BAD_SIZE,
    CXL_HDM_BELOW_PREVIOUS,     /* HPA overlaps or descends */
    CXL_HDM_NO_DPA,             /* endpoint: skip and size exceed capacity */
} CXLHdmRefusal;

extern const CXLRegTable cxl_hdm_endpoint_registers;
extern const CXLRegTable cxl_hdm_router_registers;

/* May a component have @count decoders?  CXL r3.2: Decoder Count. */
static inline bool cxl_hdm_count_legal(unsigned count)
{
    return count == 1 ||
           (count && count % 2 == 0 && count <= CXL_HDM_MAX_DECODERS);
}

/*
 * @count: 1, 2, 4, 6, 8 or 10 decoders; @targets: 1, 2, 4 or 8 (router).
 */
void cxl_hdm_init(CXLHdm *hdm, CXLHdmKind kind, unsigned count,
                  unsigned targets);
void cxl_hdm_finish(CXLHdm *hdm);
void cxl_hdm_reset(CXLHdm *hdm, CXLResetKind kind);
/* Bytes of the capability: 0x10 + 0x20 * count. */
uint32_t cxl_hdm_length(unsigned count);
/*
 * False if there is no decoder @n.  dpa_base counts the decoders before that
 * are below the highest committed one.
 */
bool cxl_hdm_decoder(const CXLHdm *hdm, unsigned n, CXLHdmDecoder *decoder);
/*
 * One past the highest committed decoder, 0 for none.  Those below are all
 * committed, unless the guest has torn down out of order.
 */
unsigned cxl_hdm_committed(const CXLHdm *hdm);
/* What a commit of decoder @n, as its fields are now, would be answered. */
CXLHdmRefusal cxl_hdm_refusal(const CXLHdm *hdm, unsigned n);
/* Endpoint: bytes of DPA that the committed decoders use, or skip. */
uint64_t cxl_hdm_dpa_used(const CXLHdm *hdm);
/* The HDM Decoder Enable bit of the global control register. */
bool cxl_hdm_enabled(const CXLHdm *hdm);
/*
 * Do loaded registers keep the invariants?  If not, they must not be used:
 * a load that answers false has to fail.
 */
bool cxl_hdm_valid(const CXLHdm *hdm);

#endif
