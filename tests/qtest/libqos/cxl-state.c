/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqos: snapshots of a CXL machine, and how its memory is mapped. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"

static void wait_for_job(QTestState *qts)
{
    for (;;) {
        QDict *event = qtest_qmp_eventwait_ref(qts, "JOB_STATUS_CHANGE");
        QDict *data = qdict_get_qdict(event, "data");
        bool done = !strcmp(qdict_get_str(data, "status"), "concluded");

        qobject_unref(event);
        if (done) {
            break;
        }
    }
    qtest_qmp_assert_success(qts, "{ 'execute': 'job-dismiss',"
                             "'arguments': { 'id': 'job' } }");
}

void qcxl_add_image(const QCXLMachine *m, const char *path)
{
    QTestState *qts = m->qts;

    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    qtest_qmp_assert_success(qts, "{ 'execute': 'blockdev-add',"
                             "'arguments': { 'driver': 'file',"
                             "'node-name': 'file', 'filename': %s } }",
                             path);
    qtest_qmp_assert_success(qts, "{ 'execute': 'blockdev-create',"
                             "'arguments': { 'job-id': 'job', 'options': {"
                             "'driver': 'qcow2', 'file': 'file',"
                             "'size': 1048576 } } }");
    wait_for_job(qts);
    qtest_qmp_assert_success(qts, "{ 'execute': 'blockdev-add',"
                             "'arguments': { 'driver': 'qcow2',"
                             "'node-name': 'image', 'file': 'file' } }");
}

void qcxl_snapshot(const QCXLMachine *m, const char *what)
{
    QTestState *qts = m->qts;

    qtest_qmp_assert_success(qts, "{ 'execute': %s, 'arguments': {"
                             "'job-id': 'job', 'tag': 'one',"
                             "'vmstate': 'image', 'devices': ['image'] } }",
                             what);
    wait_for_job(qts);
}

void qcxl_wait_for_migration(const QCXLMachine *m, const char *wanted)
{
    for (;;) {
        QDict *answer = qtest_qmp_assert_success_ref(
            m->qts, "{ 'execute': 'query-migrate' }");
        g_autofree char *status =
            g_strdup(qdict_get_try_str(answer, "status"));

        qobject_unref(answer);
        if (!g_strcmp0(status, wanted)) {
            return;
        }
        g_assert_cmpstr(status, !=, "failed");
        g_usleep(2000);
    }
}

/* What there is to say of the range at @hpa: its kind and the reason */
static char *describe(const QCXLMachine *m, uint64_t hpa)
{
    QDict *answer = qtest_qmp(m->qts, "{ 'execute': 'query-cxl-mappings' }");
    const QListEntry *entry;
    char *text = NULL;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, "return"), entry) {
        QDict *mapping = qobject_to(QDict, qlist_entry_obj(entry));

        if (qdict_get_int(mapping, "base") == hpa) {
            text = g_strdup_printf("%s: %s", qdict_get_str(mapping, "kind"),
                                   qdict_get_try_str(mapping, "reason") ?: "");
        }
    }
    qobject_unref(answer);
    g_test_message("%s", text ?: "no mapping");
    return text;
}

bool qcxl_mapped(const QCXLMachine *m, uint64_t hpa, const char *kind)
{
    g_autofree char *text = describe(m, hpa);

    return text && g_str_has_prefix(text, kind);
}

bool qcxl_trapped(const QCXLMachine *m, uint64_t hpa, const char *words)
{
    g_autofree char *text = describe(m, hpa);

    return text && g_str_has_prefix(text, "trapped: ") && strstr(text, words);
}
