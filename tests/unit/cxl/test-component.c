/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/component.h"

static const struct {
    CXLComponentKind kind;
    unsigned decoders;
    uint32_t header;
    uint32_t entry[4];              /* without the pointer */
} kinds[] = {
    { CXL_COMPONENT_DEVICE, 10, 0x03110001,
      { 0x30002, 0x20004, 0x30005 } },
    { CXL_COMPONENT_ROOT_PORT, 0, 0x03110001,
      { 0x30002, 0x20004, 0x10008 } },
    { CXL_COMPONENT_HOST_BRIDGE, 4, 0x02110001, { 0x30005, 0x20006 } },
    { CXL_COMPONENT_HOST_BRIDGE, 0, 0x01110001, { 0x20006 } },
    { CXL_COMPONENT_UPSTREAM, 8, 0x03110001,
      { 0x30002, 0x20004, 0x30005 } },
    { CXL_COMPONENT_DOWNSTREAM, 0, 0x02110001, { 0x30002, 0x20004 } },
};

static uint32_t dword(const CXLComponent *comp, uint32_t offset)
{
    return cxl_component_read(comp, CXL_COMPONENT_CACHEMEM + offset, 4);
}

/* Offset of capability @id from 0x1000, or 0: the way a driver finds it. */
static uint32_t find(const CXLComponent *comp, uint16_t id)
{
    unsigned n = dword(comp, 0) >> 24;

    for (unsigned i = 1; i <= n; i++) {
        if ((dword(comp, i * 4) & 0xffff) == id) {
            return dword(comp, i * 4) >> 20;
        }
    }
    return 0;
}

static void check_banks(const CXLComponent *comp)
{
    uint32_t end = comp->cap_count * 4;

    for (unsigned i = 1; i < comp->cap_count; i++) {
        const CXLComponentCap *cap = &comp->cap[i];

        g_assert_cmphex(cap->offset % 0x10, ==, 0);
        g_assert_cmphex(cap->offset, >=, end);
        end = cap->offset + cap->bank->size;
    }
    g_assert_cmphex(end, <=, 0x1000);
}

static void test_layout(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        unsigned n = kinds[i].header >> 24;
        CXLComponent comp;

        cxl_component_init(&comp, kinds[i].kind, kinds[i].decoders, 8);
        g_assert_cmphex(dword(&comp, 0), ==, kinds[i].header);
        for (unsigned k = 1; k <= n; k++) {
            uint32_t entry = dword(&comp, k * 4);

            g_assert_cmphex(entry & 0xfffff, ==, kinds[i].entry[k - 1]);
            g_assert_cmphex(entry >> 20, ==, comp.cap[k].offset);
        }
        check_banks(&comp);
        g_assert_true((cxl_component_hdm(&comp) != NULL) ==
                      (kinds[i].decoders != 0));
        cxl_component_finish(&comp);
    }
}

/* The whole block can be read and written at every offset and size. */
static void test_sweep(void)
{
    CXLComponent comp;

    cxl_component_init(&comp, CXL_COMPONENT_DEVICE, 4, 1);
    for (uint32_t at = 0; at < CXL_COMPONENT_SIZE; at++) {
        for (unsigned size = 1; size <= 8; size++) {
            uint64_t value = cxl_component_read(&comp, at, size);

            if (at + size <= 0x1000 || at >= 0x2000) {
                g_assert_cmphex(value, ==, 0);
                cxl_component_write(&comp, at, UINT64_MAX, size);
                g_assert_cmphex(cxl_component_read(&comp, at, size), ==, 0);
            }
            for (unsigned b = 0; b < size; b++) {
                g_assert_cmphex(cxl_component_read(&comp, at + b, 1), ==,
                                (value >> (b * 8)) & 0xff);
            }
        }
    }
    cxl_component_finish(&comp);
}

