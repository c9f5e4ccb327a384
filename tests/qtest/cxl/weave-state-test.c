/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Woven interleaves against the model, from one machine to the next: saved,
 * migrated, in snapshots, and changed on the way.
 */
#include "qemu/osdep.h"
#include "weave_model.h"

/* From a machine with properties @from to one with @to, and back apart */
static void check_migrate(const char *from, const char *to)
{
    QCXLTopology t = topology(2, 2);
    QCXLMachine *source;
    Region r;

    open_model();
    t.device = from;
    source = m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    check(&r, from ? "trapped" : "woven");
    qcxl_save(m, state);

    t.device = to;
    t.more = "-incoming defer";
    m = qcxl_launch(&t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, source);
    qcxl_stop(source);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
    check(&r, to ? "trapped" : "woven");
    use(&r, 100);
    check(&r, to ? "trapped" : "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void test_migrate(void)
{
    check_migrate(NULL, NULL);
}

static void test_migrate_elsewhere(void)
{
    check_migrate(NULL, "weave=off");
    check_migrate("weave=off", NULL);
}

/* Migrate until all memory has been sent once. */
static void migrate_and_pause(void)
{
    g_autofree char *uri = g_strdup_printf("file:%s", state);

    qtest_qmp_assert_success(m->qts, "{ 'execute':"
                             "'migrate-set-capabilities', 'arguments': {"
                             "'capabilities': [ { 'capability':"
                             "'pause-before-switchover',"
                             "'state': true } ] } }");
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate',"
                             "'arguments': { 'uri': %s } }", uri);
    qcxl_wait_for_migration(m, "pre-switchover");
}

/* Send what has changed, and go on in a new machine. */
static void migrate_the_rest(QCXLTopology *t)
{
    QCXLMachine *source = m;

    qtest_qmp_assert_success(m->qts, "{ 'execute': 'migrate-continue',"
                             "'arguments': { 'state': 'pre-switchover' } }");
    qcxl_wait_for_migration(m, "completed");
    t->more = "-incoming defer";
    m = qcxl_launch(t);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, source);
    qcxl_stop(source);
}

/* All memory has been sent once when the bytes move. */
static void test_migrate_moving(void)
{
    QCXLTopology t = topology(2, 2);
    Region r, other;

    open_model();
    m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    migrate_and_pause();
    tear_down(&r);
    other = region(2, 1, 256, 0);
    program(&other);
    use(&other, 300);
    migrate_the_rest(&t);
    check(&other, "woven");
    tear_down(&other);
    program(&r);
    check(&r, "woven");
    qcxl_stop(m);
    close_model();
}

/* What is written after all was sent is sent again. */
static void test_migrate_trapped(void)
{
    QCXLTopology t = topology(2, 2);
    Region r;

    open_model();
    t.device = "weave=off";
    m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    migrate_and_pause();
    use(&r, 300);
    migrate_the_rest(&t);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
    check(&r, "trapped");
    qcxl_stop(m);
    close_model();
}

