/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of poison: what they say, and how many there are. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake.h"
#include "hw/cxl/core/poison_event.h"

#define DEPTH 4

typedef struct Fixture {
    FakeClock clock;
    FakeIrq irq;
    FakeMedia store;
    CXLTimestamp timestamp;
    CXLMediaState media;
    CXLEventLogs logs;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    static const uint8_t vectors[4];
    CXLClock clock = fake_clock(&f->clock);
    CXLMedia store = fake_media(&f->store);
    CXLIrq irq = fake_irq(&f->irq);

    f->store.size = 2 * GiB;
    cxl_timestamp_init(&f->timestamp, &clock);
    cxl_media_init(&f->media, &store, GiB, GiB, 0, GiB);
    cxl_evlog_init(&f->logs, 4, DEPTH, vectors, &f->timestamp, &irq);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    cxl_evlog_finish(&f->logs);
}

static unsigned count(const Fixture *f)
{
    return f->logs.log[CXL_EVENT_LOG_FAILURE].count;
}

static void check_record(const Fixture *f, unsigned n, uint64_t address)
{
    const CXLWireEventRecord *record =
        cxl_evlog_peek(&f->logs, CXL_EVENT_LOG_FAILURE, n);
    const CXLWireGeneralMediaEvent *event = (const void *)record->data;

    g_assert_cmpint(cxl_event_type_of(record->uuid), ==,
                    CXL_EVENT_GENERAL_MEDIA);
    g_assert_cmphex(cxl_get64(event->address), ==, address);
    g_assert_cmphex(event->descriptor, ==, CXL_EVENT_UNCORRECTABLE);
    g_assert_cmpuint(event->transaction, ==, CXL_EVENT_BY_HOST_READ);
    g_assert_cmphex(cxl_get16(event->validity), ==, 0);
}

/* The line, and which kind of memory it is in */
static void test_record(Fixture *f, gconstpointer data)
{
    cxl_poison_event_read(&f->logs, &f->media, GiB - 1);
    cxl_poison_event_read(&f->logs, &f->media, GiB + 77);
    g_assert_cmpuint(count(f), ==, 2);
    check_record(f, 0, (GiB - 64) | CXL_EVENT_PA_VOLATILE);
    check_record(f, 1, GiB + 64);
}

static void test_once(Fixture *f, gconstpointer data)
{
    for (unsigned i = 0; i < 3 * 64; i++) {
        cxl_poison_event_read(&f->logs, &f->media, i);
    }
    g_assert_cmpuint(count(f), ==, 3);
    cxl_evlog_drop(&f->logs, CXL_EVENT_LOG_FAILURE, 1);
    cxl_poison_event_read(&f->logs, &f->media, 64);
    g_assert_cmpuint(count(f), ==, 2);
    cxl_poison_event_read(&f->logs, &f->media, 0);
    g_assert_cmpuint(count(f), ==, 3);
    check_record(f, 2, CXL_EVENT_PA_VOLATILE);
}

static void test_overflow(Fixture *f, gconstpointer data)
{
    for (unsigned i = 0; i <= DEPTH; i++) {
        cxl_poison_event_read(&f->logs, &f->media, i * 64);
    }
    g_assert_cmpuint(count(f), ==, DEPTH);
    g_assert_true(cxl_evlog_overflowed(&f->logs, CXL_EVENT_LOG_FAILURE));
}

#define ADD(name, func) \
    g_test_add("/poison_event/" name, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("record", test_record);
    ADD("once", test_once);
    ADD("overflow", test_overflow);
    return g_test_run();
}
