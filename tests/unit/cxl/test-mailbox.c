/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doorbell protocol, as a driver uses it. */
#include "qemu/osdep.h"
#include "fake_device.h"
#include "hw/cxl/spec/cmd_timestamp.h"

#define DOORBELL        R_CXL_MAILBOX_CONTROL_DOORBELL_MASK
#define DOORBELL_IRQ    R_CXL_MAILBOX_CONTROL_DOORBELL_IRQ_MASK
#define BG_IRQ          R_CXL_MAILBOX_CONTROL_BG_IRQ_MASK

static uint64_t duration(void *state)
{
    return 1000;
}

static CXLRetCode finish(void *state)
{
    return CXL_RC_ABORTED;
}

static const CXLBgOps bg_ops = { duration, finish };

static CXLRetCode work(CXLCall *call)
{
    return CXL_RC_SUCCESS;
}

/* The longest answer there is. */
static CXLRetCode flood(CXLCall *call)
{
    size_t room = cxl_call_out_room(call);

    memset(cxl_call_put(call, room), 0x77, room);
    return CXL_RC_SUCCESS;
}

static const CXLCommand test_cmds[] = {
    CXL_CMD(0xc000, work, CXL_IN_NONE, .bg = &bg_ops),
    CXL_CMD(0xc001, flood, CXL_IN_NONE),
};
static CXL_COMMAND_SET(test_set, test_cmds);

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
    cxl_cci_attach(&dev->cci, &test_set, NULL);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static uint64_t rd(FakeDevice *dev, uint32_t offset, unsigned size)
{
    return cxl_mailbox_read(&dev->mailbox, offset, size);
}

static void wr(FakeDevice *dev, uint32_t offset, uint64_t value,
               unsigned size)
{
    cxl_mailbox_write(&dev->mailbox, offset, value, size);
}

static uint64_t command(uint16_t opcode, uint32_t length)
{
    uint64_t v = FIELD_DP64(0, CXL_MAILBOX_COMMAND, OPCODE, opcode);

    return FIELD_DP64(v, CXL_MAILBOX_COMMAND, LENGTH, length);
}

/* Ring with @control and return the code; the doorbell must be clear. */
static CXLRetCode ring(FakeDevice *dev, uint16_t opcode, uint32_t length,
                       uint32_t control)
{
    wr(dev, CXL_MAILBOX_COMMAND, command(opcode, length), 8);
    wr(dev, CXL_MAILBOX_CONTROL, control, 4);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CONTROL, 4), ==,
                    control & ~DOORBELL);
    return FIELD_EX64(rd(dev, CXL_MAILBOX_STATUS, 8), CXL_MAILBOX_STATUS,
                      RETURN_CODE);
}

static uint32_t out_length(FakeDevice *dev)
{
    return FIELD_EX64(rd(dev, CXL_MAILBOX_COMMAND, 8), CXL_MAILBOX_COMMAND,
                      LENGTH);
}

static void test_caps(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CAPS, 4), ==,
                    9 | 1 << 5 | 1 << 6 | FAKE_VECTOR << 7);
    wr(dev, CXL_MAILBOX_CAPS, 0, 4);
    cxl_mailbox_reset(&dev->mailbox, CXL_RESET_COLD);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CAPS, 1), ==, 9 | 1 << 5 | 1 << 6 |
                    (FAKE_VECTOR << 7 & 0xff));
    g_assert_cmpuint(cxl_mailbox_length(&dev->mailbox), ==,
                     0x20 + FAKE_PAYLOAD);
}

static void test_payload_sizes(void)
{
    for (unsigned n = 8; n <= 20; n++) {
        FakeDevice dev;

        fake_device_init(&dev, CXL_CCI_PRIMARY, 1U << n, 4);
        g_assert_cmpuint(rd(&dev, CXL_MAILBOX_CAPS, 4) & 0x1f, ==, n);
        g_assert_cmphex(ring(&dev, 0x4000, 0, DOORBELL), ==, 0);
        g_assert_cmpuint(out_length(&dev), ==, 0x45);
        fake_device_finish(&dev);
    }
}

static void test_round_trip(FakeDevice *dev, gconstpointer data)
{
    wr(dev, CXL_MAILBOX_PAYLOAD, 0x1122334455667788, 8);
    g_assert_cmphex(ring(dev, 0x0301, 8, DOORBELL), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(out_length(dev), ==, 0);
    wr(dev, CXL_MAILBOX_PAYLOAD, 0, 8);
    dev->clock.now += 5;
    g_assert_cmphex(ring(dev, 0x0300, 0, DOORBELL), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(out_length(dev), ==, 8);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD, 8), ==, 0x112233445566778d);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_COMMAND, 2), ==, 0x0300);
}

