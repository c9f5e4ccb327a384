/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 0200h, 0201h, 0202h: codes, parts and their order, and what takes time. */
#include "qemu/osdep.h"
#include "fake_device.h"

#define UNIT CXL_FW_UNIT
#define HEADER sizeof(CXLWireTransferFw)
#define SECOND 1000000000ULL

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, 1024, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

/* @offset and @units in units of 128 bytes */
static CXLRetCode transfer(FakeDevice *dev, uint8_t action, uint8_t slot,
                           uint32_t offset, unsigned units)
{
    uint8_t in[1024] = { action, slot };

    cxl_le_put(in + 4, 4, offset);
    memset(in + HEADER, 'a' + offset % 26, units * UNIT);
    return fake_device_send(dev, 0x0201, in, HEADER + units * UNIT);
}

static CXLRetCode activate(FakeDevice *dev, uint8_t action, uint8_t slot)
{
    uint8_t in[] = { action, slot };

    return fake_device_send(dev, 0x0202, in, sizeof(in));
}

/* What runs in background comes to its end: how. */
static CXLRetCode wait_for_it(FakeDevice *dev)
{
    g_assert_true(cxl_bg_running(&dev->cci.bg));
    g_assert_cmpuint(dev->clock.deadline, !=, UINT64_MAX);
    dev->clock.now = dev->clock.deadline;
    cxl_bg_tick(&dev->cci.bg);
    g_assert_false(cxl_bg_running(&dev->cci.bg));
    return dev->cci.bg.rc;
}

