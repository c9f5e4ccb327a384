/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libqos: errors of CXL components: RAS, AER and how QMP makes them happen.
 * Registers are those of the standards, in bytes from their capability.
 */
#ifndef TESTS_LIBQOS_CXL_ERRORS_H
#define TESTS_LIBQOS_CXL_ERRORS_H

#include "tests/qtest/libqos/cxl.h"

/* AER, and its root part */
enum {
    AER_UNCOR_STATUS    = 0x04,
    AER_UNCOR_MASK      = 0x08,
    AER_UNCOR_SEVERITY  = 0x0c,
    AER_COR_STATUS      = 0x10,
    AER_COR_MASK        = 0x14,
    AER_ROOT_COMMAND    = 0x2c,
    AER_ROOT_STATUS     = 0x30,
    AER_ROOT_SOURCE     = 0x34,
};
#define UNCOR_INTERNAL (1 << 22)
#define COR_INTERNAL (1 << 14)

/* Root status: what came, without counts and the message number */
enum {
    ROOT_COR        = 0x01,
    ROOT_UNCOR      = 0x04,
    ROOT_NONFATAL   = 0x20,
    ROOT_FATAL      = 0x40,
};

/* RAS */
enum {
    RAS_UE_STATUS   = 0x00,
    RAS_UE_MASK     = 0x04,
    RAS_UE_SEVERITY = 0x08,
    RAS_CE_STATUS   = 0x0c,
    RAS_CE_MASK     = 0x10,
    RAS_CONTROL     = 0x14,
    RAS_HEADER_LOG  = 0x18,
};
#define RAS_UE_ALL 0x1cfff
#define RAS_CE_ALL 0x7f

uint32_t qcxl_ras_read(const QCXLFunction *fn, unsigned reg);
void qcxl_ras_write(const QCXLFunction *fn, unsigned reg, uint32_t value);
/* The first error pointer: a bit number. */
unsigned qcxl_ras_first(const QCXLFunction *fn);
uint32_t qcxl_aer_read(const QCXLFunction *fn, unsigned reg);
void qcxl_aer_write(const QCXLFunction *fn, unsigned reg, uint32_t value);

/* As an OS does: errors are reported up to the root port. */
void qcxl_errors_report(const QCXLFunction *fn);
/* Nothing is masked, neither in RAS nor in AER. */
void qcxl_errors_unmask(const QCXLFunction *fn);
/* Two messages of @root's MSI: the second is for errors. */
void qcxl_root_interrupts(const QCXLFunction *root);
/* Has the message for errors come since the last call? */
bool qcxl_root_take_interrupt(const QCXLFunction *root);
/* ROOT_* since the last call. */
uint32_t qcxl_root_take_status(const QCXLFunction *root);

/* @path: an id or a QOM path; @type as QMP spells it. */
void qcxl_inject_ce(const QCXLMachine *m, const char *path, const char *type);
/* @header: the first dword of the header log */
void qcxl_inject_ue(const QCXLMachine *m, const char *path, const char *type,
                    uint32_t header);

#endif
