/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-errors.h"

#define CAP_MSI 0x05
#define CAP_EXPRESS 0x10
#define DEVICE_CONTROL 0x08         /* in the PCIe capability */
#define EXT_CAP_AER 0x0001
#define CAP_RAS 2
#define PCI_CLASS 0x0a
#define CLASS_BRIDGE 0x0604
#define BRIDGE_CONTROL 0x3e
#define BRIDGE_SERR 0x2
#define ROOT_KINDS (ROOT_COR | ROOT_UNCOR | ROOT_NONFATAL | ROOT_FATAL)

#define MESSAGE 0x100000            /* where the root port's MSI goes */
#define TOKEN 0x5a10

static uint64_t ras(const QCXLFunction *fn)
{
    return qcxl_component_cap(fn->machine, fn->component, CAP_RAS);
}

uint32_t qcxl_ras_read(const QCXLFunction *fn, unsigned reg)
{
    return qcxl_read(fn->machine, ras(fn) + reg, 4);
}

void qcxl_ras_write(const QCXLFunction *fn, unsigned reg, uint32_t value)
{
    qcxl_write(fn->machine, ras(fn) + reg, 4, value);
}

unsigned qcxl_ras_first(const QCXLFunction *fn)
{
    return qcxl_ras_read(fn, RAS_CONTROL) & 0x3f;
}

uint32_t qcxl_aer_read(const QCXLFunction *fn, unsigned reg)
{
    return qcxl_config_read(fn, qcxl_find_ext_cap(fn, EXT_CAP_AER) + reg, 4);
}

void qcxl_aer_write(const QCXLFunction *fn, unsigned reg, uint32_t value)
{
    qcxl_config_write(fn, qcxl_find_ext_cap(fn, EXT_CAP_AER) + reg, 4,
                      value);
}

void qcxl_errors_report(const QCXLFunction *fn)
{
    unsigned cap = qcxl_find_cap(fn, CAP_EXPRESS);

    qcxl_config_write(fn, cap + DEVICE_CONTROL, 2, 7);
    if (qcxl_config_read(fn, PCI_CLASS, 2) == CLASS_BRIDGE) {
        qcxl_config_write(fn, BRIDGE_CONTROL, 2, BRIDGE_SERR);
    }
}

void qcxl_errors_unmask(const QCXLFunction *fn)
{
    qcxl_ras_write(fn, RAS_UE_MASK, 0);
    qcxl_ras_write(fn, RAS_CE_MASK, 0);
    qcxl_aer_write(fn, AER_UNCOR_MASK, 0);
    qcxl_aer_write(fn, AER_COR_MASK, 0);
}

void qcxl_root_interrupts(const QCXLFunction *root)
{
    unsigned cap = qcxl_find_cap(root, CAP_MSI);

    qcxl_config_write(root, cap + 4, 4, MESSAGE);
    qcxl_config_write(root, cap + 8, 4, 0);
    qcxl_config_write(root, cap + 12, 2, TOKEN);
    qcxl_config_write(root, cap + 2, 2, 0x11);
    qcxl_aer_write(root, AER_ROOT_COMMAND, 7);
}

bool qcxl_root_take_interrupt(const QCXLFunction *root)
{
    uint32_t token = qcxl_read(root->machine, MESSAGE, 4);

    qcxl_write(root->machine, MESSAGE, 4, 0);
    g_assert_true(!token || token == TOKEN + 1);
    return token;
}

uint32_t qcxl_root_take_status(const QCXLFunction *root)
{
    uint32_t status = qcxl_aer_read(root, AER_ROOT_STATUS);

    qcxl_aer_write(root, AER_ROOT_STATUS, status);
    return status & ROOT_KINDS;
}

void qcxl_inject_ce(const QCXLMachine *m, const char *path, const char *type)
{
    qtest_qmp_assert_success(m->qts,
        "{ 'execute': 'cxl-inject-correctable-error',"
        "'arguments': { 'path': %s, 'type': %s } }", path, type);
}

void qcxl_inject_ue(const QCXLMachine *m, const char *path, const char *type,
                    uint32_t header)
{
    qtest_qmp_assert_success(m->qts,
        "{ 'execute': 'cxl-inject-uncorrectable-errors', 'arguments':"
        "{ 'path': %s, 'errors': [ { 'type': %s, 'header': [ %u ] } ] } }",
        path, type, header);
}
