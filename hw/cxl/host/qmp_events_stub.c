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

void qmp_cxl_inject_mailbox_error(const char *path, CxlMailboxError error,
                                  bool has_opcode, uint16_t opcode,
                                  bool has_count, uint32_t count,
                                  Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_mailbox_hang(const char *path, bool hang, Error **errp)
{
    no_cxl(errp);
}

CxlMemdevList *qmp_query_cxl_memdev(const char *path, Error **errp)
{
    if (path) {
        no_cxl(errp);
    }
    return NULL;
}

CxlEventLogInfoList *qmp_query_cxl_events(const char *path, bool has_log,
                                          CxlEventLogName log, bool has_max,
                                          uint32_t max, Error **errp)
{
    no_cxl(errp);
    return NULL;
}

CxlPoisonInfo *qmp_query_cxl_poison(const char *path, Error **errp)
{
    no_cxl(errp);
    return NULL;
}
