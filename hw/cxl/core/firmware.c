/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Firmware Update: slots and transfers. */
#include "qemu/osdep.h"
#include "hw/cxl/core/firmware.h"

/* As it is in users' files */
typedef struct {
    char revision[CXL_FW_REVISION];
    cxl_le64 size;
    uint8_t sha256[CXL_SHA256_BYTES];
} QEMU_PACKED KeptSlot;

typedef struct {
    uint8_t slots, active, staged;
    KeptSlot slot[CXL_FW_MAX_SLOTS];
} QEMU_PACKED Kept;

#define MS 1000000ULL
/* Checking an image takes 100 ms for each MiB, as writing flash would. */
#define VERIFY_MIN (100 * MS)
#define VERIFY_MAX (10000 * MS)
#define BYTES_PER_MS (1024 * 1024 / 100)
#define ACTIVATE_TIME (500 * MS)

static CXLFirmwareSlot *slot_of(CXLFirmware *fw, unsigned slot)
{
    return &fw->slot[slot - 1];
}

void cxl_firmware_init(CXLFirmware *fw, unsigned slots, const char *revision,
                       const CXLClock *clock)
{
    *fw = (CXLFirmware) { .clock = *clock, .slots = slots, .active = 1 };
    memcpy(fw->slot[0].revision, revision,
           MIN(strlen(revision), CXL_FW_REVISION));
}

const CXLFirmwareSlot *cxl_firmware_active(const CXLFirmware *fw)
{
    return &fw->slot[fw->active - 1];
}

/* Takes the failure away if it is the one that was asked for. */
static bool fails(CXLFirmware *fw, CXLFirmwareFailure failure)
{
    bool hit = fw->fail == failure;

    if (hit) {
        fw->fail = CXL_FW_FAIL_NONE;
    }
    return hit;
}

void cxl_firmware_reset(CXLFirmware *fw, CXLResetKind kind)
{
    if (kind == CXL_RESET_CXL) {
        return;
    }
    fw->open = false;
    if (kind == CXL_RESET_COLD && fw->staged) {
        if (!fails(fw, CXL_FW_FAIL_ROLLED_BACK)) {
            fw->active = fw->staged;
        }
        fw->staged = 0;
        cxl_metadata_save(fw->metadata);
    }
}

/* A host that has gone away does not block others for ever. */
static void expire(CXLFirmware *fw)
{
    uint64_t now = cxl_clock_now(&fw->clock);

    if (fw->open && now - MIN(fw->last_at, now) > CXL_FW_TIMEOUT) {
        fw->open = false;
    }
}

/* May an image go there?  The active one has to stay. */
static bool can_take(const CXLFirmware *fw, unsigned slot)
{
    return slot && slot <= fw->slots && slot != fw->active;
}

static void open_transfer(CXLFirmware *fw)
{
    fw->open = true;
    cxl_sha256_init(&fw->before);
    fw->sum = fw->before;
    memset(fw->head, 0, sizeof(fw->head));
}

/* The next part, or the last one once more; else nothing is taken. */
static CXLRetCode take_part(CXLFirmware *fw, uint64_t offset,
                            const uint8_t *data, size_t len)
{
    bool again = offset == fw->before.length &&
                 offset + len == fw->sum.length;

    if (!again && offset != fw->sum.length) {
        return CXL_RC_FW_OUT_OF_ORDER;
    }
    if (again) {
        fw->sum = fw->before;
    } else {
        fw->before = fw->sum;
    }
    cxl_sha256_add(&fw->sum, data, len);
    if (!offset) {
        memcpy(fw->head, data, MIN(len, sizeof(fw->head)));
    }
    fw->last_at = cxl_clock_now(&fw->clock);
    return CXL_RC_SUCCESS;
}

static CXLRetCode start_verify(CXLFirmware *fw, unsigned slot)
{
    fw->open = false;
    fw->job = CXL_FW_JOB_VERIFY;
    fw->job_slot = slot;
    return CXL_RC_SUCCESS;
}

static CXLRetCode start_transfer(CXLFirmware *fw, CXLFwAction action,
                                 unsigned slot, uint64_t offset,
                                 const uint8_t *data, size_t len)
{
    if (fw->open) {
        return CXL_RC_FW_TRANSFER_IN_PROGRESS;
    }
    if (offset) {
        return CXL_RC_INVALID_INPUT;
    }
    if (action == CXL_FW_FULL && !can_take(fw, slot)) {
        return CXL_RC_INVALID_SLOT;
    }
    open_transfer(fw);
    take_part(fw, offset, data, len);
    return action == CXL_FW_FULL ? start_verify(fw, slot) : CXL_RC_SUCCESS;
}

