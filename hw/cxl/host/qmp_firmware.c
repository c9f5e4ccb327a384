/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: what is in the firmware slots, and updates that fail. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/host/qmp_type3.h"

void qmp_cxl_inject_firmware_failure(const char *path,
                                     CxlFirmwareFailure failure, Error **errp)
{
    static const CXLFirmwareFailure failures[] = {
        [CXL_FIRMWARE_FAILURE_NONE] = CXL_FW_FAIL_NONE,
        [CXL_FIRMWARE_FAILURE_VERIFICATION] = CXL_FW_FAIL_VERIFICATION,
        [CXL_FIRMWARE_FAILURE_ROLLED_BACK] = CXL_FW_FAIL_ROLLED_BACK,
        [CXL_FIRMWARE_FAILURE_COLD_RESET_REQUIRED] = CXL_FW_FAIL_COLD_RESET,
    };
    CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);

    QEMU_BUILD_BUG_ON(ARRAY_SIZE(failures) != CXL_FIRMWARE_FAILURE__MAX);
    if (ct3d) {
        ct3d->firmware.fail = failures[failure];
    }
}

static CxlFirmwareImage *image(const CXLFirmwareSlot *slot, unsigned number)
{
    CxlFirmwareImage *out = g_new0(CxlFirmwareImage, 1);

    out->slot = number;
    out->revision = g_strndup(slot->revision, CXL_FW_REVISION);
    out->size = slot->size;
    if (slot->size) {
        GString *text = g_string_new(NULL);

        for (unsigned i = 0; i < CXL_SHA256_BYTES; i++) {
            g_string_append_printf(text, "%02x", slot->sha256[i]);
        }
        out->sha256 = g_string_free(text, false);
    }
    return out;
}

CxlFirmwareInfo *qmp_query_cxl_firmware(const char *path, Error **errp)
{
    CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);
    CxlFirmwareImageList **tail;
    CxlFirmwareInfo *info;

    if (!ct3d) {
        return NULL;
    }
    info = g_new0(CxlFirmwareInfo, 1);
    tail = &info->images;
    info->slots = ct3d->firmware.slots;
    info->active = ct3d->firmware.active;
    info->staged = ct3d->firmware.staged;
    info->has_staged = info->staged;
    info->transferring = ct3d->firmware.open;
    for (unsigned n = 0; n < info->slots; n++) {
        if (*ct3d->firmware.slot[n].revision) {
            QAPI_LIST_APPEND(tail, image(&ct3d->firmware.slot[n], n + 1));
        }
    }
    return info;
}
