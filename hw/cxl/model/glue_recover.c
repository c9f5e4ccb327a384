/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/model/glue_recover.h"

static CXLGlueRecover *recover_bytes;

void cxl_glue_recover_set(CXLGlueRecover *recover)
{
    recover_bytes = recover;
}

bool cxl_glue_recover(HostMemoryBackend *backend, Error **errp)
{
    return !recover_bytes || recover_bytes(backend, errp);
}

static bool is_regular(int fd, const char *path)
{
    struct stat here, there;

    return !fstat(fd, &here) && S_ISREG(here.st_mode) &&
        !stat(path, &there) && here.st_dev == there.st_dev &&
        here.st_ino == there.st_ino;
}

/* Not by mem-path: what that says depends on where and when it is read. */
char *cxl_glue_recover_path(HostMemoryBackend *backend)
{
    MemoryRegion *mr = host_memory_backend_get_memory(backend);
    int fd = mr ? memory_region_get_fd(mr) : -1;
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autofree char *path = NULL;

    if (fd < 0 ||
        !object_dynamic_cast(OBJECT(backend), "memory-backend-file")) {
        return NULL;
    }
    path = g_file_read_link(link, NULL);
    return path && is_regular(fd, path) ? g_steal_pointer(&path) : NULL;
}