static CXLRetCode continue_transfer(CXLFirmware *fw, CXLFwAction action,
                                    unsigned slot, uint64_t offset,
                                    const uint8_t *data, size_t len)
{
    CXLRetCode rc;

    if (!fw->open) {
        return CXL_RC_INVALID_INPUT;
    }
    if (action == CXL_FW_END && !can_take(fw, slot)) {
        return CXL_RC_INVALID_SLOT;
    }
    rc = take_part(fw, offset, data, len);
    return rc == CXL_RC_SUCCESS && action == CXL_FW_END ?
        start_verify(fw, slot) : rc;
}

CXLRetCode cxl_firmware_transfer(CXLFirmware *fw, CXLFwAction action,
                                 unsigned slot, uint64_t offset,
                                 const uint8_t *data, size_t len)
{
    if (fw->job != CXL_FW_JOB_NONE) {
        return CXL_RC_BUSY;
    }
    expire(fw);
    switch (action) {
    case CXL_FW_FULL:
    case CXL_FW_INITIATE:
        return start_transfer(fw, action, slot, offset, data, len);
    case CXL_FW_CONTINUE:
    case CXL_FW_END:
        return continue_transfer(fw, action, slot, offset, data, len);
    case CXL_FW_ABORT:
        fw->open = false;
        return CXL_RC_SUCCESS;
    }
    return CXL_RC_INVALID_INPUT;
}

CXLRetCode cxl_firmware_activate(CXLFirmware *fw, unsigned slot, bool online)
{
    if (fw->job != CXL_FW_JOB_NONE) {
        return CXL_RC_BUSY;
    }
    if (!can_take(fw, slot) || !*slot_of(fw, slot)->revision) {
        return CXL_RC_INVALID_SLOT;
    }
    if (online) {
        fw->job = CXL_FW_JOB_ACTIVATE;
        fw->job_slot = slot;
    } else {
        fw->staged = slot;
        cxl_metadata_save(fw->metadata);
    }
    return CXL_RC_SUCCESS;
}

uint64_t cxl_firmware_job_time(const CXLFirmware *fw)
{
    uint64_t verify = fw->sum.length / BYTES_PER_MS * MS;

    return fw->job == CXL_FW_JOB_ACTIVATE ? ACTIVATE_TIME :
        MIN(MAX(verify, VERIFY_MIN), VERIFY_MAX);
}

static bool printable(const char *text, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        if (!g_ascii_isprint(text[i])) {
            return false;
        }
    }
    return true;
}

/* A name of printable characters, padded with zeros */
static bool is_revision(const char *text)
{
    unsigned len = strnlen(text, CXL_FW_REVISION);

    for (unsigned i = len; i < CXL_FW_REVISION; i++) {
        if (text[i]) {
            return false;
        }
    }
    return printable(text, len);
}

/* An image may begin with its revision; any other is named by its digest. */
static void name_image(const CXLFirmware *fw, CXLFirmwareSlot *slot)
{
    static const char digits[] = "0123456789abcdef";

    memcpy(slot->revision, fw->head, CXL_FW_REVISION);
    if (*slot->revision && is_revision(slot->revision)) {
        return;
    }
    for (unsigned i = 0; i < CXL_FW_REVISION; i += 2) {
        slot->revision[i] = digits[slot->sha256[i / 2] >> 4];
        slot->revision[i + 1] = digits[slot->sha256[i / 2] & 15];
    }
}

/* What was staged there is gone: the host has to say so again. */
static CXLRetCode end_verify(CXLFirmware *fw)
{
    CXLFirmwareSlot *slot = slot_of(fw, fw->job_slot);

    if (fails(fw, CXL_FW_FAIL_VERIFICATION)) {
        return CXL_RC_FW_VERIFICATION_FAILED;
    }
    slot->size = fw->sum.length;
    cxl_sha256_digest(&fw->sum, slot->sha256);
    name_image(fw, slot);
    if (fw->staged == fw->job_slot) {
        fw->staged = 0;
    }
    cxl_metadata_save(fw->metadata);
    return CXL_RC_SUCCESS;
}

