/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-upstream: a switch as its host sees it, with decoders and a CDAT. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/cxl/model/glue_cdat.h"
#include "hw/cxl/model/glue_notify.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/glue_vmstate.h"
#include "hw/cxl/model/switch.h"
#include "hw/pci/msi.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_ids.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"

#define VENDOR_HUAWEI 0x19e5
#define US_DEVICE_ID 0xa128

#define SSVID_OFFSET 0x40
#define MSI_OFFSET 0x60
#define EXP_OFFSET 0x90
#define AER_OFFSET 0x100
#define DSN_OFFSET (AER_OFFSET + PCI_ERR_SIZEOF)
#define CXL_OFFSET 0x160

#define DECODERS_DEFAULT 8
#define LATENCY_DEFAULT 90          /* ns: what a switch chip adds */

CXLHdm *cxl_upstream_hdm(CXLUpstream *us)
{
    return us->present ? cxl_component_hdm(&us->port.component) : NULL;
}

static void decoders_changed(void *opaque)
{
    cxl_glue_route_changed();
}

/* MB/s of one lane in one direction, after encoding, from 2.5 GT/s on */
static uint32_t lane_bandwidth(unsigned speed)
{
    static const uint32_t mbs[] = { 250, 500, 985, 1969, 3938, 7563 };

    return mbs[MIN(MAX(speed, 1), ARRAY_SIZE(mbs)) - 1];
}

static CXLCdatPort cdat_port(PCIDevice *dev)
{
    uint32_t link = pci_get_long(dev->config + dev->exp.exp_cap +
                                 PCI_EXP_LNKCAP);
    unsigned lanes = (link & PCI_EXP_LNKCAP_MLW) >> PCI_EXP_LNKSTA_NLW_SHIFT;

    return (CXLCdatPort) {
        .number = PCIE_PORT(dev)->port,
        .bandwidth = lane_bandwidth(link & PCI_EXP_LNKCAP_SLS) *
                     MAX(lanes, 1),
    };
}

static void add_port(PCIBus *bus, PCIDevice *dev, void *opaque)
{
    GArray *ports = opaque;
    CXLCdatPort port;

    if (object_dynamic_cast(OBJECT(dev), TYPE_CXL_DOWNSTREAM)) {
        port = cdat_port(dev);
        g_array_append_val(ports, port);
    }
}

static void build_cdat(CXLUpstream *us)
{
    PCIDevice *d = PCI_DEVICE(us);
    g_autoptr(GArray) ports = g_array_new(false, false, sizeof(CXLCdatPort));
    CXLCdatSwitch sw = {
        .latency = us->latency * CXL_PS_PER_NS,
        .upstream = cdat_port(d),
    };

    pci_for_each_device_under_bus(pci_bridge_get_sec_bus(PCI_BRIDGE(d)),
                                  add_port, ports);
    sw.port = (const CXLCdatPort *)ports->data;
    sw.count = ports->len;
    cxl_cdat_build_switch(&us->cdat, &sw);
    us->cdat_stale = false;
}

void cxl_upstream_ports_changed(CXLUpstream *us)
{
    us->cdat_stale = !us->cdat_file;
}

/* The ports of a switch exist only after it does. */
static int answer_cdat(void *state, const uint8_t *in, size_t in_len,
                       uint8_t *out, size_t out_max)
{
    CXLUpstream *us = state;

    if (us->cdat_stale) {
        build_cdat(us);
    }
    return cxl_cdat_answer(&us->cdat, in, in_len, out, out_max);
}

static bool cdat_init(CXLUpstream *us, Error **errp)
{
    cxl_cdat_init(&us->cdat);
    us->cdat_stale = !us->cdat_file;
    if (us->cdat_file &&
        !cxl_glue_cdat_load(&us->cdat, us->cdat_file, errp)) {
        cxl_cdat_finish(&us->cdat);
        return false;
    }
    return true;
}

static void doe_init(CXLUpstream *us)
{
    CXLIrq none = { 0 };

    us->doe_protocols[0] = (CXLDoeProtocol) {
        .vendor = CXL_VENDOR_ID,
        .type = CXL_DOE_TYPE_TABLE_ACCESS,
        .answer = answer_cdat,
        .state = us,
    };
    cxl_doe_init(&us->doe, us->doe_protocols, ARRAY_SIZE(us->doe_protocols),
                 &none, -1);
}

