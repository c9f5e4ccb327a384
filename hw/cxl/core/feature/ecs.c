/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: DDR5 Error Check Scrub (ECS) Control Feature. */
#include "qemu/osdep.h"
#include "hw/cxl/core/feature.h"

#define FRUS 4
#define THRESHOLD_MIN 3
#define THRESHOLD_MAX 5

typedef struct {
    uint8_t log;
    CXLWireEcsFru fru[FRUS];
} QEMU_PACKED Get;

typedef struct {
    uint8_t log;
    cxl_le16 config[FRUS];
} QEMU_PACKED Set;

QEMU_BUILD_BUG_ON(sizeof(Get) > CXL_FEATURE_GET_MAX);
QEMU_BUILD_BUG_ON(sizeof(Set) > CXL_FEATURE_SET_MAX);

static void show(const uint8_t *settings, uint8_t *out)
{
    const Set *set = (const void *)settings;
    Get *get = (void *)out;

    get->log = set->log;
    for (unsigned i = 0; i < FRUS; i++) {
        get->fru[i].config = set->config[i];
    }
}

static bool legal(const uint8_t *settings)
{
    const Set *set = (const void *)settings;

    for (unsigned i = 0; i < FRUS; i++) {
        uint16_t config = cxl_get16(set->config[i]);
        unsigned threshold = config & CXL_ECS_THRESHOLD_MASK;

        if (config & ~CXL_ECS_CONFIG || threshold < THRESHOLD_MIN ||
            threshold > THRESHOLD_MAX) {
            return false;
        }
    }
    return set->log <= 1;
}

/* Nothing has been counted: a reset of the counters leaves no more to do. */
static void settle(uint8_t *settings)
{
    Set *set = (void *)settings;

    for (unsigned i = 0; i < FRUS; i++) {
        set->config[i] = cxl_put16(cxl_get16(set->config[i]) &
                                   ~CXL_ECS_RESET);
    }
}

const CXLFeatureType cxl_feature_ecs = {
    .name = "DDR5 ECS",
    .uuid = { 0xe5, 0xb1, 0x3f, 0x22, 0x23, 0x28, 0x4a, 0x14,
              0xb8, 0xba, 0xb9, 0x69, 0x1e, 0x89, 0x33, 0x86 },
    .get_size = sizeof(Get),
    .set_size = sizeof(Set),
    .attributes = CXL_FEATURE_CHANGEABLE | CXL_FEATURE_OVER_COLD |
                  CXL_FEATURE_OVER_FW_UPDATE | CXL_FEATURE_HAS_DEFAULT |
                  CXL_FEATURE_HAS_SAVED,
    .version = 1,
    .effects = CXL_EFF_IMM_CONFIG | CXL_EFF_RESET_BITS_VALID,
    .defaults = { 0, 3, 0, 3, 0, 3, 0, 3, 0 },
    .show = show,
    .legal = legal,
    .settle = settle,
};
