/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event logs: order, handles, overflow, interrupts, resets. */
#include "qemu/osdep.h"
#include "fake_device.h"

#define INFO CXL_EVENT_LOG_INFO
#define FATAL CXL_EVENT_LOG_FATAL
#define DC CXL_EVENT_LOG_DYNAMIC_CAPACITY

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 5);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static unsigned handle(FakeDevice *dev, CXLEventLogId id, uint32_t n)
{
    const CXLWireEventRecord *r = cxl_evlog_peek(&dev->events, id, n);

    return r ? cxl_get16(r->handle) : 0;
}

static void test_fill_in(FakeDevice *dev, gconstpointer data)
{
    CXLWireEventRecord record = {
        .uuid = { 1, 2, 3 }, .length = 99, .flags = cxl_put24(0x1f5),
        .handle = cxl_put16(77), .timestamp = cxl_put64(5),
        .data = { 9 },
    };
    const CXLWireEventRecord *r;

    cxl_timestamp_set(&dev->timestamp, 1000);
    g_assert_true(cxl_evlog_add(&dev->events, CXL_EVENT_LOG_FAILURE,
                                &record));
    r = cxl_evlog_peek(&dev->events, CXL_EVENT_LOG_FAILURE, 0);
    g_assert_cmpuint(r->length, ==, 0x80);
    g_assert_cmphex(cxl_get24(r->flags), ==, 0x1f6);
    g_assert_cmpuint(cxl_get16(r->handle), ==, 1);
    g_assert_cmpuint(cxl_get64(r->timestamp), ==, 1000);
    g_assert_cmpmem(r->uuid, 16, record.uuid, 16);
    g_assert_cmpuint(r->data[0], ==, 9);
}

static void test_severity(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t want[] = { 0, 1, 2, 3, 0 };

    for (unsigned id = 0; id < 5; id++) {
        fake_device_log(dev, id, 1);
        g_assert_cmphex(cxl_get24(cxl_evlog_peek(&dev->events, id,
                                                 0)->flags), ==, want[id]);
    }
}

static void test_never_set(FakeDevice *dev, gconstpointer data)
{
    dev->clock.now = 123456;
    fake_device_log(dev, INFO, 1);
    g_assert_cmpuint(cxl_get64(cxl_evlog_peek(&dev->events, INFO,
                                              0)->timestamp), ==, 0);
}

static void test_order(FakeDevice *dev, gconstpointer data)
{
    for (unsigned round = 0; round < 10; round++) {
        fake_device_log(dev, INFO, 3);
        g_assert_cmpuint(handle(dev, INFO, 0), ==, round * 3 + 1);
        g_assert_cmpuint(handle(dev, INFO, 2), ==, round * 3 + 3);
        g_assert_null(cxl_evlog_peek(&dev->events, INFO, 3));
        cxl_evlog_drop(&dev->events, INFO, 1);
        g_assert_cmpuint(handle(dev, INFO, 0), ==, round * 3 + 2);
        cxl_evlog_drop(&dev->events, INFO, 99);
        g_assert_null(cxl_evlog_peek(&dev->events, INFO, 0));
    }
}

static void test_handle_wraps(FakeDevice *dev, gconstpointer data)
{
    dev->events.log[INFO].next_handle = 0xffff;
    fake_device_log(dev, INFO, 2);
    g_assert_cmphex(handle(dev, INFO, 0), ==, 0xffff);
    g_assert_cmphex(handle(dev, INFO, 1), ==, 1);
}

static void test_overflow(FakeDevice *dev, gconstpointer data)
{
    CXLWireEventRecord record = { 0 };
    CXLEventLog *log = &dev->events.log[FATAL];

    cxl_timestamp_set(&dev->timestamp, 1000);
    fake_device_log(dev, FATAL, FAKE_EVENT_DEPTH);
    g_assert_false(cxl_evlog_overflowed(&dev->events, FATAL));
    dev->clock.now = 10;
    g_assert_false(cxl_evlog_add(&dev->events, FATAL, &record));
    dev->clock.now = 20;
    g_assert_false(cxl_evlog_add(&dev->events, FATAL, &record));
    g_assert_true(cxl_evlog_overflowed(&dev->events, FATAL));
    g_assert_cmpuint(log->overflow_count, ==, 2);
    g_assert_cmpuint(log->overflow_first, ==, 1010);
    g_assert_cmpuint(log->overflow_last, ==, 1020);
    g_assert_cmpuint(handle(dev, FATAL, 0), ==, 1);
    g_assert_cmpuint(handle(dev, FATAL, 3), ==, 4);
    g_assert_false(cxl_evlog_overflowed(&dev->events, INFO));
}

static void test_overflow_ends(FakeDevice *dev, gconstpointer data)
{
    CXLEventLog *log = &dev->events.log[FATAL];

    fake_device_log(dev, FATAL, FAKE_EVENT_DEPTH + 1);
    cxl_evlog_drop(&dev->events, FATAL, 0);
    g_assert_true(cxl_evlog_overflowed(&dev->events, FATAL));
    cxl_evlog_drop(&dev->events, FATAL, 1);
    g_assert_false(cxl_evlog_overflowed(&dev->events, FATAL));
    g_assert_cmpuint(log->overflow_first + log->overflow_last, ==, 0);
    fake_device_log(dev, FATAL, 1);
    g_assert_cmpuint(handle(dev, FATAL, 3), ==, 5);
}

