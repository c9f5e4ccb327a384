/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL r3.2: Health Info and Alerts. */
#include "qemu/osdep.h"
#include "hw/cxl/core/cmdsets.h"

static CXLRetCode get_health_info(CXLCall *call)
{
    *CXL_CALL_OUT(call, CXLWireHealthInfo) = cxl_health_info(call->state);
    return CXL_RC_SUCCESS;
}

static CXLRetCode get_alert_configuration(CXLCall *call)
{
    const CXLHealth *health = call->state;
    const CXLAlerts *alerts = &health->alerts;

    *CXL_CALL_OUT(call, CXLWireAlertConfig) = (CXLWireAlertConfig) {
        .valid = alerts->enabled,
        .programmable = CXL_ALERT_MASK,
        .life_critical = CXL_HEALTH_LIFE_CRITICAL,
        .life_warning = alerts->life_warning,
        .over_critical = cxl_put16(CXL_HEALTH_OVER_CRITICAL),
        .under_critical = cxl_put16(CXL_HEALTH_UNDER_CRITICAL),
        .over_warning = cxl_put16(alerts->over_warning),
        .under_warning = cxl_put16(alerts->under_warning),
        .volatile_warning = cxl_put16(alerts->volatile_warning),
        .persistent_warning = cxl_put16(alerts->persistent_warning),
    };
    return CXL_RC_SUCCESS;
}

/* The thresholds in @in of the alerts in @which */
static void take_thresholds(CXLAlerts *alerts, uint8_t which,
                            const CXLWireSetAlertConfig *in)
{
    if (which & 1 << CXL_ALERT_LIFE_USED) {
        alerts->life_warning = in->life_warning;
    }
    if (which & 1 << CXL_ALERT_OVER_TEMPERATURE) {
        alerts->over_warning = cxl_get16(in->over_warning);
    }
    if (which & 1 << CXL_ALERT_UNDER_TEMPERATURE) {
        alerts->under_warning = cxl_get16(in->under_warning);
    }
    if (which & 1 << CXL_ALERT_CORRECTED_VOLATILE) {
        alerts->volatile_warning = cxl_get16(in->volatile_warning);
    }
    if (which & 1 << CXL_ALERT_CORRECTED_PERSISTENT) {
        alerts->persistent_warning = cxl_get16(in->persistent_warning);
    }
}

static CXLRetCode set_alert_configuration(CXLCall *call)
{
    CXLHealth *health = call->state;
    const CXLWireSetAlertConfig *in = CXL_CALL_IN(call,
                                                  CXLWireSetAlertConfig);
    CXLAlerts alerts = health->alerts;

    if (in->change & ~CXL_ALERT_MASK) {
        return CXL_RC_INVALID_INPUT;
    }
    alerts.enabled = (alerts.enabled & ~in->change) |
                     (in->enable & in->change);
    /* One that is turned off keeps its threshold. */
    take_thresholds(&alerts, in->change & in->enable, in);
    return cxl_health_set_alerts(health, &alerts) ? CXL_RC_SUCCESS
                                                  : CXL_RC_INVALID_INPUT;
}

static CXLRetCode get_shutdown_state(CXLCall *call)
{
    const CXLHealth *health = call->state;

    CXL_CALL_OUT(call, CXLWireShutdownState)->state =
        health->dirty ? CXL_SHUTDOWN_DIRTY : CXL_SHUTDOWN_CLEAN;
    return CXL_RC_SUCCESS;
}

static CXLRetCode set_shutdown_state(CXLCall *call)
{
    uint8_t state = CXL_CALL_IN(call, CXLWireShutdownState)->state;

    if (state > CXL_SHUTDOWN_DIRTY) {
        return CXL_RC_INVALID_INPUT;
    }
    cxl_health_set_dirty(call->state, state == CXL_SHUTDOWN_DIRTY);
    return CXL_RC_SUCCESS;
}

static const CXLCommand health_cmds[] = {
    CXL_CMD(0x4200, get_health_info, CXL_IN_NONE,
            .out_min = sizeof(CXLWireHealthInfo)),
    CXL_CMD(0x4201, get_alert_configuration, CXL_IN_NONE,
            .out_min = sizeof(CXLWireAlertConfig)),
    CXL_CMD(0x4202, set_alert_configuration,
            CXL_IN_EXACT(CXLWireSetAlertConfig),
            .effects = CXL_EFF_IMM_POLICY),
    CXL_CMD(0x4203, get_shutdown_state, CXL_IN_NONE,
            .out_min = sizeof(CXLWireShutdownState)),
    CXL_CMD(0x4204, set_shutdown_state, CXL_IN_EXACT(CXLWireShutdownState),
            .effects = CXL_EFF_IMM_POLICY, .gates = CXL_GATE_MEDIA),
};
CXL_COMMAND_SET(cxl_cmdset_health, health_cmds);
