/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 0100h to 0103h. */
#include "qemu/osdep.h"
#include "fake_device.h"
#include "hw/cxl/spec/cmd_events.h"

#define INFO CXL_EVENT_LOG_INFO
#define FATAL CXL_EVENT_LOG_FATAL

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 5);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static CXLRetCode get(FakeDevice *dev, uint8_t log)
{
    return fake_device_send(dev, 0x0100, &log, 1);
}

static const CXLWireGetEventsOut *answer(FakeDevice *dev)
{
    return (void *)dev->out;
}

static unsigned handle(FakeDevice *dev, unsigned n)
{
    const CXLWireEventRecord *record = (void *)(answer(dev) + 1);

    return cxl_get16(record[n].handle);
}

/* Clear handles from @first on; @size bytes are sent in place of 6 + 2n. */
static CXLRetCode clear(FakeDevice *dev, uint8_t log, uint8_t flags,
                        uint8_t count, uint16_t first, int more)
{
    uint8_t in[6 + 2 * 256] = { log, flags, count };

    for (unsigned i = 0; i < count; i++) {
        cxl_le_put(in + 6 + 2 * i, 2, first + i);
    }
    return fake_device_send(dev, 0x0101, in, 6 + 2 * count + more);
}

static void test_get_empty(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t want[0x20];

    for (unsigned log = 0; log < 5; log++) {
        g_assert_cmphex(get(dev, log), ==, CXL_RC_SUCCESS);
        g_assert_cmpmem(dev->out, dev->out_len, want, sizeof(want));
    }
    g_assert_cmphex(get(dev, 5), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get(dev, 0xff), ==, CXL_RC_INVALID_INPUT);
    dev->events.count = 4;
    g_assert_cmphex(get(dev, 4), ==, CXL_RC_INVALID_INPUT);
    dev->events.count = 5;
}

/* 512 bytes hold three records. */
static void test_get_more(FakeDevice *dev, gconstpointer data)
{
    fake_device_log(dev, INFO, 3);
    get(dev, INFO);
    g_assert_cmphex(answer(dev)->flags, ==, 0);
    g_assert_cmpuint(cxl_get16(answer(dev)->record_count), ==, 3);
    g_assert_cmpuint(dev->out_len, ==, 0x20 + 3 * 0x80);
    fake_device_log(dev, INFO, 1);
    get(dev, INFO);
    g_assert_cmphex(answer(dev)->flags, ==, CXL_GET_EVENTS_MORE);
    g_assert_cmpuint(cxl_get16(answer(dev)->record_count), ==, 3);
    g_assert_cmpuint(handle(dev, 0), ==, 1);
    g_assert_cmpuint(handle(dev, 2), ==, 3);
    get(dev, FATAL);
    g_assert_cmpuint(cxl_get16(answer(dev)->record_count), ==, 0);
}

static void test_get_overflow(FakeDevice *dev, gconstpointer data)
{
    cxl_timestamp_set(&dev->timestamp, 100);
    fake_device_log(dev, INFO, FAKE_EVENT_DEPTH + 1);
    dev->clock.now = 11;
    fake_device_log(dev, INFO, 1);
    get(dev, INFO);
    g_assert_cmphex(answer(dev)->flags, ==,
                    CXL_GET_EVENTS_MORE | CXL_GET_EVENTS_OVERFLOW);
    g_assert_cmpuint(cxl_get16(answer(dev)->overflow_count), ==, 2);
    g_assert_cmpuint(cxl_get64(answer(dev)->overflow_first), ==, 100);
    g_assert_cmpuint(cxl_get64(answer(dev)->overflow_last), ==, 111);
}

