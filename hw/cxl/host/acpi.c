/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI: the CEDT, and _OSC of ACPI0016. */
#include "qemu/osdep.h"
#include "qemu/uuid.h"
#include "qapi/error.h"
#include "hw/acpi/aml-build.h"
#include "hw/acpi/cxl.h"
#include "hw/cxl/core/cedt.h"
#include "hw/cxl/host/window.h"
#include "hw/cxl/model/host_bridge.h"
#include "hw/pci/pci_bus.h"

#define CEDT_REVISION 1

static uint32_t bridge_uid(CXLHostBridge *bridge)
{
    return pci_bus_num(bridge->bus);
}

static void add_chbs(GByteArray *cedt, CXLHostBridge *bridge)
{
    MemoryRegion *mr = &bridge->registers;

    cxl_cedt_add_chbs(cedt, bridge_uid(bridge),
                      mr->container->addr + mr->addr);
}

static void add_cfmws(GByteArray *cedt, const CXLFixedWindow *window)
{
    CXLCedtWindow wire = {
        .base = window->base,
        .size = window->size,
        .ways = window->ways,
        .granularity = window->granularity,
        .arithmetic = cxl_window_interleave(window).by_xor ? CXL_CEDT_XOR
                                                           : CXL_CEDT_MODULO,
        .restrictions = window->restrictions,
        .qtg = window->qtg,
    };

    for (unsigned i = 0; i < window->ways; i++) {
        wire.target[i] = bridge_uid(PXB_CXL_DEV(window->target[i]));
    }
    cxl_cedt_add_cfmws(cedt, &wire);
}

/* The XOR window of granularity 256 << @ig that has the most maps, or NULL. */
static const CXLFixedWindow *most_maps(const CXLState *state, unsigned ig)
{
    const CXLFixedWindow *found = NULL;
    unsigned most = 0;

    for (GList *it = state->fixed_windows; it; it = it->next) {
        CXLInterleave il = cxl_window_interleave(it->data);

        if (il.by_xor && il.shift == 8 + ig &&
            cxl_interleave_pow2_bits(&il) > most) {
            most = cxl_interleave_pow2_bits(&il);
            found = it->data;
        }
    }
    return found;
}

/* One structure for each granularity: a guest takes as many maps as it needs */
static void add_cxims(GByteArray *cedt, const CXLState *state)
{
    for (unsigned ig = 0; ig <= CXL_MAX_IG; ig++) {
        const CXLFixedWindow *window = most_maps(state, ig);

        if (window) {
            CXLInterleave il = cxl_window_interleave(window);

            cxl_cedt_add_cxims(cedt, &il);
        }
    }
}

void cxl_build_cedt(GArray *table_offsets, GArray *table_data,
                    BIOSLinker *linker, const char *oem_id,
                    const char *oem_table_id, CXLState *state)
{
    AcpiTable table = { .sig = "CEDT", .rev = CEDT_REVISION,
                        .oem_id = oem_id, .oem_table_id = oem_table_id };
    g_autoptr(GByteArray) cedt = g_byte_array_new();

    for (unsigned i = 0; i < state->next_mr_idx; i++) {
        add_chbs(cedt, PXB_CXL_DEV(state->bridge[i]));
    }
    for (GList *it = state->fixed_windows; it; it = it->next) {
        add_cfmws(cedt, it->data);
    }
    add_cxims(cedt, state);

    acpi_add_table(table_offsets, table_data);
    acpi_table_begin(&table, table_data);
    g_array_append_vals(table_data, cedt->data, cedt->len);
    acpi_table_end(linker, &table);
}

/* _OSC status bits, returned in DWORD 1 */
#define OSC_UNKNOWN_UUID      0x04
#define OSC_UNKNOWN_REVISION  0x08
#define OSC_MASKED            0x10

