/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Read, or call, what may be poison in a mapping of a device-dax node.
 *
 *     poisonio read|call DEVICE OFFSET
 *
 * OFFSET is in bytes.  Prints "read VALUE" of the 8 bytes there; or "called",
 * when the function there has returned, which is stored before; or "SIGBUS code
 * CODE offset OFFSET lsb LSB", as the kernel has signalled.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGN (2ull << 20)

static sigjmp_buf caught;
static siginfo_t told;

static void handler(int number, siginfo_t *info, void *context)
{
    told = *info;
    siglongjmp(caught, 1);
}

static char *map(const char *device, uint64_t start, int protection)
{
    int fd = open(device, O_RDWR);
    char *mapping;

    if (fd < 0) {
        perror(device);
        exit(2);
    }
    mapping = mmap(NULL, ALIGN, protection, MAP_SHARED, fd, start);
    if (mapping == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return mapping;
}

#define RET 0xc3            /* x86 */

static void access_it(char *there, int call)
{
    if (call) {
        *(volatile unsigned char *)there = RET;
        ((void (*)(void))there)();
        printf("called\n");
    } else {
        printf("read %#llx\n",
               (unsigned long long)*(volatile uint64_t *)there);
    }
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_sigaction = handler,
                                .sa_flags = SA_SIGINFO };
    uint64_t offset, start;
    char *mapping;
    int call;

    if (argc != 4) {
        fprintf(stderr, "usage: poisonio read|call DEVICE OFFSET\n");
        return 2;
    }
    call = !strcmp(argv[1], "call");
    offset = strtoull(argv[3], NULL, 0);
    start = offset & ~(ALIGN - 1);
    mapping = map(argv[2], start, call ? PROT_READ | PROT_WRITE | PROT_EXEC
                                       : PROT_READ | PROT_WRITE);
    sigaction(SIGBUS, &action, NULL);
    if (!sigsetjmp(caught, 1)) {
        access_it(mapping + (offset - start), call);
        return 0;
    }
    printf("SIGBUS code %d offset %#llx lsb %d\n", told.si_code,
           (unsigned long long)((char *)told.si_addr - mapping + start),
           told.si_addr_lsb);
    return 1;
}