/* Linux 6.12 reads 512 bytes from the RAS header log on. */
static void test_no_read_side_effects(void)
{
    g_autofree uint8_t *before = NULL;
    uint32_t ras;
    CXLComponent comp;

    cxl_component_init(&comp, CXL_COMPONENT_DEVICE, 4, 1);
    ras = find(&comp, CXL_CAP_RAS);
    g_assert_cmphex(ras, !=, 0);
    cxl_regbank_set(&comp.ras.bank, CXL_RAS_UE_STATUS, 0x10, 4);
    before = g_memdup2(comp.ras.bank.data, comp.ras.bank.size);
    for (uint32_t i = 0; i < 512; i += 4) {
        dword(&comp, ras + CXL_RAS_HEADER_LOG + i);
    }
    g_assert_cmpmem(before, comp.ras.bank.size,
                    comp.ras.bank.data, comp.ras.bank.size);
    cxl_component_finish(&comp);
}

/* An access that covers the end of one bank and the start of the next. */
static void test_straddle(void)
{
    static const uint8_t ports[] = { 3, 9 };
    CXLComponent comp;
    uint32_t at;

    cxl_component_init(&comp, CXL_COMPONENT_HOST_BRIDGE, 4, 4);
    cxl_component_set_root_ports(&comp, ports, ARRAY_SIZE(ports));
    at = CXL_COMPONENT_CACHEMEM + find(&comp, CXL_CAP_EXT_SECURITY);
    g_assert_cmphex(find(&comp, CXL_CAP_HDM) + cxl_hdm_length(4), ==,
                    find(&comp, CXL_CAP_EXT_SECURITY));
    g_assert_cmphex(cxl_component_read(&comp, at - 8, 8), ==, 0);
    cxl_component_write(&comp, at - 10, 0xabcdef, 4);
    g_assert_cmphex(cxl_component_read(&comp, at - 8, 8), ==, 0xab);
    g_assert_cmphex(cxl_component_read(&comp, at - 4, 8), ==, 2ULL << 32);
    cxl_component_write(&comp, at - 3, 3ULL << 56, 8);
    g_assert_cmphex(cxl_component_read(&comp, at + 4, 4), ==, 3);
    g_assert_cmphex(cxl_component_read(&comp, at - 1, 8), ==,
                    2ULL << 8 | 3ULL << 40);
    cxl_component_finish(&comp);
}

static void test_hide_hdm(void)
{
    CXLComponent comp;
    uint32_t hdm;

    cxl_component_init(&comp, CXL_COMPONENT_HOST_BRIDGE, 4, 4);
    hdm = find(&comp, CXL_CAP_HDM);
    g_assert_cmphex(dword(&comp, hdm), ==, 0x342);
    cxl_component_hide_hdm(&comp, true);
    g_assert_null(cxl_component_hdm(&comp));
    g_assert_cmphex(find(&comp, CXL_CAP_HDM), ==, 0);
    g_assert_cmphex(dword(&comp, 4), ==, 0);
    g_assert_cmphex(dword(&comp, 0) >> 24, ==, 2);
    cxl_component_write(&comp, CXL_COMPONENT_CACHEMEM + hdm + 0x14, 5, 4);
    for (uint32_t i = 0; i < cxl_hdm_length(4); i += 4) {
        g_assert_cmphex(dword(&comp, hdm + i), ==, 0);
    }
    cxl_component_reset(&comp, CXL_RESET_COLD);
    g_assert_cmphex(find(&comp, CXL_CAP_HDM), ==, 0);
    cxl_component_hide_hdm(&comp, false);
    g_assert_nonnull(cxl_component_hdm(&comp));
    g_assert_cmphex(find(&comp, CXL_CAP_HDM), ==, hdm);
    g_assert_cmphex(dword(&comp, hdm + 0x14), ==, 0);
    g_assert_cmphex(dword(&comp, hdm), ==, 0x342);
    cxl_component_finish(&comp);
}

