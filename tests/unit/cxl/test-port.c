/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doors: pass on when there is somebody, stay quiet when not. */
#include "qemu/osdep.h"
#include "fake.h"

static void test_no_door(void)
{
    CXLClock clock = { 0 };
    CXLIrq irq = { 0 };
    CXLMedia media = { 0 };
    CXLTrace trace = { 0 };
    uint8_t byte = 0x5a;

    cxl_clock_arm(&clock, 1);
    cxl_irq_raise(&irq, 1);
    cxl_trace_command(&trace, "x", 0, 0, 0, 0);
    cxl_trace_refused(&trace, "x", 0);
    g_assert_cmpuint(cxl_clock_now(&clock), ==, 0);
    g_assert_cmpuint(cxl_media_size(&media), ==, 0);
    g_assert_false(cxl_media_read(&media, 0, &byte, 1));
    g_assert_false(cxl_media_write(&media, 0, &byte, 1));
    g_assert_false(cxl_media_fill(&media, 0, 0, 1));
    g_assert_cmpuint(cxl_media_erase(&media, 0, 1), ==, 0);
    g_assert_false(cxl_media_erase_all(&media, 0, 1));
    g_assert_cmphex(byte, ==, 0x5a);
}

static void test_clock_and_irq(void)
{
    FakeClock fake_c = { .now = 42 };
    FakeIrq fake_i = { 0 };
    CXLClock clock = fake_clock(&fake_c);
    CXLIrq irq = fake_irq(&fake_i);

    cxl_clock_arm(&clock, 77);
    cxl_irq_raise(&irq, 3);
    g_assert_cmpuint(cxl_clock_now(&clock), ==, 42);
    g_assert_cmpuint(fake_c.deadline, ==, 77);
    g_assert_cmpuint(fake_i.count, ==, 1);
    g_assert_cmpuint(fake_i.vector, ==, 3);
}

static void test_media(void)
{
    uint8_t bytes[4] = { 1, 2, 3, 4 }, buf[2] = { 8, 9 };
    FakeMedia fake = { .size = sizeof(bytes), .bytes = bytes };
    CXLMedia media = fake_media(&fake);

    g_assert_cmpuint(cxl_media_size(&media), ==, 4);
    g_assert_true(cxl_media_write(&media, 2, buf, 2));
    g_assert_true(cxl_media_fill(&media, 0, 7, 1));
    g_assert_true(cxl_media_read(&media, 0, buf, 2));
    g_assert_cmpmem(buf, 2, ((uint8_t[]) { 7, 2 }), 2);
    g_assert_cmpmem(bytes, 4, ((uint8_t[]) { 7, 2, 8, 9 }), 4);
    fake.piece = 1;
    g_assert_cmpuint(cxl_media_erase(&media, 1, 2), ==, 1);
    g_assert_cmpmem(bytes, 4, ((uint8_t[]) { 7, 0, 8, 9 }), 4);
    g_assert_true(cxl_media_erase_all(&media, 0, 3));
    g_assert_cmpmem(bytes, 4, ((uint8_t[]) { 0, 0, 0, 9 }), 4);
    g_assert_false(cxl_media_erase_all(&media, 0, 5));
}

static void test_trace(void)
{
    FakeTrace fake = { 0 };
    CXLTrace trace = fake_trace(&fake);

    cxl_trace_command(&trace, "name", 0x4000, 1, 2, 3);
    g_assert_cmpstr(fake.name, ==, "name");
    g_assert_cmphex(fake.opcode, ==, 0x4000);
    g_assert_cmpuint(fake.in_len, ==, 1);
    g_assert_cmpuint(fake.out_len, ==, 2);
    g_assert_cmpuint(fake.rc, ==, 3);
    cxl_trace_refused(&trace, "REG", 5);
    g_assert_cmpstr(fake.name, ==, "REG");
    g_assert_cmpuint(fake.value, ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/port/no-door", test_no_door);
    g_test_add_func("/port/clock-and-irq", test_clock_and_irq);
    g_test_add_func("/port/media", test_media);
    g_test_add_func("/port/trace", test_trace);
    return g_test_run();
}
