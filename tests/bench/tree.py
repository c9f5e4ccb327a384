# SPDX-License-Identifier: GPL-2.0-or-later
"""Trees of many devices, in options that any QEMU with CXL takes."""

from __future__ import annotations

from dataclasses import dataclass

from cxl_vm.topology import Window
from cxl_vm.units import MIB

DEVICE = 256 * MIB
BRIDGES = 2
SWITCH_PORTS = 4
SLOTS = 16
# Each bridge has the buses up to the next one's.
FIRST_BUS, BUSES = 16, 112


@dataclass(frozen=True)
class Tree:
    """@count devices of 256 MiB below two bridges.

    @switched: four to a switch, one switch to a root port; else one device
    to a root port.  @bare: the same ports with nothing in them.
    """

    count: int
    switched: bool = True
    bare: bool = False

    @property
    def per_bridge(self) -> list[int]:
        """How many devices each bridge has, none empty."""
        unit = SWITCH_PORTS if self.switched else 1
        groups = -(-self.count // unit)
        bridges = min(BRIDGES if self.switched else -(-groups // SLOTS) or 1,
                      groups)
        share = -(-groups // bridges) * unit
        return [
            min(share, self.count - index * share) for index in range(bridges)
        ]

    @property
    def windows(self) -> list[Window]:
        """One for each bridge, with room for all that is below it."""
        return [
            Window((f"hb{index}",), count * DEVICE, 256, None, None)
            for index, count in enumerate(self.per_bridge)
        ]

    def args(self) -> list[str]:
        """Backends, bridges, ports, switches and devices."""
        words: list[str] = []
        number = 0
        for index, count in enumerate(self.per_bridge):
            bus = FIRST_BUS + index * (
                BUSES if self.switched else 2 * SLOTS)
            words += ["-device",
                      f"pxb-cxl,id=hb{index},bus=pcie.0,bus_nr={bus}"]
            for port in range(count):
                words += self._ports(index, port, number)
                words += self._device(number)
                number += 1
        return words

    def _ports(self, bridge: int, port: int, number: int) -> list[str]:
        """What leads to device @number, @port of those of its bridge."""
        if not self.switched:
            return _root_port(bridge, port, f"port{number}")
        switch, below = divmod(port, SWITCH_PORTS)
        name = f"b{bridge}s{switch}"
        words = [] if below else [
            *_root_port(bridge, switch, f"rp-{name}"),
            "-device", f"cxl-upstream,id=us-{name},bus=rp-{name}",
        ]
        return words + [
            "-device",
            f"cxl-downstream,id=port{number},bus=us-{name},port={below},"
            f"chassis={100 + bridge},slot={port}",
        ]

    def _device(self, number: int) -> list[str]:
        if self.bare:
            return []
        return [
            "-object",
            f"memory-backend-memfd,id=mem{number},size={DEVICE},share=on",
            "-device",
            f"cxl-type3,id=dev{number},bus=port{number},sn={number + 1},"
            f"volatile-memdev=mem{number}",
        ]


def _root_port(bridge: int, port: int, name: str) -> list[str]:
    return [
        "-device",
        f"cxl-rp,id={name},bus=hb{bridge},port={port},chassis={bridge},"
        f"slot={port}",
    ]
