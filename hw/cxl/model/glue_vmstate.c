/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/cci.h"
#include "hw/cxl/core/component.h"
#include "hw/cxl/core/doe.h"
#include "hw/cxl/core/dvsec.h"
#include "hw/cxl/core/evlog.h"
#include "hw/cxl/core/health.h"
#include "hw/cxl/core/mailbox.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/model/glue_vmstate.h"
#include "migration/qemu-file-types.h"

static void put_bytes(QEMUFile *f, const uint8_t *data, uint32_t size)
{
    qemu_put_be32(f, size);
    qemu_put_buffer(f, data, size);
}

static int get_bytes(QEMUFile *f, uint8_t *data, uint32_t size,
                     const char *what)
{
    uint32_t saved = qemu_get_be32(f);

    if (saved != size) {
        error_report("CXL saved state: %s has %u bytes here, %u there: start "
                     "with the properties of the saved machine",
                     what, size, saved);
        return -EINVAL;
    }
    return qemu_get_buffer(f, data, size) == size ? 0 : -EIO;
}

static void put_ras(QEMUFile *f, const CXLRas *ras)
{
    qemu_put_be32(f, ras->count);
    for (unsigned n = 0; n < ras->count; n++) {
        qemu_put_byte(f, ras->queue[n].error);
        for (unsigned i = 0; i < CXL_RAS_HEADER_DWORDS; i++) {
            qemu_put_be32(f, ras->queue[n].header[i]);
        }
    }
}

static int get_ras(QEMUFile *f, CXLRas *ras)
{
    uint32_t count = qemu_get_be32(f);

    ras->count = 0;
    if (count > CXL_RAS_QUEUE) {
        error_report("CXL saved state: %u errors do not fit behind the first "
                     "one", count);
        return -EINVAL;
    }
    for (unsigned n = 0; n < count; n++) {
        ras->queue[n].error = qemu_get_byte(f);
        for (unsigned i = 0; i < CXL_RAS_HEADER_DWORDS; i++) {
            ras->queue[n].header[i] = qemu_get_be32(f);
        }
    }
    ras->count = count;
    if (!cxl_ras_valid(ras)) {
        error_report("CXL saved state: errors wait behind none, or without "
                     "their status");
        return -EINVAL;
    }
    return 0;
}

static int put_component(QEMUFile *f, void *pv, size_t size,
                         const VMStateField *field, JSONWriter *vmdesc)
{
    CXLComponent *comp = pv;
    CXLRegBank *bank;

    qemu_put_byte(f, comp->hdm_hidden);
    for (unsigned n = 0; (bank = cxl_component_bank(comp, n)); n++) {
        put_bytes(f, bank->data, bank->size);
    }
    if (comp->ras.bank.size) {
        put_ras(f, &comp->ras);
    }
    return 0;
}

static int get_banks(QEMUFile *f, CXLComponent *comp)
{
    CXLRegBank *bank;

    if (qemu_get_byte(f) != comp->hdm_hidden) {
        error_report("CXL saved state: the host bridge had HDM decoders or "
                     "has them, not both: start with hdm_for_passthrough= "
                     "and the root ports of the saved machine");
        return -EINVAL;
    }
    for (unsigned n = 0; (bank = cxl_component_bank(comp, n)); n++) {
        int ret = get_bytes(f, bank->data, bank->size,
                            bank == &comp->hdm.bank ?
                            "HDM decoders (hdm-decoders=)" :
                            bank->table->name);

        if (ret) {
            return ret;
        }
    }
    if (comp->has_hdm && !cxl_hdm_valid(&comp->hdm)) {
        error_report("CXL saved state: HDM decoders contradict each other");
        return -EINVAL;
    }
    return 0;
}

/* The machine may go on after a failed load: with nothing half loaded. */
static int get_component(QEMUFile *f, void *pv, size_t size,
                         const VMStateField *field)
{
    CXLComponent *comp = pv;
    int ret = get_banks(f, comp);

    if (!ret && comp->ras.bank.size) {
        ret = get_ras(f, &comp->ras);
    }
    if (ret) {
        cxl_component_reset(pv, CXL_RESET_COLD);
    }
    return ret;
}

const VMStateInfo vmstate_info_cxl_component = {
    .name = "cxl-component",
    .put = put_component,
    .get = get_component,
};

static int put_dvsec(QEMUFile *f, void *pv, size_t size,
                     const VMStateField *field, JSONWriter *vmdesc)
{
    CXLDvsec *dvsec = pv;

    put_bytes(f, dvsec->bank.data, dvsec->bank.size);
    return 0;
}

static int get_dvsec(QEMUFile *f, void *pv, size_t size,
                     const VMStateField *field)
{
    CXLDvsec *dvsec = pv;

    return get_bytes(f, dvsec->bank.data, dvsec->bank.size, "DVSEC");
}

const VMStateInfo vmstate_info_cxl_dvsec = {
    .name = "cxl-dvsec",
    .put = put_dvsec,
    .get = get_dvsec,
};

