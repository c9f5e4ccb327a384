/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HDM decoders: locks, resets, enables, loaded state, random guests. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hdm_driver.h"

typedef struct Fixture {
    CXLHdm hdm;
    unsigned changes;
} Fixture;

static void count_change(void *opaque)
{
    Fixture *f = opaque;

    f->changes++;
}

static void start(Fixture *f, CXLHdmKind kind)
{
    cxl_hdm_init(&f->hdm, kind, 4, 8);
    f->hdm.capacity = 4 * GiB;
    f->hdm.changed = count_change;
    f->hdm.opaque = f;
    f->changes = 0;
}

static const HdmProgram first = { .base = 4 * GiB, .size = GiB };
static const HdmProgram second = {
    .base = 8 * GiB, .size = GiB, .control = R_CXL_HDM_CTRL_LOCK_MASK,
};
static const HdmProgram third = { .base = 16 * GiB, .size = GiB };

static void test_enable(void)
{
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT);
    g_assert_false(cxl_hdm_enabled(&f.hdm));
    hdm_write(&f.hdm, CXL_HDM_GLOBAL_CONTROL, UINT32_MAX);
    g_assert_cmphex(hdm_read(&f.hdm, CXL_HDM_GLOBAL_CONTROL), ==, 2);
    g_assert_true(cxl_hdm_enabled(&f.hdm));
    hdm_write(&f.hdm, CXL_HDM_GLOBAL_CONTROL, 2);
    g_assert_cmpuint(f.changes, ==, 1);
    hdm_write(&f.hdm, CXL_HDM_GLOBAL_CONTROL, 0);
    g_assert_cmpuint(f.changes, ==, 2);
    cxl_hdm_finish(&f.hdm);

    start(&f, CXL_HDM_ROUTER);
    hdm_write(&f.hdm, CXL_HDM_GLOBAL_CONTROL, UINT32_MAX);
    g_assert_cmphex(hdm_read(&f.hdm, CXL_HDM_GLOBAL_CONTROL), ==, 0);
    g_assert_cmpuint(f.changes, ==, 0);
    cxl_hdm_finish(&f.hdm);
}

static void assert_all_frozen(Fixture *f, unsigned n)
{
    for (unsigned reg = 0; reg < 0x20; reg += 4) {
        uint32_t old = hdm_read(&f->hdm, CXL_HDM_REG(n, reg));

        hdm_write(&f->hdm, CXL_HDM_REG(n, reg), ~old);
        hdm_write(&f->hdm, CXL_HDM_REG(n, reg), 0);
        g_assert_cmphex(hdm_read(&f->hdm, CXL_HDM_REG(n, reg)), ==, old);
    }
}

static void test_lock(void)
{
    CXLHdmDecoder d;
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT);
    hdm_program(&f.hdm, 0, &second);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 0, &d));
    g_assert_true(d.locked);
    assert_all_frozen(&f, 0);
    cxl_hdm_reset(&f.hdm, CXL_RESET_CXL);
    assert_all_frozen(&f, 0);
    g_assert_cmphex(hdm_control(&f.hdm, 0), ==, 0x700);
    cxl_hdm_reset(&f.hdm, CXL_RESET_HOT);
    g_assert_cmphex(hdm_control(&f.hdm, 0), ==, 0);
    hdm_program(&f.hdm, 0, &first);
    g_assert_cmphex(hdm_control(&f.hdm, 0), ==, 0x600);
    cxl_hdm_finish(&f.hdm);
}

/* Without a commit, the lock bit locks nothing. */
static void test_lock_needs_commit(void)
{
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT);
    hdm_write(&f.hdm, CXL_HDM_REG(0, CXL_HDM_CONTROL), 0x100);
    hdm_program(&f.hdm, 0, &first);
    g_assert_cmphex(hdm_control(&f.hdm, 0), ==, 0x600);
    cxl_hdm_finish(&f.hdm);
}

static void assert_power_on(const CXLHdm *hdm)
{
    CXLHdm fresh;

    cxl_hdm_init(&fresh, hdm->kind, hdm->count, hdm->targets);
    g_assert_cmpmem(hdm->bank.data, hdm->bank.size,
                    fresh.bank.data, fresh.bank.size);
    cxl_hdm_finish(&fresh);
}

