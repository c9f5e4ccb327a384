/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "tests/qtest/libqos/cxl-events.h"
#include "qemu/bswap.h"
#include "qobject/qjson.h"

#define HANDLES_MAX 255

QCXLEvents qcxl_events(const QCXLDevice *dev, uint8_t log,
                       uint8_t (*records)[QCXL_RECORD], unsigned room)
{
    g_autofree uint8_t *out = g_malloc0(dev->payload);
    size_t len = dev->payload;
    QCXLEvents events;

    g_assert_cmphex(qcxl_command(dev, 0x0100, &log, 1, out, &len), ==, 0);
    events = (QCXLEvents) {
        .flags = out[0],
        .overflows = lduw_le_p(out + 2),
        .first = ldq_le_p(out + 4),
        .last = ldq_le_p(out + 0xc),
        .count = lduw_le_p(out + 0x14),
    };
    g_assert_cmpuint(len, ==, QCXL_EVENTS + events.count * QCXL_RECORD);
    memcpy(records, out + QCXL_EVENTS, MIN(room, events.count) * QCXL_RECORD);
    return events;
}

unsigned qcxl_events_clear(const QCXLDevice *dev, uint8_t log,
                           uint16_t handle, unsigned count)
{
    uint8_t in[6 + 2 * HANDLES_MAX] = { log, 0, count };

    g_assert_cmpuint(count, <=, HANDLES_MAX);
    for (unsigned n = 0; n < count; n++) {
        stw_le_p(in + 6 + 2 * n, handle++);
        handle = handle ?: 1;
    }
    return qcxl_command(dev, 0x0101, in, 6 + 2 * count, NULL, NULL);
}

void qcxl_events_policy(const QCXLDevice *dev, uint8_t mode)
{
    uint8_t in[QCXL_LOGS] = { mode, mode, mode, mode };

    g_assert_cmphex(qcxl_command(dev, 0x0103, in, sizeof(in), NULL, NULL), ==,
                    0);
}

QDict *qcxl_qmp(const QCXLMachine *m, const char *command,
                const char *arguments, const char *words)
{
    g_autofree char *json = g_strdup_printf("{ %s }", arguments);
    QDict *reply = qtest_qmp(m->qts, "{ 'execute': %s, 'arguments': %p }",
                             command, qobject_from_json(json, &error_abort));
    QDict *error = qdict_get_qdict(reply, "error");

    if (error) {
        const char *desc = qdict_get_str(error, "desc");

        g_test_message("%s", desc);
        g_assert_nonnull(words);
        g_assert_nonnull(strstr(desc, words));
    }
    g_assert_true(!words == !error);
    return reply;
}

void qcxl_qmp_do(const QCXLMachine *m, const char *command,
                 const char *arguments, const char *words)
{
    qobject_unref(qcxl_qmp(m, command, arguments, words));
}
