/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every register table. */
#include "qemu/osdep.h"
#include "hw/cxl/core/component.h"
#include "hw/cxl/core/dvsec.h"
#include "hw/cxl/core/mailbox.h"
#include "hw/cxl/core/regtables.h"

const CXLRegTable *const cxl_regtables[] = {
    &cxl_component_array_registers,
    &cxl_dvsec_device_registers,
    &cxl_dvsec_flexbus_downstream_registers,
    &cxl_dvsec_flexbus_root_registers,
    &cxl_dvsec_flexbus_upstream_registers,
    &cxl_dvsec_gpf_device_registers,
    &cxl_dvsec_gpf_port_registers,
    &cxl_dvsec_locator_registers,
    &cxl_dvsec_port_registers,
    &cxl_ext_security_registers,
    &cxl_hdm_endpoint_registers,
    &cxl_hdm_router_registers,
    &cxl_link_registers,
    &cxl_mailbox_registers,
    &cxl_ras_registers,
    &cxl_snoop_filter_registers,
    NULL
};
