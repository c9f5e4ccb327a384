# SPDX-License-Identifier: GPL-2.0-or-later
"""A CXL topology: bridges with what is below them, and windows.

The files are TOML; scripts/topologies/README.rst describes every key.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import performance
from .errors import VmError
from .performance import Performance
from .topology_keys import Table
from .topology_region import FirmwareRegion, parse_region
from .topology_tree import (
    CAPACITY_UNIT, Device, Numbers, Port, Switch, check_defaults, parse_ports,
    walk,
)
from .units import GIB, format_size

DIRECTORY = Path(__file__).resolve().parent.parent / "topologies"
MAX_BRIDGES = 16
# eIW of a fixed window: 1, 2, 4, 8, 16 ways and 3, 6, 12.
WINDOW_WAYS = (1, 2, 3, 4, 6, 8, 12, 16)
GRANULARITIES = tuple(256 << shift for shift in range(7))


class TopologyError(VmError):
    """A topology file, a key in it, and what to write instead."""


@dataclass(frozen=True)
class Bridge:
    """A host bridge on PCI bus @bus."""

    name: str
    bus: int
    hdm_for_passthrough: bool
    ports: tuple[Port, ...]
    options: str = ""
    generic_port: Performance | None = None

    @property
    def all_ports(self) -> list[Port]:
        """Root ports and those of switches, top down in port order."""
        return list(walk(self.ports))

    @property
    def devices(self) -> list[Device]:
        """The devices below, in port order."""
        return [port.device for port in self.all_ports if port.device]

    @property
    def switches(self) -> list[Switch]:
        """The switches below, in port order."""
        return [port.switch for port in self.all_ports if port.switch]

    @property
    def last_bus(self) -> int:
        """The highest bus number that is needed below."""
        return self.bus + sum(port.buses for port in self.ports)


@dataclass(frozen=True)
class Window:
    """A fixed memory window; @size and @granularity in bytes."""

    targets: tuple[str, ...]
    size: int
    granularity: int
    restrictions: int | None
    qtg: int | None
    qtg_max_latency: int | None = None
    qtg_min_bandwidth: int | None = None
    arithmetic: str = "modulo"
    # XOR: address bits whose parity selects; empty for QEMU's choice.
    xor_maps: tuple[int, ...] = ()


@dataclass(frozen=True)
class Topology:
    """Everything a file says, checked."""

    name: str
    description: str
    bridges: tuple[Bridge, ...]
    windows: tuple[Window, ...]
    regions: tuple[FirmwareRegion, ...] = ()
    source: Path = field(default=Path(), compare=False)

    @property
    def devices(self) -> list[Device]:
        """All devices, bridge by bridge."""
        return [dev for bridge in self.bridges for dev in bridge.devices]

    @property
    def switches(self) -> list[Switch]:
        """All switches, bridge by bridge."""
        return [item for bridge in self.bridges for item in bridge.switches]

    def path(self, device: str) -> list[Port]:
        """The ports on the way from a bridge down to @device."""
        for bridge in self.bridges:
            found = _path(bridge.ports, device)
            if found:
                return found
        raise KeyError(device)


def _path(ports: tuple[Port, ...], device: str) -> list[Port]:
    for port in ports:
        if port.device and port.device.name == device:
            return [port]
        rest = _path(port.below, device)
        if rest:
            return [port, *rest]
    return []


def names() -> list[str]:
    """The topologies that come with the launcher."""
    return sorted(path.stem for path in DIRECTORY.glob("*.toml"))


def load(name: str) -> Topology:
    """The topology called @name, or in the file @name."""
    path = DIRECTORY / f"{name}.toml"
    if "/" in name or name.endswith(".toml"):
        path = Path(name)
    if not path.is_file():
        raise TopologyError(
            f"no topology '{name}': give a file, or one of "
            + ", ".join(names())
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TopologyError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise TopologyError(f"{path}: nested too deeply") from None
    return parse(raw, path)


def parse(raw: dict[str, Any], path: Path) -> Topology:
    """Check the tables of a file; TopologyError names file and key."""
    top = Table(raw, f"{path}", "", TopologyError)
    defaults = top.table("device-defaults")
    check_defaults(defaults)
    numbers = Numbers()
    bridges = tuple(
        _bridge(table, defaults, numbers) for table in top.tables("bridge")
    )
    windows = tuple(_window(table) for table in top.tables("window"))
    topology = Topology(
        name=path.stem,
        description=top.text("description", ""),
        bridges=bridges,
        windows=windows,
        regions=tuple(
            parse_region(
                table, index, len(windows),
                [dev.name for bridge in bridges for dev in bridge.devices],
            )
            for index, table in enumerate(top.tables("region"))
        ),
        source=path,
    )
    top.done()
    _check_bridges(topology, top)
    _check_devices(topology, top)
    _check_windows(topology, top)
    return topology


def _bridge(table: Table, defaults: Table, numbers: Numbers) -> Bridge:
    name = table.text("name")
    bridge = Bridge(
        name=name,
        bus=table.integer("bus", low=1, high=254),
        hdm_for_passthrough=table.flag("hdm_for_passthrough", False),
        ports=parse_ports(table, f"{name}rp", defaults, numbers),
        options=table.options("options"),
        generic_port=performance.parse(
            table.optional_table("generic_port"), performance.BRIDGE
        ),
    )
    table.done()
    return bridge


def _window(table: Table) -> Window:
    window = Window(
        targets=tuple(table.texts("targets")),
        size=table.size("size"),
        granularity=table.size("granularity", 256),
        restrictions=table.optional_integer("restrictions", 0xFFFF),
        qtg=table.optional_integer("qtg", 0xFFFF),
        qtg_max_latency=table.optional_integer(
            "qtg_max_latency", performance.MOST
        ),
        qtg_min_bandwidth=table.optional_integer(
            "qtg_min_bandwidth", 0xFFFFFFFF
        ),
        arithmetic=table.text("arithmetic", "modulo"),
        xor_maps=tuple(table.integers("xor_maps")),
    )
    table.done()
    if window.arithmetic not in ("modulo", "xor"):
        table.fail("arithmetic", 'must be "modulo" or "xor"')
    if window.xor_maps and window.arithmetic != "xor":
        table.fail("xor_maps", 'needs arithmetic = "xor"')
    ways = len(window.targets)
    if ways not in WINDOW_WAYS:
        known = ", ".join(map(str, WINDOW_WAYS))
        table.fail("targets", f"{ways} bridges: name one of {known}")
    if window.granularity not in GRANULARITIES:
        table.fail("granularity", "must be a power of two, 256 to 16k")
    if not window.size or window.size % (CAPACITY_UNIT * ways):
        unit = format_size(CAPACITY_UNIT * ways)
        table.fail(
            "size", f"must be a multiple of {unit} (256M x {ways} ways)"
        )
    if window.size > 1024 * GIB:
        table.fail("size", "is more than 1T")
    return window


def _check_bridges(topology: Topology, top: Table) -> None:
    bridges = topology.bridges
    if not bridges:
        top.fail("bridge", "name at least one [[bridge]]")
    if len(bridges) > MAX_BRIDGES:
        top.fail("bridge", f"{len(bridges)} of them; at most {MAX_BRIDGES}")
    _unique(top, "bridge.name", [bridge.name for bridge in bridges])
    for bridge in bridges:
        for other in bridges:
            if bridge.bus < other.bus <= bridge.last_bus:
                top.fail(
                    "bridge.bus",
                    f"'{bridge.name}' needs buses {bridge.bus} to "
                    f"{bridge.last_bus}, one for itself, for each port and "
                    f"for each switch, but '{other.name}' is on "
                    f"{other.bus}: move it",
                )
        if bridge.last_bus > 255:
            top.fail(
                "bridge.bus",
                f"'{bridge.name}' needs buses {bridge.bus} to "
                f"{bridge.last_bus}, but there are none past 255: give it "
                "a lower bus, or fewer ports",
            )
    _unique(top, "bridge.bus", [str(bridge.bus) for bridge in bridges])


def _check_devices(topology: Topology, top: Table) -> None:
    devices = topology.devices
    _unique(top, "ports.device", [device.name for device in devices])
    _unique(top, "ports.serial", [f"{dev.serial:#x}" for dev in devices])
    _unique(top, "ports.switch", [item.name for item in topology.switches])
    # All are ids of QEMU devices.
    names_used = [bridge.name for bridge in topology.bridges]
    names_used += [item.name for item in topology.switches]
    names_used += [device.name for device in devices]
    names_used += [
        port.name for bridge in topology.bridges for port in bridge.all_ports
    ]
    _unique(top, "name", names_used)


def _check_windows(topology: Topology, top: Table) -> None:
    known = [bridge.name for bridge in topology.bridges]
    for window in topology.windows:
        _unique(top, "window.targets", list(window.targets))
        for target in window.targets:
            if target not in known:
                top.fail(
                    "window.targets",
                    f"no bridge '{target}': name one of {', '.join(known)}",
                )


def _unique(top: Table, key: str, values: list[str]) -> None:
    for value, times in Counter(values).items():
        if times > 1:
            top.fail(key, f"'{value}' is there twice: give each its own")
