/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/qtg.h"

static CXLQtgGroup *find(CXLQtgTable *table, uint16_t id)
{
    for (unsigned i = 0; i < table->count; i++) {
        if (table->group[i].id == id) {
            return &table->group[i];
        }
    }
    return NULL;
}

/* Negative if @a asks for more than @b; no limit asks for least. */
static int compare(const void *a, const void *b)
{
    const CXLQtgGroup *x = a, *y = b;
    uint32_t x_latency = x->max_latency ?: UINT32_MAX;
    uint32_t y_latency = y->max_latency ?: UINT32_MAX;

    if (x_latency != y_latency) {
        return x_latency < y_latency ? -1 : 1;
    }
    if (x->min_bandwidth != y->min_bandwidth) {
        return x->min_bandwidth > y->min_bandwidth ? -1 : 1;
    }
    return x->id - y->id;
}

static bool differ(uint32_t a, uint32_t b)
{
    return a && b && a != b;
}

CXLQtgAdded cxl_qtg_add(CXLQtgTable *table, const CXLQtgGroup *group)
{
    CXLQtgGroup *known = find(table, group->id);

    if (known && differ(known->max_latency, group->max_latency)) {
        return CXL_QTG_OTHER_LATENCY;
    }
    if (known && differ(known->min_bandwidth, group->min_bandwidth)) {
        return CXL_QTG_OTHER_BANDWIDTH;
    }
    if (known) {
        known->max_latency = known->max_latency ?: group->max_latency;
        known->min_bandwidth = known->min_bandwidth ?: group->min_bandwidth;
    } else if (table->count == CXL_QTG_MAX) {
        return CXL_QTG_FULL;
    } else {
        table->group[table->count++] = *group;
    }
    qsort(table->group, table->count, sizeof(table->group[0]), compare);
    return CXL_QTG_ADDED;
}

bool cxl_qtg_configured(const CXLQtgTable *table)
{
    for (unsigned i = 0; i < table->count; i++) {
        const CXLQtgGroup *group = &table->group[i];

        if (group->id || group->max_latency || group->min_bandwidth) {
            return true;
        }
    }
    return false;
}

uint16_t cxl_qtg_greatest(const CXLQtgTable *table)
{
    uint16_t greatest = 0;

    for (unsigned i = 0; i < table->count; i++) {
        greatest = MAX(greatest, table->group[i].id);
    }
    return greatest;
}

void cxl_qtg_order(const CXLQtgTable *table, unsigned best,
                   uint16_t id[CXL_QTG_MAX])
{
    unsigned n = 0;

    for (unsigned i = best; i < table->count; i++) {
        id[n++] = table->group[i].id;
    }
    while (best--) {
        id[n++] = table->group[best].id;
    }
}
