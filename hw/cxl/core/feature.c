/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Features: what all of them have in common. */
#include "qemu/osdep.h"
#include "hw/cxl/core/feature.h"

/* As it is in users' files: features by name, not by number */
typedef struct {
    uint8_t uuid[16];
    uint8_t saved[CXL_FEATURE_SET_MAX];
} QEMU_PACKED Kept;

const CXLFeatureType *const cxl_feature_types[] = {
    &cxl_feature_patrol_scrub,
    &cxl_feature_ecs,
    &cxl_feature_soft_ppr,
    &cxl_feature_hard_ppr,
    &cxl_feature_cacheline_sparing,
    &cxl_feature_row_sparing,
    &cxl_feature_bank_sparing,
    &cxl_feature_rank_sparing,
    NULL
};

QEMU_BUILD_BUG_ON(ARRAY_SIZE(cxl_feature_types) > CXL_FEATURES_MAX);

void cxl_features_init(CXLFeatures *features)
{
    *features = (CXLFeatures) { 0 };
    for (; cxl_feature_types[features->count]; features->count++) {
        features->feature[features->count].type =
            cxl_feature_types[features->count];
    }
    cxl_features_forget(features);
}

void cxl_features_forget(CXLFeatures *features)
{
    features->open = false;
    for (unsigned i = 0; i < features->count; i++) {
        CXLFeature *feature = &features->feature[i];

        memcpy(feature->current, feature->type->defaults,
               sizeof(feature->current));
        memcpy(feature->saved, feature->current, sizeof(feature->saved));
    }
}

void cxl_features_reset(CXLFeatures *features, CXLResetKind kind)
{
    if (kind == CXL_RESET_CXL) {
        return;
    }
    features->open = false;
    for (unsigned i = 0; i < features->count; i++) {
        CXLFeature *feature = &features->feature[i];

        memcpy(feature->current, feature->saved, sizeof(feature->current));
    }
}

CXLFeature *cxl_features_find(CXLFeatures *features, const uint8_t *uuid)
{
    for (unsigned i = 0; i < features->count; i++) {
        if (!memcmp(features->feature[i].type->uuid, uuid, 16)) {
            return &features->feature[i];
        }
    }
    return NULL;
}

bool cxl_features_changing(const CXLFeatures *features,
                           const CXLFeature *feature)
{
    return features->open && feature == &features->feature[features->target];
}

void cxl_feature_show(const CXLFeature *feature, CXLFeatureSelection select,
                      uint8_t *out)
{
    const uint8_t *settings = feature->current;

    if (select == CXL_FEATURE_DEFAULT) {
        settings = feature->type->defaults;
    } else if (select == CXL_FEATURE_SAVED) {
        settings = feature->saved;
    }
    memset(out, 0, CXL_FEATURE_GET_MAX);
    feature->type->show(settings, out);
}

