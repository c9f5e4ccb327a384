/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A memory device of core parts and fakes, for tests of commands. */
#ifndef TESTS_UNIT_CXL_FAKE_DEVICE_H
#define TESTS_UNIT_CXL_FAKE_DEVICE_H

#include "fake.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/core/debuglog.h"
#include "hw/cxl/core/device.h"
#include "hw/cxl/core/logs.h"
#include "hw/cxl/core/repair.h"
#include "hw/cxl/core/statedump.h"

#define FAKE_PAYLOAD        512
#define FAKE_LSA            4096
#define FAKE_HELD           4096    /* bytes that the store really has */
#define FAKE_FW_SLOTS       3
#define FAKE_POISON         16      /* records */
#define FAKE_INJECT         4       /* lines */
#define FAKE_EVENT_DEPTH    4
#define FAKE_VECTOR         9       /* of the mailbox; events: 2 to 6 */

/*
 * 4 GiB, of which 512 MiB only volatile and 256 MiB only persistent; the
 * boundary is at 2 GiB and moves by 512 MiB.
 */
typedef struct FakeDevice {
    FakeClock clock;
    FakeIrq irq;
    FakeTrace trace;
    FakeMedia store, label_store;
    CXLCci cci;
    CXLMailbox mailbox;
    CXLFirmware firmware;
    CXLFeatures features;
    CXLRepair repair;
    CXLDebugLog debug_log;
    CXLStateDump state_dump;
    CXLLog logs[2];
    CXLTimestamp timestamp;
    CXLEventLogs events;
    CXLMediaState media;
    CXLLsa lsa;
    CXLHealth health;
    CXLPoisonList poison, unlisted;
    CXLScan scan;
    CXLSanitize sanitize;
    CXLSecurity security;
    CXLIdentity identity;
    CXLDeviceRegs regs;
    /* What the gates are told */
    bool media_disabled, locked, has_passphrase;
    uint8_t *out;                   /* answer of the last command */
    size_t out_len;
} FakeDevice;

/* @logs: 4, or 5 with the dynamic capacity log. */
void fake_device_init(FakeDevice *dev, CXLCciKind kind, uint32_t payload,
                      unsigned logs);
void fake_device_finish(FakeDevice *dev);
/* Send to the CCI, from and into buffers of exactly the size allowed. */
CXLRetCode fake_device_send(FakeDevice *dev, uint16_t opcode, const void *in,
                            size_t in_len);
/* Add @n empty records. */
void fake_device_log(FakeDevice *dev, CXLEventLogId id, unsigned n);

#endif
