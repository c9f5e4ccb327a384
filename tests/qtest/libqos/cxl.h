/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libqos: a q35 machine with CXL host bridges, root ports and memory devices,
 * found the way a guest finds them.
 *
 * Nothing here comes from the models' own headers: the numbers are those of
 * the standard, so that both sides are checked.  Offsets, sizes and
 * granularities are in bytes.
 */
#ifndef TESTS_LIBQOS_CXL_H
#define TESTS_LIBQOS_CXL_H

#include "tests/qtest/libqtest.h"

#define QCXL_MIB (1024 * 1024ULL)
#define QCXL_UNIT (256 * QCXL_MIB)      /* of every capacity and window */

#define QCXL_MAX_BRIDGES 16
#define QCXL_MAX_PORTS 8                /* root ports of one bridge */
#define QCXL_MAX_LEVELS 2                /* of switches */
#define QCXL_MAX_SWITCHES 16
#define QCXL_MAX_DEVICES (QCXL_MAX_BRIDGES * QCXL_MAX_PORTS)
#define QCXL_MAX_WINDOWS 32
#define QCXL_BARS 6

enum {
    QCXL_VOLATILE   = 1 << 0,
    QCXL_PERSISTENT = 1 << 1,
};

/* cxl-fmw.N; its targets are the first @ways bridges, in order. */
typedef struct QCXLWindowOptions {
    unsigned ways;                      /* 0: no such window */
    uint64_t size;
    uint64_t granularity;
    bool by_xor;
} QCXLWindowOptions;

typedef struct QCXLTopology {
    unsigned bridges;
    unsigned ports;                     /* root ports of each bridge */
    unsigned empty;                     /* the last ones: nothing plugged */
    /* Downstream ports of the switch below each port, by level; 0: none */
    unsigned fan[QCXL_MAX_LEVELS];
    unsigned kinds;                     /* QCXL_VOLATILE if 0 */
    uint64_t size;                      /* of each kind; QCXL_UNIT if 0 */
    uint64_t lsa;                       /* bytes; 0 for none */
    uint64_t metadata;                  /* the same */
    bool ram;                           /* not in files: migration moves it */
    const char *store;                  /* keep the files in this directory */
    /* More properties of the machine, each bridge, device, port, backend */
    const char *machine, *bridge, *device, *upstream, *downstream, *backend;
    const char *more;                   /* more of the command line, or NULL */
    QCXLWindowOptions window[QCXL_MAX_WINDOWS];
} QCXLTopology;

typedef struct QCXLMachine QCXLMachine;

/* A PCI function, with its BARs placed. */
typedef struct QCXLFunction {
    QCXLMachine *machine;
    uint8_t bus, devfn;
    uint64_t bar[QCXL_BARS], bar_size[QCXL_BARS];
    uint64_t component;                 /* address of the register block */
} QCXLFunction;

typedef struct QCXLPort {
    QCXLFunction fn;
    uint8_t number;                     /* as in Link Capabilities */
    unsigned below;                     /* 1 + index of a switch, or 0 */
} QCXLPort;

typedef struct QCXLSwitch {
    QCXLFunction fn;                    /* the upstream port */
    QCXLPort port[QCXL_MAX_PORTS];
} QCXLSwitch;

typedef struct QCXLBridge {
    uint32_t uid;
    uint64_t component;
    QCXLPort port[QCXL_MAX_PORTS];
} QCXLBridge;

typedef struct QCXLDevice {
    QCXLFunction fn;
    unsigned bridge, port;              /* the root port above */
    unsigned fan[QCXL_MAX_LEVELS];      /* the port of each switch above */
    unsigned number;                    /* of its id and files */
    uint64_t registers;                 /* device register block */
    uint64_t registers_size;
    uint64_t mailbox, memdev_status;
    uint32_t payload;                   /* bytes */
    uint8_t *host[2];                   /* its files: volatile, persistent */
} QCXLDevice;

