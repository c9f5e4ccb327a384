# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows by XOR: the kernel takes them; where their bytes are."""

from __future__ import annotations

from collections.abc import Sequence

from cxl_vm import layout_tree
from cxl_vm.guest_cxl import Region
from cxl_vm.units import KIB, MIB

from harness import cedt, pattern
from harness.group import Group, equal, expect

# Windows of the topology xor.
TWO, FOUR, TWO_1K = range(3)


class XorWindows(Group):
    """Four bridges with two devices each below XOR windows."""

    topology = "xor"
    files = True
    tools = ("daxio",)

    def check_structures(self) -> None:
        """all windows are taken, with the maps that they need (35)."""
        windows = self.shape.windows
        equal(cedt.arithmetics(self.vm), [1] * len(windows), "arithmetics")
        maps = cedt.xor_maps(self.vm)
        equal(sorted(maps), [256, KIB], "granularities with maps")
        equal(maps[KIB], list(windows[TWO_1K].xor_maps), "maps at 1 KiB")
        equal(len(maps[256]), 2, "number of maps at 256 bytes")
        found = self.guest.root_decoders()
        equal([item["interleave_ways"] for item in found], [2, 4, 2], "ways")

    def _tree(self, devices: Sequence[str], window: int) -> layout_tree.Tree:
        chosen = self.shape.windows[window]
        return layout_tree.Tree(
            self.shape, chosen, devices, chosen.granularity,
            cedt.xor_maps(self.vm)[chosen.granularity],
        )

    def _verify(self, region: Region, tree: layout_tree.Tree) -> None:
        shares = dict(zip(region.members, self.guest.shares(region)))
        for spot in pattern.spots(region.size):
            found = layout_tree.gather(
                tree, shares, region.base, spot, pattern.SPAN
            )
            expect(found == pattern.pattern(spot, pattern.SPAN),
                   f"{region.name}: bytes at {spot:#x} are not where they "
                   "should be")

    def _cycle(self, devices: Sequence[str], window: int) -> None:
        """Make, use and destroy a region."""
        region = self.guest.create_region(devices, "ram", window)
        equal(region.members, tuple(devices), "members")
        tree = self._tree(devices, window)
        dax = self.guest.device_dax(region.name)
        pattern.fill(self.guest, dax, region.size)
        self._verify(region, tree)
        self.guest.destroy_region(region.name)
        equal(self.guest.json("cxl list -R"), [], "regions left")

    def check_two_way(self) -> None:
        """2-way over two bridges: bytes are where the parity says (35)."""
        self._cycle(["dev0", "dev2"], TWO)

    def check_four_bridges(self) -> None:
        """4-way over four bridges (35)."""
        self._cycle(["dev0", "dev3", "dev4", "dev7"], FOUR)

    def check_four_way(self) -> None:
        """4-way over two bridges, whose ports are chosen by bits (35)."""
        self._cycle(["dev0", "dev2", "dev1", "dev3"], TWO)

    def check_eight_way(self) -> None:
        """8-way over four bridges."""
        self._cycle([f"dev{at}" for at in (0, 2, 4, 6, 1, 3, 5, 7)], FOUR)

    def check_given_maps(self) -> None:
        """2-way at 1 KiB, by the maps of the topology (35)."""
        self._cycle(["dev1", "dev3"], TWO_1K)

    def check_second_region(self) -> None:
        """one that does not begin where its window does (35)."""
        first = self.guest.create_region(["dev1", "dev3"], "ram", TWO,
                                         size=512 * MIB)
        second = self.guest.create_region(["dev0", "dev2"], "ram", TWO,
                                          size=512 * MIB)
        expect(second.base > first.base, "regions are in the order of making")
        tree = self._tree(second.members, TWO)
        dax = self.guest.device_dax(second.name)
        pattern.fill(self.guest, dax, second.size)
        self._verify(second, tree)


class XorBackports(XorWindows):
    """The same on the kernel of trixie-backports."""

    kernel_suite = "trixie-backports"

    def check_four_bridges(self) -> None:
        """4-way over four bridges, on a newer kernel (35)."""
        self._cycle(["dev1", "dev2", "dev5", "dev6"], FOUR)

    def check_four_way(self) -> None:
        """4-way over two bridges, on a newer kernel (35)."""
        self._cycle(["dev1", "dev3", "dev0", "dev2"], TWO)