static void check_info(FakeDevice *dev, uint8_t slot_info, const char *second)
{
    const CXLWireFwInfo *out;

    g_assert_cmphex(fake_device_send(dev, 0x0200, NULL, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0x50);
    out = (void *)dev->out;
    g_assert_cmpuint(out->slots, ==, FAKE_FW_SLOTS);
    g_assert_cmphex(out->slot_info, ==, slot_info);
    g_assert_cmphex(out->caps, ==, 1);
    g_assert_cmpstr(out->revision[0], ==, "fake-1");
    g_assert_cmpint(strncmp(out->revision[1], second, 16), ==, 0);
    g_assert_cmpint(out->revision[2][0], ==, 0);
    g_assert_cmpint(out->revision[3][0], ==, 0);
}

static void test_full(FakeDevice *dev, gconstpointer data)
{
    check_info(dev, 1, "");
    g_assert_cmphex(transfer(dev, CXL_FW_FULL, 2, 0, 7), ==,
                    CXL_RC_BG_STARTED);
    check_info(dev, 1, "");
    g_assert_cmphex(wait_for_it(dev), ==, CXL_RC_SUCCESS);
    check_info(dev, 1, "aaaaaaaaaaaaaaaa");
    g_assert_cmpuint(dev->firmware.slot[1].size, ==, 7 * UNIT);
    /* Staging takes no time. */
    g_assert_cmphex(activate(dev, 1, 2), ==, CXL_RC_SUCCESS);
    check_info(dev, 2 << 3 | 1, "aaaaaaaaaaaaaaaa");
    cxl_firmware_reset(&dev->firmware, CXL_RESET_COLD);
    check_info(dev, 2, "aaaaaaaaaaaaaaaa");
}

static void test_online(FakeDevice *dev, gconstpointer data)
{
    uint8_t want[16];

    transfer(dev, CXL_FW_FULL, 2, 0, 1);
    wait_for_it(dev);
    g_assert_cmphex(activate(dev, 0, 2), ==, CXL_RC_BG_STARTED);
    check_info(dev, 1, "aaaaaaaaaaaaaaaa");
    g_assert_cmphex(wait_for_it(dev), ==, CXL_RC_SUCCESS);
    check_info(dev, 2, "aaaaaaaaaaaaaaaa");
    /* So does Identify. */
    memset(want, 'a', sizeof(want));
    g_assert_cmphex(fake_device_send(dev, 0x4000, NULL, 0), ==, 0);
    g_assert_cmpmem(dev->out, 16, want, 16);
}

/* The last part may come again; nothing else may. */
static void test_order(FakeDevice *dev, gconstpointer data)
{
    static const struct {
        uint8_t action, slot;
        uint32_t offset;
        unsigned units;
        CXLRetCode rc;
    } steps[] = {
        { CXL_FW_CONTINUE, 0, 0, 1, CXL_RC_INVALID_INPUT },
        { CXL_FW_END, 2, 0, 1, CXL_RC_INVALID_INPUT },
        { CXL_FW_ABORT, 0, 0, 0, CXL_RC_SUCCESS },
        { CXL_FW_INITIATE, 0, 1, 1, CXL_RC_INVALID_INPUT },
        { CXL_FW_FULL, 2, 1, 1, CXL_RC_INVALID_INPUT },
        { CXL_FW_INITIATE, 0, 0, 3, CXL_RC_SUCCESS },
        { CXL_FW_INITIATE, 0, 0, 3, CXL_RC_FW_TRANSFER_IN_PROGRESS },
        { CXL_FW_FULL, 2, 0, 1, CXL_RC_FW_TRANSFER_IN_PROGRESS },
        { CXL_FW_CONTINUE, 0, 4, 1, CXL_RC_FW_OUT_OF_ORDER },
        { CXL_FW_CONTINUE, 0, 2, 1, CXL_RC_FW_OUT_OF_ORDER },
        { CXL_FW_CONTINUE, 0, UINT32_MAX, 7, CXL_RC_FW_OUT_OF_ORDER },
        { CXL_FW_CONTINUE, 0, 0, 2, CXL_RC_FW_OUT_OF_ORDER },
        { CXL_FW_CONTINUE, 0, 0, 3, CXL_RC_SUCCESS },
        { CXL_FW_CONTINUE, 0, 3, 2, CXL_RC_SUCCESS },
        { CXL_FW_CONTINUE, 0, 3, 2, CXL_RC_SUCCESS },
        { CXL_FW_CONTINUE, 0, 0, 3, CXL_RC_FW_OUT_OF_ORDER },
        { CXL_FW_CONTINUE, 0, 3, 1, CXL_RC_FW_OUT_OF_ORDER },
        { CXL_FW_END, 1, 5, 1, CXL_RC_INVALID_SLOT },
        { CXL_FW_END, 0, 5, 1, CXL_RC_INVALID_SLOT },
        { CXL_FW_END, FAKE_FW_SLOTS + 1, 5, 1, CXL_RC_INVALID_SLOT },
        { CXL_FW_END, 2, 6, 1, CXL_RC_FW_OUT_OF_ORDER },
        { CXL_FW_END, 2, 5, 1, CXL_RC_BG_STARTED },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
        g_test_message("step %u", i);
        g_assert_cmphex(transfer(dev, steps[i].action, steps[i].slot,
                                 steps[i].offset, steps[i].units), ==,
                        steps[i].rc);
    }
    g_assert_cmphex(transfer(dev, CXL_FW_INITIATE, 0, 0, 1), ==, CXL_RC_BUSY);
    g_assert_cmphex(wait_for_it(dev), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(dev->firmware.slot[1].size, ==, 6 * UNIT);
    g_assert_cmphex(transfer(dev, CXL_FW_CONTINUE, 0, 6, 1), ==,
                    CXL_RC_INVALID_INPUT);
}

static void test_lengths(FakeDevice *dev, gconstpointer data)
{
    uint8_t in[1024] = { 0 };

    for (uint8_t action = 0; action < 8; action++) {
        for (unsigned more = 0; more <= 4 * UNIT; more++) {
            bool may = more % UNIT == 0 && action <= CXL_FW_ABORT &&
                       (more || action >= CXL_FW_END);
            bool open = action == CXL_FW_CONTINUE || action == CXL_FW_END;
            CXLRetCode rc;

            cxl_firmware_reset(&dev->firmware, CXL_RESET_HOT);
            cxl_cci_reset(&dev->cci, CXL_RESET_HOT);
            if (open) {
                transfer(dev, CXL_FW_INITIATE, 0, 0, 1);
            }
            in[0] = action;
            in[1] = 2;
            in[4] = open;
            rc = fake_device_send(dev, 0x0201, in, HEADER + more);
            g_assert_true((rc != CXL_RC_INVALID_INPUT) == may);
        }
    }
}

static void test_slots(FakeDevice *dev, gconstpointer data)
{
    for (unsigned slot = 0; slot < 256; slot++) {
        bool may = slot >= 2 && slot <= FAKE_FW_SLOTS;

        g_assert_cmphex(activate(dev, 1, slot), ==, CXL_RC_INVALID_SLOT);
        g_assert_cmphex(activate(dev, 0, slot), ==, CXL_RC_INVALID_SLOT);
        g_assert_cmphex(transfer(dev, CXL_FW_FULL, slot, 0, 1), ==,
                        may ? CXL_RC_BG_STARTED : CXL_RC_INVALID_SLOT);
        if (may) {
            wait_for_it(dev);
            g_assert_cmphex(activate(dev, 1, slot), ==, CXL_RC_SUCCESS);
        }
    }
    g_assert_cmphex(activate(dev, 2, 2), ==, CXL_RC_INVALID_INPUT);
}

/* 30 seconds after the last part nobody waits any longer. */
static void test_timeout(FakeDevice *dev, gconstpointer data)
{
    transfer(dev, CXL_FW_INITIATE, 0, 0, 1);
    dev->clock.now += 30 * SECOND;
    g_assert_cmphex(transfer(dev, CXL_FW_CONTINUE, 0, 1, 1), ==, 0);
    dev->clock.now += 30 * SECOND;
    g_assert_cmphex(transfer(dev, CXL_FW_CONTINUE, 0, 2, 1), ==, 0);
    dev->clock.now += 30 * SECOND + 1;
    g_assert_cmphex(transfer(dev, CXL_FW_CONTINUE, 0, 3, 1), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(transfer(dev, CXL_FW_INITIATE, 0, 0, 1), ==, 0);
    dev->clock.now += 31 * SECOND;
    g_assert_cmphex(transfer(dev, CXL_FW_INITIATE, 0, 0, 1), ==, 0);
}

static void test_abort(FakeDevice *dev, gconstpointer data)
{
    transfer(dev, CXL_FW_INITIATE, 0, 0, 1);
    g_assert_cmphex(transfer(dev, CXL_FW_ABORT, 0, 0, 0), ==, 0);
    g_assert_cmphex(transfer(dev, CXL_FW_CONTINUE, 0, 1, 1), ==,
                    CXL_RC_INVALID_INPUT);
    /* While it is checked, abort is that of what runs in background. */
    transfer(dev, CXL_FW_FULL, 2, 0, 1);
    g_assert_cmphex(transfer(dev, CXL_FW_ABORT, 0, 0, 0), ==, CXL_RC_BUSY);
    g_assert_cmphex(fake_device_send(dev, 0x0005, NULL, 0), ==, 0);
    g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_ABORTED);
    check_info(dev, 1, "");
    g_assert_cmphex(activate(dev, 1, 2), ==, CXL_RC_INVALID_SLOT);
    transfer(dev, CXL_FW_FULL, 2, 0, 1);
    cxl_cci_reset(&dev->cci, CXL_RESET_HOT);
    check_info(dev, 1, "");
    transfer(dev, CXL_FW_FULL, 2, 0, 1);
    g_assert_cmphex(wait_for_it(dev), ==, 0);
}

/* Another CCI of the device finds the same firmware at work. */
static void test_other_cci(FakeDevice *dev, gconstpointer data)
{
    CXLClock clock = fake_clock(&dev->clock);
    uint8_t in[HEADER + UNIT] = { CXL_FW_INITIATE };
    size_t len;
    CXLCci other;

    cxl_cci_init(&other, CXL_CCI_MCTP, 512, &clock);
    cxl_cci_attach(&other, &cxl_cmdset_firmware, &dev->firmware);
    transfer(dev, CXL_FW_INITIATE, 0, 0, 1);
    g_assert_cmphex(cxl_cci_run(&other, 0x0201, in, sizeof(in), NULL, 0,
                                &len), ==, CXL_RC_FW_TRANSFER_IN_PROGRESS);
    transfer(dev, CXL_FW_END, 2, 1, 0);
    g_assert_cmphex(cxl_cci_run(&other, 0x0201, in, sizeof(in), NULL, 0,
                                &len), ==, CXL_RC_BUSY);
    g_assert_cmphex(cxl_cci_run(&other, 0x0202, "\1\2", 2, NULL, 0, &len), ==,
                    CXL_RC_BUSY);
    wait_for_it(dev);
    g_assert_cmphex(cxl_cci_run(&other, 0x0202, "\1\2", 2, NULL, 0, &len), ==,
                    CXL_RC_SUCCESS);
    cxl_cci_finish(&other);
}

/* Longer images take longer, but not for ever. */
static void test_durations(FakeDevice *dev, gconstpointer data)
{
    static const struct { uint64_t mib, ms; } cases[] = {
        { 0, 100 }, { 1, 100 }, { 20, 2000 }, { 1024, 10000 },
        { 512 * 1024, 10000 },
    };

    dev->firmware.job = CXL_FW_JOB_VERIFY;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        dev->firmware.sum.length = cases[i].mib << 20;
        g_assert_cmpuint(cxl_firmware_job_time(&dev->firmware) / 1000000, ==,
                         cases[i].ms);
    }
}

#define ADD(name, func) \
    g_test_add("/cmd/firmware/" name, FakeDevice, NULL, set_up, func, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("full", test_full);
    ADD("online", test_online);
    ADD("order", test_order);
    ADD("lengths", test_lengths);
    ADD("slots", test_slots);
    ADD("timeout", test_timeout);
    ADD("abort", test_abort);
    ADD("other-cci", test_other_cci);
    ADD("durations", test_durations);
    return g_test_run();
}
