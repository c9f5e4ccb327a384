/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SEAM: calls that the base's machines make, in this order. */
#ifndef HW_CXL_CXL_HOST_H
#define HW_CXL_CXL_HOST_H

#include "hw/cxl/cxl.h"

/* Instance init: adds the properties 'cxl' and 'cxl-fmw' to @machine. */
void cxl_machine_init(Object *machine, CXLState *state);

/*
 * Machine done: places the registers of every pxb-cxl below the root bus in
 * host_mr.  Fails when CXL is off but used, or with more than 16 bridges.
 */
void cxl_hook_up_pxb_registers(PCIBus *bus, CXLState *state, Error **errp);

/*
 * Machine done: windows find their bridges, routes begin to follow, decoders
 * are programmed that come up so.
 */
void cxl_fmws_link_targets(CXLState *state, Error **errp);

/*
 * Machine done, after the above: calls @add for every range of decoders
 * programmed at start that firmware's memory map is to have.  @type is ACPI's,
 * as in e820.
 */
void cxl_add_memory_map(const CXLState *state,
                        void (*add)(uint64_t base, uint64_t size,
                                    uint32_t type));

/*
 * The machine does not fit the CPU's physical addresses: say what share the
 * windows have in it, and what to do.
 */
void cxl_report_address_space(const CXLState *state);

/* The window itself: accesses that no route covers. */
extern const MemoryRegionOps cfmws_ops;

#endif
