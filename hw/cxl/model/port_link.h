/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link below a root or downstream port: up, or down because a user broke
 * it or the guest disabled it.  While it is down nothing below can be reached
 * and, as PCIe has it, what was there is reset.
 */
#ifndef HW_CXL_MODEL_PORT_LINK_H
#define HW_CXL_MODEL_PORT_LINK_H

#include "hw/cxl/model/port_common.h"
#include "hw/qdev-core.h"

/* Let the guest disable the link.  CXL r3.2: Unmask Link Disable */
void cxl_port_link_init(CXLPort *port);
/* A class of slots: what is plugged in has a new link. */
void cxl_port_link_class_init(ObjectClass *klass);
/* Call when something that decides has changed; false: nothing has moved. */
bool cxl_port_link_update(CXLPort *port);
/* A reset of the port itself trains the link anew. */
void cxl_port_link_reset(CXLPort *port);
/* The same state as before, after the base has powered what is below. */
void cxl_port_link_loaded(CXLPort *port);
/* Always true of an upstream port. */
bool cxl_port_link_up(const CXLPort *port);
/*
 * Surprise link down, or up again; the guest gets a hot-plug event if the
 * slot has such.  False if there is nothing that could go down.
 */
bool cxl_port_link_break(CXLPort *port, bool down, Error **errp);

#endif
