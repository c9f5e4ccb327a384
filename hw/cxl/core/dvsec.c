/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all DVSECs have in common. */
#include "qemu/osdep.h"
#include "hw/cxl/core/dvsec_internal.h"

void cxl_dvsec_init(CXLDvsec *dvsec, const CXLRegTable *table, uint16_t id,
                    uint8_t revision, uint16_t length)
{
    uint32_t header = 0;

    *dvsec = (CXLDvsec) {
        .id = id,
        .revision = revision,
        .length = length,
    };
    cxl_regbank_init(&dvsec->bank, table, length, dvsec);
    header = FIELD_DP32(header, CXL_DVSEC_HEADER1, VENDOR, CXL_VENDOR_ID);
    header = FIELD_DP32(header, CXL_DVSEC_HEADER1, REVISION, revision);
    header = FIELD_DP32(header, CXL_DVSEC_HEADER1, LENGTH, length);
    cxl_regbank_init_value(&dvsec->bank, CXL_DVSEC_HEADER1, header, 4);
    cxl_regbank_init_value(&dvsec->bank, CXL_DVSEC_HEADER2, id, 2);
}

void cxl_dvsec_finish(CXLDvsec *dvsec)
{
    cxl_regbank_finish(&dvsec->bank);
}

void cxl_dvsec_reset(CXLDvsec *dvsec, CXLResetKind kind)
{
    cxl_regbank_reset(&dvsec->bank, kind);
}

uint32_t cxl_dvsec_read(const CXLDvsec *dvsec, uint32_t offset,
                        unsigned size)
{
    return cxl_regbank_read(&dvsec->bank, offset, size);
}

void cxl_dvsec_write(CXLDvsec *dvsec, uint32_t offset, uint32_t value,
                     unsigned size)
{
    uint32_t old = cxl_dvsec_read(dvsec, offset, size);

    cxl_regbank_write(&dvsec->bank, offset, value, size);
    if (dvsec->changed && cxl_dvsec_read(dvsec, offset, size) != old) {
        dvsec->changed(dvsec->opaque);
    }
}
