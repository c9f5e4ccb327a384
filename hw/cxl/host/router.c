/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-cxl.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "block/block.h"
#include "hw/cxl/core/route.h"
#include "hw/cxl/host/mapping.h"
#include "hw/cxl/host/router.h"
#include "hw/cxl/host/topology.h"
#include "hw/cxl/host/weave.h"
#include "hw/cxl/host/window.h"
#include "hw/cxl/model/glue_route.h"
#include "migration/misc.h"
#include "migration/register.h"
#include "system/cpus.h"
#include "system/reset.h"
#include "system/runstate.h"
#include "system/system.h"

/* One per machine, made when the windows have found their bridges. */
typedef struct CXLRouter {
    Notifier changed, watched;
    CXLState *state;
    Notifier exit;
    bool loading;                   /* saved state, until the guest runs */
    bool saving;
    bool held;                      /* saved; until the guest runs again */
} CXLRouter;

static CXLRouter *router;

/* @node: by place among the machine's bridges. */
static void link_route(CXLRouteWindow *route, const CXLFixedWindow *window,
                       const CXLState *state, CXLRouteNode *const *node)
{
    for (unsigned i = 0; i < window->ways; i++) {
        for (unsigned b = 0; b < state->next_mr_idx; b++) {
            if (state->bridge[b] == window->target[i]) {
                route->target[i] = node[b];
            }
        }
    }
}

/*
 * All windows together stay within the ranges that one may have: the base's
 * memory core has room for some thousands of sections, and aborts on more.
 */
static void route_windows(const CXLState *state, CXLRouteTree *tree,
                          CXLRouteNode *const *node)
{
    unsigned left = CXL_ROUTE_MAX_RANGES;

    for (GList *it = state->fixed_windows; it; it = it->next) {
        CXLFixedWindow *window = it->data;
        CXLRouteWindow route = {
            .base = window->base,
            .size = window->size,
            .interleave = cxl_window_interleave(window),
        };
        GPtrArray *ranges;

        link_route(&route, window, state, node);
        ranges = cxl_route_build(tree, &route, left);
        left -= ranges->len;
        cxl_mapping_drop(window, ranges, router->loading);
    }
    for (GList *it = state->fixed_windows; it; it = it->next) {
        cxl_mapping_add(it->data, router->loading);
    }
}

static void route_all(void)
{
    const CXLState *state = router->state;
    CXLRouteNode *node[CXL_MAX_HOST_BRIDGES];
    CXLRouteTree *tree;

    for (unsigned i = 0; i < state->next_mr_idx; i++) {
        node[i] = cxl_topology_node(PXB_CXL_DEV(state->bridge[i]));
    }
    tree = cxl_route_tree_new(node, state->next_mr_idx);
    route_windows(state, tree, node);
    cxl_route_tree_free(tree);
    for (unsigned i = 0; i < state->next_mr_idx; i++) {
        cxl_topology_free(node[i]);
    }
}

/* The first to be loaded: RAM was before, all of it, as it was saved. */
static void begin_loading(void)
{
    router->loading = true;
    for (GList *it = router->state->fixed_windows; it; it = it->next) {
        cxl_mapping_forget(it->data);
    }
}

static void routes_changed(Notifier *notifier, void *data)
{
    const bool *loaded = data;

    if (loaded && *loaded && !router->loading) {
        begin_loading();
    }
    route_all();
}

static void watched_changed(Notifier *notifier, void *device)
{
    for (GList *it = router->state->fixed_windows; it; it = it->next) {
        cxl_mapping_watch(it->data, device);
    }
}

static void end_loading(void)
{
    if (router->loading) {
        router->loading = false;
        route_all();
    }
}

static void machine_reset(void *opaque)
{
    end_loading();
}

static void end_saving(void);

/* Nothing calls save_cleanup() for what ends before it begins. */
static void check_saving(void *opaque)
{
    if (router->held && !migration_is_running() && runstate_is_running()) {
        router->saving = false;
        end_saving();
    }
}

