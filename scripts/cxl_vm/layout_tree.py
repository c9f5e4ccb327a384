# SPDX-License-Identifier: GPL-2.0-or-later
"""Which device holds a byte, through bridges and switches.

Computed from a topology and the order of a region's devices, apart from the
device model and from what the guest programmed.  Each level selects by bits of
the address, or by its remainder: where a window has 3, 6 or 12 ways, a device
does not hold the chunks that its position in the region suggests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import VmError
from .topology import Topology, Window
from .topology_tree import Port


@dataclass(frozen=True)
class Level:
    """How a window, a bridge or a switch spreads addresses."""

    granularity: int                    # bytes for each target in turn
    targets: tuple[str, ...]            # bridges, or ports

    @property
    def ways(self) -> int:
        """The number of targets."""
        return len(self.targets)

    def select(self, hpa: int) -> str:
        """The target of the host physical address @hpa."""
        return self.targets[hpa // self.granularity % self.ways]


@dataclass(frozen=True)
class XorLevel(Level):
    """A window that selects by parities, and by the remainder of 3."""

    maps: tuple[int, ...]               # as many as its ways need

    def select(self, hpa: int) -> str:
        at = sum(
            ((hpa & bits).bit_count() & 1) << place
            for place, bits in enumerate(self.maps)
        )
        if self.ways % 3 == 0:
            chunk = hpa // self.granularity
            at += (chunk >> len(self.maps)) % 3 << len(self.maps)
        return self.targets[at]


def xor_map_count(ways: int) -> int:
    """The maps that @ways targets take: of 12, the 4 but not the 3."""
    return (ways & -ways).bit_length() - 1


class Tree:
    """The levels of one region, as an operating system has to set them.

    @members: devices by name, in the order of the region.  @granularity: the
    region's, in bytes.  @xor_maps: of an XOR window, from the CEDT; by
    default those that the topology asks for.
    """

    def __init__(self, topology: Topology, window: Window,
                 members: Sequence[str], granularity: int,
                 xor_maps: Sequence[int] = ()) -> None:
        self.members = tuple(members)
        self.granularity = granularity
        self.window = Level(granularity, window.targets)
        if window.arithmetic == "xor":
            count = xor_map_count(len(window.targets))
            maps = tuple(xor_maps or window.xor_maps)
            if len(maps) < count:
                raise VmError(f"an XOR window needs {count} maps")
            self.window = XorLevel(granularity, window.targets, maps[:count])
        self.levels: dict[str, Level] = {}
        self._ports = {
            port.name: port for bridge in topology.bridges
            for port in bridge.all_ports
        }
        paths = [topology.path(name) for name in members]
        ways = self.window.ways
        for at, bridge in enumerate(window.targets):
            # Bits select below a window; the remainder by 3 is its own.
            self._add(bridge, paths[at::ways], 0, granularity
                      * (ways if ways & (ways - 1) == 0 else ways // 3))

    def _add(self, name: str, paths: list[list[Port]], depth: int,
             granularity: int) -> None:
        """The level of the bridge or switch @name, and those below."""
        ports = tuple(dict.fromkeys(path[depth].name for path in paths))
        level = Level(granularity, ports)
        self.levels[name] = level
        for at, port in enumerate(ports):
            below = paths[at::level.ways]
            if any(path[depth].name != port for path in below):
                raise VmError(f"the order of devices does not suit '{name}'")
            switch = self._ports[port].switch
            if switch:
                self._add(switch.name, below, depth + 1,
                          granularity * level.ways)

    def device_at(self, hpa: int) -> str:
        """The device that the levels lead @hpa to, whatever its place."""
        level = self.levels[self.window.select(hpa)]
        while True:
            port = self._ports[level.select(hpa)]
            if port.device:
                return port.device.name
            if not port.switch:
                raise VmError(f"nothing in port '{port.name}'")
            level = self.levels[port.switch.name]

    def pieces(
        self, base: int, offset: int, size: int
    ) -> Iterator[tuple[str, int, int]]:
        """Device, offset in its share, and size of each piece in turn.

        @base: where the region is, a host physical address.
        """
        step = self.granularity
        while size:
            low = offset % step
            take = min(size, step - low)
            row = offset // (step * len(self.members))
            yield self.device_at(base + offset), row * step + low, take
            offset += take
            size -= take


def gather(
    tree: Tree, shares: dict[str, tuple[Path, int]], base: int, offset: int,
    size: int,
) -> bytes:
    """@size bytes from @offset of a region at @base, from backend files.

    @shares: for each device, its file and where its share starts.
    """
    streams = {name: path.open("rb") for name, (path, _) in shares.items()}
    found = []
    try:
        for name, inside, take in tree.pieces(base, offset, size):
            streams[name].seek(shares[name][1] + inside)
            found.append(streams[name].read(take))
    finally:
        for stream in streams.values():
            stream.close()
    return b"".join(found)
