/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/acpi/cxl.h"

void cxl_build_cedt(GArray *table_offsets, GArray *table_data,
                    BIOSLinker *linker, const char *oem_id,
                    const char *oem_table_id, CXLState *state)
{
}

void build_cxl_osc_method(Aml *dev)
{
}

void build_cxl_dsm_method(Aml *dev, const CXLState *state)
{
}
