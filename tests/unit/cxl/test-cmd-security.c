/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 4500h to 4505h: every command in every state, and what it leaves. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "fake_device.h"

#define S CXL_SECURITY_USER_SET
#define M CXL_SECURITY_MASTER_SET
#define L CXL_SECURITY_LOCKED
#define F CXL_SECURITY_FROZEN
#define UL CXL_SECURITY_USER_LIMIT
#define ML CXL_SECURITY_MASTER_LIMIT

#define OK CXL_RC_SUCCESS
#define STATE CXL_RC_INVALID_SECURITY_STATE
#define WRONG CXL_RC_INCORRECT_PASSPHRASE

enum { MASTER, USER };

/* What is set at first, and what it is changed to */
static const char *const right[] = { "the master's", "the user's" };
static const char *const next[] = { "master's next", "user's next" };
#define BAD "not a passphrase of anybody"

static void set_up(FakeDevice *dev, gconstpointer data)
{
    fake_device_init(dev, CXL_CCI_PRIMARY, 256, 4);
    /* All that is held is persistent. */
    dev->media.volatile_only = dev->media.volatile_size = 0;
    memset(dev->store.bytes, 0xaa, FAKE_HELD);
}

static void tear_down(FakeDevice *dev, gconstpointer data)
{
    fake_device_finish(dev);
}

static void put(uint8_t *field, const char *passphrase)
{
    memset(field, 0, CXL_PASSPHRASE_SIZE);
    memcpy(field, passphrase, strlen(passphrase));
}

static CXLRetCode set(FakeDevice *dev, uint8_t type, const char *current,
                      const char *new_one)
{
    CXLWireSetPassphrase in = { .type = type };

    put(in.current, current);
    put(in.next, new_one);
    return fake_device_send(dev, 0x4501, &in, sizeof(in));
}

/* Disable Passphrase or Passphrase Secure Erase */
static CXLRetCode by_type(FakeDevice *dev, uint16_t opcode, uint8_t type,
                          const char *passphrase)
{
    CXLWirePassphrase in = { .type = type };

    put(in.passphrase, passphrase);
    return fake_device_send(dev, opcode, &in, sizeof(in));
}

static CXLRetCode unlock(FakeDevice *dev, const char *passphrase)
{
    CXLWireUnlock in;

    put(in.passphrase, passphrase);
    return fake_device_send(dev, 0x4503, &in, sizeof(in));
}

static uint32_t state(FakeDevice *dev)
{
    g_assert_cmphex(fake_device_send(dev, 0x4500, NULL, 0), ==, 0);
    g_assert_cmpuint(dev->out_len, ==, 4);
    return cxl_le_get(dev->out, 4);
}

static void freeze(FakeDevice *dev)
{
    g_assert_cmphex(fake_device_send(dev, 0x4504, NULL, 0), ==, 0);
}

static void power_cycle(FakeDevice *dev)
{
    cxl_media_reset(&dev->media, CXL_RESET_COLD);
    cxl_security_reset(&dev->security, CXL_RESET_COLD);
}

/* One of the commands, as a row of the tables below tries it */
typedef CXLRetCode Try(FakeDevice *dev, const char *const passphrase[2]);

static CXLRetCode set_master(FakeDevice *dev, const char *const p[2])
{
    return set(dev, MASTER, p[MASTER], next[MASTER]);
}

static CXLRetCode set_user(FakeDevice *dev, const char *const p[2])
{
    return set(dev, USER, p[USER], next[USER]);
}

static CXLRetCode disable_master(FakeDevice *dev, const char *const p[2])
{
    return by_type(dev, 0x4502, MASTER, p[MASTER]);
}

static CXLRetCode disable_user(FakeDevice *dev, const char *const p[2])
{
    return by_type(dev, 0x4502, USER, p[USER]);
}

static CXLRetCode unlock_it(FakeDevice *dev, const char *const p[2])
{
    return unlock(dev, p[USER]);
}

static CXLRetCode erase_master(FakeDevice *dev, const char *const p[2])
{
    return by_type(dev, 0x4505, MASTER, p[MASTER]);
}

