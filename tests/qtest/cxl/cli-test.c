/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines: those that must start, and those that must not, with a
 * message that names the option and says what to do.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/cxl.h"
#include "qemu/bswap.h"

#define ON "-machine q35,cxl=on "
#define BRIDGE "-device pxb-cxl,id=cxl0,bus=pcie.0,bus_nr=16 "
#define PORT "-device cxl-rp,id=rp0,bus=cxl0,chassis=0,slot=1 "
#define MEM "-object memory-backend-ram,id=m0,size=256M "
#define MEM1 "-object memory-backend-ram,id=m1,size=256M "
#define TYPE3 "-device cxl-type3,bus=rp0,"
#define ONE ON BRIDGE PORT MEM TYPE3 "volatile-memdev=m0"
/* d0 and d1 below cxl0, d2 below cxl1; each has a single decoder. */
#define MEMDEV(n) "-object memory-backend-ram,id=b" n ",size=512M " \
    "-device cxl-type3,id=d" n ",bus=rp" n ",volatile-memdev=b" n \
    ",hdm-decoders=1 "
#define TWO "-machine q35,cxl=on,cxl-fmw.0.targets.0=cxl0,cxl-fmw.0.size=4G," \
    "cxl-fmw.1.targets.0=cxl0,cxl-fmw.1.targets.1=cxl1,cxl-fmw.1.size=4G," \
    "cxl-fmw.1.interleave-granularity=1k," \
    "cxl-fmw.2.targets.0=cxl0,cxl-fmw.2.targets.1=cxl0,cxl-fmw.2.size=4G " \
    BRIDGE "-device pxb-cxl,id=cxl1,bus=pcie.0,bus_nr=32 " \
    PORT "-device cxl-rp,id=rp1,bus=cxl0,chassis=0,slot=2,port=1 " \
    "-device cxl-rp,id=rp2,bus=cxl1,chassis=0,slot=3 " \
    MEMDEV("0") MEMDEV("1") MEMDEV("2")
#define REGION "-object cxl-region,id=r,window="
#define REGION1 "-object cxl-region,id=s,window="
#define FMW ON BRIDGE "-machine cxl-fmw.0.targets.0=cxl0,cxl-fmw.0."
/* A window over two targets, by XOR */
#define XOR2 FMW "targets.1=cxl0,cxl-fmw.0.size=512M," \
             "cxl-fmw.0.interleave-arithmetic=xor,cxl-fmw.0."

typedef struct Line {
    const char *args;
    const char *words[3];               /* of its output */
} Line;

/* Exit status: 0 after 'quit', 1 for an error. */
static int run(const char *args, char **output)
{
    g_autofree char *command = g_strdup_printf(
        "echo quit | timeout 60 %s -accel qtest -display none -nodefaults "
        "-monitor stdio %s 2>&1", getenv("QTEST_QEMU_BINARY"), args);
    const char *argv[] = { "/bin/sh", "-c", command, NULL };
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT,
                               NULL, NULL, output, NULL, &status, NULL));
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void check(const Line *line, int expected)
{
    g_autofree char *output = NULL;
    int status = run(line->args, &output);

    if (status != expected) {
        g_test_message("%s: status %d: %s", line->args, status, output);
    }
    g_assert_cmpint(status, ==, expected);
    for (unsigned i = 0; i < ARRAY_SIZE(line->words) && line->words[i]; i++) {
        if (!strstr(output, line->words[i])) {
            g_test_message("%s: no '%s' in: %s", line->args, line->words[i],
                           output);
            g_test_fail();
        }
    }
}

static void check_all(const Line *lines, unsigned count, int expected)
{
    for (unsigned i = 0; i < count; i++) {
        check(&lines[i], expected);
    }
}

