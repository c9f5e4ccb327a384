/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trapped pages over resets, saved state and unplugs; events; the media. */
#include "qemu/osdep.h"
#include "holes_model.h"

#define FAILURE 2                   /* the log */
#define MEDIA_DISABLED 3

/* Poison that stays over a power cycle is a hole when decoders are back. */
static void test_reset(void)
{
    Region r;

    open_model();
    start(1, 2);
    r = region(1, 2, 256, 0);
    program(&r);
    inject(&r, r.base);
    qmp_poison("mem1", PAGE, L);
    g_assert_cmpuint(count_holes(r.base), ==, 2);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    program(&r);
    g_assert_cmpuint(count_holes(r.base), ==, 1);
    check_hole(&r, 0, r.base + 2 * PAGE, PAGE);
    qcxl_stop(m);
    close_model();
}

static void reload(const char *change, size_t len, const char *to)
{
    QCXLTopology t = m->topology;
    QCXLMachine *from = m;

    qcxl_save(m, state);
    if (change) {
        g_autofree char *bytes = NULL;
        gsize size;
        char *found;

        g_assert_true(g_file_get_contents(state, &bytes, &size, NULL));
        found = memmem(bytes, size, change, len);
        g_assert_nonnull(found);
        memcpy(found, to, len);
        g_assert_true(g_file_set_contents(state, bytes, size, NULL));
    }
    t.more = "-incoming defer";
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, from);
    qcxl_stop(from);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
}

/* Holes are where they were, and so is what was written through them. */
static void check_migrate(unsigned ports, const char *kind)
{
    uint64_t page, poison;
    Region r;

    open_model();
    start(1, ports);
    r = region(1, ports, 256, 1);
    program(&r);
    use(&r, 300);
    page = r.base + r.page[3];
    poison = page + 5 * L;
    fill_page(&r, page);
    inject(&r, poison);
    fill_page(&r, page);
    reload(NULL, 0, NULL);
    g_assert_true(qcxl_mapped(m, r.base, kind));
    g_assert_cmpuint(count_holes(r.base), ==, 1);
    check_hole(&r, 0, page, PAGE);
    check_around(&r, poison);
    clear(&r, poison, 77);
    g_assert_cmpuint(count_holes(r.base), ==, 0);
    check(&r, kind);
    qcxl_stop(m);
    close_model();
}

static void test_migrate(void)
{
    check_migrate(1, "linear");
    check_migrate(2, "woven");
}

/* A member with poison goes, and its neighbour with poison stays. */
static void test_unplug(void)
{
    const QCXLFunction *fn;
    Region r;

    open_model();
    start(1, 2);
    r = region(1, 2, 256, 0);
    program(&r);
    use(&r, 300);
    inject(&r, r.base);
    inject(&r, r.base + 3 * PAGE + 256);
    fn = &m->bridge[0].port[1].fn;
    qtest_qmp_device_del_send(m->qts, "mem1");
    qcxl_config_write(fn, qcxl_find_cap(fn, 0x10) + 0x18, 2, 0x700);
    qtest_qmp_eventwait(m->qts, "DEVICE_DELETED");
    g_assert_true(qcxl_mapped(m, r.base, "trapped"));
    g_assert_cmpuint(count_holes(r.base), ==, 0);
    g_assert_cmphex(qcxl_read(m, r.base, 8), ==, UINT64_MAX);
    clear(&r, r.base, 12);
    g_assert_cmphex(qcxl_read(m, r.base, 8), ==, 12);
    qcxl_stop(m);
    close_model();
}

static unsigned failures(uint8_t *record)
{
    uint8_t out[0x20 + 4 * 0x80], log = FAILURE;
    size_t len = sizeof(out);

    g_assert_cmphex(qcxl_command(&m->device[1], 0x0100, &log, 1, out, &len),
                    ==, 0);
    memcpy(record, out + 0x20, 0x80);
    return lduw_le_p(out + 0x14);
}

