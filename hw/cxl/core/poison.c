/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The poison list. */
#include "qemu/osdep.h"
#include "hw/cxl/core/poison_event.h"

void cxl_poison_init(CXLPoisonList *list, uint32_t max, uint16_t inject_limit,
                     const CXLMediaState *media,
                     const CXLTimestamp *timestamp)
{
    *list = (CXLPoisonList) {
        .max = max,
        .inject_limit = inject_limit,
        .media = media,
        .timestamp = timestamp,
    };
}

static uint64_t end_of(const CXLPoisonRange *range)
{
    return range->dpa + range->length;
}

static void overflow(CXLPoisonList *list)
{
    if (!list->overflowed) {
        list->overflowed = true;
        list->overflow_time = cxl_timestamp_get(list->timestamp);
    }
}

/* @before: had it overflowed before?  @dpa is what did not fit now. */
static void report_overflow(const CXLPoisonList *list, bool before,
                            uint64_t dpa)
{
    if (list->overflowed && !before) {
        cxl_poison_event_overflow(list, dpa);
    }
}

static void delete_at(CXLPoisonList *list, uint32_t n)
{
    list->count--;
    memmove(&list->range[n], &list->range[n + 1],
            (list->count - n) * sizeof(list->range[0]));
}

static bool insert_at(CXLPoisonList *list, uint32_t n, uint64_t dpa,
                      uint64_t length, CXLPoisonSource source)
{
    if (list->count >= list->max) {
        return false;
    }
    memmove(&list->range[n + 1], &list->range[n],
            (list->count - n) * sizeof(list->range[0]));
    list->range[n] = (CXLPoisonRange) { dpa, length, source };
    list->count++;
    return true;
}

static void changed(const CXLPoisonList *list)
{
    if (list->changed) {
        list->changed(list->changed_opaque);
    }
}

void cxl_poison_reset(CXLPoisonList *list, CXLResetKind kind)
{
    uint32_t before = list->count;

    if (list->unlisted) {
        cxl_poison_reset(list->unlisted, kind);
    }
    list->reading = false;
    if (kind != CXL_RESET_COLD) {
        return;
    }
    for (uint32_t n = list->count; n-- > 0;) {
        if (list->range[n].source == CXL_POISON_INJECTED) {
            delete_at(list, n);
        }
    }
    if (list->count != before) {
        changed(list);
    }
}

bool cxl_poison_in_device(const CXLPoisonList *list, uint64_t dpa,
                          uint64_t length)
{
    uint64_t total = cxl_media_total(list->media);

    return dpa <= total && length <= total - dpa;
}

