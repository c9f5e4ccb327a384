/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_pci.h"
#include "hw/cxl/trace.h"
#include "hw/pci/msix.h"
#include "hw/pci/pcie.h"
#include "hw/qdev-core.h"

#define EXT_CAP_ALIGN 16
#define EXT_CAP_HEADER 4

static const char *trace_name(DeviceState *dev)
{
    return dev->id ?: object_get_typename(OBJECT(dev));
}

static void trace_command(void *opaque, const char *name, uint16_t opcode,
                          size_t in_len, size_t out_len, unsigned rc)
{
    trace_cxl_command(trace_name(opaque), name, opcode, in_len, out_len, rc);
}

static void trace_refused(void *opaque, const char *reg, uint64_t value)
{
    trace_cxl_refused(trace_name(opaque), reg, value);
}

CXLTrace cxl_pci_trace(DeviceState *dev)
{
    static const CXLTraceOps ops = {
        .command = trace_command,
        .refused = trace_refused,
    };

    return (CXLTrace) { .ops = &ops, .opaque = dev };
}

void cxl_pci_ext_init(CXLPciExt *ext, PCIDevice *dev, uint16_t first)
{
    *ext = (CXLPciExt) { .dev = dev, .next = first };
}

/* The bytes change behind the back of the base: no comparison on load. */
static uint16_t ext_add(CXLPciExt *ext, uint16_t id, uint8_t version,
                        uint16_t length)
{
    uint16_t offset = ext->next;

    pcie_add_capability(ext->dev, id, version, offset, length);
    memset(ext->dev->cmask + offset + EXT_CAP_HEADER, 0,
           length - EXT_CAP_HEADER);
    ext->next = ROUND_UP(offset + length, EXT_CAP_ALIGN);
    return offset;
}

static void dvsec_sync(CXLPciExt *ext, unsigned n)
{
    const CXLDvsec *dvsec = ext->dvsec[n].dvsec;
    uint8_t *config = ext->dev->config + ext->dvsec[n].offset;

    for (unsigned i = EXT_CAP_HEADER; i < dvsec->length; i++) {
        config[i] = cxl_dvsec_read(dvsec, i, 1);
    }
}

void cxl_pci_ext_add_dvsec(CXLPciExt *ext, CXLDvsec *dvsec)
{
    unsigned n = ext->dvsec_count++;

    g_assert(n < CXL_PCI_MAX_DVSECS);
    dvsec->bank.trace = cxl_pci_trace(DEVICE(ext->dev));
    ext->dvsec[n].dvsec = dvsec;
    ext->dvsec[n].offset = ext_add(ext, PCI_EXT_CAP_ID_DVSEC,
                                   CXL_DVSEC_CAP_VERSION, dvsec->length);
    dvsec_sync(ext, n);
}

void cxl_pci_ext_add_doe(CXLPciExt *ext, CXLDoe *doe)
{
    ext->doe = doe;
    ext->doe_offset = ext_add(ext, CXL_DOE_CAP_ID, CXL_DOE_CAP_VERSION,
                              CXL_DOE_LENGTH);
}

void cxl_pci_ext_sync(CXLPciExt *ext)
{
    for (unsigned n = 0; n < ext->dvsec_count; n++) {
        dvsec_sync(ext, n);
    }
}

/* Configuration accesses are aligned: they never leave a capability. */
static bool within(uint32_t addr, int len, uint16_t offset, uint16_t length)
{
    return addr >= offset + EXT_CAP_HEADER && addr + len <= offset + length;
}

void cxl_pci_ext_write(CXLPciExt *ext, uint32_t addr, uint32_t val, int len)
{
    for (unsigned n = 0; n < ext->dvsec_count; n++) {
        uint16_t offset = ext->dvsec[n].offset;
        CXLDvsec *dvsec = ext->dvsec[n].dvsec;

        if (within(addr, len, offset, dvsec->length)) {
            cxl_dvsec_write(dvsec, addr - offset, val, len);
            dvsec_sync(ext, n);
        }
    }
    if (ext->doe && within(addr, len, ext->doe_offset, CXL_DOE_LENGTH)) {
        cxl_doe_write(ext->doe, addr - ext->doe_offset, val, len);
    }
}

uint32_t cxl_pci_ext_read(CXLPciExt *ext, uint32_t addr, uint32_t val,
                          int len)
{
    if (ext->doe && within(addr, len, ext->doe_offset, CXL_DOE_LENGTH)) {
        return cxl_doe_read(ext->doe, addr - ext->doe_offset, len);
    }
    return val;
}

static uint64_t component_read(void *opaque, hwaddr offset, unsigned size)
{
    return cxl_component_read(opaque, offset, size);
}

static void component_write(void *opaque, hwaddr offset, uint64_t value,
                            unsigned size)
{
    cxl_component_write(opaque, offset, value, size);
}

static const MemoryRegionOps component_ops = {
    .read = component_read,
    .write = component_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

void cxl_pci_component_region(MemoryRegion *mr, Object *owner,
                              CXLComponent *comp, const char *name)
{
    CXLRegBank *bank;

    for (unsigned n = 0; (bank = cxl_component_bank(comp, n)); n++) {
        bank->trace = cxl_pci_trace(DEVICE(owner));
    }
    memory_region_init_io(mr, owner, &component_ops, comp, name,
                          CXL_COMPONENT_SIZE);
}

static void irq_raise(void *opaque, unsigned vector)
{
    PCIDevice *dev = opaque;

    if (msix_enabled(dev)) {
        msix_notify(dev, vector);
    }
}

CXLIrq cxl_pci_irq(PCIDevice *dev)
{
    static const CXLIrqOps ops = { .raise = irq_raise };

    return (CXLIrq) { .ops = &ops, .opaque = dev };
}
