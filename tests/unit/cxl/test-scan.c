/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scan Media: codes, time, results in pages, overflow, events, its end. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"

#define L ((uint64_t)CXL_POISON_LINE)
#define END (4 * GiB)
#define MS 1000000ULL
/* Of all: 16 MiB each */
#define SCAN_MS (END / (16 * MiB))

static void set_up(FakeDevice *dev, gconstpointer data)
{
    /* An answer has room for 14 records. */
    fake_device_init(dev, CXL_CCI_PRIMARY, 256, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    g_assert_true(cxl_poison_valid(&dev->poison));
    g_assert_true(cxl_scan_loaded(&dev->scan, dev->poison.scanning));
    fake_device_finish(dev);
}

static CXLRetCode caps(FakeDevice *dev, uint64_t dpa, uint64_t lines)
{
    CXLWireGetScanCaps in = { cxl_put64(dpa), cxl_put64(lines) };

    return fake_device_send(dev, 0x4303, &in, sizeof(in));
}

static CXLRetCode start(FakeDevice *dev, uint64_t dpa, uint64_t lines,
                        uint8_t flags)
{
    CXLWireScanMedia in = { cxl_put64(dpa), cxl_put64(lines), flags };

    return fake_device_send(dev, 0x4304, &in, sizeof(in));
}

static void pass(FakeDevice *dev, uint64_t ms)
{
    dev->clock.now += ms * MS;
    if (dev->clock.deadline <= dev->clock.now) {
        cxl_bg_tick(&dev->cci.bg);
    }
}

/* Of everything, to its end */
static void scan(FakeDevice *dev, uint8_t flags)
{
    g_assert_cmphex(start(dev, 0, END / L, flags), ==, CXL_RC_BG_STARTED);
    pass(dev, SCAN_MS);
    g_assert_false(cxl_bg_running(&dev->cci.bg));
    g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
}

static void add(FakeDevice *dev, uint64_t line, CXLPoisonSource source)
{
    cxl_poison_add(&dev->poison, line * L, L, source);
}

static void add_many(FakeDevice *dev, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        add(dev, n * 4, CXL_POISON_INTERNAL);
    }
}

static const CXLWireScanResults *results(FakeDevice *dev, unsigned count,
                                         uint8_t flags)
{
    const CXLWireScanResults *out;

    g_assert_cmphex(fake_device_send(dev, 0x4305, NULL, 0), ==, 0);
    out = (void *)dev->out;
    g_assert_cmpuint(dev->out_len, ==, 0x20 + 0x10 * count);
    g_assert_cmpuint(cxl_get16(out->count), ==, count);
    g_assert_cmphex(out->flags, ==, flags);
    return out;
}

static void check_record(FakeDevice *dev, unsigned n, uint64_t address,
                         uint32_t lines)
{
    const CXLWirePoisonRecord *record = (void *)(dev->out + 0x20);

    g_assert_cmphex(cxl_get64(record[n].address), ==, address);
    g_assert_cmpuint(cxl_get32(record[n].length), ==, lines);
}

static uint8_t list_flags(FakeDevice *dev)
{
    CXLWireGetPoisonIn in = { cxl_put64(0), cxl_put64(END / L) };

    g_assert_cmphex(fake_device_send(dev, 0x4300, &in, sizeof(in)), ==, 0);
    return dev->out[0];
}

static void test_codes(FakeDevice *dev, gconstpointer data)
{
    static const struct { uint64_t dpa, lines; CXLRetCode rc; } cases[] = {
        { 1, 1, CXL_RC_INVALID_INPUT }, { END, 1, CXL_RC_INVALID_DPA },
        { 0, END / 64 + 1, CXL_RC_INVALID_DPA },
        { 0, 1ULL << 58, CXL_RC_INVALID_DPA },
        { 64, UINT64_MAX, CXL_RC_INVALID_DPA },
        { END, 0, CXL_RC_SUCCESS }, { 0, END / 64, CXL_RC_SUCCESS },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        CXLRetCode want = cases[i].rc ?: CXL_RC_BG_STARTED;

        g_assert_cmphex(caps(dev, cases[i].dpa, cases[i].lines), ==,
                        cases[i].rc);
        g_assert_cmphex(start(dev, cases[i].dpa, cases[i].lines, 0), ==,
                        want);
        cxl_bg_reset(&dev->cci.bg);
    }
}

static void test_estimate(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(caps(dev, 0, 1), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, "\1\0\0\0", 4);
    g_assert_cmphex(caps(dev, 0, END / L), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, "\0\1\0\0", 4);
    g_assert_cmpuint(cxl_scan_estimate(UINT64_MAX), ==, UINT32_MAX);
}