static CXLRetCode end_activate(CXLFirmware *fw)
{
    CXLRetCode rc = CXL_RC_SUCCESS;

    if (fails(fw, CXL_FW_FAIL_ROLLED_BACK)) {
        return CXL_RC_FW_ROLLED_BACK;
    }
    if (fails(fw, CXL_FW_FAIL_COLD_RESET)) {
        fw->staged = fw->job_slot;
        rc = CXL_RC_FW_COLD_RESET_REQUIRED;
    } else {
        fw->active = fw->job_slot;
        fw->staged = fw->staged == fw->active ? 0 : fw->staged;
    }
    cxl_metadata_save(fw->metadata);
    return rc;
}

CXLRetCode cxl_firmware_job_done(CXLFirmware *fw)
{
    CXLFirmwareJob job = fw->job;

    fw->job = CXL_FW_JOB_NONE;
    switch (job) {
    case CXL_FW_JOB_VERIFY:
        return end_verify(fw);
    case CXL_FW_JOB_ACTIVATE:
        return end_activate(fw);
    default:
        return CXL_RC_INTERNAL_ERROR;       /* of saved state that is none */
    }
}

void cxl_firmware_job_abort(CXLFirmware *fw)
{
    fw->job = CXL_FW_JOB_NONE;
}

static bool slots_valid(const CXLFirmware *fw)
{
    for (unsigned i = 0; i < fw->slots; i++) {
        const CXLFirmwareSlot *slot = &fw->slot[i];

        if (!is_revision(slot->revision) || slot->size % CXL_FW_UNIT ||
            (slot->size && !*slot->revision)) {
            return false;
        }
    }
    return true;
}

/* Slot 0 stands for none. */
static bool holds_image(const CXLFirmware *fw, unsigned slot)
{
    return slot && slot <= fw->slots && *fw->slot[slot - 1].revision;
}

bool cxl_firmware_valid(const CXLFirmware *fw)
{
    return slots_valid(fw) && holds_image(fw, fw->active) &&
        (!fw->staged || (holds_image(fw, fw->staged) &&
                         fw->staged != fw->active)) &&
        fw->fail < CXL_FW_FAILURES && fw->job < CXL_FW_JOBS &&
        (!fw->job || (can_take(fw, fw->job_slot) && !fw->open)) &&
        (fw->job != CXL_FW_JOB_ACTIVATE || holds_image(fw, fw->job_slot)) &&
        fw->before.length <= fw->sum.length &&
        fw->sum.length % CXL_FW_UNIT == 0 &&
        fw->before.length % CXL_FW_UNIT == 0;
}

void cxl_firmware_forget(CXLFirmware *fw)
{
    fw->active = 1;
    fw->staged = 0;
    fw->fail = CXL_FW_FAIL_NONE;
    fw->job = CXL_FW_JOB_NONE;
    fw->open = false;
}

static size_t pack(const void *state, uint8_t *out)
{
    const CXLFirmware *fw = state;
    Kept *kept = (Kept *)out;

    memset(kept, 0, sizeof(*kept));
    kept->slots = fw->slots;
    kept->active = fw->active;
    kept->staged = fw->staged;
    for (unsigned i = 0; i < fw->slots; i++) {
        memcpy(kept->slot[i].revision, fw->slot[i].revision, CXL_FW_REVISION);
        kept->slot[i].size = cxl_put64(fw->slot[i].size);
        memcpy(kept->slot[i].sha256, fw->slot[i].sha256, CXL_SHA256_BYTES);
    }
    return sizeof(*kept);
}

static bool unpack(void *state, const uint8_t *in, size_t len)
{
    CXLFirmware *fw = state;
    const Kept *kept = (const Kept *)in;

    if (len != sizeof(*kept) || kept->slots != fw->slots) {
        return false;
    }
    fw->active = kept->active;
    fw->staged = kept->staged;
    for (unsigned i = 0; i < fw->slots; i++) {
        memcpy(fw->slot[i].revision, kept->slot[i].revision, CXL_FW_REVISION);
        fw->slot[i].size = cxl_get64(kept->slot[i].size);
        memcpy(fw->slot[i].sha256, kept->slot[i].sha256, CXL_SHA256_BYTES);
    }
    return cxl_firmware_valid(fw);
}

const CXLMetadataSection cxl_firmware_section = {
    .id = CXL_METADATA_FIRMWARE,
    .name = "the firmware slots (firmware-slots=)",
    .max = sizeof(Kept),
    .pack = pack,
    .unpack = unpack,
};
