/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-type3: CXL reset, and the reset of the function. */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/type3.h"

/* CXL r3.2: CXL Reset: CXL.mem's state, and what the DVSEC controls */
static void reset_mem(void *opaque)
{
    CXLType3 *ct3d = opaque;

    cxl_errors_reset(&ct3d->errors, CXL_RESET_CXL);
    cxl_component_reset(&ct3d->component, CXL_RESET_CXL);
    cxl_dvsec_reset(&ct3d->dvsec_device, CXL_RESET_CXL);
    cxl_glue_route_changed();
}

static void reset_ended(void *opaque)
{
    CXLType3 *ct3d = opaque;

    cxl_pci_ext_sync(&ct3d->ext);
    cxl_glue_route_changed();
}

static void reset_tick(void *opaque)
{
    CXLType3 *ct3d = opaque;

    cxl_reset_tick(&ct3d->cxl_reset);
}

void cxl_type3_reset_init(CXLType3 *ct3d)
{
    static const CXLResetOps ops = {
        .reset = reset_mem,
        .ended = reset_ended,
    };
    CXLClock clock = cxl_glue_timer_init(&ct3d->reset_timer, reset_tick,
                                         ct3d);

    cxl_reset_init(&ct3d->cxl_reset, &ct3d->dvsec_device, &ct3d->media,
                   &clock, &ops, ct3d);
}

void cxl_type3_reset_finish(CXLType3 *ct3d)
{
    cxl_glue_timer_finish(&ct3d->reset_timer);
}

/* CXL r3.2: Function Level Reset: CXL.mem and its decoders go on */
void cxl_type3_reset_function(CXLType3 *ct3d)
{
    cxl_doe_reset(&ct3d->doe);
    cxl_mailbox_reset(&ct3d->mailbox, CXL_RESET_HOT);
    cxl_poison_reset(&ct3d->poison, CXL_RESET_HOT);
}
