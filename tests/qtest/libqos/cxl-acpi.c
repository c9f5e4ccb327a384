/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqos: the CEDT, from the tables that the firmware would load. */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

#define SCRATCH 0x100000u               /* RAM that nothing else uses */

/* fw_cfg by DMA: select @key and read. */
static void read_fw_cfg(QCXLMachine *m, uint16_t key, void *data,
                        uint32_t size)
{
    const uint32_t buffer = SCRATCH + 0x1000;
    struct {
        uint32_t control, length;
        uint64_t address;
    } QEMU_PACKED access = {
        cpu_to_be32((key << 16) | 0xa), cpu_to_be32(size),
        cpu_to_be64(buffer),
    };

    qtest_memwrite(m->qts, SCRATCH, &access, sizeof(access));
    qtest_outl(m->qts, 0x514, 0);
    qtest_outl(m->qts, 0x518, cpu_to_be32(SCRATCH));
    qtest_memread(m->qts, SCRATCH, &access, sizeof(access));
    g_assert_cmphex(access.control, ==, 0);
    qtest_bufread(m->qts, buffer, data, size);
}

typedef struct FwCfgFile {
    uint32_t size;
    uint16_t key, reserved;
    char name[56];
} FwCfgFile;

GByteArray *qcxl_acpi_tables(QCXLMachine *m)
{
    GByteArray *tables = g_byte_array_new();
    g_autofree FwCfgFile *files = NULL;
    uint32_t dir[1 + 64 * sizeof(*files) / 4];

    read_fw_cfg(m, 0x19, dir, sizeof(dir));
    files = g_memdup2(&dir[1], sizeof(dir) - 4);
    for (unsigned i = 0; i < MIN(be32_to_cpu(dir[0]), 64); i++) {
        if (!strcmp(files[i].name, "etc/acpi/tables")) {
            g_byte_array_set_size(tables, be32_to_cpu(files[i].size));
            read_fw_cfg(m, be16_to_cpu(files[i].key), tables->data,
                        tables->len);
        }
    }
    g_assert_cmpuint(tables->len, !=, 0);
    return tables;
}

/* In any order: the UID is the number of the bridge's bus. */
static void read_chbs(QCXLMachine *m, const uint8_t *s)
{
    uint32_t uid = ldl_le_p(s + 4);
    QCXLBridge *bridge = m->bridge;

    while (bridge->port[0].fn.bus != uid) {
        bridge++;
        g_assert_true(bridge < m->bridge + m->topology.bridges);
    }
    g_assert_cmpuint(lduw_le_p(s + 2), ==, 32);
    g_assert_cmpuint(ldl_le_p(s + 8), ==, 1);
    g_assert_cmphex(ldq_le_p(s + 24), ==, 0x10000);
    bridge->uid = uid;
    bridge->component = ldq_le_p(s + 16);
}

static void read_cfmws(QCXLMachine *m, const uint8_t *s)
{
    QCXLWindow *window = &m->window[m->windows++];

    g_assert_cmpuint(m->windows, <=, QCXL_MAX_WINDOWS);
    *window = (QCXLWindow) {
        .base = ldq_le_p(s + 8),
        .size = ldq_le_p(s + 16),
        .ways = qcxl_decode_ways(s[24]),
        .granularity = 256ULL << ldl_le_p(s + 28),
        .restrictions = lduw_le_p(s + 32),
        .qtg = lduw_le_p(s + 34),
        .by_xor = s[25] == 1,
    };
    g_assert_cmpuint(s[25], <=, 1);
    g_assert_cmpuint(lduw_le_p(s + 2), ==, 36 + 4 * window->ways);
    for (unsigned i = 0; i < window->ways; i++) {
        window->target[i] = ldl_le_p(s + 36 + 4 * i);
    }
}

static void read_cxims(QCXLMachine *m, const uint8_t *s)
{
    QCXLMaps *maps = &m->maps[s[6]];

    g_assert_cmpuint(s[6], <, ARRAY_SIZE(m->maps));
    g_assert_cmpuint(maps->count, ==, 0);
    g_assert_cmpuint(s[7], >, 0);
    g_assert_cmpuint(s[7], <=, ARRAY_SIZE(maps->map));
    g_assert_cmpuint(lduw_le_p(s + 2), ==, 8 + 8 * s[7]);
    maps->count = s[7];
    for (unsigned i = 0; i < maps->count; i++) {
        maps->map[i] = ldq_le_p(s + 8 + 8 * i);
    }
}

/* One that has too few for a window makes guests drop the window. */
static void find_maps(const QCXLMachine *m, QCXLWindow *window)
{
    unsigned wanted = window->by_xor ? ctz32(window->ways) : 0;
    const QCXLMaps *maps =
        &m->maps[qcxl_encode_granularity(window->granularity)];

    g_assert_cmpuint(maps->count, >=, wanted);
    memcpy(window->map, maps->map, wanted * sizeof(window->map[0]));
}

/* CXL r3.2: CXIMS: XORALLBITS of each map, and a remainder of 3. */
unsigned qcxl_window_position(const QCXLWindow *window, uint64_t hpa)
{
    unsigned bits = ctz32(window->ways);
    uint64_t granule = hpa / window->granularity;
    unsigned position = 0;

    if (!window->by_xor) {
        return granule % window->ways;
    }
    for (unsigned i = 0; i < bits; i++) {
        position += (ctpop64(hpa & window->map[i]) & 1) << i;
    }
    if (window->ways % 3 == 0) {
        position += ((granule >> bits) % 3) << bits;
    }
    return position;
}

void qcxl_read_cedt(QCXLMachine *m)
{
    g_autoptr(GByteArray) tables = qcxl_acpi_tables(m);
    const uint8_t *cedt = memmem(tables->data, tables->len, "CEDT", 4);
    unsigned chbs = 0;
    uint32_t length;

    g_assert_nonnull(cedt);
    length = ldl_le_p(cedt + 4);
    m->windows = 0;
    memset(m->maps, 0, sizeof(m->maps));
    for (unsigned at = 36; at < length; at += lduw_le_p(cedt + at + 2)) {
        if (cedt[at] == 0) {
            read_chbs(m, cedt + at);
            chbs++;
        } else if (cedt[at] == 1) {
            read_cfmws(m, cedt + at);
        } else if (cedt[at] == 2) {
            read_cxims(m, cedt + at);
        }
        g_assert_cmpuint(lduw_le_p(cedt + at + 2), >=, 4);
    }
    for (unsigned w = 0; w < m->windows; w++) {
        find_maps(m, &m->window[w]);
    }
    g_assert_cmpuint(chbs, ==, m->topology.bridges);
}
