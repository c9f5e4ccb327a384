/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Get Scan Media Capabilities, Scan Media, Get Scan Media Results. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"

static CXLRetCode check_range(const CXLScan *scan, uint64_t dpa,
                              uint64_t lines)
{
    if (!QEMU_IS_ALIGNED(dpa, CXL_POISON_LINE)) {
        return CXL_RC_INVALID_INPUT;
    }
    return lines <= UINT64_MAX / CXL_POISON_LINE &&
        cxl_poison_in_device(scan->poison, dpa, lines * CXL_POISON_LINE) ?
        CXL_RC_SUCCESS : CXL_RC_INVALID_DPA;
}

static CXLRetCode get_scan_media_capabilities(CXLCall *call)
{
    const CXLWireGetScanCaps *in = CXL_CALL_IN(call, CXLWireGetScanCaps);
    uint64_t lines = cxl_get64(in->length);
    CXLRetCode rc = check_range(call->state, cxl_get64(in->dpa), lines);

    if (rc == CXL_RC_SUCCESS) {
        CXL_CALL_OUT(call, CXLWireScanCaps)->estimate =
            cxl_put32(cxl_scan_estimate(lines * CXL_POISON_LINE));
    }
    return rc;
}

static CXLRetCode scan_media(CXLCall *call)
{
    const CXLWireScanMedia *in = CXL_CALL_IN(call, CXLWireScanMedia);
    uint64_t dpa = cxl_get64(in->dpa), lines = cxl_get64(in->length);
    CXLRetCode rc = check_range(call->state, dpa, lines);

    if (rc == CXL_RC_SUCCESS) {
        cxl_scan_prepare(call->state, dpa, lines * CXL_POISON_LINE,
                         in->flags & CXL_SCAN_NO_EVENTS);
    }
    return rc;
}

static unsigned put_records(CXLCall *call, CXLScan *scan)
{
    unsigned n = 0;

    while (scan->next < scan->count &&
           cxl_call_out_room(call) >= sizeof(CXLWirePoisonRecord)) {
        const CXLPoisonRange *range = &scan->found[scan->next++];
        CXLWirePoisonRecord *record = CXL_CALL_OUT(call, CXLWirePoisonRecord);

        record->address = cxl_put64(range->dpa | range->source);
        record->length = cxl_put32(range->length / CXL_POISON_LINE);
        n++;
    }
    return n;
}

/* What has been read is gone. */
static CXLRetCode get_scan_media_results(CXLCall *call)
{
    CXLScan *scan = call->state;
    uint64_t left = scan->length - scan->scanned;
    CXLWireScanResults *out;

    if (!scan->valid) {
        return CXL_RC_UNSUPPORTED;
    }
    out = CXL_CALL_OUT(call, CXLWireScanResults);
    out->count = cxl_put16(put_records(call, scan));
    out->flags = scan->next < scan->count ? CXL_SCAN_RESULTS_MORE : 0;
    if (left) {
        out->flags |= CXL_SCAN_RESULTS_STOPPED;
        out->restart_dpa = cxl_put64(scan->dpa + scan->scanned);
        out->restart_length = cxl_put64(left / CXL_POISON_LINE);
    }
    return CXL_RC_SUCCESS;
}

static const CXLCommand scan_cmds[] = {
    CXL_CMD(0x4303, get_scan_media_capabilities,
            CXL_IN_EXACT(CXLWireGetScanCaps),
            .out_min = sizeof(CXLWireScanCaps)),
    CXL_CMD(0x4304, scan_media, CXL_IN_EXACT(CXLWireScanMedia),
            .gates = CXL_GATE_MEDIA, .bg = &cxl_scan_ops),
    CXL_CMD(0x4305, get_scan_media_results, CXL_IN_NONE,
            .out_min = sizeof(CXLWireScanResults), .gates = CXL_GATE_MEDIA),
};
CXL_COMMAND_SET(cxl_cmdset_scan, scan_cmds);
