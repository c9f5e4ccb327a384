/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Component Command Interface: a sorted table of command rows, each with
 * the state of the part it belongs to, and one dispatcher.
 *
 * Dispatch: known -> allowed on this CCI -> length -> background slot free ->
 * security -> media -> room for the answer -> not to fail -> run.
 */
#ifndef HW_CXL_CORE_CCI_H
#define HW_CXL_CORE_CCI_H

#include "hw/cxl/core/port.h"
#include "hw/cxl/core/cci_bg.h"
#include "hw/cxl/core/cci_fault.h"
#include "hw/cxl/spec/cci.h"

typedef struct CXLCci CXLCci;
typedef struct CXLCall CXLCall;
typedef struct CXLCommand CXLCommand;

/* On which CCIs a command may be sent; a CCI is exactly one of them. */
typedef enum CXLCciKind {
    CXL_CCI_PRIMARY   = 1 << 0,     /* primary mailbox of a device */
    CXL_CCI_SECONDARY = 1 << 1,     /* secondary mailbox of a device */
    CXL_CCI_LD        = 1 << 2,     /* LD of an MLD, through a tunnel */
    CXL_CCI_FM_LD     = 1 << 3,     /* FM-owned LD of an MLD */
    CXL_CCI_SWITCH    = 1 << 4,     /* switch mailbox CCI */
    CXL_CCI_MCTP      = 1 << 5,     /* out-of-band, over MCTP */
} CXLCciKind;

#define CXL_CCI_ANY                                               \
    (CXL_CCI_PRIMARY | CXL_CCI_SECONDARY | CXL_CCI_LD |           \
     CXL_CCI_FM_LD | CXL_CCI_SWITCH | CXL_CCI_MCTP)

/* What must hold for a command to run; each is one gate function. */
enum {
    CXL_GATE_MEDIA    = 1 << 0,     /* media enabled, else Media Disabled */
    CXL_GATE_UNLOCKED = 1 << 1,     /* else Invalid Security State */
    CXL_GATE_OPEN     = 1 << 2,     /* no user passphrase, else the same */
};

/* One command being answered. */
struct CXLCall {
    CXLCci *cci;
    const CXLCommand *cmd;
    void *state;            /* what was given to cxl_cci_attach() */
    const uint8_t *in;
    size_t in_len;
    uint8_t *out;
    size_t out_len;         /* bytes of the answer so far */
    size_t out_max;
    bool foreground;        /* set by the handler: nothing is left to do */
};

typedef CXLRetCode CXLHandler(CXLCall *call);

struct CXLCommand {
    uint16_t opcode;
    const char *name;       /* the handler's name: the standard's, lower case */
    CXLHandler *run;
    uint32_t in_min, in_max;
    uint32_t out_min;       /* room the answer needs at least */
    uint16_t effects;       /* CXL_EFF_*, as the CEL shows them */
    uint16_t gates;         /* CXL_GATE_* */
    uint16_t on;            /* CXL_CCI_*; 0 means CXL_CCI_PRIMARY | _MCTP */
    const CXLBgOps *bg;     /* runs in background, unless it is done */
    bool secret;            /* no copy of its input may be left behind */
};

#define CXL_IN_NONE             .in_min = 0, .in_max = 0
#define CXL_IN_EXACT(type)      .in_min = sizeof(type), .in_max = sizeof(type)
#define CXL_IN_RANGE(lo, hi)    .in_min = (lo), .in_max = (hi)
#define CXL_IN_AT_LEAST(type)   .in_min = sizeof(type), .in_max = UINT32_MAX

