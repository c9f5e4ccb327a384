# SPDX-License-Identifier: GPL-2.0-or-later
"""Write a pattern in the guest, look for it in the host's files.

Where a byte should be is computed by cxl_vm.layout, apart from the model.
"""

from __future__ import annotations

import struct

from cxl_vm import layout
from cxl_vm.guest_cxl import GuestCxl, Region
from cxl_vm.units import KIB

from .group import expect

_FACTOR = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
SEED = 0x0123456789ABCDEF
SPAN = 96 * KIB


def pattern(offset: int, size: int, seed: int = SEED) -> bytes:
    """What daxio writes at @offset; both multiples of 8."""
    words = [
        (at * _FACTOR + seed) & _MASK
        for at in range(offset, offset + size, 8)
    ]
    return struct.pack(f"<{len(words)}Q", *words)


def spots(size: int) -> list[int]:
    """Where to look in @size bytes: begin, around the half, end."""
    return [0, size // 2 - SPAN // 2, size * 3 // 4, size - SPAN]


def fill(guest: GuestCxl, dax: str, size: int) -> None:
    """Write the pattern at all spots and read it back in the guest."""
    for verb in ("fill", "verify"):
        for spot in spots(size):
            guest.machine.check(
                f"daxio {verb} /dev/{dax} {spot} {SPAN} {SEED:#x}"
            )


def verify_files(
    guest: GuestCxl, region: Region, size: int, start: int = 0
) -> None:
    """The spots of the dax device, @start bytes into @region, in files."""
    shares = guest.shares(region)
    for spot in spots(size):
        found = layout.gather(
            shares, region.granularity, start + spot, SPAN
        )
        wanted = pattern(spot, SPAN)
        if found == wanted:
            continue
        at = next(
            at for at in range(SPAN) if found[at:at + 1] != wanted[at:at + 1]
        )
        position, inside = layout.locate(
            start + spot + at, len(shares), region.granularity
        )
        name = shares[position][0].name
        expect(False, f"{region.name}: byte {start + spot + at:#x} should "
               f"be in {name} at {shares[position][1] + inside:#x}, "
               "and is not")
