# SPDX-License-Identifier: GPL-2.0-or-later
"""Topology files with switches: names, buses, QEMU devices, complaints."""

import tomllib
import unittest
from pathlib import Path
from xml.etree import ElementTree

from cxl_vm import drawing, picture, placing, topology
from cxl_vm.command import topology_args
from cxl_vm.setup import processors
from cxl_vm.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"

HEAD = '[device-defaults]\nvolatile = "256M"\n'
DEVICE = '{ device = "dev*" }'
# The ports of a bridge on bus 12, the key complained of, and the remedy.
BAD_PORTS = [
    ('{ switch = "sw0" }', "ports[0].ports", "needs a list"),
    ('{ switch = "sw0", device = "d0", ports = [] }', "ports[0].device",
     "not both"),
    ('{ ports = [] }', "ports[0].switch", "missing"),
    ('{ serial = 1 }', "ports[0].device", "missing"),
    ('{ count = 2, device = "d0", serial = 1 }', "ports[0].device", "d0*"),
    ('{ count = 2, switch = "sw", ports = [] }', "ports[0].switch", "sw*"),
    ('{ count = 0 }', "ports[0].count", "from 1 to 32"),
    ('{ count = true }', "ports[0].count", "from 1 to 32"),
    ('{ count = 20 }, { count = 20 }', "bridge[0].ports", "at most 32"),
    ('{ switch = "a*b*", ports = [] }', "ports[0].switch", "one '*'"),
    ('{ switch = "hb0", ports = [] }', "name", "twice"),
    ('{ switch = "s", ports = [] }, { switch = "s", ports = [] }',
     "ports.switch", "twice"),
    ('{ switch = "s", ports = [ { device = "d", serial = 0 } ] }',
     "ports[0].ports[0].serial", "from 1"),
    ('{ device = "d*", options = "x-speed" }', "ports[0].options", "x-speed=32"),
    ('{ count = 8, switch = "s*", ports = [ { count = 31 } ] }',
     "bridge.bus", "none past 255"),
    ('{ count = 8, switch = "s*", ports = [ { count = 32 } ] }',
     "ports[0].count", "256 ports"),
    ('{ port-options = "bus-reserve=250" }', "bridge.bus", "none past 255"),
]


def parse(text: str) -> topology.Topology:
    """A topology from the text of a file."""
    raw = tomllib.loads(text) | tomllib.loads(HEAD)
    return topology.parse(raw, Path("t.toml"))


def bridge(ports: str, name: str = "hb0", bus: int = 12) -> str:
    """The text of one bridge."""
    return f'[[bridge]]\nname = "{name}"\nbus = {bus}\nports = [ {ports} ]\n'


def devices_of(shape: topology.Topology) -> list[dict[str, str]]:
    """QEMU's -device options; the model is under 'model'."""
    args = topology_args(shape, None)
    found = []
    for flag, value in zip(args, args[1:]):
        if flag == "-device":
            pairs = [part.partition("=") for part in value.split(",")]
            found.append({"model": pairs[0][0]}
                         | {key: text for key, _, text in pairs[1:]})
    return found


class TreeTest(unittest.TestCase):
    """What a file with switches becomes."""

    def test_nested(self) -> None:
        shape = parse(bridge(
            '{ switch = "a", ports = [ {}, { switch = "b", ports = ['
            ' { device = "d", serial = 7 } ] } ] }'))
        self.assertEqual([port.name for port in shape.path("d")],
                         ["hb0rp0", "adsp1", "bdsp0"])
        self.assertEqual([item.name for item in shape.switches], ["a", "b"])
        # Itself, the port, a, its two ports, b, its port.
        self.assertEqual(shape.bridges[0].last_bus, 12 + 6)

    def test_count(self) -> None:
        inner = f'{{ count = 2, switch = "s*", ports = [ {DEVICE}, {DEVICE} ] }}'
        shape = parse(bridge(inner) + bridge(inner, "hb1", 40))
        self.assertEqual([device.name for device in shape.devices],
                         [f"dev{at}" for at in range(8)])
        self.assertEqual([device.serial for device in shape.devices],
                         list(range(1, 9)))
        self.assertEqual([item.name for item in shape.bridges[1].switches],
                         ["s2", "s3"])

    def test_first_serial(self) -> None:
        shape = parse(bridge('{ count = 2, device = "d*", serial = 0x40 }'))
        self.assertEqual([dev.serial for dev in shape.devices], [64, 65])

    def test_buses_just_fit(self) -> None:
        text = bridge('{ switch = "s", ports = [ { count = 2 } ] }')
        parse(text + bridge("", "hb1", 17))
        with self.assertRaisesRegex(topology.TopologyError, "buses 12 to 16"):
            parse(text + bridge("", "hb1", 16))

    def test_reserved_buses(self) -> None:
        shape = parse(bridge('{ port-options = "slot=9,bus-reserve=4" }'))
        self.assertEqual(shape.bridges[0].last_bus, 12 + 1 + 4)

    def test_deep(self) -> None:
        text = "ports = [ {} ]"
        for level in range(20):
            text = f'ports = [ {{ switch = "s{level}", {text} }} ]'
        shape = parse(f'[[bridge]]\nname = "hb0"\nbus = 12\n{text}\n')
        self.assertEqual(len(shape.switches), 20)

    def test_complaints(self) -> None:
        for ports, key, remedy in BAD_PORTS:
            with self.subTest(ports), self.assertRaises(
                topology.TopologyError
            ) as caught:
                parse(bridge(ports))
            self.assertIn("t.toml", str(caught.exception))
            self.assertIn(f"{key}: ", str(caught.exception))
            self.assertIn(remedy, str(caught.exception))


