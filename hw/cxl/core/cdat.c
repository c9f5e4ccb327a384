/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table and its way out; see cdat_load.c for tables from a file. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cdat.h"

void cxl_cdat_init(CXLCdat *cdat)
{
    cdat->table = g_byte_array_new();
    cdat->entry = g_array_new(false, false, sizeof(uint32_t));
    cdat->sequence = 0;
}

void cxl_cdat_finish(CXLCdat *cdat)
{
    g_byte_array_unref(cdat->table);
    g_array_unref(cdat->entry);
    cdat->table = NULL;
    cdat->entry = NULL;
}

static void append(CXLCdat *cdat, const void *entry, size_t length)
{
    uint32_t offset = cdat->table->len;

    g_array_append_val(cdat->entry, offset);
    g_byte_array_append(cdat->table, entry, length);
}

static CXLWireCdatPrefix prefix(uint8_t type, size_t length)
{
    return (CXLWireCdatPrefix) {
        .type = type,
        .length = cxl_put16(length),
    };
}

static void add_dsmas(CXLCdat *cdat, const CXLCdatRange *range)
{
    CXLWireDsmas dsmas = {
        .prefix = prefix(CXL_CDAT_DSMAS, sizeof(dsmas)),
        .handle = range->handle,
        .flags = range->flags,
        .base = cxl_put64(range->base),
        .size = cxl_put64(range->size),
    };

    append(cdat, &dsmas, sizeof(dsmas));
}

/* An entry has 16 bits: find the decimal unit in which @value fits. */
static uint64_t base_unit(uint32_t value)
{
    uint64_t unit = 1;

    while (value / unit > CXL_CDAT_ENTRY_MAX) {
        unit *= 10;
    }
    return unit;
}

/* Not known (0): no entry, since 0 is not a legal one. */
static void add_dslbis(CXLCdat *cdat, const CXLCdatRange *range,
                       uint8_t data_type, uint32_t value)
{
    uint64_t unit = base_unit(value);
    CXLWireDslbis dslbis = {
        .prefix = prefix(CXL_CDAT_DSLBIS, sizeof(dslbis)),
        .handle = range->handle,
        .data_type = data_type,
        .base_unit = cxl_put64(unit),
        .entry[0] = cxl_put16(value / unit),
    };

    if (value) {
        append(cdat, &dslbis, sizeof(dslbis));
    }
}

static void add_dsemts(CXLCdat *cdat, const CXLCdatRange *range)
{
    CXLWireDsemts dsemts = {
        .prefix = prefix(CXL_CDAT_DSEMTS, sizeof(dsemts)),
        .handle = range->handle,
        .type = range->flags & CXL_DSMAS_NON_VOLATILE ?
                CXL_DSEMTS_RESERVED : CXL_DSEMTS_SPECIFIC_PURPOSE,
        .size = cxl_put64(range->size),
    };

    append(cdat, &dsemts, sizeof(dsemts));
}

static void add_range(CXLCdat *cdat, const CXLCdatRange *range)
{
    add_dsmas(cdat, range);
    add_dslbis(cdat, range, CXL_CDAT_READ_LATENCY, range->read_latency);
    add_dslbis(cdat, range, CXL_CDAT_WRITE_LATENCY, range->write_latency);
    add_dslbis(cdat, range, CXL_CDAT_READ_BANDWIDTH, range->read_bandwidth);
    add_dslbis(cdat, range, CXL_CDAT_WRITE_BANDWIDTH,
               range->write_bandwidth);
    add_dsemts(cdat, range);
}

static void seal(CXLCdat *cdat)
{
    CXLWireCdatHeader *header = (CXLWireCdatHeader *)cdat->table->data;
    uint8_t sum = 0;

    header->length = cxl_put32(cdat->table->len);
    for (unsigned i = 0; i < cdat->table->len; i++) {
        sum += cdat->table->data[i];
    }
    header->checksum = -sum;
}

static void start(CXLCdat *cdat)
{
    CXLWireCdatHeader header = {
        .revision = CXL_CDAT_REVISION,
        .sequence = cxl_put32(++cdat->sequence),
    };

    g_byte_array_set_size(cdat->table, 0);
    g_array_set_size(cdat->entry, 0);
    append(cdat, &header, sizeof(header));
}

void cxl_cdat_build(CXLCdat *cdat, const CXLCdatRange *ranges,
                    unsigned count)
{
    start(cdat);
    for (unsigned i = 0; i < count; i++) {
        add_range(cdat, &ranges[i]);
    }
    seal(cdat);
}

