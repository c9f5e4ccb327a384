/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Features Command Set. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"

/* Whatever a feature does: the union of what all may do */
#define SET_EFFECTS (CXL_EFF_IMM_CONFIG | CXL_EFF_IMM_DATA |        \
                     CXL_EFF_IMM_POLICY | CXL_EFF_IMM_LOG |         \
                     CXL_EFF_SECURITY)

static void put_feature(CXLWireFeature *out, const CXLFeatureType *type,
                        unsigned index)
{
    memcpy(out->uuid, type->uuid, sizeof(out->uuid));
    out->index = cxl_put16(index);
    out->get_size = cxl_put16(type->get_size);
    out->set_size = cxl_put16(type->set_size);
    out->attributes = cxl_put32(type->attributes);
    out->get_version = out->set_version = type->version;
    out->effects = cxl_put16(type->effects);
}

static CXLRetCode get_supported_features(CXLCall *call)
{
    const CXLWireGetFeatures *in = CXL_CALL_IN(call, CXLWireGetFeatures);
    const CXLFeatures *features = call->state;
    uint32_t want = cxl_get32(in->count);
    unsigned n = cxl_get16(in->start), count = 0;
    CXLWireFeatures *out;
    CXLWireFeature *entry;

    if (want < sizeof(*out) || n >= features->count) {
        return CXL_RC_INVALID_INPUT;
    }
    out = CXL_CALL_OUT(call, CXLWireFeatures);
    want = (want - sizeof(*out)) / sizeof(*entry);
    for (; count < want && n < features->count; n++, count++) {
        entry = CXL_CALL_OUT(call, CXLWireFeature);
        if (!entry) {
            break;
        }
        put_feature(entry, features->feature[n].type, n);
    }
    out->count = cxl_put16(count);
    out->total = cxl_put16(features->count);
    return CXL_RC_SUCCESS;
}

static bool selectable(const CXLFeature *feature, uint8_t selection)
{
    static const uint32_t needs[CXL_FEATURE_SELECTIONS] = {
        [CXL_FEATURE_DEFAULT] = CXL_FEATURE_HAS_DEFAULT,
        [CXL_FEATURE_SAVED] = CXL_FEATURE_HAS_SAVED,
    };

    return selection < CXL_FEATURE_SELECTIONS &&
        (feature->type->attributes & needs[selection]) == needs[selection];
}

static CXLRetCode get_feature(CXLCall *call)
{
    const CXLWireGetFeature *in = CXL_CALL_IN(call, CXLWireGetFeature);
    CXLFeature *feature = cxl_features_find(call->state, in->uuid);
    uint32_t offset = cxl_get16(in->offset), len = cxl_get16(in->count);
    uint8_t bytes[CXL_FEATURE_GET_MAX];

    if (!feature) {
        return CXL_RC_UNSUPPORTED;
    }
    if (!selectable(feature, in->selection)) {
        return CXL_RC_FEATURE_SELECTION;
    }
    if (cxl_features_changing(call->state, feature)) {
        return CXL_RC_FEATURE_IN_PROGRESS;
    }
    if (offset >= feature->type->get_size) {
        return CXL_RC_INVALID_INPUT;
    }
    len = MIN(len, feature->type->get_size - offset);
    if (len > cxl_call_out_room(call)) {
        return CXL_RC_INVALID_PAYLOAD_LENGTH;
    }
    cxl_feature_show(feature, in->selection, bytes);
    if (len) {
        memcpy(cxl_call_put(call, len), bytes + offset, len);
    }
    return CXL_RC_SUCCESS;
}

static CXLRetCode set_feature(CXLCall *call)
{
    const CXLWireSetFeature *in = CXL_CALL_IN(call, CXLWireSetFeature);
    CXLFeature *feature = cxl_features_find(call->state, in->uuid);

    return feature ? cxl_features_set(call->state, feature, in,
                                      call->in_len - sizeof(*in))
                   : CXL_RC_UNSUPPORTED;
}

static const CXLCommand features_cmds[] = {
    CXL_CMD(0x0500, get_supported_features, CXL_IN_EXACT(CXLWireGetFeatures),
            .out_min = sizeof(CXLWireFeatures)),
    CXL_CMD(0x0501, get_feature, CXL_IN_EXACT(CXLWireGetFeature)),
    CXL_CMD(0x0502, set_feature, CXL_IN_AT_LEAST(CXLWireSetFeature),
            .effects = SET_EFFECTS),
};
CXL_COMMAND_SET(cxl_cmdset_features, features_cmds);
