/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/host/weave_file.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/madvise.h"
#include <sys/mman.h>

#define SUFFIX ".woven"
#define MARKS (2 * CXL_WEAVE_MARK_STEP)

struct CXLWeaveFile {
    char *path[CXL_MAX_WAYS];
    int fd[CXL_MAX_WAYS];           /* open, and locked */
    unsigned members;
    uint8_t uuid[16];
    uint64_t size, share, granule;
    uint64_t sequence, boundary;    /* of the last mark */
    uint8_t *host;
    bool own;                       /* @host is no part of a RAM block */
    char *trouble;                  /* what is wrong with some other file */
    bool twice;                     /* one of them is a copy */
};

char *cxl_weave_file_name(const char *mem_path)
{
    return g_strconcat(mem_path, SUFFIX, NULL);
}

static bool write_all(int fd, const void *buf, size_t len, off_t at)
{
    while (len) {
        ssize_t n = RETRY_ON_EINTR(pwrite(fd, buf, len, at));

        if (n <= 0) {
            return false;
        }
        buf += n;
        at += n;
        len -= n;
    }
    return true;
}

static bool lock(int fd, const char *path, Error **errp)
{
    int ret = qemu_lock_fd(fd, 0, 1, true);

    if (ret && ret != -ENOTSUP) {
        error_setg(errp, "'%s' is in use by another process", path);
        return false;
    }
    return true;
}

static void file_free(CXLWeaveFile *file)
{
    for (unsigned n = 0; n < file->members; n++) {
        if (file->fd[n] >= 0) {
            close(file->fd[n]);
        }
        g_free(file->path[n]);
    }
    g_free(file->trouble);
    g_free(file);
}

/* The names in the directory of @path outlive the host. */
static bool sync_directory(const char *path)
{
    g_autofree char *name = g_path_get_dirname(path);
    int fd = qemu_open(name, O_RDONLY | O_DIRECTORY, NULL);
    int ret;

    if (fd < 0) {
        return false;
    }
    ret = fsync(fd);
    close(fd);
    return !ret || errno == EINVAL || errno == EROFS;
}

static void unlink_all(CXLWeaveFile *file)
{
    /* That with the bytes is last: one that points nowhere is an error. */
    for (unsigned n = file->members; n-- > 0;) {
        if (file->fd[n] >= 0) {
            unlink(file->path[n]);
            sync_directory(file->path[n]);
        }
    }
}

static CXLWeaveFile *file_new(const CXLWeaveHeader *header)
{
    CXLWeaveFile *file = g_new0(CXLWeaveFile, 1);

    file->members = header->plan.ways;
    file->size = header->range.size;
    file->share = header->plan.share;
    file->granule = 1ULL << header->plan.shift;
    memcpy(file->uuid, header->uuid, sizeof(file->uuid));
    for (unsigned n = 0; n < CXL_MAX_WAYS; n++) {
        file->fd[n] = -1;
    }
    return file;
}

static bool put_mark(CXLWeaveFile *file, uint64_t boundary)
{
    uint8_t mark[CXL_WEAVE_MARK_SIZE];
    uint64_t sequence = file->sequence + 1;

    cxl_weave_mark_pack(mark, file->uuid, sequence, boundary);
    if (!write_all(file->fd[0], mark, sizeof(mark),
                   sequence % 2 * CXL_WEAVE_MARK_STEP) ||
        qemu_fdatasync(file->fd[0])) {
        return false;
    }
    file->sequence = sequence;
    file->boundary = boundary;
    return true;
}

static bool write_member(CXLWeaveFile *file, const CXLWeaveHeader *header,
                         unsigned n)
{
    CXLWeaveHeader own = *header;
    g_autoptr(GByteArray) bytes = NULL;

    own.member = n;
    bytes = cxl_weave_header_pack(&own);
    return (n || (!ftruncate(file->fd[0], CXL_WEAVE_DATA + file->size) &&
                  put_mark(file, 0))) &&
        write_all(file->fd[n], bytes->data, bytes->len,
                  CXL_WEAVE_GEOMETRY) &&
        !qemu_fdatasync(file->fd[n]);
}

