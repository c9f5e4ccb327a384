/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 4400h, 4401h, 4402h: what goes, when, and what a stop leaves behind. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"

#define TOTAL (4 * GiB)
#define SECOND 1000000000ULL
#define PIECE GiB

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, 2048, 5);
    dev->store.piece = PIECE;
    dev->sanitize.sanitize_time = 10 * SECOND;
    dev->sanitize.erase_time = 4 * SECOND;
    memset(dev->store.bytes, 0xaa, FAKE_HELD);
    memset(dev->label_store.bytes, 0xbb, FAKE_LSA);
    fake_device_log(dev, CXL_EVENT_LOG_FATAL, FAKE_EVENT_DEPTH + 1);
    fake_device_log(dev, CXL_EVENT_LOG_DYNAMIC_CAPACITY, 1);
    cxl_poison_add(&dev->poison, 0x40, 0x40, CXL_POISON_INTERNAL);
    cxl_poison_add(&dev->poison, TOTAL - 0x40, 0x40, CXL_POISON_INTERNAL);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static CXLRetCode send(FakeDevice *dev, uint16_t opcode)
{
    return fake_device_send(dev, opcode, NULL, 0);
}

static CXLRetCode send_ranges(FakeDevice *dev, uint8_t subclass,
                              const CXLWireMediaRange *range, unsigned n)
{
    size_t len = 8 + n * sizeof(*range);
    g_autofree uint8_t *in = g_malloc0(len);

    in[0] = 1;
    in[1] = subclass;
    cxl_le_put(in + 4, 4, n);
    if (n) {
        memcpy(in + 8, range, n * sizeof(*range));
    }
    return fake_device_send(dev, 0x4402, in, len);
}

static CXLRetCode send_range(FakeDevice *dev, uint64_t dpa, uint64_t length)
{
    CXLWireMediaRange range = { cxl_put64(dpa), cxl_put64(length) };

    return send_ranges(dev, 0, &range, 1);
}

/* Follow the clock's deadlines to the end of the operation, or to @until. */
static void run_until(FakeDevice *dev, uint64_t until)
{
    while (cxl_bg_running(&dev->cci.bg) && dev->clock.deadline <= until) {
        dev->clock.now = dev->clock.deadline;
        cxl_bg_tick(&dev->cci.bg);
    }
    dev->clock.now = MAX(dev->clock.now, until);
}

static void run(FakeDevice *dev)
{
    while (cxl_bg_running(&dev->cci.bg)) {
        run_until(dev, dev->clock.deadline);
    }
}

static bool all(const uint8_t *bytes, size_t len, uint8_t byte)
{
    while (len && bytes[len - 1] == byte) {
        len--;
    }
    return !len;
}

static unsigned events(FakeDevice *dev)
{
    return cxl_evlog_status(&dev->events);
}

/* Everything that Sanitize has to make go has gone, or nothing has. */
static void check_all(FakeDevice *dev, bool gone)
{
    g_assert_true(all(dev->store.bytes, FAKE_HELD, gone ? 0 : 0xaa));
    g_assert_true(all(dev->label_store.bytes, FAKE_LSA, gone ? 0 : 0xbb));
    g_assert_cmphex(events(dev), ==, gone ? 0 : 0x18);
    g_assert_cmpuint(dev->poison.count, ==, gone ? 0 : 2);
}

static void test_sanitize(FakeDevice *dev, gconstpointer data)
{
    dev->poison.overflowed = true;
    check_all(dev, false);
    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_BG_STARTED);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_DISABLED);
    run_until(dev, 5 * SECOND);
    g_assert_cmpuint(cxl_bg_percent(&dev->cci.bg), ==, 50);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_DISABLED);
    run(dev);
    g_assert_cmpuint(dev->clock.now, ==, 10 * SECOND);
    g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_READY);
    check_all(dev, true);
    g_assert_false(dev->poison.overflowed);
}

static void test_secure_erase(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(send(dev, 0x4401), ==, CXL_RC_BG_STARTED);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_DISABLED);
    run(dev);
    g_assert_cmpuint(dev->clock.now, ==, 4 * SECOND);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_READY);
    g_assert_true(all(dev->store.bytes, FAKE_HELD, 0));
    g_assert_true(all(dev->label_store.bytes, FAKE_LSA, 0xbb));
    g_assert_cmphex(events(dev), ==, 0x18);
    g_assert_cmpuint(dev->poison.count, ==, 2);
}

