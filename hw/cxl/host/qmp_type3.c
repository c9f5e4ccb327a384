/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/cxl/host/qmp_type3.h"

CXLType3 *cxl_qmp_find_type3(const char *path, Error **errp)
{
    bool ambiguous = false;
    /* An empty path would stand for any of them. */
    Object *obj = *path ? object_resolve_path_type(path, TYPE_CXL_TYPE3,
                                                   &ambiguous) : NULL;

    if (!obj || !CXL_TYPE3(obj)->present) {
        error_setg(errp, "path='%s' names %s: give the id or the QOM path of "
                   "a cxl-type3", path,
                   ambiguous ? "several devices" : "no cxl-type3");
        return NULL;
    }
    return CXL_TYPE3(obj);
}
