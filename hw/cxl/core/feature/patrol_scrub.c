/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Device Patrol Scrub Control Feature. */
#include "qemu/osdep.h"
#include "hw/cxl/core/feature.h"

#define HOURS_DEFAULT 12
#define HOURS_MIN 1

static void show(const uint8_t *settings, uint8_t *out)
{
    const CXLWireSetPatrolScrub *set = (const void *)settings;
    CXLWirePatrolScrub *get = (void *)out;

    get->caps = CXL_SCRUB_CYCLE_CHANGEABLE;
    get->cycle = set->cycle;
    get->min_cycle = HOURS_MIN;
    get->flags = set->flags;
}

static bool legal(const uint8_t *settings)
{
    const CXLWireSetPatrolScrub *set = (const void *)settings;

    return set->cycle >= HOURS_MIN && !(set->flags & ~CXL_SCRUB_ENABLED);
}

const CXLFeatureType cxl_feature_patrol_scrub = {
    .name = "patrol scrub",
    .uuid = { 0x96, 0xda, 0xd7, 0xd6, 0xfd, 0xe8, 0x48, 0x2b,
              0xa7, 0x33, 0x75, 0x77, 0x4e, 0x06, 0xdb, 0x8a },
    .get_size = sizeof(CXLWirePatrolScrub),
    .set_size = sizeof(CXLWireSetPatrolScrub),
    .attributes = CXL_FEATURE_CHANGEABLE | CXL_FEATURE_OVER_COLD |
                  CXL_FEATURE_OVER_FW_UPDATE | CXL_FEATURE_HAS_DEFAULT |
                  CXL_FEATURE_HAS_SAVED,
    .version = 1,
    .effects = CXL_EFF_IMM_CONFIG | CXL_EFF_RESET_BITS_VALID,
    .defaults = { HOURS_DEFAULT },
    .show = show,
    .legal = legal,
};
