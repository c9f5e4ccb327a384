/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Compare a piece of memory with ordinary memory from inside a guest.
 *
 *     membench DEVICE SIZE RUNS MILLISECONDS [NAME]
 *
 * For SIZE bytes (a power of two, at least 2 MiB) of the device-dax node
 * DEVICE and of ordinary memory, prints a line for each way of using it:
 *
 *     NAME UNIT ORDINARY DEVICE
 *
 * UNIT is MB/s (more is better) or ns (less is better).  The two memories
 * take turns, RUNS times for about MILLISECONDS each; the best of each counts.
 * With NAME only that use is measured.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096
#define HUGE_PAGE (2 * 1024 * 1024)
#define BLOCK 1024                  /* bytes between two looks at the clock */
#define COPY_BLOCK 4096
#define CALLS 64                    /* the same, in calls */
#define ADDS 32                     /* instructions of a function */
#define CODE_PAGES 128

typedef struct Memory {
    uint8_t *bytes;
    size_t size;
} Memory;

typedef uint64_t Function(uint64_t value);

static double budget;               /* seconds */
static volatile uint64_t sink;

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec * 1e-9;
}

static double megabytes(uint64_t bytes, double seconds)
{
    return bytes / seconds / 1e6;
}

static double use_write(const Memory *memory)
{
    double begin = now(), spent = 0;
    uint64_t done = 0;

    while (spent < budget) {
        volatile uint64_t *words =
            (void *)(memory->bytes + done % memory->size);

        for (size_t word = 0; word < BLOCK / sizeof(*words); word++) {
            words[word] = word;
        }
        done += BLOCK;
        spent = now() - begin;
    }
    return megabytes(done, spent);
}

static double use_read(const Memory *memory)
{
    double begin = now(), spent = 0;
    uint64_t done = 0, sum = 0;

    while (spent < budget) {
        volatile uint64_t *words =
            (void *)(memory->bytes + done % memory->size);

        for (size_t word = 0; word < BLOCK / sizeof(*words); word++) {
            sum += words[word];
        }
        done += BLOCK;
        spent = now() - begin;
    }
    sink = sum;
    return megabytes(done, spent);
}

/*
 * The library's memcpy, from one half to the other, not quite: pages that far
 * apart would fight for one place of a TLB.
 */
static double use_copy(const Memory *memory)
{
    double begin = now(), spent = 0;
    size_t half = memory->size / 2 - 8 * PAGE;
    uint64_t done = 0;

    while (spent < budget) {
        uint8_t *from = memory->bytes + done % half;

        memcpy(from + half + 7 * PAGE, from, COPY_BLOCK);
        done += COPY_BLOCK;
        spent = now() - begin;
    }
    return megabytes(done, spent);
}

/* Each address depends on the load before. */
static double use_random(const Memory *memory)
{
    volatile uint64_t *words = (void *)memory->bytes;
    size_t mask = memory->size / sizeof(*words) - 1;
    double begin = now(), spent = 0;
    uint64_t at = 0, loads = 0;

    while (spent < budget) {
        for (int turn = 0; turn < 64; turn++) {
            at = at * 6364136223846793005ull + 1442695040888963407ull +
                 (words[(at >> 20) & mask] & 1);
            loads++;
        }
        spent = now() - begin;
    }
    return spent / loads * 1e9;
}

/* mov %rdi,%rax; ADDS times add $1,%rax; ret */
static void put_function(uint8_t *at)
{
    static const uint8_t first[] = { 0x48, 0x89, 0xf8 };
    static const uint8_t add[] = { 0x48, 0x83, 0xc0, 0x01 };

    memcpy(at, first, sizeof(first));
    at += sizeof(first);
    for (int i = 0; i < ADDS; i++) {
        memcpy(at, add, sizeof(add));
        at += sizeof(add);
    }
    *at = 0xc3;
}

/* mov %rdi,%rax; dec %rax; jnz back to dec; ret */
static void put_loop(uint8_t *at)
{
    static const uint8_t code[] = {
        0x48, 0x89, 0xf8, 0x48, 0xff, 0xc8, 0x75, 0xfb, 0xc3,
    };

    memcpy(at, code, sizeof(code));
}