static CXLRetCode erase_user(FakeDevice *dev, const char *const p[2])
{
    return by_type(dev, 0x4505, USER, p[USER]);
}

/* In an order that the device allows: limits are reached before others */
static void make_state(FakeDevice *dev, uint32_t bits)
{
    if (bits & (M | ML)) {
        g_assert_cmphex(set(dev, MASTER, "", right[MASTER]), ==, OK);
    }
    if (bits & (S | UL)) {
        g_assert_cmphex(set(dev, USER, "", right[USER]), ==, OK);
    }
    if (bits & L) {
        power_cycle(dev);
    }
    dev->security.secret[MASTER].limit = bits & ML;
    dev->security.secret[USER].limit = bits & UL;
    if (bits & F) {
        freeze(dev);
    }
    g_assert_cmphex(state(dev), ==, bits);
}

/*
 * The answer in each state to a right and to a wrong passphrase, and the
 * state after the first.  In all of them, frozen, nothing is done.
 */
static const struct Row {
    const char *name;
    Try *try;
    struct {
        uint32_t before;
        CXLRetCode with_right, with_wrong;
        uint32_t after;
    } in[8];
    unsigned rows;
} table[] = {
    { "set master", set_master, {
        { 0, OK, OK, M }, { M, OK, WRONG, M }, { S, STATE, STATE, S },
        { S | M, STATE, STATE, S | M }, { S | L, STATE, STATE, S | L },
        { M | ML, STATE, STATE, M | ML },
    }, 6 },
    { "set user", set_user, {
        { 0, OK, OK, S }, { M, OK, OK, S | M }, { S, OK, WRONG, S },
        { S | M, OK, WRONG, S | M }, { S | L, STATE, STATE, S | L },
        { S | UL, STATE, STATE, S | UL },
        { S | M | ML, OK, WRONG, S | M | ML },
    }, 7 },
    { "disable master", disable_master, {
        { 0, STATE, STATE, 0 }, { M, OK, WRONG, 0 }, { S, STATE, STATE, S },
        { S | M, OK, WRONG, S }, { S | M | L, OK, WRONG, S | L },
        { M | ML, STATE, STATE, M | ML },
    }, 6 },
    { "disable user", disable_user, {
        { 0, STATE, STATE, 0 }, { M, STATE, STATE, M }, { S, OK, WRONG, 0 },
        { S | M, OK, WRONG, M }, { S | L, STATE, STATE, S | L },
        { S | UL, STATE, STATE, S | UL },
    }, 6 },
    { "unlock", unlock_it, {
        { 0, STATE, STATE, 0 }, { M, STATE, STATE, M },
        { S, STATE, STATE, S }, { S | L, OK, WRONG, S },
        { S | M | L, OK, WRONG, S | M },
        { S | L | UL, STATE, STATE, S | L | UL },
        { S | M | L | ML, OK, WRONG, S | M | ML },
    }, 7 },
    { "erase by master", erase_master, {
        { 0, CXL_RC_INVALID_INPUT, CXL_RC_INVALID_INPUT, 0 },
        { S, CXL_RC_INVALID_INPUT, CXL_RC_INVALID_INPUT, S },
        { M, OK, WRONG, M }, { S | M, OK, WRONG, M },
        { S | M | L, OK, WRONG, M }, { S | M | L | UL, OK, WRONG, M | UL },
        { S | M | ML, STATE, STATE, S | M | ML },
    }, 7 },
    { "erase by user", erase_user, {
        { 0, OK, OK, 0 }, { M, OK, OK, M }, { S, OK, WRONG, 0 },
        { S | M, OK, WRONG, M }, { S | L, OK, WRONG, 0 },
        { S | UL, STATE, STATE, S | UL },
    }, 6 },
};

