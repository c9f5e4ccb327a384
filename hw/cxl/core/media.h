/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's memory: one byte store over all DPA and the boundary between
 * its volatile and its persistent partition.
 *
 *   0            volatile            total
 *   |-- volatile --|-- persistent --|
 *
 * All capacities are bytes and multiples of 256 MiB.
 * CXL r3.2: Get/Set Partition Info, Memory Device Status register.
 */
#ifndef HW_CXL_CORE_MEDIA_H
#define HW_CXL_CORE_MEDIA_H

#include "hw/cxl/core/metadata.h"
#include "hw/cxl/spec/wire.h"

#define CXL_CAPACITY_UNIT (256 * 1024 * 1024ULL)

typedef enum CXLMediaStatus {
    CXL_MEDIA_NOT_READY = 0,
    CXL_MEDIA_READY     = 1,
    CXL_MEDIA_ERROR     = 2,
    CXL_MEDIA_DISABLED  = 3,
} CXLMediaStatus;

typedef struct CXLMediaState {
    CXLMedia store;             /* every DPA */
    uint64_t volatile_only;
    uint64_t persistent_only;
    uint64_t align;             /* of the boundary; 0: it cannot move */
    uint64_t volatile_size;     /* active boundary */
    uint64_t next_volatile;     /* after the next cold reset */
    bool next_pending;
    uint8_t status;             /* CXLMediaStatus: cxl_media_set_status() */
    bool locked;                /* persistent memory does not answer */
    /* Called when the active boundary has moved (CDAT, DVSEC ranges). */
    void (*moved)(void *opaque);
    void *moved_opaque;
    /* Called when other memory answers than did before. */
    void (*answers_changed)(void *opaque);
    void *answers_changed_opaque;
    CXLMetadata *metadata;      /* keeps the boundaries, or NULL */
    /* Is any DPA mapped by a decoder?  NULL: never. */
    bool (*in_use)(void *opaque);
    void *in_use_opaque;
} CXLMediaState;

/* @volatile_size is the boundary at power-on. */
void cxl_media_init(CXLMediaState *media, const CXLMedia *store,
                    uint64_t volatile_only, uint64_t persistent_only,
                    uint64_t align, uint64_t volatile_size);
/* A cold reset makes the pending boundary the active one. */
void cxl_media_reset(CXLMediaState *media, CXLResetKind kind);
uint64_t cxl_media_total(const CXLMediaState *media);
uint64_t cxl_media_persistent(const CXLMediaState *media);
/*
 * @volatile_size: the new boundary.  False if it is out of range or not
 * aligned, if the boundary cannot move, or if it is to move at once under
 * memory in use.
 */
bool cxl_media_set_partition(CXLMediaState *media, uint64_t volatile_size,
                             bool immediate);
void cxl_media_set_status(CXLMediaState *media, CXLMediaStatus status);
/* By a passphrase: CXL r3.2: Get Security State. */
void cxl_media_set_locked(CXLMediaState *media, bool locked);
/* Is any byte of [@dpa, @dpa + @len), within the device, locked? */
bool cxl_media_locks(const CXLMediaState *media, uint64_t dpa, uint64_t len);
/* Does any byte of it not answer? */
bool cxl_media_withholds(const CXLMediaState *media, uint64_t dpa,
                         uint64_t len);
/*
 * Where in [@dpa, @end) the memory that does not answer begins, up to *@to;
 * why, in a word or two, or NULL if all of it answers.
 */
const char *cxl_media_withheld(const CXLMediaState *media, uint64_t dpa,
                               uint64_t end, uint64_t *from, uint64_t *to);
/* What is kept without power: both boundaries, and whether it is disabled. */
extern const CXLMetadataSection cxl_media_section;
/* Are loaded boundaries within what the device can be? */
bool cxl_media_valid(const CXLMediaState *media);
/* Bytes, as the wire counts capacity. */
static inline cxl_le64 cxl_put_capacity(uint64_t bytes)
{
    return cxl_put64(bytes / CXL_CAPACITY_UNIT);
}

/* The Memory Device Status register's 64 bits. */
uint64_t cxl_media_status_register(const CXLMediaState *media);

#endif