static int put_mailbox(QEMUFile *f, void *pv, size_t size,
                       const VMStateField *field, JSONWriter *vmdesc)
{
    CXLMailbox *mb = pv;

    put_bytes(f, mb->bank.data, mb->bank.size);
    put_bytes(f, mb->payload, mb->cci->payload_max);
    qemu_put_byte(f, mb->hung);
    return 0;
}

static int get_mailbox(QEMUFile *f, void *pv, size_t size,
                       const VMStateField *field)
{
    CXLMailbox *mb = pv;
    int ret = get_bytes(f, mb->bank.data, mb->bank.size, "mailbox");

    ret = ret ?: get_bytes(f, mb->payload, mb->cci->payload_max,
                           "mailbox payload (mailbox-payload=)");
    mb->hung = qemu_get_byte(f);
    if (!ret && !cxl_mailbox_valid(mb)) {
        error_report("CXL saved state: a mailbox command is under way");
        ret = -EINVAL;
    }
    if (ret) {
        cxl_mailbox_reset(mb, CXL_RESET_COLD);
    }
    return ret;
}

const VMStateInfo vmstate_info_cxl_mailbox = {
    .name = "cxl-mailbox",
    .put = put_mailbox,
    .get = get_mailbox,
};

static void put_log(QEMUFile *f, const CXLEventLogs *logs, unsigned n)
{
    const CXLEventLog *log = &logs->log[n];

    qemu_put_be16(f, log->next_handle);
    qemu_put_be16(f, log->overflow_count);
    qemu_put_be64(f, log->overflow_first);
    qemu_put_be64(f, log->overflow_last);
    qemu_put_byte(f, log->policy);
    qemu_put_be32(f, log->count);
    for (uint32_t i = 0; i < log->count; i++) {
        qemu_put_buffer(f, (const uint8_t *)cxl_evlog_peek(logs, n, i),
                        sizeof(CXLWireEventRecord));
    }
}

static int get_log(QEMUFile *f, CXLEventLog *log)
{
    size_t size;

    log->next_handle = qemu_get_be16(f);
    log->overflow_count = qemu_get_be16(f);
    log->overflow_first = qemu_get_be64(f);
    log->overflow_last = qemu_get_be64(f);
    log->policy = qemu_get_byte(f);
    log->head = 0;
    log->count = qemu_get_be32(f);
    if (log->count > log->depth) {
        error_report("CXL saved state: %u events do not fit in a log of %u "
                     "(event-log-size=)", log->count, log->depth);
        log->count = 0;
        return -EINVAL;
    }
    size = log->count * sizeof(CXLWireEventRecord);
    return qemu_get_buffer(f, (uint8_t *)log->ring, size) == size ? 0 : -EIO;
}

static int put_evlog(QEMUFile *f, void *pv, size_t size,
                     const VMStateField *field, JSONWriter *vmdesc)
{
    CXLEventLogs *logs = pv;

    for (unsigned n = 0; n < logs->count; n++) {
        put_log(f, logs, n);
    }
    return 0;
}

static int get_evlog(QEMUFile *f, void *pv, size_t size,
                     const VMStateField *field)
{
    CXLEventLogs *logs = pv;

    for (unsigned n = 0; n < logs->count; n++) {
        int ret = get_log(f, &logs->log[n]);

        if (ret) {
            return ret;
        }
    }
    if (!cxl_evlog_valid(logs)) {
        error_report("CXL saved state: an event log hands out handle 0");
        cxl_evlog_reset(logs, CXL_RESET_COLD);
        return -EINVAL;
    }
    return 0;
}

const VMStateInfo vmstate_info_cxl_evlog = {
    .name = "cxl-event-logs",
    .put = put_evlog,
    .get = get_evlog,
};

static void put_fault(QEMUFile *f, const CXLCciFault *fault)
{
    qemu_put_be32(f, fault->left);
    qemu_put_be16(f, fault->rc);
    qemu_put_byte(f, fault->any);
    qemu_put_be16(f, fault->opcode);
}

static bool get_fault(QEMUFile *f, CXLCciFault *fault)
{
    fault->left = qemu_get_be32(f);
    fault->rc = qemu_get_be16(f);
    fault->any = qemu_get_byte(f);
    fault->opcode = qemu_get_be16(f);
    if (cxl_cci_fault_valid(fault)) {
        return true;
    }
    fault->left = 0;
    error_report("CXL saved state: commands are to fail with code 0x%x",
                 fault->rc);
    return false;
}

static int put_cci(QEMUFile *f, void *pv, size_t size,
                   const VMStateField *field, JSONWriter *vmdesc)
{
    const CXLCci *cci = pv;
    const CXLBg *bg = &cci->bg;

    put_fault(f, &((CXLCci *)pv)->fault);
    qemu_put_byte(f, cxl_bg_running(bg));
    qemu_put_be64(f, bg->started);
    qemu_put_be64(f, bg->duration);
    qemu_put_be16(f, bg->opcode);
    qemu_put_byte(f, bg->percent);
    qemu_put_be16(f, bg->rc);
    qemu_put_be32(f, cci->response_max);
    qemu_put_byte(f, cci->populating);
    return 0;
}

