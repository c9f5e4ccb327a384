/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_recover.h"

static CXLGlueRecover *recover_bytes;

void cxl_glue_recover_set(CXLGlueRecover *recover)
{
    recover_bytes = recover;
}

bool cxl_glue_recover(HostMemoryBackend *backend, Error **errp)
{
    return !recover_bytes || recover_bytes(backend, errp);
}
