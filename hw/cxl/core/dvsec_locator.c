/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Register Locator DVSEC */
#include "qemu/osdep.h"
#include "hw/cxl/core/dvsec_internal.h"

static const CXLRegRow locator_rows[] = {
    CXL_DVSEC_HEADER_ROWS,
    { .name = "CXL_LOCATOR_LOW", .offset = CXL_LOCATOR_LOW, .size = 4,
      .count = CXL_DVSEC_MAX_BLOCKS, .stride = CXL_LOCATOR_STRIDE },
    { .name = "CXL_LOCATOR_HIGH", .offset = CXL_LOCATOR_HIGH, .size = 4,
      .count = CXL_DVSEC_MAX_BLOCKS, .stride = CXL_LOCATOR_STRIDE },
};
CXL_REG_TABLE(cxl_dvsec_locator_registers, locator_rows);

static void set_block(CXLDvsec *dvsec, unsigned n,
                      const CXLDvsecBlock *block)
{
    uint32_t low = block->offset & CXL_LOCATOR_OFFSET_MASK;
    uint32_t offset = n * CXL_LOCATOR_STRIDE;

    low = FIELD_DP32(low, CXL_LOCATOR_LOW, BIR, block->bar);
    low = FIELD_DP32(low, CXL_LOCATOR_LOW, ID, block->id);
    cxl_regbank_init_value(&dvsec->bank, CXL_LOCATOR_LOW + offset, low, 4);
    cxl_regbank_init_value(&dvsec->bank, CXL_LOCATOR_HIGH + offset,
                           block->offset >> 32, 4);
}

void cxl_dvsec_locator_init(CXLDvsec *dvsec, const CXLDvsecBlock *blocks,
                            unsigned count)
{
    count = MIN(count, CXL_DVSEC_MAX_BLOCKS);
    cxl_dvsec_init(dvsec, &cxl_dvsec_locator_registers, CXL_DVSEC_LOCATOR,
                   CXL_DVSEC_LOCATOR_REVISION,
                   CXL_DVSEC_LOCATOR_LENGTH(count));
    for (unsigned n = 0; n < count; n++) {
        set_block(dvsec, n, &blocks[n]);
    }
}