static void test_starts(void)
{
    static const Line lines[] = {
        { "-machine q35,cxl=on" },
        { "-machine q35,cxl=off" },
        { "-machine pc,cxl=on" },
        { ON BRIDGE },
        { ON BRIDGE PORT },
        { ONE },
        { FMW "size=256M" },
        { FMW "size=4G,cxl-fmw.0.interleave-granularity=16k" },
        { FMW "size=256M,cxl-fmw.0.restrictions=0x3f,cxl-fmw.0.qtg=1" },
        { FMW "size=1G,cxl-fmw.0.interleave-arithmetic=xor" },
        /* Names of our own blocks of RAM do not meet those of users. */
        { FMW "size=1G,memory-backend=cxl-window-0 -m 64M "
          "-object memory-backend-ram,id=cxl-window-0,size=64M" },
        { FMW "size=1G,cxl-fmw.0.interleave-arithmetic=modulo" },
        { XOR2 "xor-maps.0=0xfffffffffff00" },
        /* The same granularity, and the same maps as far as both go */
        { XOR2 "xor-maps.0=0x8100,cxl-fmw.1.size=1G,"
          "cxl-fmw.1.interleave-arithmetic=xor,cxl-fmw.1.targets.0=cxl0,"
          "cxl-fmw.1.targets.1=cxl0,cxl-fmw.1.targets.2=cxl0,"
          "cxl-fmw.1.targets.3=cxl0,cxl-fmw.1.xor-maps.0=0x8100,"
          "cxl-fmw.1.xor-maps.1=0x200" },
        { FMW "size=256M,cxl-fmw.0.qtg=65535,"
          "cxl-fmw.0.qtg-max-latency=4294967,"
          "cxl-fmw.0.qtg-min-bandwidth=4294967295" },
        { ONE ",read-latency=4294967,write-latency=0,"
          "read-bandwidth=4294967295,write-bandwidth=0" },
        /* The standard's rule for sizes is one that people break. */
        { FMW "targets.1=cxl0,cxl-fmw.0.size=256M",
          { "warning", "256 MiB times 2" } },
        { ON BRIDGE PORT MEM TYPE3 "memdev=m0",
          { "warning", "persistent-memdev" } },
        { ON BRIDGE PORT MEM "-object memory-backend-ram,id=md,size=128k "
          TYPE3 "volatile-memdev=m0,metadata-memdev=md",
          { "warning", "metadata-memdev='md'", "share=on" } },
        { TWO REGION "0,devices=d0,devices=d1" },
        { TWO REGION "0,devices=d1 " REGION1 "0,devices=d0,size=256M" },
        { TWO "-object '{\"qom-type\":\"cxl-region\",\"id\":\"r\","
          "\"window\":0,\"devices\":[\"d1\",\"d0\"]}'" },
        { TWO REGION "0,devices=d0,interleave-granularity=16k,locked=on" },
        { TWO REGION "1,devices=d0,devices=d2,interleave-granularity=1k" },
        { TWO REGION "0,devices=d0,size=0,offset=4G" },
        { TWO REGION "0,devices=d0,size=512M,offset=3840M,exceed-window=on,"
          "memory-map=reserved" },
    };

    check_all(lines, ARRAY_SIZE(lines), 0);
}

/* In the form that users of CXL in QEMU know */
static void test_known_lines(void)
{
    static const Line lines[] = {
        { "-M q35,cxl=on -m 512M,maxmem=8G,slots=8 -smp 4 "
          "-object memory-backend-ram,id=vmem0,share=on,size=256M "
          "-device pxb-cxl,bus_nr=12,bus=pcie.0,id=cxl.1 "
          "-device cxl-rp,port=0,bus=cxl.1,id=root_port13,chassis=0,slot=2 "
          "-device cxl-type3,bus=root_port13,volatile-memdev=vmem0,"
          "id=cxl-vmem0,sn=0x123 "
          "-M cxl-fmw.0.targets.0=cxl.1,cxl-fmw.0.size=4G" },
        { "-M q35,cxl=on,hmat=on "
          "-object memory-backend-ram,id=p0,size=256M "
          "-object memory-backend-ram,id=l0,size=256M "
          "-device pxb-cxl,bus_nr=12,bus=pcie.0,id=cxl.1,"
          "hdm_for_passthrough=true "
          "-device pxb-cxl,bus_nr=222,bus=pcie.0,id=cxl.2 "
          "-device cxl-rp,port=0,bus=cxl.1,id=rp13,chassis=0,slot=2,"
          "x-speed=32,x-width=16,hotplug=on,aer_log_max=8 "
          "-device cxl-type3,bus=rp13,persistent-memdev=p0,lsa=l0,"
          "x-speed=16,x-width=8 "
          "-M cxl-fmw.0.targets.0=cxl.1,cxl-fmw.0.targets.1=cxl.2,"
          "cxl-fmw.0.size=4G,cxl-fmw.0.interleave-granularity=8k,"
          "cxl-fmw.1.targets.0=cxl.2,cxl-fmw.1.size=4G" },
    };

    check_all(lines, ARRAY_SIZE(lines), 0);
}

