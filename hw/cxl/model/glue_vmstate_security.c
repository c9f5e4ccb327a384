/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved state of what erases memory and what locks it: hashes, no secrets. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/sanitize.h"
#include "hw/cxl/core/security.h"
#include "hw/cxl/model/glue_vmstate.h"

static const VMStateDescription vmstate_range = {
    .name = "cxl-sanitize-range",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(dpa, CXLSanitizeRange),
        VMSTATE_UINT64(length, CXLSanitizeRange),
        VMSTATE_END_OF_LIST()
    }
};

static int sanitize_post_load(void *opaque, int version_id)
{
    CXLSanitize *sanitize = opaque;

    if (!cxl_sanitize_valid(sanitize)) {
        error_report("CXL saved state: what is being erased is not in this "
                     "device");
        cxl_sanitize_clear(sanitize);
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_cxl_sanitize = {
    .name = "cxl-sanitize",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = sanitize_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(range, CXLSanitize, CXL_SANITIZE_RANGES, 1,
                             vmstate_range, CXLSanitizeRange),
        VMSTATE_UINT32(count, CXLSanitize),
        VMSTATE_UINT32(at, CXLSanitize),
        VMSTATE_UINT64(done, CXLSanitize),
        VMSTATE_BOOL(failed, CXLSanitize),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_secret = {
    .name = "cxl-secret",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(set, CXLSecret),
        VMSTATE_UINT8_ARRAY(salt, CXLSecret, CXL_SECURITY_SALT),
        VMSTATE_UINT8_ARRAY(hash, CXLSecret, CXL_SECURITY_HASH),
        VMSTATE_UINT8(failures, CXLSecret),
        VMSTATE_BOOL(limit, CXLSecret),
        VMSTATE_END_OF_LIST()
    }
};

static int security_post_load(void *opaque, int version_id)
{
    CXLSecurity *security = opaque;

    if (!cxl_security_valid(security)) {
        error_report("CXL saved state: memory is locked without a "
                     "passphrase, or one was tried too often");
        memset(security->secret, 0, sizeof(security->secret));
        security->media->locked = false;
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_cxl_security = {
    .name = "cxl-security",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = security_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(secret, CXLSecurity, CXL_PASSPHRASES, 1,
                             vmstate_secret, CXLSecret),
        VMSTATE_BOOL(frozen, CXLSecurity),
        VMSTATE_END_OF_LIST()
    }
};
