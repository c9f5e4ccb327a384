# SPDX-License-Identifier: GPL-2.0-or-later
"""Quality of service: what the kernel adds up, and the group it is told."""

from __future__ import annotations

from dataclasses import astuple

from cxl_vm.guest_cxl import SYSFS, Region

from harness import sums
from harness.group import Group, equal, expect

# Windows of the topology qos.
FAST_HB0, FAST_HB1, SLOW_HB0, SLOW_HB1 = range(4)
COORDINATES = ("read_latency", "write_latency", "read_bandwidth",
               "write_bandwidth")


def _check_classes(group: Group) -> None:
    """Each partition's class, in sysfs and in 'cxl list'."""
    known = group.guest.memdevs()
    equal(len(known), len(group.shape.devices), "devices")
    listed = {
        item["memdev"]: item for item in group.guest.json("cxl list -M")
    }
    groups = {window.qtg or 0 for window in group.shape.windows}
    for device in group.shape.devices:
        name, theirs = device.name, known[device.name]
        whole = sums.of_device(group.shape, name)
        wanted = sums.group_of(group.shape, whole)
        expect(wanted in groups, f"no window in group {wanted}")
        for kind, size in (("ram", device.volatile),
                           ("pmem", device.persistent)):
            if not size:
                continue
            text = group.vm.check(f"cat {SYSFS}/{theirs}/{kind}/qos_class")
            equal(int(text), wanted, f"{name}: {kind}/qos_class")
            equal(listed[theirs].get(f"{kind}_qos_class"), wanted,
                  f"{name}: {kind}_qos_class")


def _check_region(
    group: Group, names: list[str], window: int, node_has: bool = True
) -> None:
    """Numbers of a region over @names once it is memory, and of its node."""
    wanted = astuple(sums.of_region(group.shape, names))
    region = group.guest.create_region(names, "ram", window)
    dax = group.guest.dax_device(region.name)
    group.vm.check("echo online_movable >"
                   "/sys/devices/system/memory/auto_online_blocks")
    group.vm.check("modprobe kmem")
    group.vm.check("daxctl reconfigure-device -f -m system-ram " + dax, 120)
    node = group.vm.check(f"cat /sys/bus/dax/devices/{dax}/target_node")
    path = f"/sys/devices/system/node/node{node.strip()}"
    places = [f"{SYSFS}/{region.name}/access{access}" for access in (0, 1)]
    if node_has:
        places += [f"{path}/access{access}/initiators" for access in (0, 1)]
    for where in places:
        text = group.vm.check(f"cd {where} && cat {' '.join(COORDINATES)}")
        found = tuple(int(value) for value in text.split())
        equal(found, wanted, f"{where}: {', '.join(COORDINATES)}")


class Qos(Group):
    """Two bridges as generic ports, two devices below each."""

    topology = "qos"

    def check_classes(self) -> None:
        """each partition has the class of its performance (10)."""
        _check_classes(self)

    def check_root_decoders(self) -> None:
        """root decoders have their windows' groups (10)."""
        found = [item["qos_class"] for item in self.guest.root_decoders()]
        equal(found, [window.qtg for window in self.shape.windows], "classes")

    def check_match(self) -> None:
        """a region in a window of its device's class is no mismatch."""
        for device, window in (("fast0", FAST_HB0), ("slow1", SLOW_HB1)):
            region = self.guest.create_region([device], "ram", window)
            equal(self._mismatch(region), None, f"mismatch of {device}")
            self.guest.destroy_region(region.name)

    def check_mismatch(self) -> None:
        """a region in a window of another class is a mismatch."""
        for device, window in (("slow0", FAST_HB0), ("fast1", SLOW_HB1)):
            region = self.guest.create_region([device], "ram", window)
            equal(self._mismatch(region), True, f"mismatch of {device}")
            self.guest.destroy_region(region.name)

    def check_enforced(self) -> None:
        """create-region -Q refuses the wrong class and takes the right."""
        wrong = self.guest.create_command(["slow0"], "ram", FAST_HB0)
        result = self.vm.run(wrong.replace(" -m ", " -Q -m "))
        expect(result.status, f"made: {result.text}")
        right = self.guest.create_command(["slow0"], "ram", SLOW_HB0)
        listed = self.guest.json(right.replace(" -m ", " -Q -m "))
        expect(listed["region"], f"not made: {listed}")

    def check_coordinates(self) -> None:
        """a region's and its node's numbers: bridge, link, CDAT (52)."""
        _check_region(self, ["fast0"], FAST_HB0)

    def check_shared(self) -> None:
        """two devices share the bandwidth to their bridge (52)."""
        _check_region(self, ["fast1", "slow1"], SLOW_HB1)

    def _mismatch(self, region: Region) -> bool | None:
        listed = self.guest.json(f"cxl list -R -r {region.name}")
        return listed[0].get("qos_class_mismatch")


class QosBackports(Group):
    """The same machine with a newer kernel."""

    topology = "qos"
    kernel_suite = "trixie-backports"

    def check_classes(self) -> None:
        """each partition has the class of its performance (10)."""
        _check_classes(self)

    def check_coordinates(self) -> None:
        """a region's numbers: bridge, link, CDAT (52)."""
        # Linux 7.3 gives them only to nodes that HMAT describes.
        _check_region(self, ["fast1", "slow1"], FAST_HB1, node_has=False)


class QosSwitch(Group):
    """Narrow links, and devices behind a switch."""

    topology = "qos_switch"

    def check_classes(self) -> None:
        """behind a switch too there is a class (10)."""
        _check_classes(self)

    def check_switch(self) -> None:
        """two devices share the link to their switch (52)."""
        _check_region(self, ["near", "narrow"], 0)

    def check_link(self) -> None:
        """a narrow link counts for latency and bandwidth (52)."""
        _check_region(self, ["direct"], 1)


class QosByLatency(Group):
    """Groups that differ in latency, and one that nothing suits."""

    topology = "qos_latency"

    def check_classes(self) -> None:
        """_DSM chooses by latency (10)."""
        _check_classes(self)


class QosUnknown(Group):
    """Host bridges that are no generic ports."""

    topology = "one"

    def check_absent(self) -> None:
        """without generic ports there is no class (10)."""
        (theirs,) = self.guest.memdevs().values()
        found = self.vm.check(f"ls {SYSFS}/{theirs}/ram").split()
        expect("size" in found, f"{found}")
        expect("qos_class" not in found, f"{found}")
        (item,) = self.guest.json("cxl list -M")
        expect("ram_qos_class" not in item, f"{item}")
