# SPDX-License-Identifier: GPL-2.0-or-later
"""Where firmware's regions are, as QEMU places what a file leaves open."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .topology import Topology
from .topology_region import FirmwareRegion
from .units import format_size


@dataclass(frozen=True)
class Placed:
    """A region at @offset of its window; both in bytes."""

    region: FirmwareRegion
    partition: str
    offset: int
    size: int

    def words(self) -> str:
        """Everything about it in a line."""
        region = self.region
        parts = [
            f"{format_size(self.size)} {self.partition} at "
            f"{format_size(self.offset)}, " + " → ".join(region.devices)
        ]
        if region.granularity:
            parts.append(f"{format_size(region.granularity)} granularity")
        parts += ["locked"] if region.locked else []
        parts += ["exceeds its window"] if region.exceed_window else []
        if region.memory_map != "none":
            parts.append(f"memory map: {region.memory_map}")
        return ", ".join(parts)


def placed(topology: Topology) -> list[Placed]:
    """All regions of @topology, in the order of the file."""
    devices = {device.name: device for device in topology.devices}
    used: Counter[tuple[str, str]] = Counter()
    ends: Counter[int] = Counter()
    found = []
    for region in topology.regions:
        if not region.devices:
            continue
        first = devices[region.devices[0]]
        partition = region.partition or (
            "volatile" if first.volatile else "persistent"
        )
        ways, size = len(region.devices), region.size
        if size is None:
            # What the devices have left; the smallest counts.
            size = ways * max(0, min(
                getattr(devices[name], partition) - used[name, partition]
                for name in region.devices
            ))
        offset = region.offset
        if offset is None:
            offset = ends[region.window]
        for name in region.devices:
            used[name, partition] += size // ways
        ends[region.window] = offset + size
        found.append(Placed(region, partition, offset, size))
    return found