#define SWITCH ON BRIDGE PORT "-device cxl-upstream,id=us0,bus=rp0 "
#define DOWN "-device cxl-downstream,bus=us0,id="

static void test_switches(void)
{
    static const Line starts[] = {
        { SWITCH },
        { SWITCH DOWN "ds0,port=0,chassis=0,slot=9 "
          DOWN "ds1,port=1,chassis=0,slot=10 "
          "-device cxl-upstream,id=us1,bus=ds1,port=2,sn=1,hdm-decoders=1 "
          "-device cxl-downstream,id=ds2,bus=us1,port=0,chassis=1,slot=9" },
    };
    static const Line fails[] = {
        { ON BRIDGE "-device cxl-upstream,id=us0,bus=cxl0",
          { "us0", "below a CXL port", "cxl-rp" } },
        { ON BRIDGE "-device cxl-upstream,id=us0,bus=pcie.0",
          { "us0", "below a CXL port" } },
        { SWITCH "-device cxl-upstream,id=us1,bus=us0",
          { "us1", "below a CXL port" } },
        { ON BRIDGE PORT "-device cxl-upstream,bus=rp0,hdm-decoders=3",
          { "hdm-decoders=3", "1, 2, 4, 6, 8 or 10" } },
        { ON BRIDGE PORT "-device cxl-upstream,bus=rp0,cdat=/nowhere",
          { "cdat='/nowhere'" } },
        { ON BRIDGE PORT "-device cxl-downstream,id=ds0,bus=rp0",
          { "ds0", "below a cxl-upstream" } },
        { ON BRIDGE "-device cxl-downstream,id=ds0,bus=pcie.0",
          { "ds0", "below a cxl-upstream" } },
        { SWITCH DOWN "ds0,port=1,slot=9 " DOWN "ds1,port=1,slot=10",
          { "ds1", "port=1", "its own port=" } },
        { SWITCH DOWN "ds0,port=1,slot=9 " DOWN "ds1,port=2,slot=9",
          { "ds1", "chassis=0,slot=9", "its own slot=" } },
    };

    check_all(starts, ARRAY_SIZE(starts), 0);
    check_all(fails, ARRAY_SIZE(fails), 1);
}