static void check_row(const struct Row *row, unsigned n, bool good,
                      bool frozen)
{
    static const char *const wrong[2] = { BAD, BAD };
    uint32_t before = row->in[n].before | (frozen ? F : 0);
    CXLRetCode want = good ? row->in[n].with_right : row->in[n].with_wrong;
    bool erases = row->try == erase_master || row->try == erase_user;
    FakeDevice dev;

    set_up(&dev, NULL);
    make_state(&dev, before);
    want = frozen ? STATE : want;
    g_test_message("%s in 0x%x", row->name, before);
    g_assert_cmphex(row->try(&dev, good ? right : wrong), ==, want);
    g_assert_cmphex(state(&dev), ==, want ? before : row->in[n].after);
    g_assert_cmphex(dev.store.bytes[0], ==, erases && !want ? 0 : 0xaa);
    g_assert_cmphex(dev.store.bytes[FAKE_HELD - 1], ==, dev.store.bytes[0]);
    tear_down(&dev, NULL);
}

static void test_matrix(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
        for (unsigned n = 0; n < table[i].rows; n++) {
            check_row(&table[i], n, true, false);
            check_row(&table[i], n, false, false);
            check_row(&table[i], n, true, true);
            check_row(&table[i], n, false, true);
        }
    }
}

static void test_type(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(set(dev, 2, "", "x"), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(by_type(dev, 0x4502, 2, "x"), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(by_type(dev, 0x4505, 0xff, "x"), ==,
                    CXL_RC_INVALID_INPUT);
    freeze(dev);
    g_assert_cmphex(set(dev, 2, "", "x"), ==, STATE);
    freeze(dev);
    g_assert_cmphex(state(dev), ==, F);
}

/* A passphrase that was changed is the one that counts. */
static void test_change(FakeDevice *dev, gconstpointer data)
{
    for (uint8_t type = MASTER; type <= USER; type++) {
        g_assert_cmphex(set(dev, type, "", "one"), ==, OK);
        g_assert_cmphex(set(dev, type, "two", "three"), ==, WRONG);
        g_assert_cmphex(set(dev, type, "one", "two"), ==, OK);
        g_assert_cmphex(by_type(dev, 0x4502, type, "one"), ==, WRONG);
        g_assert_cmphex(by_type(dev, 0x4502, type, "two"), ==, OK);
    }
    g_assert_cmphex(state(dev), ==, 0);
}

/* Every byte of a passphrase counts. */
static void test_all_bytes(FakeDevice *dev, gconstpointer data)
{
    CXLWireSetPassphrase in = { .type = USER };
    CXLWirePassphrase try = { .type = USER };

    for (unsigned i = 0; i < CXL_PASSPHRASE_SIZE; i++) {
        memset(try.passphrase, 0, CXL_PASSPHRASE_SIZE);
        g_assert_cmphex(fake_device_send(dev, 0x4501, &in, sizeof(in)), ==,
                        OK);
        try.passphrase[i] = 0x80;
        g_assert_cmphex(fake_device_send(dev, 0x4502, &try, sizeof(try)), ==,
                        WRONG);
        try.passphrase[i] = 0;
        g_assert_cmphex(fake_device_send(dev, 0x4502, &try, sizeof(try)), ==,
                        OK);
    }
}

static void test_limit(FakeDevice *dev, gconstpointer data)
{
    make_state(dev, S | M);
    for (unsigned round = 0; round < 3; round++) {
        g_assert_cmphex(by_type(dev, 0x4502, USER, BAD), ==, WRONG);
        g_assert_cmphex(set(dev, USER, BAD, "x"), ==, WRONG);
        /* A right one in between makes the count begin anew. */
        g_assert_cmphex(set(dev, USER, right[USER], right[USER]), ==, OK);
    }
    g_assert_cmphex(by_type(dev, 0x4502, USER, BAD), ==, WRONG);
    g_assert_cmphex(by_type(dev, 0x4505, USER, BAD), ==, WRONG);
    g_assert_cmphex(state(dev), ==, S | M);
    g_assert_cmphex(set(dev, USER, BAD, "x"), ==, WRONG);
    g_assert_cmphex(state(dev), ==, S | M | UL);
    g_assert_cmphex(by_type(dev, 0x4502, USER, right[USER]), ==, STATE);
    cxl_security_reset(&dev->security, CXL_RESET_HOT);
    g_assert_cmphex(state(dev), ==, S | M | UL);
    power_cycle(dev);
    g_assert_cmphex(state(dev), ==, S | M | L);
    for (unsigned n = 0; n < 3; n++) {
        g_assert_cmphex(by_type(dev, 0x4505, MASTER, BAD), ==, WRONG);
    }
    g_assert_cmphex(state(dev), ==, S | M | L | ML);
    g_assert_cmphex(by_type(dev, 0x4505, MASTER, right[MASTER]), ==, STATE);
    g_assert_cmphex(unlock(dev, right[USER]), ==, OK);
}

/* Two wrong ones, twice, and in between what makes the count begin anew */
static void test_count(FakeDevice *dev, gconstpointer data)
{
    make_state(dev, S | M | L);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned n = 0; n < 2; n++) {
            g_assert_cmphex(by_type(dev, 0x4502, MASTER, BAD), ==, WRONG);
            g_assert_cmphex(unlock(dev, BAD), ==, WRONG);
        }
        power_cycle(dev);
    }
    g_assert_cmphex(unlock(dev, BAD), ==, WRONG);
    g_assert_cmphex(unlock(dev, BAD), ==, WRONG);
    g_assert_cmphex(unlock(dev, right[USER]), ==, OK);
    g_assert_cmphex(by_type(dev, 0x4502, USER, BAD), ==, WRONG);
    g_assert_cmphex(by_type(dev, 0x4502, USER, BAD), ==, WRONG);
    g_assert_cmphex(state(dev), ==, S | M);
    /* The user's does not excuse the wrong ones for the master. */
    g_assert_cmphex(by_type(dev, 0x4505, MASTER, BAD), ==, WRONG);
    g_assert_cmphex(by_type(dev, 0x4505, MASTER, BAD), ==, WRONG);
    g_assert_cmphex(by_type(dev, 0x4505, USER, right[USER]), ==, OK);
    g_assert_cmphex(by_type(dev, 0x4505, MASTER, BAD), ==, WRONG);
    g_assert_cmphex(state(dev), ==, M | ML);
}