/* CXL r3.2: General Media Event Record */
static void check_record(const uint8_t *record, uint64_t dpa)
{
    static const uint8_t uuid[16] = {
        0xfb, 0xcd, 0x0a, 0x77, 0xc2, 0x60, 0x41, 0x7f,
        0x85, 0xa9, 0x08, 0x8b, 0x16, 0x21, 0xeb, 0xa6,
    };

    g_assert_true(!memcmp(record, uuid, sizeof(uuid)));
    g_assert_cmphex(ldq_le_p(record + 0x30), ==, dpa | 1);  /* volatile */
    g_assert_cmphex(record[0x38], ==, 1);       /* uncorrectable */
    g_assert_cmphex(record[0x39], ==, 0);       /* media ECC */
    g_assert_cmphex(record[0x3a], ==, 1);       /* host read */
}

static void drop_failures(const uint8_t *record)
{
    uint8_t in[8] = { FAILURE, 0, 1 };

    memcpy(in + 6, record + 0x14, 2);
    g_assert_cmphex(qcxl_command(&m->device[1], 0x0101, in, sizeof(in), NULL,
                                 NULL), ==, 0);
}

/* A line that is read has one record in the log at a time. */
static void test_event(void)
{
    uint8_t record[0x80];
    uint64_t poison;
    Region r;

    open_model();
    start(1, 2);
    r = region(1, 2, 256, 0);
    program(&r);
    poison = r.base + 3 * PAGE + 256 + L;
    inject(&r, poison);
    qcxl_read(m, poison - 8, 8);
    qcxl_read(m, poison + L, 8);
    qcxl_write(m, poison, 8, 1);
    g_assert_cmpuint(failures(record), ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        qcxl_read(m, poison + 8 * i, 1 << i);
    }
    g_assert_cmpuint(failures(record), ==, 1);
    check_record(record, dpa_at(&r, poison));
    drop_failures(record);
    g_assert_cmpuint(failures(record), ==, 0);
    qcxl_read(m, poison, 4);
    g_assert_cmpuint(failures(record), ==, 1);
    drop_failures(record);
    clear(&r, poison, 0);
    qcxl_read(m, poison, 4);
    g_assert_cmpuint(failures(record), ==, 0);
    qcxl_stop(m);
    close_model();
}

/* Boundaries, that one is pending, the media's status, the lock: as saved */
static void media_bytes(char *bytes, uint8_t status)
{
    memset(bytes, 0, 19);
    stq_be_p(bytes + 8, QCXL_UNIT);
    bytes[16] = true;
    bytes[17] = status;
}

/* @gone: the first device does not answer, and nobody else is in its place. */
static void check_answers(const Region *r, bool gone)
{
    for (unsigned n = 0; n < r->ports; n++) {
        uint64_t hpa = r->base + n * 256;

        qcxl_write(m, hpa, 8, hpa);
        g_assert_cmphex(qcxl_read(m, hpa, 8), ==,
                        gone && device_at(r, hpa) == 0 ? UINT64_MAX : hpa);
    }
}

static Region start_persistent(unsigned ports)
{
    QCXLTopology t = topology(1, ports);
    Region r;

    t.kinds = QCXL_PERSISTENT;
    t.device = "partition-alignment=268435456";
    t.bridge = "hdm_for_passthrough=on";
    t.lsa = 4096;
    m = qcxl_start(&t);
    r = region(1, ports, 256, 0);
    program(&r);
    return r;
}

/* Media that is saved as disabled is disabled when it is loaded. */
static void check_disabled(unsigned ports)
{
    uint8_t later[9] = { 1 };           /* what is pending marks the place */
    char ready[19], now[19];
    Region r;

    open_model();
    r = start_persistent(ports);
    g_assert_cmphex(qcxl_command(&m->device[0], 0x4101, later, sizeof(later),
                                 NULL, NULL), ==, 0);
    media_bytes(ready, 1);
    media_bytes(now, MEDIA_DISABLED);
    reload(ready, sizeof(ready), now);
    g_assert_true(qcxl_trapped(m, r.base, "mem0: media is disabled"));
    check_answers(&r, true);
    g_assert_cmphex(qcxl_read(m, m->device[0].memdev_status, 8) >> 2 & 3, ==,
                    MEDIA_DISABLED);
    qcxl_stop(m);
    close_model();
}

