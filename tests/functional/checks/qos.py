# SPDX-License-Identifier: GPL-2.0-or-later
"""Quality of service: what the kernel adds up, and the group it is told.

The sums are done here from the topology's numbers alone.
"""

from __future__ import annotations

from dataclasses import astuple

from cxl_vm.guest_cxl import SYSFS, Region
from cxl_vm.performance import Performance
from cxl_vm.topology import Bridge, Device, Topology

from harness.group import Group, equal, expect

# Windows of the topology qos.
FAST_HB0, FAST_HB1, SLOW_HB0, SLOW_HB1 = range(4)
# What a device's link is by default: 32 GT/s, 16 lanes, 128b/130b.
LINK_MBS = 32000 * 128 // 130 * 16 // 8
FLIT_BYTES = 68
COORDINATES = ("read_latency", "write_latency", "read_bandwidth",
               "write_bandwidth")


def _round_up(value: int, unit: int) -> int:
    return -(-value // unit)


def _link_latency() -> int:
    """The time of one flit, in nanoseconds."""
    return _round_up(FLIT_BYTES * 1_000_000 // LINK_MBS, 1000)


def _port(bridge: Bridge) -> Performance:
    expect(bridge.generic_port, f"{bridge.name} is no generic port")
    return bridge.generic_port


def _own(device: Device) -> Performance:
    expect(device.performance, f"{device.name} has no numbers")
    return device.performance


def end_to_end(bridge: Bridge, devices: list[Device]) -> Performance:
    """From the processors to @devices, interleaved, below @bridge."""
    port = _port(bridge)
    own = [_own(device) for device in devices]
    link = _link_latency()
    return Performance(
        read_latency=port.read_latency + link
        + max(item.read_latency for item in own),
        write_latency=port.write_latency + link
        + max(item.write_latency for item in own),
        read_bandwidth=min(port.read_bandwidth, sum(
            min(LINK_MBS, item.read_bandwidth) for item in own)),
        write_bandwidth=min(port.write_bandwidth, sum(
            min(LINK_MBS, item.write_bandwidth) for item in own)),
    )


def group_of(shape: Topology, whole: Performance) -> int:
    """The recommended group: the most demanding that @whole suits."""
    groups: dict[int, tuple[float, int]] = {}
    for window in shape.windows:
        latency, bandwidth = groups.get(window.qtg or 0, (float("inf"), 0))
        groups[window.qtg or 0] = (
            window.qtg_max_latency or latency,
            window.qtg_min_bandwidth or bandwidth,
        )
    order = sorted(groups, key=lambda key: (
        groups[key][0], -groups[key][1], key))
    for group in order:
        latency, bandwidth = groups[group]
        if (max(whole.read_latency, whole.write_latency) <= latency
                and min(whole.read_bandwidth, whole.write_bandwidth)
                >= bandwidth):
            return group
    return order[-1]


def _bridge_of(shape: Topology, name: str) -> tuple[Bridge, Device]:
    for bridge in shape.bridges:
        for device in bridge.devices:
            if device.name == name:
                return bridge, device
    raise KeyError(name)


def _check_classes(group: Group) -> None:
    """Each partition's class, in sysfs and in 'cxl list'."""
    known = group.guest.memdevs()
    equal(len(known), len(group.shape.devices), "devices")
    listed = {
        item["memdev"]: item for item in group.guest.json("cxl list -M")
    }
    groups = {window.qtg or 0 for window in group.shape.windows}
    for name, theirs in known.items():
        bridge, device = _bridge_of(group.shape, name)
        wanted = group_of(group.shape, end_to_end(bridge, [device]))
        expect(wanted in groups, f"no window in group {wanted}")
        for kind, size in (("ram", device.volatile),
                           ("pmem", device.persistent)):
            if not size:
                continue
            text = group.vm.check(f"cat {SYSFS}/{theirs}/{kind}/qos_class")
            equal(int(text), wanted, f"{name}: {kind}/qos_class")
            equal(listed[theirs].get(f"{kind}_qos_class"), wanted,
                  f"{name}: {kind}_qos_class")


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

    def check_links(self) -> None:
        """links are as fast as the sums here take for granted."""
        listed = self.guest.json("cxl list -M")
        equal(len(listed), len(self.shape.devices), "devices")
        for item in listed:
            text = self.vm.check(
                f"cd /sys/bus/pci/devices/{item['host']} && "
                "cat current_link_speed current_link_width"
            )
            equal(text.split("\n")[:2], ["32.0 GT/s PCIe", "16"],
                  f"link of {item['memdev']}")

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
        """a region's and its node's numbers are port, link, CDAT (52)."""
        self._online(["fast0"], FAST_HB0)

    def check_shared(self) -> None:
        """two devices share the bandwidth to their bridge (52)."""
        self._online(["fast1", "slow1"], SLOW_HB1)

    def _mismatch(self, region: Region) -> bool | None:
        listed = self.guest.json(f"cxl list -R -r {region.name}")
        return listed[0].get("qos_class_mismatch")

    def _online(self, names: list[str], window: int) -> None:
        bridge, _ = _bridge_of(self.shape, names[0])
        devices = [_bridge_of(self.shape, name)[1] for name in names]
        wanted = astuple(end_to_end(bridge, devices))
        region = self.guest.create_region(names, "ram", window)
        dax = self.guest.dax_device(region.name)
        self.vm.check("echo online_movable >"
                      "/sys/devices/system/memory/auto_online_blocks")
        self.vm.check("modprobe kmem")
        self.vm.check("daxctl reconfigure-device -f -m system-ram " + dax,
                      120)
        node = self.vm.check(f"cat /sys/bus/dax/devices/{dax}/target_node")
        for where in (
            f"{SYSFS}/{region.name}/access0",
            f"{SYSFS}/{region.name}/access1",
            f"/sys/devices/system/node/node{node.strip()}/access0/initiators",
            f"/sys/devices/system/node/node{node.strip()}/access1/initiators",
        ):
            text = self.vm.check(f"cd {where} && cat {' '.join(COORDINATES)}")
            found = tuple(int(value) for value in text.split())
            equal(found, wanted, f"{where}: {', '.join(COORDINATES)}")


class QosBackports(Group):
    """The same machine with a newer kernel."""

    topology = "qos"
    kernel_suite = "trixie-backports"

    def check_classes(self) -> None:
        """each partition has the class of its performance (10)."""
        _check_classes(self)


class QosByLatency(Group):
    """Groups that differ in latency alone, and one that nothing suits."""

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
