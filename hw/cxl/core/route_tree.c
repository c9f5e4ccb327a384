/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "hw/cxl/core/route_tree.h"

/*
 * 16 host bridges of 32 ports with a switch of 32 ports below each are fewer
 * hops, and each level takes a PCI bus: these only stop a tree that is none.
 */
#define MAX_HOPS 32768
#define MAX_LEVELS 128

#define PORTS 256

static CXLRouteHop *hop_at(CXLRouteTree *tree, unsigned n)
{
    return &g_array_index(tree->hop, CXLRouteHop, n);
}

static void add_hop(CXLRouteTree *tree, const CXLRouteNode *node,
                    uint8_t port, unsigned level)
{
    CXLRouteHop hop = { .node = node, .port = port, .level = level };

    if (node && tree->hop->len < MAX_HOPS && level < MAX_LEVELS) {
        g_array_append_val(tree->hop, hop);
    }
}

static void add_children(CXLRouteTree *tree, unsigned n)
{
    const CXLRouteNode *node = hop_at(tree, n)->node;
    unsigned level = hop_at(tree, n)->level + 1;
    unsigned first = tree->hop->len;

    for (unsigned i = 0; !node->endpoint && i < node->child_count; i++) {
        add_hop(tree, node->child[i].node, node->child[i].port, level);
    }
    hop_at(tree, n)->first_child = first;
    hop_at(tree, n)->child_count = tree->hop->len - first;
}

/* Where each port number leads; the first child of several wins. */
static void map_ports(CXLRouteTree *tree, const CXLRouteHop *hop,
                      int by_port[PORTS])
{
    for (unsigned i = 0; i < PORTS; i++) {
        by_port[i] = CXL_ROUTE_NOWHERE;
    }
    for (unsigned i = hop->child_count; i-- > 0;) {
        unsigned child = hop->first_child + i;

        by_port[cxl_route_hop(tree, child)->port] = child;
    }
}

static void resolve_targets(CXLRouteDecoder *to, const CXLHdmDecoder *from,
                            const int by_port[PORTS])
{
    for (unsigned i = 0; i < CXL_HDM_MAX_TARGETS; i++) {
        to->next[i] = by_port[from->target[i]];
    }
    if (from->interleave.ways > CXL_HDM_MAX_TARGETS) {
        to->interleave.ways = 1;
        to->next[0] = CXL_ROUTE_NOWHERE;
    }
}

static void read_decoders(CXLRouteTree *tree, CXLRouteHop *hop)
{
    const CXLHdm *hdm = hop->node->hdm;
    unsigned committed = hdm ? cxl_hdm_committed(hdm) : 0;
    int by_port[PORTS];

    hop->first_decoder = tree->decoder->len;
    if (committed && !hop->node->endpoint) {
        map_ports(tree, hop, by_port);
    }
    for (unsigned n = 0; n < committed; n++) {
        CXLRouteDecoder decoder = { 0 };
        CXLHdmDecoder from;

        tree->steps++;
        if (!cxl_hdm_decoder(hdm, n, &from) || !from.committed) {
            continue;
        }
        decoder.base = from.base;
        decoder.size = from.size;
        decoder.dpa_base = from.dpa_base;
        decoder.interleave = from.interleave;
        if (!hop->node->endpoint) {
            resolve_targets(&decoder, &from, by_port);
        }
        g_array_append_val(tree->decoder, decoder);
    }
    hop->decoder_count = tree->decoder->len - hop->first_decoder;
}

CXLRouteTree *cxl_route_tree_new(CXLRouteNode *const *root, unsigned count)
{
    CXLRouteTree *tree = g_new0(CXLRouteTree, 1);

    tree->hop = g_array_new(false, true, sizeof(CXLRouteHop));
    tree->decoder = g_array_new(false, true, sizeof(CXLRouteDecoder));
    for (unsigned i = 0; i < count; i++) {
        tree->roots = tree->hop->len;
        if (cxl_route_root(tree, root[i]) == CXL_ROUTE_NOWHERE) {
            add_hop(tree, root[i], 0, 0);
        }
    }
    tree->roots = tree->hop->len;
    for (unsigned n = 0; n < tree->hop->len; n++) {
        tree->steps++;
        add_children(tree, n);
        read_decoders(tree, hop_at(tree, n));
    }
    return tree;
}

void cxl_route_tree_free(CXLRouteTree *tree)
{
    g_array_unref(tree->hop);
    g_array_unref(tree->decoder);
    g_free(tree);
}

int cxl_route_root(const CXLRouteTree *tree, const CXLRouteNode *node)
{
    for (unsigned n = 0; n < tree->roots; n++) {
        if (cxl_route_hop(tree, n)->node == node) {
            return n;
        }
    }
    return CXL_ROUTE_NOWHERE;
}
