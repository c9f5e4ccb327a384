/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Write or verify a pattern through a mapping of a device-dax node.
 *
 *     daxio fill|verify DEVICE OFFSET SIZE SEED
 *
 * The 64-bit little-endian word at offset o is o * 0x9e3779b97f4a7c15 + SEED.
 * OFFSET and SIZE are bytes, multiples of 8.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGN (2ull << 20)

static uint64_t word_at(uint64_t offset, uint64_t seed)
{
    return offset * 0x9e3779b97f4a7c15ull + seed;
}

static volatile uint64_t *map_range(const char *device, uint64_t offset,
                                    uint64_t size)
{
    uint64_t start = offset & ~(ALIGN - 1);
    uint64_t end = (offset + size + ALIGN - 1) & ~(ALIGN - 1);
    int fd = open(device, O_RDWR);
    char *mapping;

    if (fd < 0) {
        perror(device);
        exit(2);
    }
    mapping = mmap(NULL, end - start, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                   start);
    if (mapping == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return (volatile uint64_t *)(mapping + (offset - start));
}

static int verify(volatile uint64_t *words, uint64_t offset, uint64_t size,
                  uint64_t seed)
{
    for (uint64_t at = 0; at < size; at += 8) {
        uint64_t found = words[at / 8], wanted = word_at(offset + at, seed);

        if (found != wanted) {
            printf("at %#llx: found %#llx, wrote %#llx\n",
                   (unsigned long long)(offset + at),
                   (unsigned long long)found, (unsigned long long)wanted);
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t offset, size, seed;
    volatile uint64_t *words;

    if (argc != 6) {
        fprintf(stderr, "usage: daxio fill|verify DEVICE OFFSET SIZE SEED\n");
        return 2;
    }
    offset = strtoull(argv[3], NULL, 0);
    size = strtoull(argv[4], NULL, 0);
    seed = strtoull(argv[5], NULL, 0);
    words = map_range(argv[2], offset, size);
    if (!strcmp(argv[1], "verify")) {
        return verify(words, offset, size, seed);
    }
    for (uint64_t at = 0; at < size; at += 8) {
        words[at / 8] = word_at(offset + at, seed);
    }
    return 0;
}
