/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a log is to the Logs commands.  The Command Effects Log is that of the
 * CCI and needs none.  CXL r3.2: Logs.
 */
#ifndef HW_CXL_CORE_LOGS_H
#define HW_CXL_CORE_LOGS_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/spec/cmd_logs.h"

typedef struct CXLLogOps {
    uint8_t uuid[16];
    uint32_t caps;              /* CXL_LOG_CAP_* */
    /* Bytes that it has now. */
    uint32_t (*size)(const void *state);
    /* @len bytes from @offset on; both have been checked. */
    void (*read)(const void *state, uint32_t offset, uint8_t *out,
                 uint32_t len);
    void (*clear)(void *state);         /* with CXL_LOG_CAP_CLEAR */
    void (*populate)(void *state);      /* with CXL_LOG_CAP_POPULATE */
} CXLLogOps;

struct CXLLog {
    const CXLLogOps *ops;
    void *state;
};

/* The CCI shows @log too.  At most CXL_CCI_LOGS. */
void cxl_logs_add(CXLCci *cci, const CXLLog *log);

#endif
