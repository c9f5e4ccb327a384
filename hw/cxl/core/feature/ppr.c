/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Soft PPR and Hard PPR Features. */
#include "qemu/osdep.h"
#include "hw/cxl/core/feature.h"
#include "hw/cxl/spec/cmd_maintenance.h"

/* Data stay, and the media answers meanwhile: no restrictions. */
static void show(const uint8_t *settings, uint8_t *out, uint8_t subclass)
{
    const CXLWireSetPprFeature *set = (const void *)settings;
    CXLWirePprFeature *get = (void *)out;

    get->latency = CXL_REPAIR_LATENCY_100MS;
    get->op_mode = set->op_mode;
    get->class = CXL_MAINTENANCE_PPR;
    get->subclass = subclass;
    get->flags = CXL_PPR_TAKES_DPA | CXL_PPR_TAKES_NIBBLE |
                 CXL_PPR_CAN_REPORT;
    get->ppr_mode = set->ppr_mode;
}

static void show_soft(const uint8_t *settings, uint8_t *out)
{
    show(settings, out, CXL_PPR_SOFT);
}

static void show_hard(const uint8_t *settings, uint8_t *out)
{
    show(settings, out, CXL_PPR_HARD);
}

/* The device never repairs on its own. */
static bool legal(const uint8_t *settings)
{
    const CXLWireSetPprFeature *set = (const void *)settings;

    return !cxl_get16(set->op_mode) && !(set->ppr_mode & ~CXL_PPR_REPORT);
}

#define PPR(which, ...)                                                 \
    const CXLFeatureType cxl_feature_##which##_ppr = {                  \
        .name = #which " PPR",                                          \
        .uuid = { __VA_ARGS__ },                                        \
        .get_size = sizeof(CXLWirePprFeature),                          \
        .set_size = sizeof(CXLWireSetPprFeature),                       \
        .attributes = CXL_FEATURE_CHANGEABLE | CXL_FEATURE_OVER_COLD |  \
                      CXL_FEATURE_OVER_FW_UPDATE |                      \
                      CXL_FEATURE_HAS_DEFAULT | CXL_FEATURE_HAS_SAVED,  \
        .version = 3,                                                   \
        .effects = CXL_EFF_IMM_CONFIG | CXL_EFF_RESET_BITS_VALID,       \
        .show = show_##which,                                           \
        .legal = legal,                                                 \
    }

PPR(soft, 0x89, 0x2b, 0xa4, 0x75, 0xfa, 0xd8, 0x47, 0x4e,
          0x9d, 0x3e, 0x69, 0x2c, 0x91, 0x75, 0x68, 0xbb);
PPR(hard, 0x80, 0xea, 0x45, 0x21, 0x78, 0x6f, 0x41, 0x27,
          0xaf, 0xb1, 0xec, 0x74, 0x59, 0xfb, 0x0e, 0x24);
