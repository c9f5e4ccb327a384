/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the core's tables as JSON; scripts/cxl-describe runs it. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/core/regtables.h"

static void print_command(const CXLCommandSet *set, const CXLCommand *cmd,
                          bool last)
{
    uint16_t on = cmd->on ?: CXL_CCI_PRIMARY | CXL_CCI_MCTP;

    printf("    {\"set\": \"%s\", \"opcode\": %u, \"name\": \"%s\",\n"
           "     \"in_min\": %u, \"in_max\": %u, \"out_min\": %u,\n"
           "     \"effects\": %u, \"gates\": %u, \"on\": %u,\n"
           "     \"background\": %s, \"abortable\": %s}%s\n",
           set->name, cmd->opcode, cmd->name, cmd->in_min, cmd->in_max,
           cmd->out_min, cxl_command_effects(cmd), cmd->gates, on,
           cmd->bg ? "true" : "false",
           cmd->bg && cmd->bg->abort ? "true" : "false", last ? "" : ",");
}

static void print_commands(void)
{
    for (const CXLCommandSet *const *set = cxl_cmdsets; *set; set++) {
        for (unsigned i = 0; i < (*set)->count; i++) {
            print_command(*set, &(*set)->cmds[i],
                          !set[1] && i + 1 == (*set)->count);
        }
    }
}

/* Masks as strings: 64 bits do not fit every reader's numbers. */
static void print_register(const CXLRegTable *table, const CXLRegRow *row,
                           bool last)
{
    printf("    {\"table\": \"%s\", \"name\": \"%s\", \"offset\": %u,\n"
           "     \"size\": %u, \"count\": %u, \"stride\": %u,\n"
           "     \"reset\": \"0x%" PRIx64 "\", \"rw\": \"0x%" PRIx64 "\","
           " \"locked_rw\": \"0x%" PRIx64 "\",\n"
           "     \"w1c\": \"0x%" PRIx64 "\", \"rwo\": \"0x%" PRIx64 "\","
           " \"sticky\": \"0x%" PRIx64 "\"}%s\n",
           table->name, row->name, row->offset, row->size,
           MAX(row->count, 1), row->stride, row->reset, row->rw,
           row->locked_rw, row->w1c, row->rwo, row->sticky,
           last ? "" : ",");
}

static void print_registers(void)
{
    for (const CXLRegTable *const *t = cxl_regtables; *t; t++) {
        for (unsigned i = 0; i < (*t)->count; i++) {
            print_register(*t, &(*t)->rows[i],
                           !t[1] && i + 1 == (*t)->count);
        }
    }
}

int main(void)
{
    printf("{\n  \"commands\": [\n");
    print_commands();
    printf("  ],\n  \"registers\": [\n");
    print_registers();
    printf("  ]\n}\n");
    return 0;
}
