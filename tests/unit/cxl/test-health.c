/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of health, its alerts and their events, and power-off. */
#include "qemu/osdep.h"
#include "fake_device.h"

#define MODULE_UUID "\xfe\x92\x74\x75\xdd\x59\x43\x39" \
                    "\xa5\x86\x79\xba\xb1\x13\xb7\x74"

typedef struct Fixture {
    FakeDevice dev;
    CXLHealthValues values;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    fake_device_init(&f->dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
    f->values = f->dev.health.now;
}

static void tear_down(Fixture *f, gconstpointer data)
{
    g_assert_true(cxl_health_valid(&f->dev.health));
    fake_device_finish(&f->dev);
}

static CXLRetCode send(Fixture *f, uint16_t opcode, const void *in,
                       size_t len)
{
    return fake_device_send(&f->dev, opcode, in, len);
}

/* Takes the one record there is, of this log, and checks its type. */
static void expect_event(Fixture *f, CXLEventLogId log, uint8_t type)
{
    const CXLWireEventRecord *record = cxl_evlog_peek(&f->dev.events, log, 0);
    const CXLWireMemoryModuleEvent *event;
    CXLWireHealthInfo info = cxl_health_info(&f->dev.health);

    g_assert_nonnull(record);
    g_assert_cmpmem(record->uuid, 16, MODULE_UUID, 16);
    event = (const CXLWireMemoryModuleEvent *)record->data;
    g_assert_cmpuint(event->type, ==, type);
    g_assert_cmpmem(&event->health, sizeof(info), &info, sizeof(info));
    cxl_evlog_drop(&f->dev.events, log, 1);
    g_assert_cmphex(cxl_evlog_status(&f->dev.events), ==, 0);
}

static void expect_silence(Fixture *f)
{
    g_assert_cmphex(cxl_evlog_status(&f->dev.events), ==, 0);
}

static uint8_t additional(Fixture *f)
{
    return cxl_health_info(&f->dev.health).additional_status;
}

static void set(Fixture *f)
{
    cxl_health_set(&f->dev.health, &f->values);
}

static void set_temperature(Fixture *f, int16_t temperature)
{
    f->values.temperature = temperature;
    set(f);
}

static void set_life(Fixture *f, uint8_t life)
{
    f->values.life_used = life;
    set(f);
}

static void test_new(Fixture *f, gconstpointer data)
{
    static const uint8_t info[0x12] = { [4] = 25 };
    static const uint8_t alerts[0x10] = {
        0, 0x1f, 95, 75, 90, 0, 0, 0, 75, 0, 5, 0, 64, 0, 64, 0,
    };

    g_assert_cmphex(send(f, 0x4200, NULL, 0), ==, 0);
    g_assert_cmpmem(f->dev.out, f->dev.out_len, info, sizeof(info));
    g_assert_cmphex(send(f, 0x4201, NULL, 0), ==, 0);
    g_assert_cmpmem(f->dev.out, f->dev.out_len, alerts, sizeof(alerts));
    g_assert_cmphex(send(f, 0x4203, NULL, 0), ==, 0);
    g_assert_cmpmem(f->dev.out, f->dev.out_len, "\0", 1);
}

static void test_all_fields(Fixture *f, gconstpointer data)
{
    static const uint8_t want[0x12] = {
        1, 2, 8, 4, 0xfb, 0xff, 8, 7, 6, 5, 9, 0, 0, 0, 10, 0, 0, 0,
    };

    f->dev.health.now = (CXLHealthValues) {
        .status = 1, .media_status = 2,
        .life_used = 4, .temperature = -5, .dirty_shutdowns = 0x05060708,
        .corrected_volatile = 9, .corrected_persistent = 10,
    };
    g_assert_cmphex(send(f, 0x4200, NULL, 0), ==, 0);
    g_assert_cmpmem(f->dev.out, f->dev.out_len, want, sizeof(want));
}

static void test_set_alerts(Fixture *f, gconstpointer data)
{
    static const uint8_t in[] = {
        0x1f, 0x1b, 10, 0xff, 20, 0, 0xfe, 0xff, 0x34, 0x12, 0x78, 0x56,
    };
    /* The alert that is off keeps its threshold. */
    static const uint8_t want[] = {
        0x1b, 0x1f, 95, 10, 90, 0, 0, 0, 20, 0, 5, 0, 0x34, 0x12,
        0x78, 0x56,
    };
    static const uint8_t off[12] = { 0x12, 0, 11, 0, 12 };

    g_assert_cmphex(send(f, 0x4202, in, sizeof(in)), ==, 0);
    g_assert_cmphex(send(f, 0x4201, NULL, 0), ==, 0);
    g_assert_cmpmem(f->dev.out, f->dev.out_len, want, sizeof(want));
    g_assert_cmphex(send(f, 0x4202, off, sizeof(off)), ==, 0);
    g_assert_cmphex(send(f, 0x4201, NULL, 0), ==, 0);
    g_assert_cmphex(f->dev.out[0], ==, 0x09);
    g_assert_cmpmem(f->dev.out + 1, 15, want + 1, 15);
}

/* What is refused changes nothing. */
static void test_refused(Fixture *f, gconstpointer data)
{
    static const struct {
        uint8_t in[12];
        CXLRetCode rc;
    } cases[] = {
        { { 0x1, 0x1, 94 }, CXL_RC_SUCCESS },
        { { 0x1, 0x1, 95 }, CXL_RC_INVALID_INPUT },
        { { 0x2, 0x2, 0, 0, 89 }, CXL_RC_SUCCESS },
        { { 0x2, 0x2, 0, 0, 90 }, CXL_RC_INVALID_INPUT },
        { { 0x4, 0x4, 0, 0, 0, 0, 1, 0 }, CXL_RC_SUCCESS },
        { { 0x4, 0x4, 0, 0, 0, 0, 0, 0 }, CXL_RC_INVALID_INPUT },
        { { 0x4, 0x4, 0, 0, 0, 0, 0xff, 0xff }, CXL_RC_INVALID_INPUT },
        { { 0x3, 0x3, 1, 0, 90 }, CXL_RC_INVALID_INPUT },
        { { 0x20, 0x20 }, CXL_RC_INVALID_INPUT },
        { { 0x1, 0xff, 1 }, CXL_RC_SUCCESS },
        /* Of an alert that is turned off nothing is looked at. */
        { { 0x1, 0, 99 }, CXL_RC_SUCCESS },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        CXLAlerts before = f->dev.health.alerts;

        g_assert_cmphex(send(f, 0x4202, cases[i].in, 12), ==, cases[i].rc);
        if (cases[i].rc != CXL_RC_SUCCESS) {
            g_assert_true(!memcmp(&before, &f->dev.health.alerts,
                                  sizeof(before)));
        }
    }
    g_assert_cmphex(f->dev.health.alerts.enabled, ==, 0x6);
}

static void enable(Fixture *f, uint8_t which)
{
    CXLAlerts alerts = f->dev.health.alerts;

    alerts.enabled = which;
    g_assert_true(cxl_health_set_alerts(&f->dev.health, &alerts));
}

/* An edge tells once, and again after the way back. */
static void test_temperature(Fixture *f, gconstpointer data)
{
    set_temperature(f, 80);
    expect_silence(f);                  /* the alert is off */
    g_assert_cmphex(additional(f), ==, 0);
    enable(f, 1 << CXL_ALERT_OVER_TEMPERATURE);
    expect_event(f, CXL_EVENT_LOG_WARNING, 3);
    g_assert_cmphex(additional(f), ==, 0x4);
    set_temperature(f, 85);
    expect_silence(f);
    set_temperature(f, 90);
    expect_event(f, CXL_EVENT_LOG_FAILURE, 3);
    g_assert_cmphex(additional(f), ==, 0x8);
    set_temperature(f, 75);
    expect_silence(f);
    g_assert_cmphex(additional(f), ==, 0x4);
    set_temperature(f, 74);
    expect_silence(f);
    g_assert_cmphex(additional(f), ==, 0);
    set_temperature(f, 75);
    expect_event(f, CXL_EVENT_LOG_WARNING, 3);
    /* Straight to the other side */
    enable(f, 3 << CXL_ALERT_OVER_TEMPERATURE);
    expect_silence(f);
    set_temperature(f, 5);
    expect_event(f, CXL_EVENT_LOG_WARNING, 3);
    g_assert_cmphex(additional(f), ==, 0x4);
    set_temperature(f, 6);
    g_assert_cmphex(additional(f), ==, 0);
    set_temperature(f, 0);
    expect_event(f, CXL_EVENT_LOG_FAILURE, 3);
    g_assert_cmphex(additional(f), ==, 0x8);
    set_temperature(f, CXL_HEALTH_TEMPERATURE_NOT_REPORTED);
    expect_silence(f);
    g_assert_cmphex(additional(f), ==, 0);
}

/* What is critical needs no alert. */
static void test_life(Fixture *f, gconstpointer data)
{
    set_life(f, 94);
    expect_silence(f);
    set_life(f, 95);
    expect_event(f, CXL_EVENT_LOG_FAILURE, 2);
    g_assert_cmphex(additional(f), ==, 0x2);
    set_life(f, CXL_HEALTH_LIFE_NOT_REPORTED);
    expect_silence(f);
    g_assert_cmphex(additional(f), ==, 0);
    enable(f, 1 << CXL_ALERT_LIFE_USED);
    set_life(f, 74);
    expect_silence(f);
    set_life(f, 75);
    expect_event(f, CXL_EVENT_LOG_WARNING, 2);
    g_assert_cmphex(additional(f), ==, 0x1);
}

static void test_corrected(Fixture *f, gconstpointer data)
{
    enable(f, 3 << CXL_ALERT_CORRECTED_VOLATILE);
    f->values.corrected_volatile = 63;
    set(f);
    expect_silence(f);
    f->values.corrected_volatile = 64;
    set(f);
    expect_event(f, CXL_EVENT_LOG_WARNING, 0);
    g_assert_cmphex(additional(f), ==, 0x10);
    f->values.corrected_persistent = UINT32_MAX;
    set(f);
    expect_event(f, CXL_EVENT_LOG_WARNING, 0);
    g_assert_cmphex(additional(f), ==, 0x30);
    enable(f, 1 << CXL_ALERT_CORRECTED_PERSISTENT);
    g_assert_cmphex(additional(f), ==, 0x20);
    expect_silence(f);
}

static void test_status(Fixture *f, gconstpointer data)
{
    static const struct { uint8_t status; CXLEventLogId log; } media[] = {
        { 1, CXL_EVENT_LOG_FAILURE }, { 4, CXL_EVENT_LOG_WARNING },
        { 3, CXL_EVENT_LOG_FAILURE }, { 9, CXL_EVENT_LOG_WARNING },
        { 0, CXL_EVENT_LOG_INFO },
    };
    const CXLWireEventRecord *record;

    f->values.status = CXL_HEALTH_STATUS_MASK;
    set(f);
    record = cxl_evlog_peek(&f->dev.events, CXL_EVENT_LOG_WARNING, 0);
    g_assert_cmphex(cxl_get24(record->flags), ==, 0x39);
    expect_event(f, CXL_EVENT_LOG_WARNING, 0);
    set(f);
    expect_silence(f);
    f->values.status = CXL_HEALTH_PERFORMANCE;
    set(f);
    expect_event(f, CXL_EVENT_LOG_INFO, 0);
    f->values.status = CXL_HEALTH_MAINTENANCE;
    set(f);
    expect_event(f, CXL_EVENT_LOG_WARNING, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(media); i++) {
        f->values.media_status = media[i].status;
        set(f);
        expect_event(f, media[i].log, 1);
    }
}

/* All that one change passes, each in a record of its own */
static void test_several(Fixture *f, gconstpointer data)
{
    const CXLEventLog *log = &f->dev.events.log[CXL_EVENT_LOG_WARNING];

    enable(f, CXL_ALERT_MASK);
    f->values = (CXLHealthValues) {
        .status = 1, .media_status = 4, .life_used = 80, .temperature = 76,
        .corrected_volatile = 100, .corrected_persistent = 100,
    };
    set(f);
    g_assert_cmpuint(log->count + log->overflow_count, ==, 6);
    f->dev.health.events = NULL;
    f->values.status = 2;
    set(f);
    g_assert_cmpuint(log->count + log->overflow_count, ==, 6);
}

static void set_shutdown(Fixture *f, uint8_t state)
{
    g_assert_cmphex(send(f, 0x4204, &state, 1), ==, 0);
    g_assert_cmphex(send(f, 0x4203, NULL, 0), ==, 0);
    g_assert_cmpmem(f->dev.out, f->dev.out_len, &state, 1);
}

static void test_shutdown(Fixture *f, gconstpointer data)
{
    CXLHealth *health = &f->dev.health;

    g_assert_cmphex(send(f, 0x4204, "\2", 1), ==, CXL_RC_INVALID_INPUT);
    set_shutdown(f, 1);
    cxl_health_reset(health, CXL_RESET_HOT);
    cxl_health_reset(health, CXL_RESET_CXL);
    g_assert_true(health->dirty);
    /* Flushed */
    cxl_health_reset(health, CXL_RESET_COLD);
    g_assert_false(health->dirty);
    g_assert_cmpuint(health->now.dirty_shutdowns, ==, 0);
    /* Not flushed, but clean */
    health->gpf_fails = true;
    set_shutdown(f, 1);
    set_shutdown(f, 0);
    cxl_health_reset(health, CXL_RESET_COLD);
    g_assert_cmpuint(health->now.dirty_shutdowns, ==, 0);
    set_shutdown(f, 1);
    cxl_health_reset(health, CXL_RESET_COLD);
    g_assert_cmpuint(health->now.dirty_shutdowns, ==, 1);
    cxl_health_reset(health, CXL_RESET_COLD);
    g_assert_cmpuint(health->now.dirty_shutdowns, ==, 1);
}

static bool restart(Fixture *f, const uint8_t *kept, size_t len)
{
    cxl_health_init(&f->dev.health, &f->dev.events);
    return cxl_health_section.unpack(&f->dev.health, kept, len);
}

static void test_kept(Fixture *f, gconstpointer data)
{
    CXLHealth *health = &f->dev.health;
    uint8_t kept[64];
    CXLAlerts alerts = {
        .enabled = 0x15, .life_warning = 30, .over_warning = 45,
        .under_warning = 3, .volatile_warning = 7, .persistent_warning = 8,
    };
    size_t len;

    f->values = (CXLHealthValues) {
        .status = 3, .media_status = 4, .life_used = 5, .temperature = 60,
        .dirty_shutdowns = 6, .corrected_volatile = 7,
        .corrected_persistent = 8,
    };
    set(f);
    g_assert_true(cxl_health_set_alerts(health, &alerts));
    len = cxl_health_section.pack(health, kept);
    g_assert_cmpuint(len, <=, cxl_health_section.max);
    g_assert_true(restart(f, kept, len));
    f->values.temperature = 25;
    g_assert_true(!memcmp(&health->now, &f->values, sizeof(f->values)));
    g_assert_true(!memcmp(&health->alerts, &alerts, sizeof(alerts)));
    /* Whoever is dirty when the power is back has not been flushed. */
    set_shutdown(f, 1);
    len = cxl_health_section.pack(health, kept);
    g_assert_true(restart(f, kept, len));
    g_assert_cmpuint(health->now.dirty_shutdowns, ==, 7);
    g_assert_false(health->dirty);
}

static void test_hostile(Fixture *f, gconstpointer data)
{
    static const struct { uint8_t at, byte; } bad[] = {
        { 0, 0x10 }, { 1, 10 }, { 0x13, 0x20 }, { 0x14, 95 }, { 0x16, 90 },
        { 0x18, 0 }, { 0x19, 0xff }, { 30, 2 },
    };
    uint8_t kept[64];
    size_t len = cxl_health_section.pack(&f->dev.health, kept);

    g_assert_true(restart(f, kept, len));
    g_assert_false(restart(f, kept, len - 1));
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        uint8_t good = kept[bad[i].at];

        kept[bad[i].at] = bad[i].byte;
        g_assert_false(restart(f, kept, len));
        kept[bad[i].at] = good;
    }
    g_assert_true(restart(f, kept, len));
}

#define ADD(name, func) \
    g_test_add("/health/" name, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("new", test_new);
    ADD("all-fields", test_all_fields);
    ADD("set-alerts", test_set_alerts);
    ADD("refused", test_refused);
    ADD("temperature", test_temperature);
    ADD("life", test_life);
    ADD("corrected", test_corrected);
    ADD("status", test_status);
    ADD("several", test_several);
    ADD("shutdown", test_shutdown);
    ADD("kept", test_kept);
    ADD("hostile", test_hostile);
    return g_test_run();
}