#define CXL_CMD(code, handler, ...)                               \
    { .opcode = (code), .name = #handler, .run = handler, __VA_ARGS__ }

typedef struct CXLCommandSet {
    const char *name;
    const CXLCommand *cmds;     /* ascending opcodes */
    unsigned count;
} CXLCommandSet;

#define CXL_COMMAND_SET(set, array)                               \
    const CXLCommandSet set = {                                   \
        .name = #set,                                             \
        .cmds = array,                                            \
        .count = ARRAY_SIZE(array),                               \
    }

/* What the gates ask of the device. NULL functions mean: passes. */
typedef struct CXLGateOps {
    bool (*media_disabled)(void *opaque);
    bool (*locked)(void *opaque);
    bool (*has_passphrase)(void *opaque);
} CXLGateOps;

/* A log that the Logs commands show beside the Command Effects Log. */
typedef struct CXLLog CXLLog;
#define CXL_CCI_LOGS 4

typedef struct CXLCciEntry {
    const CXLCommand *cmd;
    void *state;
} CXLCciEntry;

struct CXLCci {
    CXLCciKind kind;
    GArray *entries;            /* of CXLCciEntry, ascending opcodes */
    uint32_t payload_max;       /* bytes, of input and of output */
    uint32_t response_max;      /* bytes of output, as the host has set it */
    CXLBg bg;
    CXLCciFault fault;          /* until a reset */
    const CXLLog *log[CXL_CCI_LOGS];
    unsigned logs;
    uint8_t populating;         /* log[], by the background operation */
    struct CXLDebugLog *debug;  /* where commands are noted; may be NULL */
    const CXLGateOps *gate_ops;
    void *gate_opaque;
    CXLTrace trace;
};

/* @payload_max: 256 to 1 MiB, a power of two. */
void cxl_cci_init(CXLCci *cci, CXLCciKind kind, uint32_t payload_max,
                  const CXLClock *clock);
void cxl_cci_finish(CXLCci *cci);
/* Ends the background operation and the limit that the host has set. */
void cxl_cci_reset(CXLCci *cci, CXLResetKind kind);
/* Rows that are not allowed on this kind are attached too: they answer 15h. */
void cxl_cci_attach(CXLCci *cci, const CXLCommandSet *set, void *state);

/*
 * After loading cci->bg of a running operation: find its command again.
 * False, and nothing runs, if this CCI has no such background command.
 */
bool cxl_cci_resume(CXLCci *cci);

/*
 * The longest answer from now on, in bytes; at most payload_max, at least 256.
 */
void cxl_cci_limit_response(CXLCci *cci, uint32_t bytes);

/*
 * Answer one command.  @in may alias @out.  @out_max: room at @out, at most
 * response_max is used.  *@out_len is 0 unless the code is Success.
 */
CXLRetCode cxl_cci_run(CXLCci *cci, uint16_t opcode, const void *in,
                       size_t in_len, void *out, size_t out_max,
                       size_t *out_len);

/* Does this CCI take the command, or answer Unsupported Mailbox or CCI? */
bool cxl_cci_accepts(const CXLCci *cci, const CXLCommand *cmd);
/* CXL_EFF_*: what the row says, and what follows from how it runs. */
uint16_t cxl_command_effects(const CXLCommand *cmd);
/* Must its input be wiped, whatever the answer was? */
bool cxl_cci_is_secret(const CXLCci *cci, uint16_t opcode);
/* The Command Effects Log: entries that this CCI accepts.  @n from 0. */
unsigned cxl_cci_cel_count(const CXLCci *cci);
bool cxl_cci_cel_entry(const CXLCci *cci, unsigned n, uint16_t *opcode,
                       uint16_t *effects);

/* For handlers.  Room left in the answer, in bytes. */
size_t cxl_call_out_room(const CXLCall *call);
/* Append @len > 0 zeroed bytes to the answer, or NULL: they do not fit. */
void *cxl_call_put(CXLCall *call, size_t len);

/* The whole fixed input; the row has checked its length. */
#define CXL_CALL_IN(call, type)  ((const type *)(call)->in)
/* The fixed answer; the row's out_min has reserved the room. */
#define CXL_CALL_OUT(call, type) ((type *)cxl_call_put((call), sizeof(type)))

#endif
