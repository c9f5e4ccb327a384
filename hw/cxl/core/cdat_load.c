/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table from a file: every structure is checked before one is believed. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cdat.h"

/* A response must hold an entry: DOE header, table access header, entry. */
#define ENTRY_MAX \
    ((CXL_DOE_MAX_DW - CXL_DOE_HEADER_DW) * 4 - sizeof(CXLWireTableAccess))
/* Handle ffffh says that there is no more. */
#define HANDLE_MAX (CXL_TABLE_ACCESS_LAST - 1)

static const uint8_t fixed_length[] = {
    [CXL_CDAT_DSMAS]   = sizeof(CXLWireDsmas),
    [CXL_CDAT_DSLBIS]  = sizeof(CXLWireDslbis),
    [CXL_CDAT_DSMSCIS] = sizeof(CXLWireDsmscis),
    [CXL_CDAT_DSIS]    = sizeof(CXLWireDsis),
    [CXL_CDAT_DSEMTS]  = sizeof(CXLWireDsemts),
};

static char *check_header(const uint8_t *bytes, size_t len)
{
    const CXLWireCdatHeader *header = (const CXLWireCdatHeader *)bytes;
    uint8_t sum = 0;

    if (len < sizeof(*header)) {
        return g_strdup_printf("%zu bytes are too few for a CDAT header",
                               len);
    }
    if (cxl_get32(header->length) != len) {
        return g_strdup_printf("the header says %u bytes, there are %zu",
                               cxl_get32(header->length), len);
    }
    if (header->revision < 1 || header->revision > CXL_CDAT_REVISION) {
        return g_strdup_printf("revision %u is not known", header->revision);
    }
    for (size_t i = 0; i < len; i++) {
        sum += bytes[i];
    }
    if (sum) {
        return g_strdup_printf("wrong checksum: the bytes sum to 0x%02x, "
                               "not 0", sum);
    }
    return NULL;
}

static bool length_fits_type(uint8_t type, unsigned length)
{
    if (type < ARRAY_SIZE(fixed_length)) {
        return length == fixed_length[type];
    }
    if (type == CXL_CDAT_SSLBIS) {
        return length >= sizeof(CXLWireSslbis) &&
               !((length - sizeof(CXLWireSslbis)) %
                 sizeof(CXLWireSslbisEntry));
    }
    return true;    /* of a later revision: for the guest to judge */
}

/* The structure's length in *@length; or why it cannot be one. */
static char *check_entry(const uint8_t *bytes, size_t offset, size_t len,
                         unsigned *length)
{
    const CXLWireCdatPrefix *prefix;

    if (len - offset < sizeof(*prefix)) {
        return g_strdup_printf("offset %zu: no room for a structure",
                               offset);
    }
    prefix = (const CXLWireCdatPrefix *)(bytes + offset);
    *length = cxl_get16(prefix->length);
    if (*length < sizeof(*prefix) || *length > len - offset ||
        *length > ENTRY_MAX) {
        return g_strdup_printf("offset %zu: length %u is out of bounds",
                               offset, *length);
    }
    if (!length_fits_type(prefix->type, *length)) {
        return g_strdup_printf("offset %zu: length %u is wrong for type %u",
                               offset, *length, prefix->type);
    }
    return NULL;
}

/* Offsets of the header and of all structures into @entry. */
static char *find_entries(const uint8_t *bytes, size_t len, GArray *entry)
{
    char *why = check_header(bytes, len);
    uint32_t offset = 0;
    unsigned length = sizeof(CXLWireCdatHeader);

    while (!why) {
        if (entry->len > HANDLE_MAX) {
            return g_strdup_printf("offset %u: too many structures", offset);
        }
        g_array_append_val(entry, offset);
        offset += length;
        if (offset == len) {
            break;
        }
        why = check_entry(bytes, offset, len, &length);
    }
    return why;
}

bool cxl_cdat_load(CXLCdat *cdat, const uint8_t *bytes, size_t len,
                   char **why)
{
    g_autoptr(GArray) entry = g_array_new(false, false, sizeof(uint32_t));
    const CXLWireCdatHeader *header = (const CXLWireCdatHeader *)bytes;

    *why = find_entries(bytes, len, entry);
    if (*why) {
        return false;
    }
    g_byte_array_set_size(cdat->table, 0);
    g_byte_array_append(cdat->table, bytes, len);
    g_array_set_size(cdat->entry, 0);
    g_array_append_vals(cdat->entry, entry->data, entry->len);
    cdat->sequence = cxl_get32(header->sequence);
    return true;
}