/* Under its name a file is whole, or is not there. */
static bool create_member(CXLWeaveFile *file, const CXLWeaveHeader *header,
                          unsigned n, Error **errp)
{
    const char *path = file->path[n];
    g_autofree char *new = g_strconcat(path, ".new", NULL);

    if (!access(path, F_OK)) {
        error_setg(errp, "'%s' is there already", path);
        return false;
    }
    file->fd[n] = qemu_create(new, O_RDWR | O_TRUNC, 0600, errp);
    if (file->fd[n] < 0) {
        return false;
    }
    if (!lock(file->fd[n], new, errp)) {
        close(file->fd[n]);
        file->fd[n] = -1;
        return false;
    }
    if (!write_member(file, header, n) || rename(new, path) ||
        !sync_directory(path)) {
        error_setg_errno(errp, errno, "cannot write '%s'", path);
        unlink(new);
        unlink(path);
        close(file->fd[n]);
        file->fd[n] = -1;
        return false;
    }
    return true;
}

/* Over @host, or wherever there is room if that is NULL */
static bool map(CXLWeaveFile *file, uint8_t *host, Error **errp)
{
    void *at = mmap(host, file->size, PROT_READ | PROT_WRITE,
                    MAP_SHARED | (host ? MAP_FIXED : 0), file->fd[0],
                    CXL_WEAVE_DATA);

    if (at == MAP_FAILED) {
        error_setg_errno(errp, errno, "cannot map '%s'", file->path[0]);
        return false;
    }
    file->host = at;
    file->own = !host;
    qemu_madvise(at, file->size, QEMU_MADV_DONTFORK);
    return true;
}

CXLWeaveFile *cxl_weave_file_create(const CXLWeaveHeader *header,
                                    char *const *path, uint8_t *host,
                                    Error **errp)
{
    CXLWeaveFile *file = file_new(header);

    for (unsigned n = 0; n < file->members; n++) {
        file->path[n] = cxl_weave_file_name(path[n]);
    }
    for (unsigned n = 0; n < file->members; n++) {
        if (!create_member(file, header, n, errp)) {
            goto fail;
        }
    }
    if (!map(file, host, errp)) {
        goto fail;
    }
    return file;
fail:
    unlink_all(file);
    file_free(file);
    return NULL;
}

/* What @fd says of itself; false, with an error that names @path */
static bool read_header(int fd, const char *path, CXLWeaveHeader *header,
                        Error **errp)
{
    g_autofree uint8_t *buf = g_malloc(CXL_WEAVE_GEOMETRY_MAX);
    ssize_t len = RETRY_ON_EINTR(pread(fd, buf, CXL_WEAVE_GEOMETRY_MAX,
                                       CXL_WEAVE_GEOMETRY));
    const char *why = NULL;

    if (len < 0) {
        error_setg_errno(errp, errno, "cannot read '%s'", path);
        return false;
    }
    if (!cxl_weave_header_unpack(header, buf, len, &why)) {
        error_setg(errp, "'%s' holds memory that an interleave left behind, "
                   "but %s", path, why);
        error_append_hint(errp, "If what it holds is of no value, remove "
                          "it.\n");
        return false;
    }
    return true;
}

