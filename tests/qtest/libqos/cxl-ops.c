/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqos: capabilities, decoders, the mailbox and DOE. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

#define CXL_VENDOR 0x1e98
#define EXT_CAP_DVSEC 0x23
#define EXT_CAP_DOE 0x2e
#define CAP_MSIX 0x11
#define CAP_HDM 5
#define CACHEMEM 0x1000

/* RAM that messages are addressed to, a page for each bus */
#define MSIX_BASE 0x400000u
#define MSIX_TOKEN 0x5a000000u

#define DOE_CONTROL 0x08
#define DOE_STATUS 0x0c
#define DOE_WRITE 0x10
#define DOE_READ 0x14
#define DOE_GO (1u << 31)
#define DOE_ABORT 1
#define DOE_READY (1u << 31)
#define DOE_ERROR (1 << 2)

unsigned qcxl_find_cap(const QCXLFunction *fn, uint8_t id)
{
    unsigned at = qcxl_config_read(fn, 0x34, 1);

    for (unsigned n = 0; at && n < 48; n++) {
        if (qcxl_config_read(fn, at, 1) == id) {
            return at;
        }
        at = qcxl_config_read(fn, at + 1, 1);
    }
    return 0;
}

/* The first one after @at of that ID, or 0. */
static unsigned next_ext_cap(const QCXLFunction *fn, unsigned at,
                             uint16_t id)
{
    at = at ? qcxl_config_read(fn, at, 4) >> 20 : 0x100;
    for (unsigned n = 0; at && n < 960; n++) {
        uint32_t header = qcxl_config_read(fn, at, 4);

        if ((header & 0xffff) == id) {
            return at;
        }
        at = header >> 20;
    }
    return 0;
}

unsigned qcxl_find_ext_cap(const QCXLFunction *fn, uint16_t id)
{
    return next_ext_cap(fn, 0, id);
}

unsigned qcxl_find_dvsec(const QCXLFunction *fn, uint16_t id)
{
    unsigned at = 0;

    while ((at = next_ext_cap(fn, at, EXT_CAP_DVSEC))) {
        if (qcxl_config_read(fn, at + 4, 2) == CXL_VENDOR &&
            qcxl_config_read(fn, at + 8, 2) == id) {
            break;
        }
    }
    return at;
}

static uint64_t message_address(const QCXLFunction *fn, unsigned n)
{
    return MSIX_BASE + fn->bus * 0x100 + n * 4;
}

void qcxl_msix_enable(const QCXLFunction *fn)
{
    unsigned cap = qcxl_find_cap(fn, CAP_MSIX);
    unsigned vectors = (qcxl_config_read(fn, cap + 2, 2) & 0x7ff) + 1;
    uint32_t table = qcxl_config_read(fn, cap + 4, 4);
    uint64_t entry = fn->bar[table & 7] + (table & ~7u);

    for (unsigned n = 0; n < vectors; n++, entry += 16) {
        qcxl_write(fn->machine, entry, 4, message_address(fn, n));
        qcxl_write(fn->machine, entry + 4, 4, 0);
        qcxl_write(fn->machine, entry + 8, 4, MSIX_TOKEN + n);
        qcxl_write(fn->machine, entry + 12, 4, 0);
    }
    qcxl_config_write(fn, cap + 2, 2, 0x8000);
}

bool qcxl_msix_take(const QCXLFunction *fn, unsigned n)
{
    uint64_t address = message_address(fn, n);
    uint32_t token = qcxl_read(fn->machine, address, 4);

    qcxl_write(fn->machine, address, 4, 0);
    g_assert_true(!token || token == MSIX_TOKEN + n);
    return token;
}

uint64_t qcxl_component_cap(const QCXLMachine *m, uint64_t component,
                            uint16_t id)
{
    uint64_t array = component + CACHEMEM;
    unsigned count = qcxl_read(m, array, 4) >> 24;

    for (unsigned n = 1; n <= count; n++) {
        uint32_t entry = qcxl_read(m, array + 4 * n, 4);

        if ((entry & 0xffff) == id) {
            return array + (entry >> 20);
        }
    }
    return 0;
}

