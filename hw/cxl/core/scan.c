/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scan of the media for poison. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/scan.h"

#define BYTES_PER_MS (16 * MiB)
#define NS_PER_MS 1000000ULL

void cxl_scan_init(CXLScan *scan, CXLPoisonList *poison,
                   CXLEventLogs *events, const CXLBg *bg)
{
    *scan = (CXLScan) { .poison = poison, .events = events, .bg = bg };
}

static void forget(CXLScan *scan)
{
    scan->valid = false;
    scan->count = scan->next = 0;
    scan->dpa = scan->length = scan->scanned = 0;
}

void cxl_scan_reset(CXLScan *scan, CXLResetKind kind)
{
    if (kind != CXL_RESET_CXL) {
        forget(scan);
        scan->poison->scanning = false;
    }
}

uint32_t cxl_scan_estimate(uint64_t length)
{
    return CLAMP(length / BYTES_PER_MS, 1, UINT32_MAX);
}

void cxl_scan_prepare(CXLScan *scan, uint64_t dpa, uint64_t length,
                      bool quiet)
{
    forget(scan);
    scan->dpa = dpa;
    scan->length = length;
    scan->quiet = quiet;
    scan->poison->scanning = true;
}

static uint64_t scan_duration(void *state)
{
    const CXLScan *scan = state;

    return cxl_scan_estimate(scan->length) * NS_PER_MS;
}

static void collect(CXLScan *scan)
{
    uint64_t dpa = scan->dpa, end = dpa + scan->scanned;

    while (scan->count < CXL_SCAN_MAX &&
           cxl_poison_find_any(scan->poison, dpa, end,
                               &scan->found[scan->count])) {
        dpa = scan->found[scan->count].dpa + scan->found[scan->count].length;
        scan->count++;
    }
}

/* The list is complete when it has all that was found, and nothing else. */
static void amend_list(CXLScan *scan)
{
    CXLPoisonList *list = scan->poison;

    cxl_poison_list_found(list, scan->dpa, scan->dpa + scan->scanned);
    if (list->overflowed && !list->unlisted->count &&
        list->count == scan->count) {
        cxl_poison_end_overflow(list);
    }
}

static void tell(const CXLScan *scan, const CXLPoisonRange *range)
{
    bool in_volatile = range->dpa < scan->poison->media->volatile_size;
    CXLWireGeneralMediaEvent event = {
        .address = cxl_put64(range->dpa |
                             (in_volatile ? CXL_EVENT_PA_VOLATILE : 0)),
        .descriptor = CXL_EVENT_UNCORRECTABLE,
        .type = CXL_MEDIA_EVENT_ECC,
        .transaction = CXL_EVENT_BY_SCAN_MEDIA,
    };

    cxl_event_log(scan->events, CXL_EVENT_LOG_FAILURE,
                  CXL_EVENT_GENERAL_MEDIA, &event);
}

/* An interrupt's message may reach any register, and begin another scan. */
static void end_after(CXLScan *scan, uint64_t scanned)
{
    scan->poison->scanning = false;
    scan->scanned = scanned;
    scan->valid = true;
    collect(scan);
    amend_list(scan);
    for (uint32_t n = 0; scan->events && !scan->quiet && n < scan->count;
         n++) {
        tell(scan, &scan->found[n]);
    }
}

static CXLRetCode scan_finish(void *state)
{
    CXLScan *scan = state;

    end_after(scan, scan->length);
    return CXL_RC_SUCCESS;
}

/* As far as the host was told that it is */
static void scan_abort(void *state)
{
    CXLScan *scan = state;
    uint64_t lines = scan->length / CXL_POISON_LINE;
    unsigned percent = cxl_bg_percent(scan->bg);

    lines = lines / 100 * percent + lines % 100 * percent / 100;
    end_after(scan, lines * CXL_POISON_LINE);
}

const CXLBgOps cxl_scan_ops = {
    .duration = scan_duration,
    .finish = scan_finish,
    .abort = scan_abort,
};

static bool found_valid(const CXLScan *scan)
{
    for (uint32_t n = 0; n < scan->count; n++) {
        const CXLPoisonRange *range = &scan->found[n];

        if (!cxl_poison_range_valid(scan->poison, range)) {
            return false;
        }
    }
    return true;
}

bool cxl_scan_loaded(CXLScan *scan, bool running)
{
    scan->poison->scanning = running;
    return cxl_poison_in_device(scan->poison, scan->dpa, scan->length) &&
        QEMU_IS_ALIGNED(scan->dpa | scan->length | scan->scanned,
                        CXL_POISON_LINE) &&
        scan->scanned <= scan->length && scan->count <= CXL_SCAN_MAX &&
        scan->next <= scan->count && !(running && scan->valid) &&
        found_valid(scan);
}
