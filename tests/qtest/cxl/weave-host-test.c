/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Woven interleaves and the host: memory in use while bytes move, what others
 * in QEMU are told of the window's RAM, huge pages.
 */
#include "qemu/osdep.h"
#include <elf.h>
#include <sys/utsname.h>
#include "weave_model.h"

#define PIECE QCXL_MIB
#define SLACK (64 * 1024)               /* KiB: what QEMU itself may need */
#define BATCH (64 * 1024)               /* of each device, in files */
#define HUGE (2 * QCXL_MIB)

/* KiB, of a line of /proc/PID/status */
static uint64_t status(const char *name)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status",
                                            (int)qtest_pid(m->qts));
    g_autofree char *text = NULL;
    const char *line;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    line = strstr(text, name);
    g_assert_nonnull(line);
    return g_ascii_strtoull(line + strlen(name), NULL, 10);
}

/* The peak is what there is now. */
static void forget_peak(void)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/clear_refs",
                                            (int)qtest_pid(m->qts));
    int fd = open(path, O_WRONLY);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, "5", 1), ==, 1);
    close(fd);
}

static void fill(const Region *r)
{
    for (uint64_t at = 0; at < r->size; at += PIECE) {
        qtest_memset(m->qts, r->base + at, at / PIECE % 255 + 1, PIECE);
    }
}

static void check_filled(const Region *r)
{
    uint8_t buf[PAGE];

    for (uint64_t at = 0; at < r->size; at += 8 * PIECE) {
        qtest_bufread(m->qts, r->base + at, buf, PAGE);
        g_assert_cmphex(buf[0], ==, at / PIECE % 255 + 1);
        g_assert_false(memcmp(buf, buf + 1, PAGE - 1));
    }
}

/* A region full of data moves there and back, and is never there twice. */
static void check_peak(bool ram)
{
    QCXLTopology t = topology(2, 2);
    uint64_t full, more = SLACK + (ram ? 0 : 4 * BATCH);
    Region r;

    open_model();
    t.ram = ram;
    t.store = store;
    t.device = "weave=on";
    m = qcxl_start(&t);
    r = region(2, 2, 256, 0);
    program(&r);
    g_assert_true(qcxl_mapped(m, r.base, "woven"));
    fill(&r);
    full = status("VmRSS:");
    g_assert_cmpuint(full, >=, r.size / 1024);
    forget_peak();
    tear_down(&r);
    program(&r);
    g_test_message("%" PRIu64 " KiB at the most, of %" PRIu64,
                   status("VmHWM:"), full);
    g_assert_cmpuint(status("VmHWM:"), <=, full + more);
    check_filled(&r);
    qcxl_stop(m);
    close_model();
}

static void test_peak(void)
{
    check_peak(true);
}

static void test_peak_files(void)
{
    check_peak(false);
}

/* The memory at @begin, @length, as the base finds it; of it all segments */
static GByteArray *dump(uint64_t begin, uint64_t length, GArray *segments)
{
    g_autofree char *protocol = g_strdup_printf("file:%s/dump", store);
    g_autofree char *path = g_strdup_printf("%s/dump", store);
    GByteArray *data = g_byte_array_new();
    const Elf64_Ehdr *header;
    char *text;
    gsize size;

    qtest_qmp_assert_success(m->qts, "{ 'execute': 'dump-guest-memory',"
                             "'arguments': { 'paging': false, 'protocol': %s,"
                             "'begin': %" PRIu64 ", 'length': %" PRIu64
                             " } }", protocol, begin, length);
    g_assert_true(g_file_get_contents(path, &text, &size, NULL));
    g_byte_array_append(data, (uint8_t *)text, size);
    g_free(text);
    header = (Elf64_Ehdr *)data->data;
    g_assert_cmpmem(header->e_ident, SELFMAG, ELFMAG, SELFMAG);
    for (unsigned n = 0; n < header->e_phnum; n++) {
        Elf64_Phdr *p = (Elf64_Phdr *)(data->data + header->e_phoff) + n;

        if (p->p_type == PT_LOAD) {
            g_array_append_val(segments, *p);
        }
    }
    return data;
}

/* Of the window, the base takes what is woven and no more. */
static void test_dump(void)
{
    QCXLTopology t = topology(2, 2);
    g_autoptr(GArray) segments = g_array_new(false, false,
                                             sizeof(Elf64_Phdr));
    g_autoptr(GByteArray) data = NULL;
    const Elf64_Phdr *p;
    uint64_t end;
    Region r;

    open_model();
    m = qcxl_start(&t);
    r = region(2, 2, 256, 1);
    program(&r);
    end = r.base + r.size;
    qtest_memset(m->qts, end - PIECE, 0x5a, PIECE);
    data = dump(end - PIECE, 2 * PIECE, segments);
    g_assert_cmpuint(segments->len, ==, 1);
    p = &g_array_index(segments, Elf64_Phdr, 0);
    g_assert_cmphex(p->p_paddr, ==, end - PIECE);
    g_assert_cmphex(p->p_filesz, ==, PIECE);
    g_assert_cmphex(data->data[p->p_offset], ==, 0x5a);
    g_assert_false(memcmp(data->data + p->p_offset,
                          data->data + p->p_offset + 1, PIECE - 1));
    qcxl_stop(m);
    close_model();
}

