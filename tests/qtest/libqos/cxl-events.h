/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqos: event logs of CXL memory devices, and QMP commands by name. */
#ifndef TESTS_LIBQOS_CXL_EVENTS_H
#define TESTS_LIBQOS_CXL_EVENTS_H

#include "tests/qtest/libqos/cxl.h"
#include "qobject/qdict.h"

enum {
    QCXL_LOG_INFO, QCXL_LOG_WARNING, QCXL_LOG_FAILURE, QCXL_LOG_FATAL,
    QCXL_LOGS
};
#define QCXL_RECORD 0x80                /* bytes */
#define QCXL_EVENTS 0x20                /* of an answer, before records */
#define QCXL_VECTOR_EVENT 2             /* of the first log */

/* What Get Event Records says before its records. */
typedef struct QCXLEvents {
    uint8_t flags;                      /* 1 overflow, 2 more */
    uint16_t overflows, count;
    uint64_t first, last;               /* times of overflow */
} QCXLEvents;

/*
 * The oldest records of a log: as many as @records has room for and one
 * answer holds.
 */
QCXLEvents qcxl_events(const QCXLDevice *dev, uint8_t log,
                       uint8_t (*records)[QCXL_RECORD], unsigned room);
/* Clear @count records, the oldest of which has @handle; the return code. */
unsigned qcxl_events_clear(const QCXLDevice *dev, uint8_t log,
                           uint16_t handle, unsigned count);
/* All four logs: 0 no interrupt, 1 MSI, 2 firmware. */
void qcxl_events_policy(const QCXLDevice *dev, uint8_t mode);

/*
 * A QMP command; @arguments: JSON without its braces, single quotes.  NULL
 * @words: it succeeds and the caller has the answer.  Otherwise it fails with
 * an error that has them in it.
 */
QDict *qcxl_qmp(const QCXLMachine *m, const char *command,
                const char *arguments, const char *words);
/* The same where nothing is answered. */
void qcxl_qmp_do(const QCXLMachine *m, const char *command,
                 const char *arguments, const char *words);

#endif
