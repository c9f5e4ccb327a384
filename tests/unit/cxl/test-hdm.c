/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HDM decoders: registers and the commit state machine. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake.h"
#include "hdm_driver.h"

typedef struct Fixture {
    CXLHdm hdm;
    unsigned changes;
    char told[64];              /* decoders, + committed, - uncommitted */
} Fixture;

static void count_change(void *opaque)
{
    Fixture *f = opaque;

    f->changes++;
}

static void tell(CXLHdm *hdm, unsigned n, bool committed)
{
    char *told = hdm->told_opaque;
    size_t len = strlen(told);

    g_snprintf(told + len, 64 - len, "%c%u", committed ? '+' : '-', n);
}

static void start(Fixture *f, CXLHdmKind kind, unsigned count)
{
    cxl_hdm_init(&f->hdm, kind, count, 8);
    f->hdm.capacity = 4 * GiB;
    f->hdm.changed = count_change;
    f->hdm.opaque = f;
    f->hdm.told = tell;
    f->hdm.told_opaque = f->told;
    f->changes = 0;
    f->told[0] = 0;
}

static const HdmProgram plain = { .base = 4 * GiB, .size = GiB };

static void test_capability(void)
{
    static const uint8_t counts[] = { 1, 2, 4, 6, 8, 10 };

    for (unsigned i = 0; i < ARRAY_SIZE(counts); i++) {
        CXLHdm hdm;

        cxl_hdm_init(&hdm, CXL_HDM_ENDPOINT, counts[i], 0);
        g_assert_cmphex(hdm_read(&hdm, 0), ==, 0x401b10 | i);
        g_assert_cmpuint(hdm.bank.size, ==, 0x10 + 0x20 * counts[i]);
        g_assert_cmpuint(cxl_hdm_length(counts[i]), ==, hdm.bank.size);
        cxl_hdm_finish(&hdm);
        cxl_hdm_init(&hdm, CXL_HDM_ROUTER, counts[i], 4);
        g_assert_cmphex(hdm_read(&hdm, 0), ==, 0x340 | i);
        hdm_write(&hdm, 0, UINT32_MAX);
        g_assert_cmphex(hdm_read(&hdm, 0), ==, 0x340 | i);
        cxl_hdm_finish(&hdm);
    }
}

static void test_masks(void)
{
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT, 4);
    for (unsigned reg = 0; reg < 0x20; reg += 4) {
        if (reg != CXL_HDM_CONTROL) {
            hdm_write(&f.hdm, CXL_HDM_REG(3, reg), UINT32_MAX);
        }
    }
    g_assert_cmphex(hdm_read(&f.hdm, 0x70), ==, 0xf0000000);
    g_assert_cmphex(hdm_read(&f.hdm, 0x74), ==, 0xffffffff);
    g_assert_cmphex(hdm_read(&f.hdm, 0x78), ==, 0xf0000000);
    g_assert_cmphex(hdm_read(&f.hdm, 0x7c), ==, 0xffffffff);
    g_assert_cmphex(hdm_read(&f.hdm, 0x84), ==, 0xf0000000);
    g_assert_cmphex(hdm_read(&f.hdm, 0x88), ==, 0xffffffff);
    g_assert_cmphex(hdm_read(&f.hdm, 0x8c), ==, 0);
    hdm_write(&f.hdm, 0x80, ~0x200);
    g_assert_cmphex(hdm_read(&f.hdm, 0x80), ==, 0x11ff);
    cxl_hdm_finish(&f.hdm);

    start(&f, CXL_HDM_ROUTER, 4);
    hdm_write(&f.hdm, 0x84, UINT32_MAX);
    g_assert_cmphex(hdm_read(&f.hdm, 0x84), ==, 0xffffffff);
    cxl_hdm_finish(&f.hdm);
}

