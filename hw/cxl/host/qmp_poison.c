/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: memory that goes bad. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/host/qmp_type3.h"

static bool check_multiple(const char *name, uint64_t value, Error **errp)
{
    if (!QEMU_IS_ALIGNED(value, CXL_POISON_LINE)) {
        error_setg(errp, "%s=%" PRIu64 " is not a multiple of %d", name,
                   value, CXL_POISON_LINE);
        return false;
    }
    return true;
}

void qmp_cxl_inject_poison(const char *path, uint64_t start, uint64_t length,
                           Error **errp)
{
    CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);

    if (!ct3d || !check_multiple("start", start, errp) ||
        !check_multiple("length", length, errp)) {
        return;
    }
    if (!length) {
        error_setg(errp, "length=0: give at least %d", CXL_POISON_LINE);
    } else if (!cxl_poison_in_device(&ct3d->poison, start, length)) {
        error_setg(errp, "start=%" PRIu64 ", length=%" PRIu64 ": path='%s' "
                   "has %" PRIu64 " bytes", start, length, path,
                   cxl_media_total(&ct3d->media));
    } else {
        /* An interrupt's message may unplug the device. */
        object_ref(OBJECT(ct3d));
        cxl_poison_add(&ct3d->poison, start, length, CXL_POISON_INTERNAL);
        object_unref(OBJECT(ct3d));
    }
}
