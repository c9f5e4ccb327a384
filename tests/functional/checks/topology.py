# SPDX-License-Identifier: GPL-2.0-or-later
"""Regions over many bridges, many ports and switches."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from cxl_vm.guest_cxl import SYSFS, find_items
from cxl_vm.units import MIB

from harness import pattern
from harness.group import DYNDBG, Group, equal, expect, slow
from harness.tree import TreeGroup


def devs(*numbers: int) -> list[str]:
    """dev0, dev1, ..."""
    return [f"dev{number}" for number in numbers]


# In turn from two bridges of eight devices each.
BOTH = devs(*(at // 2 + at % 2 * 8 for at in range(16)))
# In turn from three bridges of four devices each.
THREE = devs(*(at // 3 + at % 3 * 4 for at in range(12)))


SSLBIS, ANY_PORT, UPSTREAM = 5, 0xFFFF, 0x100


def _sslbis(table: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Data type, both ports and value of each entry in a switch's CDAT."""
    at = 16
    while at + 4 <= len(table):
        kind, size = struct.unpack_from("<BxH", table, at)
        expect(size >= 4, f"structure of {size} bytes")
        if kind == SSLBIS:
            for row in range(at + 16, at + size, 8):
                first, second, value = struct.unpack_from("<HHH", table, row)
                yield table[at + 4], first, second, value
        at += size


class Switches(TreeGroup):
    """Devices at root ports and below switches, side by side."""

    topology = "mixed"

    def check_tree(self) -> None:
        """cxl list shows the topology file's tree (2)."""
        self.expect_tree()

    def check_cdat(self) -> None:
        """each switch's CDAT adds up and covers each of its ports (8)."""
        ports = [
            item for item in find_items(self.guest.json("cxl list -PT"),
                                        "port")
            if item["depth"] > 1
        ]
        equal(len(ports), len(self.shape.switches), "switches")
        for item in ports:
            self._check_cdat(item)

    def _check_cdat(self, item) -> None:
        name = item["port"]
        table = self.vm.run(f"cat {SYSFS}/{name}/CDAT").out
        expect(len(table) > 16, f"{name}: CDAT of {len(table)} bytes")
        equal(struct.unpack_from("<I", table)[0], len(table), "length")
        equal(sum(table) & 0xFF, 0, f"{name}: checksum")
        rows = list(_sslbis(table))
        for value in rows:
            expect(value[3], f"{name}: 0 in {value}")
        for dport in item["dports"]:
            kinds = {
                row[0] for row in rows
                if UPSTREAM in row[1:3]
                and {dport["id"], ANY_PORT} & set(row[1:3])
            }
            # Latencies, and bandwidths, of reads and of writes.
            expect(kinds >= {1, 2, 4, 5} or kinds >= {0, 3},
                   f"{name}: port {dport['id']} has only {kinds}")

    def check_one_way(self) -> None:
        """1-way: below two levels of switches (25, 33)."""
        self.cycle(devs(2), 2)

    def check_two_ports(self) -> None:
        """2-way: two downstream ports of a switch (34)."""
        self.cycle(devs(7, 6), 3)

    def check_two_levels(self) -> None:
        """2-way: at a root port, and below two levels of switches (34)."""
        self.cycle(devs(3, 0), 2, 1024)

    def check_four_way(self) -> None:
        """4-way: two bridges, root ports and switches (30, 34)."""
        self.cycle(devs(0, 5, 1, 6), 0)

    def check_four_way_deep(self) -> None:
        """4-way: two bridges, 4 KiB, all below switches (30, 34)."""
        self.cycle(devs(2, 6, 3, 7), 1)


class SwitchLevels(TreeGroup):
    """Four devices below two levels of switches, at one root port."""

    topology = "switch2"

    def check_tree(self) -> None:
        """cxl list shows the topology file's tree (2)."""
        self.expect_tree()

    def check_four_way(self) -> None:
        """4-way: each level splits in two (34)."""
        self.cycle(devs(3, 0, 2, 1), 0, 512)

    def check_persistent(self) -> None:
        """a persistent region skips the free volatile capacity (33, 34)."""
        region, tree = self.make(devs(0, 2), 0, "pmem")
        equal(self._starts(region), {256 * MIB}, "DPA of the region")
        dax, size, start = self._namespace(region.name)
        pattern.fill(self.guest, dax, size)
        self.verify(region, tree, size, start - region.base)

    def _namespace(self, region: str) -> tuple[str, int, int]:
        """A devdax namespace in @region: its device, size and place."""
        made = self.guest.json(f"ndctl create-namespace -m devdax -r {region}")
        device = made["daxregion"]["devices"][0]
        place = self.vm.check(
            f"cat /sys/bus/dax/devices/{device['chardev']}/resource"
        )
        return device["chardev"], device["size"], int(place, 0)

    def _starts(self, region) -> set[int]:
        listed = self.guest.json(f"cxl list -r {region.name} -D -d endpoint")
        return {item["dpa_resource"] for item in listed}

    def check_side_by_side(self) -> None:
        """two volatile regions and a persistent one at once (36)."""
        first = self.make(devs(0, 2), 0)
        second = self.make(devs(3, 1), 0)
        region, tree = self.make(devs(1, 2, 0, 3), 0, "pmem", 1024)
        # Of the volatile capacity nothing is left to skip.
        equal(self._starts(region), {256 * MIB}, "DPA of the region")
        dax, size, start = self._namespace(region.name)
        pattern.fill(self.guest, dax, size)
        for made, _ in (first, second):
            self.fill(made)
        self.verify(region, tree, size, start - region.base)
        for made, levels in (first, second):
            self.verify(made, levels)
        committed = [
            item["decoders_committed"]
            for item in find_items(self.guest.json("cxl list -P"), "port")
        ]
        equal(committed, [3] * 4, "decoders of the bridge and the switches")


