/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine built without CXL: there is nothing that could have events. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"

static void no_cxl(Error **errp)
{
    error_setg(errp, "this machine has no CXL devices");
}

void qmp_cxl_inject_general_media_event(CxlInjectedGeneralMediaEvent *event,
                                        Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_dram_event(CxlInjectedDramEvent *event, Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_memory_module_event(CxlInjectedMemoryModuleEvent *event,
                                        Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_memory_sparing_event(CxlInjectedMemorySparingEvent *event,
                                         Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_event_record(const char *path, CxlEventLogName log,
                                 const char *hex, bool has_repeat,
                                 uint32_t repeat, Error **errp)
{
    no_cxl(errp);
}
