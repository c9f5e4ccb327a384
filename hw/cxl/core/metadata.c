/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device remembers: two copies in an area. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cursor.h"
#include "hw/cxl/core/metadata.h"
#include "hw/cxl/spec/wire.h"

#define FORMAT 1
#define SUM_LENGTH 32           /* SHA-256 */

static const uint8_t magic[8] = { "QEMUCXLM" };

/* The sum is over all that follows it, as much as @length says. */
typedef struct {
    uint8_t magic[8];
    uint8_t sum[SUM_LENGTH];
    cxl_le32 format;
    cxl_le32 length;            /* of the sections, which follow */
    cxl_le64 sequence;
} QEMU_PACKED Header;
CXL_WIRE(Header, 56);

typedef struct {
    cxl_le16 id;
    uint8_t reserved[2];
    cxl_le32 length;
} QEMU_PACKED SectionHeader;
CXL_WIRE(SectionHeader, 8);

#define SECTIONS_MAX (CXL_METADATA_COPY - sizeof(Header))
#define SUMMED_FROM offsetof(Header, format)

typedef enum CopyState {
    COPY_BLANK,                 /* all zeroes */
    COPY_WHOLE,
    COPY_BROKEN,                /* ours, but not whole */
    COPY_FOREIGN,
} CopyState;

typedef struct Copy {
    uint8_t bytes[CXL_METADATA_COPY];
    CopyState state;
} Copy;

static const Header *header_of(const Copy *copy)
{
    return (const Header *)copy->bytes;
}

void cxl_metadata_init(CXLMetadata *md, const CXLMedia *store)
{
    *md = (CXLMetadata) { 0 };
    if (store) {
        md->store = *store;
    }
}

void cxl_metadata_add(CXLMetadata *md, const CXLMetadataSection *section,
                      void *state)
{
    size_t room = SECTIONS_MAX;

    g_assert(md->count < CXL_METADATA_SECTIONS);
    md->entry[md->count++] = (CXLMetadataEntry) { section, state };
    for (unsigned i = 0; i < md->count; i++) {
        size_t need = sizeof(SectionHeader) + md->entry[i].section->max;

        g_assert(need <= room);
        room -= need;
    }
}

static void checksum(const uint8_t *bytes, uint32_t length, uint8_t *sum)
{
    GChecksum *sha = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = SUM_LENGTH;

    g_checksum_update(sha, bytes + SUMMED_FROM,
                      sizeof(Header) - SUMMED_FROM + length);
    g_checksum_get_digest(sha, sum, &size);
    g_checksum_free(sha);
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    return !bytes[0] && !memcmp(bytes, bytes + 1, len - 1);
}

/* Even the mark may have been cut short. */
static CopyState judge_unmarked(const Copy *copy)
{
    size_t n = 0;

    while (copy->bytes[n] == magic[n]) {
        n++;
    }
    if (!all_zero(copy->bytes + n, sizeof(copy->bytes) - n)) {
        return COPY_FOREIGN;
    }
    return n ? COPY_BROKEN : COPY_BLANK;
}

static CopyState judge(const Copy *copy)
{
    const Header *header = header_of(copy);
    uint32_t length = cxl_get32(header->length);
    uint8_t sum[SUM_LENGTH];

    if (memcmp(header->magic, magic, sizeof(magic))) {
        return judge_unmarked(copy);
    }
    if (length > SECTIONS_MAX) {
        return COPY_BROKEN;
    }
    checksum(copy->bytes, length, sum);
    return memcmp(sum, header->sum, sizeof(sum)) ? COPY_BROKEN : COPY_WHOLE;
}

static bool read_copies(const CXLMetadata *md, Copy *copy)
{
    for (unsigned n = 0; n < 2; n++) {
        if (!cxl_media_read(&md->store, n * CXL_METADATA_COPY,
                            copy[n].bytes, sizeof(copy[n].bytes))) {
            return false;
        }
        copy[n].state = judge(&copy[n]);
    }
    return true;
}

/*
 * The first save ever marks the first copy before it writes it, and writes
 * both: killed in there, it leaves a broken first copy and a blank second.
 */
static bool is_new(const Copy *copy)
{
    return copy[1].state == COPY_BLANK &&
        (copy[0].state == COPY_BLANK || copy[0].state == COPY_BROKEN);
}

static uint64_t sequence_of(const Copy *copy)
{
    return cxl_get64(header_of(copy)->sequence);
}

/* Which copy counts, or -1 */
static int newest_of(const Copy *copy)
{
    if (copy[0].state != COPY_WHOLE || copy[1].state != COPY_WHOLE) {
        return copy[0].state == COPY_WHOLE ? 0 :
               copy[1].state == COPY_WHOLE ? 1 : -1;
    }
    return (int64_t)(sequence_of(&copy[1]) - sequence_of(&copy[0])) > 0;
}

static char *why_not(const Copy *copy)
{
    if (copy[0].state == COPY_BROKEN || copy[1].state == COPY_BROKEN) {
        return g_strdup("is damaged: both copies of what the device "
                        "remembers");
    }
    return g_strdup("holds something else: a new one is all zeroes");
}

