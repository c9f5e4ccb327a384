/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: a device that ages, warms up, or fails to flush. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/host/qmp_type3.h"

#define LIFE_MAX 100

static bool check_options(const CxlHealthOptions *options, Error **errp)
{
    if (options->has_health_status &&
        options->health_status & ~CXL_HEALTH_STATUS_MASK) {
        error_setg(errp, "health-status=%u is not from 0 to %u",
                   options->health_status, CXL_HEALTH_STATUS_MASK);
        return false;
    }
    if (options->has_media_status &&
        options->media_status > CXL_HEALTH_MEDIA_DATA_LOSS_SOON) {
        error_setg(errp, "media-status=%u is not from 0 to %u",
                   options->media_status, CXL_HEALTH_MEDIA_DATA_LOSS_SOON);
        return false;
    }
    if (options->has_life_used && options->life_used > LIFE_MAX &&
        options->life_used != CXL_HEALTH_LIFE_NOT_REPORTED) {
        error_setg(errp, "life-used=%u is neither from 0 to %u nor %u",
                   options->life_used, LIFE_MAX,
                   CXL_HEALTH_LIFE_NOT_REPORTED);
        return false;
    }
    return true;
}

#define CHANGE(to, field) \
    do { \
        if (options->has_##field) { \
            (to) = options->field; \
        } \
    } while (0)

void qmp_cxl_set_health(CxlHealthOptions *options, Error **errp)
{
    CXLType3 *ct3d = cxl_qmp_find_type3(options->path, errp);
    CXLHealthValues values;

    if (!ct3d || !check_options(options, errp)) {
        return;
    }
    values = ct3d->health.now;
    CHANGE(values.status, health_status);
    CHANGE(values.media_status, media_status);
    CHANGE(values.life_used, life_used);
    CHANGE(values.temperature, temperature);
    CHANGE(values.dirty_shutdowns, dirty_shutdown_count);
    CHANGE(values.corrected_volatile, corrected_volatile_error_count);
    CHANGE(values.corrected_persistent, corrected_persistent_error_count);
    CHANGE(ct3d->health.gpf_fails, gpf_fails);
    /* An interrupt's message may go to a register that unplugs the device. */
    object_ref(OBJECT(ct3d));
    cxl_health_set(&ct3d->health, &values);
    object_unref(OBJECT(ct3d));
}
