/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Component Command Interface: return codes and command effects. */
#ifndef HW_CXL_SPEC_CCI_H
#define HW_CXL_SPEC_CCI_H

#include "hw/cxl/spec/wire.h"

typedef enum CXLRetCode {
    CXL_RC_SUCCESS                  = 0x00,
    CXL_RC_BG_STARTED               = 0x01,
    CXL_RC_INVALID_INPUT            = 0x02,
    CXL_RC_UNSUPPORTED              = 0x03,
    CXL_RC_INTERNAL_ERROR           = 0x04,
    CXL_RC_RETRY_REQUIRED           = 0x05,
    CXL_RC_BUSY                     = 0x06,
    CXL_RC_MEDIA_DISABLED           = 0x07,
    CXL_RC_FW_TRANSFER_IN_PROGRESS  = 0x08,
    CXL_RC_FW_OUT_OF_ORDER          = 0x09,
    CXL_RC_FW_VERIFICATION_FAILED   = 0x0a,
    CXL_RC_INVALID_SLOT             = 0x0b,
    CXL_RC_FW_ROLLED_BACK           = 0x0c,
    CXL_RC_FW_COLD_RESET_REQUIRED   = 0x0d,
    CXL_RC_INVALID_HANDLE           = 0x0e,
    CXL_RC_INVALID_DPA              = 0x0f,
    CXL_RC_INJECT_POISON_LIMIT      = 0x10,
    CXL_RC_PERMANENT_MEDIA_FAILURE  = 0x11,
    CXL_RC_ABORTED                  = 0x12,
    CXL_RC_INVALID_SECURITY_STATE   = 0x13,
    CXL_RC_INCORRECT_PASSPHRASE     = 0x14,
    CXL_RC_UNSUPPORTED_CCI          = 0x15,
    CXL_RC_INVALID_PAYLOAD_LENGTH   = 0x16,
    CXL_RC_INVALID_LOG              = 0x17,
    CXL_RC_INTERRUPTED              = 0x18,
    CXL_RC_FEATURE_VERSION          = 0x19,
    CXL_RC_FEATURE_SELECTION        = 0x1a,
    CXL_RC_FEATURE_IN_PROGRESS      = 0x1b,
    CXL_RC_FEATURE_OUT_OF_ORDER     = 0x1c,
    CXL_RC_RESOURCES_EXHAUSTED      = 0x1d,
    CXL_RC_INVALID_EXTENT_LIST      = 0x1e,
    CXL_RC_TRANSFER_OUT_OF_ORDER    = 0x1f,
    CXL_RC_ABORT_UNSUPPORTED        = 0x20,
} CXLRetCode;

/* CXL r3.2: Command Effects Log entry, effects field */
enum {
    CXL_EFF_CONFIG_COLD_RESET  = 1 << 0,
    CXL_EFF_IMM_CONFIG         = 1 << 1,
    CXL_EFF_IMM_DATA           = 1 << 2,
    CXL_EFF_IMM_POLICY         = 1 << 3,
    CXL_EFF_IMM_LOG            = 1 << 4,
    CXL_EFF_SECURITY           = 1 << 5,
    CXL_EFF_BACKGROUND         = 1 << 6,
    CXL_EFF_SECONDARY_MAILBOX  = 1 << 7,
    CXL_EFF_ABORTABLE          = 1 << 8,
    CXL_EFF_RESET_BITS_VALID   = 1 << 9,
    CXL_EFF_CONFIG_CONV_RESET  = 1 << 10,
    CXL_EFF_CONFIG_CXL_RESET   = 1 << 11,
};

#endif
