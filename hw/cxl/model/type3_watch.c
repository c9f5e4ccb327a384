/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-type3: memory whose accesses have to be seen, and what they do. */
#include "qemu/osdep.h"
#include "hw/cxl/core/poison_event.h"
#include "hw/cxl/model/glue_route.h"
#include "hw/cxl/model/type3.h"

static void watched_changed(void *opaque)
{
    cxl_glue_route_watched(opaque);
}

void cxl_type3_watch_init(CXLType3 *ct3d)
{
    ct3d->media.answers_changed = watched_changed;
    ct3d->media.answers_changed_opaque = ct3d;
    ct3d->poison.changed = watched_changed;
    ct3d->poison.changed_opaque = ct3d;
    ct3d->unlisted_poison.changed = watched_changed;
    ct3d->unlisted_poison.changed_opaque = ct3d;
}

static bool find_withheld(const CXLType3 *ct3d, uint64_t dpa, uint64_t end,
                          CXLWatched *found)
{
    found->why = cxl_media_withheld(&ct3d->media, dpa, end, &dpa, &end);
    found->dpa = dpa;
    found->length = end - dpa;
    return found->why;
}

static bool find_poison(const CXLType3 *ct3d, uint64_t dpa, uint64_t end,
                        CXLWatched *found)
{
    CXLPoisonRange range;

    if (!cxl_poison_find_any(&ct3d->poison, dpa, end, &range)) {
        return false;
    }
    *found = (CXLWatched) { range.dpa, range.length, "poison" };
    return true;
}

bool cxl_type3_watched(const CXLType3 *ct3d, uint64_t dpa, uint64_t end,
                       CXLWatched *found)
{
    static bool (*const find[])(const CXLType3 *ct3d, uint64_t dpa,
                                uint64_t end, CXLWatched *found) = {
        find_withheld, find_poison,
    };
    bool any = false;

    for (unsigned i = 0; i < ARRAY_SIZE(find); i++) {
        CXLWatched other;

        if (find[i](ct3d, dpa, end, &other) &&
            (!any || other.dpa < found->dpa)) {
            *found = other;
            any = true;
        }
    }
    return any;
}

bool cxl_type3_consume(CXLType3 *ct3d, uint64_t dpa)
{
    CXLPoisonRange range;

    if (!cxl_poison_find_any(&ct3d->poison, dpa, dpa + 1, &range)) {
        return false;
    }
    cxl_poison_event_read(&ct3d->events, &ct3d->media, dpa);
    return true;
}