static void test_overflow_saturates(FakeDevice *dev, gconstpointer data)
{
    fake_device_log(dev, INFO, FAKE_EVENT_DEPTH);
    dev->events.log[INFO].overflow_count = 0xfffe;
    fake_device_log(dev, INFO, 3);
    g_assert_cmphex(dev->events.log[INFO].overflow_count, ==, 0xffff);
}

static void test_interrupt(FakeDevice *dev, gconstpointer data)
{
    fake_device_log(dev, FATAL, 1);
    g_assert_cmpuint(dev->irq.count, ==, 0);
    cxl_evlog_drop(&dev->events, FATAL, 1);
    dev->events.log[FATAL].policy = CXL_EVENT_MODE_FIRMWARE;
    fake_device_log(dev, FATAL, 1);
    g_assert_cmpuint(dev->irq.count, ==, 0);
    cxl_evlog_drop(&dev->events, FATAL, 1);
    dev->events.log[FATAL].policy = CXL_EVENT_MODE_MSI;
    fake_device_log(dev, FATAL, FAKE_EVENT_DEPTH + 2);
    g_assert_cmpuint(dev->irq.count, ==, 1);
    g_assert_cmpuint(dev->irq.vector, ==, 5);
    cxl_evlog_drop(&dev->events, FATAL, 1);
    fake_device_log(dev, FATAL, 1);
    g_assert_cmpuint(dev->irq.count, ==, 1);
    cxl_evlog_drop(&dev->events, FATAL, 4);
    fake_device_log(dev, FATAL, 1);
    g_assert_cmpuint(dev->irq.count, ==, 2);
}

static void test_status(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(cxl_evlog_status(&dev->events), ==, 0);
    fake_device_log(dev, INFO, 1);
    fake_device_log(dev, DC, 2);
    g_assert_cmphex(cxl_evlog_status(&dev->events), ==, 0x11);
    cxl_evlog_drop(&dev->events, INFO, 1);
    cxl_evlog_drop(&dev->events, DC, 1);
    g_assert_cmphex(cxl_evlog_status(&dev->events), ==, 0x10);
}

static void test_no_such_log(FakeDevice *dev, gconstpointer data)
{
    CXLWireEventRecord record = { 0 };

    fake_device_finish(dev);
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
    g_assert_false(cxl_evlog_add(&dev->events, DC, &record));
    g_assert_false(cxl_evlog_add(&dev->events, CXL_EVENT_LOGS, &record));
    g_assert_null(cxl_evlog_peek(&dev->events, DC, 0));
    g_assert_false(cxl_evlog_overflowed(&dev->events, DC));
    cxl_evlog_drop(&dev->events, CXL_EVENT_LOGS, 1);
    g_assert_cmphex(cxl_evlog_status(&dev->events), ==, 0);
}

static void test_reset_cold(FakeDevice *dev, gconstpointer data)
{
    fake_device_log(dev, INFO, FAKE_EVENT_DEPTH + 1);
    dev->events.log[INFO].policy = CXL_EVENT_MODE_MSI;
    cxl_evlog_reset(&dev->events, CXL_RESET_COLD);
    g_assert_cmphex(cxl_evlog_status(&dev->events), ==, 0);
    g_assert_false(cxl_evlog_overflowed(&dev->events, INFO));
    g_assert_cmphex(dev->events.log[INFO].policy, ==, 0);
    fake_device_log(dev, INFO, 1);
    g_assert_cmpuint(handle(dev, INFO, 0), ==, 1);
}

static void test_reset_warm(FakeDevice *dev, gconstpointer data)
{
    fake_device_log(dev, INFO, 2);
    dev->events.log[INFO].policy = CXL_EVENT_MODE_MSI;
    cxl_evlog_reset(&dev->events, CXL_RESET_CXL);
    g_assert_cmphex(dev->events.log[INFO].policy, ==, CXL_EVENT_MODE_MSI);
    cxl_evlog_reset(&dev->events, CXL_RESET_HOT);
    g_assert_cmphex(dev->events.log[INFO].policy, ==, 0);
    g_assert_cmpuint(handle(dev, INFO, 1), ==, 2);
}

static void test_valid(FakeDevice *dev, gconstpointer data)
{
    CXLEventLog *log = &dev->events.log[DC];

    fake_device_log(dev, DC, FAKE_EVENT_DEPTH);
    g_assert_true(cxl_evlog_valid(&dev->events));
    log->count++;
    g_assert_false(cxl_evlog_valid(&dev->events));
    log->count = 0;
    log->head = FAKE_EVENT_DEPTH;
    g_assert_false(cxl_evlog_valid(&dev->events));
    log->head = 0;
    log->next_handle = 0;
    g_assert_false(cxl_evlog_valid(&dev->events));
}

#define ADD(name, func) \
    g_test_add("/evlog/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("fill-in", test_fill_in);
    ADD("severity", test_severity);
    ADD("never-set", test_never_set);
    ADD("order", test_order);
    ADD("handle-wraps", test_handle_wraps);
    ADD("overflow", test_overflow);
    ADD("overflow-ends", test_overflow_ends);
    ADD("overflow-saturates", test_overflow_saturates);
    ADD("interrupt", test_interrupt);
    ADD("status", test_status);
    ADD("no-such-log", test_no_such_log);
    ADD("reset-cold", test_reset_cold);
    ADD("reset-warm", test_reset_warm);
    ADD("valid", test_valid);
    return g_test_run();
}
