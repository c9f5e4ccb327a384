/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: errors of links and protocols that a user makes happen. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/model/glue_errors.h"
#include "hw/cxl/model/host_bridge.h"
#include "hw/cxl/model/port_link.h"
#include "hw/pci/pci_bridge.h"

static const uint32_t correctable_bits[CXL_CORRECTABLE_ERROR_TYPE__MAX] = {
    [CXL_CORRECTABLE_ERROR_TYPE_CACHE_DATA_ECC] = CXL_RAS_CE_CACHE_DATA_ECC,
    [CXL_CORRECTABLE_ERROR_TYPE_MEM_DATA_ECC] = CXL_RAS_CE_MEM_DATA_ECC,
    [CXL_CORRECTABLE_ERROR_TYPE_CRC_THRESHOLD] = CXL_RAS_CE_CRC_THRESHOLD,
    [CXL_CORRECTABLE_ERROR_TYPE_RETRY_THRESHOLD] =
        CXL_RAS_CE_RETRY_THRESHOLD,
    [CXL_CORRECTABLE_ERROR_TYPE_CACHE_POISON_RECEIVED] =
        CXL_RAS_CE_CACHE_POISON,
    [CXL_CORRECTABLE_ERROR_TYPE_MEM_POISON_RECEIVED] =
        CXL_RAS_CE_MEM_POISON,
    [CXL_CORRECTABLE_ERROR_TYPE_PHYSICAL] = CXL_RAS_CE_PHYSICAL_LAYER,
};

#define UE_BIT(type, bit) \
    [CXL_UNCORRECTABLE_ERROR_TYPE_##type] = CXL_RAS_UE_##bit

static const uint32_t
uncorrectable_bits[CXL_UNCORRECTABLE_ERROR_TYPE__MAX] = {
    UE_BIT(CACHE_DATA_PARITY, CACHE_DATA_PARITY),
    UE_BIT(CACHE_ADDRESS_PARITY, CACHE_ADDRESS_PARITY),
    UE_BIT(CACHE_BE_PARITY, CACHE_BE_PARITY),
    UE_BIT(CACHE_DATA_ECC, CACHE_DATA_ECC),
    UE_BIT(MEM_DATA_PARITY, MEM_DATA_PARITY),
    UE_BIT(MEM_ADDRESS_PARITY, MEM_ADDRESS_PARITY),
    UE_BIT(MEM_BE_PARITY, MEM_BE_PARITY),
    UE_BIT(MEM_DATA_ECC, MEM_DATA_ECC),
    UE_BIT(REINIT_THRESHOLD, REINIT_THRESHOLD),
    UE_BIT(RSVD_ENCODING, RESERVED_ENCODING),
    UE_BIT(POISON_RECEIVED, POISON_RECEIVED),
    UE_BIT(RECEIVER_OVERFLOW, RECEIVER_OVERFLOW),
    UE_BIT(INTERNAL, INTERNAL),
    UE_BIT(CXL_IDE_TX, IDE_TX),
    UE_BIT(CXL_IDE_RX, IDE_RX),
};

/* A realized device by its QOM path or its id. */
static Object *find_device(const char *path, Error **errp)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path_type(path, TYPE_DEVICE, &ambiguous);

    if (ambiguous) {
        error_setg(errp, "path='%s' names several devices: give the whole "
                   "QOM path", path);
        return NULL;
    }
    if (!obj || !DEVICE(obj)->realized) {
        error_setg(errp, "path='%s' names no device: give the id= of a CXL "
                   "device or port, or its QOM path", path);
        return NULL;
    }
    return obj;
}

/* Neither it nor what is above is without power or behind a link down. */
static bool is_reachable(PCIDevice *dev)
{
    while (dev && dev->enabled) {
        dev = pci_bridge_get_device(pci_get_bus(dev));
    }
    return !dev;
}

static CXLErrors *find_errors(const char *path, Error **errp)
{
    Object *obj = find_device(path, errp);
    CXLErrors *errors = obj ? cxl_errors_of(obj) : NULL;

    if (!obj) {
        return NULL;
    }
    if (object_dynamic_cast(obj, TYPE_PXB_CXL_DEV)) {
        error_setg(errp, "path='%s' is a CXL host bridge, which has no RAS "
                   "capability: give one of its root ports", path);
    } else if (!errors) {
        error_setg(errp, "path='%s' is a %s, which has no RAS capability: "
                   "give a CXL device or port", path,
                   object_get_typename(obj));
    } else if (!is_reachable(errors->ext->dev)) {
        error_setg(errp, "path='%s': its slot is off or a link above is down",
                   path);
        return NULL;
    }
    return errors;
}

void qmp_cxl_inject_correctable_error(const char *path,
                                      CxlCorrectableErrorType type,
                                      Error **errp)
{
    CXLErrors *errors = find_errors(path, errp);

    if (errors) {
        cxl_errors_signal(errors, cxl_ras_correctable(errors->ras,
                                                      correctable_bits[type]));
    }
}

/* At most 16 dwords in @header. */
static CXLRasSignal inject(CXLErrors *errors, CxlUncorrectableErrorType type,
                           uint32List *header)
{
    uint32_t log[CXL_RAS_HEADER_DWORDS];
    unsigned dwords = 0;

    for (; header; header = header->next) {
        log[dwords++] = header->value;
    }
    return cxl_ras_uncorrectable(errors->ras, uncorrectable_bits[type], log,
                                 dwords);
}

static bool check_errors(CxlUncorrectableErrorRecordList *list, Error **errp)
{
    if (!list) {
        error_setg(errp, "errors=[]: give at least one error");
        return false;
    }
    for (unsigned n = 0; list; list = list->next, n++) {
        size_t dwords = QAPI_LIST_LENGTH(list->value->header);

        if (dwords > CXL_RAS_HEADER_DWORDS) {
            error_setg(errp, "errors[%u].header has %zu numbers: the header "
                       "log holds at most %d", n, dwords,
                       CXL_RAS_HEADER_DWORDS);
            return false;
        }
    }
    return true;
}

/* Errors that happen together are told of once, as the gravest of them. */
void qmp_cxl_inject_uncorrectable_errors(const char *path,
                                         CxlUncorrectableErrorRecordList *list,
                                         Error **errp)
{
    CXLErrors *errors = find_errors(path, errp);
    CXLRasSignal gravest = CXL_RAS_SILENT;

    if (!errors || !check_errors(list, errp)) {
        return;
    }
    for (; list; list = list->next) {
        CXLRasSignal signal = inject(errors, list->value->type,
                                     list->value->header);

        gravest = MAX(gravest, signal);
    }
    cxl_errors_signal(errors, gravest);
}

void qmp_cxl_inject_viral(const char *path, Error **errp)
{
    CXLErrors *errors = find_errors(path, errp);

    if (errors && !cxl_errors_viral(errors)) {
        error_setg(errp, "path='%s': the guest has not set Viral Enable in "
                   "its DVSEC", path);
    }
}

void qmp_cxl_inject_link_down(const char *path, bool down, Error **errp)
{
    Object *obj = find_device(path, errp);
    CXLPort *port;

    if (!obj) {
        return;
    }
    port = object_dynamic_cast(obj, TYPE_CXL_PORT) ?
           cxl_port_of(PCI_DEVICE(obj)) : NULL;
    if (!port) {
        error_setg(errp, "path='%s' is a %s, which has no link below it: "
                   "give a cxl-rp or a cxl-downstream", path,
                   object_get_typename(obj));
        return;
    }
    cxl_port_link_break(port, down, errp);
}
