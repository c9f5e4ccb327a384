/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 0500h, 0501h, 0502h, and each feature's settings. */
#include "qemu/osdep.h"
#include "fake_device.h"

#define FULL CXL_FEATURE_FULL
#define SAVE CXL_FEATURE_SAVE

static const CXLFeatureType *const scrub = &cxl_feature_patrol_scrub;
static const CXLFeatureType *const ecs = &cxl_feature_ecs;

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static unsigned total(void)
{
    unsigned n = 0;

    while (cxl_feature_types[n]) {
        n++;
    }
    return n;
}

static CXLRetCode list(FakeDevice *dev, uint32_t count, uint16_t start)
{
    CXLWireGetFeatures in = { cxl_put32(count), cxl_put16(start) };

    return fake_device_send(dev, 0x0500, &in, sizeof(in));
}

/* Whole entries only, by what is wanted, what there is and what fits */
static void test_list(FakeDevice *dev, gconstpointer data)
{
    for (uint32_t count = 0; count < 600; count++) {
        for (unsigned start = 0; start <= total(); start++) {
            CXLRetCode rc = list(dev, count, start);
            unsigned want;

            if (count < 8 || start == total()) {
                g_assert_cmphex(rc, ==, CXL_RC_INVALID_INPUT);
                continue;
            }
            want = MIN((count - 8) / 48, total() - start);
            want = MIN(want, (FAKE_PAYLOAD - 8) / 48);
            g_assert_cmphex(rc, ==, 0);
            g_assert_cmpuint(dev->out_len, ==, 8 + want * 48);
            g_assert_cmpuint(cxl_le_get(dev->out, 2), ==, want);
            g_assert_cmpuint(cxl_le_get(dev->out + 2, 2), ==, total());
        }
    }
    g_assert_cmphex(list(dev, UINT32_MAX, 0), ==, 0);
    g_assert_cmphex(list(dev, UINT32_MAX, UINT16_MAX), ==,
                    CXL_RC_INVALID_INPUT);
}

static void test_entries(FakeDevice *dev, gconstpointer data)
{
    for (unsigned n = 0; n < total(); n++) {
        const CXLFeatureType *type = cxl_feature_types[n];
        const CXLWireFeature *entry;

        g_test_message("%s", type->name);
        g_assert_cmphex(list(dev, 8 + 48, n), ==, 0);
        entry = (void *)(dev->out + 8);
        g_assert_cmpmem(entry->uuid, 16, type->uuid, 16);
        g_assert_cmpuint(cxl_get16(entry->index), ==, n);
        g_assert_cmpuint(cxl_get16(entry->get_size), ==, type->get_size);
        g_assert_cmpuint(cxl_get16(entry->set_size), ==, type->set_size);
        g_assert_cmphex(cxl_get32(entry->attributes), ==, type->attributes);
        /* What a driver insists on: no background, no reserved bits */
        g_assert_cmphex(cxl_get16(entry->effects) & 0xf040, ==, 0);
        g_assert_cmphex(cxl_get16(entry->effects) & 0x0c1f, !=, 0);
        g_assert_true(type->get_size <= CXL_FEATURE_GET_MAX);
        g_assert_true(type->set_size <= CXL_FEATURE_SET_MAX);
        g_assert_true(type->legal(type->defaults));
    }
}

static CXLRetCode get(FakeDevice *dev, const CXLFeatureType *type,
                      uint16_t offset, uint16_t count, uint8_t selection)
{
    CXLWireGetFeature in = {
        .offset = cxl_put16(offset), .count = cxl_put16(count),
        .selection = selection,
    };

    memcpy(in.uuid, type->uuid, 16);
    return fake_device_send(dev, 0x0501, &in, sizeof(in));
}

static CXLRetCode set(FakeDevice *dev, const CXLFeatureType *type,
                      uint32_t flags, uint16_t offset, const void *data,
                      size_t len)
{
    uint8_t in[0x20 + 64] = { 0 };
    CXLWireSetFeature *head = (void *)in;

    memcpy(head->uuid, type->uuid, 16);
    head->flags = cxl_put32(flags);
    head->offset = cxl_put16(offset);
    head->version = type->version;
    memcpy(head->data, data, len);
    return fake_device_send(dev, 0x0502, in, 0x20 + len);
}

