/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-type3: the primary mailbox, its command sets and their parts. */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/guest-random.h"
#include "qemu/timer.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/model/glue_notify.h"
#include "hw/cxl/model/type3.h"
#include "hw/pci/pci_ids.h"

#define TYPE3_FIRMWARE "QEMU-CXL 1"
#define COMPONENT_TYPE3 3
/* Lines that can be injected: half of the list is left to other poison. */
#define TYPE3_INJECT_LIMIT (CXL_POISON_MAX / 2)

static bool media_disabled(void *opaque)
{
    CXLType3 *ct3d = opaque;

    return ct3d->media.status == CXL_MEDIA_DISABLED;
}

static bool locked(void *opaque)
{
    CXLType3 *ct3d = opaque;

    return ct3d->media.locked;
}

static bool has_passphrase(void *opaque)
{
    CXLType3 *ct3d = opaque;

    return cxl_security_has_user(&ct3d->security);
}

static void identity_init(CXLType3 *ct3d)
{
    PCIDevice *d = PCI_DEVICE(ct3d);
    CXLIdentity *identity = &ct3d->identity;

    identity->vendor = pci_get_word(d->config + PCI_VENDOR_ID);
    identity->device = pci_get_word(d->config + PCI_DEVICE_ID);
    identity->subsystem_vendor =
        pci_get_word(d->config + PCI_SUBSYSTEM_VENDOR_ID);
    identity->subsystem = pci_get_word(d->config + PCI_SUBSYSTEM_ID);
    identity->serial = ct3d->serial;
    identity->component_type = COMPONENT_TYPE3;
    identity->firmware = &ct3d->firmware;
    identity->media = &ct3d->media;
    identity->events = &ct3d->events;
    identity->lsa = &ct3d->lsa;
    identity->poison = &ct3d->poison;
}

static void attach_sets(CXLType3 *ct3d)
{
    CXLCci *cci = &ct3d->cci;

    cxl_cci_attach(cci, &cxl_cmdset_infostat, &ct3d->identity);
    cxl_cci_attach(cci, &cxl_cmdset_events, &ct3d->events);
    cxl_cci_attach(cci, &cxl_cmdset_firmware, &ct3d->firmware);
    cxl_cci_attach(cci, &cxl_cmdset_timestamp, &ct3d->timestamp);
    cxl_cci_attach(cci, &cxl_cmdset_logs, cci);
    cxl_cci_attach(cci, &cxl_cmdset_features, &ct3d->features);
    cxl_cci_attach(cci, &cxl_cmdset_maintenance, &ct3d->repair);
    cxl_cci_attach(cci, &cxl_cmdset_identify, &ct3d->identity);
    cxl_cci_attach(cci, &cxl_cmdset_partition, &ct3d->media);
    cxl_cci_attach(cci, &cxl_cmdset_lsa, &ct3d->lsa);
    cxl_cci_attach(cci, &cxl_cmdset_health, &ct3d->health);
    cxl_cci_attach(cci, &cxl_cmdset_poison, &ct3d->poison);
    cxl_cci_attach(cci, &cxl_cmdset_scan, &ct3d->scan);
    cxl_cci_attach(cci, &cxl_cmdset_sanitize, &ct3d->sanitize);
    cxl_cci_attach(cci, &cxl_cmdset_security, &ct3d->security);
}

static void background_tick(void *opaque)
{
    CXLType3 *ct3d = opaque;

    /* An interrupt's message may go to a register that unplugs the device. */
    object_ref(OBJECT(ct3d));
    cxl_bg_tick(&ct3d->cci.bg);
    object_unref(OBJECT(ct3d));
}

static void events_init(CXLType3 *ct3d, const CXLIrq *irq)
{
    uint8_t vectors[CXL_TYPE3_EVENT_LOGS];

    for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++) {
        vectors[i] = CXL_TYPE3_VEC_EVENT + i % ct3d->event_vectors;
    }
    cxl_evlog_init(&ct3d->events, ARRAY_SIZE(vectors), ct3d->event_log_size,
                   vectors, &ct3d->timestamp, irq);
}

static void random_bytes(void *buf, size_t len)
{
    qemu_guest_getrandom_nofail(buf, len);
}

