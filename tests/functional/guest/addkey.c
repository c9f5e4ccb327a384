/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Put a key where ndctl looks for it: into the keyring of the user.
 *
 *     addkey TYPE DESCRIPTION PAYLOAD
 */
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: addkey TYPE DESCRIPTION PAYLOAD\n");
        return 2;
    }
    if (syscall(SYS_add_key, argv[1], argv[2], argv[3], strlen(argv[3]),
                KEY_SPEC_USER_KEYRING) < 0) {
        perror("add_key");
        return 1;
    }
    return 0;
}