/* Of the last move; what QEMU traced of it is in @log. */
static uint64_t bytes_moved(const char *log)
{
    g_autofree char *text = NULL;
    char *last;

    g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
    last = g_strrstr(text, "block: ");
    g_assert_nonnull(last);
    return g_ascii_strtoull(last + 7, NULL, 16);
}

/* Linux tells pages of data from those that were only read since 6.7. */
static bool pages_known(void)
{
    unsigned major, minor;
    struct utsname name;

    return !uname(&name) &&
           sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
           (major > 6 || (major == 6 && minor >= 7));
}

/* A migration reads all memory; that is no reason to move it. */
static void test_saved(void)
{
    QCXLTopology t = topology(2, 2);
    g_autofree char *log = NULL, *more = NULL;
    Region r;

    if (!pages_known()) {
        g_test_skip("the host's kernel is older than 6.7");
        return;
    }
    open_model();
    log = g_build_filename(store, "log", NULL);
    more = g_strdup_printf("-trace cxl_weave_moved 2>%s", log);
    t.more = more;
    m = qcxl_start(&t);
    r = region(2, 2, 256, 0);
    program(&r);
    use(&r, 20);
    tear_down(&r);
    qcxl_save(m, state);
    program(&r);
    check(&r, "woven");
    g_test_message("0x%" PRIx64 " bytes moved", bytes_moved(log));
    g_assert_cmphex(bytes_moved(log), >, 0);
    g_assert_cmphex(bytes_moved(log), <, r.size / 4);
    qcxl_stop(m);
    close_model();
}

static bool huge_pages_free(void)
{
    g_autofree char *text = NULL;

    return g_file_get_contents("/sys/kernel/mm/hugepages/hugepages-2048kB/"
                               "free_hugepages", &text, NULL, NULL) &&
           g_ascii_strtoull(text, NULL, 10) >= 8;
}

static void commit_huge(unsigned first, unsigned ways, uint64_t base)
{
    QCXLDecoder d = { .base = base, .size = ways * QCXL_UNIT, .ways = ways };

    for (unsigned i = 0; i < ways; i++) {
        const QCXLDevice *dev = &m->device[first + i];

        commit(dev->fn.component, &d);
        qcxl_mem_enable(dev, true);
        d.target[i] = m->bridge[0].port[first + i].number;
    }
    commit(m->bridge[0].component, &d);
}

/* A device's own range is its memory; an interleave is not woven. */
static void test_huge_pages(void)
{
    QCXLTopology t = topology(1, 2);
    uint64_t base;

    if (!huge_pages_free()) {
        g_test_skip("the host has no free huge pages");
        return;
    }
    t.empty = 2;
    t.more = "-object memory-backend-memfd,id=h0,size=256M,hugetlb=on,"
             "hugetlbsize=2M,reserve=off -object memory-backend-memfd,id=h1,"
             "size=256M,hugetlb=on,hugetlbsize=2M,reserve=off "
             "-device cxl-type3,id=mem0,bus=rp0,sn=1,weave=on,"
             "volatile-memdev=h0 -device cxl-type3,id=mem1,bus=rp1,sn=2,"
             "weave=on,volatile-memdev=h1";
    m = qcxl_start(&t);
    base = m->window[0].base;
    commit_huge(0, 1, base);
    g_assert_true(qcxl_mapped(m, base, "linear"));
    qtest_memset(m->qts, base + HUGE - PAGE, 0x77, 2 * PAGE);
    g_assert_cmphex(qcxl_read(m, base + HUGE, 8), ==, 0x7777777777777777);
    uncommit(m->bridge[0].component);
    uncommit(m->device[0].fn.component);
    commit_huge(0, 2, base);
    g_assert_true(qcxl_trapped(m, base, "has huge pages"));
    g_assert_cmphex(qcxl_read(m, base + 2 * HUGE, 8), ==,
                    0x7777777777777777);
    g_assert_cmphex(qcxl_read(m, base + 2 * HUGE + 256, 8), ==, 0);
    qcxl_write(m, base + 2 * HUGE + 256, 8, 5);
    g_assert_cmphex(qcxl_read(m, base + 2 * HUGE + 256, 8), ==, 5);
    qcxl_stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("cxl/weave-host/peak", test_peak);
    qtest_add_func("cxl/weave-host/peak-files", test_peak_files);
    qtest_add_func("cxl/weave-host/dump", test_dump);
    qtest_add_func("cxl/weave-host/saved", test_saved);
    qtest_add_func("cxl/weave-host/huge-pages", test_huge_pages);
    return g_test_run();
}
