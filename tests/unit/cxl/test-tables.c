/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every command row and every register row, by the rules for all of them. */
#include "qemu/osdep.h"
#include "fake_device.h"
#include "hw/cxl/core/regtables.h"

/* The smallest payload that a mailbox may have. */
#define MIN_PAYLOAD 256

static const CXLCciKind kinds[] = {
    CXL_CCI_PRIMARY, CXL_CCI_SECONDARY, CXL_CCI_LD, CXL_CCI_FM_LD,
    CXL_CCI_SWITCH, CXL_CCI_MCTP,
};

typedef void Prepare(FakeDevice *dev);

static void scan(FakeDevice *dev)
{
    cxl_scan_prepare(&dev->scan, 0, CXL_POISON_LINE, true);
    cxl_scan_ops.finish(&dev->scan);
}

/* Type user, the current passphrase and the next, which is the same */
static const char passphrases[] =
    "\1                               "
    "of exactly thirty-two characters"
    "of exactly thirty-two characters";

static void set_passphrase(FakeDevice *dev)
{
    g_assert_cmphex(cxl_security_set(&dev->security, CXL_PASSPHRASE_USER,
                                     (uint8_t *)passphrases + 0x20,
                                     (uint8_t *)passphrases + 0x40), ==, 0);
}

static void lock(FakeDevice *dev)
{
    set_passphrase(dev);
    cxl_security_reset(&dev->security, CXL_RESET_COLD);
}

/*
 * An input that a fake device, new but for the preparation if there is one,
 * answers with Success or takes to the background, for each command.
 */
