/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-type3: what it remembers without power, in metadata-memdev=. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/cxl/model/type3.h"
#include "system/runstate.h"

/* While a migration is between two machines, the area is not ours alone. */
static bool withheld(void *opaque)
{
    return runstate_check(RUN_STATE_INMIGRATE) ||
           runstate_check(RUN_STATE_POSTMIGRATE);
}

static void add_sections(CXLMetadata *md, CXLType3 *ct3d)
{
    cxl_metadata_add(md, &cxl_media_section, &ct3d->media);
    cxl_metadata_add(md, &cxl_health_section, &ct3d->health);
    cxl_metadata_add(md, &cxl_poison_section, &ct3d->poison);
    cxl_metadata_add(md, &cxl_security_section, &ct3d->security);
    cxl_metadata_add(md, &cxl_firmware_section, &ct3d->firmware);
    cxl_metadata_add(md, &cxl_features_section, &ct3d->features);
    cxl_metadata_add(md, &cxl_repair_section, &ct3d->repair);
}

/* From now on the parts save what changes. */
static void tell_parts(CXLMetadata *md, CXLType3 *ct3d)
{
    ct3d->media.metadata = md;
    ct3d->health.metadata = md;
    ct3d->poison.metadata = md;
    ct3d->security.metadata = md;
    ct3d->firmware.metadata = md;
    ct3d->features.metadata = md;
    ct3d->repair.metadata = md;
}

/*
 * Whoever ends QEMU, if it is not by a signal that cannot be caught, leaves
 * it the time for a Global Persistent Flush.
 */
static void power_off(Notifier *notifier, void *data)
{
    CXLType3 *ct3d = container_of(notifier, CXLType3, power_off);

    cxl_health_reset(&ct3d->health, CXL_RESET_COLD);
}

bool cxl_type3_metadata_init(CXLType3 *ct3d, Error **errp)
{
    CXLMetadata *md = &ct3d->metadata;
    HostMemoryBackend *backend = ct3d->metadata_backend;
    CXLMedia store = cxl_glue_backend_media(&ct3d->metadata_store);
    g_autofree char *why = NULL;

    cxl_metadata_init(md, backend ? &store : NULL);
    md->withheld = withheld;
    add_sections(md, ct3d);
    if (!cxl_metadata_load(md, &why)) {
        error_setg(errp, "metadata-memdev='%s' %s (nothing was written to "
                   "it; give this device an area of its own)",
                   object_get_canonical_path_component(OBJECT(backend)),
                   why);
        return false;
    }
    tell_parts(md, ct3d);
    ct3d->power_off.notify = power_off;
    qemu_register_shutdown_notifier(&ct3d->power_off);
    cxl_type3_memory_loaded(ct3d);
    return true;
}

void cxl_type3_metadata_finish(CXLType3 *ct3d)
{
    notifier_remove(&ct3d->power_off);
}
