/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Mailbox Registers: a doorbell protocol before a CCI. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/mailbox.h"
#include "hw/cxl/spec/wire.h"

#define CONTROL_RW                              \
    (R_CXL_MAILBOX_CONTROL_DOORBELL_MASK |      \
     R_CXL_MAILBOX_CONTROL_DOORBELL_IRQ_MASK |  \
     R_CXL_MAILBOX_CONTROL_BG_IRQ_MASK)
#define COMMAND_RW                              \
    (R_CXL_MAILBOX_COMMAND_OPCODE_MASK |        \
     R_CXL_MAILBOX_COMMAND_LENGTH_MASK)

static void control_wrote(CXLRegBank *bank, const CXLRegRow *row,
                          unsigned index, uint64_t old);

static const CXLRegRow mailbox_rows[] = {
    { "CAPS", CXL_MAILBOX_CAPS, 4 },
    { "CONTROL", CXL_MAILBOX_CONTROL, 4, .rw = CONTROL_RW,
      .wrote = control_wrote },
    { "COMMAND", CXL_MAILBOX_COMMAND, 8, .rw = COMMAND_RW },
    { "STATUS", CXL_MAILBOX_STATUS, 8 },
    { "BG_STATUS", CXL_MAILBOX_BG_STATUS, 8 },
};
CXL_REG_TABLE(cxl_mailbox_registers, mailbox_rows);

static bool control_bit(const CXLMailbox *mb, uint32_t mask)
{
    return cxl_regbank_get(&mb->bank, CXL_MAILBOX_CONTROL, 4) & mask;
}

static bool doorbell(const CXLMailbox *mb)
{
    return control_bit(mb, R_CXL_MAILBOX_CONTROL_DOORBELL_MASK);
}

static void clear_doorbell(CXLMailbox *mb)
{
    uint32_t control = cxl_regbank_get(&mb->bank, CXL_MAILBOX_CONTROL, 4);

    cxl_regbank_set(&mb->bank, CXL_MAILBOX_CONTROL,
                    control & ~R_CXL_MAILBOX_CONTROL_DOORBELL_MASK, 4);
}

static void run_command(CXLMailbox *mb)
{
    uint64_t command = cxl_regbank_get(&mb->bank, CXL_MAILBOX_COMMAND, 8);
    uint16_t opcode = FIELD_EX64(command, CXL_MAILBOX_COMMAND, OPCODE);
    bool secret = cxl_cci_is_secret(mb->cci, opcode);
    uint64_t status = 0;
    size_t out_len;
    CXLRetCode rc;

    rc = cxl_cci_run(mb->cci, opcode, mb->payload,
                     FIELD_EX64(command, CXL_MAILBOX_COMMAND, LENGTH),
                     mb->reply, mb->cci->payload_max, &out_len);
    if (!mb->payload) {
        return;         /* the command raised an interrupt that unplugged it */
    }
    if (secret) {
        memset(mb->payload, 0, mb->cci->payload_max);
    }
    memcpy(mb->payload, mb->reply, out_len);
    command = FIELD_DP64(command, CXL_MAILBOX_COMMAND, LENGTH, out_len);
    status = FIELD_DP64(status, CXL_MAILBOX_STATUS, RETURN_CODE, rc);
    cxl_regbank_set(&mb->bank, CXL_MAILBOX_COMMAND, command, 8);
    cxl_regbank_set(&mb->bank, CXL_MAILBOX_STATUS, status, 8);
}

/* The doorbell is set: answer. */
static void answer(CXLMailbox *mb)
{
    mb->busy = true;
    run_command(mb);
    clear_doorbell(mb);
    if (control_bit(mb, R_CXL_MAILBOX_CONTROL_DOORBELL_IRQ_MASK)) {
        cxl_irq_raise(&mb->irq, mb->vector);
    }
    mb->busy = false;
}

/* Writing 0 to the doorbell does nothing. */
static void control_wrote(CXLRegBank *bank, const CXLRegRow *row,
                          unsigned index, uint64_t old)
{
    CXLMailbox *mb = bank->owner;

    if (doorbell(mb) && !mb->hung) {
        answer(mb);
    }
}

static void bg_done(void *opaque)
{
    CXLMailbox *mb = opaque;

    if (control_bit(mb, R_CXL_MAILBOX_CONTROL_BG_IRQ_MASK)) {
        cxl_irq_raise(&mb->irq, mb->vector);
    }
}

static uint32_t caps(const CXLMailbox *mb)
{
    uint32_t v = 0;

    v = FIELD_DP32(v, CXL_MAILBOX_CAPS, PAYLOAD_SIZE,
                   ctz32(mb->cci->payload_max));
    v = FIELD_DP32(v, CXL_MAILBOX_CAPS, DOORBELL_IRQ, 1);
    v = FIELD_DP32(v, CXL_MAILBOX_CAPS, BG_IRQ, 1);
    return FIELD_DP32(v, CXL_MAILBOX_CAPS, MESSAGE_NUMBER, mb->vector);
}

