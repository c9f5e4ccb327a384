/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Memory Sparing Features: cacheline, row, bank and rank. */
#include "qemu/osdep.h"
#include "hw/cxl/core/feature.h"
#include "hw/cxl/spec/cmd_maintenance.h"

static void show(const uint8_t *settings, uint8_t *out, uint8_t subclass)
{
    CXLWireSparingFeature *get = (void *)out;

    get->latency = CXL_REPAIR_LATENCY_100MS;
    memcpy(&get->op_mode, settings, sizeof(get->op_mode));
    get->class = CXL_MAINTENANCE_SPARING;
    get->subclass = subclass;
    get->restrictions = cxl_put16(CXL_SPARING_HARD_OK | CXL_SPARING_SOFT_OK);
}

/* The device never spares on its own. */
static bool legal(const uint8_t *settings)
{
    return !settings[0] && !settings[1];
}

#define SPARING(which, number, ...)                                     \
    static void show_##which(const uint8_t *settings, uint8_t *out)     \
    {                                                                   \
        show(settings, out, number);                                    \
    }                                                                   \
                                                                        \
    const CXLFeatureType cxl_feature_##which##_sparing = {              \
        .name = #which " sparing",                                      \
        .uuid = { __VA_ARGS__ },                                        \
        .get_size = sizeof(CXLWireSparingFeature),                      \
        .set_size = sizeof(cxl_le16),                                   \
        .attributes = CXL_FEATURE_CHANGEABLE | CXL_FEATURE_OVER_COLD |  \
                      CXL_FEATURE_OVER_FW_UPDATE |                      \
                      CXL_FEATURE_HAS_DEFAULT | CXL_FEATURE_HAS_SAVED,  \
        .version = 1,                                                   \
        .effects = CXL_EFF_IMM_CONFIG | CXL_EFF_RESET_BITS_VALID,       \
        .show = show_##which,                                           \
        .legal = legal,                                                 \
    }

SPARING(cacheline, CXL_SPARING_CACHELINE,
        0x96, 0xc3, 0x33, 0x86, 0x91, 0xdd, 0x44, 0xc7,
        0x9e, 0xcb, 0xfd, 0xaf, 0x65, 0x03, 0xba, 0xc4);
SPARING(row, CXL_SPARING_ROW,
        0x45, 0x0e, 0xbf, 0x67, 0xb1, 0x35, 0x4f, 0x97,
        0xa4, 0x98, 0xc2, 0xd5, 0x7f, 0x27, 0x9b, 0xed);
SPARING(bank, CXL_SPARING_BANK,
        0x78, 0xb7, 0x96, 0x36, 0x90, 0xac, 0x4b, 0x64,
        0xa4, 0xef, 0xfa, 0xac, 0x5d, 0x18, 0xa8, 0x63);
SPARING(rank, CXL_SPARING_RANK,
        0x34, 0xdb, 0xaf, 0xf5, 0x05, 0x52, 0x42, 0x81,
        0x8f, 0x76, 0xda, 0x0b, 0x5e, 0x7a, 0x76, 0xa7);