static const struct {
    uint16_t opcode;
    const char *in;
    size_t len;
    Prepare *prepare;
} samples[] = {
    { 0x0001, "", 0 },
    { 0x0002, "", 0 },
    { 0x0003, "", 0 },
    { 0x0004, "\10", 1 },
    { 0x0005, "", 0 },
    { 0x0100, "\3", 1 },
    { 0x0101, "\0\0\0\0\0\0", 6 },
    { 0x0102, "", 0 },
    { 0x0103, "\1\1\1\1", 4 },
    { 0x0104, "", 0 },
    { 0x0105, "\x1f\x80", 2 },
    { 0x0106, "\1\0", 2 },
    { 0x0200, "", 0 },
    { 0x0201, (const char[256]) { 1, }, 256 },
    { 0x0202, "\1\2", 2 },
    { 0x0300, "", 0 },
    { 0x0301, "\1\2\3\4\5\6\7\10", 8 },
    { 0x0400, "", 0 },
    { 0x0401, "\x0d\xa9\xc0\xb5\xbf\x41\x4b\x78\x8f\x79\x96\xb1\x62\x3b\x3f"
              "\x17\0\0\0\0\10\0\0\0", 24 },
    { 0x0402, "\x0d\xa9\xc0\xb5\xbf\x41\x4b\x78\x8f\x79\x96\xb1\x62\x3b\x3f"
              "\x17", 16 },
    { 0x0403, "\x5e\x18\x19\xd9\x11\xa9\x40\x0c\x81\x1f\xd6\x07\x19\x40\x3d"
              "\x86", 16 },
    { 0x0404, "\xb3\xfa\xb4\xcf\x01\xb6\x43\x32\x94\x3e\x5e\x99\x62\xf2\x35"
              "\x67", 16 },
    { 0x0405, "\1\0", 2 },
    { 0x0500, "\10\0\0\0\0\0\0\0", 8 },
    { 0x0501, "\x96\xda\xd7\xd6\xfd\xe8\x48\x2b\xa7\x33\x75\x77\x4e\x06\xdb"
              "\x8a\0\0\4\0\0", 21 },
    { 0x0502, "\x96\xda\xd7\xd6\xfd\xe8\x48\x2b\xa7\x33\x75\x77\x4e\x06\xdb"
              "\x8a\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\30\1", 34 },
    { 0x0600, "\0\0", 2 },
    { 0x4000, "", 0 },
    { 0x4100, "", 0 },
    { 0x4101, "\2\0\0\0\0\0\0\0\0", 9 },
    { 0x4102, "\0\0\0\0\20\0\0\0", 8 },
    { 0x4103, "\0\0\0\0\0\0\0\0label", 13 },
    { 0x4200, "", 0 },
    { 0x4201, "", 0 },
    { 0x4202, "\1\1\36\0\0\0\0\0\0\0\0\0", 12 },
    { 0x4203, "", 0 },
    { 0x4204, "\1", 1 },
    { 0x4300, "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16 },
    { 0x4301, "\100\0\0\0\0\0\0\0", 8 },
    { 0x4302, "\100\0\0\0\0\0\0\0"
              "replacement data, of which there are exactly sixty-four bytes..."
              , 72 },
    { 0x4303, "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16 },
    { 0x4304, "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0", 17 },
    { 0x4305, "", 0, scan },
    { 0x4400, "", 0 },
    { 0x4401, "", 0 },
    { 0x4402, "\0\0\0\0\0\0\0\0\0\0\1\0", 12 },
    { 0x4500, "", 0 },
    { 0x4501, passphrases, 0x60 },
    { 0x4502, passphrases, 0x40, set_passphrase },
    { 0x4503, passphrases + 0x20, 0x20, lock },
    { 0x4504, "", 0 },
    { 0x4505, passphrases, 0x40, set_passphrase },
};

typedef void CommandCheck(FakeDevice *dev, const CXLCommand *cmd);

/* Run @check on a fresh device for each command of each set. */
static void each_command(CXLCciKind kind, CommandCheck *check)
{
    for (const CXLCommandSet *const *set = cxl_cmdsets; *set; set++) {
        for (unsigned i = 0; i < (*set)->count; i++) {
            FakeDevice dev;

            fake_device_init(&dev, kind, MIN_PAYLOAD, 5);
            check(&dev, &(*set)->cmds[i]);
            fake_device_finish(&dev);
        }
    }
}

/* The same on each kind of CCI. */
static void each_kind(CommandCheck *check)
{
    for (unsigned k = 0; k < ARRAY_SIZE(kinds); k++) {
        each_command(kinds[k], check);
    }
}

static void check_row(FakeDevice *dev, const CXLCommand *cmd)
{
    const char *c;

    g_assert_nonnull(cmd->run);
    g_assert_cmpuint(strlen(cmd->name), >, 0);
    for (c = cmd->name; *c; c++) {
        g_assert_true(g_ascii_islower(*c) || g_ascii_isdigit(*c) ||
                      *c == '_');
    }
    g_assert_cmpuint(cmd->in_min, <=, cmd->in_max);
    g_assert_cmpuint(cmd->in_min, <=, MIN_PAYLOAD);
    g_assert_cmpuint(cmd->out_min, <=, MIN_PAYLOAD);
    g_assert_cmphex(cmd->effects & ~0xfff, ==, 0);
    g_assert_cmphex(cmd->gates & ~(CXL_GATE_MEDIA | CXL_GATE_UNLOCKED |
                                   CXL_GATE_OPEN), ==, 0);
    g_assert_cmphex(cmd->on & ~CXL_CCI_ANY, ==, 0);
    if (g_str_has_prefix(cmd->name, "get_") ||
        g_str_has_prefix(cmd->name, "identify")) {
        g_assert_cmphex(cmd->effects, ==, 0);
    }
    if (cmd->bg) {
        g_assert_true(cmd->bg->duration && cmd->bg->finish);
    }
}

static void test_rows(void)
{
    each_command(CXL_CCI_PRIMARY, check_row);
}

static void test_opcodes(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    for (const CXLCommandSet *const *set = cxl_cmdsets; *set; set++) {
        for (unsigned i = 0; i < (*set)->count; i++) {
            uint16_t opcode = (*set)->cmds[i].opcode;

            g_assert_true(i == 0 || opcode > (*set)->cmds[i - 1].opcode);
            g_assert_true(g_hash_table_add(seen, GUINT_TO_POINTER(opcode)));
        }
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, ARRAY_SIZE(samples));
}

static bool in_cel(FakeDevice *dev, uint16_t want)
{
    uint16_t opcode, effects;
    unsigned found = 0;

    for (unsigned n = 0; cxl_cci_cel_entry(&dev->cci, n, &opcode, &effects);
         n++) {
        found += opcode == want;
    }
    g_assert_cmpuint(found, <=, 1);
    return found;
}

static void check_kind(FakeDevice *dev, const CXLCommand *cmd)
{
    bool accepted = cxl_cci_accepts(&dev->cci, cmd);
    CXLRetCode rc = fake_device_send(dev, cmd->opcode, NULL, 0);

    g_assert_true((rc != CXL_RC_UNSUPPORTED_CCI) == accepted);
    g_assert_true(in_cel(dev, cmd->opcode) == accepted);
}

static void test_kinds(void)
{
    each_kind(check_kind);
}

static void check_length(FakeDevice *dev, const CXLCommand *cmd)
{
    static const uint8_t in[MIN_PAYLOAD + 1];
    uint32_t max = MIN(cmd->in_max, MIN_PAYLOAD);

    if (!cxl_cci_accepts(&dev->cci, cmd)) {
        return;
    }
    /* Even while other gates are shut. */
    dev->locked = dev->media_disabled = true;
    g_assert_cmphex(fake_device_send(dev, cmd->opcode, in, max + 1), ==,
                    CXL_RC_INVALID_PAYLOAD_LENGTH);
    if (cmd->in_min) {
        g_assert_cmphex(fake_device_send(dev, cmd->opcode, in,
                                         cmd->in_min - 1), ==,
                        CXL_RC_INVALID_PAYLOAD_LENGTH);
    }
}

static void test_lengths(void)
{
    each_kind(check_length);
}

/* A shut gate makes a command fail that would not fail without the gate. */
static void check_gate(FakeDevice *dev, const CXLCommand *cmd, bool *shut,
                       uint16_t gate, CXLRetCode code)
{
    static const uint8_t in[MIN_PAYLOAD];
    bool stops = cxl_cci_accepts(&dev->cci, cmd) && cmd->gates & gate;
    CXLRetCode open = fake_device_send(dev, cmd->opcode, in, cmd->in_min);

    /* What runs in background would shut out anything else. */
    cxl_bg_reset(&dev->cci.bg);
    *shut = true;
    g_assert_cmphex(fake_device_send(dev, cmd->opcode, in, cmd->in_min), ==,
                    stops ? code : open);
    *shut = false;
    cxl_bg_reset(&dev->cci.bg);
}

static void check_gates(FakeDevice *dev, const CXLCommand *cmd)
{
    check_gate(dev, cmd, &dev->media_disabled, CXL_GATE_MEDIA,
               CXL_RC_MEDIA_DISABLED);
    check_gate(dev, cmd, &dev->locked, CXL_GATE_UNLOCKED,
               CXL_RC_INVALID_SECURITY_STATE);
    check_gate(dev, cmd, &dev->has_passphrase, CXL_GATE_OPEN,
               CXL_RC_INVALID_SECURITY_STATE);
}

static void test_gates(void)
{
    each_kind(check_gates);
}

/* Any content: a defined code, and an answer only with Success. */
static void check_content(FakeDevice *dev, const CXLCommand *cmd)
{
    uint8_t in[MIN_PAYLOAD];
    uint32_t max = MIN(cmd->in_max, MIN_PAYLOAD);

    fake_device_log(dev, CXL_EVENT_LOG_INFO, FAKE_EVENT_DEPTH + 1);
    for (unsigned n = 0; n < 200; n++) {
        size_t len = g_test_rand_int_range(cmd->in_min, max + 1);
        CXLRetCode rc;

        for (unsigned i = 0; i < len; i++) {
            in[i] = n % 2 ? g_test_rand_int() : g_test_rand_int_range(0, 3);
        }
        rc = fake_device_send(dev, cmd->opcode, in, len);
        g_assert_cmphex(rc, <=, CXL_RC_ABORT_UNSUPPORTED);
        g_assert_cmpuint(dev->out_len, <=, MIN_PAYLOAD);
        g_assert_true(rc == CXL_RC_SUCCESS || dev->out_len == 0);
    }
}

static void test_content(void)
{
    each_kind(check_content);
}

/* What the row promises of a good answer; without room for it, 16h. */
static void check_room(FakeDevice *dev, unsigned n)
{
    const char *in = samples[n].in;
    size_t len = samples[n].len, room = dev->out_len - 1;
    g_autofree uint8_t *out = g_malloc(room);
    CXLRetCode rc = cxl_cci_run(&dev->cci, samples[n].opcode, in, len, out,
                                room, &dev->out_len);

    g_assert_true(rc == CXL_RC_INVALID_PAYLOAD_LENGTH ||
                  rc == CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(dev->out_len, ==, 0);
}

static CXLCciKind some_kind(const CXLCommand *cmd)
{
    return cmd->on & CXL_CCI_MCTP || !cmd->on ? CXL_CCI_MCTP
                                              : CXL_CCI_PRIMARY;
}

static void check_sample(FakeDevice *dev, const CXLCommand *cmd)
{
    unsigned n = 0;
    CXLRetCode rc;

    while (n < ARRAY_SIZE(samples) && samples[n].opcode != cmd->opcode) {
        n++;
    }
    g_assert_cmpuint(n, <, ARRAY_SIZE(samples));
    dev->cci.kind = some_kind(cmd);
    if (samples[n].prepare) {
        samples[n].prepare(dev);
    }
    /* An image that can be activated */
    dev->firmware.slot[1].revision[0] = '2';
    rc = fake_device_send(dev, cmd->opcode, samples[n].in, samples[n].len);
    g_assert_true(rc == CXL_RC_SUCCESS ||
                  (rc == CXL_RC_BG_STARTED && cmd->bg));
    g_assert_cmpuint(dev->out_len, >=, rc ? 0 : MIN(cmd->out_min, 5));
    if (dev->out_len) {
        check_room(dev, n);
    }
}

/* No command without a sample here: none stays unexercised. */
static void test_samples(void)
{
    each_command(CXL_CCI_MCTP, check_sample);
}

static uint64_t size_mask(const CXLRegRow *row)
{
    return MAKE_64BIT_MASK(0, row->size * 8);
}

static void check_register_row(const CXLRegRow *row)
{
    g_assert_cmpuint(strlen(row->name), >, 0);
    g_assert_true(row->size == 1 || row->size == 2 || row->size == 4 ||
                  row->size == 8);
    g_assert_cmpuint(row->offset % MIN(row->size, 4), ==, 0);
    g_assert_true(row->count <= 1 || row->stride >= row->size);
    g_assert_cmphex((row->reset | row->rw | row->locked_rw | row->w1c |
                     row->rwo | row->sticky) & ~size_mask(row), ==, 0);
    g_assert_cmphex(row->rw & row->locked_rw, ==, 0);
    g_assert_cmphex((row->rw | row->locked_rw) & (row->w1c | row->rwo), ==,
                    0);
    g_assert_cmphex(row->w1c & row->rwo, ==, 0);
}

static uint32_t row_end(const CXLRegRow *row)
{
    return row->offset + (MAX(row->count, 1) - 1) * row->stride + row->size;
}

static uint32_t table_end(const CXLRegTable *table)
{
    uint32_t end = 0;

    for (unsigned i = 0; i < table->count; i++) {
        end = MAX(end, row_end(&table->rows[i]));
    }
    return end;
}

/* Rows ascend; no byte belongs to two registers. */
static void check_no_overlap(const CXLRegTable *table)
{
    g_autofree uint8_t *used = g_malloc0(table_end(table));

    for (unsigned i = 0; i < table->count; i++) {
        const CXLRegRow *row = &table->rows[i];

        g_assert_true(i == 0 || row->offset > row[-1].offset);
        for (unsigned n = 0; n < MAX(row->count, 1); n++) {
            for (unsigned b = 0; b < row->size; b++) {
                g_assert_cmpuint(used[row->offset + n * row->stride + b]++,
                                 ==, 0);
            }
        }
    }
}

static void test_register_rows(void)
{
    for (const CXLRegTable *const *t = cxl_regtables; *t; t++) {
        g_assert_true(g_str_has_prefix((*t)->name, "cxl_"));
        for (unsigned i = 0; i < (*t)->count; i++) {
            check_register_row(&(*t)->rows[i]);
        }
        check_no_overlap(*t);
    }
}

/* Writes reach the bits that the row names, and a cold reset undoes them. */
static void check_register(CXLRegBank *bank, const CXLRegRow *row,
                           unsigned n)
{
    uint32_t offset = row->offset + n * row->stride;
    uint64_t plain = row->rw | row->locked_rw;

    cxl_regbank_write(bank, offset, UINT64_MAX, row->size);
    g_assert_cmphex(cxl_regbank_read(bank, offset, row->size), ==,
                    (row->reset & ~row->w1c) | plain | row->rwo);
    cxl_regbank_write(bank, offset, 0, row->size);
    g_assert_cmphex(cxl_regbank_read(bank, offset, row->size), ==,
                    (row->reset & ~row->w1c & ~plain) | row->rwo);
}

static void test_registers(void)
{
    for (const CXLRegTable *const *t = cxl_regtables; *t; t++) {
        g_autofree CXLRegRow *rows = g_new(CXLRegRow, (*t)->count);
        CXLRegTable table = **t;
        CXLRegBank bank;

        memcpy(rows, table.rows, table.count * sizeof(*rows));
        table.rows = rows;
        cxl_regbank_init(&bank, &table, table_end(&table), NULL);
        for (unsigned i = 0; i < table.count; i++) {
            rows[i].wrote = NULL;       /* needs the part */
            for (unsigned n = 0; n < MAX(rows[i].count, 1); n++) {
                check_register(&bank, &rows[i], n);
            }
        }
        cxl_regbank_reset(&bank, CXL_RESET_COLD);
        g_assert_cmpmem(bank.data, bank.size, bank.init, bank.size);
        cxl_regbank_finish(&bank);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tables/rows", test_rows);
    g_test_add_func("/tables/opcodes", test_opcodes);
    g_test_add_func("/tables/kinds", test_kinds);
    g_test_add_func("/tables/lengths", test_lengths);
    g_test_add_func("/tables/gates", test_gates);
    g_test_add_func("/tables/content", test_content);
    g_test_add_func("/tables/samples", test_samples);
    g_test_add_func("/tables/register-rows", test_register_rows);
    g_test_add_func("/tables/registers", test_registers);
    return g_test_run();
}