/* PCI Firmware r3.3: hot-plug, SHPC, PME, AER, capability structure */
#define OSC_PCI_CONTROL       0x1f
/* CXL r3.2: CXL memory error reporting control */
#define OSC_CXL_CONTROL       0x01

static const char pci_osc_uuid[] = "33DB4D5B-1FF7-401C-9657-7441C03DD766";
static const char cxl_osc_uuid[] = "68F2D50B-C469-4D8A-BD3D-941A103FD3FC";

static Aml *arg0_is(const char *uuid)
{
    return aml_equal(aml_arg(0), aml_touuid(uuid));
}

static void osc_fail(Aml *ctx, uint32_t status)
{
    aml_append(ctx, aml_or(aml_name("CDW1"), aml_int(status),
                           aml_name("CDW1")));
}

static Aml *osc_fail_if(Aml *condition, uint32_t status)
{
    Aml *ctx = aml_if(condition);

    osc_fail(ctx, status);
    return ctx;
}

/* DWORDs 4 and 5: error reporting is the OS's, whether it asks or not. */
static Aml *osc_cxl_part(void)
{
    Aml *ctx = aml_if(arg0_is(cxl_osc_uuid));

    aml_append(ctx, aml_create_dword_field(aml_arg(3), aml_int(12), "CDW4"));
    aml_append(ctx, aml_create_dword_field(aml_arg(3), aml_int(16), "CDW5"));
    aml_append(ctx, aml_store(aml_name("CDW4"), aml_name("SUPC")));
    aml_append(ctx, aml_store(aml_name("CDW5"), aml_name("CTRC")));
    aml_append(ctx, aml_or(aml_name("CDW5"), aml_int(OSC_CXL_CONTROL),
                           aml_name("CDW5")));
    return ctx;
}

static Aml *osc_known_uuid(void)
{
    Aml *ctx = aml_if(aml_lor(arg0_is(pci_osc_uuid), arg0_is(cxl_osc_uuid)));
    Aml *granted = aml_local(0);

    aml_append(ctx, aml_create_dword_field(aml_arg(3), aml_int(4), "CDW2"));
    aml_append(ctx, aml_create_dword_field(aml_arg(3), aml_int(8), "CDW3"));
    aml_append(ctx, aml_store(aml_name("CDW3"), granted));
    aml_append(ctx, aml_and(granted, aml_int(OSC_PCI_CONTROL), granted));
    aml_append(ctx, osc_fail_if(aml_lnot(aml_equal(aml_arg(1), aml_int(1))),
                                OSC_UNKNOWN_REVISION));
    aml_append(ctx, osc_fail_if(aml_lnot(aml_equal(aml_name("CDW3"),
                                                   granted)), OSC_MASKED));
    aml_append(ctx, aml_store(aml_name("CDW2"), aml_name("SUPP")));
    aml_append(ctx, aml_store(aml_name("CDW3"), aml_name("CTRL")));
    aml_append(ctx, aml_store(granted, aml_name("CDW3")));
    aml_append(ctx, osc_cxl_part());
    aml_append(ctx, aml_return(aml_arg(3)));
    return ctx;
}

/* CXL r3.2: _OSC for CXL host bridges */
void build_cxl_osc_method(Aml *dev)
{
    Aml *method, *other;

    aml_append(dev, aml_name_decl("SUPP", aml_int(0)));
    aml_append(dev, aml_name_decl("CTRL", aml_int(0)));
    aml_append(dev, aml_name_decl("SUPC", aml_int(0)));
    aml_append(dev, aml_name_decl("CTRC", aml_int(0)));

    method = aml_method("_OSC", 4, AML_NOTSERIALIZED);
    aml_append(method, aml_create_dword_field(aml_arg(3), aml_int(0),
                                              "CDW1"));
    aml_append(method, osc_known_uuid());
    other = aml_else();
    osc_fail(other, OSC_UNKNOWN_UUID);
    aml_append(other, aml_return(aml_arg(3)));
    aml_append(method, other);
    aml_append(dev, method);
}
