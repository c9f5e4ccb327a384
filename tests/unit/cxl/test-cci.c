/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dispatcher: gates, their order, the answer's bounds, the CEL. */
#include "qemu/osdep.h"
#include "fake.h"
#include "hw/cxl/core/cci.h"

#define PAYLOAD 256

typedef struct Fixture {
    CXLCci cci;
    FakeClock clock;
    FakeTrace trace;
    bool media_disabled, locked, answered;
    uint64_t duration;
    unsigned finished;
    uint8_t out[PAYLOAD];
    size_t out_len;
} Fixture;

/* Answers its input, byte by byte, as long as there is room. */
static CXLRetCode echo(CXLCall *call)
{
    for (size_t i = 0; i < call->in_len; i++) {
        uint8_t *out = cxl_call_put(call, 1);

        if (!out) {
            return CXL_RC_RETRY_REQUIRED;
        }
        *out = call->in[call->in_len - 1 - i];
    }
    return CXL_RC_SUCCESS;
}

/* Fills the answer, then fails. */
static CXLRetCode fail(CXLCall *call)
{
    memset(cxl_call_put(call, 8), 0xff, 8);
    return CXL_RC_INVALID_INPUT;
}

static CXLRetCode work(CXLCall *call)
{
    Fixture *f = call->state;

    cxl_call_put(call, 8);
    call->foreground = f->answered;
    return CXL_RC_SUCCESS;
}

static uint64_t duration(void *state)
{
    Fixture *f = state;

    return f->duration;
}

static CXLRetCode finish(void *state)
{
    Fixture *f = state;

    f->finished++;
    return CXL_RC_SUCCESS;
}

static void on_abort(void *state)
{
}

static const CXLBgOps slow = { duration, finish, NULL };
static const CXLBgOps soft = { duration, finish, on_abort };

static const CXLCommand low_cmds[] = {
    CXL_CMD(0x0010, echo, CXL_IN_RANGE(0, UINT32_MAX)),
    CXL_CMD(0x0030, fail, CXL_IN_NONE),
    CXL_CMD(0x0040, work, CXL_IN_NONE, .bg = &slow,
            .effects = CXL_EFF_IMM_DATA),
};
static CXL_COMMAND_SET(low, low_cmds);

static const CXLCommand high_cmds[] = {
    CXL_CMD(0x0020, echo, CXL_IN_RANGE(2, 4), .out_min = 64,
            .gates = CXL_GATE_MEDIA | CXL_GATE_UNLOCKED, .bg = &soft),
    CXL_CMD(0x0041, echo, CXL_IN_NONE, .on = CXL_CCI_SWITCH),
    CXL_CMD(0x0050, echo, CXL_IN_NONE, .gates = CXL_GATE_MEDIA),
    CXL_CMD(0x0051, echo, CXL_IN_NONE, .gates = CXL_GATE_UNLOCKED),
};
static CXL_COMMAND_SET(high, high_cmds);

static bool media_disabled(void *opaque)
{
    return ((Fixture *)opaque)->media_disabled;
}

static bool locked(void *opaque)
{
    return ((Fixture *)opaque)->locked;
}

static const CXLGateOps gate_ops = { media_disabled, locked };

static void set_up(Fixture *f, gconstpointer data)
{
    CXLClock clock = fake_clock(&f->clock);

    cxl_cci_init(&f->cci, CXL_CCI_PRIMARY, PAYLOAD, &clock);
    f->cci.gate_ops = &gate_ops;
    f->cci.gate_opaque = f;
    f->cci.trace = fake_trace(&f->trace);
    f->duration = 1000;
    cxl_cci_attach(&f->cci, &high, f);
    cxl_cci_attach(&f->cci, &low, f);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    cxl_cci_finish(&f->cci);
}

static CXLRetCode send(Fixture *f, uint16_t opcode, size_t in_len)
{
    static const uint8_t in[PAYLOAD + 1] = { 1, 2, 3, 4 };

    f->out_len = 12345;
    return cxl_cci_run(&f->cci, opcode, in, in_len, f->out, PAYLOAD,
                       &f->out_len);
}