static void test_resets(FakeDevice *dev, gconstpointer data)
{
    make_state(dev, S | M | F | UL | ML);
    cxl_security_reset(&dev->security, CXL_RESET_CXL);
    cxl_security_reset(&dev->security, CXL_RESET_HOT);
    g_assert_cmphex(state(dev), ==, S | M | F | UL | ML);
    power_cycle(dev);
    g_assert_cmphex(state(dev), ==, S | M | L);
    g_assert_cmphex(unlock(dev, right[USER]), ==, OK);
    g_assert_cmphex(by_type(dev, 0x4502, USER, right[USER]), ==, OK);
    power_cycle(dev);
    g_assert_cmphex(state(dev), ==, M);
}

/* Only what is persistent is erased by passphrase. */
static void test_volatile_stays(FakeDevice *dev, gconstpointer data)
{
    dev->media.volatile_size = FAKE_HELD / 2;
    g_assert_cmphex(by_type(dev, 0x4505, USER, ""), ==, OK);
    g_assert_cmphex(dev->store.bytes[FAKE_HELD / 2 - 1], ==, 0xaa);
    g_assert_cmphex(dev->store.bytes[FAKE_HELD / 2], ==, 0);
}

/* What cannot be erased stays locked. */
static void test_erase_fails(FakeDevice *dev, gconstpointer data)
{
    g_autofree uint8_t *bytes = NULL;

    make_state(dev, S | M | L);
    bytes = g_steal_pointer(&dev->store.bytes);
    g_assert_cmphex(by_type(dev, 0x4505, USER, right[USER]), ==,
                    CXL_RC_INTERNAL_ERROR);
    g_assert_cmphex(state(dev), ==, S | M | L);
    dev->store.bytes = g_steal_pointer(&bytes);
}

/* Commands that would read or write what is locked */
static void test_locked_media(FakeDevice *dev, gconstpointer data)
{
    uint8_t clear[72] = { 0 };

    make_state(dev, S | L);
    g_assert_cmphex(fake_device_send(dev, 0x4302, clear, 72), ==, STATE);
    g_assert_cmphex(fake_device_send(dev, 0x4301, clear, 8), ==, STATE);
    g_assert_cmphex(unlock(dev, right[USER]), ==, OK);
    g_assert_cmphex(fake_device_send(dev, 0x4302, clear, 72), ==, OK);
}