static bool check_props(CXLUpstream *us, Error **errp)
{
    PCIDevice *d = PCI_DEVICE(us);
    const char *id = d->qdev.id ?: "(no id)";

    if (!cxl_port_above(d)) {
        error_setg(errp, "cxl-upstream '%s' must sit below a CXL port "
                   "(bus=<id of a cxl-rp or cxl-downstream>)", id);
        return false;
    }
    if (d->devfn) {
        error_setg(errp, "cxl-upstream '%s' must be function 0 of its link "
                   "(addr=0)", id);
        return false;
    }
    if (!cxl_hdm_count_legal(us->hdm_decoders)) {
        error_setg(errp, "hdm-decoders=%u: choose 1, 2, 4, 6, 8 or 10",
                   us->hdm_decoders);
        return false;
    }
    return cxl_glue_cdat_check_latency(us->latency, "latency", errp);
}

/* What any upstream port has; undone by exit_port(). */
static bool init_port(CXLUpstream *us, Error **errp)
{
    PCIDevice *d = PCI_DEVICE(us);

    pci_bridge_initfn(d, TYPE_PCIE_BUS);
    pcie_port_init_reg(d);
    if (msi_init(d, MSI_OFFSET, 1, true, true, errp) < 0) {
        goto err_bridge;
    }
    if (pci_bridge_ssvid_init(d, SSVID_OFFSET, VENDOR_HUAWEI, 0,
                              errp) < 0 ||
        pcie_cap_init(d, EXP_OFFSET, PCI_EXP_TYPE_UPSTREAM,
                      PCIE_PORT(d)->port, errp) < 0) {
        goto err_msi;
    }
    pcie_cap_fill_link_ep_usp(d, us->width, us->speed);
    pcie_cap_deverr_init(d);
    if (pcie_aer_init(d, PCI_ERR_VER, AER_OFFSET, PCI_ERR_SIZEOF, errp) < 0) {
        goto err_cap;
    }
    return true;

err_cap:
    pcie_cap_exit(d);
err_msi:
    msi_uninit(d);
err_bridge:
    pci_bridge_exitfn(d);
    return false;
}

static void exit_port(PCIDevice *d)
{
    pcie_aer_exit(d);
    pcie_cap_exit(d);
    msi_uninit(d);
    pci_bridge_exitfn(d);
}

static void us_realize(PCIDevice *d, Error **errp)
{
    CXLUpstream *us = CXL_UPSTREAM(d);

    if (!check_props(us, errp) || !cdat_init(us, errp)) {
        return;
    }
    if (!init_port(us, errp)) {
        cxl_cdat_finish(&us->cdat);
        return;
    }
    if (us->serial) {
        pcie_dev_ser_num_init(d, DSN_OFFSET, us->serial);
    }
    cxl_port_init(&us->port, d, CXL_COMPONENT_UPSTREAM, us->hdm_decoders,
                  CXL_OFFSET);
    us->port.component.hdm.changed = decoders_changed;
    cxl_glue_notify_decoders(&us->port.component.hdm, DEVICE(d));
    cxl_port_train(d);
    doe_init(us);
    cxl_pci_ext_add_doe(&us->port.ext, &us->doe);
    us->present = true;
}

static void us_exit(PCIDevice *d)
{
    CXLUpstream *us = CXL_UPSTREAM(d);

    us->present = false;
    cxl_glue_route_changed();
    cxl_port_untrain(d);
    exit_port(d);
    cxl_port_finish(&us->port);
    cxl_cdat_finish(&us->cdat);
}

static void us_reset_hold(Object *obj, ResetType type)
{
    CXLUpstream *us = CXL_UPSTREAM(obj);
    PCIDevice *d = PCI_DEVICE(obj);

    pcie_cap_deverr_reset(d);
    pci_bridge_reset(DEVICE(obj));
    pci_bridge_disable_base_limit(d);
    cxl_doe_reset(&us->doe);
    cxl_port_reset(&us->port, cxl_port_in_hot_reset(d) ? CXL_RESET_HOT
                                                       : CXL_RESET_COLD);
}