/* What Linux does at enumeration: the type bit must stay. */
static void test_type_sticks(void)
{
    Fixture f;
    CXLHdmDecoder decoder;

    start(&f, CXL_HDM_ENDPOINT, 2);
    hdm_write(&f.hdm, CXL_HDM_REG(1, CXL_HDM_CONTROL), 0x1000);
    g_assert_cmphex(hdm_control(&f.hdm, 1), ==, 0x1000);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 1, &decoder));
    g_assert_true(decoder.host_only);
    g_assert_false(cxl_hdm_decoder(&f.hdm, 2, &decoder));
    cxl_hdm_finish(&f.hdm);
}

static void test_commit(void)
{
    HdmProgram p = {
        .base = 0x1180000000, .size = 2 * GiB, .iw = 2, .ig = 1,
        .control = R_CXL_HDM_CTRL_HOST_ONLY_MASK, .extra = 512 * MiB,
    };
    CXLHdmDecoder d;
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT, 4);
    g_assert_cmpuint(cxl_hdm_committed(&f.hdm), ==, 0);
    hdm_program(&f.hdm, 0, &p);
    g_assert_cmphex(hdm_control(&f.hdm, 0), ==, 0x1621);
    g_assert_cmpuint(f.changes, ==, 1);
    g_assert_cmpuint(cxl_hdm_committed(&f.hdm), ==, 1);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 0, &d));
    g_assert_cmphex(d.base, ==, p.base);
    g_assert_cmphex(d.size, ==, p.size);
    g_assert_cmpuint(d.interleave.ways, ==, 4);
    g_assert_cmpuint(d.interleave.shift, ==, 9);
    g_assert_cmphex(d.skip, ==, 512 * MiB);
    g_assert_cmphex(d.dpa_base, ==, 512 * MiB);
    g_assert_true(d.committed && d.host_only && !d.locked);

    p.base += 2 * GiB;
    p.extra = 256 * MiB;
    hdm_program(&f.hdm, 1, &p);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 1, &d));
    g_assert_cmphex(d.dpa_base, ==, (512 + 512 + 256) * MiB);
    hdm_write_pair(&f.hdm, 2, CXL_HDM_SIZE_LOW, GiB);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 3, &d));
    g_assert_cmphex(d.dpa_base, ==, (512 + 512 + 256 + 512) * MiB);
    g_assert_true(cxl_hdm_valid(&f.hdm));
    cxl_hdm_finish(&f.hdm);
}

static void test_router_targets(void)
{
    HdmProgram p = {
        .base = 4 * GiB, .size = 2 * GiB, .iw = 3,
        .extra = 0x0807060504030201,
    };
    CXLHdmDecoder d;
    Fixture f;

    start(&f, CXL_HDM_ROUTER, 1);
    hdm_program(&f.hdm, 0, &p);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 0, &d));
    g_assert_true(d.committed);
    g_assert_cmphex(d.skip, ==, 0);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmpuint(d.target[i], ==, i + 1);
    }
    cxl_hdm_finish(&f.hdm);
}

/* Fields ignore writes while committed; COMMIT clears, then all is free. */
static void test_frozen(void)
{
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT, 2);
    hdm_program(&f.hdm, 0, &plain);
    for (unsigned reg = 0; reg < 0x20; reg += 4) {
        uint32_t old = hdm_read(&f.hdm, CXL_HDM_REG(0, reg));

        hdm_write(&f.hdm, CXL_HDM_REG(0, reg), 0xf0000200);
        g_assert_cmphex(hdm_read(&f.hdm, CXL_HDM_REG(0, reg)), ==, old);
    }
    g_assert_cmpuint(f.changes, ==, 1);
    hdm_write(&f.hdm, CXL_HDM_REG(0, CXL_HDM_CONTROL), 0);
    g_assert_cmphex(hdm_control(&f.hdm, 0), ==, 0);
    g_assert_cmpuint(f.changes, ==, 2);
    g_assert_cmpuint(cxl_hdm_committed(&f.hdm), ==, 0);
    hdm_write(&f.hdm, CXL_HDM_REG(0, CXL_HDM_SIZE_LOW), 0);
    hdm_write(&f.hdm, CXL_HDM_REG(0, CXL_HDM_BASE_HIGH), 0);
    g_assert_cmphex(hdm_read(&f.hdm, CXL_HDM_REG(0, CXL_HDM_SIZE_LOW)), ==,
                    0);
    g_assert_cmphex(hdm_read(&f.hdm, CXL_HDM_REG(0, CXL_HDM_BASE_HIGH)), ==,
                    0);
    cxl_hdm_finish(&f.hdm);
}

