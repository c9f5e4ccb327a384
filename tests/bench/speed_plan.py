# SPDX-License-Identifier: GPL-2.0-or-later
"""What memory there is to measure: machines, and the regions made in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cxl_vm import topology
from cxl_vm.topology import Topology

BUSES = (12, 92, 172)
# Devices below each of so many bridges.  Linux has 12 ways only over three.
PORTS = {2: 8, 3: 4}
SWITCH_PORTS = 8
# Windows of the machine without a switch.
FINE, COARSE, ALONE = range(3)


@dataclass(frozen=True)
class Host:
    """A machine to boot.  @files: the devices' memory is in shared files."""

    name: str
    kind: str = "volatile"
    options: str = ""
    switched: bool = False
    files: bool = False
    bridges: int = 2

    @property
    def place(self) -> str:
        """A name for its logs."""
        return f"{self.name}-{self.bridges}".replace(" ", "-")

    @property
    def shape(self) -> Topology:
        """Bridges with devices, or one with a switch with devices."""
        defaults = {self.kind: "256M"}
        if self.options:
            defaults["options"] = self.options
        if self.kind == "persistent":
            defaults["lsa"] = "1M"
        raw = {**(_switch() if self.switched else _bridges(self.bridges)),
               "device-defaults": defaults}
        return topology.parse(raw, Path(self.name))


def _bridges(count: int) -> dict[str, Any]:
    names = [f"hb{n}" for n in range(count)]
    size = f"{4 * count}G"
    return {
        "bridge": [
            {"name": name, "bus": bus,
             "ports": [{"count": PORTS[count], "device": "dev*"}]}
            for name, bus in zip(names, BUSES)
        ],
        "window": [
            {"targets": names, "size": size, "granularity": "256"},
            {"targets": names, "size": size, "granularity": "4k"},
            {"targets": names[:1], "size": "4G"},
        ],
    }


def _switch() -> dict[str, Any]:
    ports = [{"count": SWITCH_PORTS, "device": "dev*"}]
    return {
        "bridge": [{"name": "hb0", "bus": 12, "hdm_for_passthrough": True,
                    "ports": [{"switch": "sw0", "ports": ports}]}],
        "window": [{"targets": ["hb0"], "size": "4G"}],
    }


@dataclass(frozen=True)
class Case:
    """A region; @granularity in bytes.  @usual: measured by default."""

    host: Host
    ways: int
    granularity: int
    usual: bool

    @property
    def name(self) -> str:
        """Such as 'volatile 4-way 256'."""
        grain = f" {self.granularity}" if self.ways > 1 else ""
        return f"{self.host.name} {self.ways}-way{grain}"

    @property
    def devices(self) -> list[str]:
        """In the order of the interleave: bridges take turns."""
        if self.host.switched or self.ways == 1:
            return [f"dev{n}" for n in range(self.ways)]
        bridges = self.host.bridges
        return [f"dev{n // bridges + n % bridges * PORTS[bridges]}"
                for n in range(self.ways)]

    @property
    def window(self) -> int:
        """The window to make it in."""
        if self.host.switched:
            return 0
        if self.ways == 1:
            return ALONE
        return FINE if self.granularity == 256 else COARSE

    @property
    def region_kind(self) -> str:
        """As cxl-cli calls it."""
        return "ram" if self.host.kind == "volatile" else "pmem"


VOLATILE = Host("volatile")
TRAPPED = Host("weave=off", options="weave=off")
SWITCH = Host("switch", switched=True)
PERSISTENT = Host("persistent", kind="persistent", options="weave=on",
                  files=True)
SHARED = Host("shared file", options="weave=on", files=True)
PERSISTENT_SWITCH = Host("persistent, switch", kind="persistent",
                         options="weave=on", switched=True, files=True)

_WAYS = (1, 2, 4, 8, 16)
_MATRIX: tuple[tuple[Host, tuple[int, ...], set[tuple[int, int]]], ...] = (
    (VOLATILE, _WAYS, {(ways, 256) for ways in _WAYS} | {(4, 4096)}),
    (replace(VOLATILE, bridges=3), (12,), {(12, 256)}),
    (SWITCH, _WAYS[:4], {(1, 256), (4, 256)}),
    (PERSISTENT, _WAYS, {(1, 256), (2, 256), (4, 256), (4, 4096)}),
    (replace(PERSISTENT, bridges=3), (12,), set()),
    (PERSISTENT_SWITCH, _WAYS[:4], set()),
    (SHARED, _WAYS, set()),
    (TRAPPED, _WAYS, {(2, 256)}),
)


def cases() -> list[Case]:
    """All there are, machine by machine."""
    return [
        Case(host, ways, granularity, (ways, granularity) in usual)
        for host, all_ways, usual in _MATRIX
        for ways in all_ways
        for granularity in ((256, 4096) if ways > 1 else (256,))
    ]


def peer_cases() -> list[Case]:
    """What is measured beside another QEMU, on VOLATILE and TRAPPED."""
    return [
        Case(VOLATILE, ways, 256, True) for ways in (1, 2, 4)
    ]
