/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoders of a host bridge and of a device, and the routes they make: from
 * a fresh or a loaded state, any access leaves the invariants and no route
 * leads outside of the device's capacity.
 *
 * Input: a byte of decoder counts; then accesses of a byte of kind and size,
 * two of offset and eight of value.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fuzz.h"
#include "hw/cxl/core/route.h"

#define CAPACITY (16 * GiB)

typedef struct Pair {
    CXLHdm bridge, device;
} Pair;

static void check_routes(Pair *pair, uint64_t hpa)
{
    CXLRouteNode device = {
        .hdm = &pair->device, .endpoint = true, .enabled = true,
        .device = pair,
    };
    CXLRouteNode bridge = { .hdm = &pair->bridge, .child_count = 1 };
    CXLRouteNode *root = &bridge;
    CXLRouteWindow window = {
        .base = 0, .size = 1ULL << 53,
        .interleave = { .ways = 6, .shift = 9, .by_xor = hpa & 1 << 28,
                        .xor_map = { 0x404200 } },
        .target = { &bridge, NULL, &bridge, &bridge, NULL, &bridge },
    };
    g_autoptr(GPtrArray) ranges = NULL;
    CXLRouteTree *tree;

    bridge.child = g_malloc0(sizeof(*bridge.child));
    bridge.child->node = &device;
    tree = cxl_route_tree_new(&root, 1);
    ranges = cxl_route_build(tree, &window, UINT_MAX);
    cxl_route_tree_free(tree);
    for (unsigned i = 0; i < ranges->len; i++) {
        const CXLRouteRange *range = g_ptr_array_index(ranges, i);
        void *found;
        uint64_t dpa;

        if (cxl_route_lookup(range, range->base + hpa % range->size, &found,
                             &dpa)) {
            g_assert_cmphex(dpa, <, CAPACITY);
            g_assert_true(found == pair);
        }
    }
    g_free(bridge.child);
}

static void check(const CXLHdm *hdm)
{
    CXLHdmDecoder d;

    g_assert_true(cxl_hdm_valid(hdm));
    for (unsigned n = 0; cxl_hdm_decoder(hdm, n, &d); n++) {
        g_assert_cmpuint(d.interleave.ways, >, 0);
        g_assert_true(!d.committed || n < cxl_hdm_committed(hdm));
    }
}

/* Saved bytes may be anything; what is not valid is not used. */
static bool load(CXLHdm *hdm, uint32_t offset, uint64_t value, unsigned size)
{
    cxl_regbank_set(&hdm->bank, offset, value, size);
    return cxl_hdm_valid(hdm);
}

static bool step(Pair *pair, CXLReader *in)
{
    uint8_t what = fuzz_take(in, 1);
    unsigned size = what % 8 + 1;
    uint32_t offset = fuzz_take(in, 2) % 0x200;
    uint64_t value = fuzz_take(in, 8);
    CXLHdm *hdm = what & 8 ? &pair->bridge : &pair->device;

    switch (what >> 4) {
    case 0:
        cxl_hdm_reset(hdm, value % 3);
        break;
    case 1:
        if (!load(hdm, offset, value, size)) {
            return false;
        }
        break;
    case 2:
        check_routes(pair, value);
        break;
    default:
        cxl_regbank_write(&hdm->bank, offset, value, size);
    }
    check(hdm);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Pair pair;
    CXLReader in;
    uint8_t config;

    cxl_reader_init(&in, data, size);
    config = fuzz_take(&in, 1);
    cxl_hdm_init(&pair.bridge, CXL_HDM_ROUTER, 1 + config % 10, 8);
    cxl_hdm_init(&pair.device, CXL_HDM_ENDPOINT, 1 + config / 16 % 10, 1);
    pair.device.capacity = CAPACITY;
    while (cxl_reader_left(&in) && step(&pair, &in)) {
        ;
    }
    cxl_hdm_finish(&pair.bridge);
    cxl_hdm_finish(&pair.device);
    return 0;
}
