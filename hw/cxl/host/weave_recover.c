/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a woven file that a killed machine has left go back to the
 * files they belong to, before any device uses these.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "exec/ramblock.h"
#include "hw/cxl/host/weave_move.h"
#include "hw/cxl/model/glue_recover.h"
#include "system/runstate.h"

/* The backends that may be members, and their paths, NULL-terminated */
typedef struct Files {
    GPtrArray *backend, *path;
} Files;

static void add(Files *files, HostMemoryBackend *backend)
{
    char *path = cxl_glue_recover_path(backend);

    if (path) {
        g_ptr_array_add(files->backend, backend);
        g_ptr_array_add(files->path, path);
    }
}

static int add_other(Object *obj, void *opaque)
{
    Files *files = opaque;
    HostMemoryBackend *backend =
        (HostMemoryBackend *)object_dynamic_cast(obj, "memory-backend-file");

    if (backend && backend != g_ptr_array_index(files->backend, 0)) {
        add(files, backend);
    }
    return 0;
}

static void find_files(Files *files, HostMemoryBackend *first)
{
    files->backend = g_ptr_array_new();
    files->path = g_ptr_array_new_with_free_func(g_free);
    add(files, first);
    object_child_foreach_recursive(object_get_objects_root(), add_other,
                                   files);
    g_ptr_array_add(files->path, NULL);
}

static void free_files(Files *files)
{
    g_ptr_array_unref(files->backend);
    g_ptr_array_unref(files->path);
}

/* Where the share of member @n is; false if it is not in its file. */
static bool find_strand(CXLWeaveMove *move, const CXLWeaveHeader *header,
                        unsigned n, HostMemoryBackend *backend)
{
    CXLWeaveStrand *strand = &move->strand[n];
    MemoryRegion *mr = host_memory_backend_get_memory(backend);
    uint64_t base = mr->ram_block->fd_offset, size = memory_region_size(mr);

    if (header->file_offset[n] < base || size < header->plan.share ||
        header->file_offset[n] - base > size - header->plan.share ||
        !qemu_ram_is_shared(mr->ram_block)) {
        return false;
    }
    *strand = (CXLWeaveStrand) {
        .device = cxl_weave_header_device(n),
        .dpa = g_array_index(header->range.target, CXLRouteTarget,
                             n).dpa_base,
        .mr = mr,
        .at = header->file_offset[n] - base,
    };
    strand->host = (uint8_t *)memory_region_get_ram_ptr(mr) + strand->at;
    return true;
}

/* Backends of one file may begin at different places in it. */
static bool find_backend(CXLWeaveMove *move, const CXLWeaveHeader *header,
                         unsigned n, const Files *files, const char *path)
{
    for (unsigned i = 0; i < files->backend->len; i++) {
        if (!strcmp(g_ptr_array_index(files->path, i), path) &&
            find_strand(move, header, n,
                        g_ptr_array_index(files->backend, i))) {
            return true;
        }
    }
    return false;
}

static bool put_back(CXLWeaveFile *file, const CXLWeaveHeader *header,
                     const Files *files, const unsigned *order, Error **errp)
{
    CXLWeaveMove move = {
        .range = &header->range, .plan = header->plan, .file = file,
        .host = cxl_weave_file_host(file),
    };

    for (unsigned n = 0; n < header->plan.ways; n++) {
        const char *path = g_ptr_array_index(files->path, order[n]);

        if (!find_backend(&move, header, n, files, path)) {
            error_setg(errp, "'%s' holds memory that belongs to '%s', which "
                       "has no room for it, or not share=on, here",
                       cxl_weave_file_path(file), path);
            return false;
        }
    }
    /* What was there is old, or the same. */
    cxl_weave_clear_strands(&move, cxl_weave_file_boundary(file));
    if (!cxl_weave_scatter(&move)) {
        error_setg(errp, "there is no room to put the memory in '%s' back",
                   cxl_weave_file_path(file));
        return false;
    }
    return true;
}

/* Is there a file of a member that is not among those that were found? */
static bool others_left(const CXLWeaveFile *file,
                        const CXLWeaveHeader *header)
{
    g_autofree char *where = g_path_get_dirname(cxl_weave_file_path(file));

    for (unsigned n = 1; n < header->plan.ways; n++) {
        g_autofree char *path = g_build_filename(where, header->name[n],
                                                 NULL);
        g_autofree char *name = cxl_weave_file_name(path);

        if (!cxl_weave_file_has(file, n) && !access(name, F_OK)) {
            return true;
        }
    }
    return false;
}

static bool recover_set(const Files *files, Error **errp)
{
    CXLWeaveHeader header;
    unsigned order[CXL_MAX_WAYS];
    CXLWeaveFile *file = cxl_weave_file_open((char **)files->path->pdata,
                                             &header, order, errp);
    bool ok, moved, others;

    if (!file) {
        return false;
    }
    moved = cxl_weave_file_boundary(file);
    /* With a boundary of 0 nothing has gone, and some may be missing. */
    ok = !moved || put_back(file, &header, files, order, errp);
    others = !moved && others_left(file, &header);
    cxl_weave_header_finish(&header);
    /* A later start with all of them removes them all. */
    if (!ok || others) {
        cxl_weave_file_close(file);
        return ok;
    }
    if (moved) {
        info_report("CXL: put the memory in '%s' back, which a machine left "
                    "behind when it was killed", cxl_weave_file_path(file));
    }
    cxl_weave_file_remove(file);
    return true;
}

/*
 * Where a machine migrates to, the one that it comes from may still have the
 * files: it puts all back before it sends anything.
 */
static bool is_source(const char *path)
{
    g_autofree char *name = cxl_weave_file_name(path);
    int fd, ret;

    if (!runstate_check(RUN_STATE_INMIGRATE)) {
        return false;
    }
    fd = qemu_open(name, O_RDWR, NULL);
    if (fd < 0) {
        return false;
    }
    ret = qemu_lock_fd_test(fd, 0, 1, true);
    close(fd);
    return ret == -EAGAIN || ret == -EACCES;
}

static bool recover(HostMemoryBackend *backend, Error **errp)
{
    g_autofree char *path = cxl_glue_recover_path(backend);
    g_autofree char *name = path ? cxl_weave_file_name(path) : NULL;
    Files files;
    bool ok;

    if (!path || access(name, F_OK) || is_source(path)) {
        return true;
    }
    find_files(&files, backend);
    ok = recover_set(&files, errp);
    free_files(&files);
    return ok;
}

static void weave_recover_register(void)
{
    cxl_glue_recover_set(recover);
}

type_init(weave_recover_register)
