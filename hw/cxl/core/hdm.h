/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoders: the register bank and the commit state machine.
 *
 * Invariants: decoder n + 1 is committed only while n is; the ranges of
 * committed decoders ascend and do not overlap; on an endpoint the DPA they
 * use stays within the capacity.
 * CXL r3.2: CXL HDM Decoder Capability Structure.
 */
#ifndef HW_CXL_CORE_HDM_H
#define HW_CXL_CORE_HDM_H

#include "hw/cxl/core/interleave.h"
#include "hw/cxl/core/regbank.h"

#define CXL_HDM_MAX_DECODERS 10
#define CXL_HDM_MAX_TARGETS 8

typedef enum CXLHdmKind {
    CXL_HDM_ENDPOINT,       /* skip registers, DPA */
    CXL_HDM_ROUTER,         /* host bridge or switch: target lists */
} CXLHdmKind;

/* One decoder as its registers say. */
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
} CXLHdm;

/*
 * @count: 1, 2, 4, 6, 8 or 10 decoders; @targets: 1, 2, 4 or 8 (router).
 */
void cxl_hdm_init(CXLHdm *hdm, CXLHdmKind kind, unsigned count,
                  unsigned targets);
void cxl_hdm_finish(CXLHdm *hdm);
void cxl_hdm_reset(CXLHdm *hdm, CXLResetKind kind);
/* Bytes of the capability: 0x10 + 0x20 * count. */
uint32_t cxl_hdm_length(unsigned count);
/* False if there is no decoder @n.  dpa_base counts committed ones before. */
bool cxl_hdm_decoder(const CXLHdm *hdm, unsigned n, CXLHdmDecoder *decoder);
/* Number of committed decoders: a prefix. */
unsigned cxl_hdm_committed(const CXLHdm *hdm);
/* The HDM Decoder Enable bit of the global control register. */
bool cxl_hdm_enabled(const CXLHdm *hdm);
/* Do loaded registers keep the invariants?  If not, nothing was committed. */
bool cxl_hdm_valid(const CXLHdm *hdm);

#endif
