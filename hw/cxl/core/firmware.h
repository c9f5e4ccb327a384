/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware slots, and the image that is being transferred.  Of an image only
 * its size, its SHA-256 and its revision are kept.  Sizes and offsets are in
 * bytes and multiples of CXL_FW_UNIT.
 * CXL r3.2: Firmware Update.
 */
#ifndef HW_CXL_CORE_FIRMWARE_H
#define HW_CXL_CORE_FIRMWARE_H

#include "hw/cxl/core/metadata.h"
#include "hw/cxl/core/port.h"
#include "hw/cxl/core/sha256.h"
#include "hw/cxl/spec/cci.h"
#include "hw/cxl/spec/cmd_firmware.h"

/* CXL r3.2: Transfer FW: the time between parts, in ns */
#define CXL_FW_TIMEOUT (30 * 1000000000ULL)

typedef struct CXLFirmwareSlot {
    char revision[CXL_FW_REVISION];     /* empty: no image */
    uint64_t size;                      /* 0: the image from the factory */
    uint8_t sha256[CXL_SHA256_BYTES];
} CXLFirmwareSlot;

/* What the next operation that can fail in this way will do. */
typedef enum CXLFirmwareFailure {
    CXL_FW_FAIL_NONE,
    CXL_FW_FAIL_VERIFICATION,           /* a transfer, at its end */
    CXL_FW_FAIL_ROLLED_BACK,            /* an activation of any kind */
    CXL_FW_FAIL_COLD_RESET,             /* an activation online */
    CXL_FW_FAILURES
} CXLFirmwareFailure;

/* What goes on in background. */
typedef enum CXLFirmwareJob {
    CXL_FW_JOB_NONE,
    CXL_FW_JOB_VERIFY,
    CXL_FW_JOB_ACTIVATE,
    CXL_FW_JOBS
} CXLFirmwareJob;

typedef struct CXLFirmware {
    CXLClock clock;
    CXLFirmwareSlot slot[CXL_FW_MAX_SLOTS];     /* slot n is slot[n - 1] */
    uint8_t slots;                      /* 1 to CXL_FW_MAX_SLOTS */
    uint8_t active;                     /* 1 to slots */
    uint8_t staged;                     /* for the next cold reset; 0 none */
    uint8_t fail;                       /* CXLFirmwareFailure */
    /* The transfer */
    bool open;                          /* between Initiate and End */
    uint64_t last_at;                   /* ns, when the last part came */
    CXLSha256 before, sum;              /* without the last part, and with it */
    uint8_t head[CXL_FW_REVISION];      /* the image's first bytes */
    /* The operation in background, on any CCI */
    uint8_t job;                        /* CXLFirmwareJob */
    uint8_t job_slot;
    CXLMetadata *metadata;              /* keeps the slots, or NULL */
} CXLFirmware;

/* Slots, and which is active or staged; of a CXLFirmware */
extern const CXLMetadataSection cxl_firmware_section;

/* @slots: 1 to CXL_FW_MAX_SLOTS; @revision: ASCII, of the image in slot 1. */
void cxl_firmware_init(CXLFirmware *fw, unsigned slots, const char *revision,
                       const CXLClock *clock);
/*
 * A conventional reset ends the transfer; a cold one activates what is
 * staged.  Background operations end with their CCI, before.
 */
void cxl_firmware_reset(CXLFirmware *fw, CXLResetKind kind);
/* The slot that the device runs from. */
const CXLFirmwareSlot *cxl_firmware_active(const CXLFirmware *fw);

/*
 * CXL r3.2: Transfer FW.  @len: a multiple of CXL_FW_UNIT; 0 only with
 * CXL_FW_END and CXL_FW_ABORT.  After a Full or an End that is successful,
 * the job is to be done; otherwise there is nothing more to do.
 */
CXLRetCode cxl_firmware_transfer(CXLFirmware *fw, CXLFwAction action,
                                 unsigned slot, uint64_t offset,
                                 const uint8_t *data, size_t len);
/* CXL r3.2: Activate FW.  If it is @online, the job is to be done. */
CXLRetCode cxl_firmware_activate(CXLFirmware *fw, unsigned slot, bool online);
/* Nanoseconds that the job takes. */
uint64_t cxl_firmware_job_time(const CXLFirmware *fw);
/* The job is done: how it ended. */
CXLRetCode cxl_firmware_job_done(CXLFirmware *fw);
/* It is not, and leaves nothing behind. */
void cxl_firmware_job_abort(CXLFirmware *fw);

/* Is loaded state one that could have come about?  If not, forget it. */
bool cxl_firmware_valid(const CXLFirmware *fw);
/* Back to slot 1; nothing is staged, transferred or done. */
void cxl_firmware_forget(CXLFirmware *fw);

#endif
