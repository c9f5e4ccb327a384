# SPDX-License-Identifier: GPL-2.0-or-later
"""Topology files with switches: names, buses, QEMU devices, complaints."""

import tomllib
import unittest
from pathlib import Path

from cxl_vm import drawing, topology
from cxl_vm.command import topology_args

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
    return topology.parse(tomllib.loads(HEAD + text), Path("t.toml"))


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
