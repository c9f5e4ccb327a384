/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a device says that what it decodes has changed.  Whoever keeps routes
 * listens; a device never knows who.
 */
#ifndef HW_CXL_MODEL_GLUE_ROUTE_H
#define HW_CXL_MODEL_GLUE_ROUTE_H

#include "qemu/notify.h"

/* Told with NULL, or with a pointer to true when state was loaded. */
void cxl_glue_route_listen(Notifier *notifier);
/* Call with the BQL held, after the change. */
void cxl_glue_route_changed(void);
/* The same after saved state was loaded: more of it may follow. */
void cxl_glue_route_loaded(void);
/*
 * How a device says that other parts of its memory have to be watched than
 * before: routes stay.  Listeners are told with the device.
 */
void cxl_glue_route_watch(Notifier *notifier);
void cxl_glue_route_watched(void *device);

#endif
