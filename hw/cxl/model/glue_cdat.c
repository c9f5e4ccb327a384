/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/cxl/model/glue_cdat.h"

#define LATENCY_MAX (UINT32_MAX / CXL_PS_PER_NS)

bool cxl_glue_cdat_load(CXLCdat *cdat, const char *path, Error **errp)
{
    g_autofree char *bytes = NULL;
    g_autofree char *why = NULL;
    g_autoptr(GError) gerr = NULL;
    gsize len;

    if (g_file_test(path, G_FILE_TEST_EXISTS) &&
        !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        error_setg(errp, "cdat='%s': not a regular file", path);
        return false;
    }
    if (!g_file_get_contents(path, &bytes, &len, &gerr)) {
        error_setg(errp, "cdat='%s': %s", path, gerr->message);
        return false;
    }
    if (!cxl_cdat_load(cdat, (const uint8_t *)bytes, len, &why)) {
        error_setg(errp, "cdat='%s': %s", path, why);
        return false;
    }
    return true;
}

bool cxl_glue_cdat_check_latency(uint32_t latency, const char *prop,
                                 Error **errp)
{
    if (latency > LATENCY_MAX) {
        error_setg(errp, "%s=%u is more than %u nanoseconds; 0 is for an "
                   "unknown one", prop, latency, LATENCY_MAX);
        return false;
    }
    return true;
}