/* What one SSLBIS says of a pair of ports. */
typedef uint32_t (*PairValue)(const CXLCdatSwitch *sw,
                              const CXLCdatPort *x, const CXLCdatPort *y);

static uint32_t pair_latency(const CXLCdatSwitch *sw, const CXLCdatPort *x,
                             const CXLCdatPort *y)
{
    return sw->latency;
}

static uint32_t pair_bandwidth(const CXLCdatSwitch *sw,
                               const CXLCdatPort *x, const CXLCdatPort *y)
{
    return MIN(x->bandwidth, y->bandwidth);
}

static void add_pair(GByteArray *bytes, uint16_t x, uint16_t y,
                     uint32_t value)
{
    CXLWireSslbisEntry entry = {
        .port_x = cxl_put16(x),
        .port_y = cxl_put16(y),
        .value = cxl_put16(value),
    };

    g_byte_array_append(bytes, (const uint8_t *)&entry, sizeof(entry));
}

/*
 * The pairs with the upstream port come first: Linux takes the first pair
 * that names a port.
 */
static void add_pairs(GByteArray *bytes, const CXLCdatSwitch *sw,
                      PairValue value, uint64_t unit)
{
    for (unsigned i = 0; i < sw->count; i++) {
        add_pair(bytes, CXL_SSLBIS_UPSTREAM, sw->port[i].number,
                 value(sw, &sw->upstream, &sw->port[i]) / unit);
    }
    if (sw->count > CXL_CDAT_MAX_PEERS) {
        return;
    }
    for (unsigned i = 0; i < sw->count; i++) {
        for (unsigned j = i + 1; j < sw->count; j++) {
            add_pair(bytes, sw->port[i].number, sw->port[j].number,
                     value(sw, &sw->port[i], &sw->port[j]) / unit);
        }
    }
}

static uint32_t greatest(const CXLCdatSwitch *sw, PairValue value)
{
    uint32_t most = 0;

    for (unsigned i = 0; i < sw->count; i++) {
        most = MAX(most, value(sw, &sw->port[i], &sw->port[i]));
    }
    return most;
}

static void add_sslbis(CXLCdat *cdat, const CXLCdatSwitch *sw,
                       uint8_t data_type, PairValue value)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    uint64_t unit = base_unit(greatest(sw, value));
    CXLWireSslbis sslbis = {
        .data_type = data_type,
        .base_unit = cxl_put64(unit),
    };

    g_byte_array_append(bytes, (const uint8_t *)&sslbis, sizeof(sslbis));
    add_pairs(bytes, sw, value, unit);
    sslbis.prefix = prefix(CXL_CDAT_SSLBIS, bytes->len);
    memcpy(bytes->data, &sslbis, sizeof(sslbis));
    append(cdat, bytes->data, bytes->len);
}

void cxl_cdat_build_switch(CXLCdat *cdat, const CXLCdatSwitch *sw)
{
    start(cdat);
    if (sw->count && sw->latency) {
        add_sslbis(cdat, sw, CXL_CDAT_ACCESS_LATENCY, pair_latency);
    }
    if (sw->count) {
        add_sslbis(cdat, sw, CXL_CDAT_ACCESS_BANDWIDTH, pair_bandwidth);
    }
    seal(cdat);
}

static uint32_t entry_start(const CXLCdat *cdat, unsigned n)
{
    return n < cdat->entry->len ?
           g_array_index(cdat->entry, uint32_t, n) : cdat->table->len;
}

/* CXL r3.2: Table Access: one entry of the table for each request */
int cxl_cdat_answer(void *state, const uint8_t *in, size_t in_len,
                    uint8_t *out, size_t out_max)
{
    const CXLCdat *cdat = state;
    CXLWireTableAccess access;
    uint32_t start, length;
    unsigned handle;

    if (in_len != sizeof(access)) {
        return -1;
    }
    memcpy(&access, in, sizeof(access));
    handle = cxl_get16(access.handle);
    if (access.code != CXL_TABLE_ACCESS_READ ||
        access.table != CXL_TABLE_ACCESS_CDAT ||
        handle >= cdat->entry->len) {
        return -1;
    }
    start = entry_start(cdat, handle);
    length = entry_start(cdat, handle + 1) - start;
    if (sizeof(access) + length > out_max) {
        return -1;
    }
    access.handle = cxl_put16(handle + 1 < cdat->entry->len ?
                              handle + 1 : CXL_TABLE_ACCESS_LAST);
    memcpy(out, &access, sizeof(access));
    memcpy(out + sizeof(access), cdat->table->data + start, length);
    return sizeof(access) + length;
}