class CommandTest(unittest.TestCase):
    """The QEMU devices of a tree."""

    def test_switch(self) -> None:
        shape = parse(bridge(
            '{ switch = "a", options = "x-width=8", ports = [ {},'
            ' { port-options = "x-speed=16", device = "d", serial = 7,'
            ' options = "hdm-decoders=2" } ] }'))
        self.assertEqual(devices_of(shape)[1:], [
            {"model": "cxl-rp", "id": "hb0rp0", "bus": "hb0", "port": "0",
             "chassis": "0", "slot": "1"},
            {"model": "cxl-upstream", "id": "a", "bus": "hb0rp0",
             "x-width": "8"},
            {"model": "cxl-downstream", "id": "adsp0", "bus": "a",
             "port": "0", "chassis": "0", "slot": "2"},
            {"model": "cxl-downstream", "id": "adsp1", "bus": "a",
             "port": "1", "chassis": "0", "slot": "3", "x-speed": "16"},
            {"model": "cxl-type3", "id": "d", "bus": "adsp1", "sn": "0x7",
             "volatile-memdev": "d-volatile", "hdm-decoders": "2"},
        ])

    def test_every_file(self) -> None:
        """Slots are unique; buses exist before they are named."""
        for name in topology.names():
            with self.subTest(name):
                shape = topology.load(name)
                items = devices_of(shape)
                slots = [item["slot"] for item in items if "slot" in item]
                self.assertEqual(len(set(slots)), len(slots))
                known = {"pcie.0"}
                for item in items:
                    self.assertIn(item["bus"], known)
                    known.add(item["id"])
                models = [item["model"] for item in items]
                self.assertEqual(models.count("cxl-type3"),
                                 len(shape.devices))
                self.assertTrue(shape.description)


class PlacingTest(unittest.TestCase):
    """Regions of firmware's, where QEMU puts them."""

    def test_defaults(self) -> None:
        shape = parse(bridge(
            '{ device = "a", persistent = "1G", lsa = "1M", serial = 1 },'
            ' { device = "b", serial = 2 }')
            + '[[window]]\ntargets = ["hb0"]\nsize = "4G"\n' + "".join(
                f"[[region]]\nwindow = 0\n{text}\n" for text in (
                    'devices = ["a", "b"]\nsize = "256M"',
                    'devices = ["a"]', 'devices = ["a"]\nlocked = true\n'
                    'partition = "persistent"\noffset = "1G"')))
        self.assertEqual(
            [(item.offset, item.size, item.partition)
             for item in placing.placed(shape)],
            [(0, 256 << 20, "volatile"), (256 << 20, 128 << 20, "volatile"),
             (1 << 30, 1 << 30, "persistent")])
        self.assertEqual(
            drawing.draw(shape).split("\n")[-1], "fwregion2  in window 0: "
            "1G persistent at 1G, a, locked")
        words = [box[4] for box in boxes_of_texts(picture.picture(shape))]
        self.assertIn("fwregion2  1G persistent at 1G, a, locked", words)


class ProcessorsTest(unittest.TestCase):
    """As many as the interrupts of all devices need."""

    def test_scale(self) -> None:
        for name, wanted in (("one", "2"), ("hb2x8", "2"), ("scale64", "3")):
            self.assertEqual(processors(topology.load(name)), wanted)


