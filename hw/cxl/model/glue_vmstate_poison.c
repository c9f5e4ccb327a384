/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved state of the poison list and of scans. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/scan.h"
#include "hw/cxl/model/glue_vmstate.h"
#include "migration/qemu-file-types.h"

static void put_range(QEMUFile *f, const CXLPoisonRange *range)
{
    qemu_put_be64(f, range->dpa);
    qemu_put_be64(f, range->length);
    qemu_put_byte(f, range->source);
}

static int put_poison(QEMUFile *f, void *pv, size_t size,
                      const VMStateField *field, JSONWriter *vmdesc)
{
    CXLPoisonList *list = pv;

    qemu_put_byte(f, list->overflowed);
    qemu_put_be64(f, list->overflow_time);
    qemu_put_byte(f, list->reading);
    qemu_put_be64(f, list->dpa);
    qemu_put_be64(f, list->length);
    qemu_put_be64(f, list->next);
    qemu_put_be32(f, list->count);
    for (uint32_t n = 0; n < list->count; n++) {
        put_range(f, &list->range[n]);
    }
    return 0;
}

static void get_range(QEMUFile *f, CXLPoisonRange *range)
{
    range->dpa = qemu_get_be64(f);
    range->length = qemu_get_be64(f);
    range->source = qemu_get_byte(f);
}

/* At most as many records as there is room for */
static void get_ranges(QEMUFile *f, CXLPoisonList *list)
{
    list->count = qemu_get_be32(f);
    for (uint32_t n = 0; n < MIN(list->count, list->max); n++) {
        get_range(f, &list->range[n]);
    }
}

static int get_poison(QEMUFile *f, void *pv, size_t size,
                      const VMStateField *field)
{
    CXLPoisonList *list = pv;

    list->overflowed = qemu_get_byte(f);
    list->overflow_time = qemu_get_be64(f);
    list->reading = qemu_get_byte(f);
    list->dpa = qemu_get_be64(f);
    list->length = qemu_get_be64(f);
    list->next = qemu_get_be64(f);
    get_ranges(f, list);
    if (!cxl_poison_valid(list)) {
        error_report("CXL saved state: %u ranges of poison are not a list "
                     "for this device", list->count);
        list->count = 0;
        list->reading = list->overflowed = false;
        return -EINVAL;
    }
    return 0;
}

const VMStateInfo vmstate_info_cxl_poison = {
    .name = "cxl-poison",
    .put = put_poison,
    .get = get_poison,
};

static int put_scan(QEMUFile *f, void *pv, size_t size,
                    const VMStateField *field, JSONWriter *vmdesc)
{
    CXLScan *scan = pv;

    qemu_put_be64(f, scan->dpa);
    qemu_put_be64(f, scan->length);
    qemu_put_be64(f, scan->scanned);
    qemu_put_byte(f, scan->quiet);
    qemu_put_byte(f, scan->valid);
    qemu_put_be32(f, scan->next);
    qemu_put_be32(f, scan->count);
    for (uint32_t n = 0; n < scan->count; n++) {
        put_range(f, &scan->found[n]);
    }
    return 0;
}

/* The device checks it, once it is known what runs. */
static int get_scan(QEMUFile *f, void *pv, size_t size,
                    const VMStateField *field)
{
    CXLScan *scan = pv;

    scan->dpa = qemu_get_be64(f);
    scan->length = qemu_get_be64(f);
    scan->scanned = qemu_get_be64(f);
    scan->quiet = qemu_get_byte(f);
    scan->valid = qemu_get_byte(f);
    scan->next = qemu_get_be32(f);
    scan->count = qemu_get_be32(f);
    for (uint32_t n = 0; n < MIN(scan->count, CXL_SCAN_MAX); n++) {
        get_range(f, &scan->found[n]);
    }
    return 0;
}

const VMStateInfo vmstate_info_cxl_scan = {
    .name = "cxl-scan",
    .put = put_scan,
    .get = get_scan,
};
