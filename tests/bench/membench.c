/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Measure one piece of memory from inside a guest.
 *
 *     membench ram|DEVICE SIZE
 *
 * Prints, for SIZE bytes (a power of two) of ordinary memory or of a
 * device-dax node: MB/s written, MB/s read, and nanoseconds per dependent
 * random load.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define BUDGET 0.5

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec * 1e-9;
}

static uint64_t *map_memory(const char *what, size_t size)
{
    int ram = !strcmp(what, "ram");
    int fd = ram ? -1 : open(what, O_RDWR);
    int flags = ram ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE : MAP_SHARED;
    void *mapping;

    if (!ram && fd < 0) {
        perror(what);
        exit(1);
    }
    mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (mapping == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return mapping;
}

/* MB/s of passes over the memory, at least one KiB block of one pass. */
static double stream(volatile uint64_t *words, size_t count, int writing)
{
    double begin = now(), spent = 0;
    uint64_t done = 0, sum = 0;

    while (spent < BUDGET) {
        for (size_t at = 0; at < count && spent < BUDGET; at += 128) {
            for (size_t word = at; word < at + 128; word++) {
                if (writing) {
                    words[word] = word;
                } else {
                    sum += words[word];
                }
            }
            done += 1024;
            spent = now() - begin;
        }
    }
    if (sum == 1) {
        puts("");
    }
    return done / spent / 1e6;
}

/* Nanoseconds per load when each address depends on the load before. */
static double chase(volatile uint64_t *words, size_t count)
{
    double begin = now(), spent = 0;
    uint64_t at = 0, loads = 0;

    while (spent < BUDGET) {
        for (int turn = 0; turn < 64; turn++) {
            at = at * 6364136223846793005ull + 1442695040888963407ull +
                 (words[(at >> 20) & (count - 1)] & 1);
            loads++;
        }
        spent = now() - begin;
    }
    return spent / loads * 1e9;
}

int main(int argc, char **argv)
{
    size_t size, count;
    uint64_t *words;

    if (argc != 3) {
        fprintf(stderr, "usage: membench ram|DEVICE SIZE\n");
        return 2;
    }
    size = strtoull(argv[2], NULL, 0);
    count = size / sizeof(*words);
    words = map_memory(argv[1], size);
    printf("%f ", stream(words, count, 1));
    printf("%f ", stream(words, count, 0));
    printf("%f\n", chase(words, count));
    return 0;
}