uint64_t qcxl_hdm(const QCXLMachine *m, uint64_t component)
{
    return qcxl_component_cap(m, component, CAP_HDM);
}

/* CXL r3.2: 0 to 4 are powers of two, 8 to 10 three times those */
unsigned qcxl_decode_ways(unsigned code)
{
    return code & 8 ? 3u << (code & 7) : 1u << code;
}

unsigned qcxl_encode_ways(unsigned ways)
{
    for (unsigned code = 0; code <= 10; code++) {
        if ((code <= 4 || code >= 8) && qcxl_decode_ways(code) == ways) {
            return code;
        }
    }
    g_assert_not_reached();
}

unsigned qcxl_encode_granularity(unsigned bytes)
{
    return ctz32(bytes) - 8;
}

static uint64_t decoder(uint64_t hdm, unsigned n)
{
    return hdm + 0x10 + 0x20 * n;
}

uint32_t qcxl_hdm_control(const QCXLMachine *m, uint64_t hdm, unsigned n)
{
    return qcxl_read(m, decoder(hdm, n) + 0x10, 4);
}

static uint64_t read_pair(const QCXLMachine *m, uint64_t at)
{
    return qcxl_read(m, at, 4) | qcxl_read(m, at + 4, 4) << 32;
}

uint64_t qcxl_hdm_base(const QCXLMachine *m, uint64_t hdm, unsigned n)
{
    return read_pair(m, decoder(hdm, n));
}

uint64_t qcxl_hdm_size(const QCXLMachine *m, uint64_t hdm, unsigned n)
{
    return read_pair(m, decoder(hdm, n) + 8);
}

/* High half first, as guests do. */
static void write_pair(const QCXLMachine *m, uint64_t at, uint64_t value)
{
    qcxl_write(m, at + 4, 4, value >> 32);
    qcxl_write(m, at, 4, value & UINT32_MAX);
}

uint32_t qcxl_hdm_commit(const QCXLMachine *m, uint64_t hdm, unsigned n,
                         const QCXLDecoder *d)
{
    uint64_t at = decoder(hdm, n);
    uint64_t targets = ldq_le_p(d->target);
    uint32_t control = d->flags |
        qcxl_encode_granularity(d->granularity ?: 256) |
        qcxl_encode_ways(d->ways ?: 1) << 4;

    qcxl_write(m, at + 0x10, 4, control);
    write_pair(m, at, d->base);
    write_pair(m, at + 8, d->size);
    write_pair(m, at + 0x14, targets ?: d->skip);
    qcxl_write(m, at + 0x10, 4, control | QCXL_HDM_COMMIT);
    return qcxl_hdm_control(m, hdm, n);
}

/* As guests tear down: the commit bit, then size, then base. */
void qcxl_hdm_uncommit(const QCXLMachine *m, uint64_t hdm, unsigned n)
{
    uint32_t control = qcxl_hdm_control(m, hdm, n);

    qcxl_write(m, decoder(hdm, n) + 0x10, 4, control & ~QCXL_HDM_COMMIT);
    write_pair(m, decoder(hdm, n) + 8, 0);
    write_pair(m, decoder(hdm, n), 0);
}

void qcxl_mem_enable(const QCXLDevice *dev, bool on)
{
    unsigned dvsec = qcxl_find_dvsec(&dev->fn, 0);
    uint64_t hdm = qcxl_hdm(dev->fn.machine, dev->fn.component);
    uint16_t control = qcxl_config_read(&dev->fn, dvsec + 0xc, 2);

    control = on ? control | 4 : control & ~4;
    qcxl_config_write(&dev->fn, dvsec + 0xc, 2, control);
    qcxl_write(dev->fn.machine, hdm + 4, 4, on ? 2 : 0);
}

