/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware slots: names, resets, failures, and state that is a lie. */
#include "qemu/osdep.h"
#include "fake.h"
#include "hw/cxl/core/firmware.h"

#define SLOTS 3
#define UNIT CXL_FW_UNIT

typedef struct Fixture {
    FakeClock clock;
    CXLFirmware fw;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    CXLClock clock = fake_clock(&f->clock);

    cxl_firmware_init(&f->fw, SLOTS, "first", &clock);
}

/* An image of one unit that begins with @head. */
static void load(Fixture *f, unsigned slot, const char *head)
{
    uint8_t image[UNIT] = { 0 };

    memcpy(image, head, strlen(head));
    g_assert_cmphex(cxl_firmware_transfer(&f->fw, CXL_FW_FULL, slot, 0, image,
                                          UNIT), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(cxl_firmware_job_done(&f->fw), ==, CXL_RC_SUCCESS);
}

static void check_name(Fixture *f, unsigned slot, const char *want)
{
    char text[CXL_FW_REVISION + 1] = { 0 };

    memcpy(text, f->fw.slot[slot - 1].revision, CXL_FW_REVISION);
    g_assert_cmpstr(text, ==, want);
}

static void test_names(Fixture *f, gconstpointer data)
{
    check_name(f, 1, "first");
    load(f, 2, "v2.1 beta");
    check_name(f, 2, "v2.1 beta");
    load(f, 2, "0123456789abcdef tail");
    check_name(f, 2, "0123456789abcdef");
    /* What is no name is named by the first half of its digest. */
    load(f, 2, "");
    check_name(f, 2, "38723a2e5e8a17aa");
    load(f, 3, "bell\a");
    g_assert_cmpuint(strnlen(f->fw.slot[2].revision, 16), ==, 16);
    g_assert_true(f->fw.slot[2].revision[0] != 'b' ||
                  f->fw.slot[2].revision[1] != 'e');
    g_assert_true(cxl_firmware_valid(&f->fw));
}

static void test_digest(Fixture *f, gconstpointer data)
{
    uint8_t image[UNIT * 5], want[CXL_SHA256_BYTES];
    CXLSha256 sha;

    for (unsigned i = 0; i < sizeof(image); i++) {
        image[i] = i * 7;
    }
    cxl_sha256_init(&sha);
    cxl_sha256_add(&sha, image, sizeof(image));
    cxl_sha256_digest(&sha, want);
    cxl_firmware_transfer(&f->fw, CXL_FW_INITIATE, 0, 0, image, UNIT * 2);
    /* The last part again, this time without the flaw */
    cxl_firmware_transfer(&f->fw, CXL_FW_CONTINUE, 0, UNIT * 2, image,
                          UNIT * 2);
    cxl_firmware_transfer(&f->fw, CXL_FW_CONTINUE, 0, UNIT * 2,
                          image + UNIT * 2, UNIT * 2);
    cxl_firmware_transfer(&f->fw, CXL_FW_END, 2, UNIT * 4, image + UNIT * 4,
                          UNIT);
    g_assert_cmphex(cxl_firmware_job_done(&f->fw), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(f->fw.slot[1].size, ==, sizeof(image));
    g_assert_cmpmem(f->fw.slot[1].sha256, sizeof(want), want, sizeof(want));
}

static void check_slots(Fixture *f, unsigned active, unsigned staged)
{
    g_assert_cmpuint(f->fw.active, ==, active);
    g_assert_cmpuint(f->fw.staged, ==, staged);
    g_assert_true(cxl_firmware_valid(&f->fw));
}

static void test_staging(Fixture *f, gconstpointer data)
{
    load(f, 2, "two");
    load(f, 3, "three");
    g_assert_cmphex(cxl_firmware_activate(&f->fw, 2, false), ==, 0);
    check_slots(f, 1, 2);
    cxl_firmware_reset(&f->fw, CXL_RESET_CXL);
    cxl_firmware_reset(&f->fw, CXL_RESET_HOT);
    check_slots(f, 1, 2);
    cxl_firmware_reset(&f->fw, CXL_RESET_COLD);
    check_slots(f, 2, 0);
    g_assert_cmpstr(cxl_firmware_active(&f->fw)->revision, ==, "two");
    /* Another one in the slot that is staged is not staged. */
    g_assert_cmphex(cxl_firmware_activate(&f->fw, 1, false), ==, 0);
    load(f, 1, "one");
    check_slots(f, 2, 0);
    /* One online leaves another staged, but not itself. */
    g_assert_cmphex(cxl_firmware_activate(&f->fw, 1, false), ==, 0);
    g_assert_cmphex(cxl_firmware_activate(&f->fw, 3, true), ==, 0);
    g_assert_cmphex(cxl_firmware_job_done(&f->fw), ==, 0);
    check_slots(f, 3, 1);
    g_assert_cmphex(cxl_firmware_activate(&f->fw, 1, true), ==, 0);
    g_assert_cmphex(cxl_firmware_job_done(&f->fw), ==, 0);
    check_slots(f, 1, 0);
}

static CXLRetCode online(Fixture *f, unsigned slot)
{
    g_assert_cmphex(cxl_firmware_activate(&f->fw, slot, true), ==, 0);
    return cxl_firmware_job_done(&f->fw);
}

static void test_failures(Fixture *f, gconstpointer data)
{
    uint8_t image[UNIT] = "new";

    load(f, 2, "two");
    f->fw.fail = CXL_FW_FAIL_VERIFICATION;
    cxl_firmware_transfer(&f->fw, CXL_FW_FULL, 2, 0, image, UNIT);
    g_assert_cmphex(cxl_firmware_job_done(&f->fw), ==,
                    CXL_RC_FW_VERIFICATION_FAILED);
    check_name(f, 2, "two");

    f->fw.fail = CXL_FW_FAIL_ROLLED_BACK;
    load(f, 3, "three");
    g_assert_cmphex(online(f, 2), ==, CXL_RC_FW_ROLLED_BACK);
    check_slots(f, 1, 0);
    f->fw.fail = CXL_FW_FAIL_COLD_RESET;
    g_assert_cmphex(online(f, 2), ==, CXL_RC_FW_COLD_RESET_REQUIRED);
    check_slots(f, 1, 2);
    f->fw.fail = CXL_FW_FAIL_ROLLED_BACK;
    cxl_firmware_reset(&f->fw, CXL_RESET_COLD);
    check_slots(f, 1, 0);
    /* Each only once */
    g_assert_cmphex(online(f, 2), ==, CXL_RC_SUCCESS);
    check_slots(f, 2, 0);
}

static void test_resets(Fixture *f, gconstpointer data)
{
    static const struct { CXLResetKind kind; bool open; } cases[] = {
        { CXL_RESET_CXL, true }, { CXL_RESET_HOT, false },
        { CXL_RESET_COLD, false },
    };
    uint8_t image[UNIT] = { 0 };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        cxl_firmware_transfer(&f->fw, CXL_FW_ABORT, 0, 0, NULL, 0);
        cxl_firmware_transfer(&f->fw, CXL_FW_INITIATE, 0, 0, image, UNIT);
        cxl_firmware_reset(&f->fw, cases[i].kind);
        g_assert_true(f->fw.open == cases[i].open);
    }
}

/* Bytes that cannot be, one or two at a time, in state that could */
static const struct {
    struct {
        size_t at;
        uint8_t value;
    } byte[2];
} lies[] = {
#define AT(field, value) { offsetof(CXLFirmware, field), (value) }
    { { AT(active, 0) } },
    { { AT(active, SLOTS + 1) } },
    { { AT(active, 3) } },                      /* is empty */
    { { AT(staged, 1) } },                      /* is active */
    { { AT(staged, 3) } },
    { { AT(staged, 255) } },
    { { AT(fail, CXL_FW_FAILURES) } },
    { { AT(job, CXL_FW_JOBS), AT(job_slot, 2) } },
    { { AT(job, CXL_FW_JOB_VERIFY), AT(job_slot, 1) } },
    { { AT(job, CXL_FW_JOB_VERIFY), AT(job_slot, SLOTS + 1) } },
    { { AT(job, CXL_FW_JOB_ACTIVATE), AT(job_slot, 3) } },
    { { AT(slot[1].revision[2], 1) } },
    { { AT(slot[1].revision[9], 'x') } },
    { { AT(slot[1].size, 1) } },
    { { AT(slot[2].size, UNIT) } },
    { { AT(before.length, 1) } },
    { { AT(sum.length, 0), AT(before.length, UNIT) } },
    { { AT(sum.length, UNIT + 1) } },
#undef AT
};

static void test_valid(Fixture *f, gconstpointer data)
{
    CXLFirmware good;

    load(f, 2, "two");
    good = f->fw;
    g_assert_true(cxl_firmware_valid(&f->fw));
    for (unsigned n = 0; n < ARRAY_SIZE(lies); n++) {
        f->fw = good;
        for (unsigned i = 0; i < 2; i++) {
            if (lies[n].byte[i].at || lies[n].byte[i].value) {
                ((uint8_t *)&f->fw)[lies[n].byte[i].at] =
                    lies[n].byte[i].value;
            }
        }
        g_test_message("case %u", n);
        g_assert_false(cxl_firmware_valid(&f->fw));
        cxl_firmware_forget(&f->fw);
        g_assert_cmphex(cxl_firmware_job_done(&f->fw), ==,
                        CXL_RC_INTERNAL_ERROR);
        cxl_firmware_reset(&f->fw, CXL_RESET_COLD);
        g_assert_cmpuint(f->fw.active, ==, 1);
    }
    /* A job while a transfer is open */
    f->fw = good;
    f->fw.job = CXL_FW_JOB_VERIFY;
    f->fw.job_slot = 2;
    g_assert_true(cxl_firmware_valid(&f->fw));
    f->fw.open = true;
    g_assert_false(cxl_firmware_valid(&f->fw));
}

static bool unpack(const uint8_t *kept, size_t len)
{
    g_autofree uint8_t *copy = g_memdup2(kept, len);
    FakeClock clock = { 0 };
    CXLClock door = fake_clock(&clock);
    CXLFirmware fw;

    cxl_firmware_init(&fw, SLOTS, "first", &door);
    return cxl_firmware_section.unpack(&fw, copy, len);
}

/* What is kept comes back; what cannot be, or is cut, is refused. */
static void test_kept(Fixture *f, gconstpointer data)
{
    static const struct { size_t at; uint8_t value; } wrong[] = {
        { 0, SLOTS - 1 }, { 0, 255 }, { 1, 0 }, { 1, 3 }, { 1, 255 },
        { 2, 1 }, { 2, 3 }, { 2, 200 }, { 3, 1 }, { 3 + 16, 1 },
        { 3 + 56 + 16, 1 },
    };
    uint8_t kept[512];
    CXLClock clock = fake_clock(&f->clock);
    CXLFirmware other;
    size_t len;

    load(f, 2, "two");
    cxl_firmware_activate(&f->fw, 2, false);
    len = cxl_firmware_section.pack(&f->fw, kept);
    g_assert_cmpuint(len, <=, cxl_firmware_section.max);
    cxl_firmware_init(&other, SLOTS, "other", &clock);
    g_assert_true(cxl_firmware_section.unpack(&other, kept, len));
    g_assert_cmpmem(other.slot, sizeof(other.slot), f->fw.slot,
                    sizeof(f->fw.slot));
    g_assert_cmpuint(other.active, ==, 1);
    g_assert_cmpuint(other.staged, ==, 2);
    for (size_t cut = 0; cut < len; cut++) {
        g_assert_false(unpack(kept, cut));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        uint8_t was = kept[wrong[i].at];

        g_test_message("case %u", i);
        kept[wrong[i].at] = wrong[i].value;
        g_assert_false(unpack(kept, len));
        kept[wrong[i].at] = was;
    }
    g_assert_true(unpack(kept, len));
}

#define ADD(name, func) \
    g_test_add("/firmware/" name, Fixture, NULL, set_up, func, NULL)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("names", test_names);
    ADD("digest", test_digest);
    ADD("staging", test_staging);
    ADD("failures", test_failures);
    ADD("resets", test_resets);
    ADD("valid", test_valid);
    ADD("kept", test_kept);
    return g_test_run();
}
