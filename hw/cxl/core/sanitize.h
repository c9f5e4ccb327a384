/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making data go: what is to be erased, and how far that is.  Bytes go from
 * the start of an operation on, piece by piece; it ends when its time is
 * over.
 * CXL r3.2: Sanitize, Secure Erase, Media Operations.
 */
#ifndef HW_CXL_CORE_SANITIZE_H
#define HW_CXL_CORE_SANITIZE_H

#include "hw/cxl/core/evlog.h"
#include "hw/cxl/core/lsa.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/core/poison.h"
#include "hw/cxl/spec/cci.h"
#include "hw/cxl/spec/cmd_sanitize.h"

/* Of one Media Operations command */
#define CXL_SANITIZE_RANGES 64

typedef struct CXLSanitizeRange {
    uint64_t dpa, length;       /* bytes */
} CXLSanitizeRange;

typedef struct CXLSanitize {
    CXLMediaState *media;
    const CXLLsa *lsa;
    CXLEventLogs *events;
    CXLPoisonList *poison;
    /* ns: of Sanitize, and of Media Operations on all there is */
    uint64_t sanitize_time;
    uint64_t erase_time;        /* ns: of Secure Erase */
    /* What is to go: the ranges before @at, and @done bytes of that, have. */
    CXLSanitizeRange range[CXL_SANITIZE_RANGES];
    uint32_t count, at;
    uint64_t done;
    bool failed;
} CXLSanitize;

/* Both times are 0: everything ends at once. */
void cxl_sanitize_init(CXLSanitize *sanitize, CXLMediaState *media,
                       const CXLLsa *lsa, CXLEventLogs *events,
                       CXLPoisonList *poison);
/* Nothing is to go. */
void cxl_sanitize_clear(CXLSanitize *sanitize);
/* A range of the device, too; false if it is one too many. */
bool cxl_sanitize_add(CXLSanitize *sanitize, uint64_t dpa, uint64_t length);
/*
 * The device forgets its labels and its event logs at once; all memory is to
 * go, and the media is disabled until cxl_sanitize_end().
 */
void cxl_sanitize_begin(CXLSanitize *sanitize);
/* All memory is to go, and nothing else; the media is disabled as well. */
void cxl_sanitize_begin_erase(CXLSanitize *sanitize);
/* One piece; true once nothing is left to do. */
bool cxl_sanitize_work(CXLSanitize *sanitize);
/* What is to go in all, in parts per thousand of the device, at most 1000. */
unsigned cxl_sanitize_share(const CXLSanitize *sanitize);
/* After all work: does no piece of the old data remain? */
bool cxl_sanitize_good(const CXLSanitize *sanitize);
/* The ranges hold new data: they are no poison any more. */
void cxl_sanitize_heal(CXLSanitize *sanitize);
/* Can what was loaded have come about?  If not, clear it. */
bool cxl_sanitize_valid(const CXLSanitize *sanitize);

#endif
