/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of the capabilities that are nothing but rows. */
#include "qemu/osdep.h"
#include "hw/cxl/core/component.h"

static const CXLRegRow array_rows[] = {
    { .name = "CXL_CAP_ARRAY", .offset = 0, .size = 4,
      .count = CXL_COMPONENT_MAX_CAPS, .stride = 4 },
};
CXL_REG_TABLE(cxl_component_array_registers, array_rows);

/*
 * CXL r3.2: CXL Link Capability Structure.  The link is always up: version
 * 2 on both sides, initialisation done, nothing in flight.
 */
static const CXLRegRow link_rows[] = {
    { .name = "CXL_LINK_CAPABILITY", .offset = CXL_LINK_CAPABILITY,
      .size = 8, .reset = 0x22 },
    { .name = "CXL_LINK_CONTROL_STATUS", .offset = CXL_LINK_CONTROL_STATUS,
      .size = 8,
      .reset = CXL_LINK_INIT_DONE << R_CXL_LINK_CTRL_INIT_STATE_SHIFT,
      .rw = R_CXL_LINK_CTRL_INIT_STALL_MASK |
            R_CXL_LINK_CTRL_CREDIT_STALL_MASK },
    { .name = "CXL_LINK_RX_CREDIT_CONTROL",
      .offset = CXL_LINK_RX_CREDIT_CONTROL,
      .size = 8, .rw = MAKE_64BIT_MASK(0, 60) },
    { .name = "CXL_LINK_RX_CREDIT_RETURN",
      .offset = CXL_LINK_RX_CREDIT_RETURN, .size = 8 },
    { .name = "CXL_LINK_TX_CREDIT_STATUS",
      .offset = CXL_LINK_TX_CREDIT_STATUS, .size = 8 },
    { .name = "CXL_LINK_ACK_TIMER", .offset = CXL_LINK_ACK_TIMER, .size = 8,
      .rw = MAKE_64BIT_MASK(0, 18) },
    { .name = "CXL_LINK_DEFEATURE", .offset = CXL_LINK_DEFEATURE, .size = 8,
      .rw = 1 },
};
CXL_REG_TABLE(cxl_link_registers, link_rows);

/* CXL r3.2: CXL Extended Security Capability Structure */
static const CXLRegRow security_rows[] = {
    { .name = "CXL_EXT_SECURITY_COUNT", .offset = CXL_EXT_SECURITY_COUNT,
      .size = 4 },
    { .name = "CXL_EXT_SECURITY_TRUST", .offset = CXL_EXT_SECURITY_TRUST,
      .size = 4, .count = CXL_COMPONENT_MAX_PORTS,
      .stride = CXL_EXT_SECURITY_STRIDE, .locked_rw = 3 },
    { .name = "CXL_EXT_SECURITY_PORT", .offset = CXL_EXT_SECURITY_PORT,
      .size = 4, .count = CXL_COMPONENT_MAX_PORTS,
      .stride = CXL_EXT_SECURITY_STRIDE },
};
CXL_REG_TABLE(cxl_ext_security_registers, security_rows);

/* CXL r3.2: CXL Snoop Filter Capability Structure: group 0, no filter */
static const CXLRegRow snoop_rows[] = {
    { .name = "CXL_SNOOP_FILTER_GROUP", .offset = CXL_SNOOP_FILTER_GROUP,
      .size = 4 },
    { .name = "CXL_SNOOP_FILTER_SIZE", .offset = CXL_SNOOP_FILTER_SIZE,
      .size = 4 },
};
CXL_REG_TABLE(cxl_snoop_filter_registers, snoop_rows);