static bool has(const void *bytes, size_t len, const char *words)
{
    return memmem(bytes, len, words, strlen(words));
}

/* The device without power: only what it has kept comes back. */
static void lose_power(FakeDevice *dev, CXLMetadata *md)
{
    g_autofree char *why = NULL;
    CXLMedia store = md->store;

    memset(dev->security.secret, 0xa5, sizeof(dev->security.secret));
    cxl_security_init(&dev->security, &dev->media, dev->security.random);
    dev->media.locked = false;
    cxl_metadata_init(md, &store);
    cxl_metadata_add(md, &cxl_security_section, &dev->security);
    g_assert_true(cxl_metadata_load(md, &why));
    dev->security.metadata = md;
    power_cycle(dev);
}

/* After each change, without being asked to save */
static void test_kept(FakeDevice *dev, gconstpointer data)
{
    FakeMedia area = { .size = CXL_METADATA_SIZE };
    g_autofree uint8_t *bytes = g_malloc0(area.size);
    CXLMetadata md = { .store = fake_media(&area) };

    area.bytes = bytes;
    lose_power(dev, &md);
    g_assert_cmphex(state(dev), ==, 0);
    g_assert_cmphex(set(dev, USER, "", "one"), ==, OK);
    lose_power(dev, &md);
    g_assert_cmphex(state(dev), ==, S | L);
    g_assert_cmphex(unlock(dev, "one"), ==, OK);
    g_assert_cmphex(set(dev, USER, "one", "two"), ==, OK);
    freeze(dev);
    lose_power(dev, &md);
    g_assert_cmphex(state(dev), ==, S | L);
    g_assert_cmphex(unlock(dev, "two"), ==, OK);
    g_assert_cmphex(by_type(dev, 0x4502, USER, "two"), ==, OK);
    lose_power(dev, &md);
    g_assert_cmphex(state(dev), ==, 0);
    g_assert_cmphex(set(dev, MASTER, "", "three"), ==, OK);
    lose_power(dev, &md);
    g_assert_cmphex(state(dev), ==, M);
    g_assert_cmphex(set(dev, USER, "", "two"), ==, OK);
    g_assert_cmphex(by_type(dev, 0x4505, MASTER, "three"), ==, OK);
    lose_power(dev, &md);
    g_assert_cmphex(state(dev), ==, M);
    g_assert_false(has(bytes, area.size, "three"));
}

static void test_kept_is_hostile(FakeDevice *dev, gconstpointer data)
{
    uint8_t kept[128];
    size_t len;

    make_state(dev, S);
    len = cxl_security_section.pack(&dev->security, kept);
    g_assert_cmpuint(len, ==, cxl_security_section.max);
    for (unsigned i = 0; i < sizeof(kept); i++) {
        g_assert_true(cxl_security_section.unpack(&dev->security, kept, i) ==
                      (i == len));
    }
    kept[len / 2] = 2;
    g_assert_false(cxl_security_section.unpack(&dev->security, kept, len));
}

/* A passphrase is nowhere in the device once a command is answered. */
static void test_secret(FakeDevice *dev, gconstpointer data)
{
    static const char words[] = "Open Sesame";
    CXLWireSetPassphrase in = { .type = USER };
    CXLMailbox *mb = &dev->mailbox;

    put(in.next, words);
    for (unsigned n = 0; n < 2; n++) {
        /* Of the wrong length the second time: refused, and wiped too */
        uint64_t command = 0x4501 | (uint64_t)(sizeof(in) - n) << 16;

        for (unsigned i = 0; i < sizeof(in); i++) {
            cxl_mailbox_write(mb, 0x20 + i, ((uint8_t *)&in)[i], 1);
        }
        g_assert_true(has(mb->payload, 256, words));
        cxl_mailbox_write(mb, 8, command, 8);
        cxl_mailbox_write(mb, 4, 1, 4);
        g_assert_cmphex(cxl_mailbox_read(mb, 0x14, 2), ==,
                        n ? CXL_RC_INVALID_PAYLOAD_LENGTH : 0);
        g_assert_false(has(mb->payload, 256, words));
        g_assert_false(has(mb->reply, 256, words));
    }
    g_assert_false(has(&dev->security, sizeof(dev->security), words));
    g_assert_cmphex(state(dev), ==, S);
}