/* Linux does not wait: it must have ended when the command is answered. */
static void test_no_time(FakeDevice *dev, gconstpointer data)
{
    dev->sanitize.erase_time = 0;
    g_assert_cmphex(send(dev, 0x4401), ==, CXL_RC_BG_STARTED);
    g_assert_false(cxl_bg_running(&dev->cci.bg));
    g_assert_cmpuint(cxl_bg_percent(&dev->cci.bg), ==, 100);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_READY);
    g_assert_true(all(dev->store.bytes, FAKE_HELD, 0));
}

/* Work that outlasts the time takes what it takes, and says 99 percent. */
static void test_long_work(FakeDevice *dev, gconstpointer data)
{
    dev->sanitize.sanitize_time = 1;
    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_BG_STARTED);
    for (unsigned n = 1; n < TOTAL / PIECE; n++) {
        g_assert_cmpuint(dev->sanitize.done, ==, n * PIECE);
        dev->clock.now = dev->clock.deadline;
        g_assert_cmpuint(cxl_bg_percent(&dev->cci.bg), ==, 99);
        cxl_bg_tick(&dev->cci.bg);
    }
    g_assert_false(cxl_bg_running(&dev->cci.bg));
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_READY);
}

/* A stop, by request or by a reset, leaves the media disabled. */
static void test_stopped(FakeDevice *dev, gconstpointer data)
{
    static const uint16_t opcodes[] = { 0x4400, 0x4401 };

    for (unsigned n = 0; n < 8; n++) {
        g_assert_cmphex(send(dev, opcodes[n & 1]), ==, CXL_RC_BG_STARTED);
        if (n & 2) {
            g_assert_cmphex(cxl_bg_abort(&dev->cci.bg), ==, 0);
            g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_ABORTED);
        } else {
            cxl_cci_reset(&dev->cci, CXL_RESET_COLD);
            cxl_media_reset(&dev->media, CXL_RESET_COLD);
        }
        g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_DISABLED);
        g_assert_cmpuint(dev->sanitize.count, ==, 0);
        /* Any of the two, brought to its end, enables it again. */
        g_assert_cmphex(send(dev, opcodes[n >> 2]), ==, CXL_RC_BG_STARTED);
        run(dev);
        g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_READY);
    }
}

/* What a stopped Sanitize had to wipe beside memory has gone by then. */
static void test_stopped_early(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_BG_STARTED);
    cxl_cci_reset(&dev->cci, CXL_RESET_HOT);
    g_assert_true(all(dev->label_store.bytes, FAKE_LSA, 0));
    g_assert_cmphex(events(dev), ==, 0);
}

static void test_fails(FakeDevice *dev, gconstpointer data)
{
    g_autofree uint8_t *bytes = g_steal_pointer(&dev->store.bytes);

    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_BG_STARTED);
    run(dev);
    g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_INTERNAL_ERROR);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_DISABLED);
    g_assert_cmpuint(dev->poison.count, ==, 2);
    g_assert_cmphex(send(dev, 0x4401), ==, CXL_RC_BG_STARTED);
    run(dev);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_DISABLED);
    dev->store.bytes = g_steal_pointer(&bytes);
    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_BG_STARTED);
    run(dev);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_READY);
}

static void test_labels_fail(FakeDevice *dev, gconstpointer data)
{
    g_autofree uint8_t *bytes = g_steal_pointer(&dev->label_store.bytes);

    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_BG_STARTED);
    run(dev);
    g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_INTERNAL_ERROR);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_DISABLED);
    dev->label_store.bytes = g_steal_pointer(&bytes);
}

/* What is answered meanwhile, with the gates as a device has them. */
static void test_meanwhile(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_BG_STARTED);
    dev->media_disabled = true;
    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_BUSY);
    g_assert_cmphex(send(dev, 0x4401), ==, CXL_RC_BUSY);
    g_assert_cmphex(send_range(dev, 0, 64), ==, CXL_RC_BUSY);
    g_assert_cmphex(send(dev, 0x4200), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send(dev, 0x4500), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send(dev, 0x4000), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send(dev, 0x4100), ==, CXL_RC_MEDIA_DISABLED);
    cxl_cci_reset(&dev->cci, CXL_RESET_COLD);
    g_assert_cmphex(send_range(dev, 0, 64), ==, CXL_RC_MEDIA_DISABLED);
}

