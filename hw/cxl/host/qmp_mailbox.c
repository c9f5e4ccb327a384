/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: mailboxes in trouble. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/host/qmp_type3.h"

static const CXLRetCode error_codes[CXL_MAILBOX_ERROR__MAX] = {
    [CXL_MAILBOX_ERROR_INTERNAL_ERROR] = CXL_RC_INTERNAL_ERROR,
    [CXL_MAILBOX_ERROR_RETRY_REQUIRED] = CXL_RC_RETRY_REQUIRED,
    [CXL_MAILBOX_ERROR_BUSY] = CXL_RC_BUSY,
};

void qmp_cxl_inject_mailbox_error(const char *path, CxlMailboxError error,
                                  bool has_opcode, uint16_t opcode,
                                  bool has_count, uint32_t count,
                                  Error **errp)
{
    CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);

    if (ct3d) {
        ct3d->cci.fault = (CXLCciFault) {
            .left = has_count ? count : 1,
            .rc = error_codes[error],
            .any = !has_opcode,
            .opcode = opcode,
        };
    }
}

void qmp_cxl_inject_mailbox_hang(const char *path, bool hang, Error **errp)
{
    CXLType3 *ct3d = cxl_qmp_find_type3(path, errp);

    if (ct3d) {
        /* An interrupt's message may unplug the device. */
        object_ref(OBJECT(ct3d));
        cxl_mailbox_hang(&ct3d->mailbox, hang);
        object_unref(OBJECT(ct3d));
    }
}
