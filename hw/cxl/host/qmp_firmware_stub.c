/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine built without CXL has no firmware of its devices. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"

void qmp_cxl_inject_firmware_failure(const char *path,
                                     CxlFirmwareFailure failure, Error **errp)
{
    error_setg(errp, "this machine has no CXL devices");
}

CxlFirmwareInfo *qmp_query_cxl_firmware(const char *path, Error **errp)
{
    error_setg(errp, "this machine has no CXL devices");
    return NULL;
}
