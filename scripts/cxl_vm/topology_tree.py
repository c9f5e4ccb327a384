# SPDX-License-Identifier: GPL-2.0-or-later
"""What is below a host bridge: ports, switches and devices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from . import performance
from .performance import Performance
from .topology_keys import Table
from .units import MIB

SIZES = ("volatile", "persistent", "lsa", "metadata")
CAPACITY_UNIT = 256 * MIB
METADATA_MIN = 128 * 1024
# Ports are functions 0 of the slots of a bus.
MAX_PORTS = 32
# More ports than a machine has bus numbers cannot be numbered.
MAX_BUSES = 256
_RESERVE = re.compile(r"(?:^|,)bus-reserve=(\d+)")


@dataclass(frozen=True)
class Device:
    """One memory device; sizes in bytes, 0 for none."""

    name: str
    volatile: int
    persistent: int
    lsa: int
    serial: int
    metadata: int = 0
    options: str = ""
    performance: Performance | None = None


@dataclass(frozen=True)
class Switch:
    """A switch: an upstream port called @name, and its downstream ports."""

    name: str
    ports: tuple[Port, ...]
    options: str = ""

    @property
    def buses(self) -> int:
        """The bus between its ports, and those below them."""
        return 1 + sum(port.buses for port in self.ports)


@dataclass(frozen=True)
class Port:
    """A root port or a downstream port, and what is plugged into it."""

    name: str
    device: Device | None = None
    switch: Switch | None = None
    options: str = ""

    @property
    def buses(self) -> int:
        """The port's secondary bus, and those below or kept free there."""
        kept = _RESERVE.search(self.options)
        below = self.switch.buses if self.switch else 0
        return 1 + max(below, int(kept.group(1)) if kept else 0)

    @property
    def below(self) -> tuple[Port, ...]:
        """The ports of the switch that is plugged in."""
        return self.switch.ports if self.switch else ()


def walk(ports: tuple[Port, ...]) -> Iterator[Port]:
    """@ports and all below them, each before what is below it."""
    for port in ports:
        yield port
        yield from walk(port.below)


class Numbers:
    """The next number for a name like 'dev*'; counts the file's ports."""

    def __init__(self) -> None:
        self._next: Counter[str] = Counter()
        self._ports = 0

    def expand(self, name: str) -> tuple[str, int | None]:
        """@name with its '*' replaced, and the number that replaced it."""
        if "*" not in name:
            return name, None
        number = self._next[name]
        self._next[name] += 1
        return name.replace("*", str(number)), number

    def add_port(self, table: Table) -> None:
        """Count one more port."""
        self._ports += 1
        if self._ports > MAX_BUSES:
            table.fail("count", f"more than {MAX_BUSES} ports: a machine "
                       "has no more bus numbers")


def check_defaults(defaults: Table) -> None:
    """Check the table of what devices leave out, used or not."""
    for key in SIZES:
        defaults.size(key, 0)
    defaults.options("options")
    defaults.done()


def parse_ports(
    table: Table, prefix: str, defaults: Table, numbers: Numbers
) -> tuple[Port, ...]:
    """The ports in @table; they are called @prefix with a number."""
    ports: list[Port] = []
    for item in table.tables("ports"):
        for _ in range(item.integer("count", 1, MAX_PORTS, 1)):
            numbers.add_port(item)
            ports.append(
                _port(item, f"{prefix}{len(ports)}", defaults, numbers)
            )
    if len(ports) > MAX_PORTS:
        table.fail("ports", f"{len(ports)} of them; at most {MAX_PORTS}")
    return tuple(ports)


def _port(
    table: Table, name: str, defaults: Table, numbers: Numbers
) -> Port:
    options = table.options("port-options")
    device = switch = None
    if table.has("switch"):
        if table.has("device"):
            table.fail("device", "a port has a device or a switch, not both")
        switch = _switch(table, defaults, numbers)
    elif table.has("device"):
        device = _device(table, defaults, numbers)
    elif table.has("ports"):
        table.fail("switch", 'is missing: name the switch, as in "sw0"')
    elif table.has_others():
        table.fail("device", 'is missing: name the device, as in "dev0"')
    return Port(name, device, switch, options)


def _name(table: Table, key: str, numbers: Numbers) -> tuple[str, int | None]:
    """The name under @key; one for several ports must have a '*'."""
    pattern = table.pattern(key)
    if "*" not in pattern and table.integer("count", 1, MAX_PORTS, 1) > 1:
        table.fail(key, f"more than one: write '{pattern}*', the * becomes "
                   "0, 1, ...")
    return numbers.expand(pattern)


def _switch(table: Table, defaults: Table, numbers: Numbers) -> Switch:
    name, _ = _name(table, "switch", numbers)
    if not table.has("ports"):
        table.fail("ports", f"is missing: '{name}' needs a list of ports")
    switch = Switch(
        name=name,
        ports=parse_ports(table, f"{name}dsp", defaults, numbers),
        options=table.options("options"),
    )
    table.done()
    return switch


def _device(table: Table, defaults: Table, numbers: Numbers) -> Device:
    sizes = {
        key: table.size(key, defaults.size(key, 0))
        for key in SIZES
    }
    name, number = _name(table, "device", numbers)
    device = Device(
        name=name, **sizes, serial=_serial(table, number),
        options=table.options("options") or defaults.options("options"),
        performance=performance.parse(
            table.optional_table("performance"), performance.DEVICE
        ),
    )
    table.done()
    for key in ("volatile", "persistent"):
        if sizes[key] % CAPACITY_UNIT:
            table.fail(key, "must be a multiple of 256M")
    if not device.volatile and not device.persistent:
        table.fail("volatile", "give this or 'persistent' a size")
    if device.persistent and not device.lsa:
        table.fail("lsa", "labels need room: give a size such as 1M")
    if 0 < device.metadata < METADATA_MIN:
        table.fail("metadata", "give at least 128K, or 0 for none")
    return device


def _serial(table: Table, number: int | None) -> int:
    """Of a numbered device the first one's, 1 by default, and so on."""
    if number is None:
        return table.integer("serial", low=1, high=(1 << 64) - 1)
    return table.integer("serial", 1, (1 << 64) - MAX_BUSES, 1) + number
