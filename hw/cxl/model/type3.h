/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cxl-type3: a memory device, a list of parts behind one PCI function. */
#ifndef HW_CXL_MODEL_TYPE3_H
#define HW_CXL_MODEL_TYPE3_H

#include "hw/cxl/core/cdat.h"
#include "hw/cxl/core/cmdsets.h"
#include "hw/cxl/core/component.h"
#include "hw/cxl/core/debuglog.h"
#include "hw/cxl/core/device.h"
#include "hw/cxl/core/logs.h"
#include "hw/cxl/core/metadata.h"
#include "hw/cxl/core/repair.h"
#include "hw/cxl/core/reset.h"
#include "hw/cxl/core/statedump.h"
#include "hw/cxl/model/glue_backend.h"
#include "hw/cxl/model/glue_errors.h"
#include "hw/cxl/model/glue_pci.h"
#include "hw/cxl/model/glue_timer.h"
#include "system/hostmem.h"

#define TYPE_CXL_TYPE3 "cxl-type3"
OBJECT_DECLARE_SIMPLE_TYPE(CXLType3, CXL_TYPE3)

/* MSI-X message numbers; the standard asks for numbers below 16. */
enum {
    CXL_TYPE3_VEC_DOE,
    CXL_TYPE3_VEC_MAILBOX,
    CXL_TYPE3_VEC_EVENT,            /* and up, shared by the event logs */
};

/* Informational to fatal */
#define CXL_TYPE3_EVENT_LOGS 4

struct CXLType3 {
    PCIDevice parent_obj;

    /* properties */
    HostMemoryBackend *legacy_backend;      /* memdev= */
    HostMemoryBackend *volatile_backend;
    HostMemoryBackend *persistent_backend;
    HostMemoryBackend *lsa_backend;
    HostMemoryBackend *metadata_backend;
    uint64_t serial;
    char *cdat_file;
    uint32_t read_latency, write_latency;       /* nanoseconds, 0 unknown */
    uint32_t read_bandwidth, write_bandwidth;   /* MB/s, 0 unknown */
    uint64_t partition_alignment;
    uint64_t mailbox_payload;
    uint32_t event_log_size;
    uint8_t event_vectors;
    uint8_t firmware_slots;
    uint8_t hdm_decoders;
    uint32_t sanitize_ms, erase_ms;
    PCIExpLinkSpeed speed;
    PCIExpLinkWidth width;
    bool flit_256b;
    OnOffAuto weave;

    /* configuration space */
    CXLPciExt ext;
    CXLDvsec dvsec_device, dvsec_locator, dvsec_gpf, dvsec_flexbus;
    CXLDoe doe;
    CXLDoeProtocol doe_protocols[1];
    CXLCdat cdat;

    /* registers */
    CXLComponent component;
    CXLErrors errors;
    CXLReset cxl_reset;
    bool flr;                       /* a function level reset is under way */
    CXLDeviceRegs device;
    MemoryRegion component_mr, device_mr;

    /* commands and what they act on */
    CXLCci cci;
    CXLMailbox mailbox;
    CXLEventLogs events;
    CXLFirmware firmware;
    CXLFeatures features;
    CXLRepair repair;
    CXLDebugLog debug_log;
    CXLStateDump state_dump;
    CXLLog logs[2];
    CXLTimestamp timestamp;
    CXLMediaState media;
    CXLLsa lsa;
    CXLHealth health;
    CXLPoisonList poison, unlisted_poison;
    CXLScan scan;
    CXLSanitize sanitize;
    CXLSecurity security;
    CXLIdentity identity;
    CXLMetadata metadata;           /* keeps some of them without power */
    Notifier power_off;             /* of the machine, with QEMU's help */
    CXLGlueTimer timer, reset_timer;
    CXLGlueBackend dpa_store, lsa_store, metadata_store;
    bool present;                   /* realized: routes may lead here */
};

/* type3_props.c: sane properties, or an error that names one. */
bool cxl_type3_check_props(CXLType3 *ct3d, Error **errp);
void cxl_type3_add_props(DeviceClass *dc);