static Function *function(const Memory *memory, unsigned page)
{
    /* Not at the same place in each, nor across two granules' bound. */
    return (Function *)(memory->bytes + page * PAGE + page % 8 * 256);
}

/* Functions that are executed from the memory, one in each page */
static double use_calls(const Memory *memory)
{
    double begin, spent = 0;
    uint64_t calls = 0, value = 0;

    for (unsigned page = 0; page < CODE_PAGES; page++) {
        put_function((uint8_t *)function(memory, page));
    }
    begin = now();
    while (spent < budget) {
        for (int i = 0; i < CALLS; i++) {
            value = function(memory, calls++ * 37 % CODE_PAGES)(value);
        }
        spent = now() - begin;
    }
    if (value != calls * ADDS) {
        fprintf(stderr, "the functions did not do what they should\n");
        exit(1);
    }
    return spent / calls * 1e9;
}

/* A loop of two instructions that is executed from the memory */
static double use_loop(const Memory *memory)
{
    double begin, spent = 0;
    uint64_t turns = 0, next = 16;

    put_loop(memory->bytes);
    begin = now();
    while (spent < budget) {
        ((Function *)memory->bytes)(next);
        turns += next;
        next = next < 1 << 20 ? next * 2 : next;
        spent = now() - begin;
    }
    return spent / turns * 1e9;
}

static const struct {
    const char *name, *unit;
    double (*use)(const Memory *memory);
} uses[] = {
    { "write", "MB/s", use_write },
    { "read", "MB/s", use_read },
    { "copy", "MB/s", use_copy },
    { "random", "ns", use_random },
    { "calls", "ns", use_calls },
    { "loop", "ns", use_loop },
};

static Memory map(int fd, size_t size, int flags)
{
    int prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    Memory memory = { .size = size };

    memory.bytes = mmap(NULL, size, prot, flags, fd, 0);
    if (memory.bytes == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return memory;
}

/* In huge pages where the kernel has them, as the device has. */
static Memory ordinary(size_t size)
{
    Memory memory = map(-1, size + HUGE_PAGE, MAP_PRIVATE | MAP_ANONYMOUS);

    memory.bytes += -(uintptr_t)memory.bytes % HUGE_PAGE;
    memory.size = size;
    madvise(memory.bytes, size, MADV_HUGEPAGE);
    return memory;
}

static Memory device(const char *path, size_t size)
{
    int fd = open(path, O_RDWR);

    if (fd < 0) {
        perror(path);
        exit(1);
    }
    return map(fd, size, MAP_SHARED);
}

/* So that neither the guest nor the host has pages to find meanwhile */
static void touch(const Memory *memory)
{
    for (size_t at = 0; at < memory->size; at += PAGE) {
        *(volatile uint64_t *)(memory->bytes + at) = at;
    }
}

static void compare(unsigned n, const Memory memory[2], unsigned runs)
{
    int more = !strcmp(uses[n].unit, "MB/s");
    double best[2] = { 0 };

    for (unsigned run = 0; run < runs; run++) {
        for (int which = 0; which < 2; which++) {
            double value = uses[n].use(&memory[which]);

            if (!run || (value > best[which]) == more) {
                best[which] = value;
            }
        }
    }
    printf("%s %s %f %f\n", uses[n].name, uses[n].unit, best[0], best[1]);
}

int main(int argc, char **argv)
{
    Memory memory[2];
    size_t size;
    unsigned runs;

    if (argc != 5 && argc != 6) {
        fprintf(stderr,
                "usage: membench DEVICE SIZE RUNS MILLISECONDS [NAME]\n");
        return 2;
    }
    size = strtoull(argv[2], NULL, 0);
    runs = strtoul(argv[3], NULL, 0);
    budget = strtoul(argv[4], NULL, 0) / 1e3;
    memory[0] = ordinary(size);
    memory[1] = device(argv[1], size);
    touch(&memory[0]);
    touch(&memory[1]);
    for (unsigned n = 0; n < sizeof(uses) / sizeof(uses[0]); n++) {
        if (argc == 5 || !strcmp(argv[5], uses[n].name)) {
            compare(n, memory, runs);
        }
    }
    return 0;
}
