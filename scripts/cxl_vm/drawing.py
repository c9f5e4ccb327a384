# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw a topology with letters and lines."""

from __future__ import annotations

from .topology import Bridge, Device, Topology, Window
from .units import format_size


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


def _bridge_lines(bridge: Bridge, notes: dict[str, str]) -> list[str]:
    lines = [f"{bridge.name}  host bridge, bus {bridge.bus:#04x}"]
    for index, port in enumerate(bridge.ports):
        last = index == len(bridge.ports) - 1
        text = "(empty)"
        if port.device:
            text = _device_note(port.device, notes)
        corner = "└" if last else "├"
        lines.append(f"{corner}─ {port.name} ── {text}")
    return lines


def window_text(index: int, window: Window) -> str:
    """One line on a window."""
    ways = len(window.targets)
    text = f"window {index}  {format_size(window.size):>4}"
    targets = " + ".join(window.targets)
    if ways == 1:
        return f"{text}  {targets}"
    grain = format_size(window.granularity)
    return f"{text}  {targets}, {ways}-way, {grain} granularity"


def draw(topology: Topology, notes: dict[str, str] | None = None) -> str:
    """The tree of bridges, ports and devices, and the windows.

    @notes: text to end a device's line with, by its name, in place of its
    serial number.
    """
    lines = ["host"]
    for number, bridge in enumerate(topology.bridges):
        last = number == len(topology.bridges) - 1
        first, *rest = _bridge_lines(bridge, notes or {})
        lines.append(f"{'└' if last else '├'}─ {first}")
        lines += [f"{' ' if last else '│'}  {line}" for line in rest]
    lines.append("")
    lines += [
        window_text(index, window)
        for index, window in enumerate(topology.windows)
    ]
    return "\n".join(lines)
