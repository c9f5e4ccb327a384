/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/cedt.h"

static CXLWireCedtPrefix prefix(uint8_t type, size_t length)
{
    return (CXLWireCedtPrefix) {
        .type = type,
        .length = cxl_put16(length),
    };
}

void cxl_cedt_add_chbs(GByteArray *out, uint32_t uid, uint64_t base)
{
    CXLWireChbs chbs = {
        .prefix = prefix(CXL_CEDT_CHBS, sizeof(chbs)),
        .uid = cxl_put32(uid),
        .version = cxl_put32(CXL_CHBS_VERSION_2_0),
        .base = cxl_put64(base),
        .length = cxl_put64(CXL_CHBS_LENGTH_2_0),
    };

    g_byte_array_append(out, (const uint8_t *)&chbs, sizeof(chbs));
}

bool cxl_cedt_add_cfmws(GByteArray *out, const CXLCedtWindow *window)
{
    int iw = cxl_interleave_encode_ways(window->ways);
    int ig = cxl_interleave_encode_granularity(window->granularity);
    size_t targets = window->ways * sizeof(cxl_le32);
    CXLWireCfmws cfmws = {
        .prefix = prefix(CXL_CEDT_CFMWS, sizeof(cfmws) + targets),
        .base = cxl_put64(window->base),
        .size = cxl_put64(window->size),
        .ways = iw,
        .arithmetic = window->arithmetic,
        .granularity = cxl_put32(ig),
        .restrictions = cxl_put16(window->restrictions),
        .qtg = cxl_put16(window->qtg),
    };

    if (iw < 0 || ig < 0) {
        return false;
    }
    g_byte_array_append(out, (const uint8_t *)&cfmws, sizeof(cfmws));
    for (unsigned i = 0; i < window->ways; i++) {
        cxl_le32 uid = cxl_put32(window->target[i]);

        g_byte_array_append(out, uid.b, sizeof(uid));
    }
    return true;
}

void cxl_cedt_add_cxims(GByteArray *out, const CXLInterleave *il)
{
    unsigned maps = cxl_interleave_pow2_bits(il);
    CXLWireCxims cxims = {
        .prefix = prefix(CXL_CEDT_CXIMS,
                         sizeof(cxims) + maps * sizeof(cxl_le64)),
        .granularity = cxl_interleave_encode_granularity(1ULL << il->shift),
        .maps = maps,
    };

    g_byte_array_append(out, (const uint8_t *)&cxims, sizeof(cxims));
    for (unsigned i = 0; i < maps; i++) {
        cxl_le64 map = cxl_put64(il->xor_map[i]);

        g_byte_array_append(out, map.b, sizeof(map));
    }
}
