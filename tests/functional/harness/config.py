# SPDX-License-Identifier: GPL-2.0-or-later
"""Walk the PCI configuration space that a guest saved for us."""

from __future__ import annotations

import struct

from cxl_vm.machine import Machine

CXL_VENDOR = 0x1E98
CAP_DSN, CAP_AER, CAP_DVSEC, CAP_DOE = 0x03, 0x01, 0x23, 0x2E
_EXTENDED = 0x100


def read(machine: Machine, function: str) -> bytes:
    """All 4 KiB of @function, such as 0000:0d:00.0."""
    return machine.run(f"cat /sys/bus/pci/devices/{function}/config").out


def extended(config: bytes) -> list[tuple[int, int]]:
    """(id, offset) of each extended capability."""
    found = []
    at = _EXTENDED
    while at and at + 4 <= len(config) and len(found) < 64:
        (header,) = struct.unpack_from("<I", config, at)
        if header:
            found.append((header & 0xFFFF, at))
        at = header >> 20
    return found


def cxl_dvsecs(config: bytes) -> dict[int, int]:
    """DVSEC id to offset, for those of the CXL consortium."""
    found = {}
    for kind, at in extended(config):
        if kind != CAP_DVSEC:
            continue
        vendor, ident = struct.unpack_from("<H2xH", config, at + 4)
        if vendor == CXL_VENDOR:
            found[ident] = at
    return found
