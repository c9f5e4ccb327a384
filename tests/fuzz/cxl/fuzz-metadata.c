/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device remembers, from a user's file.  What is taken can be saved
 * and comes back; what is refused has a reason, and nothing is written.
 *
 * Input: a byte that says whether checksums are put right; two of the first
 * copy's length and the start of that copy; the rest is the second's.
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "../../unit/cxl/fake.h"
#include "hw/cxl/core/metadata.h"

#define STATE_MAX 300
#define SUMMED_FROM 40
#define LENGTH_AT 44
#define HEADER 56

typedef struct State {
    size_t len;
    uint8_t bytes[STATE_MAX];
} State;

static size_t pack(const void *opaque, uint8_t *out)
{
    const State *state = opaque;

    memcpy(out, state->bytes, state->len);
    return state->len;
}

static bool unpack(void *opaque, const uint8_t *in, size_t len)
{
    State *state = opaque;

    state->len = len;
    memcpy(state->bytes, in, len);
    return len != 3;
}

static const CXLMetadataSection sections[] = {
    { CXL_METADATA_MEDIA, "one", STATE_MAX, pack, unpack },
    { CXL_METADATA_HEALTH, "another", 5, pack, unpack },
};

static void put_right(uint8_t *copy)
{
    uint64_t length = cxl_le_get(copy + LENGTH_AT, 4);
    GChecksum *sha = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = 32;

    memcpy(copy, "QEMUCXLM", 8);
    length = MIN(length, CXL_METADATA_COPY - HEADER);
    g_checksum_update(sha, copy + SUMMED_FROM,
                      HEADER - SUMMED_FROM + length);
    g_checksum_get_digest(sha, copy + 8, &size);
    g_checksum_free(sha);
}

static void fill(CXLReader *in, FakeMedia *area)
{
    bool right = fuzz_take(in, 1) & 1;
    size_t most = fuzz_take(in, 2);

    for (unsigned n = 0; n < 2; n++) {
        uint8_t *copy = area->bytes + n * CXL_METADATA_COPY;
        size_t len = MIN(n ? CXL_METADATA_COPY : most, cxl_reader_left(in));

        memcpy(copy, cxl_reader_take(in, len), len);
        if (right && len) {
            put_right(copy);
        }
    }
}

static bool load(CXLMetadata *md, FakeMedia *area, State *state)
{
    g_autofree char *why = NULL;
    CXLMedia store = fake_media(area);
    bool good;

    memset(state, 0, 2 * sizeof(*state));
    cxl_metadata_init(md, &store);
    for (unsigned i = 0; i < 2; i++) {
        cxl_metadata_add(md, &sections[i], &state[i]);
    }
    good = cxl_metadata_load(md, &why);
    g_assert_true(good == !why);
    return good;
}

static void check_comes_back(CXLMetadata *md, FakeMedia *area,
                             const State *state)
{
    State again[2];

    for (unsigned round = 0; round < 3; round++) {
        g_assert_true(cxl_metadata_save(md));
        g_assert_true(load(md, area, again));
        for (unsigned i = 0; i < 2; i++) {
            g_assert_cmpmem(again[i].bytes, again[i].len, state[i].bytes,
                            state[i].len);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FakeMedia area = {
        .size = CXL_METADATA_SIZE, .bytes = g_malloc0(CXL_METADATA_SIZE),
    };
    g_autofree uint8_t *before = NULL;
    CXLMetadata md;
    State state[2];
    CXLReader in;

    cxl_reader_init(&in, data, size);
    fill(&in, &area);
    before = g_memdup2(area.bytes, CXL_METADATA_SIZE);
    if (load(&md, &area, state)) {
        check_comes_back(&md, &area, state);
    } else {
        g_assert_cmpmem(area.bytes, CXL_METADATA_SIZE, before,
                        CXL_METADATA_SIZE);
    }
    g_free(area.bytes);
    return 0;
}