/* All of the settings are there: nothing changes unless they are legal. */
static CXLRetCode apply(const CXLFeatures *features, CXLFeature *feature,
                        const uint8_t *data, bool save)
{
    uint8_t settings[CXL_FEATURE_SET_MAX] = { 0 };

    memcpy(settings, data, feature->type->set_size);
    if (!feature->type->legal(settings)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (feature->type->settle) {
        feature->type->settle(settings);
    }
    memcpy(feature->current, settings, sizeof(settings));
    if (save) {
        memcpy(feature->saved, settings, sizeof(settings));
        cxl_metadata_save(features->metadata);
    }
    return CXL_RC_SUCCESS;
}

/* The next bytes of the transfer, which is open. */
static CXLRetCode take_part(CXLFeatures *features, const CXLFeature *feature,
                            uint16_t offset, const uint8_t *data, size_t len)
{
    if (offset != features->received) {
        return CXL_RC_FEATURE_OUT_OF_ORDER;
    }
    if (!len || len > feature->type->set_size - features->received) {
        return CXL_RC_INVALID_PAYLOAD_LENGTH;
    }
    memcpy(features->data + features->received, data, len);
    features->received += len;
    return CXL_RC_SUCCESS;
}

static CXLRetCode initiate(CXLFeatures *features, CXLFeature *feature,
                           const CXLWireSetFeature *in, size_t len)
{
    CXLRetCode rc;

    features->received = 0;
    rc = take_part(features, feature, cxl_get16(in->offset), in->data, len);
    if (rc == CXL_RC_SUCCESS) {
        features->open = true;
        features->target = feature - features->feature;
        features->save = cxl_get32(in->flags) & CXL_FEATURE_SAVE;
    }
    return rc;
}

/* Whatever becomes of it, the transfer is over once all is there. */
static CXLRetCode finish(CXLFeatures *features, CXLFeature *feature)
{
    if (features->received != feature->type->set_size) {
        return CXL_RC_INVALID_INPUT;
    }
    features->open = false;
    return apply(features, feature, features->data, features->save);
}

static CXLRetCode go_on(CXLFeatures *features, CXLFeature *feature,
                        const CXLWireSetFeature *in, size_t len, bool last)
{
    uint16_t before = features->received;
    CXLRetCode rc;

    if (!features->open) {
        return CXL_RC_FEATURE_OUT_OF_ORDER;
    }
    rc = take_part(features, feature, cxl_get16(in->offset), in->data, len);
    if (rc == CXL_RC_SUCCESS && last) {
        rc = finish(features, feature);
        features->received = features->open ? before : 0;
    }
    return rc;
}

static CXLRetCode act(CXLFeatures *features, CXLFeature *feature,
                      const CXLWireSetFeature *in, size_t len)
{
    uint32_t flags = cxl_get32(in->flags);
    CXLFeatureAction action = flags & CXL_FEATURE_ACTION_MASK;

    switch (action) {
    case CXL_FEATURE_FULL:
        return len != feature->type->set_size ?
            CXL_RC_INVALID_PAYLOAD_LENGTH :
            apply(features, feature, in->data, flags & CXL_FEATURE_SAVE);
    case CXL_FEATURE_INITIATE:
        return initiate(features, feature, in, len);
    case CXL_FEATURE_CONTINUE:
    case CXL_FEATURE_FINISH:
        return go_on(features, feature, in, len,
                     action == CXL_FEATURE_FINISH);
    case CXL_FEATURE_ABORT:
        features->open = false;
        return CXL_RC_SUCCESS;
    }
    return CXL_RC_INVALID_INPUT;
}

/* Only the transfer that is open may go on, or be aborted. */
static bool in_the_way(const CXLFeatures *features, const CXLFeature *feature,
                       CXLFeatureAction action)
{
    return features->open && (action <= CXL_FEATURE_INITIATE ||
                              !cxl_features_changing(features, feature));
}

CXLRetCode cxl_features_set(CXLFeatures *features, CXLFeature *feature,
                            const CXLWireSetFeature *in, size_t len)
{
    uint32_t flags = cxl_get32(in->flags);

    if (flags & ~CXL_FEATURE_FLAGS ||
        (flags & CXL_FEATURE_ACTION_MASK) > CXL_FEATURE_ABORT) {
        return CXL_RC_INVALID_INPUT;
    }
    if (in->version != feature->type->version) {
        return CXL_RC_FEATURE_VERSION;
    }
    if (in_the_way(features, feature, flags & CXL_FEATURE_ACTION_MASK)) {
        return CXL_RC_FEATURE_IN_PROGRESS;
    }
    return act(features, feature, in, len);
}

bool cxl_features_valid(const CXLFeatures *features)
{
    for (unsigned i = 0; i < features->count; i++) {
        const CXLFeature *feature = &features->feature[i];

        if (!feature->type->legal(feature->current) ||
            !feature->type->legal(feature->saved)) {
            return false;
        }
    }
    return !features->open ||
        (features->target < features->count && features->received <=
         features->feature[features->target].type->set_size);
}

static size_t pack(const void *state, uint8_t *out)
{
    const CXLFeatures *features = state;
    Kept *kept = (Kept *)out;

    for (unsigned i = 0; i < features->count; i++) {
        memcpy(kept[i].uuid, features->feature[i].type->uuid, 16);
        memcpy(kept[i].saved, features->feature[i].saved,
               CXL_FEATURE_SET_MAX);
    }
    return features->count * sizeof(*kept);
}

static bool unpack(void *state, const uint8_t *in, size_t len)
{
    const Kept *kept = (const Kept *)in;

    for (; len >= sizeof(*kept); len -= sizeof(*kept), kept++) {
        CXLFeature *feature = cxl_features_find(state, kept->uuid);

        if (!feature || !feature->type->legal(kept->saved)) {
            return false;
        }
        memcpy(feature->saved, kept->saved, CXL_FEATURE_SET_MAX);
        memcpy(feature->current, kept->saved, CXL_FEATURE_SET_MAX);
    }
    return !len;
}

const CXLMetadataSection cxl_features_section = {
    .id = CXL_METADATA_FEATURES,
    .name = "the saved settings of features",
    .max = CXL_FEATURES_MAX * sizeof(Kept),
    .pack = pack,
    .unpack = unpack,
};
