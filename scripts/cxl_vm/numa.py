# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's NUMA options: ordinary memory, and host bridges as generic ports.

A generic port gives a host bridge a proximity domain (SRAT), so that HMAT can
tell how far it is from the processors.
"""

from __future__ import annotations

import re

from .errors import VmError
from .performance import RAM, Performance
from .topology import Bridge, Topology

CPU_NODE = 0


def generic_ports(topology: Topology) -> list[tuple[int, Bridge, Performance]]:
    """Node, bridge and the way to it, of bridges that are generic ports."""
    ports = [
        (bridge, bridge.generic_port) for bridge in topology.bridges
        if bridge.generic_port
    ]
    return [
        (node, bridge, performance)
        for node, (bridge, performance) in enumerate(ports, CPU_NODE + 1)
    ]


def _processors(smp: str) -> str:
    """Indices of the processors that -smp @smp makes."""
    match = re.match(r"(?:cpus=)?(\d+)(?=,|$)", smp)
    if not match or match.group(1) == "0":
        raise VmError(
            f"--smp {smp}: with generic ports, begin with the number of "
            "processors, as in 4 or 4,sockets=2"
        )
    return f"cpus=0-{int(match.group(1)) - 1}"


def _distance(node: int, performance: Performance) -> list[str]:
    """HMAT entries of the way from the processors to @node."""
    args: list[str] = []
    for name, value in performance.items():
        kind = name.partition("-")[2]
        unit = "M" if kind == "bandwidth" else ""
        if value:
            args += [
                "-numa",
                f"hmat-lb,initiator={CPU_NODE},target={node},"
                f"hierarchy=memory,data-type={name},{kind}={value}{unit}",
            ]
    return args


def numa_args(topology: Topology, smp: str) -> list[str]:
    """Nodes of the memory 'ram' and of generic ports, and distances."""
    first = f"node,nodeid={CPU_NODE},memdev=ram"
    ports = generic_ports(topology)
    if not ports:
        return ["-numa", first]
    args = ["-numa", f"{first},{_processors(smp)}"]
    for node, bridge, _ in ports:
        args += [
            "-numa", f"node,nodeid={node}", "-object",
            f"acpi-generic-port,id={bridge.name}-port,pci-bus={bridge.name},"
            f"node={node}",
        ]
    args += _distance(CPU_NODE, RAM)
    for node, _, performance in ports:
        args += _distance(node, performance)
    return args


def machine_parts(topology: Topology) -> list[str]:
    """What -machine needs for it."""
    return ["hmat=on"] if generic_ports(topology) else []
