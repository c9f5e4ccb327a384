/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved state of features, of a change that is halfway, and of repairs. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/feature.h"
#include "hw/cxl/core/repair.h"
#include "hw/cxl/model/glue_vmstate.h"

static const VMStateDescription vmstate_feature = {
    .name = "cxl-feature",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BUFFER(current, CXLFeature),
        VMSTATE_BUFFER(saved, CXLFeature),
        VMSTATE_END_OF_LIST()
    }
};

static int features_post_load(void *opaque, int version_id)
{
    CXLFeatures *features = opaque;

    if (!cxl_features_valid(features)) {
        error_report("CXL saved state: a feature has settings that it "
                     "cannot have");
        cxl_features_forget(features);
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_cxl_features = {
    .name = "cxl-features",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = features_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8_EQUAL(count, CXLFeatures, NULL),
        VMSTATE_STRUCT_ARRAY(feature, CXLFeatures, CXL_FEATURES_MAX, 1,
                             vmstate_feature, CXLFeature),
        VMSTATE_BOOL(open, CXLFeatures),
        VMSTATE_UINT8(target, CXLFeatures),
        VMSTATE_UINT16(received, CXLFeatures),
        VMSTATE_BOOL(save, CXLFeatures),
        VMSTATE_BUFFER(data, CXLFeatures),
        VMSTATE_END_OF_LIST()
    }
};

static int repair_post_load(void *opaque, int version_id)
{
    CXLRepair *repair = opaque;

    if (!cxl_repair_valid(repair)) {
        error_report("CXL saved state: more spares are in use than there "
                     "are");
        memset(repair->soft, 0, sizeof(repair->soft));
        memset(repair->hard, 0, sizeof(repair->hard));
        return -EINVAL;
    }
    return 0;
}

/* A repair is over when its command is: there is no request to save. */
const VMStateDescription vmstate_cxl_repair = {
    .name = "cxl-repair",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = repair_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT16_ARRAY(soft, CXLRepair, CXL_SPARES),
        VMSTATE_UINT16_ARRAY(hard, CXLRepair, CXL_SPARES),
        VMSTATE_END_OF_LIST()
    }
};
