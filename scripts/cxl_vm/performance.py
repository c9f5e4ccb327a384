# SPDX-License-Identifier: GPL-2.0-or-later
"""Latency and bandwidth, of devices (CDAT) and to bridges (HMAT)."""

from __future__ import annotations

from dataclasses import dataclass, fields

from .topology_keys import Table

# What HMAT expresses whatever the other values are.
MOST = 65534


@dataclass(frozen=True)
class Performance:
    """Latencies in nanoseconds, bandwidths in MB/s; 0: unknown."""

    read_latency: int
    write_latency: int
    read_bandwidth: int
    write_bandwidth: int

    def items(self) -> list[tuple[str, int]]:
        """Names, spelt as QEMU does, and values."""
        return [
            (item.name.replace("_", "-"), getattr(self, item.name))
            for item in fields(self)
        ]


# What cxl-type3 says of itself when it is not told.
DEVICE = Performance(150, 250, 16000, 16000)
# From the processors to a host bridge, and to ordinary memory.
BRIDGE = Performance(40, 40, 60000, 60000)
RAM = Performance(90, 90, 60000, 60000)


def parse(table: Table | None, default: Performance) -> Performance | None:
    """The keys of @table, @default for others; None without a table."""
    if table is None:
        return None
    values = {}
    for item in fields(Performance):
        value = table.optional_integer(item.name, MOST)
        if value is None:
            value = getattr(default, item.name)
        values[item.name] = value
    table.done()
    return Performance(**values)
