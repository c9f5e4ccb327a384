/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/host/populated.h"
#include "exec/cpu-common.h"
#include "exec/ramblock.h"
#include "migration/misc.h"
#ifdef CONFIG_LINUX
#include <sys/ioctl.h>
#endif

/* What is not known may be anything. */
static bool all(uint64_t start, uint64_t end, uint64_t *first,
                uint64_t *last)
{
    *first = start;
    *last = end;
    return true;
}

#ifdef SEEK_DATA
/* Shared memory: the file knows its holes. */
static bool next_in_file(RAMBlock *block, uint64_t start, uint64_t end,
                         uint64_t *first, uint64_t *last)
{
    uint64_t page = qemu_real_host_page_size();
    off_t shift = block->fd_offset;
    off_t data = lseek(block->fd, start + shift, SEEK_DATA);
    off_t hole;

    if (data < 0) {
        return errno == ENXIO ? false : all(start, end, first, last);
    }
    hole = lseek(block->fd, data, SEEK_HOLE);
    if (data - shift >= end) {
        return false;
    }
    *first = QEMU_ALIGN_DOWN(data - shift, page);
    *last = hole < 0 ? end : MIN(end, QEMU_ALIGN_UP(hole - shift, page));
    return true;
}
#else
static bool next_in_file(RAMBlock *block, uint64_t start, uint64_t end,
                         uint64_t *first, uint64_t *last)
{
    return all(start, end, first, last);
}
#endif

#ifdef CONFIG_LINUX

/* Linux's ABI since 6.7, in case the headers are older. */
#define SCAN_PRESENT (1 << 3)
#define SCAN_SWAPPED (1 << 4)
#define SCAN_ZERO (1 << 5)

typedef struct ScanRegion {
    uint64_t start, end, categories;
} ScanRegion;

typedef struct ScanArg {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t inverted, mask, anyof_mask, return_mask;
} ScanArg;

#define SCAN_IOCTL _IOWR('f', 16, ScanArg)

/* A page's entry in pagemap, in every version. */
#define ENTRY_PRESENT (1ULL << 63)
#define ENTRY_SWAPPED (1ULL << 62)
#define ENTRIES 512

static int pagemap(void)
{
    static int fd = -1;

    if (fd < 0) {
        fd = qemu_open("/proc/self/pagemap", O_RDONLY, NULL);
    }
    return fd;
}

/*
 * 1: found, 0: none, -1: the kernel cannot.  What was only read, as all memory
 * is by a migration, is the kernel's one page of zeroes: no data.
 */
static int scan(uintptr_t start, uintptr_t end, uintptr_t *first,
                uintptr_t *last)
{
    ScanRegion region;
    ScanArg arg = {
        .size = sizeof(arg), .start = start, .end = end,
        .vec = (uintptr_t)&region, .vec_len = 1,
        .anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
        .inverted = SCAN_ZERO, .mask = SCAN_ZERO,
        .return_mask = SCAN_PRESENT | SCAN_SWAPPED,
    };
    int ret = ioctl(pagemap(), SCAN_IOCTL, &arg);

    if (ret > 0) {
        *first = region.start;
        *last = region.end;
    }
    return ret;
}

static bool populated(uint64_t entry)
{
    return entry & (ENTRY_PRESENT | ENTRY_SWAPPED);
}

/* The same by reading entries; a run may end early. */
static int read_entries(uintptr_t start, uintptr_t end, uintptr_t *first,
                        uintptr_t *last)
{
    uint64_t page = qemu_real_host_page_size();
    uint64_t entry[ENTRIES];

    while (start < end) {
        ssize_t size = MIN(sizeof(entry), (end - start) / page * 8);
        size_t i = 0, k;

        if (pread(pagemap(), entry, size, start / page * 8) != size) {
            return -1;
        }
        while (i < size / 8 && !populated(entry[i])) {
            i++;
        }
        k = i;
        while (k < size / 8 && populated(entry[k])) {
            k++;
        }
        if (k > i) {
            *first = start + i * page;
            *last = start + k * page;
            return 1;
        }
        start += size / 8 * page;
    }
    return 0;
}

static bool next_anonymous(RAMBlock *block, uint64_t start, uint64_t end,
                           uint64_t *first, uint64_t *last)
{
    uintptr_t host = (uintptr_t)block->host;
    uintptr_t from, to;
    int ret = scan(host + start, host + end, &from, &to);

    if (ret < 0) {
        ret = read_entries(host + start, host + end, &from, &to);
    }
    if (ret < 0) {
        return all(start, end, first, last);
    }
    *first = from - host;
    *last = to - host;
    return ret;
}
#else
static bool next_anonymous(RAMBlock *block, uint64_t start, uint64_t end,
                           uint64_t *first, uint64_t *last)
{
    return all(start, end, first, last);
}
#endif

bool cxl_populated_next(MemoryRegion *mr, uint64_t start, uint64_t end,
                        uint64_t *first, uint64_t *last)
{
    RAMBlock *block = mr->ram_block;

    if (start >= end) {
        return false;
    }
    /* What is still to come is not there yet, but is data all the same. */
    if (migration_in_incoming_postcopy()) {
        return all(start, end, first, last);
    }
    return block->fd >= 0 ? next_in_file(block, start, end, first, last)
                          : next_anonymous(block, start, end, first, last);
}
