/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI bus numbers below the host bridges. */
#ifndef HW_CXL_HOST_BUSES_H
#define HW_CXL_HOST_BUSES_H

#include "hw/pci/pci.h"

/*
 * Warn of every pxb-cxl below @root with more buses than bus numbers up to
 * the next bridge's bus_nr=.  Call once all devices of the command line exist.
 */
void cxl_buses_check(PCIBus *root);

#endif