static void test_answer(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(send(f, 0x10, 4), ==, CXL_RC_SUCCESS);
    g_assert_cmpmem(f->out, f->out_len, ((uint8_t[]) { 4, 3, 2, 1 }), 4);
    g_assert_cmphex(send(f, 0x10, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(f->out_len, ==, 0);
}

static void test_unknown(Fixture *f, gconstpointer data)
{
    static const uint16_t codes[] = { 0x0, 0xf, 0x11, 0x52, 0xffff };

    for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
        g_assert_cmphex(send(f, codes[i], 0), ==, CXL_RC_UNSUPPORTED);
        g_assert_cmpuint(f->out_len, ==, 0);
    }
}

static void test_wrong_cci(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(send(f, 0x41, 9), ==, CXL_RC_UNSUPPORTED_CCI);
    f->cci.kind = CXL_CCI_SWITCH;
    g_assert_cmphex(send(f, 0x41, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send(f, 0x10, 0), ==, CXL_RC_UNSUPPORTED_CCI);
    f->cci.kind = CXL_CCI_MCTP;
    g_assert_cmphex(send(f, 0x10, 0), ==, CXL_RC_SUCCESS);
}

static void test_length(Fixture *f, gconstpointer data)
{
    f->locked = true;
    g_assert_cmphex(send(f, 0x20, 1), ==, CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(send(f, 0x20, 5), ==, CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(send(f, 0x20, 2), ==, CXL_RC_INVALID_SECURITY_STATE);
    g_assert_cmphex(send(f, 0x20, 4), ==, CXL_RC_INVALID_SECURITY_STATE);
    g_assert_cmphex(send(f, 0x30, 1), ==, CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(send(f, 0x10, PAYLOAD), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send(f, 0x10, PAYLOAD + 1), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
}

static void test_gate_order(Fixture *f, gconstpointer data)
{
    uint8_t in[2] = { 0 };

    g_assert_cmphex(send(f, 0x40, 0), ==, CXL_RC_BG_STARTED);
    f->locked = f->media_disabled = true;
    g_assert_cmphex(send(f, 0x20, 9), ==, CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(send(f, 0x20, 2), ==, CXL_RC_BUSY);
    cxl_cci_reset(&f->cci, CXL_RESET_HOT);
    g_assert_cmphex(send(f, 0x20, 2), ==, CXL_RC_INVALID_SECURITY_STATE);
    f->locked = false;
    g_assert_cmphex(send(f, 0x20, 2), ==, CXL_RC_MEDIA_DISABLED);
    f->media_disabled = false;
    g_assert_cmphex(cxl_cci_run(&f->cci, 0x20, in, 2, f->out, 63,
                                &f->out_len), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(send(f, 0x20, 2), ==, CXL_RC_BG_STARTED);
}

static void test_gates_alone(Fixture *f, gconstpointer data)
{
    f->media_disabled = true;
    g_assert_cmphex(send(f, 0x50, 0), ==, CXL_RC_MEDIA_DISABLED);
    g_assert_cmphex(send(f, 0x51, 0), ==, CXL_RC_SUCCESS);
    f->media_disabled = false;
    f->locked = true;
    g_assert_cmphex(send(f, 0x50, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send(f, 0x51, 0), ==, CXL_RC_INVALID_SECURITY_STATE);
    f->cci.gate_ops = NULL;
    f->media_disabled = true;
    g_assert_cmphex(send(f, 0x50, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send(f, 0x51, 0), ==, CXL_RC_SUCCESS);
}

static void test_error_is_empty(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(send(f, 0x30, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(f->out_len, ==, 0);
    g_assert_cmphex(send(f, 0x40, 0), ==, CXL_RC_BG_STARTED);
    g_assert_cmpuint(f->out_len, ==, 0);
}

static void test_output_bound(Fixture *f, gconstpointer data)
{
    g_autofree uint8_t *out = g_malloc(3);

    g_assert_cmphex(cxl_cci_run(&f->cci, 0x10, "abcd", 4, out, 3,
                                &f->out_len), ==, CXL_RC_RETRY_REQUIRED);
    g_assert_cmpuint(f->out_len, ==, 0);
    g_assert_cmphex(cxl_cci_run(&f->cci, 0x10, "abc", 3, out, 3,
                                &f->out_len), ==, CXL_RC_SUCCESS);
    g_assert_cmpmem(out, f->out_len, "cba", 3);
    f->cci.payload_max = 63;
    g_assert_cmphex(send(f, 0x20, 2), ==, CXL_RC_INVALID_PAYLOAD_LENGTH);
    f->cci.payload_max = 2;
    g_assert_cmphex(cxl_cci_run(&f->cci, 0x10, "ab", 2, out, 3,
                                &f->out_len), ==, CXL_RC_SUCCESS);
    g_assert_cmpmem(out, f->out_len, "ba", 2);
}

static void test_alias(Fixture *f, gconstpointer data)
{
    uint8_t buf[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

    g_assert_cmphex(cxl_cci_run(&f->cci, 0x10, buf, 4, buf, 8,
                                &f->out_len), ==, CXL_RC_SUCCESS);
    g_assert_cmpmem(buf, 5, ((uint8_t[]) { 4, 3, 2, 1, 5 }), 5);
    g_assert_cmphex(cxl_cci_run(&f->cci, 0x10, buf, 4, buf + 2, 6,
                                &f->out_len), ==, CXL_RC_SUCCESS);
    g_assert_cmpmem(buf, 6, ((uint8_t[]) { 4, 3, 1, 2, 3, 4 }), 6);
}

static void test_background(Fixture *f, gconstpointer data)
{
    g_assert_cmphex(send(f, 0x40, 0), ==, CXL_RC_BG_STARTED);
    g_assert_cmphex(send(f, 0x40, 0), ==, CXL_RC_BUSY);
    g_assert_cmphex(send(f, 0x10, 1), ==, CXL_RC_SUCCESS);
    f->clock.now = f->clock.deadline;
    cxl_bg_tick(&f->cci.bg);
    g_assert_cmpuint(f->finished, ==, 1);
    g_assert_cmphex(f->cci.bg.opcode, ==, 0x40);
    f->duration = 0;
    g_assert_cmphex(send(f, 0x40, 0), ==, CXL_RC_BG_STARTED);
    g_assert_cmpuint(f->finished, ==, 2);
    g_assert_cmphex(send(f, 0x40, 0), ==, CXL_RC_BG_STARTED);
}

/* A handler that has done all leaves the last operation's status alone. */
static void test_answered(Fixture *f, gconstpointer data)
{
    f->answered = true;
    g_assert_cmphex(send(f, 0x40, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(f->out_len, ==, 8);
    g_assert_false(cxl_bg_running(&f->cci.bg));
    g_assert_cmphex(f->cci.bg.opcode, ==, 0);
    g_assert_cmpuint(f->finished, ==, 0);
}

static void test_resume(Fixture *f, gconstpointer data)
{
    f->cci.bg.duration = 1000;
    f->cci.bg.opcode = 0x40;
    g_assert_true(cxl_cci_resume(&f->cci));
    g_assert_true(cxl_bg_running(&f->cci.bg));
    cxl_bg_tick(&f->cci.bg);
    g_assert_cmpuint(f->finished, ==, 1);
    f->cci.bg.opcode = 0x10;
    g_assert_false(cxl_cci_resume(&f->cci));
    f->cci.bg.opcode = 0x11;
    g_assert_false(cxl_cci_resume(&f->cci));
    g_assert_false(cxl_bg_running(&f->cci.bg));
}

static void test_cel(Fixture *f, gconstpointer data)
{
    static const uint16_t want[][2] = {
        { 0x10, 0 },
        { 0x20, CXL_EFF_BACKGROUND | CXL_EFF_ABORTABLE },
        { 0x30, 0 },
        { 0x40, CXL_EFF_IMM_DATA | CXL_EFF_BACKGROUND },
        { 0x50, 0 }, { 0x51, 0 },
    };
    uint16_t opcode = 0, effects = 0;

    g_assert_cmpuint(cxl_cci_cel_count(&f->cci), ==, ARRAY_SIZE(want));
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        g_assert_true(cxl_cci_cel_entry(&f->cci, i, &opcode, &effects));
        g_assert_cmphex(opcode, ==, want[i][0]);
        g_assert_cmphex(effects, ==, want[i][1]);
    }
    g_assert_false(cxl_cci_cel_entry(&f->cci, ARRAY_SIZE(want), &opcode,
                                     &effects));
    f->cci.kind = CXL_CCI_SWITCH;
    g_assert_cmpuint(cxl_cci_cel_count(&f->cci), ==, 1);
    g_assert_true(cxl_cci_cel_entry(&f->cci, 0, &opcode, &effects));
    g_assert_cmphex(opcode, ==, 0x41);
}

static void test_trace(Fixture *f, gconstpointer data)
{
    send(f, 0x10, 3);
    g_assert_cmpuint(f->trace.commands, ==, 1);
    g_assert_cmpstr(f->trace.name, ==, "echo");
    g_assert_cmpuint(f->trace.in_len, ==, 3);
    g_assert_cmpuint(f->trace.out_len, ==, 3);
    send(f, 0x99, 3);
    g_assert_cmpuint(f->trace.commands, ==, 2);
    g_assert_cmphex(f->trace.opcode, ==, 0x99);
    g_assert_cmphex(f->trace.rc, ==, CXL_RC_UNSUPPORTED);
}

/* Only commands that would run count, and of those the chosen ones. */
static void test_fault(Fixture *f, gconstpointer data)
{
    f->cci.fault = (CXLCciFault) { .left = 2, .rc = CXL_RC_BUSY, .any = true };
    g_assert_cmphex(send(f, 0x31, 0), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmphex(send(f, 0x41, 0), ==, CXL_RC_UNSUPPORTED_CCI);
    g_assert_cmphex(send(f, 0x50, 9), ==, CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(send(f, 0x10, 4), ==, CXL_RC_BUSY);
    g_assert_cmphex(send(f, 0x50, 0), ==, CXL_RC_BUSY);
    g_assert_cmphex(send(f, 0x10, 4), ==, CXL_RC_SUCCESS);

    f->cci.fault = (CXLCciFault) {
        .left = 1, .rc = CXL_RC_RETRY_REQUIRED, .opcode = 0x50,
    };
    g_assert_cmphex(send(f, 0x10, 4), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(send(f, 0x50, 0), ==, CXL_RC_RETRY_REQUIRED);
    g_assert_cmphex(send(f, 0x50, 0), ==, CXL_RC_SUCCESS);

    f->cci.fault.left = 1;
    cxl_cci_reset(&f->cci, CXL_RESET_HOT);
    g_assert_cmphex(send(f, 0x50, 0), ==, CXL_RC_SUCCESS);
}

static void test_fault_valid(Fixture *f, gconstpointer data)
{
    CXLCciFault fault = { .left = 1 };

    for (unsigned rc = 0; rc < 0x30; rc++) {
        fault.rc = rc;
        g_assert_true(cxl_cci_fault_valid(&fault) == (rc >= 4 && rc <= 6));
    }
    fault.left = 0;
    g_assert_true(cxl_cci_fault_valid(&fault));
}

#define ADD(name, func) \
    g_test_add("/cci/" name, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("answer", test_answer);
    ADD("unknown", test_unknown);
    ADD("wrong-cci", test_wrong_cci);
    ADD("length", test_length);
    ADD("gate-order", test_gate_order);
    ADD("gates-alone", test_gates_alone);
    ADD("error-is-empty", test_error_is_empty);
    ADD("output-bound", test_output_bound);
    ADD("alias", test_alias);
    ADD("background", test_background);
    ADD("answered", test_answered);
    ADD("resume", test_resume);
    ADD("cel", test_cel);
    ADD("trace", test_trace);
    ADD("fault", test_fault);
    ADD("fault-valid", test_fault_valid);
    return g_test_run();
}