static const struct {
    const char *name;
    CXLHdmKind kind;
    HdmProgram program;
} errors[] = {
    { "IW 5", CXL_HDM_ENDPOINT, { .size = 16 * GiB, .iw = 5 } },
    { "IW 11", CXL_HDM_ENDPOINT, { .size = 12 * GiB, .iw = 11 } },
    { "IG 7", CXL_HDM_ENDPOINT, { .size = GiB, .ig = 7 } },
    { "size for 8 ways", CXL_HDM_ENDPOINT, { .size = GiB, .iw = 3 } },
    { "size for 3 ways", CXL_HDM_ENDPOINT, { .size = GiB, .iw = 8 } },
    { "past 52 bits", CXL_HDM_ENDPOINT,
      { .base = (1ULL << 52) - GiB, .size = 2 * GiB } },
    { "past 64 bits", CXL_HDM_ENDPOINT,
      { .base = -(uint64_t)GiB, .size = 2 * GiB } },
    { "selects by bit 15", CXL_HDM_ENDPOINT,
      { .size = GiB, .iw = 2, .ig = 6 } },
    { "12 ways select by bit 15", CXL_HDM_ENDPOINT,
      { .size = 3 * GiB, .iw = 10, .ig = 6 } },
    { "more than the capacity", CXL_HDM_ENDPOINT,
      { .size = 4 * GiB + 256 * MiB } },
    { "skip past the capacity", CXL_HDM_ENDPOINT,
      { .size = GiB, .extra = 3 * GiB + 256 * MiB } },
    { "skip of nearly 2^64", CXL_HDM_ENDPOINT,
      { .size = GiB, .extra = -(uint64_t)(256 * MiB) } },
    { "router 3 ways", CXL_HDM_ROUTER, { .size = 3 * GiB, .iw = 8 } },
    { "router 16 ways", CXL_HDM_ROUTER, { .size = 4 * GiB, .iw = 4 } },
};

static void test_errors(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(errors); i++) {
        FakeTrace trace = { 0 };
        Fixture f;

        g_test_message("%s", errors[i].name);
        start(&f, errors[i].kind, 4);
        f.hdm.bank.trace = fake_trace(&trace);
        hdm_program(&f.hdm, 0, &errors[i].program);
        g_assert_cmphex(hdm_control(&f.hdm, 0) & 0xe00, ==, 0xa00);
        g_assert_cmpuint(f.changes, ==, 0);
        g_assert_cmpuint(trace.refused, ==, 1);
        g_assert_cmpuint(cxl_hdm_committed(&f.hdm), ==, 0);
        hdm_write(&f.hdm, CXL_HDM_REG(0, CXL_HDM_CONTROL), 0);
        g_assert_cmphex(hdm_control(&f.hdm, 0), ==, 0);
        hdm_program(&f.hdm, 0, &plain);
        g_assert_cmphex(hdm_control(&f.hdm, 0) & 0xe00, ==, 0x600);
        cxl_hdm_finish(&f.hdm);
    }
}

