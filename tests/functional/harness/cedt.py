# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guest's CEDT says."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from cxl_vm.machine import Machine

from .group import equal, expect

PATH = "/sys/firmware/acpi/tables/CEDT"
HEADER = 36
CFMWS, CXIMS = 1, 2


def structures(machine: Machine) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of each structure."""
    table = machine.run(f"cat {PATH}").out
    equal(table[:4], b"CEDT", "signature")
    at = HEADER
    while at < len(table):
        kind, length = struct.unpack_from("<BxH", table, at)
        expect(length >= 4, f"a structure of {length} bytes")
        yield kind, table[at:at + length]
        at += length


def xor_maps(machine: Machine) -> dict[int, list[int]]:
    """The maps for each granularity, in bytes, that has some."""
    found: dict[int, list[int]] = {}
    for kind, data in structures(machine):
        if kind == CXIMS:
            code, count = data[6], data[7]
            equal(len(data), 8 + 8 * count, "length of a CXIMS")
            expect(256 << code not in found, "a granularity has two CXIMS")
            found[256 << code] = list(struct.unpack_from(f"<{count}Q",
                                                         data, 8))
    return found


def arithmetics(machine: Machine) -> list[int]:
    """Of the windows, in order: 0 modulo, 1 XOR."""
    return [data[25] for kind, data in structures(machine) if kind == CFMWS]
