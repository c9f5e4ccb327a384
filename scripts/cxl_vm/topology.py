# SPDX-License-Identifier: GPL-2.0-or-later
"""A CXL topology: bridges with root ports and devices, and windows.

The files are TOML; scripts/topologies/README.rst describes every key.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import VmError
from .topology_keys import Table
from .units import GIB, MIB, format_size

DIRECTORY = Path(__file__).resolve().parent.parent / "topologies"
WINDOW_UNIT = 256 * MIB
MAX_BRIDGES = 16
# eIW of a fixed window: 1, 2, 4, 8, 16 ways and 3, 6, 12.
WINDOW_WAYS = (1, 2, 3, 4, 6, 8, 12, 16)
GRANULARITIES = tuple(256 << shift for shift in range(7))


class TopologyError(VmError):
    """A topology file, a key in it, and what to write instead."""


@dataclass(frozen=True)
class Device:
    """One memory device; sizes in bytes, 0 for none."""

    name: str
    volatile: int
    persistent: int
    lsa: int
    serial: int


@dataclass(frozen=True)
class Port:
    """A root port and what is plugged into it."""

    name: str
    device: Device | None


@dataclass(frozen=True)
class Bridge:
    """A host bridge on PCI bus @bus."""

    name: str
    bus: int
    hdm_for_passthrough: bool
    ports: tuple[Port, ...]

    @property
    def devices(self) -> list[Device]:
        """The devices below, in port order."""
        return [port.device for port in self.ports if port.device]


@dataclass(frozen=True)
class Window:
    """A fixed memory window; @size and @granularity in bytes."""

    targets: tuple[str, ...]
    size: int
    granularity: int
    restrictions: int | None
    qtg: int | None


@dataclass(frozen=True)
class Topology:
    """Everything a file says, checked."""

    name: str
    description: str
    bridges: tuple[Bridge, ...]
    windows: tuple[Window, ...]
    source: Path = field(default=Path(), compare=False)

    @property
    def devices(self) -> list[Device]:
        """All devices, bridge by bridge."""
        return [dev for bridge in self.bridges for dev in bridge.devices]


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
    return parse(raw, path)


def parse(raw: dict[str, Any], path: Path) -> Topology:
    """Check the tables of a file; TopologyError names file and key."""
    top = Table(raw, f"{path}", "", TopologyError)
    defaults = top.table("device-defaults")
    topology = Topology(
        name=path.stem,
        description=top.text("description", ""),
        bridges=tuple(
            _bridge(table, defaults) for table in top.tables("bridge")
        ),
        windows=tuple(_window(table) for table in top.tables("window")),
        source=path,
    )
    top.done()
    defaults.done()
    _check_bridges(topology, top)
    _check_devices(topology, top)
    _check_windows(topology, top)
    return topology


def _bridge(table: Table, defaults: Table) -> Bridge:
    name = table.text("name")
    bridge = Bridge(
        name=name,
        bus=table.integer("bus", low=1, high=254),
        hdm_for_passthrough=table.flag("hdm_for_passthrough", False),
        ports=tuple(
            Port(f"{name}rp{index}", _device(port, defaults))
            for index, port in enumerate(table.tables("ports"))
        ),
    )
    table.done()
    return bridge


def _device(table: Table, defaults: Table) -> Device | None:
    if table.empty():
        return None
    sizes = {
        key: table.size(key, defaults.size(key, 0))
        for key in ("volatile", "persistent", "lsa")
    }
    device = Device(
        name=table.text("device"), **sizes,
        serial=table.integer("serial", low=1, high=(1 << 64) - 1),
    )
    table.done()
    for key in ("volatile", "persistent"):
        if sizes[key] % WINDOW_UNIT:
            table.fail(key, "must be a multiple of 256M")
    if not device.volatile and not device.persistent:
        table.fail("volatile", "give this or 'persistent' a size")
    if device.persistent and not device.lsa:
        table.fail("lsa", "labels need room: give a size such as 1M")
    return device


def _window(table: Table) -> Window:
    window = Window(
        targets=tuple(table.texts("targets")),
        size=table.size("size"),
        granularity=table.size("granularity", 256),
        restrictions=table.optional_integer("restrictions", 0xFFFF),
        qtg=table.optional_integer("qtg", 0xFFFF),
    )
    table.done()
    ways = len(window.targets)
    if ways not in WINDOW_WAYS:
        known = ", ".join(map(str, WINDOW_WAYS))
        table.fail("targets", f"{ways} bridges: name one of {known}")
    if window.granularity not in GRANULARITIES:
        table.fail("granularity", "must be a power of two, 256 to 16k")
    if not window.size or window.size % (WINDOW_UNIT * ways):
        unit = format_size(WINDOW_UNIT * ways)
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
        # A bridge takes its own bus and one for each root port.
        last = bridge.bus + len(bridge.ports)
        for other in bridges:
            if bridge.bus < other.bus <= last:
                top.fail(
                    "bridge.bus",
                    f"'{bridge.name}' needs buses {bridge.bus} to {last}, "
                    f"but '{other.name}' is on {other.bus}: move it",
                )
        if last > 255:
            top.fail("bridge.bus", f"'{bridge.name}' reaches past bus 255")
    _unique(top, "bridge.bus", [str(bridge.bus) for bridge in bridges])


def _check_devices(topology: Topology, top: Table) -> None:
    devices = topology.devices
    _unique(top, "ports.device", [device.name for device in devices])
    _unique(top, "ports.serial", [f"{dev.serial:#x}" for dev in devices])


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
    for value in values:
        if values.count(value) > 1:
            top.fail(key, f"'{value}' is there twice: give each its own")
