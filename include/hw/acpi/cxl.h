/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SEAM: calls that the base's ACPI builders make. */
#ifndef HW_ACPI_CXL_H
#define HW_ACPI_CXL_H

#include "hw/acpi/bios-linker-loader.h"
#include "hw/cxl/cxl.h"

/* Append the CEDT: a CHBS per bridge, a CFMWS per window. */
void cxl_build_cedt(GArray *table_offsets, GArray *table_data,
                    BIOSLinker *linker, const char *oem_id,
                    const char *oem_table_id, CXLState *state);
/* _OSC of an ACPI0016 host bridge: PCI and CXL capabilities. */
void build_cxl_osc_method(Aml *dev);
/* _DSM of ACPI0017: which QoS throttling groups suit a performance. */
void build_cxl_dsm_method(Aml *dev, const CXLState *state);

#endif