static void test_reset(void)
{
    CXLComponent comp;
    uint32_t hdm, ras, link;

    cxl_component_init(&comp, CXL_COMPONENT_UPSTREAM, 2, 8);
    hdm = CXL_COMPONENT_CACHEMEM + find(&comp, CXL_CAP_HDM);
    ras = CXL_COMPONENT_CACHEMEM + find(&comp, CXL_CAP_RAS);
    link = CXL_COMPONENT_CACHEMEM + find(&comp, CXL_CAP_LINK);
    cxl_component_write(&comp, hdm + CXL_HDM_REG(1, 4), 7, 4);
    cxl_component_write(&comp, ras + CXL_RAS_CE_MASK, 0, 4);
    cxl_component_write(&comp, link + CXL_LINK_DEFEATURE, 1, 8);
    g_assert_cmphex(cxl_component_read(&comp, hdm + CXL_HDM_REG(1, 4), 4),
                    ==, 7);
    cxl_component_reset(&comp, CXL_RESET_HOT);
    g_assert_cmphex(cxl_component_read(&comp, hdm + CXL_HDM_REG(1, 4), 4),
                    ==, 0);
    g_assert_cmphex(cxl_component_read(&comp, link + CXL_LINK_DEFEATURE, 8),
                    ==, 0);
    g_assert_cmphex(cxl_component_read(&comp, ras + CXL_RAS_CE_MASK, 4), ==,
                    0);
    cxl_component_reset(&comp, CXL_RESET_COLD);
    g_assert_cmphex(cxl_component_read(&comp, ras + CXL_RAS_CE_MASK, 4), ==,
                    0x7f);
    g_assert_cmphex(dword(&comp, 0), ==, 0x03110001);
    cxl_component_finish(&comp);
}

static void test_security(void)
{
    static const uint8_t ports[] = { 3, 9 };
    CXLComponent comp;
    uint32_t at;

    cxl_component_init(&comp, CXL_COMPONENT_HOST_BRIDGE, 0, 0);
    at = find(&comp, CXL_CAP_EXT_SECURITY);
    cxl_component_set_root_ports(&comp, ports, ARRAY_SIZE(ports));
    g_assert_cmphex(dword(&comp, at), ==, 2);
    g_assert_cmphex(dword(&comp, at + 0x08), ==, 3);
    g_assert_cmphex(dword(&comp, at + 0x10), ==, 9);
    for (uint32_t i = 0; i < 4; i++) {
        cxl_component_write(&comp, CXL_COMPONENT_CACHEMEM + at + i * 8,
                            UINT64_MAX, 8);
    }
    g_assert_cmphex(dword(&comp, at), ==, 2);
    g_assert_cmphex(dword(&comp, at + 0x04), ==, 3);
    g_assert_cmphex(dword(&comp, at + 0x08), ==, 3);
    g_assert_cmphex(dword(&comp, at + 0x0c), ==, 3);
    g_assert_cmphex(dword(&comp, at + 0x14), ==, 0);
    cxl_component_finish(&comp);
}

static void test_banks_to_save(void)
{
    CXLComponent comp;

    cxl_component_init(&comp, CXL_COMPONENT_DEVICE, 4, 1);
    g_assert_true(cxl_component_bank(&comp, 0) == &comp.ras.bank);
    g_assert_true(cxl_component_bank(&comp, 1) == &comp.link);
    g_assert_true(cxl_component_bank(&comp, 2) == &comp.hdm.bank);
    g_assert_null(cxl_component_bank(&comp, 3));
    cxl_component_finish(&comp);
    cxl_component_init(&comp, CXL_COMPONENT_HOST_BRIDGE, 4, 1);
    cxl_component_hide_hdm(&comp, true);
    g_assert_true(cxl_component_bank(&comp, 0) == &comp.hdm.bank);
    g_assert_true(cxl_component_bank(&comp, 1) == &comp.security);
    g_assert_null(cxl_component_bank(&comp, 2));
    cxl_component_finish(&comp);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/component/layout", test_layout);
    g_test_add_func("/cxl/component/sweep", test_sweep);
    g_test_add_func("/cxl/component/no-read-side-effects",
                    test_no_read_side_effects);
    g_test_add_func("/cxl/component/straddle", test_straddle);
    g_test_add_func("/cxl/component/hide-hdm", test_hide_hdm);
    g_test_add_func("/cxl/component/reset", test_reset);
    g_test_add_func("/cxl/component/security", test_security);
    g_test_add_func("/cxl/component/banks-to-save", test_banks_to_save);
    return g_test_run();
}