/* As the CEDT says. */
typedef struct QCXLWindow {
    uint64_t base, size, granularity;
    unsigned ways;
    uint32_t target[16];                /* UIDs */
    uint16_t restrictions, qtg;
    bool by_xor;
    uint64_t map[4];                    /* as many as its ways need */
} QCXLWindow;

/* The maps of all XOR windows of a granularity. */
typedef struct QCXLMaps {
    unsigned count;                     /* 0: no such structure */
    uint64_t map[16];
} QCXLMaps;

struct QCXLMachine {
    QTestState *qts;
    QCXLTopology topology;
    char *store;
    unsigned windows, devices, switches;
    QCXLWindow window[QCXL_MAX_WINDOWS];
    QCXLMaps maps[7];                   /* by encoded granularity */
    QCXLBridge bridge[QCXL_MAX_BRIDGES];
    QCXLSwitch sw[QCXL_MAX_SWITCHES];
    QCXLDevice device[QCXL_MAX_DEVICES];    /* bridge by bridge */
    uint64_t next_bar;
    uint8_t next_bus, last_bus;         /* of the bridge at hand */
};

/* Start, enumerate, read the CEDT. */
QCXLMachine *qcxl_start(const QCXLTopology *topology);
/* The same without touching the guest: for -incoming. */
QCXLMachine *qcxl_launch(const QCXLTopology *topology);
void qcxl_stop(QCXLMachine *m);
/* The same, of a QEMU that is killed and cannot do anything about it. */
void qcxl_kill(QCXLMachine *m);
/* Place buses and BARs again: after a reset, a plug or an unplug. */
void qcxl_enumerate(QCXLMachine *m);
/* All ACPI tables, one after the other, as the firmware would load them. */
GByteArray *qcxl_acpi_tables(QCXLMachine *m);
/* Bridges and windows as the CEDT says. */
void qcxl_read_cedt(QCXLMachine *m);
/* The place among the window's targets that @hpa goes to. */
unsigned qcxl_window_position(const QCXLWindow *window, uint64_t hpa);
/* What qcxl_enumerate() would find, without a write: after a migration. */
void qcxl_adopt(QCXLMachine *m, const QCXLMachine *from);
/* Migrate to a file; and from one, into a machine with -incoming defer. */
void qcxl_save(const QCXLMachine *m, const char *path);
bool qcxl_load(const QCXLMachine *m, const char *path);
/* Until the state of a migration is @wanted; it must not fail. */
void qcxl_wait_for_migration(const QCXLMachine *m, const char *wanted);
/* The root bus of bridge @b; one past the last bus for one too many. */
uint8_t qcxl_bridge_bus(const QCXLTopology *topology, unsigned b);
/* The number of the port with index @p, of a bridge or a switch. */
uint8_t qcxl_port_number(unsigned p);
/* The command line of @topology, with its files below @store. */
char *qcxl_arguments(const QCXLTopology *topology, const char *store);

/*
 * A snapshot of the machine, "snapshot-save" or "snapshot-load", in an image
 * that qcxl_add_image() has put at @path.
 */
void qcxl_add_image(const QCXLMachine *m, const char *path);
void qcxl_snapshot(const QCXLMachine *m, const char *what);
/* Is the range that begins at @hpa mapped as @kind? */
bool qcxl_mapped(const QCXLMachine *m, uint64_t hpa, const char *kind);
/* Is it trapped, for a reason that has @words in it? */
bool qcxl_trapped(const QCXLMachine *m, uint64_t hpa, const char *words);

/* A directory of its own, and its removal with all files in it. */
char *qcxl_store_new(void);
void qcxl_store_remove(char *store);

/* Configuration space through ECAM; @size 1, 2 or 4. */
uint32_t qcxl_config_read(const QCXLFunction *fn, unsigned offset,
                          unsigned size);
void qcxl_config_write(const QCXLFunction *fn, unsigned offset,
                       unsigned size, uint32_t value);