void cxl_mailbox_init(CXLMailbox *mb, CXLCci *cci, const CXLIrq *irq,
                      unsigned vector)
{
    *mb = (CXLMailbox) {
        .cci = cci,
        .payload = g_malloc0(cci->payload_max),
        .reply = g_malloc0(cci->payload_max),
        .irq = *irq,
        .vector = vector,
    };
    cxl_regbank_init(&mb->bank, &cxl_mailbox_registers, CXL_MAILBOX_PAYLOAD,
                     mb);
    cxl_regbank_init_value(&mb->bank, CXL_MAILBOX_CAPS, caps(mb), 4);
    cci->bg.done = bg_done;
    cci->bg.done_opaque = mb;
}

void cxl_mailbox_finish(CXLMailbox *mb)
{
    cxl_regbank_finish(&mb->bank);
    g_clear_pointer(&mb->payload, g_free);
    g_clear_pointer(&mb->reply, g_free);
}

void cxl_mailbox_reset(CXLMailbox *mb, CXLResetKind kind)
{
    cxl_regbank_reset(&mb->bank, kind);
    memset(mb->payload, 0, mb->cci->payload_max);
    mb->hung = false;
}

void cxl_mailbox_hang(CXLMailbox *mb, bool hang)
{
    mb->hung = hang;
    if (!hang && !mb->busy && doorbell(mb)) {
        answer(mb);
    }
}

bool cxl_mailbox_valid(const CXLMailbox *mb)
{
    return mb->hung || !doorbell(mb);
}

uint32_t cxl_mailbox_length(const CXLMailbox *mb)
{
    return CXL_MAILBOX_PAYLOAD + mb->cci->payload_max;
}

/* The registers that show the background operation as it is now. */
static void refresh_background(CXLMailbox *mb)
{
    const CXLBg *bg = &mb->cci->bg;
    uint64_t status = cxl_regbank_get(&mb->bank, CXL_MAILBOX_STATUS, 8);
    uint64_t v = 0;

    status = FIELD_DP64(status, CXL_MAILBOX_STATUS, BG_RUNNING,
                        cxl_bg_running(bg));
    v = FIELD_DP64(v, CXL_MAILBOX_BG_STATUS, OPCODE, bg->opcode);
    v = FIELD_DP64(v, CXL_MAILBOX_BG_STATUS, PERCENT, cxl_bg_percent(bg));
    v = FIELD_DP64(v, CXL_MAILBOX_BG_STATUS, RETURN_CODE, bg->rc);
    cxl_regbank_set(&mb->bank, CXL_MAILBOX_STATUS, status, 8);
    cxl_regbank_set(&mb->bank, CXL_MAILBOX_BG_STATUS, v, 8);
}

/* The payload's part of an access: @skip bytes belong to registers. */
typedef struct Slice {
    uint8_t *bytes;
    unsigned skip, count;
} Slice;

static Slice payload_slice(const CXLMailbox *mb, uint32_t offset,
                           unsigned size)
{
    uint32_t end = cxl_mailbox_length(mb);
    Slice slice = { 0 };

    size = MIN(size, 8);
    if (offset < CXL_MAILBOX_PAYLOAD) {
        slice.skip = MIN(CXL_MAILBOX_PAYLOAD - offset, size);
    }
    if (offset < end) {
        slice.count = MIN(size - slice.skip, end - offset - slice.skip);
        slice.bytes = &mb->payload[offset + slice.skip - CXL_MAILBOX_PAYLOAD];
    }
    return slice;
}

uint64_t cxl_mailbox_read(CXLMailbox *mb, uint32_t offset, unsigned size)
{
    Slice slice = payload_slice(mb, offset, size);
    uint64_t value = 0;

    if (offset < CXL_MAILBOX_PAYLOAD) {
        refresh_background(mb);
        value = cxl_regbank_read(&mb->bank, offset, size);
    }
    if (slice.count) {
        value |= cxl_le_get(slice.bytes, slice.count) << (slice.skip * 8);
    }
    return value;
}

void cxl_mailbox_write(CXLMailbox *mb, uint32_t offset, uint64_t value,
                       unsigned size)
{
    Slice slice = payload_slice(mb, offset, size);

    /*
     * While a command waits; and the guest may have addressed the message of
     * an interrupt to the mailbox.
     */
    if (mb->busy || doorbell(mb)) {
        cxl_trace_refused(&mb->cci->trace, "MAILBOX", value);
        return;
    }
    if (slice.count) {
        cxl_le_put(slice.bytes, slice.count, value >> (slice.skip * 8));
    }
    cxl_regbank_write(&mb->bank, offset, value, size);
}
