/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 0600h: classes, lengths, spares that run out, and what is told of them. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"

#define PPR 1
#define SPARING 2
#define QUERY CXL_REPAIR_QUERY
#define HARD CXL_REPAIR_HARD
#define CLASSES 256

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static CXLRetCode ppr(FakeDevice *dev, uint8_t subclass, uint8_t flags,
                      uint64_t dpa)
{
    CXLWirePpr in = {
        .class = PPR, .subclass = subclass, .flags = flags,
        .dpa = cxl_put64(dpa), .nibble_mask = cxl_put24(0xabcdef),
    };

    return fake_device_send(dev, 0x0600, &in, sizeof(in));
}

static CXLRetCode sparing(FakeDevice *dev, uint8_t subclass, uint8_t flags)
{
    CXLWireSparing in = {
        .class = SPARING, .subclass = subclass, .flags = flags,
        .channel = 1, .rank = 2, .nibble_mask = cxl_put24(0x030405),
        .bank_group = 6, .bank = 7, .row = cxl_put24(0x08090a),
        .column = cxl_put16(0x0b0c), .sub_channel = 13,
    };

    return fake_device_send(dev, 0x0600, &in, sizeof(in));
}

/* It ran in background, and ended well by the time of the answer. */
static void check_done(FakeDevice *dev, CXLRetCode rc)
{
    g_assert_cmphex(rc, ==, CXL_RC_BG_STARTED);
    g_assert_false(cxl_bg_running(&dev->cci.bg));
    g_assert_cmphex(dev->cci.bg.opcode, ==, 0x0600);
    g_assert_cmpuint(cxl_bg_percent(&dev->cci.bg), ==, 100);
    g_assert_cmphex(dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
}

/* The only record in the log, which is then empty */
static void check_record(FakeDevice *dev, const uint8_t *data,
                         uint8_t class, uint8_t subclass)
{
    const CXLWireEventRecord *record =
        cxl_evlog_peek(&dev->events, CXL_EVENT_LOG_INFO, 0);

    g_assert_cmpuint(dev->events.log[CXL_EVENT_LOG_INFO].count, ==, 1);
    g_assert_cmpuint(cxl_event_type_of(record->uuid), ==,
                     CXL_EVENT_MEMORY_SPARING);
    g_assert_cmphex(cxl_get24(record->flags), ==, 1 << 6);
    g_assert_cmpuint(record->maintenance_class, ==, class);
    g_assert_cmpuint(record->maintenance_subclass, ==, subclass);
    g_assert_cmpmem(record->data, 0x2b, data, 0x2b);
    cxl_evlog_drop(&dev->events, CXL_EVENT_LOG_INFO, 1);
}

static void check_silent(FakeDevice *dev)
{
    g_assert_cmpuint(dev->events.log[CXL_EVENT_LOG_INFO].count, ==, 0);
}

static void test_classes(FakeDevice *dev, gconstpointer data)
{
    uint8_t in[16] = { 0 };

    for (unsigned class = 0; class < CLASSES; class++) {
        for (unsigned subclass = 0; subclass < 256; subclass++) {
            bool known = (class == 0 && subclass == 0) ||
                         (class == PPR && subclass < 2) ||
                         (class == SPARING && subclass < 4);
            size_t len = class == SPARING ? 16 : class == PPR ? 14 : 2;
            CXLRetCode rc;

            in[0] = class;
            in[1] = subclass;
            in[2] = QUERY;
            rc = fake_device_send(dev, 0x0600, in, len);
            g_assert_cmphex(rc, ==, known ? 0 : CXL_RC_INVALID_INPUT);
        }
    }
}

static void test_lengths(FakeDevice *dev, gconstpointer data)
{
    static const size_t want[] = { 2, 14, 16 };
    uint8_t in[17] = { 0, 0, QUERY };

    for (uint8_t class = 0; class < 3; class++) {
        for (size_t len = 0; len <= sizeof(in); len++) {
            in[0] = class;
            g_assert_cmphex(fake_device_send(dev, 0x0600, in, len), ==,
                            len == want[class] ? 0 :
                            CXL_RC_INVALID_PAYLOAD_LENGTH);
        }
    }
}

static void test_inputs(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(ppr(dev, 0, 2, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(ppr(dev, 0, QUERY, 4 * GiB), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(ppr(dev, 0, 0, UINT64_MAX), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(ppr(dev, 0, QUERY, 4 * GiB - 1), ==, 0);
    g_assert_cmphex(sparing(dev, 0, 16), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(sparing(dev, 0, 15 & ~QUERY), ==, CXL_RC_BG_STARTED);
}

/* Each kind has so many spares, and a query never uses one. */
static void test_exhausted(FakeDevice *dev, gconstpointer data)
{
    static const unsigned counts[] = { 64, 32, 4, 1 };

    for (unsigned subclass = 0; subclass < 4; subclass++) {
        for (unsigned n = 0; n < counts[subclass]; n++) {
            g_assert_cmphex(sparing(dev, subclass, QUERY), ==, 0);
            check_done(dev, sparing(dev, subclass, n % 2 ? HARD : 0));
        }
        g_assert_cmphex(sparing(dev, subclass, 0), ==,
                        CXL_RC_RESOURCES_EXHAUSTED);
        g_assert_cmphex(sparing(dev, subclass, QUERY), ==,
                        CXL_RC_RESOURCES_EXHAUSTED);
    }
    for (unsigned n = 0; n < 8; n++) {
        g_assert_cmphex(ppr(dev, 0, QUERY, 0), ==, 0);
        check_done(dev, ppr(dev, n % 2, 0, n * 64));
    }
    g_assert_cmphex(ppr(dev, 0, 0, 0), ==, CXL_RC_RESOURCES_EXHAUSTED);
    g_assert_cmphex(ppr(dev, 1, QUERY, 0), ==, CXL_RC_RESOURCES_EXHAUSTED);
    /* As saved state may want it to be done */
    g_assert_cmphex(cxl_repair_perform(&dev->repair), ==,
                    CXL_RC_RESOURCES_EXHAUSTED);
    /* The power ends what is soft: half of it. */
    cxl_repair_reset(&dev->repair, CXL_RESET_HOT);
    g_assert_cmpuint(cxl_repair_left(&dev->repair, CXL_SPARE_ROW), ==, 0);
    cxl_repair_reset(&dev->repair, CXL_RESET_COLD);
    g_assert_cmpuint(cxl_repair_left(&dev->repair, CXL_SPARE_ROW), ==, 16);
    g_assert_cmpuint(cxl_repair_left(&dev->repair, CXL_SPARE_PPR), ==, 4);
    g_assert_cmpuint(cxl_repair_left(&dev->repair, CXL_SPARE_RANK), ==, 1);
}

/* Flags, result and validity; then what is left, and the place */
static void test_sparing_record(FakeDevice *dev, gconstpointer data)
{
    static const uint16_t validity[] = { 0x7b, 0x3b, 0x1b, 0x03 };
    static const uint8_t left[] = { 64, 32, 4, 1 };

    for (unsigned subclass = 0; subclass < 4; subclass++) {
        uint8_t want[0x2b] = {
            [2] = 1, [4] = validity[subclass], [0x0c] = left[subclass],
            [0x0e] = 1, 2, 5, 4, 3, 6, 7, 10, 9, 8, 12, 11, [0x2a] = 13,
        };

        g_assert_cmphex(sparing(dev, subclass, QUERY), ==, 0);
        check_record(dev, want, SPARING, subclass);
        /* Hard, with sub-channel and nibble mask */
        want[2] = 2;
        want[4] |= 4;
        want[5] |= 2;
        want[0x0c]--;
        check_done(dev, sparing(dev, subclass, 15 & ~QUERY));
        check_record(dev, want, SPARING, subclass);
    }
    /* A query that finds none: the rank is used up. */
    {
        uint8_t want[0x2b] = {
            [2] = 1, [3] = CXL_RC_RESOURCES_EXHAUSTED, [4] = 0x03,
            [0x0e] = 1, 2, 5, 4, 3, 6, 7, 10, 9, 8, 12, 11, [0x2a] = 13,
        };

        g_assert_cmphex(sparing(dev, 3, QUERY), ==,
                        CXL_RC_RESOURCES_EXHAUSTED);
        check_record(dev, want, SPARING, 3);
    }
}

static void enable_report(FakeDevice *dev, const CXLFeatureType *type)
{
    uint8_t in[0x23] = { [0x16] = 3, [0x22] = 1 };

    memcpy(in, type->uuid, 16);
    g_assert_cmphex(fake_device_send(dev, 0x0502, in, sizeof(in)), ==, 0);
}

/* PPR tells of itself only if its feature says so. */
static void test_ppr_record(FakeDevice *dev, gconstpointer data)
{
    uint8_t want[0x2b] = {
        [2] = 2, [4] = 4, [0x0c] = 5, [0x10] = 0xef, 0xcd, 0xab,
    };

    check_done(dev, ppr(dev, 0, 0, 0));
    check_done(dev, ppr(dev, 1, 0, 0));
    check_silent(dev);
    enable_report(dev, &cxl_feature_hard_ppr);
    g_assert_cmphex(ppr(dev, 1, QUERY, 0), ==, 0);
    check_silent(dev);
    check_done(dev, ppr(dev, 1, 0, 0));
    check_record(dev, want, PPR, 1);
    check_done(dev, ppr(dev, 0, 0, 0));
    check_silent(dev);
    enable_report(dev, &cxl_feature_soft_ppr);
    check_done(dev, ppr(dev, 0, 0, 0));
    want[2] = 0;
    want[0x0c] = 3;
    check_record(dev, want, PPR, 0);
}

static void test_valid(FakeDevice *dev, gconstpointer data)
{
    dev->repair.soft[CXL_SPARE_BANK] = 2;
    dev->repair.hard[CXL_SPARE_BANK] = 2;
    g_assert_true(cxl_repair_valid(&dev->repair));
    dev->repair.hard[CXL_SPARE_BANK] = 3;
    g_assert_false(cxl_repair_valid(&dev->repair));
    dev->repair.hard[CXL_SPARE_BANK] = UINT16_MAX;
    g_assert_false(cxl_repair_valid(&dev->repair));
}

/* Only what is hard is kept. */
static void test_kept(FakeDevice *dev, gconstpointer data)
{
    uint8_t kept[16];
    size_t len;

    check_done(dev, sparing(dev, 2, HARD));
    check_done(dev, sparing(dev, 2, 0));
    len = cxl_repair_section.pack(&dev->repair, kept);
    g_assert_cmpuint(len, ==, cxl_repair_section.max);
    cxl_repair_init(&dev->repair, &dev->events, &dev->media, &dev->features);
    g_assert_false(cxl_repair_section.unpack(&dev->repair, kept, len - 1));
    g_assert_cmpuint(cxl_repair_left(&dev->repair, CXL_SPARE_BANK), ==, 4);
    g_assert_true(cxl_repair_section.unpack(&dev->repair, kept, len));
    g_assert_cmpuint(cxl_repair_left(&dev->repair, CXL_SPARE_BANK), ==, 3);
    kept[2 * CXL_SPARE_BANK] = 5;
    g_assert_false(cxl_repair_section.unpack(&dev->repair, kept, len));
}

#define ADD(name, func) \
    g_test_add("/cmd/maintenance/" name, FakeDevice, NULL, set_up, func, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("classes", test_classes);
    ADD("lengths", test_lengths);
    ADD("inputs", test_inputs);
    ADD("exhausted", test_exhausted);
    ADD("records/sparing", test_sparing_record);
    ADD("records/ppr", test_ppr_record);
    ADD("valid", test_valid);
    ADD("kept", test_kept);
    return g_test_run();
}
