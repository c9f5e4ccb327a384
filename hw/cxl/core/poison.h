/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The poison list: ranges of DPA that are known to be bad, and why.  They
 * ascend and do not overlap; those that touch and have one source are one.
 * Addresses and lengths are in bytes and multiples of CXL_POISON_LINE.
 * CXL r3.2: Get Poison List.
 */
#ifndef HW_CXL_CORE_POISON_H
#define HW_CXL_CORE_POISON_H

#include "hw/cxl/core/evlog.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/core/metadata.h"
#include "hw/cxl/core/timestamp.h"
#include "hw/cxl/spec/cmd_poison.h"

#define CXL_POISON_MAX 256
/* CXL r3.2: Identify: injected poison ends with the power; no scrubbing */
#define CXL_POISON_CAPS 0
/* What the length of a record can say */
#define CXL_POISON_MAX_LENGTH ((uint64_t)UINT32_MAX * CXL_POISON_LINE)

typedef struct CXLPoisonRange {
    uint64_t dpa;
    uint64_t length;            /* at most CXL_POISON_MAX_LENGTH */
    CXLPoisonSource source;
} CXLPoisonRange;

typedef struct CXLPoisonList CXLPoisonList;
struct CXLPoisonList {
    CXLPoisonRange range[CXL_POISON_MAX];
    uint32_t count, max;
    uint16_t inject_limit;      /* lines; 0: only @max limits */
    bool scanning;              /* the media is being scanned */
    bool overflowed;            /* poison is known that is not in the list */
    uint64_t overflow_time;     /* as the timestamp then was */
    /* The host is reading [dpa, dpa + length), so far up to @next. */
    bool reading;
    uint64_t dpa, length, next;
    const CXLMediaState *media;
    const CXLTimestamp *timestamp;
    /* Called when other lines are poison than were before. */
    void (*changed)(void *opaque);
    void *changed_opaque;
    CXLEventLogs *events;       /* where poison is reported; may be NULL */
    /* Some of @range was good and no longer is.  May be NULL. */
    void (*told)(CXLPoisonList *list, const CXLPoisonRange *range);
    void *told_opaque;
    /*
     * Poison that the media has and the list has no room for: only a scan
     * finds it.  NULL, as in that list itself: it is forgotten.
     */
    CXLPoisonList *unlisted;
    CXLMetadata *metadata;      /* keeps the list, or NULL */
};

/*
 * @max: records, 1 to CXL_POISON_MAX; @inject_limit: lines, or 0.  Sets no
 * event logs: that is the owner's to do.
 */
void cxl_poison_init(CXLPoisonList *list, uint32_t max, uint16_t inject_limit,
                     const CXLMediaState *media,
                     const CXLTimestamp *timestamp);
/*
 * A power cycle heals what was injected, and nothing else; after any reset
 * the host reads from the start.
 */
void cxl_poison_reset(CXLPoisonList *list, CXLResetKind kind);
/* Is [@dpa, @dpa + @length) in the device?  Any numbers. */
bool cxl_poison_in_device(const CXLPoisonList *list, uint64_t dpa,
                          uint64_t length);
/*
 * The lowest poison in [@dpa, @end), no more of it than is in there; false
 * if there is none.
 */
bool cxl_poison_find(const CXLPoisonList *list, uint64_t dpa, uint64_t end,
                     CXLPoisonRange *found);
/* The same, whether or not it is in the list. */
bool cxl_poison_find_any(const CXLPoisonList *list, uint64_t dpa,
                         uint64_t end, CXLPoisonRange *found);
/*
 * The media has lost a range of the device: what was poison stays what it
 * is, and what does not fit leaves the overflow state.  One record in the
 * failure log is about all of it, and one about an overflow that is new.
 */
void cxl_poison_add(CXLPoisonList *list, uint64_t dpa, uint64_t length,
                    CXLPoisonSource source);
/*
 * Injects one line of the device; true if it is poison now.  False, and
 * nothing changes, if that would be one too many.  A line that was good has
 * a record in the informational log.
 */
bool cxl_poison_inject(CXLPoisonList *list, uint64_t dpa);
/* A range is good again.  A piece that no longer fits is an overflow. */
void cxl_poison_remove(CXLPoisonList *list, uint64_t dpa, uint64_t length);
/*
 * What is unlisted in [@dpa, @end) has been found: as much as there is room
 * for is listed now.
 */
void cxl_poison_list_found(CXLPoisonList *list, uint64_t dpa, uint64_t end);
/* The list is known to be all there is. */
void cxl_poison_end_overflow(CXLPoisonList *list);
/*
 * The host reads this range: where to go on.  That is @dpa, unless it is in
 * the middle of reading just this range.
 */
uint64_t cxl_poison_read_from(const CXLPoisonList *list, uint64_t dpa,
                              uint64_t length);
/* It has got what is below @next; @more: and there is more. */
void cxl_poison_read_to(CXLPoisonList *list, uint64_t dpa, uint64_t length,
                        uint64_t next, bool more);
/* Is a loaded range one that could be in the list? */
bool cxl_poison_range_valid(const CXLPoisonList *list,
                            const CXLPoisonRange *range);
/* Is a loaded list one that could have come about?  If not, reset it. */
bool cxl_poison_valid(const CXLPoisonList *list);

/* What is kept without power: all but what was injected. */
extern const CXLMetadataSection cxl_poison_section;

#endif
