/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event records: UUIDs, and where each field of each type is. */
#include "qemu/osdep.h"
#include "fake_device.h"
#include "hw/cxl/core/event_types.h"

#define AT(type, field, offset) \
    g_assert_cmphex(0x30 + offsetof(type, field), ==, offset)

static void test_uuids(void)
{
    static const char *const first[CXL_EVENT_TYPES] = {
        "\xfb\xcd\x0a\x77\xc2\x60\x41\x7f\x85\xa9\x08\x8b\x16\x21\xeb\xa6",
        "\x60\x1d\xcb\xb3\x9c\x06\x4e\xab\xb8\xaf\x4e\x9b\xfb\x5c\x96\x24",
        "\xfe\x92\x74\x75\xdd\x59\x43\x39\xa5\x86\x79\xba\xb1\x13\xb7\x74",
        "\xe7\x1f\x3a\x40\x2d\x29\x40\x92\x8a\x39\x4d\x1c\x96\x6c\x7c\x65",
        "\xca\x95\xaf\xa7\xf1\x83\x40\x18\x8c\x2f\x95\x26\x8e\x10\x1a\x2a",
        "\x77\xcf\x92\x71\x9c\x02\x47\x0b\x9f\xe4\xbc\x7b\x75\xf2\xda\x97",
        "\x40\xd2\x64\x25\x33\x96\x4c\x4d\xa5\xda\x3d\x47\x26\x3a\xf4\x25",
        "\x8d\xc4\x43\x63\x0c\x96\x47\x10\xb7\xbf\x04\xbb\x99\x53\x4c\x3f",
    };
    uint8_t other[16] = {};

    for (unsigned type = 0; type < CXL_EVENT_TYPES; type++) {
        g_assert_cmpmem(cxl_event_type(type)->uuid, 16, first[type], 16);
        g_assert_cmpuint(cxl_event_type_of((const uint8_t *)first[type]), ==,
                         type);
    }
    g_assert_cmpuint(cxl_event_type_of(other), ==, CXL_EVENT_TYPES);
}

/* Offsets in the record, as the standard's tables have them. */
static void test_layout(void)
{
    AT(CXLWireGeneralMediaEvent, validity, 0x3b);
    AT(CXLWireGeneralMediaEvent, device, 0x3f);
    AT(CXLWireGeneralMediaEvent, cme_threshold_flags, 0x52);
    AT(CXLWireGeneralMediaEvent, subtype, 0x56);
    AT(CXLWireDramEvent, nibble_mask, 0x3f);
    AT(CXLWireDramEvent, row, 0x44);
    AT(CXLWireDramEvent, correction_mask, 0x49);
    AT(CXLWireDramEvent, sub_channel, 0x79);
    AT(CXLWireDramEvent, subtype, 0x7e);
    AT(CXLWireMemoryModuleEvent, health, 0x31);
    AT(CXLWireMemoryModuleEvent, validity, 0x43);
    AT(CXLWireMemoryModuleEvent, subtype, 0x55);
    AT(CXLWireMemorySparingEvent, validity, 0x34);
    AT(CXLWireMemorySparingEvent, spares_available, 0x3c);
    AT(CXLWireMemorySparingEvent, row, 0x45);
    AT(CXLWireMemorySparingEvent, sub_channel, 0x5a);
    AT(CXLWirePhysicalSwitchEvent, config_state, 0x35);
    AT(CXLWirePhysicalSwitchEvent, max_width, 0x3a);
    AT(CXLWirePhysicalSwitchEvent, ltssm, 0x3f);
    AT(CXLWirePhysicalSwitchEvent, link_flags, 0x41);
    AT(CXLWireVirtualSwitchEvent, binding, 0x33);
    AT(CXLWireVirtualSwitchEvent, slot_control, 0x38);
    AT(CXLWireMldPortEvent, message, 0x34);
}

static void test_log(void)
{
    FakeDevice dev;
    CXLWireGeneralMediaEvent event = {
        .address = cxl_put64(0x1000 | CXL_EVENT_PA_VOLATILE), .subtype = 5,
    };
    const CXLWireEventRecord *record;

    fake_device_init(&dev, CXL_CCI_PRIMARY, FAKE_PAYLOAD, 5);
    g_assert_true(cxl_event_log(&dev.events, CXL_EVENT_LOG_FAILURE,
                                CXL_EVENT_GENERAL_MEDIA, &event));
    record = cxl_evlog_peek(&dev.events, CXL_EVENT_LOG_FAILURE, 0);
    g_assert_cmpmem(record->uuid, 16,
                    cxl_event_type(CXL_EVENT_GENERAL_MEDIA)->uuid, 16);
    g_assert_cmpmem(record->data, 0x50, &event, 0x50);
    g_assert_cmphex(cxl_get24(record->flags), ==, CXL_EVENT_LOG_FAILURE);
    g_assert_cmpuint(cxl_get16(record->related_handle), ==, 0);
    fake_device_finish(&dev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event_types/uuids", test_uuids);
    g_test_add_func("/event_types/layout", test_layout);
    g_test_add_func("/event_types/log", test_log);
    return g_test_run();
}
