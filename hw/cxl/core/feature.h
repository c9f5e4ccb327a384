/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Features: settings that a host reads, changes whole or in parts, and may
 * save over resets.  What a feature is, is a table; its state is bytes in the
 * format of Set Feature.
 * CXL r3.2: Features.
 */
#ifndef HW_CXL_CORE_FEATURE_H
#define HW_CXL_CORE_FEATURE_H

#include "hw/cxl/core/metadata.h"
#include "hw/cxl/core/port.h"
#include "hw/cxl/spec/cci.h"
#include "hw/cxl/spec/cmd_features.h"

/* No feature has more settings, or more to show; bytes. */
#define CXL_FEATURE_SET_MAX 16
#define CXL_FEATURE_GET_MAX 32
#define CXL_FEATURES_MAX 16

typedef struct CXLFeatureType {
    const char *name;
    uint8_t uuid[16];
    uint16_t get_size, set_size;        /* bytes */
    uint32_t attributes;                /* CXL_FEATURE_* */
    uint8_t version;                    /* of Get and Set */
    uint16_t effects;                   /* CXL_EFF_*, of Set Feature */
    uint8_t defaults[CXL_FEATURE_SET_MAX];
    /* Write get_size zeroed bytes from settings that are legal. */
    void (*show)(const uint8_t *settings, uint8_t *out);
    /* Are they legal? */
    bool (*legal)(const uint8_t *settings);
    /* Do once what a change asks for, and take that out; may be NULL. */
    void (*settle)(uint8_t *settings);
} CXLFeatureType;

extern const CXLFeatureType cxl_feature_patrol_scrub;
extern const CXLFeatureType cxl_feature_ecs;
extern const CXLFeatureType cxl_feature_soft_ppr;
extern const CXLFeatureType cxl_feature_hard_ppr;
extern const CXLFeatureType cxl_feature_cacheline_sparing;
extern const CXLFeatureType cxl_feature_row_sparing;
extern const CXLFeatureType cxl_feature_bank_sparing;
extern const CXLFeatureType cxl_feature_rank_sparing;

/* All of them, ended by NULL. */
extern const CXLFeatureType *const cxl_feature_types[];

typedef struct CXLFeature {
    const CXLFeatureType *type;
    uint8_t current[CXL_FEATURE_SET_MAX];
    uint8_t saved[CXL_FEATURE_SET_MAX];
} CXLFeature;

typedef struct CXLFeatures {
    CXLFeature feature[CXL_FEATURES_MAX];
    uint8_t count;
    /* The one transfer */
    bool open;
    uint8_t target;                     /* feature[] */
    uint16_t received;                  /* bytes */
    bool save;
    uint8_t data[CXL_FEATURE_SET_MAX];
    CXLMetadata *metadata;              /* keeps what is saved, or NULL */
} CXLFeatures;

/* What is saved, of a CXLFeatures */
extern const CXLMetadataSection cxl_features_section;

/* All types, with their defaults. */
void cxl_features_init(CXLFeatures *features);
/* A conventional reset brings back what was saved, and ends the transfer. */
void cxl_features_reset(CXLFeatures *features, CXLResetKind kind);
/* The feature, or NULL. */
CXLFeature *cxl_features_find(CXLFeatures *features, const uint8_t *uuid);
/* Is the host in the middle of changing it? */
bool cxl_features_changing(const CXLFeatures *features,
                           const CXLFeature *feature);
/* What the host is shown, get_size bytes; @out has CXL_FEATURE_GET_MAX. */
void cxl_feature_show(const CXLFeature *feature, CXLFeatureSelection select,
                      uint8_t *out);
/*
 * CXL r3.2: Set Feature, a whole one or a part.  @len: bytes, any number.
 */
CXLRetCode cxl_features_set(CXLFeatures *features, CXLFeature *feature,
                            const CXLWireSetFeature *in, size_t len);
/* Is loaded state legal?  If not, forget it. */
bool cxl_features_valid(const CXLFeatures *features);
/* Back to the defaults; nothing is being changed. */
void cxl_features_forget(CXLFeatures *features);

#endif