static void test_clear_in_order(FakeDevice *dev, gconstpointer data)
{
    fake_device_log(dev, INFO, 4);
    g_assert_cmphex(clear(dev, INFO, 0, 2, 1, 0), ==, CXL_RC_SUCCESS);
    get(dev, INFO);
    g_assert_cmpuint(cxl_get16(answer(dev)->record_count), ==, 2);
    g_assert_cmpuint(handle(dev, 0), ==, 3);
    g_assert_cmphex(clear(dev, INFO, 0, 0, 0, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(clear(dev, INFO, 0, 2, 3, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(cxl_evlog_status(&dev->events), ==, 0);
}

static void test_clear_bad_handle(FakeDevice *dev, gconstpointer data)
{
    static const struct { uint8_t count; uint16_t first; } cases[] = {
        { 1, 0 },       /* never valid */
        { 1, 2 },       /* not the oldest */
        { 2, 2 }, { 4, 1 },                     /* more than there are */
        { 253, 1 },     /* as many as 512 bytes take */
    };

    fake_device_log(dev, INFO, 3);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_assert_cmphex(clear(dev, INFO, 0, cases[i].count, cases[i].first,
                              0), ==, CXL_RC_INVALID_HANDLE);
        g_assert_cmpuint(dev->events.log[INFO].count, ==, 3);
    }
    g_assert_cmphex(clear(dev, FATAL, 0, 1, 1, 0), ==,
                    CXL_RC_INVALID_HANDLE);
}

static void test_clear_length(FakeDevice *dev, gconstpointer data)
{
    fake_device_log(dev, INFO, 2);
    g_assert_cmphex(clear(dev, INFO, 0, 2, 1, -1), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(clear(dev, INFO, 0, 2, 1, 1), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(clear(dev, INFO, 0, 2, 1, -4), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(clear(dev, INFO, 0, 0, 1, -1), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(clear(dev, INFO, 0, 254, 1, 0), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmpuint(dev->events.log[INFO].count, ==, 2);
    g_assert_cmphex(clear(dev, 5, 0, 0, 0, 0), ==, CXL_RC_INVALID_INPUT);
}

static void test_clear_all(FakeDevice *dev, gconstpointer data)
{
    fake_device_log(dev, INFO, FAKE_EVENT_DEPTH);
    g_assert_cmphex(clear(dev, INFO, CXL_CLEAR_EVENTS_ALL, 0, 0, 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(dev->events.log[INFO].count, ==, FAKE_EVENT_DEPTH);
    fake_device_log(dev, INFO, 1);
    g_assert_cmphex(clear(dev, INFO, CXL_CLEAR_EVENTS_ALL, 0, 0, 0), ==,
                    CXL_RC_SUCCESS);
    get(dev, INFO);
    g_assert_cmphex(answer(dev)->flags, ==, 0);
    g_assert_cmpuint(cxl_get16(answer(dev)->record_count), ==, 0);
    g_assert_cmphex(clear(dev, 9, CXL_CLEAR_EVENTS_ALL, 0, 0, 0), ==,
                    CXL_RC_INVALID_INPUT);
}

static void test_policy(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t in[] = { 0x01, 0xf0, 0x52, 0x0d, 0x01 };
    static const uint8_t want[] = { 0x21, 0x00, 0x52, 0x51, 0x61 };

    g_assert_cmphex(fake_device_send(dev, 0x0102, NULL, 0), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, "\0\0\0\0\0", 5);
    g_assert_cmphex(fake_device_send(dev, 0x0103, in, 5), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0);
    g_assert_cmphex(fake_device_send(dev, 0x0102, NULL, 0), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, want, 5);
    fake_device_log(dev, CXL_EVENT_LOG_FATAL, 1);
    g_assert_cmpuint(dev->irq.vector, ==, 5);
}

static void test_policy_four(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t in[] = { 1, 1, 1, 1, 0 };

    dev->events.log[4].policy = 1;
    g_assert_cmphex(fake_device_send(dev, 0x0103, in, 4), ==, 0);
    g_assert_cmphex(dev->events.log[4].policy, ==, 1);
    dev->events.count = 4;
    g_assert_cmphex(fake_device_send(dev, 0x0103, in, 5), ==, 0);
    g_assert_cmphex(fake_device_send(dev, 0x0102, NULL, 0), ==, 0);
    dev->events.count = 5;
    g_assert_cmpmem(dev->out, dev->out_len, "\x21\x31\x41\x51", 4);
    g_assert_cmphex(dev->events.log[4].policy, ==, 1);
    g_assert_cmphex(fake_device_send(dev, 0x0103, in, 3), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
}

/* All or nothing. */
static void test_policy_refused(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t reserved[] = { 1, 1, 1, 3 };
    static const uint8_t dc_firmware[] = { 1, 1, 1, 1, 2 };

    g_assert_cmphex(fake_device_send(dev, 0x0103, reserved, 4), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(fake_device_send(dev, 0x0103, dc_firmware, 5), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(fake_device_send(dev, 0x0102, NULL, 0), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, "\0\0\0\0\0", 5);
}

static uint16_t mctp_policy(FakeDevice *dev)
{
    g_assert_cmphex(fake_device_send(dev, 0x0104, NULL, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 2);
    return cxl_le_get(dev->out, 2);
}

static CXLRetCode set_mctp_policy(FakeDevice *dev, uint16_t events)
{
    uint8_t in[2] = { events, events >> 8 };

    return fake_device_send(dev, 0x0105, in, 2);
}

/* Over MCTP alone; a bit for each log there is, and one for background. */
static void test_mctp_policy(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(set_mctp_policy(dev, 1), ==, CXL_RC_UNSUPPORTED_CCI);
    dev->cci.kind = CXL_CCI_MCTP;
    g_assert_cmphex(mctp_policy(dev), ==, 0);
    g_assert_cmphex(set_mctp_policy(dev, 0x801f), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0);
    g_assert_cmphex(mctp_policy(dev), ==, 0x801f);
    g_assert_cmphex(set_mctp_policy(dev, 0x0020), ==, CXL_RC_INVALID_INPUT);
    dev->events.count = 4;
    g_assert_cmphex(set_mctp_policy(dev, 0x0010), ==, CXL_RC_INVALID_INPUT);
    dev->events.count = 5;
    g_assert_cmphex(mctp_policy(dev), ==, 0x801f);
    cxl_evlog_reset(&dev->events, CXL_RESET_CXL);
    g_assert_cmphex(mctp_policy(dev), ==, 0x801f);
    cxl_evlog_reset(&dev->events, CXL_RESET_HOT);
    g_assert_cmphex(mctp_policy(dev), ==, 0);
    g_assert_cmphex(fake_device_send(dev, 0x0106, "\1", 2), ==, 0);
    g_assert_cmphex(mctp_policy(dev), ==, 0);
}

#define ADD(name, func) \
    g_test_add("/cmd/events/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("get-empty", test_get_empty);
    ADD("get-more", test_get_more);
    ADD("get-overflow", test_get_overflow);
    ADD("clear-in-order", test_clear_in_order);
    ADD("clear-bad-handle", test_clear_bad_handle);
    ADD("clear-length", test_clear_length);
    ADD("clear-all", test_clear_all);
    ADD("policy", test_policy);
    ADD("policy-four", test_policy_four);
    ADD("policy-refused", test_policy_refused);
    ADD("mctp-policy", test_mctp_policy);
    return g_test_run();
}
