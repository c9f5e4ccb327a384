# SPDX-License-Identifier: GPL-2.0-or-later
"""What Linux makes of latencies and bandwidths, from the topology alone.

Latencies add up: the way to the bridge, the time of one flit on each link, the
switches, the device.  The least bandwidth counts; what a region's devices share
counts once.  Nanoseconds and MB/s.
"""

from __future__ import annotations

import re
from collections import defaultdict

from cxl_vm.performance import DEVICE, Performance
from cxl_vm.topology import Bridge, Device, Port, Switch, Topology

from .group import expect

FLIT_BYTES = 68
# Of links and of what is in a switch, when the topology says nothing.
SPEED, LANES, SWITCH_LATENCY = 32, 16, 90


def _option(options: str, key: str, default: int) -> int:
    match = re.search(rf"(?:^|,){key}=(\d+)", options)
    return int(match.group(1)) if match else default


class Link:
    """From @port down to what is plugged into it, which limits it."""

    def __init__(self, port: Port) -> None:
        plugged = port.device or port.switch
        assert plugged and not port.options
        self.speed = _option(plugged.options, "x-speed", SPEED)
        self.lanes = _option(plugged.options, "x-width", LANES)

    @property
    def raw(self) -> int:
        """MB/s on the wire."""
        return self.speed * 1000 * self.lanes // 8

    @property
    def coded(self) -> int:
        """The same without the coding's share."""
        return self.speed * 1000 * 128 // 130 * self.lanes // 8

    @property
    def latency(self) -> int:
        """Of one flit, in nanoseconds, rounded up."""
        return -(-(FLIT_BYTES * 1_000_000 // self.raw) // 1000)


def _switch_bandwidth(switch: Switch) -> int:
    """What its CDAT says: downstream ports are faster than this one."""
    speed = _option(switch.options, "x-speed", SPEED)
    lane = round(speed * 1000 / 8 * 128 / 130)
    return lane * _option(switch.options, "x-width", LANES)


def bridge_of(shape: Topology, device: str) -> Bridge:
    """The bridge that @device is below."""
    return next(
        bridge for bridge in shape.bridges
        if device in [item.name for item in bridge.devices]
    )


def _device(path: list[Port]) -> Device:
    device = path[-1].device
    assert device
    return device


def _way(bridge: Bridge) -> Performance:
    expect(bridge.generic_port, f"{bridge.name} is no generic port")
    assert bridge.generic_port
    return bridge.generic_port


def of_device(shape: Topology, name: str) -> Performance:
    """From the processors to device @name."""
    path = shape.path(name)
    way = _way(bridge_of(shape, name))
    own = _device(path).performance or DEVICE
    switches = [port.switch for port in path if port.switch]
    between = sum(Link(port).latency for port in path) + sum(
        _option(item.options, "latency", SWITCH_LATENCY) for item in switches
    )
    least = min(
        [Link(port).coded for port in path]
        + [_switch_bandwidth(item) for item in switches]
    )
    return Performance(
        read_latency=way.read_latency + between + own.read_latency,
        write_latency=way.write_latency + between + own.write_latency,
        read_bandwidth=min(way.read_bandwidth, least, own.read_bandwidth),
        write_bandwidth=min(way.write_bandwidth, least, own.write_bandwidth),
    )


def _bandwidth(shape: Topology, names: list[str], key: str) -> int:
    """Of a region over @names; @key: read_bandwidth or write_bandwidth."""
    below: dict[str, int] = defaultdict(int)
    links: dict[str, int] = {}
    for name in names:
        path = shape.path(name)
        assert len(path) <= 2, "one level of switches"
        own = _device(path).performance or DEVICE
        value = min(Link(path[-1]).raw, getattr(own, key))
        root = path[0]
        if root.switch:
            value = min(value, _switch_bandwidth(root.switch))
        below[root.name] += value
        links[root.name] = Link(root).raw
    bridges: dict[str, int] = defaultdict(int)
    for name in names:
        root_name = shape.path(name)[0].name
        bridge = bridge_of(shape, name)
        value = min(below.pop(root_name, 0), links[root_name])
        bridges[bridge.name] += value
    return sum(
        min(value, getattr(_way(bridge), key))
        for bridge in shape.bridges
        if (value := bridges.get(bridge.name, 0))
    )


def of_region(shape: Topology, names: list[str]) -> Performance:
    """From the processors to a region over @names."""
    each = [of_device(shape, name) for name in names]
    return Performance(
        read_latency=max(item.read_latency for item in each),
        write_latency=max(item.write_latency for item in each),
        read_bandwidth=_bandwidth(shape, names, "read_bandwidth"),
        write_bandwidth=_bandwidth(shape, names, "write_bandwidth"),
    )


def group_of(shape: Topology, whole: Performance) -> int:
    """The recommended group: the most demanding that @whole suits."""
    limits: dict[int, tuple[float, int]] = {}
    for window in shape.windows:
        group = window.qtg or 0
        latency, bandwidth = limits.get(group, (float("inf"), 0))
        limits[group] = (window.qtg_max_latency or latency,
                         window.qtg_min_bandwidth or bandwidth)
    order = sorted(
        limits, key=lambda key: (limits[key][0], -limits[key][1], key)
    )
    for group in order:
        latency, bandwidth = limits[group]
        if (max(whole.read_latency, whole.write_latency) <= latency
                and min(whole.read_bandwidth, whole.write_bandwidth)
                >= bandwidth):
            return group
    return order[-1]