class ThreeBridges(TreeGroup):
    """Three bridges with four devices each."""

    topology = "hb3x4"

    def check_tree(self) -> None:
        """cxl list shows the topology file's tree (2)."""
        self.expect_tree()

    def check_three_way(self) -> None:
        """3-way: a device of each bridge (32)."""
        self.cycle(THREE[:3], 0)

    def check_six_way(self) -> None:
        """6-way: two devices of each of three bridges, 256 B (32)."""
        self.cycle(THREE[:6], 0)

    def check_six_way_1k(self) -> None:
        """6-way at 1 KiB granularity (32)."""
        self.cycle(THREE[6:], 1)

    def check_twelve_way(self) -> None:
        """12-way: all devices of three bridges (32)."""
        self.cycle(THREE, 0)

    def check_six_and_three(self) -> None:
        """a 6-way and two 3-way regions side by side (32)."""
        made = [self.make(THREE[:6], 0), self.make(THREE[6:9], 0),
                self.make(THREE[9:], 1)]
        for region, _ in made:
            self.fill(region)
        for region, tree in made:
            self.verify(region, tree)


class TwoByEight(TreeGroup):
    """Two bridges with eight devices each."""

    topology = "hb2x8"

    def check_tree(self) -> None:
        """cxl list shows the topology file's tree (2)."""
        self.expect_tree()

    def check_eight_way(self) -> None:
        """8-way: all devices of a bridge (32)."""
        self.cycle(devs(*range(8)), 1)

    def check_eight_way_both(self) -> None:
        """8-way: four devices of each bridge (30)."""
        self.cycle(BOTH[4:12], 0)

    def check_sixteen_way(self) -> None:
        """16-way: eight devices of each bridge (32)."""
        self.cycle(BOTH, 0)


@slow
class EightPorts(TreeGroup):
    """One bridge with eight devices."""

    topology = "hb1x8"

    def check_tree(self) -> None:
        """cxl list shows the topology file's tree (2)."""
        self.expect_tree()

    def check_granularities(self) -> None:
        """8-way below one bridge at 256 B to 4 KiB, in any order (29, 32)."""
        for granularity in (256, 512, 1024, 2048, 4096):
            self.cycle(devs(7, 2, 0, 5, 1, 6, 4, 3), 0, granularity)

    def check_halves(self) -> None:
        """two 4-way regions side by side (36)."""
        made = [self.make(devs(0, 2, 4, 6), 0, granularity=256),
                self.make(devs(7, 5, 3, 1), 0, granularity=1024)]
        for region, _ in made:
            self.fill(region)
        for region, tree in made:
            self.verify(region, tree)


@slow
class SixteenPorts(Group):
    """One bridge with sixteen devices."""

    topology = "hb1x16"
    append = DYNDBG

    def check_refused(self) -> None:
        """the kernel takes at most 8 targets at a bridge (32)."""
        result = self.vm.run(self.guest.create_command(devs(*range(16))))
        expect(result.status, "the region was made")
        expect("@ 8 overflows targets: 8" in self.vm.check("dmesg"),
               f"refused for another reason:\n{result.errors}")
        state = self.vm.check(f"ls {SYSFS}")
        expect("region" not in state and "mem15" in state, state)


class BackportsSwitches(TreeGroup):
    """The kernel of trixie-backports on switches."""

    topology = "mixed"
    kernel_suite = "trixie-backports"
    lists_empty_ports = False

    def check_tree(self) -> None:
        """cxl list shows the topology file's tree (2)."""
        self.expect_tree()

    def check_two_ports(self) -> None:
        """2-way: two downstream ports of a switch (34)."""
        self.cycle(devs(7, 6), 3)

    def check_four_way_deep(self) -> None:
        """4-way: two bridges, 4 KiB, all below switches (30, 34)."""
        self.cycle(devs(2, 6, 3, 7), 1)


@slow
class BackportsBridges(TreeGroup):
    """The kernel of trixie-backports on three bridges."""

    topology = "hb3x4"
    kernel_suite = "trixie-backports"
    lists_empty_ports = False

    def check_ways(self) -> None:
        """3-, 6- and 12-way (32)."""
        for count in (3, 6, 12):
            self.cycle(THREE[:count], 0)


@slow
class BackportsSixteen(TreeGroup):
    """The kernel of trixie-backports on two bridges of eight ports."""

    topology = "hb2x8"
    kernel_suite = "trixie-backports"
    lists_empty_ports = False

    def check_ways(self) -> None:
        """8- and 16-way (32)."""
        self.cycle(devs(*range(8)), 1)
        self.cycle(BOTH, 0)


@slow
class Scale(TreeGroup):
    """64 devices below sixteen switches."""

    topology = "scale64"
    memory = "2G"
    boot_timeout = 600

    def check_tree(self) -> None:
        """cxl list shows the topology file's tree (2)."""
        self.expect_tree()

    def check_everything(self) -> None:
        """four 16-way regions through every switch, all at once (32, 36)."""
        made = []
        for port in range(4):
            # Port @port of each switch, in turn from both bridges.
            switches = (at // 2 + at % 2 * 8 for at in range(16))
            members = devs(*(at * 4 + port for at in switches))
            made.append(self.make(members, 0))
        for region, _ in made:
            self.fill(region)
        for region, tree in made:
            self.verify(region, tree)

    def check_switch_by_switch(self) -> None:
        """4-way regions, each over the four ports of a switch (34, 36)."""
        made = [self.make(devs(*range(at * 4, at * 4 + 4)), 1)
                for at in range(3)]
        for region, _ in made:
            self.fill(region)
        for region, tree in made:
            self.verify(region, tree)
