/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL r3.2: PCIe DVSEC for CXL Devices, of a type 3 device.  Fields of what
 * the device cannot do (cache, peer to peer) are read-only 0.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dvsec_internal.h"

#define RANGES 2
#define RESET_TIMEOUT_100S 4

#define CTRL2_INITIATE R_CXL_DEVICE_CTRL2_INITIATE_RESET_MASK

/* The bit reads 0; what the reset makes of the register is not undone. */
static void control2_wrote(CXLRegBank *bank, const CXLRegRow *row,
                           unsigned index, uint64_t old)
{
    CXLDvsec *dvsec = bank->owner;
    uint32_t value = cxl_regbank_get(bank, row->offset, row->size);

    cxl_regbank_set(bank, row->offset, value & ~CTRL2_INITIATE, row->size);
    if ((value & CTRL2_INITIATE) && dvsec->initiate_reset) {
        dvsec->initiate_reset(dvsec->reset_opaque,
                              FIELD_EX32(value, CXL_DEVICE_CTRL2,
                                         RESET_MEM_CLEAR));
    }
}

static const CXLRegRow device_rows[] = {
    CXL_DVSEC_HEADER_ROWS,
    { .name = "CXL_DEVICE_CAPABILITY", .offset = CXL_DEVICE_CAPABILITY,
      .size = 2 },
    { .name = "CXL_DEVICE_CONTROL", .offset = CXL_DEVICE_CONTROL, .size = 2,
      .reset = R_CXL_DEVICE_CTRL_IO_ENABLE_MASK,
      .locked_rw = R_CXL_DEVICE_CTRL_MEM_ENABLE_MASK |
                   R_CXL_DEVICE_CTRL_VIRAL_ENABLE_MASK },
    { .name = "CXL_DEVICE_STATUS", .offset = CXL_DEVICE_STATUS, .size = 2,
      .w1c = R_CXL_DEVICE_STATUS_VIRAL_MASK,
      .sticky = R_CXL_DEVICE_STATUS_VIRAL_MASK },
    { .name = "CXL_DEVICE_CONTROL2", .offset = CXL_DEVICE_CONTROL2,
      .size = 2, .rw = R_CXL_DEVICE_CTRL2_DISABLE_CACHING_MASK |
                       R_CXL_DEVICE_CTRL2_RESET_MEM_CLEAR_MASK |
                       CTRL2_INITIATE,
      .wrote = control2_wrote },
    { .name = "CXL_DEVICE_STATUS2", .offset = CXL_DEVICE_STATUS2, .size = 2,
      .reset = R_CXL_DEVICE_STATUS2_PM_INIT_COMPLETE_MASK },
    { .name = "CXL_DEVICE_LOCK", .offset = CXL_DEVICE_LOCK, .size = 2,
      .rwo = R_CXL_DEVICE_LOCK_CONFIG_MASK },
    { .name = "CXL_DEVICE_CAPABILITY2", .offset = CXL_DEVICE_CAPABILITY2,
      .size = 2 },
    { .name = "CXL_DEVICE_RANGE_SIZE_HIGH",
      .offset = CXL_DEVICE_RANGE_SIZE_HIGH, .size = 4,
      .count = RANGES, .stride = CXL_DEVICE_RANGE_STRIDE },
    { .name = "CXL_DEVICE_RANGE_SIZE_LOW",
      .offset = CXL_DEVICE_RANGE_SIZE_LOW, .size = 4,
      .count = RANGES, .stride = CXL_DEVICE_RANGE_STRIDE },
    { .name = "CXL_DEVICE_RANGE_BASE_HIGH",
      .offset = CXL_DEVICE_RANGE_BASE_HIGH, .size = 4,
      .count = RANGES, .stride = CXL_DEVICE_RANGE_STRIDE,
      .locked_rw = UINT32_MAX },
    { .name = "CXL_DEVICE_RANGE_BASE_LOW",
      .offset = CXL_DEVICE_RANGE_BASE_LOW, .size = 4,
      .count = RANGES, .stride = CXL_DEVICE_RANGE_STRIDE,
      .locked_rw = CXL_DEVICE_RANGE_LOW_MASK },
    { .name = "CXL_DEVICE_CAPABILITY3", .offset = CXL_DEVICE_CAPABILITY3,
      .size = 2 },
};
CXL_REG_TABLE(cxl_dvsec_device_registers, device_rows);