unsigned qcxl_doorbell(const QCXLDevice *dev, uint16_t opcode,
                       uint32_t length)
{
    const QCXLMachine *m = dev->fn.machine;

    qcxl_write(m, dev->mailbox + 8, 8, opcode | (uint64_t)length << 16);
    qcxl_write(m, dev->mailbox + 4, 4,
               qcxl_read(m, dev->mailbox + 4, 4) | 1);
    g_assert_cmphex(qcxl_read(m, dev->mailbox + 4, 4) & 1, ==, 0);
    return qcxl_read(m, dev->mailbox + 0x10, 8) >> 32 & 0xffff;
}

unsigned qcxl_command(const QCXLDevice *dev, uint16_t opcode,
                      const void *in, size_t in_len,
                      void *out, size_t *out_len)
{
    QTestState *qts = dev->fn.machine->qts;
    size_t length;
    unsigned rc;

    if (in_len) {
        qtest_bufwrite(qts, dev->mailbox + 0x20, in, in_len);
    }
    rc = qcxl_doorbell(dev, opcode, in_len);
    length = qcxl_read(dev->fn.machine, dev->mailbox + 8, 8) >> 16;
    g_assert_cmpuint(length, <=, dev->payload);
    if (out_len) {
        if (length && out) {
            g_assert_cmpuint(length, <=, *out_len);
            qtest_bufread(qts, dev->mailbox + 0x20, out, length);
        }
        *out_len = length;
    }
    return rc;
}

static int take_answer(const QCXLFunction *fn, unsigned doe, uint32_t *out,
                       unsigned max_dw)
{
    unsigned n = 0;

    while (qcxl_config_read(fn, doe + DOE_STATUS, 4) & DOE_READY) {
        g_assert_cmpuint(n, <, max_dw);
        out[n++] = qcxl_config_read(fn, doe + DOE_READ, 4);
        qcxl_config_write(fn, doe + DOE_READ, 4, 0);
    }
    return n;
}

int qcxl_doe(const QCXLFunction *fn, const uint32_t *in, unsigned in_dw,
             uint32_t *out, unsigned max_dw)
{
    unsigned doe = qcxl_find_ext_cap(fn, EXT_CAP_DOE);

    g_assert_cmpuint(doe, !=, 0);
    for (unsigned n = 0; n < in_dw; n++) {
        qcxl_config_write(fn, doe + DOE_WRITE, 4, in[n]);
    }
    qcxl_config_write(fn, doe + DOE_CONTROL, 4, DOE_GO);
    if (qcxl_config_read(fn, doe + DOE_STATUS, 4) & DOE_ERROR) {
        qcxl_config_write(fn, doe + DOE_CONTROL, 4, DOE_ABORT);
        return -1;
    }
    return take_answer(fn, doe, out, max_dw);
}

unsigned qcxl_cdat_entry(const QCXLFunction *fn, uint16_t handle,
                         uint8_t *entry, unsigned max, uint16_t *next)
{
    uint32_t in[3] = { CXL_VENDOR | 2 << 16, 3, (uint32_t)handle << 16 };
    uint32_t out[256];
    int n = qcxl_doe(fn, in, 3, out, ARRAY_SIZE(out));

    g_assert_cmpint(n, >=, 3);
    g_assert_cmphex(out[0], ==, in[0]);
    g_assert_cmpint(out[1], ==, n);
    g_assert_cmphex(out[2] & 0xffff, ==, 0);
    *next = out[2] >> 16;
    g_assert_cmpuint((n - 3) * 4, <=, max);
    memcpy(entry, &out[3], (n - 3) * 4);
    return (n - 3) * 4;
}

GByteArray *qcxl_cdat(const QCXLFunction *fn)
{
    GByteArray *table = g_byte_array_new();
    uint16_t handle = 0;

    do {
        uint8_t entry[1024];
        unsigned padded = qcxl_cdat_entry(fn, handle, entry, sizeof(entry),
                                          &handle);
        unsigned length = table->len ? lduw_le_p(entry + 2) : 16;

        g_assert_cmpuint(padded, ==, ROUND_UP(length, 4));
        g_byte_array_append(table, entry, length);
    } while (handle != 0xffff);
    g_assert_cmpuint(table->len, ==, ldl_le_p(table->data));
    return table;
}