static uint32_t us_config_read(PCIDevice *d, uint32_t addr, int len)
{
    return cxl_pci_ext_read(&CXL_UPSTREAM(d)->port.ext, addr,
                            pci_default_read_config(d, addr, len), len);
}

static void bridge_config_write(PCIDevice *d, uint32_t addr, uint32_t val,
                                int len)
{
    pci_bridge_write_config(d, addr, val, len);
    pcie_aer_write_config(d, addr, val, len);
}

static void us_config_write(PCIDevice *d, uint32_t addr, uint32_t val,
                            int len)
{
    cxl_port_config_write(&CXL_UPSTREAM(d)->port, addr, val, len,
                          bridge_config_write);
}

static int us_post_load(void *opaque, int version_id)
{
    CXLUpstream *us = opaque;

    /* Building counts up; the table is the one that was saved. */
    if (!us->cdat_file && us->cdat.sequence) {
        us->cdat.sequence--;
        build_cdat(us);
    }
    cxl_glue_route_loaded();
    return 0;
}

static const VMStateDescription vmstate_cxl_upstream = {
    .name = TYPE_CXL_UPSTREAM,
    .priority = MIG_PRI_PCI_BUS,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = us_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj.parent_obj.parent_obj, CXLUpstream),
        VMSTATE_STRUCT(parent_obj.parent_obj.parent_obj.exp.aer_log,
                       CXLUpstream, 0, vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_STRUCT(port, CXLUpstream, 1, vmstate_cxl_port, CXLPort),
        VMSTATE_STRUCT(doe, CXLUpstream, 1, vmstate_cxl_doe, CXLDoe),
        VMSTATE_UINT32(cdat.sequence, CXLUpstream),
        VMSTATE_END_OF_LIST()
    }
};

static const Property us_props[] = {
    DEFINE_PROP_UINT64("sn", CXLUpstream, serial, 0),
    DEFINE_PROP_STRING("cdat", CXLUpstream, cdat_file),
    DEFINE_PROP_UINT32("latency", CXLUpstream, latency, LATENCY_DEFAULT),
    DEFINE_PROP_UINT8("hdm-decoders", CXLUpstream, hdm_decoders,
                      DECODERS_DEFAULT),
    DEFINE_PROP_BOOL("x-256b-flit", CXLUpstream, port.flit_256b, false),
    DEFINE_PROP_PCIE_LINK_SPEED("x-speed", CXLUpstream, speed,
                                PCIE_LINK_SPEED_32),
    DEFINE_PROP_PCIE_LINK_WIDTH("x-width", CXLUpstream, width,
                                PCIE_LINK_WIDTH_16),
    DEFINE_PROP_BOOL("ras-unmasked", CXLUpstream, port.errors.unmasked, false),
};

static CXLPort *us_port(PCIDevice *d)
{
    return &CXL_UPSTREAM(d)->port;
}

static void us_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    CXL_PORT_CLASS(klass)->get = us_port;
    CXL_ERROR_SOURCE_CLASS(klass)->get = cxl_port_errors;
    k->realize = us_realize;
    k->exit = us_exit;
    k->config_read = us_config_read;
    k->config_write = us_config_write;
    k->vendor_id = VENDOR_HUAWEI;
    k->device_id = US_DEVICE_ID;
    rc->phases.hold = us_reset_hold;
    dc->desc = "CXL Switch Upstream Port";
    dc->vmsd = &vmstate_cxl_upstream;
    set_bit(DEVICE_CATEGORY_BRIDGE, dc->categories);
    device_class_set_props(dc, us_props);
}

static const TypeInfo us_info = {
    .name = TYPE_CXL_UPSTREAM,
    .parent = TYPE_PCIE_PORT,
    .instance_size = sizeof(CXLUpstream),
    .class_init = us_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CXL_DEVICE },
        { INTERFACE_PCIE_DEVICE },
        { TYPE_CXL_PORT },
        { TYPE_CXL_ERROR_SOURCE },
        { }
    },
};

static void us_register_types(void)
{
    type_register_static(&us_info);
}

type_init(us_register_types)