/* The first range that ends above @dpa, or count. */
static uint32_t first_above(const CXLPoisonList *list, uint64_t dpa)
{
    uint32_t low = 0, high = list->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (end_of(&list->range[middle]) <= dpa) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool cxl_poison_find(const CXLPoisonList *list, uint64_t dpa, uint64_t end,
                     CXLPoisonRange *found)
{
    uint32_t n = first_above(list, dpa);
    const CXLPoisonRange *range = &list->range[n];

    if (n == list->count || MAX(range->dpa, dpa) >= end) {
        return false;
    }
    *found = (CXLPoisonRange) {
        .dpa = MAX(range->dpa, dpa),
        .source = range->source,
    };
    found->length = MIN(end_of(range), end) - found->dpa;
    return true;
}

bool cxl_poison_find_any(const CXLPoisonList *list, uint64_t dpa,
                         uint64_t end, CXLPoisonRange *found)
{
    bool listed = cxl_poison_find(list, dpa, end, found);
    CXLPoisonRange other;

    if (list->unlisted &&
        cxl_poison_find(list->unlisted, dpa, listed ? found->dpa : end,
                        &other)) {
        *found = other;
        return true;
    }
    return listed;
}

/* Range @n becomes one with the next, if the two are to be one. */
static void join(CXLPoisonList *list, uint32_t n)
{
    CXLPoisonRange *range = &list->range[n], *next = range + 1;

    if (n + 1 < list->count && end_of(range) == next->dpa &&
        range->source == next->source &&
        range->length + next->length <= CXL_POISON_MAX_LENGTH) {
        range->length += next->length;
        delete_at(list, n + 1);
    }
}

/* Does the range @n begin or end where [@dpa, @end) would lengthen it? */
static bool lengthens(const CXLPoisonList *list, uint32_t n, uint64_t dpa,
                      uint64_t end, CXLPoisonSource source)
{
    const CXLPoisonRange *range = &list->range[n];

    return n < list->count && range->source == source &&
        (end_of(range) == dpa || range->dpa == end) &&
        range->length + (end - dpa) <= CXL_POISON_MAX_LENGTH;
}

/* [@dpa, @end), of which nothing is poison yet; false if it does not fit. */
static bool put(CXLPoisonList *list, uint64_t dpa, uint64_t end,
                CXLPoisonSource source)
{
    uint32_t n = first_above(list, dpa);

    if (n && lengthens(list, n - 1, dpa, end, source)) {
        list->range[n - 1].length += end - dpa;
        join(list, n - 1);
        return true;
    }
    if (lengthens(list, n, dpa, end, source)) {
        list->range[n].dpa = dpa;
        list->range[n].length += end - dpa;
        return true;
    }
    return insert_at(list, n, dpa, end - dpa, source);
}

static void tell(CXLPoisonList *list, uint64_t dpa, uint64_t length,
                 CXLPoisonSource source)
{
    CXLPoisonRange range = { dpa, length, source };

    if (list->told) {
        list->told(list, &range);
    }
}

static void add_unlisted(CXLPoisonList *list, uint64_t dpa, uint64_t end,
                         CXLPoisonSource source)
{
    overflow(list);
    if (list->unlisted) {
        cxl_poison_add(list->unlisted, dpa, end - dpa, source);
    }
}

/* False: the list has no room for it. */
static bool add_unknown(CXLPoisonList *list, uint64_t dpa, uint64_t end,
                        CXLPoisonSource source)
{
    if (!put(list, dpa, end, source)) {
        add_unlisted(list, dpa, end, source);
        return false;
    }
    if (list->unlisted) {
        cxl_poison_remove(list->unlisted, dpa, end - dpa);
    }
    return true;
}

void cxl_poison_add(CXLPoisonList *list, uint64_t dpa, uint64_t length,
                    CXLPoisonSource source)
{
    uint64_t end = dpa + length, first = end, lost = end;
    bool overflowed = list->overflowed;
    CXLPoisonRange old;

    while (dpa < end) {
        uint64_t stop = MIN(end, dpa + CXL_POISON_MAX_LENGTH);

        if (cxl_poison_find(list, dpa, end, &old) && old.dpa == dpa) {
            dpa += old.length;
            continue;
        }
        stop = cxl_poison_find(list, dpa, stop, &old) ? old.dpa : stop;
        if (!add_unknown(list, dpa, stop, source)) {
            lost = MIN(lost, dpa);
        }
        first = MIN(first, dpa);
        dpa = stop;
    }
    cxl_metadata_save(list->metadata);
    changed(list);
    if (first < end) {
        tell(list, end - length, length, source);
        cxl_poison_event_found(list, first);
    }
    report_overflow(list, overflowed, lost);
}

static uint64_t injected_lines(const CXLPoisonList *list)
{
    uint64_t bytes = list->unlisted ? injected_lines(list->unlisted) *
                                      CXL_POISON_LINE : 0;

    for (uint32_t n = 0; n < list->count; n++) {
        if (list->range[n].source == CXL_POISON_INJECTED) {
            bytes += list->range[n].length;
        }
    }
    return bytes / CXL_POISON_LINE;
}

bool cxl_poison_inject(CXLPoisonList *list, uint64_t dpa)
{
    uint64_t end = dpa + CXL_POISON_LINE;
    CXLPoisonRange old;

    if (cxl_poison_find_any(list, dpa, end, &old)) {
        return true;
    }
    if (list->inject_limit && injected_lines(list) >= list->inject_limit) {
        return false;
    }
    if (!put(list, dpa, end, CXL_POISON_INJECTED)) {
        return false;
    }
    changed(list);
    tell(list, dpa, CXL_POISON_LINE, CXL_POISON_INJECTED);
    cxl_poison_event_injected(list, dpa);
    return true;
}

/* What of range @n is in [@dpa, @end) goes; some of it is. */
static void cut(CXLPoisonList *list, uint32_t n, uint64_t dpa, uint64_t end)
{
    CXLPoisonRange *range = &list->range[n];
    uint64_t last = end_of(range);
    bool head = range->dpa < dpa, tail = last > end;

    if (!head && !tail) {
        delete_at(list, n);
    } else if (!head) {
        range->dpa = end;
        range->length = last - end;
    } else {
        range->length = dpa - range->dpa;
        if (tail && !insert_at(list, n + 1, end, last - end, range->source)) {
            add_unlisted(list, end, last, range->source);
        }
    }
}

void cxl_poison_remove(CXLPoisonList *list, uint64_t dpa, uint64_t length)
{
    uint64_t end = dpa + length;
    bool found = false;
    bool overflowed = list->overflowed;

    for (uint32_t n = list->count; n-- > 0;) {
        if (length && list->range[n].dpa < end &&
            end_of(&list->range[n]) > dpa) {
            cut(list, n, dpa, end);
            found = true;
        }
    }
    if (list->unlisted) {
        cxl_poison_remove(list->unlisted, dpa, length);
    }
    cxl_metadata_save(list->metadata);
    if (found) {
        changed(list);
    }
    report_overflow(list, overflowed, end);
}

void cxl_poison_list_found(CXLPoisonList *list, uint64_t dpa, uint64_t end)
{
    CXLPoisonRange found;

    while (list->unlisted &&
           cxl_poison_find(list->unlisted, dpa, end, &found)) {
        dpa = found.dpa + found.length;
        if (put(list, found.dpa, dpa, found.source)) {
            cxl_poison_remove(list->unlisted, found.dpa, found.length);
        }
    }
    cxl_metadata_save(list->metadata);
}

void cxl_poison_end_overflow(CXLPoisonList *list)
{
    list->overflowed = false;
    list->overflow_time = 0;
    cxl_metadata_save(list->metadata);
}

uint64_t cxl_poison_read_from(const CXLPoisonList *list, uint64_t dpa,
                              uint64_t length)
{
    return list->reading && list->dpa == dpa && list->length == length ?
        list->next : dpa;
}

void cxl_poison_read_to(CXLPoisonList *list, uint64_t dpa, uint64_t length,
                        uint64_t next, bool more)
{
    list->reading = more;
    list->dpa = dpa;
    list->length = length;
    list->next = next;
}

bool cxl_poison_range_valid(const CXLPoisonList *list,
                            const CXLPoisonRange *range)
{
    return cxl_poison_in_device(list, range->dpa, range->length) &&
        range->length && range->length <= CXL_POISON_MAX_LENGTH &&
        QEMU_IS_ALIGNED(range->dpa | range->length, CXL_POISON_LINE) &&
        (range->source <= CXL_POISON_INJECTED ||
         range->source == CXL_POISON_VENDOR);
}

static bool reading_valid(const CXLPoisonList *list)
{
    return !list->reading ||
        (cxl_poison_in_device(list, list->dpa, list->length) &&
         list->next >= list->dpa && list->next - list->dpa <= list->length &&
         QEMU_IS_ALIGNED(list->dpa | list->length | list->next,
                         CXL_POISON_LINE));
}

bool cxl_poison_valid(const CXLPoisonList *list)
{
    if (list->count > list->max || !reading_valid(list)) {
        return false;
    }
    for (uint32_t n = 0; n < list->count; n++) {
        const CXLPoisonRange *range = &list->range[n];

        if (!cxl_poison_range_valid(list, range) ||
            (n && range->dpa < end_of(range - 1))) {
            return false;
        }
    }
    return !list->inject_limit || injected_lines(list) <= list->inject_limit;
}
