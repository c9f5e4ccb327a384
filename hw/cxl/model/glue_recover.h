/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever moves a device's bytes elsewhere for a time may have been killed
 * meanwhile: before a device uses its memory, they are asked for.
 */
#ifndef HW_CXL_MODEL_GLUE_RECOVER_H
#define HW_CXL_MODEL_GLUE_RECOVER_H

#include "system/hostmem.h"

typedef bool CXLGlueRecover(HostMemoryBackend *backend, Error **errp);

void cxl_glue_recover_set(CXLGlueRecover *recover);
/* False, with an error, if the bytes of @backend are not to be had. */
bool cxl_glue_recover(HostMemoryBackend *backend, Error **errp);

/*
 * The name, to be freed, of the regular file that @backend's memory is from;
 * NULL if there is none, or it has lost its name.
 */
char *cxl_glue_recover_path(HostMemoryBackend *backend);

#endif
