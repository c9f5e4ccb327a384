/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCIe r6.0: Data Object Exchange.  Objects are answered at once, so the
 * busy bit never shows.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/doe.h"

void cxl_doe_init(CXLDoe *doe, const CXLDoeProtocol *protocols,
                  unsigned count, const CXLIrq *irq, int vector)
{
    memset(doe, 0, sizeof(*doe));
    doe->protocols = protocols;
    doe->protocol_count = count;
    doe->vector = irq && irq->ops ? vector : -1;
    if (doe->vector >= 0) {
        doe->irq = *irq;
    }
}

static void forget_objects(CXLDoe *doe)
{
    doe->error = false;
    doe->ready = false;
    doe->in_dw = 0;
    doe->out_dw = 0;
    doe->out_pos = 0;
}

void cxl_doe_reset(CXLDoe *doe)
{
    forget_objects(doe);
    doe->interrupt_enable = false;
    doe->interrupt_status = false;
}

bool cxl_doe_valid(const CXLDoe *doe)
{
    return doe->in_dw <= CXL_DOE_MAX_DW && doe->out_dw <= CXL_DOE_MAX_DW &&
           (!doe->ready || doe->out_pos < doe->out_dw) &&
           (doe->vector >= 0 || !doe->interrupt_enable);
}

static void notify(CXLDoe *doe)
{
    if (doe->interrupt_enable) {
        doe->interrupt_status = true;
        cxl_irq_raise(&doe->irq, doe->vector);
    }
}

static void fail(CXLDoe *doe)
{
    if (!doe->error) {
        doe->error = true;
        notify(doe);
    }
}

/* Index 0 is discovery itself; false past the last. */
static bool protocol_at(const CXLDoe *doe, unsigned index, uint16_t *vendor,
                        uint8_t *type)
{
    if (index > doe->protocol_count) {
        *vendor = CXL_DOE_VENDOR_NONE;
        *type = CXL_DOE_TYPE_NONE;
        return false;
    }
    *vendor = index ? doe->protocols[index - 1].vendor
                    : CXL_DOE_VENDOR_PCI_SIG;
    *type = index ? doe->protocols[index - 1].type
                  : CXL_DOE_TYPE_DISCOVERY;
    return true;
}

/* PCIe r6.0: DOE Discovery */
static int discovery(void *state, const uint8_t *in, size_t in_len,
                     uint8_t *out, size_t out_max)
{
    const CXLDoe *doe = state;
    uint32_t response = 0;
    unsigned index;
    uint16_t vendor;
    uint8_t type;

    if (in_len != sizeof(response) || out_max < sizeof(response)) {
        return -1;
    }
    index = FIELD_EX32(ldl_le_p(in), CXL_DOE_DISCOVERY_REQ, INDEX);
    if (protocol_at(doe, index, &vendor, &type) &&
        index < doe->protocol_count) {
        response = FIELD_DP32(response, CXL_DOE_DISCOVERY_RSP, NEXT,
                              index + 1);
    }
    response = FIELD_DP32(response, CXL_DOE_DISCOVERY_RSP, VENDOR, vendor);
    response = FIELD_DP32(response, CXL_DOE_DISCOVERY_RSP, TYPE, type);
    stl_le_p(out, response);
    return sizeof(response);
}

static bool find_protocol(CXLDoe *doe, uint32_t header,
                          CXLDoeProtocol *protocol)
{
    uint16_t vendor = FIELD_EX32(header, CXL_DOE_HEADER1, VENDOR);
    uint8_t type = FIELD_EX32(header, CXL_DOE_HEADER1, TYPE);

    if (vendor == CXL_DOE_VENDOR_PCI_SIG &&
        type == CXL_DOE_TYPE_DISCOVERY) {
        *protocol = (CXLDoeProtocol) { .answer = discovery, .state = doe };
        return true;
    }
    for (unsigned i = 0; i < doe->protocol_count; i++) {
        if (doe->protocols[i].vendor == vendor &&
            doe->protocols[i].type == type) {
            *protocol = doe->protocols[i];
            return true;
        }
    }
    return false;
}

static void swap_dwords(uint32_t *dw, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        dw[i] = cpu_to_le32(dw[i]);
    }
}

/* The object in doe->in is whole: false if it is dropped. */
static bool answer(CXLDoe *doe, unsigned length)
{
    const unsigned head = CXL_DOE_HEADER_DW;
    CXLDoeProtocol protocol;
    int bytes;

    if (!find_protocol(doe, doe->in[0], &protocol)) {
        return false;
    }
    swap_dwords(doe->in + head, length - head);
    memset(doe->out, 0, sizeof(doe->out));
    bytes = protocol.answer(protocol.state, (uint8_t *)(doe->in + head),
                            (length - head) * sizeof(uint32_t),
                            (uint8_t *)(doe->out + head),
                            (CXL_DOE_MAX_DW - head) * sizeof(uint32_t));
    if (bytes < 0) {
        return false;
    }
    doe->out_dw = head + DIV_ROUND_UP(bytes, sizeof(uint32_t));
    swap_dwords(doe->out + head, doe->out_dw - head);
    doe->out[0] = doe->in[0] & (R_CXL_DOE_HEADER1_VENDOR_MASK |
                                R_CXL_DOE_HEADER1_TYPE_MASK);
    doe->out[1] = doe->out_dw;
    return true;
}

