/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DVSECs as register banks: the model copies their bytes into configuration
 * space and passes writes on.
 * CXL r3.2: CXL Designated Vendor-Specific Extended Capabilities.
 */
#ifndef HW_CXL_CORE_DVSEC_H
#define HW_CXL_CORE_DVSEC_H

#include "hw/cxl/core/regbank.h"
#include "hw/cxl/spec/dvsec.h"

typedef struct CXLDvsec {
    CXLRegBank bank;            /* from the extended capability header on */
    uint16_t id;
    uint8_t revision;
    uint16_t length;            /* bytes, with the 0x0a bytes of header */
    /* After any write that changed a register (Mem_Enable, resets, ..). */
    void (*changed)(void *opaque);
    void *opaque;
    /* A device's: Initiate CXL Reset was written; @clear volatile memory. */
    void (*initiate_reset)(void *opaque, bool clear);
    void *reset_opaque;
} CXLDvsec;

/* One range of a D2 device, in bytes; size 0 for none. */
typedef struct CXLDvsecRanges {
    uint64_t size[2];
} CXLDvsecRanges;

/* A block named in the register locator. */
typedef struct CXLDvsecBlock {
    uint8_t bar;                /* 0 to 5 */
    uint8_t id;                 /* CXL_BLOCK_* */
    uint64_t offset;            /* bytes in the BAR, a multiple of 64 KiB */
} CXLDvsecBlock;

#define CXL_DVSEC_MAX_BLOCKS 8

typedef enum CXLFlexBusKind {
    CXL_FLEXBUS_DEVICE, CXL_FLEXBUS_ROOT_PORT,
    CXL_FLEXBUS_DOWNSTREAM, CXL_FLEXBUS_UPSTREAM,
} CXLFlexBusKind;

extern const CXLRegTable cxl_dvsec_device_registers;
extern const CXLRegTable cxl_dvsec_port_registers;
extern const CXLRegTable cxl_dvsec_gpf_port_registers;
extern const CXLRegTable cxl_dvsec_gpf_device_registers;
extern const CXLRegTable cxl_dvsec_flexbus_upstream_registers;
extern const CXLRegTable cxl_dvsec_flexbus_root_registers;
extern const CXLRegTable cxl_dvsec_flexbus_downstream_registers;
extern const CXLRegTable cxl_dvsec_locator_registers;

void cxl_dvsec_device_init(CXLDvsec *dvsec, const CXLDvsecRanges *ranges);
/* The capacity behind the ranges has moved. */
void cxl_dvsec_device_set_ranges(CXLDvsec *dvsec,
                                 const CXLDvsecRanges *ranges);
bool cxl_dvsec_device_mem_enabled(const CXLDvsec *dvsec);
/* @upstream: an upstream port's. */
void cxl_dvsec_port_init(CXLDvsec *dvsec, bool upstream);
bool cxl_dvsec_port_sbr_unmasked(const CXLDvsec *dvsec);
bool cxl_dvsec_port_link_disable_unmasked(const CXLDvsec *dvsec);
void cxl_dvsec_gpf_port_init(CXLDvsec *dvsec);
void cxl_dvsec_gpf_device_init(CXLDvsec *dvsec);
void cxl_dvsec_flexbus_init(CXLDvsec *dvsec, CXLFlexBusKind kind);
/* @count: at most CXL_DVSEC_MAX_BLOCKS. */
void cxl_dvsec_locator_init(CXLDvsec *dvsec, const CXLDvsecBlock *blocks,
                            unsigned count);
void cxl_dvsec_finish(CXLDvsec *dvsec);
void cxl_dvsec_reset(CXLDvsec *dvsec, CXLResetKind kind);
/*
 * The model owns bytes 0 to 3 (extended capability header): the bank reads 0
 * there.  @offset from the start of the capability; @size 1 to 4.
 */
uint32_t cxl_dvsec_read(const CXLDvsec *dvsec, uint32_t offset,
                        unsigned size);
void cxl_dvsec_write(CXLDvsec *dvsec, uint32_t offset, uint32_t value,
                     unsigned size);

#endif