class DrawingTest(unittest.TestCase):
    """The drawing in letters."""

    def test_tree(self) -> None:
        shape = parse(bridge(
            '{ switch = "a", ports = [ { device = "d", serial = 7 }, {} ] },'
            ' {}') + '[[window]]\ntargets = ["hb0"]\nsize = "1G"\n')
        self.assertEqual(drawing.draw(shape).split("\n"), [
            "host",
            "└─ hb0  host bridge, buses 0x0c to 0x11",
            "   ├─ hb0rp0 ── a  switch",
            "   │  ├─ adsp0 ── d  256M ram  serial 0x7",
            "   │  └─ adsp1 ── (empty)",
            "   └─ hb0rp1 ── (empty)",
            "",
            "window 0    1G  hb0",
        ])


def boxes_of_texts(text: str) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right, bottom and words of each text in a picture."""
    found = []
    for item in ElementTree.fromstring(text).iter(f"{SVG}text"):
        words, size = item.text or "", float(item.get("font-size", "0"))
        width = text_width(words, size, item.get("font-weight") == "600")
        x, y = float(item.get("x", "0")), float(item.get("y", "0"))
        x -= {"start": 0.0, "middle": width / 2,
              "end": width}[item.get("text-anchor", "start")]
        found.append((x, y - size * 0.8, x + width, y + size * 0.2, words))
    return found


class PictureTest(unittest.TestCase):
    """The picture of a topology."""

    def check(self, shape: topology.Topology) -> str:
        """No text is on another or outside; the picture."""
        text = picture.picture(shape)
        root = ElementTree.fromstring(text)
        width, height = (float(root.get(key, "0"))
                         for key in ("width", "height"))
        boxes = boxes_of_texts(text)
        for at, (left, top, right, bottom, words) in enumerate(boxes):
            self.assertTrue(0 <= left and right <= width and 0 <= top
                            and bottom <= height, words)
            for other in boxes[at + 1:]:
                self.assertFalse(
                    left < other[2] and other[0] < right and top < other[3]
                    and other[1] < bottom, f"'{words}' is on '{other[4]}'")
        return text

    def test_every_file(self) -> None:
        for name in topology.names():
            with self.subTest(name):
                shape = topology.load(name)
                words = [box[4] for box in boxes_of_texts(self.check(shape))]
                for item in (*shape.devices, *shape.switches,
                             *shape.bridges):
                    self.assertIn(item.name, words)
                self.assertEqual(words.count("W0"), 1
                                 + len(shape.windows[0].targets))

    def test_extremes(self) -> None:
        """16 bridges and windows, long names and serials, small print."""
        long = "-with-a-name-that-is-long" * 2
        text = f'description = "{"many words " * 40}"\n'
        for at in range(16):
            serial = (1 << 63) + at if at % 2 else at + 1
            text += bridge(
                f'{{ device = "d{at}{long}", serial = {serial}, options ='
                f' "x-speed=32" }}, {{ switch = "s{at}", port-options ='
                f' "x-width=8", ports = [ {{ device = "e{at}", serial ='
                f' {at + 100} }} ] }}', f"b{at}{long}", 1 + at * 14)
        targets = ", ".join(f'"b{at}{long}"' for at in range(16))
        text += (f'[[window]]\ntargets = [ {targets} ]\nsize = "1T"\n'
                 'granularity = "16k"\nrestrictions = 63\nqtg = 9\n') * 16
        text += f'[[window]]\ntargets = ["b0{long}"]\nsize = "256M"\n'
        self.check(parse(text))

    def test_nothing_plugged(self) -> None:
        self.check(parse(bridge("{}")))
        self.check(parse(bridge("")))

    def test_stripes(self) -> None:
        """A window's bar shows its bridges in their order."""
        shape = parse(
            bridge("{}") + bridge("{}", "hb1", 20) +
            '[[window]]\ntargets = ["hb1", "hb0"]\nsize = "1G"\n')
        stripes = [
            (item[0].text, item.get("fill"))
            for item in ElementTree.fromstring(picture.picture(shape))
            if item.tag == f"{SVG}rect" and item.get("height") == "16"
            and len(item)
        ]
        self.assertEqual([name for name, _ in stripes[:4]],
                         ["hb1", "hb0", "hb1", "hb0"])
        self.assertEqual(stripes[0], stripes[2])
        self.assertNotEqual(stripes[0][1], stripes[1][1])

    def test_hostile_words(self) -> None:
        """A description cannot break out of its element."""
        shape = parse('description = "</text><script>&\\u0001"\n' + bridge("{}"))
        root = ElementTree.fromstring(picture.picture(shape))
        self.assertIsNone(root.find(f".//{SVG}script"))
