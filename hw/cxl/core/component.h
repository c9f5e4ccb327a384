/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 64 KiB component register block: the CXL.cachemem capability array at
 * 0x1000, laid out from rows, and the banks behind it.
 * CXL r3.2: CXL.cache and CXL.mem Registers.
 */
#ifndef HW_CXL_CORE_COMPONENT_H
#define HW_CXL_CORE_COMPONENT_H

#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/ras.h"
#include "hw/cxl/spec/component.h"

#define CXL_COMPONENT_MAX_CAPS 16       /* with the array itself */
#define CXL_COMPONENT_MAX_PORTS 32      /* root ports of a host bridge */

typedef enum CXLComponentKind {
    CXL_COMPONENT_DEVICE,       /* D2, SLD */
    CXL_COMPONENT_ROOT_PORT,
    CXL_COMPONENT_HOST_BRIDGE,
    CXL_COMPONENT_UPSTREAM,
    CXL_COMPONENT_DOWNSTREAM,
} CXLComponentKind;

typedef struct CXLComponentCap {
    uint16_t id;
    uint8_t version;
    uint16_t offset;            /* bytes from 0x1000 */
    CXLRegBank *bank;
} CXLComponentCap;

typedef struct CXLComponent {
    CXLComponentKind kind;
    CXLComponentCap cap[CXL_COMPONENT_MAX_CAPS];    /* 0: the array */
    unsigned cap_count;
    CXLRegBank array;
    CXLRas ras;                 /* all but the host bridge */
    CXLRegBank link;
    CXLRegBank security;        /* host bridge: extended security */
    CXLRegBank snoop;           /* root port: snoop filter */
    CXLHdm hdm;                 /* where has_hdm */
    bool has_hdm;
    bool hdm_hidden;
} CXLComponent;

extern const CXLRegTable cxl_component_array_registers;
extern const CXLRegTable cxl_link_registers;
extern const CXLRegTable cxl_ext_security_registers;
extern const CXLRegTable cxl_snoop_filter_registers;

/* @decoders: 0 for a component without HDM decoders. */
void cxl_component_init(CXLComponent *comp, CXLComponentKind kind,
                        unsigned decoders, unsigned targets);
void cxl_component_finish(CXLComponent *comp);
void cxl_component_reset(CXLComponent *comp, CXLResetKind kind);
/*
 * Take the HDM decoder capability out of the array, or put it back: a host
 * bridge learns only after its ports exist whether it passes through.
 */
void cxl_component_hide_hdm(CXLComponent *comp, bool hide);
/*
 * Host bridge: the PCIe port numbers of its root ports, at most
 * CXL_COMPONENT_MAX_PORTS, for the extended security capability.
 */
void cxl_component_set_root_ports(CXLComponent *comp, const uint8_t *port,
                                  unsigned count);
/* NULL when absent or hidden. */
CXLHdm *cxl_component_hdm(CXLComponent *comp);
/* @offset within 64 KiB; @size 1 to 8. */
uint64_t cxl_component_read(const CXLComponent *comp, uint32_t offset,
                            unsigned size);
void cxl_component_write(CXLComponent *comp, uint32_t offset,
                         uint64_t value, unsigned size);
/* The banks in a fixed order, for saving; NULL past the last. */
CXLRegBank *cxl_component_bank(CXLComponent *comp, unsigned n);

#endif