static CXLRetCode discover(FakeDevice *dev, uint16_t start, uint16_t count,
                           uint32_t ranges)
{
    uint8_t in[12] = { 0 };

    cxl_le_put(in + 4, 4, ranges);
    cxl_le_put(in + 8, 2, start);
    cxl_le_put(in + 10, 2, count);
    return fake_device_send(dev, 0x4402, in, sizeof(in));
}

static void test_discover(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(discover(dev, 0, 9, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmpmem(dev->out, dev->out_len,
                    "\100\0\0\0\0\0\0\0\2\0\2\0\1\0\1\1", 16);
    g_assert_cmphex(discover(dev, 1, 9, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmpmem(dev->out, dev->out_len,
                    "\100\0\0\0\0\0\0\0\2\0\1\0\1\1", 14);
    g_assert_cmphex(discover(dev, 0, 0, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(dev->out_len, ==, 12);
    g_assert_cmphex(discover(dev, 2, 1, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(discover(dev, 0, 1, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_false(cxl_bg_running(&dev->cci.bg));
    g_assert_cmphex(fake_device_send(dev, 0x4402, "\0\0\0\0\0\0\0\0", 8), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
}

static void test_ranges(FakeDevice *dev, gconstpointer data)
{
    static const CXLWireMediaRange range[] = {
        { { { 0x40 } }, { { 0x40 } } },
        { { { 0, 0x02 } }, { { 0, 0x01 } } },
    };

    for (uint8_t subclass = 0; subclass < 2; subclass++) {
        memset(dev->store.bytes, 0xaa, FAKE_HELD);
        g_assert_cmphex(send_ranges(dev, subclass, range, 2), ==,
                        CXL_RC_BG_STARTED);
        g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_READY);
        run(dev);
        g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
        g_assert_true(all(dev->store.bytes, 0x40, 0xaa));
        g_assert_true(all(dev->store.bytes + 0x40, 0x40, 0));
        g_assert_true(all(dev->store.bytes + 0x80, 0x180, 0xaa));
        g_assert_true(all(dev->store.bytes + 0x200, 0x100, 0));
        g_assert_true(all(dev->store.bytes + 0x300, FAKE_HELD - 0x300, 0xaa));
    }
    g_assert_true(all(dev->label_store.bytes, FAKE_LSA, 0xbb));
    g_assert_cmphex(events(dev), ==, 0x18);
    g_assert_cmpuint(dev->poison.count, ==, 1);
    g_assert_cmphex(dev->poison.range[0].dpa, ==, TOTAL - 0x40);
}

/* All of them, one after the other */
static void test_pieces(FakeDevice *dev, gconstpointer data)
{
    dev->store.piece = 1000;
    g_assert_cmphex(send_range(dev, 64, FAKE_HELD - 64), ==,
                    CXL_RC_BG_STARTED);
    run(dev);
    g_assert_true(all(dev->store.bytes, 64, 0xaa));
    g_assert_true(all(dev->store.bytes + 64, FAKE_HELD - 64, 0));
}

static void test_passphrase(FakeDevice *dev, gconstpointer data)
{
    dev->has_passphrase = true;
    g_assert_cmphex(send(dev, 0x4400), ==, CXL_RC_INVALID_SECURITY_STATE);
    g_assert_cmphex(send(dev, 0x4401), ==, CXL_RC_INVALID_SECURITY_STATE);
    g_assert_cmpuint(dev->media.status, ==, CXL_MEDIA_READY);
    check_all(dev, false);
}

/* A part of the memory takes that part of the time. */
static void test_range_time(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(send_range(dev, 0, TOTAL / 2), ==, CXL_RC_BG_STARTED);
    run(dev);
    g_assert_cmpuint(dev->clock.now, ==, 5 * SECOND);
    g_assert_cmphex(send_range(dev, 0, TOTAL), ==, CXL_RC_BG_STARTED);
    g_assert_cmphex(cxl_bg_abort(&dev->cci.bg), ==, CXL_RC_ABORT_UNSUPPORTED);
    run(dev);
    g_assert_cmpuint(dev->clock.now, ==, 15 * SECOND);
}

static void test_range_codes(FakeDevice *dev, gconstpointer data)
{
    CXLWireMediaRange many[CXL_SANITIZE_RANGES + 2] = { 0 };
    static const uint8_t unknown[][8] = {
        { 0, 1 }, { 1, 2 }, { 2, 0 }, { 0xff, 0xff },
    };

    g_assert_cmphex(send_range(dev, 1, 64), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(send_range(dev, 0, 65), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(send_range(dev, TOTAL, 64), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(send_range(dev, 64, TOTAL), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(send_range(dev, 64, -64), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(send_range(dev, -64, 64), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(send_ranges(dev, 0, NULL, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send_ranges(dev, 0, many, CXL_SANITIZE_RANGES + 1), ==,
                    CXL_RC_RESOURCES_EXHAUSTED);
    for (unsigned n = 0; n < ARRAY_SIZE(unknown); n++) {
        g_assert_cmphex(fake_device_send(dev, 0x4402, unknown[n], 8), ==,
                        CXL_RC_UNSUPPORTED);
    }
    g_assert_cmphex(fake_device_send(dev, 0x4402, "\1\0\0\0\1\0\0\0", 8), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    /* One good range, one that is not: neither goes. */
    many[0] = (CXLWireMediaRange) { cxl_put64(0), cxl_put64(64) };
    many[1] = (CXLWireMediaRange) { cxl_put64(1), cxl_put64(64) };
    g_assert_cmphex(send_ranges(dev, 0, many, 2), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(dev->sanitize.count, ==, 0);
    check_all(dev, false);
    g_assert_cmphex(send_ranges(dev, 0, many + 2, CXL_SANITIZE_RANGES), ==,
                    CXL_RC_BG_STARTED);
    run(dev);
    check_all(dev, false);
}

static void test_locked(FakeDevice *dev, gconstpointer data)
{
    uint64_t boundary = dev->media.volatile_size;

    dev->media.locked = true;
    g_assert_cmphex(send_range(dev, boundary - 64, 128), ==,
                    CXL_RC_INVALID_SECURITY_STATE);
    g_assert_cmphex(send_range(dev, boundary - 64, 64), ==,
                    CXL_RC_BG_STARTED);
}

static void test_valid(FakeDevice *dev, gconstpointer data)
{
    CXLSanitize good;

    g_assert_true(cxl_sanitize_valid(&dev->sanitize));
    g_assert_cmphex(send_range(dev, 0, 2 * PIECE), ==, CXL_RC_BG_STARTED);
    g_assert_true(cxl_sanitize_valid(&dev->sanitize));
    good = dev->sanitize;
    dev->sanitize.done = 2 * PIECE + 1;
    g_assert_false(cxl_sanitize_valid(&dev->sanitize));
    dev->sanitize = good;
    dev->sanitize.at = 1;
    g_assert_false(cxl_sanitize_valid(&dev->sanitize));
    dev->sanitize.at = 2;
    g_assert_false(cxl_sanitize_valid(&dev->sanitize));
    dev->sanitize = good;
    dev->sanitize.count = CXL_SANITIZE_RANGES + 1;
    g_assert_false(cxl_sanitize_valid(&dev->sanitize));
    dev->sanitize = good;
    dev->sanitize.range[0].dpa = TOTAL - PIECE;
    g_assert_false(cxl_sanitize_valid(&dev->sanitize));
    dev->sanitize = good;
}

#define ADD(name, func) \
    g_test_add("/cmd-sanitize/" name, FakeDevice, NULL, set_up, func, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("sanitize", test_sanitize);
    ADD("secure-erase", test_secure_erase);
    ADD("no-time", test_no_time);
    ADD("long-work", test_long_work);
    ADD("stopped", test_stopped);
    ADD("stopped-early", test_stopped_early);
    ADD("fails", test_fails);
    ADD("labels-fail", test_labels_fail);
    ADD("meanwhile", test_meanwhile);
    ADD("discover", test_discover);
    ADD("ranges", test_ranges);
    ADD("pieces", test_pieces);
    ADD("passphrase", test_passphrase);
    ADD("range-time", test_range_time);
    ADD("range-codes", test_range_codes);
    ADD("locked", test_locked);
    ADD("valid", test_valid);
    return g_test_run();
}
