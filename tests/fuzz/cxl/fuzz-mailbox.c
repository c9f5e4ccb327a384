/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device behind its registers: a guest that reads, writes, sends commands,
 * resets and waits as the input says.
 *
 * Input: a byte of configuration, then operations: a byte that says which,
 * and its arguments.
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "tests/unit/cxl/fake_device.h"

typedef void Operation(FakeDevice *dev, CXLReader *in);

/* As its header says: the second in the array. */
static uint32_t mailbox_at(FakeDevice *dev)
{
    return cxl_device_read(&dev->regs, 0x24, 4);
}

static void op_write(FakeDevice *dev, CXLReader *in)
{
    uint32_t offset = fuzz_take(in, 2);
    unsigned size = fuzz_take(in, 1) % 8 + 1;

    cxl_device_write(&dev->regs, offset, fuzz_take(in, 8), size);
}

static void op_read(FakeDevice *dev, CXLReader *in)
{
    uint32_t offset = fuzz_take(in, 2);
    unsigned size = fuzz_take(in, 1) % 8 + 1;
    uint64_t value = cxl_device_read(&dev->regs, offset, size);

    g_assert_true(size == 8 || value >> (size * 8) == 0);
}

/* What every command leaves behind. */
static void check_command(FakeDevice *dev)
{
    uint32_t at = mailbox_at(dev);
    uint64_t command = cxl_device_read(&dev->regs, at + 8, 8);
    uint64_t status = cxl_device_read(&dev->regs, at + 16, 8);
    uint32_t length = FIELD_EX64(command, CXL_MAILBOX_COMMAND, LENGTH);
    unsigned rc = FIELD_EX64(status, CXL_MAILBOX_STATUS, RETURN_CODE);

    g_assert_cmphex(cxl_device_read(&dev->regs, at + 4, 4) & 1, ==, 0);
    g_assert_cmphex(rc, <=, CXL_RC_ABORT_UNSUPPORTED);
    g_assert_cmpuint(length, <=, rc ? 0 : dev->cci.payload_max);
    g_assert_true(cxl_evlog_valid(&dev->events));
    g_assert_true(cxl_media_valid(&dev->media));
    g_assert_true(cxl_sanitize_valid(&dev->sanitize));
    g_assert_true(cxl_security_valid(&dev->security));
    g_assert_true(cxl_firmware_valid(&dev->firmware));
    g_assert_true(cxl_features_valid(&dev->features));
    g_assert_true(cxl_repair_valid(&dev->repair));
}

static void op_command(FakeDevice *dev, CXLReader *in)
{
    uint32_t at = mailbox_at(dev);
    uint64_t opcode = fuzz_take(in, 2), length = fuzz_take(in, 3);
    uint32_t control = fuzz_take(in, 1) | 1;
    uint32_t room = MIN(length, dev->cci.payload_max);

    for (uint32_t i = 0; i < room; i++) {
        cxl_device_write(&dev->regs, at + 0x20 + i, fuzz_take(in, 1), 1);
    }
    cxl_device_write(&dev->regs, at + 8, opcode | length << 16, 8);
    cxl_device_write(&dev->regs, at + 4, control, 4);
    check_command(dev);
}

static void op_reset(FakeDevice *dev, CXLReader *in)
{
    CXLResetKind kind = fuzz_take(in, 1) % 3;

    cxl_cci_reset(&dev->cci, kind);
    cxl_mailbox_reset(&dev->mailbox, kind);
    cxl_firmware_reset(&dev->firmware, kind);
    cxl_features_reset(&dev->features, kind);
    cxl_repair_reset(&dev->repair, kind);
    cxl_debuglog_reset(&dev->debug_log, kind);
    cxl_statedump_reset(&dev->state_dump, kind);
    cxl_timestamp_reset(&dev->timestamp, kind);
    cxl_evlog_reset(&dev->events, kind);
    cxl_media_reset(&dev->media, kind);
    cxl_sanitize_clear(&dev->sanitize);
    cxl_security_reset(&dev->security, kind);
}

static void op_wait(FakeDevice *dev, CXLReader *in)
{
    dev->clock.now += fuzz_take(in, 4);
    if (dev->clock.now >= dev->clock.deadline) {
        cxl_bg_tick(&dev->cci.bg);
    }
}

static void op_event(FakeDevice *dev, CXLReader *in)
{
    uint8_t arg = fuzz_take(in, 1);

    fake_device_log(dev, arg & 7, arg >> 5);
}

static void op_gates(FakeDevice *dev, CXLReader *in)
{
    uint8_t arg = fuzz_take(in, 1);

    dev->media_disabled = arg & 1;
    dev->locked = arg & 2;
    dev->has_passphrase = arg & 4;
}

static Operation *const operations[] = {
    op_write, op_read, op_command, op_reset, op_wait, op_event, op_gates,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const CXLCciKind kinds[] = {
        CXL_CCI_PRIMARY, CXL_CCI_SWITCH, CXL_CCI_MCTP, CXL_CCI_SECONDARY,
    };
    FakeDevice dev;
    CXLReader in;
    uint8_t config;

    cxl_reader_init(&in, data, size);
    config = fuzz_take(&in, 1);
    fake_device_init(&dev, kinds[config & 3], 256 << (config >> 2 & 3),
                     config & 0x10 ? 4 : 5);
    while (cxl_reader_left(&in)) {
        operations[fuzz_take(&in, 1) % ARRAY_SIZE(operations)](&dev, &in);
    }
    fake_device_finish(&dev);
    return 0;
}
