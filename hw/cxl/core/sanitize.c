/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be erased, and how far that is. */
#include "qemu/osdep.h"
#include "hw/cxl/core/sanitize.h"

void cxl_sanitize_init(CXLSanitize *sanitize, CXLMediaState *media,
                       const CXLLsa *lsa, CXLEventLogs *events,
                       CXLPoisonList *poison)
{
    *sanitize = (CXLSanitize) {
        .media = media,
        .lsa = lsa,
        .events = events,
        .poison = poison,
    };
}

void cxl_sanitize_clear(CXLSanitize *sanitize)
{
    sanitize->count = sanitize->at = 0;
    sanitize->done = 0;
    sanitize->failed = false;
}

bool cxl_sanitize_add(CXLSanitize *sanitize, uint64_t dpa, uint64_t length)
{
    if (sanitize->count == CXL_SANITIZE_RANGES) {
        return false;
    }
    sanitize->range[sanitize->count++] = (CXLSanitizeRange) { dpa, length };
    return true;
}

void cxl_sanitize_begin_erase(CXLSanitize *sanitize)
{
    cxl_sanitize_clear(sanitize);
    cxl_sanitize_add(sanitize, 0, cxl_media_total(sanitize->media));
    cxl_media_set_status(sanitize->media, CXL_MEDIA_DISABLED);
}

void cxl_sanitize_begin(CXLSanitize *sanitize)
{
    CXLEventLogs *events = sanitize->events;

    cxl_sanitize_begin_erase(sanitize);
    /* First: what ends the media's state may be a Secure Erase. */
    sanitize->failed = !cxl_media_erase_all(&sanitize->lsa->store, 0,
                                            cxl_lsa_size(sanitize->lsa));
    for (unsigned n = 0; n < events->count; n++) {
        cxl_evlog_drop(events, n, events->log[n].count);
    }
}

bool cxl_sanitize_work(CXLSanitize *sanitize)
{
    const CXLSanitizeRange *range = &sanitize->range[sanitize->at];
    uint64_t erased;

    if (sanitize->failed || sanitize->at == sanitize->count) {
        return true;
    }
    erased = cxl_media_erase(&sanitize->media->store,
                             range->dpa + sanitize->done,
                             range->length - sanitize->done);
    sanitize->done += erased;
    if (sanitize->done == range->length) {
        sanitize->at++;
        sanitize->done = 0;
    } else if (!erased) {
        sanitize->failed = true;
    }
    return sanitize->failed || sanitize->at == sanitize->count;
}

unsigned cxl_sanitize_share(const CXLSanitize *sanitize)
{
    uint64_t thousandth = cxl_media_total(sanitize->media) / 1000;
    uint64_t bytes = 0;

    for (uint32_t n = 0; n < sanitize->count; n++) {
        bytes += sanitize->range[n].length;
    }
    return thousandth ? MIN(bytes / thousandth, 1000) : 1000;
}

bool cxl_sanitize_good(const CXLSanitize *sanitize)
{
    return !sanitize->failed && sanitize->at == sanitize->count;
}

void cxl_sanitize_heal(CXLSanitize *sanitize)
{
    for (uint32_t n = 0; n < sanitize->count; n++) {
        cxl_poison_remove(sanitize->poison, sanitize->range[n].dpa,
                          sanitize->range[n].length);
    }
}

static bool range_valid(const CXLSanitize *sanitize, uint32_t n)
{
    const CXLSanitizeRange *range = &sanitize->range[n];
    uint64_t total = cxl_media_total(sanitize->media);

    return range->dpa <= total && range->length <= total - range->dpa;
}

bool cxl_sanitize_valid(const CXLSanitize *sanitize)
{
    if (sanitize->count > CXL_SANITIZE_RANGES ||
        sanitize->at > sanitize->count) {
        return false;
    }
    for (uint32_t n = 0; n < sanitize->count; n++) {
        if (!range_valid(sanitize, n)) {
            return false;
        }
    }
    return sanitize->at < sanitize->count ?
        sanitize->done <= sanitize->range[sanitize->at].length :
        !sanitize->done;
}
