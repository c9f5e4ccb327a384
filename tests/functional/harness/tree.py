# SPDX-License-Identifier: GPL-2.0-or-later
"""Regions over a tree: what the guest should show, where bytes should be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxl_vm import layout_tree
from cxl_vm.guest_cxl import GuestCxl, Region, find_items
from cxl_vm.topology import Port, Topology

from . import pattern
from .group import Group, equal, expect

# What is in a port: a serial number, a switch's ports by number, or nothing.
Ports = dict[int, Any]


def wanted_tree(shape: Topology, empty: bool) -> dict[int, Ports]:
    """Ports below each bridge by its bus; @empty: with the empty ones."""
    def ports_of(ports: tuple[Port, ...]) -> Ports:
        found: Ports = {}
        for number, port in enumerate(ports):
            if port.switch:
                found[number] = ports_of(port.below)
            elif port.device:
                found[number] = port.device.serial
            elif empty:
                found[number] = None
        return found

    return {bridge.bus: ports_of(bridge.ports) for bridge in shape.bridges}


def _below(item: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [
        child for key, children in item.items()
        if key.startswith(f"{kind}:") for child in children
    ]


def _listed_ports(item: dict[str, Any]) -> Ports:
    numbers = {row["dport"]: row["id"] for row in item["dports"]}
    found: Ports = dict.fromkeys(numbers.values())
    equal(len(found), item["nr_dports"], f"port numbers of {item['port']}")
    for child in _below(item, "endpoints"):
        found[numbers[child["parent_dport"]]] = child["memdev"]["serial"]
    for child in _below(item, "ports"):
        found[numbers[child["parent_dport"]]] = _listed_ports(child)
    return found


def listed_tree(guest: GuestCxl) -> dict[int, Ports]:
    """The same from what 'cxl list' says."""
    listed = guest.json("cxl list -BPTMDE")
    root = find_items(listed, "bus")[0]
    return {
        int(item["host"].partition(":")[2], 16): _listed_ports(item)
        for item in _below(root, "ports")
    }


class TreeGroup(Group):
    """Makes, uses and destroys regions over any tree."""

    files = True
    tools = ("daxio",)
    # Linux up to 6.12 lists ports without a device as well.
    lists_empty_ports = True

    def expect_tree(self) -> None:
        """'cxl list' shows what the topology file says."""
        equal(listed_tree(self.guest),
              wanted_tree(self.shape, self.lists_empty_ports), "tree")

    def make(
        self, devices: Sequence[str], window: int, kind: str = "ram",
        granularity: int = 0,
    ) -> tuple[Region, layout_tree.Tree]:
        """A region, whose decoders are as they have to be."""
        region = self.guest.create_region(devices, kind, window, granularity)
        equal(region.members, tuple(devices), "members")
        made = layout_tree.Tree(self.shape, self.shape.windows[window],
                                devices, region.granularity)
        self._expect_decoders(region, made)
        return region, made

    def _expect_decoders(self, region: Region, tree: layout_tree.Tree
                         ) -> None:
        """One decoder on each component of the way, set as it should be."""
        listed = find_items(
            self.guest.json(f"cxl list -D -r {region.name}"), "decoder"
        )
        found = [
            (item["interleave_ways"],
             item.get("interleave_granularity")
             if item["interleave_ways"] > 1 else None)
            for item in listed
        ]
        levels = [tree.window, *tree.levels.values()]
        wanted = [
            (level.ways, level.granularity if level.ways > 1 else None)
            for level in levels
        ]
        wanted += [
            (region.ways, region.granularity if region.ways > 1 else None)
        ] * region.ways
        equal(sorted(found, key=str), sorted(wanted, key=str),
              f"ways and granularity of {region.name}'s decoders")

    def fill(self, region: Region) -> None:
        """Write a pattern through the dax device of @region; read it."""
        dax = self.guest.device_dax(region.name)
        pattern.fill(self.guest, dax, region.size)

    def verify(self, region: Region, tree: layout_tree.Tree, size: int = 0,
               start: int = 0) -> None:
        """The pattern's bytes are in the files where the tree says.

        @size: of what was filled, which begins @start bytes into @region.
        """
        shares = dict(zip(region.members, self.guest.shares(region)))
        equal(len(shares), region.ways, "shares")
        for spot in pattern.spots(size or region.size):
            found = layout_tree.gather(
                tree, shares, region.base, start + spot, pattern.SPAN
            )
            expect(found == pattern.pattern(spot, pattern.SPAN),
                   f"{region.name}: bytes at {start + spot:#x} are not "
                   "where they should be")

    def cycle(self, devices: Sequence[str], window: int,
              granularity: int = 0) -> None:
        """Make, use and destroy a volatile region."""
        region, tree = self.make(devices, window, "ram", granularity)
        self.fill(region)
        self.verify(region, tree)
        self.guest.destroy_region(region.name)
        equal(self.guest.json("cxl list -R"), [], "regions left")