static bool config_locked(const CXLRegBank *bank, const CXLRegRow *row,
                          unsigned index)
{
    return cxl_regbank_get(bank, CXL_DEVICE_LOCK, 2) &
           R_CXL_DEVICE_LOCK_CONFIG_MASK;
}

static void set_range(CXLDvsec *dvsec, unsigned n, uint64_t size,
                      uint32_t flags)
{
    uint32_t offset = n * CXL_DEVICE_RANGE_STRIDE;

    cxl_regbank_init_value(&dvsec->bank, CXL_DEVICE_RANGE_SIZE_HIGH + offset,
                           size >> 32, 4);
    cxl_regbank_init_value(&dvsec->bank, CXL_DEVICE_RANGE_SIZE_LOW + offset,
                           (size & CXL_DEVICE_RANGE_LOW_MASK) | flags, 4);
}

static uint32_t range_flags(void)
{
    uint32_t flags = 0;

    flags = FIELD_DP32(flags, CXL_DEVICE_RANGE, VALID, 1);
    flags = FIELD_DP32(flags, CXL_DEVICE_RANGE, ACTIVE, 1);
    flags = FIELD_DP32(flags, CXL_DEVICE_RANGE, MEDIA_TYPE,
                       CXL_DEVICE_RANGE_SEE_CDAT);
    return FIELD_DP32(flags, CXL_DEVICE_RANGE, MEMORY_CLASS,
                      CXL_DEVICE_RANGE_SEE_CDAT);
}

static uint32_t capability(unsigned ranges)
{
    uint32_t cap = 0;

    cap = FIELD_DP32(cap, CXL_DEVICE_CAP, IO, 1);
    cap = FIELD_DP32(cap, CXL_DEVICE_CAP, MEM, 1);
    cap = FIELD_DP32(cap, CXL_DEVICE_CAP, MEM_HWINIT, 1);
    cap = FIELD_DP32(cap, CXL_DEVICE_CAP, HDM_COUNT, ranges);
    cap = FIELD_DP32(cap, CXL_DEVICE_CAP, RESET, 1);
    cap = FIELD_DP32(cap, CXL_DEVICE_CAP, RESET_TIMEOUT, RESET_TIMEOUT_100S);
    cap = FIELD_DP32(cap, CXL_DEVICE_CAP, RESET_MEM_CLEAR, 1);
    cap = FIELD_DP32(cap, CXL_DEVICE_CAP, VIRAL, 1);
    return FIELD_DP32(cap, CXL_DEVICE_CAP, PM_INIT_REPORTING, 1);
}

/*
 * A device with memory reports one or two ranges, even while it has no
 * capacity; what it has goes to range 1 first.
 */
void cxl_dvsec_device_set_ranges(CXLDvsec *dvsec,
                                 const CXLDvsecRanges *ranges)
{
    bool both = ranges->size[0] && ranges->size[1];

    set_range(dvsec, 0, ranges->size[0] ? ranges->size[0] : ranges->size[1],
              range_flags());
    set_range(dvsec, 1, both ? ranges->size[1] : 0,
              both ? range_flags() : 0);
    cxl_regbank_init_value(&dvsec->bank, CXL_DEVICE_CAPABILITY,
                           capability(both ? 2 : 1), 2);
}

void cxl_dvsec_device_init(CXLDvsec *dvsec, const CXLDvsecRanges *ranges)
{
    cxl_dvsec_init(dvsec, &cxl_dvsec_device_registers, CXL_DVSEC_DEVICE,
                   CXL_DVSEC_DEVICE_REVISION, CXL_DVSEC_DEVICE_LENGTH);
    dvsec->bank.locked = config_locked;
    cxl_dvsec_device_set_ranges(dvsec, ranges);
}

bool cxl_dvsec_device_mem_enabled(const CXLDvsec *dvsec)
{
    return cxl_dvsec_read(dvsec, CXL_DEVICE_CONTROL, 2) &
           R_CXL_DEVICE_CTRL_MEM_ENABLE_MASK;
}