/* The largest that each of the limits above lets pass. */
static void test_limits(void)
{
    static const HdmProgram legal[] = {
        { .size = 4 * GiB },
        { .base = GiB },                    /* size 0: it decodes nothing */
        { .size = GiB, .extra = 3 * GiB },
        { .base = (1ULL << 52) - GiB, .size = GiB },
        { .size = 12 * GiB, .iw = 10, .ig = 5 },
        { .size = 16 * GiB, .iw = 4, .ig = 3 },
        { .size = 6 * GiB, .iw = 9, .ig = 6 },
        { .size = 3 * GiB, .iw = 8, .ig = 6 },
        { .size = 2 * GiB, .iw = 1, .ig = 6 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(legal); i++) {
        Fixture f;

        start(&f, CXL_HDM_ENDPOINT, 1);
        hdm_program(&f.hdm, 0, &legal[i]);
        g_assert_cmphex(hdm_control(&f.hdm, 0) & 0xe00, ==, 0x600);
        cxl_hdm_finish(&f.hdm);
    }
}

static void expect(Fixture *f, unsigned n, uint64_t base, uint64_t size,
                   bool committed)
{
    HdmProgram p = { .base = base, .size = size };

    hdm_program(&f->hdm, n, &p);
    g_assert_cmphex(hdm_control(&f->hdm, n) & 0xe00, ==,
                    committed ? 0x600 : 0xa00);
    if (!committed) {
        hdm_write(&f->hdm, CXL_HDM_REG(n, CXL_HDM_CONTROL), 0);
    }
}

static void test_order(void)
{
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT, 4);
    expect(&f, 1, 4 * GiB, GiB, false);
    expect(&f, 0, 4 * GiB, GiB, true);
    expect(&f, 2, 8 * GiB, GiB, false);
    expect(&f, 1, 4 * GiB, GiB, false);
    expect(&f, 1, 5 * GiB - 256 * MiB, GiB, false);
    expect(&f, 1, 3 * GiB, GiB, false);
    expect(&f, 1, 5 * GiB, GiB, true);
    expect(&f, 2, 8 * GiB, GiB, true);
    expect(&f, 3, 9 * GiB, GiB + 256 * MiB, false);
    expect(&f, 3, 9 * GiB, GiB, true);
    g_assert_cmpuint(f.changes, ==, 4);
    cxl_hdm_finish(&f.hdm);
}

static CXLHdmRefusal refusal(CXLHdmKind kind, const HdmProgram *p)
{
    CXLHdmRefusal answer;
    Fixture f;

    start(&f, kind, 4);
    hdm_program(&f.hdm, 0, &plain);
    hdm_program(&f.hdm, 1, p);
    answer = cxl_hdm_refusal(&f.hdm, 1);
    cxl_hdm_finish(&f.hdm);
    return answer;
}

/* The reason, as a commit would find it: @plain is in decoder 0. */
static void test_refusal(void)
{
    static const struct {
        HdmProgram program;
        CXLHdmKind kind;
        CXLHdmRefusal expected;
    } cases[] = {
        { { .base = 8 * GiB, .size = GiB, .iw = 5 }, CXL_HDM_ENDPOINT,
          CXL_HDM_BAD_INTERLEAVE },
        { { .base = 8 * GiB, .size = 3 * GiB, .iw = 8 }, CXL_HDM_ROUTER,
          CXL_HDM_BAD_INTERLEAVE },
        { { .base = 8 * GiB, .size = GiB, .iw = 3 }, CXL_HDM_ENDPOINT,
          CXL_HDM_BAD_SIZE },
        { { .base = 4 * GiB, .size = GiB }, CXL_HDM_ROUTER,
          CXL_HDM_BELOW_PREVIOUS },
        { { .base = 8 * GiB, .size = 4 * GiB }, CXL_HDM_ENDPOINT,
          CXL_HDM_NO_DPA },
        { { .base = 8 * GiB, .size = GiB }, CXL_HDM_ENDPOINT,
          CXL_HDM_OUT_OF_ORDER },           /* for it is committed now */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_test_message("case %u", i);
        g_assert_cmpint(refusal(cases[i].kind, &cases[i].program), ==,
                        cases[i].expected);
    }
}