static bool any_kept(void)
{
    for (GList *it = router->state->fixed_windows; it; it = it->next) {
        if (cxl_mapping_has_kept(it->data)) {
            return true;
        }
    }
    return false;
}

/* Neither a processor nor a device may write where bytes are taken away. */
static void take_apart(void)
{
    bool stop = runstate_is_running();

    if (stop) {
        pause_all_vcpus();
        bdrv_drain_all_begin();
    }
    for (GList *it = router->state->fixed_windows; it; it = it->next) {
        cxl_mapping_renew_kept(it->data);
    }
    route_all();
    if (stop) {
        bdrv_drain_all_end();
        resume_all_vcpus();
    }
}

/*
 * What other processes can see is not woven in saved state: a machine that
 * is loaded, maybe from the same files, finds it where it belongs.
 */
static int save_prepare(void *opaque, Error **errp)
{
    router->saving = router->held = true;
    cxl_weave_hold(true);
    if (any_kept()) {
        take_apart();
    }
    if (cxl_weave_lost()) {
        error_setg(errp, "CXL: no room to put interleaved memory back: make "
                   "room, then start the machine anew");
        router->saving = false;
        return -ENOSPC;
    }
    aio_bh_schedule_oneshot(qemu_get_aio_context(), check_saving, NULL);
    return 0;
}

static void end_saving(void)
{
    if (!router->held) {
        return;
    }
    router->held = false;
    cxl_weave_hold(false);
    for (GList *it = router->state->fixed_windows; it; it = it->next) {
        cxl_mapping_renew_trapped(it->data);
    }
    route_all();
}

/* Where the guest has moved to another machine, this one stays as it is. */
static void save_cleanup(void *opaque)
{
    router->saving = false;
    if (runstate_is_running()) {
        end_saving();
    }
}

static const SaveVMHandlers save_handlers = {
    .save_prepare = save_prepare,
    .save_cleanup = save_cleanup,
};

/* Whatever was loaded is complete. */
static void run_state_changed(void *opaque, bool running, RunState state)
{
    if (running) {
        cxl_weave_stop_if_lost();
        end_loading();
        router->saving &= migration_is_running();
        if (!router->saving) {
            end_saving();
        }
    }
}

/* Whoever ends in the middle of things leaves it to the next start. */
static void put_back(Notifier *notifier, void *data)
{
    if (runstate_is_running()) {
        return;
    }
    for (GList *it = router->state->fixed_windows; it; it = it->next) {
        cxl_mapping_put_back(it->data);
    }
}

/*
 * Blocks come into being together, here: the machine that a migration goes
 * to has them before it knows what is woven.
 */
static void add_weave(CXLFixedWindow *window, uint64_t *room)
{
    if (window->size <= *room && !should_mlock(mlock_state)) {
        window->weave = cxl_weave_new(window->index, window->size);
        *room -= window->size;
    }
    cxl_mapping_register_state(window);
}

void cxl_router_start(CXLState *state)
{
    uint64_t room = CXL_WEAVE_MAX_TOTAL;

    router = g_new0(CXLRouter, 1);
    router->changed.notify = routes_changed;
    router->watched.notify = watched_changed;
    router->state = state;
    for (GList *it = state->fixed_windows; it; it = it->next) {
        add_weave(it->data, &room);
    }
    route_all();
    cxl_glue_route_listen(&router->changed);
    cxl_glue_route_watch(&router->watched);
    qemu_add_vm_change_state_handler(run_state_changed, NULL);
    qemu_register_reset(machine_reset, NULL);
    register_savevm_live("cxl-router", 0, 1, &save_handlers, router);
    router->exit.notify = put_back;
    qemu_add_exit_notifier(&router->exit);
}

const GList *cxl_router_windows(void)
{
    return router ? router->state->fixed_windows : NULL;
}

CxlMappingList *qmp_query_cxl_mappings(Error **errp)
{
    CxlMappingList *list = NULL, **tail = &list;

    for (const GList *it = cxl_router_windows(); it; it = it->next) {
        cxl_mapping_query(it->data, &tail);
    }
    return list;
}
