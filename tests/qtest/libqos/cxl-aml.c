/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqos: a small AML interpreter.  ACPI r6.5: AML Byte Stream Byte Values. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl-aml.h"
#include "qemu/bswap.h"

enum {
    ZERO = 0x00, ONE = 0x01, BYTE = 0x0a, WORD = 0x0b, DWORD = 0x0c,
    BUFFER = 0x11, PACKAGE = 0x12, METHOD = 0x14, LOCAL0 = 0x60,
    ARG0 = 0x68, STORE = 0x70, DEREF_OF = 0x83, INDEX = 0x88, LAND = 0x90,
    LOR = 0x91, LNOT = 0x92, LEQUAL = 0x93, LGREATER = 0x94, LLESS = 0x95,
    IF = 0xa0, RETURN = 0xa4, ONES = 0xff,
};

typedef struct Run {
    const uint8_t *at, *end;
    QAmlValue local[8], arg[7];
    QAmlValue result;
    bool returned;
} Run;

static QAmlValue eval(Run *run);

static uint8_t next(Run *run)
{
    g_assert_true(run->at < run->end);
    return *run->at++;
}

/* PkgLength: where what begins here ends. */
static const uint8_t *package_end(Run *run)
{
    const uint8_t *start = run->at;
    uint8_t lead = next(run);
    unsigned more = lead >> 6;
    uint32_t length = more ? lead & 0xf : lead & 0x3f;

    for (unsigned i = 0; i < more; i++) {
        length |= next(run) << (4 + 8 * i);
    }
    g_assert_cmpuint(length, <=, run->end - start);
    return start + length;
}

static QAmlValue integer(uint64_t n)
{
    return (QAmlValue) { .kind = QAML_INTEGER, .n = (uint32_t)n };
}

static QAmlValue constant(Run *run, unsigned bytes)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < bytes; i++) {
        n |= (uint64_t)next(run) << (8 * i);
    }
    return integer(n);
}

static QAmlValue block(Run *run, QAmlKind kind)
{
    const uint8_t *end = package_end(run);
    uint64_t n = kind == QAML_PACKAGE ? next(run) : eval(run).n;
    QAmlValue value = {
        .kind = kind, .n = n, .bytes = run->at, .len = end - run->at,
    };

    run->at = end;
    return value;
}

static uint64_t number(Run *run)
{
    QAmlValue value = eval(run);

    g_assert_cmpuint(value.kind, ==, QAML_INTEGER);
    return value.n;
}

static bool equal(Run *run)
{
    QAmlValue a = eval(run), b = eval(run);

    if (a.kind == QAML_BUFFER && b.kind == QAML_BUFFER) {
        return a.len == b.len && !memcmp(a.bytes, b.bytes, a.len);
    }
    g_assert_cmpuint(a.kind, ==, QAML_INTEGER);
    g_assert_cmpuint(b.kind, ==, QAML_INTEGER);
    return a.n == b.n;
}

static bool compare(Run *run, uint8_t op)
{
    uint64_t a = number(run), b = number(run);

    switch (op) {
    case LAND:
        return a && b;
    case LOR:
        return a || b;
    case LGREATER:
        return a > b;
    default:
        return a < b;
    }
}

/* DerefOf (Index (package, number)) */
static QAmlValue deref_of(Run *run)
{
    QAmlValue package, element;

    g_assert_cmphex(next(run), ==, INDEX);
    package = eval(run);
    element = qaml_element(&package, number(run));
    g_assert_cmphex(next(run), ==, ZERO);       /* no target */
    return element;
}

static QAmlValue truth(bool value)
{
    return integer(value ? UINT32_MAX : 0);
}

static QAmlValue eval_operator(Run *run, uint8_t op)
{
    switch (op) {
    case DEREF_OF:
        return deref_of(run);
    case LNOT:
        return truth(!number(run));
    case LEQUAL:
        return truth(equal(run));
    case LAND:
    case LOR:
    case LGREATER:
    case LLESS:
        return truth(compare(run, op));
    default:
        g_error("AML operator 0x%02x", op);
    }
}

static QAmlValue eval(Run *run)
{
    uint8_t op = next(run);

    switch (op) {
    case ZERO:
    case ONE:
        return integer(op);
    case ONES:
        return integer(UINT32_MAX);
    case BYTE:
        return constant(run, 1);
    case WORD:
        return constant(run, 2);
    case DWORD:
        return constant(run, 4);
    case BUFFER:
        return block(run, QAML_BUFFER);
    case PACKAGE:
        return block(run, QAML_PACKAGE);
    case LOCAL0 ... LOCAL0 + 7:
        return run->local[op - LOCAL0];
    case ARG0 ... ARG0 + 6:
        return run->arg[op - ARG0];
    default:
        return eval_operator(run, op);
    }
}

static void execute(Run *run, const uint8_t *end);

static void execute_if(Run *run)
{
    const uint8_t *end = package_end(run);

    if (number(run)) {
        execute(run, end);
    }
    run->at = end;
}

static void execute(Run *run, const uint8_t *end)
{
    while (run->at < end && !run->returned) {
        uint8_t op = next(run);

        if (op == IF) {
            execute_if(run);
        } else if (op == STORE) {
            QAmlValue value = eval(run);
            uint8_t target = next(run);

            g_assert_cmphex(target & ~7, ==, LOCAL0);
            run->local[target - LOCAL0] = value;
        } else {
            g_assert_cmphex(op, ==, RETURN);
            run->result = eval(run);
            run->returned = true;
        }
    }
}

QAmlValue qaml_call(const uint8_t *aml, size_t len, const char *name,
                    const QAmlValue *arg, unsigned args)
{
    Run run = { .at = aml, .end = aml + len };
    const uint8_t *found = memmem(aml, len, name, 4);
    const uint8_t *end;

    g_assert_nonnull(found);
    /* The length before the name has one to four bytes. */
    for (run.at = found - 2; *run.at != METHOD; run.at--) {
        g_assert_cmpuint(found - run.at, <, 5);
    }
    run.at++;
    end = package_end(&run);
    g_assert_true(run.at == found);
    run.at = found + 4;
    g_assert_cmpuint(next(&run) & 7, ==, args);
    memcpy(run.arg, arg, args * sizeof(*arg));
    execute(&run, end);
    g_assert_true(run.returned);
    return run.result;
}

QAmlValue qaml_element(const QAmlValue *package, unsigned index)
{
    Run run = { .at = package->bytes, .end = package->bytes + package->len };
    QAmlValue element;

    g_assert_cmpuint(package->kind, ==, QAML_PACKAGE);
    g_assert_cmpuint(index, <, package->n);
    do {
        element = eval(&run);
    } while (index--);
    return element;
}
