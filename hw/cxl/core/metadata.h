/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device remembers without power beside the contents of its memory:
 * sections of state in one area of a byte store.
 *
 * The area has two copies with a sequence number and a checksum each.  The
 * newer one that is whole counts, and a save overwrites the other: whoever
 * is killed in the middle leaves what was there before.  A blank area, all
 * zeroes, is that of a new device.  An area that is damaged, or that is
 * something else, is refused and left as it is.
 */
#ifndef HW_CXL_CORE_METADATA_H
#define HW_CXL_CORE_METADATA_H

#include "hw/cxl/core/port.h"

/* Bytes of the area that are used; more is left alone. */
#define CXL_METADATA_COPY (64 * 1024)
#define CXL_METADATA_SIZE (2 * CXL_METADATA_COPY)
#define CXL_METADATA_SECTIONS 16

/* Never used again for anything else: they are in users' files. */
typedef enum CXLMetadataId {
    CXL_METADATA_MEDIA    = 1,
    CXL_METADATA_HEALTH   = 2,
    CXL_METADATA_POISON   = 3,
    CXL_METADATA_SECURITY = 4,
    CXL_METADATA_FIRMWARE = 5,
    CXL_METADATA_FEATURES = 6,
    CXL_METADATA_REPAIR   = 7,
} CXLMetadataId;

typedef struct CXLMetadataSection {
    CXLMetadataId id;
    const char *name;           /* for users: "the ..." */
    uint32_t max;               /* bytes that it may have */
    /* Write the state to @out, at most max bytes; their number. */
    size_t (*pack)(const void *state, uint8_t *out);
    /*
     * Take the state from bytes of any content.  False if no such state can
     * have come about on this device; it need not be usable then.
     */
    bool (*unpack)(void *state, const uint8_t *in, size_t len);
} CXLMetadataSection;

typedef struct CXLMetadataEntry {
    const CXLMetadataSection *section;
    void *state;
} CXLMetadataEntry;

typedef struct CXLMetadata {
    CXLMedia store;             /* none: nothing is remembered */
    CXLMetadataEntry entry[CXL_METADATA_SECTIONS];
    unsigned count;
    bool located;               /* whether the next three are known */
    bool blank;
    unsigned newest;            /* copy 0 or 1 */
    uint64_t sequence;          /* its number; they wrap */
    /* Is the area someone else's at the moment?  NULL: never. */
    bool (*withheld)(void *opaque);
    void *withheld_opaque;
} CXLMetadata;

/* @store: NULL, or at least CXL_METADATA_SIZE bytes. */
void cxl_metadata_init(CXLMetadata *md, const CXLMedia *store);
/* The state of @section is kept from now on; each id only once. */
void cxl_metadata_add(CXLMetadata *md, const CXLMetadataSection *section,
                      void *state);
/*
 * Fill all sections from the area; those that are not in there stay as they
 * are.  False with *@why, a clause for users to be freed, if it is refused:
 * then the states are not to be used.  Writes nothing.
 */
bool cxl_metadata_load(CXLMetadata *md, char **why);
/*
 * A state has changed: write all.  Without a store, or while it is withheld,
 * nothing happens.  @md may be NULL.  False if the store does not take it.
 */
bool cxl_metadata_save(CXLMetadata *md);
/* The area's bytes may not be those that were saved last. */
void cxl_metadata_replaced(CXLMetadata *md);

#endif