static void test_no_doorbell(FakeDevice *dev, gconstpointer data)
{
    wr(dev, CXL_MAILBOX_COMMAND, command(0x0300, 0), 8);
    wr(dev, CXL_MAILBOX_CONTROL, DOORBELL_IRQ | BG_IRQ, 4);
    g_assert_cmpuint(dev->trace.commands + dev->irq.count, ==, 0);
    wr(dev, CXL_MAILBOX_CONTROL + 1, 0xff, 1);
    g_assert_cmpuint(dev->trace.commands, ==, 0);
    wr(dev, CXL_MAILBOX_CONTROL, 1, 1);
    g_assert_cmpuint(dev->trace.commands, ==, 1);
}

static void test_error(FakeDevice *dev, gconstpointer data)
{
    wr(dev, CXL_MAILBOX_PAYLOAD, 0xa5a5, 8);
    g_assert_cmphex(ring(dev, 0x1234, 8, DOORBELL), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmpuint(out_length(dev), ==, 0);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD, 8), ==, 0xa5a5);
    g_assert_cmphex(ring(dev, 0x0001, 0, DOORBELL), ==,
                    CXL_RC_UNSUPPORTED_CCI);
}

static void test_length(FakeDevice *dev, gconstpointer data)
{
    static const uint32_t lengths[] = {
        FAKE_PAYLOAD + 1, 0x10000, 0x100000, 0x1fffff,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
        g_assert_cmphex(ring(dev, 0x4103, lengths[i], DOORBELL), ==,
                        CXL_RC_INVALID_PAYLOAD_LENGTH);
        g_assert_cmphex(ring(dev, 0x0300, lengths[i], DOORBELL), ==,
                        CXL_RC_INVALID_PAYLOAD_LENGTH);
        g_assert_cmpuint(out_length(dev), ==, 0);
    }
    g_assert_cmphex(ring(dev, 0x4103, FAKE_PAYLOAD, DOORBELL), ==, 0);
}

static void test_full_answer(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(ring(dev, 0xc001, 0, DOORBELL), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(out_length(dev), ==, FAKE_PAYLOAD);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD + FAKE_PAYLOAD - 1, 8), ==,
                    0x77);
}

/* What lies behind a short answer is the guest's own, never ours. */
static void test_no_leak(FakeDevice *dev, gconstpointer data)
{
    ring(dev, 0xc001, 0, DOORBELL);
    for (unsigned i = 0; i < FAKE_PAYLOAD; i += 8) {
        wr(dev, CXL_MAILBOX_PAYLOAD + i, 0, 8);
    }
    ring(dev, 0x0300, 0, DOORBELL);
    for (unsigned i = 8; i < FAKE_PAYLOAD; i += 8) {
        g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD + i, 8), ==, 0);
    }
}

static void test_reserved(FakeDevice *dev, gconstpointer data)
{
    wr(dev, CXL_MAILBOX_COMMAND, UINT64_MAX, 8);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_COMMAND, 8), ==, 0x1fffffffff);
    wr(dev, CXL_MAILBOX_CONTROL, 0xfffffffe, 4);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CONTROL, 4), ==, 6);
    wr(dev, CXL_MAILBOX_STATUS, UINT64_MAX, 8);
    wr(dev, CXL_MAILBOX_BG_STATUS, UINT64_MAX, 8);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_STATUS, 8), ==, 0);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_BG_STATUS, 8), ==, 0);
}

static void test_doorbell_irq(FakeDevice *dev, gconstpointer data)
{
    ring(dev, 0x0300, 0, DOORBELL);
    ring(dev, 0x0300, 0, DOORBELL | BG_IRQ);
    g_assert_cmpuint(dev->irq.count, ==, 0);
    ring(dev, 0x0300, 0, DOORBELL | DOORBELL_IRQ);
    g_assert_cmpuint(dev->irq.count, ==, 1);
    g_assert_cmpuint(dev->irq.vector, ==, FAKE_VECTOR);
}

