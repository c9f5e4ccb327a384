# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison lists: what a kernel injects is where the interleave puts it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cxl_vm import layout_tree
from cxl_vm.guest_cxl import Region
from cxl_vm.units import KIB, MIB

from harness import cedt, pattern
from harness.errors import Errors
from harness.group import Group, equal, expect, warns

DEBUGFS = "/sys/kernel/debug/cxl"
LINE = 64
LIMIT = 128
# Windows of the topologies hb2x2 and xor.
ACROSS, FIRST, TWO, TWO_1K = 0, 2, 0, 2
PAGE = 4 * KIB
# Where in a region, so that its line begins within a page.
POISON = 2 * MIB + PAGE + 5 * LINE
# Linux: include/uapi/asm-generic/siginfo.h
BUS_MCEERR_AR = 4


class PoisonGroup(Group):
    """How a kernel is asked."""

    def _write(self, where: str, what: str, value: int) -> str:
        """Errors of a write to debugfs, or nothing."""
        result = self.vm.run(
            f"mountpoint -q /sys/kernel/debug || "
            f"mount -t debugfs none /sys/kernel/debug\n"
            f"echo {value:#x} >{DEBUGFS}/{where}/{what}_poison"
        )
        return result.errors + result.text if result.status else ""

    def _do(self, where: str, what: str, value: int) -> None:
        equal(self._write(where, what, value), "", f"{what} at {value:#x}")

    def _listed(self, select: str) -> list[dict[str, Any]]:
        return self.guest.json(
            f"cxl list {select} --media-errors"
        )[0].get("media_errors", [])


class MemdevPoison(PoisonGroup):
    """By DPA, on the stable kernel."""

    topology = "one"

    def check_inject(self) -> None:
        """poison is injected, listed and cleared; errors are told (16)."""
        self._do("mem0", "inject", 0x1000)
        found = self._listed("-m mem0")
        equal([(item["offset"], item["length"], item["source"])
               for item in found], [(0x1000, LINE, "Injected")], "list")
        expect("Invalid argument" in self._write("mem0", "inject", 0x1001),
               "an address within a line is taken")
        expect("Invalid argument" in self._write("mem0", "inject", 1 << 50),
               "an address past the memory is taken")
        self._do("mem0", "clear", 0x1000)
        equal(self._listed("-m mem0"), [], "list after clearing")

    def check_qmp(self) -> None:
        """what the media loses is listed as internal."""
        self.vm.qmp.cmd("cxl-inject-poison", path="dev0", start=0x4000,
                        length=0x10000)
        found = self._listed("-m mem0")
        equal([(item["offset"], item["length"], item["source"])
               for item in found], [(0x4000, 0x10000, "Internal")], "list")
        self._do("mem0", "clear", 0x8000)
        equal([(item["offset"], item["length"])
               for item in self._listed("-m mem0")],
              [(0x4000, 0x4000), (0x8000 + LINE, 0xc000 - LINE)], "list")

    def check_limit(self) -> None:
        """one line too many is refused: busy (16)."""
        self.vm.check(
            f"for at in $(seq {LIMIT}); do\necho $((0x100000 + at * 0x1000)) "
            f">{DEBUGFS}/mem0/inject_poison || exit 1; done"
        )
        expect("busy" in self._write("mem0", "inject", 0x80000),
               "the limit does not hold")


class RegionPoison(PoisonGroup):
    """By the offset in a region, which newer kernels translate."""

    topology = "hb2x2"
    kernel_suite = "trixie-backports"

    def _tree(self, region: Region, window: int) -> layout_tree.Tree:
        return layout_tree.Tree(self.shape, self.shape.windows[window],
                                region.members, region.granularity)

    def _check(self, region: Region, tree: layout_tree.Tree,
               offsets: Sequence[int]) -> None:
        """Lines are listed for the devices and DPAs that hold them."""
        theirs = self.guest.memdevs()
        places = []
        for offset in offsets:
            self._do(region.name, "inject", offset)
            # The regions start at DPA 0 of their devices.
            name, inside, _ = next(tree.pieces(region.base, offset, LINE))
            places.append((theirs[name], inside))
        found = self._listed(f"-r {region.name}")
        equal(sorted((item["offset"], item["length"], item["source"])
                     for item in found),
              [(offset, LINE, "Injected") for offset in offsets], "list")
        equal(self._places(), sorted(places), "devices and their addresses")
        for offset in offsets:
            self._do(region.name, "clear", offset)
        equal(self._places(), [], "list after clearing")

    def _places(self) -> list[tuple[str, int]]:
        """Device and DPA of what all devices list."""
        return sorted(
            (item["memdev"], error["offset"])
            for item in self.guest.json("cxl list -M --media-errors")
            for error in item.get("media_errors", [])
        )

    @warns
    def check_region(self) -> None:
        """2-way: offset, device and DPA fit the interleave (38)."""
        region = self.guest.create_region(["dev0", "dev2"], "ram", ACROSS)
        self._check(region, self._tree(region, ACROSS),
                    (0, 0x100, 0x400, 0x7c0, region.size - LINE))