static int open_one(const char *path, CXLWeaveHeader *header, Error **errp)
{
    int fd = qemu_open(path, O_RDWR, errp);

    if (fd < 0) {
        return -1;
    }
    if (!lock(fd, path, errp) || !read_header(fd, path, header, errp)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Do both say the same, but for whose file it is? */
static bool same_set(const CXLWeaveHeader *a, const CXLWeaveHeader *b)
{
    CXLWeaveHeader as_b = *a;
    g_autoptr(GByteArray) one = NULL, other = cxl_weave_header_pack(b);

    as_b.member = b->member;
    one = cxl_weave_header_pack(&as_b);
    return one->len == other->len &&
        !memcmp(one->data, other->data, one->len);
}

/* Another member of @set, if @mem_path is one; anything else is not ours. */
static void find_member(CXLWeaveFile *file, const CXLWeaveHeader *set,
                        const char *mem_path, unsigned index, unsigned *order)
{
    g_autofree char *path = cxl_weave_file_name(mem_path);
    CXLWeaveHeader header;
    Error *err = NULL;
    int fd;

    if (access(path, F_OK)) {
        return;
    }
    fd = open_one(path, &header, &err);
    if (fd < 0) {
        g_free(file->trouble);
        file->trouble = g_strdup(error_get_pretty(err));
        error_free(err);
        return;
    }
    if (!same_set(&header, set)) {
        close(fd);
    } else if (file->fd[header.member] >= 0) {
        file->twice = true;
        g_free(file->trouble);
        file->trouble = g_strdup_printf("'%s' says the same of itself as "
                                        "'%s'", path,
                                        file->path[header.member]);
        close(fd);
    } else {
        file->fd[header.member] = fd;
        file->path[header.member] = g_steal_pointer(&path);
        order[header.member] = index;
    }
    cxl_weave_header_finish(&header);
}

static bool have_all(const CXLWeaveFile *file, const CXLWeaveHeader *header,
                     const char *path, Error **errp)
{
    g_autoptr(GString) missing = g_string_new("");

    for (unsigned n = 0; n < file->members; n++) {
        if (file->fd[n] < 0) {
            g_string_append_printf(missing, "%s'%s'",
                                   missing->len ? ", " : "",
                                   header->name[n]);
        }
    }
    if (file->twice) {
        error_setg(errp, "%s: one is a copy; remove that with its file",
                   file->trouble);
        return false;
    }
    if (missing->len) {
        error_setg(errp, "'%s': memory of this device is part of an "
                   "interleave that a machine left behind when it was "
                   "killed, and what belongs to it is not here: %s",
                   path, missing->str);
        if (file->trouble) {
            error_append_hint(errp, "One file cannot be used: %s\n",
                              file->trouble);
        }
        error_append_hint(errp, "Start once with the devices of all these "
                          "files (memory-backend-file,share=on): their bytes "
                          "are put back then.\n");
        return false;
    }
    return true;
}

/*
 * The bytes are all there, and where the boundary is.  Not of a set whose
 * file with the bytes is missing.
 */
static bool read_marks(CXLWeaveFile *file, Error **errp)
{
    uint8_t mark[MARKS] = {};
    struct stat st;

    if (file->fd[0] < 0) {
        return true;
    }
    if (fstat(file->fd[0], &st) ||
        (uint64_t)st.st_size < CXL_WEAVE_DATA + file->size ||
        RETRY_ON_EINTR(pread(file->fd[0], mark, MARKS, 0)) != MARKS ||
        !cxl_weave_mark_unpack(mark, mark + CXL_WEAVE_MARK_STEP, file->uuid,
                               &file->sequence, &file->boundary) ||
        file->boundary > file->share ||
        file->boundary % MAX(qemu_real_host_page_size(), file->granule)) {
        error_setg(errp, "'%s' holds memory that an interleave left behind, "
                   "but it is damaged", file->path[0]);
        return false;
    }
    return true;
}

CXLWeaveFile *cxl_weave_file_open(char *const *path, CXLWeaveHeader *header,
                                  unsigned *order, Error **errp)
{
    g_autofree char *first = cxl_weave_file_name(path[0]);
    int fd = open_one(first, header, errp);
    CXLWeaveFile *file;

    if (fd < 0) {
        return NULL;
    }
    file = file_new(header);
    file->fd[header->member] = fd;
    file->path[header->member] = g_steal_pointer(&first);
    order[header->member] = 0;
    for (unsigned i = 1; path[i]; i++) {
        find_member(file, header, path[i], i, order);
    }
    file->boundary = UINT64_MAX;
    /* It may have been killed while it made the files, or removed them. */
    if (!read_marks(file, errp) ||
        (file->boundary && !have_all(file, header, path[0], errp)) ||
        !map(file, NULL, errp)) {
        cxl_weave_header_finish(header);
        file_free(file);
        return NULL;
    }
    return file;
}

uint8_t *cxl_weave_file_host(CXLWeaveFile *file)
{
    return file->host;
}

bool cxl_weave_file_has(const CXLWeaveFile *file, unsigned n)
{
    return file->fd[n] >= 0;
}

const char *cxl_weave_file_path(const CXLWeaveFile *file)
{
    return file->path[0];
}

uint64_t cxl_weave_file_boundary(const CXLWeaveFile *file)
{
    return file->boundary;
}

bool cxl_weave_file_set_boundary(CXLWeaveFile *file, uint64_t boundary)
{
    /* What has been copied must not be younger than the word of it. */
    return !qemu_fdatasync(file->fd[0]) && put_mark(file, boundary);
}

bool cxl_weave_reserve(int fd, uint64_t offset, uint64_t len)
{
#ifdef CONFIG_FALLOCATE
    /* Where this cannot be asked for, the user has been told. */
    return !RETRY_ON_EINTR(fallocate(fd, 0, offset, len)) ||
           errno == EOPNOTSUPP;
#else
    return true;
#endif
}

bool cxl_weave_file_reserve(CXLWeaveFile *file, uint64_t offset, uint64_t len)
{
    return cxl_weave_reserve(file->fd[0], CXL_WEAVE_DATA + offset, len);
}

bool cxl_weave_file_read(CXLWeaveFile *file, uint64_t offset, void *buf,
                         uint64_t len)
{
    return RETRY_ON_EINTR(pread(file->fd[0], buf, len,
                                CXL_WEAVE_DATA + offset)) == (ssize_t)len;
}

static bool punch(int fd, uint64_t offset, uint64_t len)
{
#ifdef CONFIG_FALLOCATE_PUNCH_HOLE
    return !RETRY_ON_EINTR(fallocate(fd, FALLOC_FL_PUNCH_HOLE |
                                     FALLOC_FL_KEEP_SIZE, offset, len));
#else
    return false;
#endif
}

void cxl_weave_file_punch(CXLWeaveFile *file, uint64_t offset, uint64_t len)
{
    if (!punch(file->fd[0], CXL_WEAVE_DATA + offset, len)) {
        memset(file->host + offset, 0, len);
    }
}

bool cxl_weave_file_next(CXLWeaveFile *file, uint64_t start, uint64_t end,
                         uint64_t *first, uint64_t *last)
{
    uint64_t page = qemu_real_host_page_size();
    off_t data, hole;

    if (start >= end) {
        return false;
    }
    *first = start;
    *last = end;
    data = lseek(file->fd[0], CXL_WEAVE_DATA + start, SEEK_DATA);
    if (data < 0) {
        return errno != ENXIO;      /* may be anything */
    }
    hole = lseek(file->fd[0], data, SEEK_HOLE);
    *first = QEMU_ALIGN_DOWN((uint64_t)data - CXL_WEAVE_DATA, page);
    if (*first >= end) {
        return false;
    }
    if (hole >= 0) {
        *last = MIN(end, QEMU_ALIGN_UP((uint64_t)hole - CXL_WEAVE_DATA,
                                       page));
    }
    return true;
}

static void unmap(CXLWeaveFile *file)
{
    if (file->own) {
        munmap(file->host, file->size);
    } else if (mmap(file->host, file->size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
                    -1, 0) == MAP_FAILED) {
        /* The part of the block stays file memory, of a file without name. */
        return;
    } else {
        qemu_madvise(file->host, file->size, QEMU_MADV_HUGEPAGE);
        qemu_madvise(file->host, file->size, QEMU_MADV_DONTFORK);
    }
}

void cxl_weave_file_remove(CXLWeaveFile *file)
{
    unmap(file);
    unlink_all(file);
    file_free(file);
}

void cxl_weave_file_close(CXLWeaveFile *file)
{
    unmap(file);
    file_free(file);
}
