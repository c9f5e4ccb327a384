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
#include "../../unit/cxl/fake_device.h"

#define SUMMED_FROM 40
#define LENGTH_AT 44
#define HEADER 56

static const CXLMetadataSection *const sections[] = {
    &cxl_media_section, &cxl_health_section, &cxl_poison_section,
    &cxl_security_section,
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

static void *state_of(FakeDevice *dev, unsigned n)
{
    void *state[] = {
        &dev->media, &dev->health, &dev->poison, &dev->security,
    };

    return state[n];
}

/* As at power-on; @dev is to be finished. */
static bool load(FakeDevice *dev, CXLMetadata *md, FakeMedia *area)
{
    g_autofree char *why = NULL;
    CXLMedia store = fake_media(area);
    bool good;

    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
    cxl_metadata_init(md, &store);
    for (unsigned i = 0; i < ARRAY_SIZE(sections); i++) {
        cxl_metadata_add(md, sections[i], state_of(dev, i));
    }
    good = cxl_metadata_load(md, &why);
    g_assert_true(good == !why);
    return good;
}

static void check_same(FakeDevice *a, FakeDevice *b)
{
    for (unsigned i = 0; i < ARRAY_SIZE(sections); i++) {
        g_autofree uint8_t *one = g_malloc(sections[i]->max);
        g_autofree uint8_t *two = g_malloc(sections[i]->max);

        g_assert_cmpmem(one, sections[i]->pack(state_of(a, i), one),
                        two, sections[i]->pack(state_of(b, i), two));
    }
}

/* It can be used, too: saved, loaded and reset. */
static void check_comes_back(FakeDevice *dev, CXLMetadata *md,
                             FakeMedia *area)
{
    FakeDevice again;

    for (unsigned round = 0; round < 3; round++) {
        g_assert_true(cxl_metadata_save(md));
        g_assert_true(load(&again, md, area));
        check_same(dev, &again);
        g_assert_true(cxl_poison_valid(&again.poison));
        g_assert_true(cxl_health_valid(&again.health));
        g_assert_true(cxl_media_valid(&again.media));
        cxl_media_reset(&again.media, CXL_RESET_COLD);
        cxl_poison_reset(&again.poison, CXL_RESET_COLD);
        fake_device_finish(&again);
        /* The states it knows are gone. */
        *md = (CXLMetadata) { .store = md->store };
        for (unsigned i = 0; i < ARRAY_SIZE(sections); i++) {
            cxl_metadata_add(md, sections[i], state_of(dev, i));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FakeMedia area = {
        .size = CXL_METADATA_SIZE, .bytes = g_malloc0(CXL_METADATA_SIZE),
    };
    g_autofree uint8_t *before = NULL;
    FakeDevice dev;
    CXLMetadata md;
    CXLReader in;

    cxl_reader_init(&in, data, size);
    fill(&in, &area);
    before = g_memdup2(area.bytes, CXL_METADATA_SIZE);
    if (load(&dev, &md, &area)) {
        check_comes_back(&dev, &md, &area);
    } else {
        g_assert_cmpmem(area.bytes, CXL_METADATA_SIZE, before,
                        CXL_METADATA_SIZE);
    }
    fake_device_finish(&dev);
    g_free(area.bytes);
    return 0;
}