static void test_xor_windows(void)
{
    static const Line lines[] = {
        { FMW "size=1G,cxl-fmw.0.interleave-arithmetic=and",
          { "interleave-arithmetic", "and" } },
        { FMW "size=1G,cxl-fmw.0.xor-maps.0=0x100",
          { "cxl-fmw.0.xor-maps", "interleave-arithmetic=xor" } },
        { FMW "size=1G,cxl-fmw.0.interleave-arithmetic=xor,"
          "cxl-fmw.0.xor-maps.0=0x100",
          { "cxl-fmw.0.xor-maps", "1 targets take 0 of them, not 1" } },
        { XOR2 "xor-maps.0=0x100,cxl-fmw.0.xor-maps.1=0x200",
          { "cxl-fmw.0.xor-maps", "2 targets take 1 of them, not 2" } },
        { XOR2 "xor-maps.0=0x200",
          { "cxl-fmw.0.xor-maps.0", "0x200", "0x100 as its lowest bit" } },
        { XOR2 "xor-maps.0=0x180", { "0x100 as its lowest bit" } },
        { XOR2 "xor-maps.0=0", { "0x100 as its lowest bit" } },
        { XOR2 "xor-maps.0=0x10000000000100", { "none above bit 51" } },
        { XOR2 "xor-maps.0=0x100,cxl-fmw.0.interleave-granularity=1k",
          { "cxl-fmw.0.xor-maps.0", "0x400 as its lowest bit" } },
        { XOR2 "xor-maps.0=maybe", { "xor-maps" } },
        { XOR2 "xor-maps.0=0x100,cxl-fmw.1.size=512M,"
          "cxl-fmw.1.interleave-arithmetic=xor,"
          "cxl-fmw.1.targets.0=cxl0,cxl-fmw.1.targets.1=cxl0",
          { "cxl-fmw.1.xor-maps.0", "cxl-fmw.0's 0x100", "both the same" } },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
}

static void test_windows(void)
{
    static const Line lines[] = {
        { FMW "size=100M", { "cxl-fmw.0.size", "256 MiB" } },
        { FMW "size=0", { "cxl-fmw.0.size", "256 MiB" } },
        { FMW "size=256M,cxl-fmw.0.interleave-granularity=300",
          { "cxl-fmw.0.interleave-granularity", "256, 512, 1k" } },
        { FMW "size=256M,cxl-fmw.0.interleave-granularity=128",
          { "cxl-fmw.0.interleave-granularity" } },
        { FMW "size=256M,cxl-fmw.0.interleave-granularity=32k",
          { "cxl-fmw.0.interleave-granularity" } },
        { FMW "size=256M,cxl-fmw.0.restrictions=0x40",
          { "cxl-fmw.0.restrictions" } },
        { FMW "size=2G,cxl-fmw.0.targets.1=cxl0,cxl-fmw.0.targets.2=cxl0,"
          "cxl-fmw.0.targets.3=cxl0,cxl-fmw.0.targets.4=cxl0",
          { "cxl-fmw.0.targets", "5 targets", "1, 2, 3, 4" } },
        { ON BRIDGE "-machine cxl-fmw.0.targets.0=other,cxl-fmw.0.size=1G",
          { "cxl-fmw.0.targets.0", "'other'", "-device pxb-cxl" } },
        { ON BRIDGE PORT "-machine cxl-fmw.0.targets.0=rp0,"
          "cxl-fmw.0.size=1G", { "cxl-fmw.0.targets.0", "'rp0'" } },
        { ON BRIDGE "-machine cxl-fmw.0.size=1G", { "targets" } },
        { FMW "size=8192T", { "cxl-fmw.0.size", "4 PiB" } },
        { FMW "size=4096T,cxl-fmw.1.size=1G,cxl-fmw.1.targets.0=cxl0",
          { "cxl-fmw.1.size", "4 PiB" } },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
}

#define SECOND ",cxl-fmw.1.targets.0=cxl0,cxl-fmw.1.size=256M,cxl-fmw.1."

static void test_groups(void)
{
    static const Line lines[] = {
        { FMW "size=256M,cxl-fmw.0.qtg-max-latency=4294968",
          { "cxl-fmw.0.qtg-max-latency", "4294967", "0 is for no limit" } },
        { FMW "size=256M,cxl-fmw.0.qtg=65536", { "qtg" } },
        { FMW "size=256M,cxl-fmw.0.qtg-min-bandwidth=4294967296",
          { "qtg-min-bandwidth" } },
        { FMW "size=256M,cxl-fmw.0.qtg-max-latency=100"
          SECOND "qtg-max-latency=101",
          { "cxl-fmw.1.qtg-max-latency", "group 0", "cxl-fmw.1.qtg" } },
        { FMW "size=256M,cxl-fmw.0.qtg=4,cxl-fmw.0.qtg-min-bandwidth=1"
          SECOND "qtg=4,cxl-fmw.1.qtg-min-bandwidth=2",
          { "cxl-fmw.1.qtg-min-bandwidth", "group 4", "cxl-fmw.1.qtg" } },
    };
    static const Line good[] = {
        { FMW "size=256M,cxl-fmw.0.qtg-max-latency=100"
          SECOND "qtg-max-latency=100" },
        { FMW "size=256M,cxl-fmw.0.qtg-max-latency=100"
          SECOND "qtg=1,cxl-fmw.1.qtg-max-latency=101" },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
    check_all(good, ARRAY_SIZE(good), 0);
}

static char *many_groups(unsigned count)
{
    GString *args = g_string_new(ON BRIDGE "-machine cxl=on");

    for (unsigned n = 0; n < count; n++) {
        g_string_append_printf(args, ",cxl-fmw.%u.targets.0=cxl0,"
                               "cxl-fmw.%u.size=256M,cxl-fmw.%u.qtg=%u",
                               n, n, n, 1000 * n);
    }
    return g_string_free(args, FALSE);
}

static void test_many_groups(void)
{
    g_autofree char *most = many_groups(16);
    g_autofree char *more = many_groups(17);
    Line good = { most };
    Line bad = { more, { "cxl-fmw.16.qtg", "group 16000", "16 groups" } };

    check(&good, 0);
    check(&bad, 1);
}

/* Each says which object, which of its properties, and what would do. */
static void test_regions(void)
{
    static const Line lines[] = {
        { ONE " " REGION "0,devices=d0", { "'r'", "window=0", "cxl-fmw.0" } },
        { TWO REGION "0,devices=dx", { "'r'", "devices", "'dx'" } },
        { TWO REGION "0,devices=cxl0", { "devices", "'cxl0'" } },
        { TWO REGION "0,devices=", { "devices", "''" } },
        { TWO REGION "0,devices=d0,devices=d0", { "devices", "'d0' twice" } },
        { TWO REGION "0", { "devices" } },
        { TWO "-object cxl-region,id=r,devices=d0", { "window" } },
        { TWO REGION "0,devices=a,devices=b,devices=c,devices=d,devices=e",
          { "5 devices", "1, 2, 3, 4" } },
        { TWO REGION "0,devices=d0,interleave-granularity=100",
          { "interleave-granularity=100", "256, 512, 1k" } },
        { TWO REGION "0,devices=d0,size=100M", { "size=", "256 MiB" } },
        { TWO REGION "0,devices=d0,offset=1M", { "offset=", "256 MiB" } },
        { TWO REGION "0,devices=d0,devices=d1,size=256M",
          { "'r'", "size", "each of 2 devices" } },
        { TWO REGION "0,devices=d0,size=1G",
          { "size", "'d0' has only 512 MiB", "volatile" } },
        { TWO REGION "0,devices=d0,partition=persistent",
          { "size", "persistent", "partition=" } },
        { TWO REGION "0,devices=d0,memory-map=all", { "memory-map" } },
        { TWO REGION "0,devices=d0,size=512M,offset=3840M",
          { "size", "cxl-fmw.0 has 256 MiB", "exceed-window=on" } },
        { TWO REGION "0,devices=d0,offset=5G", { "offset", "cxl-fmw.0" } },
        { TWO REGION "0,devices=d0,size=4095T,exceed-window=on",
          { "size", "'d0'" } },
        { TWO REGION "0,devices=d0 " REGION1 "0,devices=d1,offset=256M",
          { "'s'", "offset", "overlaps that of 'r'" } },
        { TWO REGION "0,devices=d1,offset=1G " REGION1
          "0,devices=d0,offset=0", { "'s'", "offset", "ascending" } },
        { TWO REGION "0,devices=d0 " REGION1 "0,devices=d0",
          { "'s'", "size", "partition=" } },
        { TWO REGION "0,devices=d0,size=0 " REGION1 "0,devices=d0,size=256M",
          { "'s'", "'d0' has no HDM decoder left", "hdm-decoders=" } },
        { TWO REGION "0,devices=d2", { "devices", "'d2'", "below 'cxl0'" } },
        { TWO REGION "1,devices=d0",
          { "devices", "multiple of 2 devices" } },
        { TWO REGION "1,devices=d2,devices=d0",
          { "devices", "'d2', at position 0", "below 'cxl0'" } },
        { TWO REGION "1,devices=d0,devices=d2,interleave-granularity=256",
          { "interleave-granularity", "1024" } },
        { TWO REGION "2,devices=d0,devices=d1", { "window=2", "two targets" } },
        { "-machine q35 -object cxl-region,id=r,window=0,devices=d0",
          { "'r'", "cxl=on" } },
        { "-machine none -object cxl-region,id=r,window=0,devices=d0",
          { "'r'", "cxl=on" } },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
}

static void test_switched_off(void)
{
    static const Line lines[] = {
        { "-machine q35 " BRIDGE, { "pxb-cxl 'cxl0'", "cxl=on" } },
        { "-machine q35,cxl=off " BRIDGE, { "cxl=on" } },
        { "-machine q35,cxl-fmw.0.targets.0=cxl0,cxl-fmw.0.size=1G",
          { "cxl-fmw", "cxl=on" } },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
}

static char *many_bridges(unsigned count)
{
    GString *args = g_string_new(ON);

    for (unsigned n = 0; n < count; n++) {
        g_string_append_printf(args, "-device pxb-cxl,id=b%u,bus=pcie.0,"
                               "bus_nr=%u ", n, 8 * n + 8);
    }
    return g_string_free(args, FALSE);
}

static void test_many_bridges(void)
{
    g_autofree char *most = many_bridges(16);
    g_autofree char *more = many_bridges(17);
    Line good = { most }, bad = { more, { "pxb-cxl", "16 CXL host bridges" } };

    check(&good, 0);
    check(&bad, 1);
}

#define BUS_NR(id, nr) "-device pxb-cxl,bus=pcie.0,id=" id ",bus_nr=" nr " "
#define PORT_ON(bus, id, slot) \
    "-device cxl-rp,bus=" bus ",id=" id ",port=" slot ",slot=" slot " "
#define SWITCH_ON(bus, id) "-device cxl-upstream,bus=" bus ",id=" id " "

/* The firmware has only what is left up to the next bridge. */
static void test_bus_numbers(void)
{
    static const Line tight[] = {
        { ON BUS_NR("a", "16") BUS_NR("b", "18") PORT_ON("a", "r0", "0")
          PORT_ON("a", "r1", "1"),
          { "pxb-cxl 'a'", "need 3 bus numbers",
            "from bus_nr=16 there are 2 up to the next" } },
        { ON BUS_NR("b", "18") BUS_NR("a", "16") PORT_ON("a", "r0", "0")
          SWITCH_ON("r0", "us0"), { "'a'", "need 3 bus numbers" } },
        { ON BUS_NR("a", "16") "-device pxb-pcie,bus=pcie.0,bus_nr=17 "
          PORT_ON("a", "r0", "0"), { "'a'", "need 2 bus numbers" } },
        { ON BUS_NR("a", "255") PORT_ON("a", "r0", "0"),
          { "'a'", "need 2 bus numbers", "there are 1 up to the last" } },
    };
    static const char *const enough[] = {
        ON BUS_NR("a", "16") BUS_NR("b", "18") PORT_ON("a", "r0", "0")
        PORT_ON("b", "r1", "1"),
        ON BUS_NR("a", "254") PORT_ON("a", "r0", "0"),
    };

    check_all(tight, ARRAY_SIZE(tight), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(enough); i++) {
        g_autofree char *output = NULL;

        g_assert_cmpint(run(enough[i], &output), ==, 0);
        g_assert_null(strstr(output, "bus numbers"));
    }
}

static void test_slots(void)
{
    static const Line lines[] = {
        { ON BRIDGE PORT "-device cxl-rp,id=rp1,bus=cxl0,port=1,chassis=0,"
          "slot=1", { "cxl-rp 'rp1'", "chassis=0,slot=1", "its own slot=" } },
        { ON BRIDGE PORT SWITCH_ON("rp0", "us0")
          "-device cxl-downstream,id=ds0,bus=us0,slot=1",
          { "cxl-downstream 'ds0'", "chassis=0,slot=1" } },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
}

static void test_places(void)
{
    static const Line lines[] = {
        { ON "-device cxl-rp,bus=pcie.0,id=rp0", { "cxl-rp", "pxb-cxl" } },
        { "-machine pc,cxl=on -device pxb-cxl,id=cxl0,bus=pci.0,bus_nr=16",
          { "pxb-cxl 'cxl0'", "pcie.0" } },
        { ON BRIDGE "-device pxb-cxl,id=cxl1,bus=pcie.0,bus_nr=16",
          { "bus" } },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
}

static void test_backends(void)
{
    static const Line lines[] = {
        { ON BRIDGE PORT "-device cxl-type3,bus=rp0",
          { "volatile-memdev=", "persistent-memdev=" } },
        { ON BRIDGE PORT MEM TYPE3 "volatile-memdev=m0,persistent-memdev=m0",
          { "volatile-memdev=", "persistent-memdev=" } },
        { ON BRIDGE PORT MEM MEM1 TYPE3 "memdev=m0,volatile-memdev=m1",
          { "memdev=", "persistent-memdev=" } },
        { ONE " -device cxl-rp,id=rp1,bus=cxl0,chassis=0,slot=2,port=1 "
          "-device cxl-type3,bus=rp1,volatile-memdev=m0",
          { "volatile-memdev='m0'", "in use", "own" } },
        { ON BRIDGE PORT MEM TYPE3 "volatile-memdev=m0,lsa=m0",
          { "lsa=", "own" } },
        { ON BRIDGE PORT MEM TYPE3 "volatile-memdev=m0,metadata-memdev=m0",
          { "metadata-memdev=", "own" } },
        { ON BRIDGE PORT MEM MEM1 TYPE3 "volatile-memdev=m0,lsa=m1,"
          "metadata-memdev=m1", { "metadata-memdev=", "own" } },
        { ON BRIDGE PORT MEM "-object memory-backend-ram,id=md,size=64k "
          TYPE3 "volatile-memdev=m0,metadata-memdev=md",
          { "metadata-memdev='md'", "65536 bytes", "128 KiB" } },
        { ON BRIDGE PORT MEM TYPE3 "volatile-memdev=m0,cdat=/dev/zero",
          { "cdat='/dev/zero'", "not a regular file" } },
        { ON BRIDGE PORT MEM TYPE3 "volatile-memdev=m0 -M "
          "cxl-fmw.0.targets.0=,cxl-fmw.0.size=256M",
          { "cxl-fmw.0.targets.0" } },
        { ON BRIDGE PORT "-object memory-backend-ram,id=m0,size=100M "
          TYPE3 "volatile-memdev=m0",
          { "volatile-memdev='m0'", "100 MiB", "256 MiB" } },
        { ON BRIDGE PORT "-object memory-backend-ram,id=m0,size=300M "
          TYPE3 "persistent-memdev=m0", { "persistent-memdev='m0'" } },
        { ON BRIDGE PORT "-object memory-backend-file,id=m0,size=256M,"
          "readonly=on,share=on,mem-path=/dev/zero " TYPE3
          "volatile-memdev=m0", { "read" } },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
}

static void test_numbers(void)
{
    static const Line lines[] = {
        { ONE ",mailbox-payload=0", { "mailbox-payload", "256 to 1M" } },
        { ONE ",mailbox-payload=128", { "mailbox-payload", "256 to 1M" } },
        { ONE ",mailbox-payload=3000", { "mailbox-payload" } },
        { ONE ",mailbox-payload=2M", { "mailbox-payload" } },
        { ONE ",event-log-size=0", { "event-log-size", "1 to 65535" } },
        { ONE ",event-log-size=65536", { "event-log-size" } },
        { ONE ",event-vectors=0", { "event-vectors=0", "1 to 4" } },
        { ONE ",event-vectors=5", { "event-vectors=5" } },
        { ONE ",firmware-slots=1", { "firmware-slots=1", "2 to 4" } },
        { ONE ",firmware-slots=5", { "firmware-slots=5" } },
        { ONE ",hdm-decoders=0", { "hdm-decoders=0", "1, 2, 4" } },
        { ONE ",hdm-decoders=3", { "hdm-decoders=3" } },
        { ONE ",hdm-decoders=12", { "hdm-decoders=12" } },
        { ON "-device pxb-cxl,id=cxl0,bus=pcie.0,bus_nr=16,hdm-decoders=5",
          { "hdm-decoders=5", "1, 2, 4" } },
        { ONE ",read-latency=4294968",
          { "read-latency=4294968", "4294967", "0 is for" } },
        { ONE ",write-latency=4294967295", { "write-latency=4294967295" } },
        { ON BRIDGE PORT "-device cxl-upstream,bus=rp0,latency=4294968",
          { "latency=4294968", "4294967", "0 is for" } },
        { ONE ",read-bandwidth=4294967296", { "read-bandwidth" } },
        { ONE ",partition-alignment=100M",
          { "partition-alignment", "256 MiB" } },
        { ONE ",weave=maybe", { "weave", "maybe" } },
        { ONE ",partition-alignment=256M",
          { "partition-alignment", "persistent-memdev" } },
        { ON BRIDGE PORT MEM TYPE3
          "persistent-memdev=m0,partition-alignment=512M",
          { "partition-alignment", "512 MiB", "never" } },
    };

    check_all(lines, ARRAY_SIZE(lines), 1);
}

/* The message of the base is not enough: what takes the space is named. */
static void test_address_space(void)
{
    static const Line bad = {
        FMW "size=128G -cpu qemu64,phys-bits=36",
        { "cxl-fmw.N.size", "phys-bits=" }
    };
    static const Line good = { FMW "size=128G -cpu qemu64,phys-bits=40" };

    check(&bad, 1);
    check(&good, 0);
}

/* A DSMAS and a DSLBIS in a table with a good checksum */
static void make_cdat(uint8_t *cdat)
{
    memset(cdat, 0, 64);
    stl_le_p(cdat, 64);
    cdat[4] = 1;
    stw_le_p(cdat + 18, 24);
    cdat[40] = 1;
    stw_le_p(cdat + 42, 24);
}

static void seal_cdat(uint8_t *cdat, size_t len)
{
    uint8_t sum = 0;

    cdat[5] = 0;
    for (size_t i = 0; i < len; i++) {
        sum += cdat[i];
    }
    cdat[5] = -sum;
}

/* One byte of the table changed: @words tell which mistake that is. */
static const struct {
    const char *word;
    size_t len;
    uint8_t at, value;
    bool unsealed;
} cdat_mistakes[] = {
    { "too few", 10 },
    { "too few", 0 },
    { "header says 64 bytes, there are 60", 60 },
    { "header says 65 bytes, there are 64", 64, 0, 65 },
    { "revision 0", 64, 4, 0 },
    { "revision 9", 64, 4, 9 },
    { "checksum", 64, 63, 1, true },
    { "offset 16: length 0 is out of bounds", 64, 18, 0 },
    { "offset 16: length 49 is out of bounds", 64, 18, 49 },
    { "offset 40: length 280 is out of bounds", 64, 43, 1 },
    { "offset 16: length 28 is wrong for type 0", 64, 18, 28 },
    { "offset 40: length 24 is wrong for type 3", 64, 40, 3 },
    { "offset 64: no room", 66, 0, 66 },
};

static void test_cdat(void)
{
    char *store = qcxl_store_new();
    g_autofree char *path = g_strdup_printf("%s/cdat", store);
    g_autofree char *args = g_strdup_printf(ONE ",cdat=%s", path);
    Line missing = { args, { "cdat='", path, "No such file" } };
    Line good = { args };
    uint8_t cdat[66] = { 0 };

    check(&missing, 1);
    make_cdat(cdat);
    seal_cdat(cdat, 64);
    g_assert_true(g_file_set_contents(path, (char *)cdat, 64, NULL));
    check(&good, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(cdat_mistakes); i++) {
        Line bad = { args, { "cdat='", path, cdat_mistakes[i].word } };

        make_cdat(cdat);
        if (cdat_mistakes[i].at || cdat_mistakes[i].value) {
            cdat[cdat_mistakes[i].at] = cdat_mistakes[i].value;
        }
        seal_cdat(cdat, MAX(64, cdat_mistakes[i].len));
        cdat[5] += cdat_mistakes[i].unsealed;
        g_assert_true(g_file_set_contents(path, (char *)cdat,
                                          cdat_mistakes[i].len, NULL));
        check(&bad, 1);
    }
    qcxl_store_remove(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/cli/starts", test_starts);
    qtest_add_func("cxl/cli/known-lines", test_known_lines);
    qtest_add_func("cxl/cli/switches", test_switches);
    qtest_add_func("cxl/cli/windows", test_windows);
    qtest_add_func("cxl/cli/xor-windows", test_xor_windows);
    qtest_add_func("cxl/cli/groups", test_groups);
    qtest_add_func("cxl/cli/many-groups", test_many_groups);
    qtest_add_func("cxl/cli/regions", test_regions);
    qtest_add_func("cxl/cli/switched-off", test_switched_off);
    qtest_add_func("cxl/cli/many-bridges", test_many_bridges);
    qtest_add_func("cxl/cli/bus-numbers", test_bus_numbers);
    qtest_add_func("cxl/cli/slots", test_slots);
    qtest_add_func("cxl/cli/places", test_places);
    qtest_add_func("cxl/cli/backends", test_backends);
    qtest_add_func("cxl/cli/numbers", test_numbers);
    qtest_add_func("cxl/cli/address-space", test_address_space);
    qtest_add_func("cxl/cli/cdat", test_cdat);
    return g_test_run();
}
