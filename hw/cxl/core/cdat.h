/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Coherent Device Attribute Table: assembled from what a device is or
 * taken from a checked file, and read entry by entry over DOE.
 * CDAT r1.04; CXL r3.2: Table Access DOE.
 */
#ifndef HW_CXL_CORE_CDAT_H
#define HW_CXL_CORE_CDAT_H

#include "hw/cxl/core/doe.h"
#include "hw/cxl/spec/cdat.h"

/* One range of DPA with one performance. */
typedef struct CXLCdatRange {
    uint64_t base, size;            /* DPA, bytes */
    uint8_t handle;                 /* DSMAD handle */
    uint8_t flags;                  /* CXL_DSMAS_* */
    uint32_t read_latency, write_latency;       /* picoseconds */
    uint32_t read_bandwidth, write_bandwidth;   /* MB/s */
} CXLCdatRange;

/* A port of a switch. */
typedef struct CXLCdatPort {
    uint8_t number;                 /* PCIe port number */
    uint32_t bandwidth;             /* of its link, MB/s, not 0 */
} CXLCdatPort;

/* A switch as its upstream port tells of it. */
typedef struct CXLCdatSwitch {
    uint32_t latency;               /* through it, ps; 0: not known */
    CXLCdatPort upstream;           /* without a number */
    const CXLCdatPort *port;        /* downstream ports */
    unsigned count;                 /* at most 256 */
} CXLCdatSwitch;

/* With more ports than this the pairs of peers do not fit an object. */
#define CXL_CDAT_MAX_PEERS 44

typedef struct CXLCdat {
    GByteArray *table;              /* header and structures, checksummed */
    GArray *entry;                  /* of uint32_t: offset of each entry */
    uint32_t sequence;
} CXLCdat;

void cxl_cdat_init(CXLCdat *cdat);
void cxl_cdat_finish(CXLCdat *cdat);
/* Replace the table by one of @ranges; the sequence number goes up. */
void cxl_cdat_build(CXLCdat *cdat, const CXLCdatRange *ranges,
                    unsigned count);
/*
 * The same for a switch: latency and bandwidth between its ports.
 * CDAT r1.04: Switch Scoped Latency and Bandwidth Information Structure.
 */
void cxl_cdat_build_switch(CXLCdat *cdat, const CXLCdatSwitch *sw);
/*
 * Take @len bytes of a file.  False, with the reason in *@why (g_free), if
 * the header, a structure's length or the checksum is wrong.
 */
bool cxl_cdat_load(CXLCdat *cdat, const uint8_t *bytes, size_t len,
                   char **why);
/* CXLDoeProtocol.answer for vendor 1E98h type 2; @state is the CXLCdat. */
int cxl_cdat_answer(void *state, const uint8_t *in, size_t in_len,
                    uint8_t *out, size_t out_max);

#endif