static void test_disabled(void)
{
    check_disabled(1);
    check_disabled(2);
}

/* Set Passphrase: the user's, from none; Unlock */
static void lock_command(uint16_t opcode, size_t at, size_t len)
{
    uint8_t in[96] = { 0 };

    in[0] = opcode == 0x4501;
    memset(in + at, 'x', 32);
    g_assert_cmphex(qcxl_command(&m->device[0], opcode, in, len, NULL, NULL),
                    ==, 0);
}

/* Locked since the last power cycle, also where that was another machine */
static void check_locked(unsigned ports, const char *kind)
{
    Region r;

    open_model();
    r = start_persistent(ports);
    use(&r, 100);
    lock_command(0x4501, 64, 96);
    check(&r, kind);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    program(&r);
    g_assert_true(qcxl_trapped(m, r.base, "mem0: media is locked"));
    check_answers(&r, true);
    reload(NULL, 0, NULL);
    g_assert_true(qcxl_trapped(m, r.base, "mem0: media is locked"));
    check_answers(&r, true);
    lock_command(0x4503, 0, 32);
    g_assert_true(qcxl_mapped(m, r.base, kind));
    check_answers(&r, false);
    qcxl_stop(m);
    close_model();
}

static void test_locked(void)
{
    check_locked(1, "linear");
    check_locked(2, "woven");
}

/* One range over both partitions: poison in what answers, and the rest */
static void test_partly(void)
{
    uint8_t half[9] = { 1, [8] = 1 };   /* volatile, at once */
    QCXLTopology t = topology(1, 1);
    Region r;

    open_model();
    t.kinds = QCXL_PERSISTENT;
    t.size = 2 * QCXL_UNIT;
    t.device = "partition-alignment=268435456";
    t.bridge = "hdm_for_passthrough=on";
    t.lsa = 4096;
    m = qcxl_start(&t);
    g_assert_cmphex(qcxl_command(&m->device[0], 0x4101, half, sizeof(half),
                                 NULL, NULL), ==, 0);
    lock_command(0x4501, 64, 96);
    qtest_system_reset(m->qts);
    qcxl_enumerate(m);
    r = region(1, 1, 256, 0);
    r.size = 2 * QCXL_UNIT;
    program(&r);
    inject(&r, r.base + 5 * PAGE);
    g_assert_true(qcxl_mapped(m, r.base, "linear"));
    g_assert_cmpuint(count_holes(r.base), ==, 2);
    check_hole(&r, 0, r.base + 5 * PAGE, PAGE);
    check_hole(&r, 1, r.base + QCXL_UNIT, QCXL_UNIT);
    g_assert_cmphex(qcxl_read(m, r.base + QCXL_UNIT - 8, 8), ==, 0);
    g_assert_cmphex(qcxl_read(m, r.base + QCXL_UNIT, 8), ==, UINT64_MAX);
    lock_command(0x4503, 0, 32);
    g_assert_cmpuint(count_holes(r.base), ==, 1);
    g_assert_cmphex(qcxl_read(m, r.base + QCXL_UNIT, 8), ==, 0);
    qcxl_stop(m);
    close_model();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/holes-state/reset", test_reset);
    qtest_add_func("cxl/holes-state/migrate", test_migrate);
    qtest_add_func("cxl/holes-state/unplug", test_unplug);
    qtest_add_func("cxl/holes-state/event", test_event);
    qtest_add_func("cxl/holes-state/disabled", test_disabled);
    qtest_add_func("cxl/holes-state/locked", test_locked);
    qtest_add_func("cxl/holes-state/partly", test_partly);
    return g_test_run();
}