static void test_reset(void)
{
    static const CXLResetKind kinds[] = {
        CXL_RESET_COLD, CXL_RESET_HOT, CXL_RESET_CXL
    };

    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        Fixture f;

        start(&f, CXL_HDM_ENDPOINT);
        hdm_write_pair(&f.hdm, 2, CXL_HDM_BASE_LOW, 4 * GiB);
        cxl_hdm_reset(&f.hdm, kinds[i]);
        g_assert_cmpuint(f.changes, ==, 0);
        assert_power_on(&f.hdm);
        hdm_program(&f.hdm, 0, &first);
        hdm_program(&f.hdm, 1, &third);
        cxl_hdm_reset(&f.hdm, kinds[i]);
        g_assert_cmpuint(f.changes, ==, 3);
        assert_power_on(&f.hdm);
        hdm_write(&f.hdm, CXL_HDM_GLOBAL_CONTROL, 2);
        cxl_hdm_reset(&f.hdm, kinds[i]);
        g_assert_cmpuint(f.changes, ==, 5);
        g_assert_false(cxl_hdm_enabled(&f.hdm));
        cxl_hdm_finish(&f.hdm);
    }
}

/* A locked decoder keeps its DPA when the one below loses its commit. */
static void test_cxl_reset_below_lock(void)
{
    CXLHdmDecoder d;
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT);
    hdm_program(&f.hdm, 0, &first);
    hdm_program(&f.hdm, 1, &second);
    hdm_program(&f.hdm, 2, &third);
    g_assert_cmpuint(cxl_hdm_committed(&f.hdm), ==, 3);
    cxl_hdm_reset(&f.hdm, CXL_RESET_CXL);
    g_assert_cmpuint(cxl_hdm_committed(&f.hdm), ==, 2);
    g_assert_true(cxl_hdm_valid(&f.hdm));
    g_assert_cmphex(hdm_control(&f.hdm, 0) & 0x600, ==, 0);
    g_assert_true(cxl_hdm_decoder(&f.hdm, 1, &d));
    g_assert_true(d.committed && d.locked);
    g_assert_cmphex(d.base, ==, second.base);
    g_assert_cmphex(d.dpa_base, ==, GiB);
    g_assert_cmphex(hdm_read(&f.hdm, CXL_HDM_REG(2, CXL_HDM_BASE_HIGH)), ==,
                    0);
    cxl_hdm_finish(&f.hdm);
}

/* One access may cover a pair of registers, or a part of one. */
static void test_widths(void)
{
    Fixture f;

    start(&f, CXL_HDM_ENDPOINT);
    cxl_regbank_write(&f.hdm.bank, 0x10, 0x123456789fffffff, 8);
    g_assert_cmphex(cxl_regbank_read(&f.hdm.bank, 0x10, 8), ==,
                    0x1234567890000000);
    cxl_regbank_write(&f.hdm.bank, 0x10, 4 * GiB, 8);
    cxl_regbank_write(&f.hdm.bank, 0x18, GiB, 8);
    cxl_regbank_write(&f.hdm.bank, 0x21, 0x02, 1);
    g_assert_cmphex(cxl_regbank_read(&f.hdm.bank, 0x21, 1), ==, 0x06);
    cxl_regbank_write(&f.hdm.bank, 0x20, 0, 2);
    g_assert_cmphex(cxl_regbank_read(&f.hdm.bank, 0x20, 2), ==, 0);
    g_assert_cmpuint(f.changes, ==, 2);
    cxl_hdm_finish(&f.hdm);
}