/* PBKDF2-HMAC-SHA256 of 32 bytes of 'p', salt of 16 bytes of 's' */
static void salt_s(void *buf, size_t len)
{
    memset(buf, 's', len);
}

static void test_hash(FakeDevice *dev, gconstpointer data)
{
    static const char p[] = "pppppppppppppppppppppppppppppppp";
    g_autofree char *hex = g_malloc0(2 * CXL_SECURITY_HASH + 1);

    dev->security.random = salt_s;
    g_assert_cmphex(set(dev, USER, "", p), ==, OK);
    for (unsigned i = 0; i < CXL_SECURITY_HASH; i++) {
        sprintf(hex + 2 * i, "%02x", dev->security.secret[USER].hash[i]);
    }
    g_assert_cmpstr(hex, ==,
                    "bab3be997b72b9371eb422c601b681ae"
                    "bef47384af4fb0179a906ce601559a75");
}

/* Every byte of the hash counts. */
static void test_compare(FakeDevice *dev, gconstpointer data)
{
    uint8_t *hash = dev->security.secret[USER].hash;

    make_state(dev, S | M);
    for (unsigned i = 0; i < CXL_SECURITY_HASH; i++) {
        dev->security.secret[USER].failures = 0;
        hash[i] ^= 1;
        g_assert_cmphex(by_type(dev, 0x4502, USER, right[USER]), ==, WRONG);
        hash[i] ^= 1;
    }
    g_assert_cmphex(by_type(dev, 0x4502, USER, right[USER]), ==, OK);
}

/* The same passphrase twice does not show. */
static void test_salt(FakeDevice *dev, gconstpointer data)
{
    g_assert_cmphex(set(dev, MASTER, "", "same"), ==, OK);
    g_assert_cmphex(set(dev, USER, "", "same"), ==, OK);
    g_assert_true(memcmp(dev->security.secret[MASTER].hash,
                         dev->security.secret[USER].hash,
                         CXL_SECURITY_HASH));
    g_assert_cmphex(by_type(dev, 0x4502, USER, "same"), ==, OK);
    g_assert_cmphex(dev->security.secret[USER].hash[0] |
                    dev->security.secret[USER].salt[0], ==, 0);
}

static void test_valid(FakeDevice *dev, gconstpointer data)
{
    CXLSecurity *security = &dev->security;

    g_assert_true(cxl_security_valid(security));
    dev->media.locked = true;
    g_assert_false(cxl_security_valid(security));
    dev->media.locked = false;
    security->secret[USER].failures = 1;
    g_assert_false(cxl_security_valid(security));
    make_state(dev, 0);
    security->secret[USER].failures = 0;
    make_state(dev, S | M | L);
    g_assert_true(cxl_security_valid(security));
    security->secret[MASTER].failures = CXL_SECURITY_ATTEMPTS + 1;
    g_assert_false(cxl_security_valid(security));
}

#define ADD(name, func) \
    g_test_add("/cmd-security/" name, FakeDevice, NULL, set_up, func, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cmd-security/matrix", test_matrix);
    ADD("type", test_type);
    ADD("change", test_change);
    ADD("all-bytes", test_all_bytes);
    ADD("limit", test_limit);
    ADD("count", test_count);
    ADD("resets", test_resets);
    ADD("volatile-stays", test_volatile_stays);
    ADD("erase-fails", test_erase_fails);
    ADD("locked-media", test_locked_media);
    ADD("kept", test_kept);
    ADD("kept-is-hostile", test_kept_is_hostile);
    ADD("secret", test_secret);
    ADD("hash", test_hash);
    ADD("compare", test_compare);
    ADD("salt", test_salt);
    ADD("valid", test_valid);
    return g_test_run();
}
