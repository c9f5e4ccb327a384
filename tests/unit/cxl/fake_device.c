/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A memory device of core parts and fakes. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"

static bool media_disabled(void *opaque)
{
    FakeDevice *dev = opaque;

    return dev->media_disabled;
}

static bool locked(void *opaque)
{
    FakeDevice *dev = opaque;

    return dev->locked;
}

static bool has_passphrase(void *opaque)
{
    FakeDevice *dev = opaque;

    return dev->has_passphrase;
}

static const CXLGateOps gate_ops = { media_disabled, locked, has_passphrase };

/* Another one each time */
static void fake_random(void *buf, size_t len)
{
    static uint8_t next;

    memset(buf, ++next, len);
}

static void init_parts(FakeDevice *dev, unsigned logs)
{
    static const uint8_t vectors[CXL_EVENT_LOGS] = { 2, 3, 4, 5, 6 };
    CXLClock clock = fake_clock(&dev->clock);
    CXLIrq irq = fake_irq(&dev->irq);
    CXLMedia store = fake_media(&dev->store);
    CXLMedia label_store = fake_media(&dev->label_store);

    dev->store.size = 4 * GiB;
    dev->store.bytes = g_malloc0(FAKE_HELD);
    dev->store.held = FAKE_HELD;
    dev->label_store.size = FAKE_LSA;
    dev->label_store.bytes = g_malloc0(FAKE_LSA);
    cxl_firmware_init(&dev->firmware, FAKE_FW_SLOTS, "fake-1", &clock);
    cxl_timestamp_init(&dev->timestamp, &clock);
    cxl_evlog_init(&dev->events, logs, FAKE_EVENT_DEPTH, vectors,
                   &dev->timestamp, &irq);
    cxl_media_init(&dev->media, &store, 512 * MiB, 256 * MiB, 512 * MiB,
                   2 * GiB);
    cxl_lsa_init(&dev->lsa, &label_store);
    cxl_features_init(&dev->features);
    cxl_health_init(&dev->health, &dev->events);
    cxl_repair_init(&dev->repair, &dev->events, &dev->media, &dev->features);
    cxl_poison_init(&dev->poison, FAKE_POISON, FAKE_INJECT, &dev->media,
                    &dev->timestamp);
    cxl_poison_init(&dev->unlisted, FAKE_POISON, 0, &dev->media,
                    &dev->timestamp);
    dev->poison.unlisted = &dev->unlisted;
    cxl_scan_init(&dev->scan, &dev->poison, &dev->events, &dev->cci.bg);
    cxl_sanitize_init(&dev->sanitize, &dev->media, &dev->lsa, &dev->events,
                      &dev->poison);
    cxl_security_init(&dev->security, &dev->media, fake_random);
    dev->identity = (CXLIdentity) {
        .vendor = 0x1234, .device = 0x5678, .subsystem_vendor = 0x9abc,
        .subsystem = 0xdef0, .serial = 0x1122334455667788,
        .component_type = 3, .firmware = &dev->firmware,
        .media = &dev->media, .events = &dev->events, .lsa = &dev->lsa,
        .poison = &dev->poison,
    };
}

static void add_logs(FakeDevice *dev)
{
    CXLClock clock = fake_clock(&dev->clock);

    cxl_debuglog_init(&dev->debug_log, &clock);
    dev->state_dump = (CXLStateDump) {
        .timestamp = &dev->timestamp, .media = &dev->media,
        .events = &dev->events, .poison = &dev->poison,
        .firmware = &dev->firmware,
    };
    dev->logs[0] = (CXLLog) { &cxl_debuglog_ops, &dev->debug_log };
    dev->logs[1] = (CXLLog) { &cxl_statedump_ops, &dev->state_dump };
    cxl_logs_add(&dev->cci, &dev->logs[0]);
    cxl_logs_add(&dev->cci, &dev->logs[1]);
    dev->cci.debug = &dev->debug_log;
}

static void attach_commands(FakeDevice *dev)
{
    cxl_cci_attach(&dev->cci, &cxl_cmdset_scan, &dev->scan);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_security, &dev->security);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_sanitize, &dev->sanitize);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_poison, &dev->poison);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_health, &dev->health);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_lsa, &dev->lsa);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_partition, &dev->media);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_identify, &dev->identity);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_infostat, &dev->identity);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_logs, &dev->cci);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_firmware, &dev->firmware);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_features, &dev->features);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_maintenance, &dev->repair);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_timestamp, &dev->timestamp);
    cxl_cci_attach(&dev->cci, &cxl_cmdset_events, &dev->events);
}

void fake_device_init(FakeDevice *dev, CXLCciKind kind, uint32_t payload,
                      unsigned logs)
{
    CXLClock clock = fake_clock(&dev->clock);
    CXLIrq irq = fake_irq(&dev->irq);

    *dev = (FakeDevice) { 0 };
    init_parts(dev, logs);
    cxl_cci_init(&dev->cci, kind, payload, &clock);
    dev->cci.gate_ops = &gate_ops;
    dev->cci.gate_opaque = dev;
    dev->cci.trace = fake_trace(&dev->trace);
    attach_commands(dev);
    add_logs(dev);
    cxl_mailbox_init(&dev->mailbox, &dev->cci, &irq, FAKE_VECTOR);
    cxl_device_init(&dev->regs, &dev->mailbox, &dev->events, &dev->media);
}

void fake_device_finish(FakeDevice *dev)
{
    cxl_device_finish(&dev->regs);
    cxl_mailbox_finish(&dev->mailbox);
    cxl_cci_finish(&dev->cci);
    cxl_evlog_finish(&dev->events);
    g_free(dev->label_store.bytes);
    g_free(dev->store.bytes);
    g_free(dev->out);
}

CXLRetCode fake_device_send(FakeDevice *dev, uint16_t opcode, const void *in,
                            size_t in_len)
{
    g_autofree uint8_t *copy = in_len ? g_memdup2(in, in_len) : NULL;

    g_free(dev->out);
    dev->out = g_malloc(dev->cci.payload_max);
    return cxl_cci_run(&dev->cci, opcode, copy, in_len, dev->out,
                       dev->cci.payload_max, &dev->out_len);
}

void fake_device_log(FakeDevice *dev, CXLEventLogId id, unsigned n)
{
    CXLWireEventRecord record = { 0 };

    while (n--) {
        cxl_evlog_add(&dev->events, id, &record);
    }
}