/* It takes the time that it said, and is seen to run. */
static void test_background(FakeDevice *dev, gconstpointer data)
{
    add(dev, 1, CXL_POISON_INTERNAL);
    g_assert_cmphex(fake_device_send(dev, 0x4305, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED);
    g_assert_cmphex(start(dev, 0, END / L, 0), ==, CXL_RC_BG_STARTED);
    g_assert_cmphex(list_flags(dev), ==, CXL_GET_POISON_SCANNING);
    g_assert_cmphex(start(dev, 0, 1, 0), ==, CXL_RC_BUSY);
    pass(dev, SCAN_MS / 2);
    g_assert_cmpuint(cxl_bg_percent(&dev->cci.bg), ==, 50);
    g_assert_cmphex(fake_device_send(dev, 0x4305, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED);
    pass(dev, SCAN_MS / 2 - 1);
    g_assert_true(cxl_bg_running(&dev->cci.bg));
    pass(dev, 1);
    g_assert_false(cxl_bg_running(&dev->cci.bg));
    g_assert_cmphex(list_flags(dev), ==, 0);
    results(dev, 1, 0);
    check_record(dev, 0, L | CXL_POISON_INTERNAL, 1);
    /* They have been read. */
    results(dev, 0, 0);
}

/* Only what is in the range, clipped to it, with its source */
static void test_range(FakeDevice *dev, gconstpointer data)
{
    cxl_poison_add(&dev->poison, 4 * L, 4 * L, CXL_POISON_EXTERNAL);
    g_assert_true(cxl_poison_inject(&dev->poison, 10 * L));
    add(dev, 20, CXL_POISON_INTERNAL);
    g_assert_cmphex(start(dev, 6 * L, 14, 0), ==, CXL_RC_BG_STARTED);
    pass(dev, 1);
    results(dev, 2, 0);
    check_record(dev, 0, 6 * L | CXL_POISON_EXTERNAL, 2);
    check_record(dev, 1, 10 * L | CXL_POISON_INJECTED, 1);
}

static void test_pages(FakeDevice *dev, gconstpointer data)
{
    add_many(dev, FAKE_POISON + 4);
    scan(dev, 0);
    results(dev, 14, CXL_SCAN_RESULTS_MORE);
    check_record(dev, 13, 13 * 4 * L | CXL_POISON_INTERNAL, 1);
    /* What has been found does not change. */
    cxl_poison_remove(&dev->poison, 0, END);
    results(dev, 6, 0);
    check_record(dev, 0, 14 * 4 * L | CXL_POISON_INTERNAL, 1);
    check_record(dev, 5, 19 * 4 * L | CXL_POISON_INTERNAL, 1);
    results(dev, 0, 0);
}

/* It ends when a scan has found all, and the list has it. */
static void test_overflow(FakeDevice *dev, gconstpointer data)
{
    add_many(dev, FAKE_POISON + 2);
    scan(dev, 0);
    g_assert_true(dev->poison.overflowed);
    /* As many as are listed, but not the same */
    g_assert_cmphex(start(dev, 8 * L, 64, 0), ==, CXL_RC_BG_STARTED);
    pass(dev, 1);
    g_assert_cmpuint(dev->scan.count, ==, dev->poison.count);
    g_assert_true(dev->poison.overflowed);
    cxl_poison_remove(&dev->poison, 0, 5 * L);
    g_assert_cmpuint(dev->poison.count, ==, FAKE_POISON - 2);
    /* Of what is listed already */
    g_assert_cmphex(start(dev, 0, 20, 0), ==, CXL_RC_BG_STARTED);
    pass(dev, 1);
    g_assert_cmpuint(dev->poison.count, ==, FAKE_POISON - 2);
    g_assert_true(dev->poison.overflowed);
    /* Of what is not: then all is listed, but nobody knows. */
    g_assert_cmphex(start(dev, FAKE_POISON * 4 * L, 20, 0), ==,
                    CXL_RC_BG_STARTED);
    pass(dev, 1);
    g_assert_cmpuint(dev->poison.count, ==, FAKE_POISON);
    g_assert_true(dev->poison.overflowed);
    scan(dev, 0);
    g_assert_false(dev->poison.overflowed);
    g_assert_cmphex(list_flags(dev), ==, CXL_GET_POISON_MORE);
}

static void test_events(FakeDevice *dev, gconstpointer data)
{
    const CXLWireGeneralMediaEvent *event;
    const CXLWireEventRecord *record;
    unsigned before;

    cxl_poison_add(&dev->poison, 2 * L, 4 * L, CXL_POISON_INTERNAL);
    cxl_poison_add(&dev->poison, 3 * GiB, L, CXL_POISON_INTERNAL);
    before = dev->events.log[CXL_EVENT_LOG_FAILURE].count;
    scan(dev, CXL_SCAN_NO_EVENTS);
    g_assert_cmpuint(dev->events.log[CXL_EVENT_LOG_FAILURE].count, ==,
                     before);
    cxl_evlog_drop(&dev->events, CXL_EVENT_LOG_FAILURE, before);
    scan(dev, 0);
    g_assert_cmpuint(dev->events.log[CXL_EVENT_LOG_FAILURE].count, ==, 2);
    record = cxl_evlog_peek(&dev->events, CXL_EVENT_LOG_FAILURE, 0);
    g_assert_cmpint(cxl_event_type_of(record->uuid), ==,
                    CXL_EVENT_GENERAL_MEDIA);
    event = (const void *)record->data;
    g_assert_cmphex(cxl_get64(event->address), ==, 2 * L | 1);
    g_assert_cmphex(event->descriptor, ==, 1);
    g_assert_cmphex(event->transaction, ==, 3);
    record = cxl_evlog_peek(&dev->events, CXL_EVENT_LOG_FAILURE, 1);
    event = (const void *)record->data;
    g_assert_cmphex(cxl_get64(event->address), ==, 3 * GiB);
}

/* Stopped on the way: what is below has been scanned, the rest is named. */
static void test_abort(FakeDevice *dev, gconstpointer data)
{
    const CXLWireScanResults *out;

    cxl_poison_add(&dev->poison, 1 * GiB - L, 2 * L, CXL_POISON_INTERNAL);
    cxl_poison_add(&dev->poison, 3 * GiB, L, CXL_POISON_INTERNAL);
    g_assert_cmphex(start(dev, 0, END / L, 0), ==, CXL_RC_BG_STARTED);
    pass(dev, SCAN_MS / 4);
    g_assert_cmphex(cxl_bg_abort(&dev->cci.bg), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(list_flags(dev), ==, 0);
    out = results(dev, 1, CXL_SCAN_RESULTS_STOPPED);
    g_assert_cmphex(cxl_get64(out->restart_dpa), ==, 1 * GiB);
    g_assert_cmphex(cxl_get64(out->restart_length), ==, 3 * GiB / L);
    check_record(dev, 0, (1 * GiB - L) | CXL_POISON_INTERNAL, 1);
    /* And on from there */
    g_assert_cmphex(start(dev, 1 * GiB, 3 * GiB / L, 0), ==,
                    CXL_RC_BG_STARTED);
    pass(dev, SCAN_MS);
    results(dev, 2, 0);
    check_record(dev, 0, 1 * GiB | CXL_POISON_INTERNAL, 1);
}

static void test_reset(FakeDevice *dev, gconstpointer data)
{
    add(dev, 1, CXL_POISON_INTERNAL);
    scan(dev, 0);
    cxl_scan_reset(&dev->scan, CXL_RESET_CXL);
    results(dev, 1, 0);
    for (CXLResetKind kind = CXL_RESET_COLD; kind <= CXL_RESET_HOT; kind++) {
        scan(dev, 0);
        cxl_scan_reset(&dev->scan, kind);
        g_assert_cmphex(fake_device_send(dev, 0x4305, NULL, 0), ==,
                        CXL_RC_UNSUPPORTED);
        /* One that runs ends without a word. */
        g_assert_cmphex(start(dev, 0, END / L, 0), ==, CXL_RC_BG_STARTED);
        pass(dev, SCAN_MS / 2);
        dev->events.log[CXL_EVENT_LOG_FAILURE].count = 0;
        cxl_cci_reset(&dev->cci, kind);
        cxl_scan_reset(&dev->scan, kind);
        g_assert_cmpuint(dev->events.log[CXL_EVENT_LOG_FAILURE].count, ==, 0);
        g_assert_cmphex(list_flags(dev), ==, 0);
        g_assert_cmphex(fake_device_send(dev, 0x4305, NULL, 0), ==,
                        CXL_RC_UNSUPPORTED);
    }
}

/* Each way in which a loaded state can be wrong */
static void test_loaded(FakeDevice *dev, gconstpointer data)
{
    CXLScan good, *scan_state = &dev->scan;

    add_many(dev, 3);
    scan(dev, 0);
    good = *scan_state;
    g_assert_true(cxl_scan_loaded(scan_state, false));
    g_assert_false(cxl_scan_loaded(scan_state, true));
#define BAD(change) \
    do { \
        change; \
        g_assert_false(cxl_scan_loaded(scan_state, false)); \
        *scan_state = good; \
    } while (0)
    BAD(scan_state->dpa = 1);
    BAD(scan_state->dpa = L);
    BAD(scan_state->length = END + L);
    BAD(scan_state->scanned = END + L);
    BAD(scan_state->scanned = 1);
    BAD(scan_state->next = 4);
    BAD(scan_state->count = CXL_SCAN_MAX + 1);
    BAD(scan_state->found[1].dpa = END);
    BAD(scan_state->found[2].source = 4);
    g_assert_true(cxl_scan_loaded(scan_state, false));
}

#define ADD(name, func) \
    g_test_add("/scan/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("codes", test_codes);
    ADD("estimate", test_estimate);
    ADD("background", test_background);
    ADD("range", test_range);
    ADD("pages", test_pages);
    ADD("overflow", test_overflow);
    ADD("events", test_events);
    ADD("abort", test_abort);
    ADD("reset", test_reset);
    ADD("loaded", test_loaded);
    return g_test_run();
}
