/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over its seeds without libFuzzer, so that targets and
 * seeds are built and tested with any compiler.  Speaks TAP.
 */
#include "qemu/osdep.h"
#include "fuzz.h"

static bool replay(const char *path)
{
    g_autofree char *data = NULL;
    g_autofree uint8_t *exact = NULL;
    gsize size;

    if (!g_file_get_contents(path, &data, &size, NULL)) {
        return false;
    }
    exact = g_memdup2(data, size);
    return LLVMFuzzerTestOneInput(exact, size) == 0;
}

int main(void)
{
    g_autoptr(GDir) dir = g_dir_open(CORPUS, 0, NULL);
    unsigned good = 0, bad = 0;
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(CORPUS, name, NULL);

        *(replay(path) ? &good : &bad) += 1;
    }
    printf("1..1\n%sok 1 - %u seeds, %u failed\n",
           good && !bad ? "" : "not ", good, bad);
    return good && !bad ? 0 : 1;
}
