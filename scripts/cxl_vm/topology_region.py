# SPDX-License-Identifier: GPL-2.0-or-later
"""Regions that firmware sets up: decoders that come up committed."""

from __future__ import annotations

from dataclasses import dataclass

from .topology_keys import Table
from .units import format_size

PARTITIONS = ("volatile", "persistent")
MEMORY_MAPS = ("none", "reserved", "soft-reserved", "ram")


@dataclass(frozen=True)
class FirmwareRegion:
    """One -object cxl-region; None for what QEMU is to choose.

    @size, @offset, @granularity: bytes.
    """

    name: str
    window: int
    devices: tuple[str, ...]
    size: int | None
    offset: int | None
    granularity: int | None
    partition: str
    locked: bool
    exceed_window: bool
    memory_map: str

    def args(self) -> list[str]:
        """Its part of the QEMU command line."""
        value = f"cxl-region,id={self.name},window={self.window}"
        value += "".join(f",devices={name}" for name in self.devices)
        for key, number in (
            ("size", self.size),
            ("offset", self.offset),
            ("interleave-granularity", self.granularity),
        ):
            if number is not None:
                value += f",{key}={format_size(number)}"
        if self.partition:
            value += f",partition={self.partition}"
        if self.locked:
            value += ",locked=on"
        if self.exceed_window:
            value += ",exceed-window=on"
        if self.memory_map != "none":
            value += f",memory-map={self.memory_map}"
        return ["-object", value]


def parse_region(
    table: Table, index: int, windows: int, devices: list[str]
) -> FirmwareRegion:
    """Region number @index.  QEMU checks what depends on the hardware."""
    region = FirmwareRegion(
        name=f"fwregion{index}",
        window=table.integer("window", low=0, high=max(windows - 1, 0)),
        devices=tuple(table.texts("devices")),
        size=table.optional_size("size"),
        offset=table.optional_size("offset"),
        granularity=table.optional_size("granularity"),
        partition=table.text("partition", ""),
        locked=table.flag("locked", False),
        exceed_window=table.flag("exceed_window", False),
        memory_map=table.text("memory_map", "none"),
    )
    table.done()
    for name in region.devices:
        if name not in devices:
            table.fail(
                "devices", f"no device '{name}': name some of "
                + ", ".join(devices)
            )
    for key, value, known in (
        ("partition", region.partition, ("", *PARTITIONS)),
        ("memory_map", region.memory_map, MEMORY_MAPS),
    ):
        if value not in known:
            table.fail(key, f"'{value}': one of {', '.join(known).strip(', ')}")
    return region
