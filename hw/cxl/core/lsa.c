/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The label storage area. */
#include "qemu/osdep.h"
#include "hw/cxl/core/lsa.h"

void cxl_lsa_init(CXLLsa *lsa, const CXLMedia *store)
{
    *lsa = (CXLLsa) { .store = *store };
}

uint32_t cxl_lsa_size(const CXLLsa *lsa)
{
    return MIN(cxl_media_size(&lsa->store), UINT32_MAX);
}
