/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine built without CXL: there is nothing that could have errors. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"

static void no_cxl(Error **errp)
{
    error_setg(errp, "this machine has no CXL devices");
}

void qmp_cxl_inject_correctable_error(const char *path,
                                      CxlCorrectableErrorType type,
                                      Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_uncorrectable_errors(const char *path,
                                         CxlUncorrectableErrorRecordList *list,
                                         Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_poison(const char *path, uint64_t start, uint64_t length,
                           Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_set_health(CxlHealthOptions *options, Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_viral(const char *path, Error **errp)
{
    no_cxl(errp);
}

void qmp_cxl_inject_link_down(const char *path, bool down, Error **errp)
{
    no_cxl(errp);
}
