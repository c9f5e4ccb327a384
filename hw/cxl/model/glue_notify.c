/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/qapi-events-cxl.h"
#include "qemu/timer.h"
#include "hw/cxl/model/glue_notify.h"
#include "system/qtest.h"

#define BURST 256
#define MS_EACH 10

/* One for all devices, under the big lock. */
static struct {
    int64_t since;              /* ms, when @left was right */
    unsigned left;              /* events that may be sent at once */
    uint64_t lost;
} rate = { .left = BURST };

static int64_t now_ms(void)
{
    return qemu_clock_get_ms(qtest_enabled() ? QEMU_CLOCK_VIRTUAL
                                             : QEMU_CLOCK_REALTIME);
}

/* May an event be sent?  If so, *@lost is how many were not. */
static bool allowed(uint64_t *lost)
{
    int64_t more = (now_ms() - rate.since) / MS_EACH;

    if (more) {
        rate.left = MIN(rate.left + MIN(MAX(more, 0), BURST), BURST);
        rate.since += more * MS_EACH;
    }
    *lost = rate.lost;
    if (!rate.left) {
        rate.lost++;
        return false;
    }
    rate.left--;
    rate.lost = 0;
    return true;
}

static void decoder_told(CXLHdm *hdm, unsigned n, bool committed)
{
    g_autofree char *path = NULL;
    CXLHdmDecoder decoder;
    uint64_t lost;

    if (!cxl_hdm_decoder(hdm, n, &decoder) || !allowed(&lost)) {
        return;
    }
    path = object_get_canonical_path(OBJECT(hdm->told_opaque));
    if (committed) {
        qapi_event_send_cxl_decoder_committed(path, n, decoder.base,
                                              decoder.size, lost, lost);
    } else {
        qapi_event_send_cxl_decoder_uncommitted(path, n, lost, lost);
    }
}

void cxl_glue_notify_decoders(CXLHdm *hdm, DeviceState *dev)
{
    hdm->told = decoder_told;
    hdm->told_opaque = dev;
}

CxlPoisonSource cxl_glue_poison_source(CXLPoisonSource source)
{
    switch (source) {
    case CXL_POISON_EXTERNAL:
        return CXL_POISON_SOURCE_EXTERNAL;
    case CXL_POISON_INTERNAL:
        return CXL_POISON_SOURCE_INTERNAL;
    case CXL_POISON_INJECTED:
        return CXL_POISON_SOURCE_INJECTED;
    case CXL_POISON_VENDOR:
        return CXL_POISON_SOURCE_VENDOR;
    default:
        return CXL_POISON_SOURCE_UNKNOWN;
    }
}

static void poison_told(CXLPoisonList *list, const CXLPoisonRange *range)
{
    g_autofree char *path = NULL;
    uint64_t lost;

    if (allowed(&lost)) {
        path = object_get_canonical_path(OBJECT(list->told_opaque));
        qapi_event_send_cxl_poison_injected(path, range->dpa, range->length,
                                            cxl_glue_poison_source(
                                                range->source), lost, lost);
    }
}

void cxl_glue_notify_poison(CXLPoisonList *list, DeviceState *dev)
{
    list->told = poison_told;
    list->told_opaque = dev;
}