/* Firmware's decoders are committed before there is anything to load. */
static void check_firmware(const char *from, const char *to)
{
    QCXLTopology t = topology(2, 2);
    QCXLMachine *source;
    Region r;

    open_model();
    t.more = "-object cxl-region,id=r,window=0,size=1G,devices=mem0,"
             "devices=mem2,devices=mem1,devices=mem3";
    t.device = from;
    source = m = qcxl_start(&t);
    r = region(2, 2, 256, 0);
    g_assert_true(qcxl_mapped(m, r.base, from ? "trapped" : "woven"));
    use(&r, 300);
    qcxl_save(m, state);

    t.device = to;
    t.more = g_strconcat(t.more, " -incoming defer", NULL);
    m = qcxl_launch(&t);
    g_free((char *)t.more);
    g_assert_true(qcxl_load(m, state));
    qcxl_adopt(m, source);
    qcxl_stop(source);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
    check(&r, to ? "trapped" : "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

static void test_firmware(void)
{
    check_firmware(NULL, NULL);
    check_firmware("weave=off", NULL);
    check_firmware(NULL, "weave=off");
}

/* The list of window 0 in the state: its count, then offset and size */
static uint8_t *find_list(char *data, size_t length)
{
    static const char name[] = "\x0a" "cxl-window";

    for (char *at = data; at < data + length - 64; at++) {
        /* A section's name, then numbers of instance and version */
        if (!memcmp(at, name, 11) && ldl_be_p(at + 11) == 0 &&
            ldl_be_p(at + 15) == 1) {
            return (uint8_t *)at + 19;
        }
    }
    g_assert_not_reached();
}

/* Does a machine start from @state with these numbers in it? */
static bool loads(uint32_t count, uint64_t offset, uint64_t size)
{
    QCXLTopology t = topology(1, 2);
    g_autofree char *data = NULL;
    gsize length;
    uint8_t *list;
    bool good;

    g_assert_true(g_file_get_contents(state, &data, &length, NULL));
    list = find_list(data, length);
    g_assert_cmpuint(ldl_be_p(list), ==, 1);
    stl_be_p(list, count);
    stq_be_p(list + 4, offset);
    stq_be_p(list + 12, size);
    g_assert_true(g_file_set_contents(state, data, length, NULL));

    t.more = "-incoming defer";
    m = qcxl_launch(&t);
    good = qcxl_load(m, state);
    if (good) {
        qtest_qmp_assert_success(m->qts, "{ 'execute': 'cont' }");
        qtest_system_reset(m->qts);
    }
    qcxl_stop(m);
    stl_be_p(list, 1);
    g_assert_true(g_file_set_contents(state, data, length, NULL));
    return good;
}

/* A list that nobody could have saved is refused, or does no harm. */
static void test_hostile(void)
{
    QCXLTopology t = topology(1, 2);
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(1, 2, 256, 1);
    program(&r);
    use(&r, 300);
    qcxl_save(m, state);
    qcxl_stop(m);
    g_assert_true(loads(1, QCXL_UNIT, 2 * QCXL_UNIT));
    g_assert_true(loads(1, 0, 2 * QCXL_UNIT));
    g_assert_true(loads(1, 3 * QCXL_UNIT, QCXL_UNIT));
    g_assert_false(loads(UINT32_MAX, QCXL_UNIT, 2 * QCXL_UNIT));
    g_assert_false(loads(5, QCXL_UNIT, 2 * QCXL_UNIT));
    g_assert_false(loads(1, QCXL_UNIT + 1, 2 * QCXL_UNIT));
    g_assert_false(loads(1, QCXL_UNIT, 2 * QCXL_UNIT - 1));
    g_assert_false(loads(1, QCXL_UNIT, 0));
    g_assert_false(loads(1, 4 * QCXL_UNIT, QCXL_UNIT));
    g_assert_false(loads(1, QCXL_UNIT, 4 * QCXL_UNIT));
    g_assert_false(loads(1, -QCXL_UNIT, QCXL_UNIT));
    g_assert_false(loads(1, QCXL_UNIT, -QCXL_UNIT));
    close_model();
}

static void check_snapshot(bool reset)
{
    QCXLTopology t = topology(2, 2);
    g_autoptr(GHashTable) then = NULL;
    Region r, other;

    open_model();
    m = qcxl_start(&t);
    qcxl_add_image(m, state);
    r = region(2, 2, 256, 1);
    program(&r);
    use(&r, 300);
    qcxl_snapshot(m, "snapshot-save");
    then = g_steal_pointer(&model);
    model = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                  g_free);
    if (reset) {
        tear_down(&r);
        other = region(1, 2, 512, 3);
        program(&other);
        use(&other, 300);
    } else {
        use(&r, 300);
    }
    g_hash_table_unref(model);
    model = g_steal_pointer(&then);
    qcxl_snapshot(m, "snapshot-load");
    check(&r, "woven");
    tear_down(&r);
    check_devices(&r);
    qcxl_stop(m);
    close_model();
}

/* Back to what was: with the same range woven, and another */
static void test_snapshot(void)
{
    check_snapshot(false);
    check_snapshot(true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/weave-state/migrate", test_migrate);
    qtest_add_func("cxl/weave-state/migrate-elsewhere", test_migrate_elsewhere);
    qtest_add_func("cxl/weave-state/migrate-moving", test_migrate_moving);
    qtest_add_func("cxl/weave-state/migrate-trapped", test_migrate_trapped);
    qtest_add_func("cxl/weave-state/firmware", test_firmware);
    qtest_add_func("cxl/weave-state/hostile", test_hostile);
    qtest_add_func("cxl/weave-state/snapshot", test_snapshot);
    return g_test_run();
}