/* type3_memory.c: backends, CDAT, DVSEC ranges. */
/* Bytes; 0 without a backend. */
uint64_t cxl_type3_backend_size(HostMemoryBackend *backend);
bool cxl_type3_memory_init(CXLType3 *ct3d, Error **errp);
void cxl_type3_memory_finish(CXLType3 *ct3d);
/* Partitions and CDAT sequence have been loaded: what follows from them. */
void cxl_type3_memory_loaded(CXLType3 *ct3d);

/* type3_reset.c: resets that software asks the function for. */
void cxl_type3_reset_init(CXLType3 *ct3d);
void cxl_type3_reset_finish(CXLType3 *ct3d);
void cxl_type3_reset_function(CXLType3 *ct3d);

/* type3_cci.c: the primary mailbox and its command sets. */
void cxl_type3_cci_init(CXLType3 *ct3d);
void cxl_type3_cci_finish(CXLType3 *ct3d);
/* All parts have been loaded: do they agree about what runs in background? */
bool cxl_type3_cci_valid(const CXLType3 *ct3d);

/*
 * type3_metadata.c: after all parts are there.  Whatever is to be remembered
 * has a section in there, and calls cxl_metadata_save() when it changes.
 */
bool cxl_type3_metadata_init(CXLType3 *ct3d, Error **errp);
void cxl_type3_metadata_finish(CXLType3 *ct3d);

/* The decoders that routes follow; NULL while nothing is decoded. */
CXLHdm *cxl_type3_hdm(CXLType3 *ct3d);
/* Does the device answer CXL.mem at all? */
bool cxl_type3_mem_enabled(const CXLType3 *ct3d);

/* Sets Mem_Enable, as software would that has programmed the decoders. */
void cxl_type3_enable_mem(CXLType3 *ct3d);

/*
 * CXL.mem access: @size 1, 2, 4 or 8 bytes at @dpa, naturally aligned.
 * False if the DPA is not backed or the media is disabled.
 */
bool cxl_type3_mem_read(CXLType3 *ct3d, uint64_t dpa, uint64_t *data,
                        unsigned size);
bool cxl_type3_mem_write(CXLType3 *ct3d, uint64_t dpa, uint64_t data,
                         unsigned size);
/* type3_watch.c: memory that is not plain RAM, and why. */
typedef struct CXLWatched {
    uint64_t dpa, length;
    const char *why;                /* in a word or two, for users */
} CXLWatched;

void cxl_type3_watch_init(CXLType3 *ct3d);
/*
 * The lowest part of [@dpa, @end) where a read may do something else than
 * give bytes, or a write than store them; false if there is none.
 */
bool cxl_type3_watched(const CXLType3 *ct3d, uint64_t dpa, uint64_t end,
                       CXLWatched *found);
/* The host reads @dpa, which answers: true, and an event, if it is poison. */
bool cxl_type3_consume(CXLType3 *ct3d, uint64_t dpa);
static inline bool cxl_type3_reads_poison(CXLType3 *ct3d, uint64_t dpa)
{
    return unlikely(ct3d->poison.count || ct3d->unlisted_poison.count) &&
        cxl_type3_consume(ct3d, dpa);
}

/*
 * The RAM behind @len bytes at @dpa when one region holds them all, else
 * NULL.  What of it is watched is another question.
 */
MemoryRegion *cxl_type3_mem_region(CXLType3 *ct3d, uint64_t dpa,
                                   uint64_t len, hwaddr *offset);
/*
 * The path, to be freed, of the file that other processes may share in which
 * the byte at @dpa belongs, or NULL.
 */
char *cxl_type3_mem_path(CXLType3 *ct3d, uint64_t dpa);
/*
 * Why the bytes may not move to the block of a window (a sentence for users,
 * to be freed), or NULL if they may.
 */
char *cxl_type3_weave_obstacle(CXLType3 *ct3d, uint64_t dpa, uint64_t len);

#endif
