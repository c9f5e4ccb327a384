/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spare resources and repairs. */
#include "qemu/osdep.h"
#include "hw/cxl/core/repair.h"

static const uint16_t totals[CXL_SPARES] = {
    [CXL_SPARE_PPR] = 8,
    [CXL_SPARE_CACHELINE] = 64,
    [CXL_SPARE_ROW] = 32,
    [CXL_SPARE_BANK] = 4,
    [CXL_SPARE_RANK] = 1,
};

void cxl_repair_init(CXLRepair *repair, CXLEventLogs *events,
                     const CXLMediaState *media, const CXLFeatures *features)
{
    *repair = (CXLRepair) {
        .events = events, .media = media, .features = features,
    };
}

void cxl_repair_reset(CXLRepair *repair, CXLResetKind kind)
{
    if (kind == CXL_RESET_COLD) {
        memset(repair->soft, 0, sizeof(repair->soft));
    }
}

unsigned cxl_repair_left(const CXLRepair *repair, CXLSpare spare)
{
    return totals[spare] - repair->soft[spare] - repair->hard[spare];
}

/* Informational: nothing is wrong any more. */
void cxl_repair_report(CXLRepair *repair, bool query, CXLRetCode result)
{
    const CXLRepairRequest *request = &repair->request;
    CXLWireMemorySparingEvent event = request->event;
    CXLWireEventRecord record;

    event.flags = (query ? CXL_SPARING_EVENT_QUERY : 0) |
                  (request->hard ? CXL_SPARING_EVENT_HARD : 0);
    event.result = result;
    event.spares_available =
        cxl_put16(cxl_repair_left(repair, request->spare));
    record = cxl_event_record(CXL_EVENT_MEMORY_SPARING, &event);
    record.flags = cxl_put24(CXL_EVENT_SUBCLASS_VALID);
    record.maintenance_class = request->class;
    record.maintenance_subclass = request->subclass;
    cxl_evlog_add(repair->events, CXL_EVENT_LOG_INFO, &record);
}

/* PPR tells only if the host wants to know. */
static bool wants_report(const CXLRepair *repair)
{
    const CXLFeatureType *type = repair->request.subclass == CXL_PPR_SOFT ?
        &cxl_feature_soft_ppr : &cxl_feature_hard_ppr;

    if (repair->request.class != CXL_MAINTENANCE_PPR) {
        return true;
    }
    for (unsigned i = 0; i < repair->features->count; i++) {
        const CXLFeature *feature = &repair->features->feature[i];

        if (feature->type == type) {
            const CXLWireSetPprFeature *set = (const void *)feature->current;

            return set->ppr_mode & CXL_PPR_REPORT;
        }
    }
    return false;
}

CXLRetCode cxl_repair_perform(CXLRepair *repair)
{
    const CXLRepairRequest *request = &repair->request;

    if (!cxl_repair_left(repair, request->spare)) {
        return CXL_RC_RESOURCES_EXHAUSTED;
    }
    (request->hard ? repair->hard : repair->soft)[request->spare]++;
    if (request->hard) {
        cxl_metadata_save(repair->metadata);
    }
    if (wants_report(repair)) {
        cxl_repair_report(repair, false, CXL_RC_SUCCESS);
    }
    return CXL_RC_SUCCESS;
}

bool cxl_repair_valid(const CXLRepair *repair)
{
    for (unsigned i = 0; i < CXL_SPARES; i++) {
        if ((uint32_t)repair->soft[i] + repair->hard[i] > totals[i]) {
            return false;
        }
    }
    return true;
}

static size_t pack(const void *state, uint8_t *out)
{
    const CXLRepair *repair = state;

    for (unsigned i = 0; i < CXL_SPARES; i++) {
        cxl_le_put(out + i * 2, 2, repair->hard[i]);
    }
    return CXL_SPARES * 2;
}

static bool unpack(void *state, const uint8_t *in, size_t len)
{
    CXLRepair *repair = state;

    for (unsigned i = 0; len == CXL_SPARES * 2 && i < CXL_SPARES; i++) {
        repair->hard[i] = cxl_le_get(in + i * 2, 2);
    }
    return len == CXL_SPARES * 2 && cxl_repair_valid(repair);
}

const CXLMetadataSection cxl_repair_section = {
    .id = CXL_METADATA_REPAIR,
    .name = "the spares in use",
    .max = CXL_SPARES * 2,
    .pack = pack,
    .unpack = unpack,
};
