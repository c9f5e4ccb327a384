/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Use memory of one NUMA node, and tell whether it holds what was written.
 * All memory must come from node NODE: run it below numactl --membind.
 *
 *     nodemem dma NODE DEVICE MIB SEED   direct I/O, there and back
 *     nodemem huge NODE MIB              transparent huge pages
 *     nodemem churn NODE MIB FILE        write and verify until SIGTERM
 *
 * dma writes MIB at the start of DEVICE: the 64-bit little-endian word at
 * offset o is o * 0x9e3779b97f4a7c15 + SEED.  churn leaves "good ROUNDS" or
 * what is wrong in FILE, at once if something is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB (1ull << 20)
#define PAGE 4096
#define HUGE (2 * MIB)
#define FACTOR 0x9e3779b97f4a7c15ull
#define SECTOR 512

static volatile sig_atomic_t stop;
static const char *report;

static void say(const char *format, ...)
{
    FILE *out = report ? fopen(report, "w") : stdout;
    va_list args;

    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fflush(out);
}

#define FAIL(...) do { say(__VA_ARGS__); exit(1); } while (0)

static uint64_t word_at(uint64_t offset, uint64_t seed)
{
    return offset * FACTOR + seed;
}

static char *reserve(size_t size)
{
    char *area = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (area == MAP_FAILED) {
        FAIL("mmap: %s\n", strerror(errno));
    }
    return (char *)(((uintptr_t)area + HUGE - 1) & ~(HUGE - 1));
}

/* Every page of @area, which is there, is of @node. */
static void expect_node(char *area, size_t size, int node)
{
    for (size_t at = 0; at < size; at += PAGE) {
        void *page = area + at;
        int found = -1;

        if (syscall(SYS_move_pages, 0, 1ul, &page, NULL, &found, 0)) {
            FAIL("move_pages: %s\n", strerror(errno));
        }
        if (found != node) {
            FAIL("page %zu is on node %d\n", at / PAGE, found);
        }
    }
}

static char *locked(size_t size, int node)
{
    char *area = reserve(size);

    if (mlock(area, size)) {
        FAIL("mlock: %s\n", strerror(errno));
    }
    expect_node(area, size, node);
    return area;
}

static void fill(char *area, uint64_t size, uint64_t seed)
{
    for (uint64_t at = 0; at < size; at += 8) {
        *(uint64_t *)(area + at) = word_at(at, seed);
    }
}

static void verify(const char *area, uint64_t size, uint64_t seed)
{
    for (uint64_t at = 0; at < size; at += 8) {
        uint64_t found = *(const uint64_t *)(area + at);

        if (found != word_at(at, seed)) {
            FAIL("at %#llx: found %#llx\n", (unsigned long long)at,
                 (unsigned long long)found);
        }
    }
}

/* Pieces of odd numbers of sectors: they begin anywhere in a page. */
static void transfer(int fd, char *area, size_t size, int out)
{
    size_t at = 0, turn = 0;

    while (at < size) {
        size_t len = (1 + turn++ * 7 % 61) * SECTOR;
        ssize_t done;

        len = len < size - at ? len : size - at;
        done = out ? pwrite(fd, area + at, len, at)
                   : pread(fd, area + at, len, at);
        if (done != len) {
            FAIL("%s at %zu: %s\n", out ? "write" : "read", at,
                 strerror(errno));
        }
        at += len;
    }
}

static int dma(char **arg)
{
    int node = atoi(arg[0]), fd = open(arg[1], O_RDWR | O_DIRECT);
    size_t size = atoi(arg[2]) * MIB;
    uint64_t seed = strtoull(arg[3], NULL, 0);
    char *out = locked(size, node), *in = locked(size, node);

    if (fd < 0) {
        FAIL("%s: %s\n", arg[1], strerror(errno));
    }
    fill(out, size, seed);
    transfer(fd, out, size, 1);
    transfer(fd, in, size, 0);
    verify(in, size, seed);
    verify(out, size, seed);
    say("good\n");
    return 0;
}

static unsigned long huge_kib(void)
{
    FILE *smaps = fopen("/proc/self/smaps", "r");
    unsigned long sum = 0, kib;
    char line[256];

    while (fgets(line, sizeof(line), smaps)) {
        if (sscanf(line, "AnonHugePages: %lu", &kib) == 1) {
            sum += kib;
        }
    }
    return sum;
}

static int huge(char **arg)
{
    int node = atoi(arg[0]);
    size_t size = atoi(arg[1]) * MIB;
    char *area = reserve(size);

    if (madvise(area, size, MADV_HUGEPAGE)) {
        FAIL("madvise: %s\n", strerror(errno));
    }
    fill(area, size, 1);
    verify(area, size, 1);
    expect_node(area, size, node);
    say("%lu\n", huge_kib());
    return 0;
}

static void on_signal(int number)
{
    stop = 1;
}

static uint64_t churned(uint64_t page, unsigned word, uint64_t version)
{
    return ((page << 9 | word) + 1) * FACTOR ^ version << 32;
}

static void check_page(const uint64_t *words, uint64_t page, uint64_t version)
{
    for (unsigned i = 0; i < PAGE / 8; i++) {
        if (words[i] != churned(page, i, version)) {
            FAIL("page %llu, word %u: found %#llx, version %llu\n",
                 (unsigned long long)page, i, (unsigned long long)words[i],
                 (unsigned long long)version);
        }
    }
}

static void write_page(uint64_t *words, uint64_t page, uint64_t version)
{
    for (unsigned i = 0; i < PAGE / 8; i++) {
        words[i] = churned(page, i, version);
    }
}

static int churn(char **arg)
{
    int node = atoi(arg[0]);
    uint64_t size = atoi(arg[1]) * MIB, pages = size / PAGE, rounds = 0;
    uint64_t *area, *version, page = 0;

    report = arg[2];
    signal(SIGTERM, on_signal);
    area = (uint64_t *)locked(size, node);
    version = (uint64_t *)locked(pages * 8, node);
    for (uint64_t n = 0; n < pages; n++) {
        write_page(area + n * (PAGE / 8), n, 0);
    }
    say("started\n");
    for (; !stop; rounds++) {
        page = (page * 6364136223846793005ull + 1442695040888963407ull) %
               pages;
        check_page(area + page * (PAGE / 8), page, version[page]);
        write_page(area + page * (PAGE / 8), page, ++version[page]);
    }
    for (uint64_t n = 0; n < pages; n++) {
        check_page(area + n * (PAGE / 8), n, version[n]);
    }
    expect_node((char *)area, size, node);
    say("good %llu\n", (unsigned long long)rounds);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6 && !strcmp(argv[1], "dma")) {
        return dma(argv + 2);
    }
    if (argc == 4 && !strcmp(argv[1], "huge")) {
        return huge(argv + 2);
    }
    if (argc == 5 && !strcmp(argv[1], "churn")) {
        return churn(argv + 2);
    }
    fprintf(stderr, "usage: see the source\n");
    return 2;
}