class XorPoison(RegionPoison):
    """The same in windows by XOR."""

    topology = "xor"

    def _tree(self, region: Region, window: int) -> layout_tree.Tree:
        chosen = self.shape.windows[window]
        return layout_tree.Tree(
            self.shape, chosen, region.members, chosen.granularity,
            cedt.xor_maps(self.vm)[chosen.granularity],
        )

    @warns
    def check_region(self) -> None:
        """2-way: poison is in the line that holds the offset (35)."""
        region = self.guest.create_region(["dev0", "dev2"], "ram", TWO)
        self._check(region, self._tree(region, TWO),
                    (0, 0x100, 0x2c0, 0x1340, MIB + 0x500,
                     region.size // 2 + 0x9c0, region.size - LINE))

    @warns
    def check_given_maps(self) -> None:
        """2-way at 1 KiB, by the maps of the topology (35)."""
        region = self.guest.create_region(["dev1", "dev3"], "ram", TWO_1K)
        self._check(region, self._tree(region, TWO_1K),
                    (0, KIB, 3 * KIB + LINE, 17 * KIB, MIB + 5 * KIB,
                     region.size - LINE))


class PoisonReaders(PoisonGroup):
    """A process that reads poison."""

    topology = "hb2x2"
    tools = ("daxio", "poisonio")

    def _read(self, dax: str, offset: int, how: str = "read") -> str:
        return self.vm.run(f"poisonio {how} /dev/{dax} {offset:#x}").text

    def _expect_killed(self, dax: str, offset: int, how: str) -> None:
        """SIGBUS that says: act now, and where."""
        told = self._read(dax, offset, how)
        match = re.fullmatch(
            r"SIGBUS code (\d+) offset (0x\w+) lsb (\d+)\s*", told
        )
        expect(match, f"{how} of poison: {told}")
        assert match
        code, where, lsb = (int(part, 0) for part in match.groups())
        equal(code, BUS_MCEERR_AR, "code of the signal")
        equal(where >> lsb, offset >> lsb, "address of the signal")

    def _expect_good(self, dax: str, offset: int) -> None:
        word = int.from_bytes(pattern.pattern(offset, 8), "little")
        equal(self._read(dax, offset).split(), ["read", f"{word:#x}"],
              f"word at {offset:#x}")

    def _expect_logged(self, region: Region) -> None:
        """The kernel has named the page, and the device has told of it."""
        page = (region.base + POISON) // PAGE
        log = self.vm.check("dmesg")
        expect(f"Memory failure: {page:#x}: recovery action for dax page: "
               "Recovered" in log, f"log of the failure of {page:#x}")
        Errors(self.vm).traced(
            f"cxl_general_media.*log=Failure.*UNCORRECTABLE.*Host Read.*"
            f"hpa={region.base + POISON:x}"
        )

    def _use(self, members: list[str], window: int, dax: str,
             region: Region) -> None:
        tree = layout_tree.Tree(self.shape, self.shape.windows[window],
                                region.members, region.granularity)
        name, dpa, _ = next(tree.pieces(region.base, POISON, LINE))
        theirs = self.guest.memdevs()[name]
        expect(name in members, f"{name} is in the region")
        self.vm.check(
            f"daxio fill /dev/{dax} {2 * MIB} {64 * KIB} {pattern.SEED:#x}"
        )
        self._do(theirs, "inject", dpa)
        Errors(self.vm).trace("cxl/cxl_general_media")
        self._expect_good(dax, POISON - 8)
        self._expect_good(dax, POISON + LINE)
        self._expect_killed(dax, POISON + 8, "read")
        self._expect_logged(region)
        self._expect_killed(dax, POISON + 16, "call")
        equal(self._read(dax, POISON + 2 * LINE, "call").strip(), "called",
              "a function beside poison")
        self._expect_good(dax, POISON - 8)
        self._expect_good(dax, POISON - PAGE)
        self._do(theirs, "clear", dpa)
        equal(self._read(dax, POISON + 8).split(), ["read", "0"],
              "a word that was cleared")
        self._expect_good(dax, POISON - 8)

    def _consume(self, members: list[str], window: int) -> None:
        region = self.guest.create_region(members, "ram", window)
        self._use(members, window, self.guest.device_dax(region.name), region)
        self.guest.destroy_region(region.name)


class PoisonReads(PoisonReaders):
    """On the stable kernel."""

    @warns
    def check_one_way(self) -> None:
        """a process that reads poison is told, and only it (1-way)."""
        self._consume(["dev0"], FIRST)

    @warns
    def check_two_way(self) -> None:
        """the same where two devices are interleaved (2-way)."""
        self._consume(["dev0", "dev2"], ACROSS)


class PoisonReadsBackports(PoisonReaders):
    """On a newer one."""

    kernel_suite = "trixie-backports"

    @warns
    def check_one_way(self) -> None:
        """a process that reads poison is told, and only it (1-way)."""
        self._consume(["dev0"], FIRST)

    @warns
    def check_two_way(self) -> None:
        """the same where two devices are interleaved (2-way)."""
        self._consume(["dev0", "dev2"], ACROSS)