/* What runs is found again by its opcode. */
static int get_cci(QEMUFile *f, void *pv, size_t size,
                   const VMStateField *field)
{
    CXLCci *cci = pv;
    bool sane = get_fault(f, &cci->fault);
    bool running = qemu_get_byte(f);

    cci->bg.started = qemu_get_be64(f);
    cci->bg.duration = qemu_get_be64(f);
    cci->bg.opcode = qemu_get_be16(f);
    cci->bg.percent = MIN(qemu_get_byte(f), 100);
    cci->bg.rc = qemu_get_be16(f);
    cxl_cci_limit_response(cci, pow2floor(qemu_get_be32(f)));
    cci->populating = qemu_get_byte(f);
    if (running && !cxl_cci_resume(cci)) {
        error_report("CXL saved state: command 0x%04x does not run in "
                     "background", cci->bg.opcode);
        return -EINVAL;
    }
    return sane ? 0 : -EINVAL;
}

const VMStateInfo vmstate_info_cxl_cci = {
    .name = "cxl-cci",
    .put = put_cci,
    .get = get_cci,
};

const VMStateDescription vmstate_cxl_timestamp = {
    .name = "cxl-timestamp",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(set, CXLTimestamp),
        VMSTATE_UINT64(host, CXLTimestamp),
        VMSTATE_UINT64(at, CXLTimestamp),
        VMSTATE_END_OF_LIST()
    }
};

static int media_post_load(void *opaque, int version_id)
{
    CXLMediaState *media = opaque;

    if (!cxl_media_valid(media)) {
        error_report("CXL saved state: partitions do not fit the memory, or "
                     "it has no such state");
        /* The machine may go on: as something that can be. */
        media->volatile_size = media->volatile_only;
        media->next_pending = false;
        media->status = CXL_MEDIA_READY;
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_cxl_media = {
    .name = "cxl-media",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = media_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(volatile_size, CXLMediaState),
        VMSTATE_UINT64(next_volatile, CXLMediaState),
        VMSTATE_BOOL(next_pending, CXLMediaState),
        VMSTATE_UINT8(status, CXLMediaState),
        VMSTATE_BOOL(locked, CXLMediaState),
        VMSTATE_END_OF_LIST()
    }
};

static int health_post_load(void *opaque, int version_id)
{
    CXLHealth *health = opaque;

    if (!cxl_health_valid(health)) {
        error_report("CXL saved state: health or its alerts out of range");
        cxl_health_init(health, health->events);
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_cxl_health = {
    .name = "cxl-health",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = health_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(now.status, CXLHealth),
        VMSTATE_UINT8(now.media_status, CXLHealth),
        VMSTATE_UINT8(now.life_used, CXLHealth),
        VMSTATE_INT16(now.temperature, CXLHealth),
        VMSTATE_UINT32(now.dirty_shutdowns, CXLHealth),
        VMSTATE_UINT32(now.corrected_volatile, CXLHealth),
        VMSTATE_UINT32(now.corrected_persistent, CXLHealth),
        VMSTATE_UINT8(alerts.enabled, CXLHealth),
        VMSTATE_UINT8(alerts.life_warning, CXLHealth),
        VMSTATE_INT16(alerts.over_warning, CXLHealth),
        VMSTATE_INT16(alerts.under_warning, CXLHealth),
        VMSTATE_UINT16(alerts.volatile_warning, CXLHealth),
        VMSTATE_UINT16(alerts.persistent_warning, CXLHealth),
        VMSTATE_BOOL(dirty, CXLHealth),
        VMSTATE_BOOL(gpf_fails, CXLHealth),
        VMSTATE_END_OF_LIST()
    }
};

static int doe_post_load(void *opaque, int version_id)
{
    CXLDoe *doe = opaque;

    if (!cxl_doe_valid(doe)) {
        error_report("CXL saved state: DOE mailbox positions out of range");
        cxl_doe_reset(doe);     /* the machine may go on after a failed load */
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_cxl_doe = {
    .name = "cxl-doe",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = doe_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(interrupt_enable, CXLDoe),
        VMSTATE_BOOL(interrupt_status, CXLDoe),
        VMSTATE_BOOL(error, CXLDoe),
        VMSTATE_BOOL(ready, CXLDoe),
        VMSTATE_UINT32(in_dw, CXLDoe),
        VMSTATE_UINT32(out_dw, CXLDoe),
        VMSTATE_UINT32(out_pos, CXLDoe),
        VMSTATE_UINT32_ARRAY(in, CXLDoe, CXL_DOE_MAX_DW),
        VMSTATE_UINT32_ARRAY(out, CXLDoe, CXL_DOE_MAX_DW),
        VMSTATE_END_OF_LIST()
    }
};
