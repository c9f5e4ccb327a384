/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_route.h"

static NotifierList listeners = NOTIFIER_LIST_INITIALIZER(listeners);
static NotifierList watchers = NOTIFIER_LIST_INITIALIZER(watchers);

void cxl_glue_route_listen(Notifier *notifier)
{
    notifier_list_add(&listeners, notifier);
}

void cxl_glue_route_changed(void)
{
    notifier_list_notify(&listeners, NULL);
}

void cxl_glue_route_loaded(void)
{
    bool loaded = true;

    notifier_list_notify(&listeners, &loaded);
}

void cxl_glue_route_watch(Notifier *notifier)
{
    notifier_list_add(&watchers, notifier);
}

void cxl_glue_route_watched(void *device)
{
    notifier_list_notify(&watchers, device);
}
