# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw a topology with letters and lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from .placing import placed
from .topology import Bridge, Device, Port, Topology, Window
from .units import format_size

T = TypeVar("T")


def sizes(device: Device) -> str:
    """What @device offers, in words."""
    parts = []
    if device.volatile:
        parts.append(f"{format_size(device.volatile)} ram")
    if device.persistent:
        parts.append(f"{format_size(device.persistent)} pmem")
    return " + ".join(parts)


def _device_note(device: Device, notes: dict[str, str]) -> str:
    note = notes.get(device.name) or f"serial {device.serial:#x}"
    return f"{device.name}  {sizes(device)}  {note}"


def _branch(
    items: Iterable[T], lines_of: Callable[[T], list[str]]
) -> list[str]:
    """The lines of each of @items, hung on a trunk."""
    blocks = [lines_of(item) for item in items]
    lines = []
    for number, (first, *rest) in enumerate(blocks):
        last = number == len(blocks) - 1
        lines.append(f"{'└' if last else '├'}─ {first}")
        lines += [f"{' ' if last else '│'}  {line}" for line in rest]
    return lines


def _port_lines(port: Port, notes: dict[str, str]) -> list[str]:
    if port.device:
        return [f"{port.name} ── {_device_note(port.device, notes)}"]
    if not port.switch:
        return [f"{port.name} ── (empty)"]
    return [f"{port.name} ── {port.switch.name}  switch"] + _branch(
        port.below, lambda below: _port_lines(below, notes)
    )


def _bridge_lines(bridge: Bridge, notes: dict[str, str]) -> list[str]:
    buses = f"bus {bridge.bus:#04x}"
    if bridge.last_bus > bridge.bus:
        buses = f"buses {bridge.bus:#04x} to {bridge.last_bus:#04x}"
    return [f"{bridge.name}  host bridge, {buses}"] + _branch(
        bridge.ports, lambda port: _port_lines(port, notes)
    )


def summary(topology: Topology) -> str:
    """How many of what."""
    ram = sum(device.volatile for device in topology.devices)
    pmem = sum(device.persistent for device in topology.devices)
    counts = [
        (len(topology.bridges), "bridge", "bridges"),
        (len(topology.switches), "switch", "switches"),
        (len(topology.devices), "device", "devices"),
        (len(topology.windows), "window", "windows"),
    ]
    words = [
        f"{count} {one if count == 1 else many}"
        for count, one, many in counts if count
    ]
    words += [f"{format_size(ram)} ram"] if ram else []
    words += [f"{format_size(pmem)} pmem"] if pmem else []
    return ", ".join(words)


def window_text(index: int, window: Window) -> str:
    """One line on a window."""
    ways = len(window.targets)
    text = f"window {index}  {format_size(window.size):>4}"
    targets = " + ".join(window.targets)
    if ways == 1:
        return f"{text}  {targets}"
    grain = format_size(window.granularity)
    how = " by XOR" if window.arithmetic == "xor" else ""
    return f"{text}  {targets}, {ways}-way{how}, {grain} granularity"


def draw(topology: Topology, notes: dict[str, str] | None = None) -> str:
    """The tree of bridges, ports, switches and devices, and the windows.

    @notes: text to end a device's line with, by its name, in place of its
    serial number.
    """
    lines = ["host"] + _branch(
        topology.bridges, lambda bridge: _bridge_lines(bridge, notes or {})
    )
    lines.append("")
    lines += [
        window_text(index, window)
        for index, window in enumerate(topology.windows)
    ]
    lines += [
        f"{item.region.name}  in window {item.region.window}: {item.words()}"
        for item in placed(topology)
    ]
    return "\n".join(lines)
