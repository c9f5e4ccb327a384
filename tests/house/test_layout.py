# SPDX-License-Identifier: GPL-2.0-or-later
"""Where bytes are: the arithmetic that the guest checks rely on."""

import tempfile
import unittest
from pathlib import Path

from cxl_vm import layout, layout_tree, topology
from cxl_vm.errors import VmError

BASE = 0x110000000


def tree(name: str, members: list[str], window: int = 0,
         granularity: int = 0) -> layout_tree.Tree:
    """The levels of a region in a topology that comes with the launcher."""
    shape = topology.load(name)
    chosen = shape.windows[window]
    return layout_tree.Tree(shape, chosen, members,
                            granularity or chosen.granularity)


def devs(*numbers: int) -> list[str]:
    """dev0, dev1, ..."""
    return [f"dev{number}" for number in numbers]


class TreeTest(unittest.TestCase):
    """Through windows, bridges and switches."""

    def test_like_plain_modulo(self) -> None:
        """With powers of two, chunk k is on the member k modulo ways."""
        for name, members, window, granularity in (
            ("hb2x2", devs(0, 2, 1, 3), 0, 256),
            ("hb2x2", devs(2, 3), 3, 4096),
            ("hb1x8", devs(*range(8)), 0, 1024),
            ("hb2x8", [f"dev{at // 2 + at % 2 * 8}" for at in range(16)], 0,
             256),
            ("switch2", devs(0, 2, 1, 3), 0, 512),
            ("switch2", devs(3, 1), 0, 256),
            ("mixed", devs(0, 6, 2, 7), 0, 256),
        ):
            made = tree(name, members, window, granularity)
            for offset in range(0, 64 * granularity, granularity // 4):
                position, inside = layout.locate(
                    offset, len(members), granularity)
                with self.subTest(name, offset=offset):
                    self.assertEqual(
                        list(made.pieces(BASE, offset, granularity // 4)),
                        [(members[position], inside, granularity // 4)])

    def test_levels(self) -> None:
        """Ways and granularity grow on the way down."""
        made = tree("switch2", devs(0, 2, 1, 3), granularity=256)
        self.assertEqual(
            {name: (level.granularity, level.targets)
             for name, level in made.levels.items()},
            {"hb0": (256, ("hb0rp0",)),
             "top": (256, ("topdsp0", "topdsp1")),
             "sw0": (512, ("sw0dsp0", "sw0dsp1")),
             "sw1": (512, ("sw1dsp0", "sw1dsp1"))})

    def test_three_bridges(self) -> None:
        """3 ways by the remainder, then bits of the same granularity."""
        made = tree("hb3x4", devs(0, 4, 8, 1, 5, 9))
        self.assertEqual(made.levels["hb1"],
                         layout_tree.Level(256, ("hb1rp0", "hb1rp1")))
        # An address that is 0 modulo 3 and even, in chunks.
        base = 3 * (1 << 30)
        found = [made.device_at(base + at * 256) for at in range(6)]
        self.assertEqual(found, devs(0, 5, 8, 1, 4, 9))

    def test_each_once(self) -> None:
        """Each run of chunks uses each device once, at one offset."""
        members = devs(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11)
        made = tree("hb3x4", members)
        for row in range(8):
            pieces = list(made.pieces(BASE, row * 12 * 256, 12 * 256))
            self.assertEqual({name for name, _, _ in pieces}, set(members))
            self.assertEqual({inside for _, inside, _ in pieces},
                             {row * 256})

    def test_xor(self) -> None:
        """The bridge by parity; in each run of chunks each device once."""
        members = devs(0, 2, 4, 6)
        shape = topology.load("xor")
        maps = (0x2020900, 0x4041200)
        made = layout_tree.Tree(shape, shape.windows[1], members, 256, maps)
        for hpa, bridge in (
            (0, 0), (0x100, 1), (0x200, 2), (0x300, 3), (0x800, 1),
            (0x2000000, 1), (0x2000100, 0), (0x4000200, 0), (0x6000000, 3),
        ):
            with self.subTest(hpa=hpa):
                self.assertEqual(made.device_at(hpa), members[bridge])
        for row in range(600):
            pieces = list(made.pieces(BASE, row * 1024, 1024))
            self.assertEqual({name for name, _, _ in pieces}, set(members))

    def test_xor_three(self) -> None:
        """The part of 3 of six ways is the remainder above the parities."""
        level = layout_tree.XorLevel(
            256, tuple("abcdef"), (0x900,))
        self.assertEqual(
            "".join(level.select(at * 256) for at in range(12)),
            "abcdefabdcfe")

    def test_xor_maps_needed(self) -> None:
        shape = topology.load("xor")
        with self.assertRaisesRegex(VmError, "needs 2 maps"):
            layout_tree.Tree(shape, shape.windows[1], devs(0, 2, 4, 6), 256,
                             [0x100])
        made = layout_tree.Tree(shape, shape.windows[2], devs(0, 2), 1024)
        self.assertEqual(made.device_at(0x400000), "dev2")

    def test_order_that_does_not_fit(self) -> None:
        with self.assertRaisesRegex(VmError, "'top'"):
            tree("switch2", devs(0, 1, 2, 3))

    def test_gather(self) -> None:
        """Bytes come from the files, from where each share starts."""
        with tempfile.TemporaryDirectory() as scratch:
            shares = {}
            for at, name in enumerate(devs(0, 1)):
                path = Path(scratch, name)
                path.write_bytes(b"x" * at + bytes([65 + at]) * 256
                                 + bytes([97 + at]) * 256)
                shares[name] = (path, at)
            made = tree("switch", devs(1, 0), granularity=256)
            self.assertEqual(
                layout_tree.gather(made, shares, BASE, 255, 514),
                b"B" + b"A" * 256 + b"b" * 256 + b"a")