static void security_init(CXLType3 *ct3d)
{
    cxl_sanitize_init(&ct3d->sanitize, &ct3d->media, &ct3d->lsa,
                      &ct3d->events, &ct3d->poison);
    ct3d->sanitize.sanitize_time = ct3d->sanitize_ms * SCALE_MS;
    ct3d->sanitize.erase_time = ct3d->erase_ms * SCALE_MS;
    cxl_security_init(&ct3d->security, &ct3d->media, random_bytes);
}

/* Logs beside those of events; they look at parts that are there by now. */
static void logs_init(CXLType3 *ct3d, const CXLClock *clock)
{
    CXLCci *cci = &ct3d->cci;

    cxl_debuglog_init(&ct3d->debug_log, clock);
    ct3d->state_dump = (CXLStateDump) {
        .timestamp = &ct3d->timestamp, .media = &ct3d->media,
        .events = &ct3d->events, .poison = &ct3d->poison,
        .firmware = &ct3d->firmware,
    };
    ct3d->logs[0] = (CXLLog) { &cxl_debuglog_ops, &ct3d->debug_log };
    ct3d->logs[1] = (CXLLog) { &cxl_statedump_ops, &ct3d->state_dump };
    for (unsigned i = 0; i < ARRAY_SIZE(ct3d->logs); i++) {
        cxl_logs_add(cci, &ct3d->logs[i]);
    }
    cci->debug = &ct3d->debug_log;
}

void cxl_type3_cci_init(CXLType3 *ct3d)
{
    static const CXLGateOps gates = {
        .media_disabled = media_disabled,
        .locked = locked,
        .has_passphrase = has_passphrase,
    };
    CXLIrq irq = cxl_pci_irq(PCI_DEVICE(ct3d));
    CXLClock clock = cxl_glue_timer_init(&ct3d->timer, background_tick, ct3d);

    cxl_firmware_init(&ct3d->firmware, ct3d->firmware_slots, TYPE3_FIRMWARE,
                      &clock);
    cxl_timestamp_init(&ct3d->timestamp, &clock);
    events_init(ct3d, &irq);
    cxl_features_init(&ct3d->features);
    cxl_health_init(&ct3d->health, &ct3d->events);
    cxl_repair_init(&ct3d->repair, &ct3d->events, &ct3d->media,
                    &ct3d->features);
    cxl_poison_init(&ct3d->poison, CXL_POISON_MAX, TYPE3_INJECT_LIMIT,
                    &ct3d->media, &ct3d->timestamp);
    cxl_poison_init(&ct3d->unlisted_poison, CXL_POISON_MAX, 0, &ct3d->media,
                    &ct3d->timestamp);
    ct3d->poison.unlisted = &ct3d->unlisted_poison;
    cxl_scan_init(&ct3d->scan, &ct3d->poison, &ct3d->events, &ct3d->cci.bg);
    ct3d->poison.events = &ct3d->events;
    cxl_glue_notify_poison(&ct3d->poison, DEVICE(ct3d));
    security_init(ct3d);
    identity_init(ct3d);
    cxl_cci_init(&ct3d->cci, CXL_CCI_PRIMARY, ct3d->mailbox_payload, &clock);
    ct3d->cci.gate_ops = &gates;
    ct3d->cci.gate_opaque = ct3d;
    ct3d->cci.trace = cxl_pci_trace(DEVICE(ct3d));
    attach_sets(ct3d);
    logs_init(ct3d, &clock);
    cxl_mailbox_init(&ct3d->mailbox, &ct3d->cci, &irq, CXL_TYPE3_VEC_MAILBOX);
    cxl_device_init(&ct3d->device, &ct3d->mailbox, &ct3d->events,
                    &ct3d->media);
}

void cxl_type3_cci_finish(CXLType3 *ct3d)
{
    cxl_device_finish(&ct3d->device);
    cxl_mailbox_finish(&ct3d->mailbox);
    cxl_cci_finish(&ct3d->cci);
    cxl_evlog_finish(&ct3d->events);
    cxl_glue_timer_finish(&ct3d->timer);
}

bool cxl_type3_cci_valid(const CXLType3 *ct3d)
{
    bool at_work = ct3d->firmware.job != CXL_FW_JOB_NONE;

    return at_work == (ct3d->cci.bg.state == &ct3d->firmware);
}