static void check(FakeDevice *dev, const CXLFeatureType *type,
                  uint8_t selection, const char *want, size_t len)
{
    g_assert_cmphex(get(dev, type, 0, 0xffff, selection), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, want, len);
}

/* Any window shows the same bytes. */
static void test_windows(FakeDevice *dev, gconstpointer data)
{
    g_autofree uint8_t *all = NULL;

    g_assert_cmphex(get(dev, ecs, 0, 17, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 17);
    all = g_memdup2(dev->out, 17);
    for (unsigned at = 0; at < 20; at++) {
        for (unsigned len = 0; len < 20; len++) {
            CXLRetCode rc = get(dev, ecs, at, len, 0);

            if (at >= 17) {
                g_assert_cmphex(rc, ==, CXL_RC_INVALID_INPUT);
            } else {
                g_assert_cmphex(rc, ==, 0);
                g_assert_cmpmem(dev->out, dev->out_len, all + at,
                                MIN(len, 17 - at));
            }
        }
    }
    g_assert_cmphex(get(dev, ecs, 0xffff, 0xffff, 0), ==,
                    CXL_RC_INVALID_INPUT);
}

static void test_unknown(FakeDevice *dev, gconstpointer data)
{
    CXLFeatureType other = *scrub;

    other.uuid[15] ^= 1;
    g_assert_cmphex(get(dev, &other, 0, 4, 0), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmphex(set(dev, &other, FULL, 0, "\1", 2), ==,
                    CXL_RC_UNSUPPORTED);
    other = *scrub;
    other.version++;
    g_assert_cmphex(set(dev, &other, FULL, 0, "\1", 2), ==,
                    CXL_RC_FEATURE_VERSION);
    for (unsigned selection = 3; selection < 256; selection++) {
        g_assert_cmphex(get(dev, scrub, 0, 4, selection), ==,
                        CXL_RC_FEATURE_SELECTION);
    }
    for (unsigned flags = 5; flags < 32; flags++) {
        if (flags < 8 || flags > 12) {
            g_assert_cmphex(set(dev, scrub, flags, 0, "\1", 2), ==,
                            CXL_RC_INVALID_INPUT);
        }
    }
}

/* Current, default and saved, over each kind of reset */
static void test_selections(FakeDevice *dev, gconstpointer data)
{
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\14\1\0", 4);
    g_assert_cmphex(set(dev, scrub, FULL | SAVE, 0, "\2\1", 2), ==, 0);
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\2\1\1", 4);
    check(dev, scrub, CXL_FEATURE_SAVED, "\1\2\1\1", 4);
    check(dev, scrub, CXL_FEATURE_DEFAULT, "\1\14\1\0", 4);
    g_assert_cmphex(set(dev, scrub, FULL, 0, "\3\0", 2), ==, 0);
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\3\1\0", 4);
    check(dev, scrub, CXL_FEATURE_SAVED, "\1\2\1\1", 4);
    cxl_features_reset(&dev->features, CXL_RESET_CXL);
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\3\1\0", 4);
    cxl_features_reset(&dev->features, CXL_RESET_HOT);
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\2\1\1", 4);
    g_assert_cmphex(set(dev, scrub, FULL, 0, "\3\0", 2), ==, 0);
    cxl_features_reset(&dev->features, CXL_RESET_COLD);
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\2\1\1", 4);
}

static void test_scrub(FakeDevice *dev, gconstpointer data)
{
    for (unsigned hours = 0; hours < 256; hours++) {
        for (unsigned flags = 0; flags < 256; flags++) {
            uint8_t in[] = { hours, flags };
            bool good = hours >= 1 && flags <= 1;

            g_assert_cmphex(set(dev, scrub, FULL, 0, in, 2), ==,
                            good ? 0 : CXL_RC_INVALID_INPUT);
        }
    }
    /* The last one that was legal */
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\xff\1\1", 4);
}

static void test_ecs(FakeDevice *dev, gconstpointer data)
{
    uint8_t in[9] = { 0, 3, 0, 4, 0, 5, 0, 3, 0 };

    check(dev, ecs, CXL_FEATURE_CURRENT,
          "\0\0\3\0\0\0\3\0\0\0\3\0\0\0\3\0\0", 17);
    for (unsigned config = 0; config < 0x10000; config++) {
        bool good = config <= 0x1f && (config & 7) >= 3 && (config & 7) <= 5;

        cxl_le_put(in + 3, 2, config);
        g_assert_cmphex(set(dev, ecs, FULL, 0, in, 9), ==,
                        good ? 0 : CXL_RC_INVALID_INPUT);
    }
    /* Codewords, 4096, and the counter reset, which is over at once */
    in[0] = 1;
    cxl_le_put(in + 3, 2, 0x1d);
    g_assert_cmphex(set(dev, ecs, FULL, 0, in, 9), ==, 0);
    check(dev, ecs, CXL_FEATURE_CURRENT,
          "\1\0\3\0\0\0\15\0\0\0\5\0\0\0\3\0\0", 17);
    in[0] = 2;
    g_assert_cmphex(set(dev, ecs, FULL, 0, in, 9), ==, CXL_RC_INVALID_INPUT);
}

static void test_lengths(FakeDevice *dev, gconstpointer data)
{
    uint8_t in[64] = { 1 };

    for (size_t len = 0; len <= sizeof(in); len++) {
        CXLRetCode rc = set(dev, scrub, FULL, 0, in, len);

        g_assert_cmphex(rc, ==, len == 2 ? 0 : CXL_RC_INVALID_PAYLOAD_LENGTH);
        if (len == 0 || len > 9) {
            g_assert_cmphex(set(dev, ecs, CXL_FEATURE_INITIATE, 0, in, len),
                            ==, CXL_RC_INVALID_PAYLOAD_LENGTH);
        }
    }
    g_assert_false(dev->features.open);
}

/* A change in parts, each step with the code that it must have */
static void test_parts(FakeDevice *dev, gconstpointer data)
{
    static const uint8_t in[32] = { 1, 4, 0, 4, 0, 4, 0, 4, 0 };
    static const struct {
        const CXLFeatureType *const *type;
        uint32_t flags;
        uint16_t offset;
        size_t len;
        CXLRetCode rc;
    } steps[] = {
        { &ecs, CXL_FEATURE_CONTINUE, 0, 1, CXL_RC_FEATURE_OUT_OF_ORDER },
        { &ecs, CXL_FEATURE_FINISH, 0, 9, CXL_RC_FEATURE_OUT_OF_ORDER },
        { &ecs, CXL_FEATURE_ABORT, 0, 0, CXL_RC_SUCCESS },
        { &ecs, CXL_FEATURE_INITIATE, 1, 1, CXL_RC_FEATURE_OUT_OF_ORDER },
        { &ecs, CXL_FEATURE_INITIATE | SAVE, 0, 2, CXL_RC_SUCCESS },
        { &ecs, CXL_FEATURE_INITIATE, 0, 2, CXL_RC_FEATURE_IN_PROGRESS },
        { &ecs, FULL, 0, 9, CXL_RC_FEATURE_IN_PROGRESS },
        { &scrub, FULL, 0, 2, CXL_RC_FEATURE_IN_PROGRESS },
        { &scrub, CXL_FEATURE_CONTINUE, 2, 1, CXL_RC_FEATURE_IN_PROGRESS },
        { &scrub, CXL_FEATURE_ABORT, 0, 0, CXL_RC_FEATURE_IN_PROGRESS },
        { &ecs, CXL_FEATURE_CONTINUE, 1, 1, CXL_RC_FEATURE_OUT_OF_ORDER },
        { &ecs, CXL_FEATURE_CONTINUE, 3, 1, CXL_RC_FEATURE_OUT_OF_ORDER },
        { &ecs, CXL_FEATURE_CONTINUE, 2, 8, CXL_RC_INVALID_PAYLOAD_LENGTH },
        { &ecs, CXL_FEATURE_CONTINUE, 2, 0, CXL_RC_INVALID_PAYLOAD_LENGTH },
        { &ecs, CXL_FEATURE_CONTINUE, 2, 5, CXL_RC_SUCCESS },
        { &ecs, CXL_FEATURE_FINISH, 7, 1, CXL_RC_INVALID_INPUT },
        { &ecs, CXL_FEATURE_FINISH, 7, 2, CXL_RC_SUCCESS },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
        bool open = i >= 4 && i < ARRAY_SIZE(steps) - 1;

        g_test_message("step %u", i);
        g_assert_cmphex(set(dev, *steps[i].type, steps[i].flags,
                            steps[i].offset, in + MIN(steps[i].offset, 9),
                            steps[i].len), ==, steps[i].rc);
        g_assert_cmphex(get(dev, ecs, 0, 1, 0), ==,
                        open ? CXL_RC_FEATURE_IN_PROGRESS : 0);
        g_assert_cmphex(get(dev, scrub, 0, 1, 0), ==, 0);
    }
    check(dev, ecs, CXL_FEATURE_SAVED,
          "\1\0\4\0\0\0\4\0\0\0\4\0\0\0\4\0\0", 17);
}

/* What is not legal is found at the end, and changes nothing. */
static void test_parts_illegal(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(set(dev, scrub, CXL_FEATURE_INITIATE, 0, "\5", 1), ==, 0);
    g_assert_cmphex(set(dev, scrub, CXL_FEATURE_FINISH, 1, "\2", 1), ==,
                    CXL_RC_INVALID_INPUT);
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\14\1\0", 4);
    g_assert_cmphex(set(dev, scrub, CXL_FEATURE_INITIATE, 0, "\5", 1), ==, 0);
    g_assert_cmphex(set(dev, scrub, CXL_FEATURE_ABORT, 0, "", 0), ==, 0);
    g_assert_cmphex(set(dev, scrub, CXL_FEATURE_FINISH, 1, "\1", 1), ==,
                    CXL_RC_FEATURE_OUT_OF_ORDER);
    g_assert_cmphex(set(dev, scrub, CXL_FEATURE_INITIATE, 0, "\5", 1), ==, 0);
    cxl_features_reset(&dev->features, CXL_RESET_CXL);
    g_assert_true(dev->features.open);
    cxl_features_reset(&dev->features, CXL_RESET_HOT);
    g_assert_false(dev->features.open);
    check(dev, scrub, CXL_FEATURE_CURRENT, "\1\14\1\0", 4);
}

static void test_valid(FakeDevice *dev, gconstpointer data)
{
    CXLFeatures good;

    set(dev, scrub, CXL_FEATURE_INITIATE, 0, "\5", 1);
    good = dev->features;
    g_assert_true(cxl_features_valid(&good));
    dev->features.target = dev->features.count;
    g_assert_false(cxl_features_valid(&dev->features));
    dev->features = good;
    dev->features.received = 3;
    g_assert_false(cxl_features_valid(&dev->features));
    dev->features = good;
    dev->features.feature[0].current[0] = 0;
    g_assert_false(cxl_features_valid(&dev->features));
    dev->features = good;
    dev->features.feature[1].saved[0] = 2;
    g_assert_false(cxl_features_valid(&dev->features));
}

static bool unpack(const uint8_t *kept, size_t len, CXLFeatures *features)
{
    g_autofree uint8_t *copy = g_memdup2(kept, len);

    cxl_features_init(features);
    return cxl_features_section.unpack(features, copy, len);
}

static void test_kept(FakeDevice *dev, gconstpointer data)
{
    uint8_t kept[CXL_FEATURES_MAX * 32];
    CXLFeatures other;
    size_t len;

    set(dev, scrub, FULL | SAVE, 0, "\2\1", 2);
    set(dev, scrub, FULL, 0, "\3\0", 2);
    len = cxl_features_section.pack(&dev->features, kept);
    g_assert_cmpuint(len, <=, cxl_features_section.max);
    g_assert_true(unpack(kept, len, &other));
    g_assert_cmpmem(other.feature[0].current, 2, "\2\1", 2);
    g_assert_cmpmem(other.feature[0].saved, 2, "\2\1", 2);
    /* Fewer features are those of an older area; not a part of one. */
    for (size_t cut = 0; cut <= len; cut++) {
        g_assert_true(unpack(kept, cut, &other) == (cut % 32 == 0));
    }
    kept[16] = 0;               /* hours */
    g_assert_false(unpack(kept, len, &other));
    kept[16] = 2;
    kept[32] ^= 1;              /* a feature that is not there */
    g_assert_false(unpack(kept, len, &other));
}

#define ADD(name, func) \
    g_test_add("/cmd/features/" name, FakeDevice, NULL, set_up, func, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("list", test_list);
    ADD("entries", test_entries);
    ADD("windows", test_windows);
    ADD("unknown", test_unknown);
    ADD("selections", test_selections);
    ADD("scrub", test_scrub);
    ADD("ecs", test_ecs);
    ADD("lengths", test_lengths);
    ADD("parts", test_parts);
    ADD("parts/illegal", test_parts_illegal);
    ADD("valid", test_valid);
    ADD("kept", test_kept);
    return g_test_run();
}
