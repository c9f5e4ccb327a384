/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The label storage area and 4102h, 4103h. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 4);
    for (unsigned i = 0; i < FAKE_LSA; i++) {
        dev->label_store.bytes[i] = i * 7;
    }
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static CXLRetCode get(FakeDevice *dev, uint32_t offset, uint32_t length)
{
    cxl_le32 in[2] = { cxl_put32(offset), cxl_put32(length) };

    return fake_device_send(dev, 0x4102, in, sizeof(in));
}

/* @length bytes of @byte */
static CXLRetCode set(FakeDevice *dev, uint32_t offset, uint8_t byte,
                      uint32_t length)
{
    g_autofree uint8_t *in = g_malloc0(8 + length);

    cxl_le_put(in, 4, offset);
    memset(in + 8, byte, length);
    return fake_device_send(dev, 0x4103, in, 8 + length);
}

static void test_size(void)
{
    FakeMedia fake = { .size = 8 * GiB };
    CXLMedia store = fake_media(&fake), none = { 0 };
    CXLLsa lsa;

    cxl_lsa_init(&lsa, &store);
    g_assert_cmphex(cxl_lsa_size(&lsa), ==, UINT32_MAX);
    fake.size = 77;
    g_assert_cmphex(cxl_lsa_size(&lsa), ==, 77);
    cxl_lsa_init(&lsa, &none);
    g_assert_cmphex(cxl_lsa_size(&lsa), ==, 0);
}

static void test_get(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(get(dev, 0, FAKE_PAYLOAD), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len, dev->label_store.bytes,
                    FAKE_PAYLOAD);
    g_assert_cmphex(get(dev, FAKE_LSA - 3, 3), ==, 0);
    g_assert_cmpmem(dev->out, dev->out_len,
                    dev->label_store.bytes + FAKE_LSA - 3, 3);
    g_assert_cmphex(get(dev, FAKE_LSA, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0);
}

static void test_get_bounds(FakeDevice *dev, gconstpointer data)
{
    static const uint32_t bad[][2] = {
        { 0, FAKE_PAYLOAD + 1 }, { 0, UINT32_MAX }, { FAKE_LSA, 1 },
        { FAKE_LSA + 1, 0 }, { FAKE_LSA - 1, 2 }, { UINT32_MAX, 2 },
        { 0x10, 0xfffffff8 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_cmphex(get(dev, bad[i][0], bad[i][1]), ==,
                        CXL_RC_INVALID_INPUT);
        g_assert_cmpuint(dev->out_len, ==, 0);
    }
}

static void test_set(FakeDevice *dev, gconstpointer data)
{
    uint8_t *labels = dev->label_store.bytes;

    g_assert_cmphex(set(dev, 100, 0xee, FAKE_PAYLOAD - 8), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 0);
    g_assert_cmphex(labels[99], ==, 99 * 7 % 256);
    g_assert_cmphex(labels[100], ==, 0xee);
    g_assert_cmphex(labels[100 + FAKE_PAYLOAD - 9], ==, 0xee);
    g_assert_cmphex(labels[100 + FAKE_PAYLOAD - 8], ==,
                    (100 + FAKE_PAYLOAD - 8) * 7 % 256);
    g_assert_cmphex(set(dev, FAKE_LSA - 1, 1, 1), ==, 0);
    g_assert_cmphex(labels[FAKE_LSA - 1], ==, 1);
    g_assert_cmphex(set(dev, FAKE_LSA, 1, 0), ==, 0);
}

static void test_set_bounds(FakeDevice *dev, gconstpointer data)
{
    uint8_t last = dev->label_store.bytes[FAKE_LSA - 1];

    g_assert_cmphex(set(dev, FAKE_LSA, 1, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(dev, FAKE_LSA - 1, 1, 2), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(dev, FAKE_LSA + 1, 1, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(dev, UINT32_MAX, 1, 2), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(dev, 0, 1, FAKE_PAYLOAD - 7), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(fake_device_send(dev, 0x4103, "1234567", 7), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    g_assert_cmphex(dev->label_store.bytes[FAKE_LSA - 1], ==, last);
    g_assert_cmphex(dev->label_store.bytes[0], ==, 0);
}

static void test_broken_store(FakeDevice *dev, gconstpointer data)
{
    g_clear_pointer(&dev->label_store.bytes, g_free);
    g_assert_cmphex(get(dev, 0, 8), ==, CXL_RC_INTERNAL_ERROR);
    g_assert_cmpuint(dev->out_len, ==, 0);
    g_assert_cmphex(set(dev, 0, 1, 8), ==, CXL_RC_INTERNAL_ERROR);
}

/* A device without labels may have the commands all the same. */
static void test_no_store(FakeDevice *dev, gconstpointer data)
{
    dev->lsa = (CXLLsa) { 0 };
    g_assert_cmphex(get(dev, 0, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(set(dev, 0, 1, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(get(dev, 0, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(dev, 0, 1, 1), ==, CXL_RC_INVALID_INPUT);
}

static void test_media_disabled(FakeDevice *dev, gconstpointer data)
{
    dev->media_disabled = true;
    g_assert_cmphex(get(dev, 0, 8), ==, CXL_RC_MEDIA_DISABLED);
    g_assert_cmphex(set(dev, 0, 1, 8), ==, CXL_RC_MEDIA_DISABLED);
}

#define ADD(name, func) \
    g_test_add("/lsa/" name, FakeDevice, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lsa/size", test_size);
    ADD("get", test_get);
    ADD("get-bounds", test_get_bounds);
    ADD("set", test_set);
    ADD("set-bounds", test_set_bounds);
    ADD("broken-store", test_broken_store);
    ADD("no-store", test_no_store);
    ADD("media-disabled", test_media_disabled);
    return g_test_run();
}
