/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved state of firmware slots, and of a transfer that is halfway. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/firmware.h"
#include "hw/cxl/model/glue_vmstate.h"

static const VMStateDescription vmstate_slot = {
    .name = "cxl-firmware-slot",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BUFFER_UNSAFE(revision, CXLFirmwareSlot, 1, CXL_FW_REVISION),
        VMSTATE_UINT64(size, CXLFirmwareSlot),
        VMSTATE_UINT8_ARRAY(sha256, CXLFirmwareSlot, CXL_SHA256_BYTES),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_sha256 = {
    .name = "cxl-sha256",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(h, CXLSha256, 8),
        VMSTATE_UINT64(length, CXLSha256),
        VMSTATE_END_OF_LIST()
    }
};

static int firmware_post_load(void *opaque, int version_id)
{
    CXLFirmware *fw = opaque;

    if (!cxl_firmware_valid(fw)) {
        error_report("CXL saved state: firmware slots contradict each other");
        cxl_firmware_forget(fw);
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_cxl_firmware = {
    .name = "cxl-firmware",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = firmware_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8_EQUAL(slots, CXLFirmware,
                            "cxl-type3: start with the firmware-slots= of "
                            "the saved machine"),
        VMSTATE_STRUCT_ARRAY(slot, CXLFirmware, CXL_FW_MAX_SLOTS, 1,
                             vmstate_slot, CXLFirmwareSlot),
        VMSTATE_UINT8(active, CXLFirmware),
        VMSTATE_UINT8(staged, CXLFirmware),
        VMSTATE_UINT8(fail, CXLFirmware),
        VMSTATE_BOOL(open, CXLFirmware),
        VMSTATE_UINT64(last_at, CXLFirmware),
        VMSTATE_STRUCT(before, CXLFirmware, 1, vmstate_sha256, CXLSha256),
        VMSTATE_STRUCT(sum, CXLFirmware, 1, vmstate_sha256, CXLSha256),
        VMSTATE_BUFFER(head, CXLFirmware),
        VMSTATE_UINT8(job, CXLFirmware),
        VMSTATE_UINT8(job_slot, CXLFirmware),
        VMSTATE_END_OF_LIST()
    }
};
