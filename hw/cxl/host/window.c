/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "qapi/clone-visitor.h"
#include "qapi/error.h"
#include "qapi/qapi-visit-cxl.h"
#include "hw/cxl/host/window.h"
#include "hw/cxl/model/host_bridge.h"
#include "hw/cxl/core/cedt.h"
#include "hw/qdev-core.h"
#include "hw/cxl/trace.h"

#define WINDOW_UNIT (256 * MiB)
#define RESTRICTIONS_DEFAULT                                    \
    (CXL_CFMWS_DEVICE_COHERENT | CXL_CFMWS_HOST_ONLY |          \
     CXL_CFMWS_VOLATILE | CXL_CFMWS_PERSISTENT)
#define RESTRICTIONS_ALL                                        \
    (RESTRICTIONS_DEFAULT | CXL_CFMWS_FIXED | CXL_CFMWS_BI)

static bool check_size(unsigned n, uint64_t size, unsigned ways, Error **errp)
{
    g_autofree char *text = size_to_str(size);

    if (!size || size % WINDOW_UNIT) {
        error_setg(errp, "cxl-fmw.%u.size: %s is not a multiple of 256 MiB",
                   n, text);
        return false;
    }
    if (size % (ways * WINDOW_UNIT)) {
        warn_report("cxl-fmw.%u.size: the standard asks for a multiple of "
                    "256 MiB times %u targets; guests may not use all of it",
                    n, ways);
    }
    return true;
}

static bool check_granularity(unsigned n, uint64_t granularity, Error **errp)
{
    if (cxl_interleave_encode_granularity(granularity) < 0) {
        error_setg(errp, "cxl-fmw.%u.interleave-granularity: %" PRIu64
                   " is not one of 256, 512, 1k, 2k, 4k, 8k, 16k",
                   n, granularity);
        return false;
    }
    return true;
}

static bool check_ways(unsigned n, unsigned ways, Error **errp)
{
    if (cxl_interleave_encode_ways(ways) < 0) {
        error_setg(errp, "cxl-fmw.%u.targets: %u targets cannot be "
                   "interleaved; name 1, 2, 3, 4, 6, 8, 12 or 16 pxb-cxl",
                   n, ways);
        return false;
    }
    return true;
}

static bool check_restrictions(unsigned n, uint16_t bits, Error **errp)
{
    if (bits & ~RESTRICTIONS_ALL) {
        error_setg(errp, "cxl-fmw.%u.restrictions: 0x%x has bits outside of "
                   "0x%x", n, bits, RESTRICTIONS_ALL);
        return false;
    }
    return true;
}

/* _DSM is asked with 32 bits of picoseconds. */
#define QTG_LATENCY_MAX (UINT32_MAX / 1000)

static bool check_latency(unsigned n, uint32_t latency, Error **errp)
{
    if (latency > QTG_LATENCY_MAX) {
        error_setg(errp, "cxl-fmw.%u.qtg-max-latency: %u is more than %u "
                   "nanoseconds; 0 is for no limit", n, latency,
                   QTG_LATENCY_MAX);
        return false;
    }
    return true;
}

static bool by_xor(const CXLFixedMemoryWindowOptions *opts)
{
    return opts->has_interleave_arithmetic &&
           opts->interleave_arithmetic == CXL_INTERLEAVE_ARITHMETIC_XOR;
}

static CXLInterleave interleave_of(const CXLFixedMemoryWindowOptions *opts,
                                   unsigned ways, uint64_t granularity)
{
    CXLInterleave il = {
        .ways = ways,
        .shift = ctz64(granularity),
        .by_xor = by_xor(opts),
    };
    const uint64List *map = opts->xor_maps;

    for (unsigned i = 0; il.by_xor && i < cxl_interleave_pow2_bits(&il);
         i++) {
        il.xor_map[i] = map ? map->value : cxl_interleave_default_map(&il, i);
        map = map ? map->next : NULL;
    }
    return il;
}

static bool check_map_count(unsigned n, unsigned given, unsigned ways,
                            unsigned wanted, Error **errp)
{
    if (given != wanted) {
        error_setg(errp, "cxl-fmw.%u.xor-maps: %u targets take %u of them, "
                   "not %u; leave all out for the default", n, ways, wanted,
                   given);
        return false;
    }
    return true;
}

static bool check_maps(unsigned n, const CXLFixedMemoryWindowOptions *opts,
                       unsigned ways, uint64_t granularity, Error **errp)
{
    CXLInterleave il = interleave_of(opts, ways, granularity);
    unsigned i = 0;

    if (!opts->has_xor_maps) {
        return true;
    }
    if (!il.by_xor) {
        error_setg(errp, "cxl-fmw.%u.xor-maps needs "
                   "cxl-fmw.%u.interleave-arithmetic=xor", n, n);
        return false;
    }
    for (const uint64List *map = opts->xor_maps; map; map = map->next) {
        if (i < cxl_interleave_pow2_bits(&il) &&
            !cxl_interleave_map_legal(&il, i, map->value)) {
            error_setg(errp, "cxl-fmw.%u.xor-maps.%u: 0x%" PRIx64 " must "
                       "have 0x%" PRIx64 " as its lowest bit, and none above "
                       "bit %u", n, i, map->value, granularity << i,
                       CXL_ADDRESS_BITS - 1);
            return false;
        }
        i++;
    }
    return check_map_count(n, i, ways, cxl_interleave_pow2_bits(&il), errp);
}