static void check_bg(FakeDevice *dev, bool running, unsigned percent,
                     CXLRetCode rc)
{
    uint64_t bg = rd(dev, CXL_MAILBOX_BG_STATUS, 8);

    g_assert_cmpuint(rd(dev, CXL_MAILBOX_STATUS, 1) & 1, ==, running);
    g_assert_cmphex(bg & 0xffff, ==, 0xc000);
    g_assert_cmpuint(bg >> 16 & 0x7f, ==, percent);
    g_assert_cmphex(bg >> 32, ==, rc);
}

static void test_background(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(ring(dev, 0xc000, 0, DOORBELL | BG_IRQ), ==,
                    CXL_RC_BG_STARTED);
    check_bg(dev, true, 0, 0);
    dev->clock.now += 250;
    check_bg(dev, true, 25, 0);
    g_assert_cmphex(ring(dev, 0xc000, 0, DOORBELL | BG_IRQ), ==, CXL_RC_BUSY);
    g_assert_cmpuint(dev->irq.count, ==, 0);
    dev->clock.now = dev->clock.deadline;
    cxl_bg_tick(&dev->cci.bg);
    g_assert_cmpuint(dev->irq.count, ==, 1);
    g_assert_cmpuint(dev->irq.vector, ==, FAKE_VECTOR);
    check_bg(dev, false, 100, CXL_RC_ABORTED);
    g_assert_cmphex(ring(dev, 0x0300, 0, DOORBELL), ==, CXL_RC_SUCCESS);
    check_bg(dev, false, 100, CXL_RC_ABORTED);
}

/* The enable bit as last written decides: a driver that clears it polls. */
static void test_background_quiet(FakeDevice *dev, gconstpointer data)
{
    wr(dev, CXL_MAILBOX_CONTROL, BG_IRQ, 4);
    ring(dev, 0xc000, 0, DOORBELL);
    cxl_bg_tick(&dev->cci.bg);
    g_assert_cmpuint(dev->irq.count, ==, 0);
    check_bg(dev, false, 100, CXL_RC_ABORTED);
}

/* The message of the interrupt is addressed to the doorbell. */
static void ring_again(void *opaque)
{
    FakeDevice *dev = opaque;

    g_assert_cmpuint(dev->irq.count, <, 10);
    wr(dev, CXL_MAILBOX_PAYLOAD, 0xdead, 8);
    wr(dev, CXL_MAILBOX_CONTROL, DOORBELL | DOORBELL_IRQ, 4);
}

static void test_reentrant(FakeDevice *dev, gconstpointer data)
{
    dev->irq.hook = ring_again;
    dev->irq.hook_opaque = dev;
    ring(dev, 0x0300, 0, DOORBELL | DOORBELL_IRQ);
    g_assert_cmpuint(dev->irq.count, ==, 1);
    g_assert_cmpuint(dev->trace.commands, ==, 1);
    g_assert_cmpuint(dev->trace.refused, ==, 2);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD, 8), ==, 0);
    ring(dev, 0x0300, 0, DOORBELL);
    g_assert_cmpuint(dev->trace.commands, ==, 2);
}

static void test_payload_access(FakeDevice *dev, gconstpointer data)
{
    uint8_t want[FAKE_PAYLOAD] = { 0 };

    for (unsigned n = 0; n < 5000; n++) {
        uint32_t at = g_test_rand_int_range(0, FAKE_PAYLOAD);
        unsigned size = g_test_rand_int_range(1, 9);
        unsigned room = MIN(size, FAKE_PAYLOAD - at);
        uint64_t value = (uint64_t)g_test_rand_int() << 32 |
                         (uint32_t)g_test_rand_int();

        wr(dev, CXL_MAILBOX_PAYLOAD + at, value, size);
        cxl_le_put(want + at, room, value);
        g_assert_cmpmem(dev->mailbox.payload, FAKE_PAYLOAD, want,
                        FAKE_PAYLOAD);
        at = g_test_rand_int_range(0, FAKE_PAYLOAD);
        room = MIN(size, FAKE_PAYLOAD - at);
        g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD + at, size), ==,
                        cxl_le_get(want + at, room));
    }
}

static void test_boundary(FakeDevice *dev, gconstpointer data)
{
    uint32_t end = CXL_MAILBOX_PAYLOAD + FAKE_PAYLOAD;

    wr(dev, CXL_MAILBOX_PAYLOAD - 3, 0x1122334455667788, 8);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD, 8), ==, 0x1122334455);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD - 3, 8), ==,
                    0x1122334455000000);
    wr(dev, end - 1, 0xffff, 2);
    wr(dev, end, UINT64_MAX, 8);
    wr(dev, UINT32_MAX, UINT64_MAX, 8);
    g_assert_cmphex(rd(dev, end - 1, 8), ==, 0xff);
    g_assert_cmphex(rd(dev, end, 8), ==, 0);
    g_assert_cmphex(rd(dev, UINT32_MAX, 8), ==, 0);
}

