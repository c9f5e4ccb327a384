/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine built without CXL: no property, so nothing to do later. */
#include "qemu/osdep.h"
#include "hw/cxl/cxl_host.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"

const MemoryRegionOps cfmws_ops;

void cxl_machine_init(Object *machine, CXLState *state)
{
}

void cxl_hook_up_pxb_registers(PCIBus *bus, CXLState *state, Error **errp)
{
}

void cxl_fmws_link_targets(CXLState *state, Error **errp)
{
}

void cxl_add_memory_map(const CXLState *state,
                        void (*add)(uint64_t base, uint64_t size,
                                    uint32_t type))
{
}

void cxl_report_address_space(const CXLState *state)
{
}

void qmp_cxl_surprise_remove(const char *path, Error **errp)
{
    error_setg(errp, "this QEMU was built without CXL");
}

CxlMappingList *qmp_query_cxl_mappings(Error **errp)
{
    return NULL;
}