/* Where the newest copy is.  False, with *@why, if there can be none. */
static bool locate(CXLMetadata *md, const Copy *copy, char **why)
{
    int newest = newest_of(copy);

    if (newest < 0 && !is_new(copy)) {
        *why = why_not(copy);
        return false;
    }
    md->located = true;
    md->blank = newest < 0;
    md->newest = MAX(newest, 0);
    md->sequence = sequence_of(&copy[md->newest]);
    return true;
}

static const CXLMetadataEntry *find(const CXLMetadata *md, uint16_t id)
{
    for (unsigned i = 0; i < md->count; i++) {
        if (md->entry[i].section->id == id) {
            return &md->entry[i];
        }
    }
    return NULL;
}

/* @seen: bit n for the entry n */
static bool load_section(CXLMetadata *md, CXLReader *in, uint32_t *seen,
                         char **why)
{
    const SectionHeader *header = CXL_READ(in, SectionHeader);
    uint32_t length = header ? cxl_get32(header->length) : 0;
    const uint8_t *bytes = cxl_reader_take(in, length);
    const CXLMetadataEntry *entry;

    if (!header || !bytes) {
        *why = g_strdup("is damaged: a section ends too early");
        return false;
    }
    entry = find(md, cxl_get16(header->id));
    if (!entry) {
        *why = g_strdup_printf("was written by a newer QEMU: section %u is "
                               "not known here", cxl_get16(header->id));
        return false;
    }
    if (*seen & 1U << (entry - md->entry) ||
        length > entry->section->max ||
        !entry->section->unpack(entry->state, bytes, length)) {
        *why = g_strdup_printf("is another device's: %s does not fit",
                               entry->section->name);
        return false;
    }
    *seen |= 1U << (entry - md->entry);
    return true;
}

static bool load_copy(CXLMetadata *md, const Copy *copy, char **why)
{
    uint32_t format = cxl_get32(header_of(copy)->format), seen = 0;
    CXLReader in;

    if (format != FORMAT) {
        *why = g_strdup_printf("was written by a newer QEMU: format %u is "
                               "not known here", format);
        return false;
    }
    cxl_reader_init(&in, copy->bytes + sizeof(Header),
                    cxl_get32(header_of(copy)->length));
    while (cxl_reader_left(&in)) {
        if (!load_section(md, &in, &seen, why)) {
            return false;
        }
    }
    return true;
}

bool cxl_metadata_load(CXLMetadata *md, char **why)
{
    g_autofree Copy *copy = g_new(Copy, 2);

    if (!md->store.ops) {
        return true;
    }
    if (!read_copies(md, copy)) {
        *why = g_strdup("cannot be read");
        return false;
    }
    return locate(md, copy, why) &&
        (md->blank || load_copy(md, &copy[md->newest], why));
}

/* Bytes of the copy: what has to be written of it */
static size_t pack(const CXLMetadata *md, uint64_t sequence, uint8_t *bytes)
{
    Header *header = (Header *)bytes;
    uint8_t *at = bytes + sizeof(*header);
    size_t length;

    for (unsigned i = 0; i < md->count; i++) {
        const CXLMetadataSection *section = md->entry[i].section;
        SectionHeader *sh = (SectionHeader *)at;

        length = section->pack(md->entry[i].state, at + sizeof(*sh));
        *sh = (SectionHeader) {
            .id = cxl_put16(section->id), .length = cxl_put32(length),
        };
        at += sizeof(*sh) + length;
    }
    length = at - bytes;
    memcpy(header->magic, magic, sizeof(magic));
    header->format = cxl_put32(FORMAT);
    header->length = cxl_put32(length - sizeof(*header));
    header->sequence = cxl_put64(sequence);
    checksum(bytes, length - sizeof(*header), header->sum);
    return length;
}

static bool write_copy(CXLMetadata *md, unsigned n, uint64_t sequence)
{
    g_autofree uint8_t *bytes = g_malloc0(CXL_METADATA_COPY);
    size_t length = pack(md, sequence, bytes);

    if (!cxl_media_write(&md->store, n * CXL_METADATA_COPY, bytes, length)) {
        return false;
    }
    md->newest = n;
    md->sequence = sequence;
    return true;
}

static bool write_first(CXLMetadata *md)
{
    md->blank = !(cxl_media_write(&md->store, 0, magic, sizeof(magic)) &&
                  write_copy(md, 0, 1) && write_copy(md, 1, 2));
    return !md->blank;
}

static bool know_place(CXLMetadata *md)
{
    g_autofree Copy *copy = NULL;
    g_autofree char *why = NULL;

    if (md->located) {
        return true;
    }
    copy = g_new(Copy, 2);
    return read_copies(md, copy) && locate(md, copy, &why);
}

bool cxl_metadata_save(CXLMetadata *md)
{
    if (!md || !md->store.ops ||
        (md->withheld && md->withheld(md->withheld_opaque))) {
        return true;
    }
    if (!know_place(md)) {
        return false;
    }
    return md->blank ? write_first(md)
                     : write_copy(md, !md->newest, md->sequence + 1);
}

void cxl_metadata_replaced(CXLMetadata *md)
{
    md->located = false;
}