static void test_reset(FakeDevice *dev, gconstpointer data)
{
    wr(dev, CXL_MAILBOX_PAYLOAD, 0xff, 1);
    ring(dev, 0x1234, 0, DOORBELL | BG_IRQ);
    cxl_mailbox_reset(&dev->mailbox, CXL_RESET_HOT);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CONTROL, 4), ==, 0);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_COMMAND, 8), ==, 0);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_STATUS, 8), ==, 0);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD, 8), ==, 0);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CAPS, 4) & 0x1f, ==, 9);
}

/* The doorbell stays set, and the registers as they are, until it goes on. */
static void test_hang(FakeDevice *dev, gconstpointer data)
{
    cxl_mailbox_hang(&dev->mailbox, true);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CONTROL, 4), ==, 0);
    wr(dev, CXL_MAILBOX_COMMAND, command(0x0300, 0), 8);
    wr(dev, CXL_MAILBOX_CONTROL, DOORBELL | DOORBELL_IRQ, 4);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CONTROL, 4), ==,
                    DOORBELL | DOORBELL_IRQ);
    wr(dev, CXL_MAILBOX_CONTROL, 0, 4);
    wr(dev, CXL_MAILBOX_CONTROL, DOORBELL, 4);
    wr(dev, CXL_MAILBOX_COMMAND, command(0xc001, 0), 8);
    wr(dev, CXL_MAILBOX_PAYLOAD, 0x77, 4);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_COMMAND, 8), ==, command(0x0300, 0));
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD, 4), ==, 0);
    g_assert_cmpuint(dev->irq.count, ==, 0);
    g_assert_true(cxl_mailbox_valid(&dev->mailbox));
    cxl_mailbox_hang(&dev->mailbox, false);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CONTROL, 4), ==, DOORBELL_IRQ);
    g_assert_cmpuint(out_length(dev), ==, 8);
    g_assert_cmpuint(dev->irq.count, ==, 1);
    g_assert_cmphex(ring(dev, 0x0300, 0, DOORBELL), ==, 0);
    cxl_mailbox_hang(&dev->mailbox, false);
    g_assert_cmpuint(dev->irq.count, ==, 1);
}

/* A reset forgets the command, and the mailbox works. */
static void test_hang_reset(FakeDevice *dev, gconstpointer data)
{
    cxl_mailbox_hang(&dev->mailbox, true);
    wr(dev, CXL_MAILBOX_COMMAND, command(0xc001, 0), 8);
    wr(dev, CXL_MAILBOX_CONTROL, DOORBELL, 4);
    dev->mailbox.hung = false;
    g_assert_false(cxl_mailbox_valid(&dev->mailbox));
    dev->mailbox.hung = true;
    cxl_mailbox_reset(&dev->mailbox, CXL_RESET_HOT);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_CONTROL, 4), ==, 0);
    g_assert_true(cxl_mailbox_valid(&dev->mailbox));
    g_assert_cmphex(ring(dev, 0x0300, 0, DOORBELL), ==, 0);
    g_assert_cmphex(rd(dev, CXL_MAILBOX_PAYLOAD, 4), ==, 0);
}

#define ADD(name, func) \
    g_test_add("/mailbox/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("caps", test_caps);
    g_test_add_func("/mailbox/payload-sizes", test_payload_sizes);
    ADD("round-trip", test_round_trip);
    ADD("no-doorbell", test_no_doorbell);
    ADD("error", test_error);
    ADD("length", test_length);
    ADD("full-answer", test_full_answer);
    ADD("no-leak", test_no_leak);
    ADD("reserved", test_reserved);
    ADD("doorbell-irq", test_doorbell_irq);
    ADD("background", test_background);
    ADD("background-quiet", test_background_quiet);
    ADD("reentrant", test_reentrant);
    ADD("payload-access", test_payload_access);
    ADD("boundary", test_boundary);
    ADD("reset", test_reset);
    ADD("hang", test_hang);
    ADD("hang-reset", test_hang_reset);
    return g_test_run();
}
