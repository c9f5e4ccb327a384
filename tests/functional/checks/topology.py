# SPDX-License-Identifier: GPL-2.0-or-later
"""Regions over many bridges, many ports and switches."""

from __future__ import annotations

import re

from cxl_vm.guest_cxl import SYSFS

from harness import pattern
from harness.group import DYNDBG, Group, expect, slow
from harness.tree import TreeGroup


def devs(*numbers: int) -> list[str]:
    """dev0, dev1, ..."""
    return [f"dev{number}" for number in numbers]


# In turn from two bridges of eight devices each.
BOTH = devs(*(at // 2 + at % 2 * 8 for at in range(16)))
# In turn from three bridges of four devices each.
THREE = devs(*(at // 3 + at % 3 * 4 for at in range(12)))


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
        expect(re.search(r"ways: 16 overflows targets|targets full|"
                         r"invalid target count", self.vm.check("dmesg")),
               f"refused for another reason:\n{result.errors}")
        state = self.vm.check(f"ls {SYSFS}")
        expect("region" not in state and "mem15" in state, state)