/* Software may use up decoders: what has no size is committed all the same. */
static void test_size_0(void)
{
    CXLHdmDecoder d;
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT, 2);
    g_assert_cmpint(cxl_hdm_refusal(&f.hdm, 2), ==, CXL_HDM_OUT_OF_ORDER);
    expect(&f, 0, 4 * GiB, 0, true);
    expect(&f, 1, 3 * GiB, GiB, false);
    expect(&f, 1, 4 * GiB, GiB, true);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 1, &d));
    g_assert_cmphex(d.dpa_base, ==, 0);
    g_assert_cmphex(cxl_hdm_dpa_used(&f.hdm), ==, GiB);
    g_assert_true(cxl_hdm_valid(&f.hdm));
    cxl_hdm_finish(&f.hdm);
}

/* A tear-down out of order must not move the DPA of what stays. */
static void test_hole(void)
{
    CXLHdmDecoder d;
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT, 4);
    expect(&f, 0, 4 * GiB, GiB, true);
    expect(&f, 1, 5 * GiB, GiB, true);
    hdm_tear_down(&f.hdm, 0);
    g_assert_cmphex(hdm_control(&f.hdm, 0), ==, 0);
    g_assert_cmpuint(f.changes, ==, 3);
    g_assert_cmpuint(cxl_hdm_committed(&f.hdm), ==, 2);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 0, &d));
    g_assert_false(d.committed);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 1, &d));
    g_assert_cmphex(d.dpa_base, ==, GiB);
    g_assert_true(cxl_hdm_valid(&f.hdm));
    expect(&f, 0, 4 * GiB, GiB, false);
    hdm_tear_down(&f.hdm, 1);
    g_assert_cmpuint(cxl_hdm_committed(&f.hdm), ==, 0);
    expect(&f, 0, 16 * GiB, GiB, true);
    cxl_hdm_finish(&f.hdm);
}

/* What software commits and uncommits is told, what is refused is not. */
static void test_told(void)
{
    HdmProgram next = plain;
    Fixture f;

    next.base += GiB;
    start(&f, CXL_HDM_ENDPOINT, 4);
    hdm_program(&f.hdm, 1, &plain);
    hdm_tear_down(&f.hdm, 1);
    g_assert_cmpstr(f.told, ==, "");
    hdm_program(&f.hdm, 0, &plain);
    hdm_program(&f.hdm, 1, &next);
    hdm_tear_down(&f.hdm, 1);
    hdm_tear_down(&f.hdm, 0);
    g_assert_cmpstr(f.told, ==, "+0+1-1-0");
    hdm_program(&f.hdm, 0, &plain);
    cxl_hdm_reset(&f.hdm, CXL_RESET_COLD);
    g_assert_cmpstr(f.told, ==, "+0+1-1-0+0");
    cxl_hdm_finish(&f.hdm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/hdm/capability", test_capability);
    g_test_add_func("/cxl/hdm/masks", test_masks);
    g_test_add_func("/cxl/hdm/type-sticks", test_type_sticks);
    g_test_add_func("/cxl/hdm/commit", test_commit);
    g_test_add_func("/cxl/hdm/router-targets", test_router_targets);
    g_test_add_func("/cxl/hdm/frozen", test_frozen);
    g_test_add_func("/cxl/hdm/errors", test_errors);
    g_test_add_func("/cxl/hdm/limits", test_limits);
    g_test_add_func("/cxl/hdm/order", test_order);
    g_test_add_func("/cxl/hdm/refusal", test_refusal);
    g_test_add_func("/cxl/hdm/size-0", test_size_0);
    g_test_add_func("/cxl/hdm/hole", test_hole);
    g_test_add_func("/cxl/hdm/told", test_told);
    return g_test_run();
}
