/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI: _DSM of ACPI0017.  CXL r3.2: _DSM function for retrieving QTG ID. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/acpi/aml-build.h"
#include "hw/acpi/cxl.h"
#include "hw/cxl/host/window.h"

static const char qtg_dsm_uuid[] = "F365F9A6-A7DE-4071-A66A-B40C0B4F8E52";

enum {
    DSM_QUERY = 0,                      /* a bit for each function */
    DSM_QTG = 1,
};

/* What is passed to function 1: picoseconds, then MB/s */
enum { READ_LATENCY, WRITE_LATENCY, READ_BANDWIDTH, WRITE_BANDWIDTH };

static Aml *if_function(unsigned function)
{
    return aml_if(aml_equal(aml_arg(2), aml_int(function)));
}

static Aml *query(uint8_t functions)
{
    Aml *ctx = if_function(DSM_QUERY);

    aml_append(ctx, aml_return(aml_buffer(sizeof(functions), &functions)));
    return ctx;
}

/* The greatest ID, and @count recommended ones, best first. */
static Aml *answer(uint16_t greatest, const uint16_t *id, unsigned count)
{
    Aml *groups = aml_package(count);
    Aml *ctx = aml_package(2);

    for (unsigned i = 0; i < count; i++) {
        aml_append(groups, aml_int(id[i]));
    }
    aml_append(ctx, aml_int(greatest));
    aml_append(ctx, groups);
    return aml_return(ctx);
}

static Aml *performance(unsigned index)
{
    return aml_derefof(aml_index(aml_arg(3), aml_int(index)));
}

/* Local0 and Local1: the greater latency, the lesser bandwidth */
static void load_worst(Aml *ctx)
{
    Aml *latency = aml_local(0), *bandwidth = aml_local(1);
    Aml *write = aml_local(2), *worse;

    aml_append(ctx, aml_store(performance(READ_LATENCY), latency));
    aml_append(ctx, aml_store(performance(WRITE_LATENCY), write));
    worse = aml_if(aml_lgreater(write, latency));
    aml_append(worse, aml_store(write, latency));
    aml_append(ctx, worse);

    aml_append(ctx, aml_store(performance(READ_BANDWIDTH), bandwidth));
    aml_append(ctx, aml_store(performance(WRITE_BANDWIDTH), write));
    worse = aml_if(aml_lless(write, bandwidth));
    aml_append(worse, aml_store(write, bandwidth));
    aml_append(ctx, worse);
}

static Aml *if_suits(const CXLQtgGroup *group)
{
    uint32_t most = group->max_latency ?
                    group->max_latency * 1000 : UINT32_MAX;

    return aml_if(aml_land(
        aml_lnot(aml_lgreater(aml_local(0), aml_int(most))),
        aml_lnot(aml_lless(aml_local(1), aml_int(group->min_bandwidth)))));
}

/*
 * The first group, from the most demanding, that the memory suits.  The last
 * one takes what suits none.
 */
static Aml *choose(const CXLQtgTable *table)
{
    Aml *ctx = if_function(DSM_QTG);
    uint16_t greatest = cxl_qtg_greatest(table);

    load_worst(ctx);
    for (unsigned i = 0; i < table->count; i++) {
        Aml *suits = i + 1 < table->count ? if_suits(&table->group[i]) : ctx;
        uint16_t id[CXL_QTG_MAX];

        cxl_qtg_order(table, i, id);
        aml_append(suits, answer(greatest, id, table->count));
        if (suits != ctx) {
            aml_append(ctx, suits);
        }
    }
    return ctx;
}

/* All windows are in group 0; see docs/devel/cxl/deviations.rst. */
static void add_plain(Aml *ctx)
{
    static const uint16_t id[] = { 0, 1 };
    Aml *function = if_function(DSM_QTG);

    aml_append(ctx, query(1 << DSM_QUERY));
    aml_append(function, answer(1, id, ARRAY_SIZE(id)));
    aml_append(ctx, function);
}

void build_cxl_dsm_method(Aml *dev, const CXLState *state)
{
    Aml *method = aml_method("_DSM", 4, AML_SERIALIZED);
    Aml *ctx = aml_if(aml_equal(aml_arg(0), aml_touuid(qtg_dsm_uuid)));
    uint8_t unknown = 0;
    CXLQtgTable table;

    if (cxl_window_groups(state->fixed_windows, &table, NULL) &&
        cxl_qtg_configured(&table)) {
        aml_append(ctx, query(1 << DSM_QUERY | 1 << DSM_QTG));
        aml_append(ctx, choose(&table));
        aml_append(method, ctx);
        aml_append(method, aml_return(aml_buffer(1, &unknown)));
    } else {
        add_plain(ctx);
        aml_append(method, ctx);
    }
    aml_append(dev, method);
}
