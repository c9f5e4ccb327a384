/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: CXL Extensions DVSEC for Ports; GPF DVSECs; Flex Bus Port. */
#include "qemu/osdep.h"
#include "hw/cxl/core/dvsec_internal.h"

static const CXLRegRow port_rows[] = {
    CXL_DVSEC_HEADER_ROWS,
    { .name = "CXL_PORT_STATUS", .offset = CXL_PORT_STATUS, .size = 2,
      .w1c = R_CXL_PORT_STATUS_VIRAL_MASK,
      .sticky = R_CXL_PORT_STATUS_VIRAL_MASK },
    { .name = "CXL_PORT_CONTROL", .offset = CXL_PORT_CONTROL, .size = 2,
      .rw = R_CXL_PORT_CTRL_UNMASK_SBR_MASK |
            R_CXL_PORT_CTRL_UNMASK_LINK_DISABLE_MASK |
            R_CXL_PORT_CTRL_ALT_MEM_ENABLE_MASK |
            R_CXL_PORT_CTRL_ALT_BME_MASK |
            R_CXL_PORT_CTRL_VIRAL_ENABLE_MASK },
    { .name = "CXL_PORT_ALT_BUS_BASE", .offset = CXL_PORT_ALT_BUS_BASE,
      .size = 1, .rw = UINT8_MAX },
    { .name = "CXL_PORT_ALT_BUS_LIMIT", .offset = CXL_PORT_ALT_BUS_LIMIT,
      .size = 1, .rw = UINT8_MAX },
    { .name = "CXL_PORT_ALT_MEM_BASE", .offset = CXL_PORT_ALT_MEM_BASE,
      .size = 2, .rw = 0xfff0 },
    { .name = "CXL_PORT_ALT_MEM_LIMIT", .offset = CXL_PORT_ALT_MEM_LIMIT,
      .size = 2, .rw = 0xfff0 },
    { .name = "CXL_PORT_ALT_PREF_BASE", .offset = CXL_PORT_ALT_PREF_BASE,
      .size = 2, .rw = 0xfff0 },
    { .name = "CXL_PORT_ALT_PREF_LIMIT", .offset = CXL_PORT_ALT_PREF_LIMIT,
      .size = 2, .rw = 0xfff0 },
    { .name = "CXL_PORT_ALT_PREF_BASE_HIGH",
      .offset = CXL_PORT_ALT_PREF_BASE_HIGH, .size = 4, .rw = UINT32_MAX },
    { .name = "CXL_PORT_ALT_PREF_LIMIT_HIGH",
      .offset = CXL_PORT_ALT_PREF_LIMIT_HIGH, .size = 4, .rw = UINT32_MAX },
    /* There are no RCDs below: the RCRB stays disabled */
    { .name = "CXL_PORT_RCRB_BASE", .offset = CXL_PORT_RCRB_BASE,
      .size = 4 },
    { .name = "CXL_PORT_RCRB_BASE_HIGH", .offset = CXL_PORT_RCRB_BASE_HIGH,
      .size = 4 },
};
CXL_REG_TABLE(cxl_dvsec_port_registers, port_rows);

void cxl_dvsec_port_init(CXLDvsec *dvsec, bool upstream)
{
    cxl_dvsec_init(dvsec, &cxl_dvsec_port_registers, CXL_DVSEC_PORT,
                   CXL_DVSEC_PORT_REVISION, CXL_DVSEC_PORT_LENGTH);
    cxl_regbank_init_value(&dvsec->bank, CXL_PORT_STATUS,
                           upstream ? R_CXL_PORT_STATUS_PM_INIT_COMPLETE_MASK
                                    : 0, 2);
}

bool cxl_dvsec_port_sbr_unmasked(const CXLDvsec *dvsec)
{
    return cxl_dvsec_read(dvsec, CXL_PORT_CONTROL, 2) &
           R_CXL_PORT_CTRL_UNMASK_SBR_MASK;
}

bool cxl_dvsec_port_link_disable_unmasked(const CXLDvsec *dvsec)
{
    return cxl_dvsec_read(dvsec, CXL_PORT_CONTROL, 2) &
           R_CXL_PORT_CTRL_UNMASK_LINK_DISABLE_MASK;
}

#define GPF_TIME (R_CXL_GPF_TIME_BASE_MASK | R_CXL_GPF_TIME_SCALE_MASK)

/* Both phases begin at 1 us */
static const CXLRegRow gpf_port_rows[] = {
    CXL_DVSEC_HEADER_ROWS,
    { .name = "CXL_GPF_PORT_PHASE1", .offset = CXL_GPF_PORT_PHASE1,
      .size = 2, .reset = 1, .rw = GPF_TIME },
    { .name = "CXL_GPF_PORT_PHASE2", .offset = CXL_GPF_PORT_PHASE2,
      .size = 2, .reset = 1, .rw = GPF_TIME },
};
CXL_REG_TABLE(cxl_dvsec_gpf_port_registers, gpf_port_rows);

void cxl_dvsec_gpf_port_init(CXLDvsec *dvsec)
{
    cxl_dvsec_init(dvsec, &cxl_dvsec_gpf_port_registers, CXL_DVSEC_GPF_PORT,
                   CXL_DVSEC_GPF_REVISION, CXL_DVSEC_GPF_LENGTH);
}