/* Saved bytes are hostile: each of these breaks one rule. */
static void test_valid(void)
{
    static const struct {
        uint32_t offset, value;
    } broken[] = {
        { CXL_HDM_REG(0, CXL_HDM_CONTROL), 0x607 },
        { CXL_HDM_REG(0, CXL_HDM_CONTROL), 0x60f },
        { CXL_HDM_REG(1, CXL_HDM_CONTROL), 0x6f0 },
        { CXL_HDM_REG(1, CXL_HDM_CONTROL), 0x630 },
        { CXL_HDM_REG(0, CXL_HDM_BASE_HIGH), 3 },
        { CXL_HDM_REG(1, CXL_HDM_BASE_HIGH), 1 },
        { CXL_HDM_REG(1, CXL_HDM_BASE_HIGH), UINT32_MAX },
        { CXL_HDM_REG(0, CXL_HDM_SIZE_HIGH), UINT32_MAX },
        { CXL_HDM_REG(1, CXL_HDM_SIZE_HIGH), 1 },
        { CXL_HDM_REG(0, CXL_HDM_SKIP_HIGH), UINT32_MAX },
        { CXL_HDM_REG(1, CXL_HDM_SKIP_HIGH), 1 },
        { CXL_HDM_REG(3, CXL_HDM_CONTROL), 0x600 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(broken); i++) {
        Fixture f;

        start(&f, CXL_HDM_ENDPOINT);
        hdm_program(&f.hdm, 0, &first);
        hdm_program(&f.hdm, 1, &second);
        g_assert_true(cxl_hdm_valid(&f.hdm));
        cxl_regbank_set(&f.hdm.bank, broken[i].offset, broken[i].value, 4);
        g_assert_false(cxl_hdm_valid(&f.hdm));
        cxl_hdm_finish(&f.hdm);
    }
}

/* No two committed ranges overlap, and the DPA of each is its own. */
static void check_invariants(const CXLHdm *hdm)
{
    uint64_t hpa = 0, dpa = 0;
    CXLHdmDecoder d;

    g_assert_true(cxl_hdm_valid(hdm));
    for (unsigned n = 0; cxl_hdm_decoder(hdm, n, &d); n++) {
        if (!d.committed) {
            continue;
        }
        g_assert_cmpuint(n, <, cxl_hdm_committed(hdm));
        g_assert_cmphex(d.base, >=, hpa);
        hpa = d.base + d.size;
        g_assert_cmphex(hpa, >=, d.base);
        if (hdm->kind == CXL_HDM_ENDPOINT) {
            g_assert_cmphex(d.dpa_base, >=, dpa);
            dpa = d.dpa_base + d.size / d.interleave.ways;
            g_assert_cmphex(dpa, <=, hdm->capacity);
        } else {
            g_assert_cmpuint(d.interleave.ways, <=, hdm->targets);
        }
    }
}

static void random_write(CXLHdm *hdm, GRand *rand)
{
    unsigned reg = g_rand_int_range(rand, 0, 7) * 4;
    uint32_t value = g_rand_int(rand);

    if (reg == CXL_HDM_CONTROL) {
        value &= 0x0011;
        value |= g_rand_int_range(rand, 0, 3) ? 0x200 : 0;
        value |= g_rand_int_range(rand, 0, 64) ? 0 : 0x100;
    } else {
        value &= reg & 4 ? 0x1 : 0xf0000000;
    }
    hdm_write(hdm, CXL_HDM_REG(g_rand_int_range(rand, 0, 4), reg), value);
}

static void test_random(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    unsigned commits = 0;

    for (unsigned round = 0; round < 400; round++) {
        Fixture f;

        start(&f, round % 2 ? CXL_HDM_ROUTER : CXL_HDM_ENDPOINT);
        f.hdm.capacity = 16 * GiB;
        for (unsigned i = 0; i < 500; i++) {
            random_write(&f.hdm, rand);
            check_invariants(&f.hdm);
            if (!g_rand_int_range(rand, 0, 100)) {
                cxl_hdm_reset(&f.hdm, CXL_RESET_CXL);
                check_invariants(&f.hdm);
            }
        }
        commits += f.changes;
        cxl_hdm_finish(&f.hdm);
    }
    g_assert_cmpuint(commits, >, 1000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/hdm/enable", test_enable);
    g_test_add_func("/cxl/hdm/lock", test_lock);
    g_test_add_func("/cxl/hdm/lock-needs-commit", test_lock_needs_commit);
    g_test_add_func("/cxl/hdm/reset", test_reset);
    g_test_add_func("/cxl/hdm/cxl-reset-below-lock",
                    test_cxl_reset_below_lock);
    g_test_add_func("/cxl/hdm/widths", test_widths);
    g_test_add_func("/cxl/hdm/valid", test_valid);
    g_test_add_func("/cxl/hdm/random", test_random);
    return g_test_run();
}