bool cxl_window_check_maps(const CXLFixedWindow *window,
                           const CXLFixedWindow *other, Error **errp)
{
    CXLInterleave a = cxl_window_interleave(window);
    CXLInterleave b = cxl_window_interleave(other);
    unsigned common = MIN(cxl_interleave_pow2_bits(&a),
                          cxl_interleave_pow2_bits(&b));

    if (!a.by_xor || !b.by_xor || a.shift != b.shift) {
        return true;
    }
    for (unsigned i = 0; i < common; i++) {
        if (a.xor_map[i] != b.xor_map[i]) {
            error_setg(errp, "cxl-fmw.%u.xor-maps.%u: 0x%" PRIx64 " is not "
                       "cxl-fmw.%u's 0x%" PRIx64 ": windows of the same "
                       "interleave-granularity share their maps; give both "
                       "the same", window->index, i, a.xor_map[i],
                       other->index, b.xor_map[i]);
            return false;
        }
    }
    return true;
}

CXLFixedWindow *cxl_window_new(unsigned index,
                               const CXLFixedMemoryWindowOptions *opts,
                               Error **errp)
{
    uint64_t granularity = opts->has_interleave_granularity ?
                           opts->interleave_granularity : 256;
    uint16_t restrictions = opts->has_restrictions ?
                            opts->restrictions : RESTRICTIONS_DEFAULT;
    unsigned ways = 0;
    CXLFixedWindow *window;

    for (strList *t = opts->targets; t; t = t->next) {
        ways++;
    }
    if (!check_ways(index, ways, errp) ||
        !check_size(index, opts->size, ways, errp) ||
        !check_granularity(index, granularity, errp) ||
        !check_maps(index, opts, ways, granularity, errp) ||
        !check_restrictions(index, restrictions, errp) ||
        !check_latency(index, opts->qtg_max_latency, errp)) {
        return NULL;
    }

    window = g_new0(CXLFixedWindow, 1);
    window->index = index;
    window->opts = QAPI_CLONE(CXLFixedMemoryWindowOptions, opts);
    window->size = opts->size;
    window->granularity = granularity;
    window->ways = ways;
    window->restrictions = restrictions;
    window->qtg = opts->has_qtg ? opts->qtg : 0;
    window->target = g_new0(DeviceState *, ways);
    return window;
}

void cxl_window_free(CXLFixedWindow *window)
{
    qapi_free_CXLFixedMemoryWindowOptions(window->opts);
    g_free(window->target);
    g_free(window);
}

bool cxl_window_link(CXLFixedWindow *window, Error **errp)
{
    unsigned i = 0;
    ERRP_GUARD();

    for (strList *t = window->opts->targets; t; t = t->next, i++) {
        Object *bridge;
        bool ambiguous = false;

        /* An empty path would stand for any of them. */
        bridge = *t->value ? object_resolve_path_type(t->value,
                                                      TYPE_PXB_CXL_DEV,
                                                      &ambiguous) : NULL;
        if (!bridge) {
            error_setg(errp, "cxl-fmw.%u.targets.%u: %s '%s'",
                       window->index, i,
                       ambiguous ? "more than one pxb-cxl is named"
                                 : "there is no pxb-cxl with id",
                       t->value);
            error_append_hint(errp, "Add '-device pxb-cxl,bus=pcie.0,"
                              "bus_nr=NR,id=%s'.\n", t->value);
            return false;
        }
        window->target[i] = DEVICE(bridge);
    }
    return true;
}

static void group_refused(const CXLFixedWindow *window, CXLQtgAdded why,
                          Error **errp)
{
    if (why == CXL_QTG_FULL) {
        error_setg(errp, "cxl-fmw.%u.qtg: group %u is one too many: the "
                   "windows may be in %u groups", window->index, window->qtg,
                   CXL_QTG_MAX);
        return;
    }
    error_setg(errp, "cxl-fmw.%u.%s: another window in group %u has another "
               "limit: give it once, or choose another cxl-fmw.%u.qtg",
               window->index, why == CXL_QTG_OTHER_LATENCY ?
               "qtg-max-latency" : "qtg-min-bandwidth", window->qtg,
               window->index);
}

bool cxl_window_groups(const GList *windows, CXLQtgTable *table,
                       Error **errp)
{
    *table = (CXLQtgTable) { .count = 0 };
    for (; windows; windows = windows->next) {
        const CXLFixedWindow *window = windows->data;
        CXLQtgGroup group = {
            .id = window->qtg,
            .max_latency = window->opts->qtg_max_latency,
            .min_bandwidth = window->opts->qtg_min_bandwidth,
        };
        CXLQtgAdded added = cxl_qtg_add(table, &group);

        if (added != CXL_QTG_ADDED) {
            group_refused(window, added, errp);
            return false;
        }
    }
    return true;
}

CXLInterleave cxl_window_interleave(const CXLFixedWindow *window)
{
    return interleave_of(window->opts, window->ways, window->granularity);
}

/* CXL r3.2: no decoder claims the address: ones are read, writes dropped. */
static uint64_t unclaimed_read(void *opaque, hwaddr offset, unsigned size)
{
    CXLFixedWindow *window = opaque;

    trace_cxl_window_unclaimed(window->index, window->base + offset, "read");
    return UINT64_MAX;
}

static void unclaimed_write(void *opaque, hwaddr offset, uint64_t value,
                            unsigned size)
{
    CXLFixedWindow *window = opaque;

    trace_cxl_window_unclaimed(window->index, window->base + offset, "write");
}

const MemoryRegionOps cfmws_ops = {
    .read = unclaimed_read,
    .write = unclaimed_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};