/* Phase 2 takes 3 s at 51 mW */
static const CXLRegRow gpf_device_rows[] = {
    CXL_DVSEC_HEADER_ROWS,
    { .name = "CXL_GPF_DEVICE_DURATION", .offset = CXL_GPF_DEVICE_DURATION,
      .size = 2, .reset = 0x0603 },
    { .name = "CXL_GPF_DEVICE_POWER", .offset = CXL_GPF_DEVICE_POWER,
      .size = 4, .reset = 51 },
};
CXL_REG_TABLE(cxl_dvsec_gpf_device_registers, gpf_device_rows);

void cxl_dvsec_gpf_device_init(CXLDvsec *dvsec)
{
    cxl_dvsec_init(dvsec, &cxl_dvsec_gpf_device_registers,
                   CXL_DVSEC_GPF_DEVICE, CXL_DVSEC_GPF_REVISION,
                   CXL_DVSEC_GPF_LENGTH);
}

#define FLEXBUS_ROWS(control_rw)                                       \
    CXL_DVSEC_HEADER_ROWS,                                             \
    { .name = "CXL_FLEXBUS_CAPABILITY",                                \
      .offset = CXL_FLEXBUS_CAPABILITY, .size = 2 },                   \
    { .name = "CXL_FLEXBUS_CONTROL", .offset = CXL_FLEXBUS_CONTROL,    \
      .size = 2, .rw = control_rw },                                   \
    { .name = "CXL_FLEXBUS_STATUS", .offset = CXL_FLEXBUS_STATUS,      \
      .size = 2,                                                       \
      .reset = CXL_FLEXBUS_IO | CXL_FLEXBUS_MEM | CXL_FLEXBUS_68B_VH,  \
      .w1c = CXL_FLEXBUS_STATUS_ERRORS,                                \
      .sticky = CXL_FLEXBUS_STATUS_ERRORS },                           \
    { .name = "CXL_FLEXBUS_RECEIVED_TS",                               \
      .offset = CXL_FLEXBUS_RECEIVED_TS, .size = 4, .reset = 0xef },   \
    { .name = "CXL_FLEXBUS_CAPABILITY2",                               \
      .offset = CXL_FLEXBUS_CAPABILITY2, .size = 4 },                  \
    { .name = "CXL_FLEXBUS_CONTROL2",                                  \
      .offset = CXL_FLEXBUS_CONTROL2, .size = 4 },                     \
    { .name = "CXL_FLEXBUS_STATUS2",                                   \
      .offset = CXL_FLEXBUS_STATUS2, .size = 4 }

#define FLEXBUS_PORT_CONTROL                                           \
    (CXL_FLEXBUS_CACHE | CXL_FLEXBUS_MEM |                             \
     CXL_FLEXBUS_SYNC_HEADER_BYPASS | CXL_FLEXBUS_DRIFT_BUFFER |       \
     CXL_FLEXBUS_68B_VH | CXL_FLEXBUS_DISABLE_RCD_TRAINING)

/* Devices and upstream ports are told by the other side of their link */
static const CXLRegRow flexbus_upstream_rows[] = { FLEXBUS_ROWS(0) };
CXL_REG_TABLE(cxl_dvsec_flexbus_upstream_registers, flexbus_upstream_rows);

static const CXLRegRow flexbus_root_rows[] = {
    FLEXBUS_ROWS(FLEXBUS_PORT_CONTROL)
};
CXL_REG_TABLE(cxl_dvsec_flexbus_root_registers, flexbus_root_rows);

static const CXLRegRow flexbus_downstream_rows[] = {
    FLEXBUS_ROWS(FLEXBUS_PORT_CONTROL | CXL_FLEXBUS_MLD)
};
CXL_REG_TABLE(cxl_dvsec_flexbus_downstream_registers,
              flexbus_downstream_rows);

static const struct {
    const CXLRegTable *table;
    uint16_t capability, control;
} flexbus_kinds[] = {
    [CXL_FLEXBUS_DEVICE] = { &cxl_dvsec_flexbus_upstream_registers,
                             0x26, 0x02 },
    [CXL_FLEXBUS_ROOT_PORT] = { &cxl_dvsec_flexbus_root_registers,
                                0x26, 0x02 },
    [CXL_FLEXBUS_DOWNSTREAM] = { &cxl_dvsec_flexbus_downstream_registers,
                                 0x27, 0x02 },
    [CXL_FLEXBUS_UPSTREAM] = { &cxl_dvsec_flexbus_upstream_registers,
                               0x27, 0x27 },
};

void cxl_dvsec_flexbus_init(CXLDvsec *dvsec, CXLFlexBusKind kind)
{
    cxl_dvsec_init(dvsec, flexbus_kinds[kind].table, CXL_DVSEC_FLEXBUS,
                   CXL_DVSEC_FLEXBUS_REVISION, CXL_DVSEC_FLEXBUS_LENGTH);
    cxl_regbank_init_value(&dvsec->bank, CXL_FLEXBUS_CAPABILITY,
                           flexbus_kinds[kind].capability, 2);
    cxl_regbank_init_value(&dvsec->bank, CXL_FLEXBUS_CONTROL,
                           flexbus_kinds[kind].control, 2);
}