static unsigned object_length(const CXLDoe *doe)
{
    unsigned length = FIELD_EX32(doe->in[1], CXL_DOE_HEADER2, LENGTH);

    return length ? length : CXL_DOE_LENGTH_ZERO;
}

/*
 * An object longer than the mailbox is an error; one whose length is not
 * what was written, or that nobody answers, is dropped in silence.
 */
static void go(CXLDoe *doe)
{
    unsigned written = doe->in_dw;

    if (doe->error) {
        return;
    }
    doe->in_dw = 0;
    doe->ready = false;
    if (written < CXL_DOE_HEADER_DW) {
        return;
    }
    if (object_length(doe) > CXL_DOE_MAX_DW) {
        fail(doe);
        return;
    }
    if (object_length(doe) == written && answer(doe, written)) {
        doe->out_pos = 0;
        doe->ready = true;
        notify(doe);
    }
}

static void write_mailbox(CXLDoe *doe, uint32_t value)
{
    if (doe->error) {
        return;
    }
    if (doe->in_dw == CXL_DOE_MAX_DW) {
        fail(doe);
        return;
    }
    doe->in[doe->in_dw++] = value;
}

static void advance(CXLDoe *doe)
{
    if (!doe->ready) {
        fail(doe);
        return;
    }
    doe->out_pos++;
    doe->ready = doe->out_pos < doe->out_dw;
}

static void write_control(CXLDoe *doe, uint32_t value, uint32_t mask)
{
    if (mask & R_CXL_DOE_CTRL_INTERRUPT_ENABLE_MASK) {
        doe->interrupt_enable = doe->vector >= 0 &&
            FIELD_EX32(value, CXL_DOE_CTRL, INTERRUPT_ENABLE);
    }
    if (FIELD_EX32(value, CXL_DOE_CTRL, ABORT)) {
        forget_objects(doe);
    } else if (FIELD_EX32(value, CXL_DOE_CTRL, GO)) {
        go(doe);
    }
}

static void write_status(CXLDoe *doe, uint32_t value)
{
    if (FIELD_EX32(value, CXL_DOE_STATUS, INTERRUPT)) {
        doe->interrupt_status = false;
    }
}

/* @mask: the bits that the access names; @value has no others. */
static void write_register(CXLDoe *doe, uint32_t reg, uint32_t value,
                           uint32_t mask)
{
    switch (reg) {
    case CXL_DOE_CONTROL:
        write_control(doe, value, mask);
        break;
    case CXL_DOE_STATUS:
        write_status(doe, value);
        break;
    case CXL_DOE_WRITE_MAILBOX:
        if (mask == UINT32_MAX) {
            write_mailbox(doe, value);
        }
        break;
    case CXL_DOE_READ_MAILBOX:
        if (mask & 1) {
            advance(doe);
        }
        break;
    }
}

void cxl_doe_write(CXLDoe *doe, uint32_t offset, uint32_t value,
                   unsigned size)
{
    while (size) {
        unsigned at = offset % 4;
        unsigned bytes = MIN(size, 4 - at);
        uint32_t mask = MAKE_64BIT_MASK(at * 8, bytes * 8);

        write_register(doe, offset - at, (value << (at * 8)) & mask, mask);
        value = bytes < 4 ? value >> (bytes * 8) : 0;
        offset += bytes;
        size -= bytes;
    }
}

static uint32_t read_status(const CXLDoe *doe)
{
    uint32_t status = 0;

    status = FIELD_DP32(status, CXL_DOE_STATUS, INTERRUPT,
                        doe->interrupt_status);
    status = FIELD_DP32(status, CXL_DOE_STATUS, ERROR, doe->error);
    return FIELD_DP32(status, CXL_DOE_STATUS, READY, doe->ready);
}

static uint32_t read_capability(const CXLDoe *doe)
{
    uint32_t cap = 0;

    if (doe->vector >= 0) {
        cap = FIELD_DP32(cap, CXL_DOE_CAP, INTERRUPT, 1);
        cap = FIELD_DP32(cap, CXL_DOE_CAP, VECTOR, doe->vector);
    }
    return cap;
}

static uint32_t read_register(const CXLDoe *doe, uint32_t reg)
{
    switch (reg) {
    case CXL_DOE_CAPABILITY:
        return read_capability(doe);
    case CXL_DOE_CONTROL:
        return FIELD_DP32(0, CXL_DOE_CTRL, INTERRUPT_ENABLE,
                          doe->interrupt_enable);
    case CXL_DOE_STATUS:
        return read_status(doe);
    case CXL_DOE_READ_MAILBOX:
        return doe->ready ? doe->out[doe->out_pos] : 0;
    default:
        return 0;
    }
}

uint32_t cxl_doe_read(CXLDoe *doe, uint32_t offset, unsigned size)
{
    unsigned at = offset % 4;
    uint64_t pair = read_register(doe, offset - at);

    if (at + size > 4) {
        pair |= (uint64_t)read_register(doe, offset - at + 4) << 32;
    }
    return extract64(pair, at * 8, size * 8);
}