/* Where a guest's other accesses find a register of configuration space. */
uint64_t qcxl_config_address(const QCXLFunction *fn, unsigned offset);
/* Offset of a (extended) capability or CXL DVSEC, or 0. */
unsigned qcxl_find_cap(const QCXLFunction *fn, uint8_t id);
unsigned qcxl_find_ext_cap(const QCXLFunction *fn, uint16_t id);
unsigned qcxl_find_dvsec(const QCXLFunction *fn, uint16_t id);
/*
 * MSI-X on; message n is written to the address that qcxl_msix_take() looks
 * at.  It answers whether message @n came since the last call.
 */
void qcxl_msix_enable(const QCXLFunction *fn);
bool qcxl_msix_take(const QCXLFunction *fn, unsigned n);

/* Any address; @size 1, 2, 4 or 8. */
uint64_t qcxl_read(const QCXLMachine *m, uint64_t address, unsigned size);
void qcxl_write(const QCXLMachine *m, uint64_t address, unsigned size,
                uint64_t value);
/* Address of a capability of a component register block, or 0. */
uint64_t qcxl_component_cap(const QCXLMachine *m, uint64_t component,
                            uint16_t id);

/* HDM decoders.  @hdm: the address of the capability. */
enum {
    QCXL_HDM_LOCK       = 1 << 8,
    QCXL_HDM_COMMIT     = 1 << 9,
    QCXL_HDM_COMMITTED  = 1 << 10,
    QCXL_HDM_ERROR      = 1 << 11,
    QCXL_HDM_HOST_ONLY  = 1 << 12,
};

typedef struct QCXLDecoder {
    uint64_t base, size;
    unsigned ways, granularity;         /* 0: 1 and 256 */
    uint64_t skip;                      /* device */
    uint8_t target[8];                  /* host bridge: port numbers */
    uint32_t flags;                     /* QCXL_HDM_LOCK, _HOST_ONLY */
} QCXLDecoder;

uint64_t qcxl_hdm(const QCXLMachine *m, uint64_t component);
/* The field codes of the standard; all take only legal values. */
unsigned qcxl_encode_ways(unsigned ways);
unsigned qcxl_decode_ways(unsigned code);
unsigned qcxl_encode_granularity(unsigned bytes);
/* Program decoder @n and commit it; the control register afterwards. */
uint32_t qcxl_hdm_commit(const QCXLMachine *m, uint64_t hdm, unsigned n,
                         const QCXLDecoder *decoder);
void qcxl_hdm_uncommit(const QCXLMachine *m, uint64_t hdm, unsigned n);
uint32_t qcxl_hdm_control(const QCXLMachine *m, uint64_t hdm, unsigned n);
uint64_t qcxl_hdm_base(const QCXLMachine *m, uint64_t hdm, unsigned n);
uint64_t qcxl_hdm_size(const QCXLMachine *m, uint64_t hdm, unsigned n);
/* Memory enable of the device and global enable of its decoders. */
void qcxl_mem_enable(const QCXLDevice *dev, bool on);

/*
 * One mailbox command; the return code.  *@out_len: room at @out, then the
 * length register.  Both may be NULL.
 */
unsigned qcxl_command(const QCXLDevice *dev, uint16_t opcode,
                      const void *in, size_t in_len,
                      void *out, size_t *out_len);
/* Ring the doorbell with what is in the payload; @length of 21 bits. */
unsigned qcxl_doorbell(const QCXLDevice *dev, uint16_t opcode,
                       uint32_t length);

/*
 * One DOE exchange of @in_dw dwords, headers included.  Dwords of the
 * answer, 0 if there is none, -1 after an error.  Never leaves it pending.
 */
int qcxl_doe(const QCXLFunction *fn, const uint32_t *in, unsigned in_dw,
             uint32_t *out, unsigned max_dw);
/* Entry @handle of the CDAT with its DOE headers; *@next is the handle after. */
unsigned qcxl_cdat_entry(const QCXLFunction *fn, uint16_t handle,
                         uint8_t *entry, unsigned max, uint16_t *next);
/* The whole table, checked to be as long as its header says. */
GByteArray *qcxl_cdat(const QCXLFunction *fn);

#endif
