# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices that leave and come back: asked for, pulled out, reset."""

from __future__ import annotations

from typing import Any

from cxl_vm.guest_cxl import SYSFS, Region, find_items
from cxl_vm.topology import Device

from harness import pattern
from harness.group import FREE_CAPACITY, Group, equal, expect, warns

WRITE = """set -e
dd if=/dev/urandom of=/tmp/data bs=1M count=1 2>/dev/null
dd if=/tmp/data of=/dev/{disk} bs=1M oflag=direct 2>/dev/null
sync
sha256sum </tmp/data"""
READ = "dd if=/dev/{disk} bs=1M count=1 iflag=direct 2>/dev/null | sha256sum"
# Maps all of it and writes, again and again, until something stops it.
BUSY = """
(while daxio fill /dev/{dax} 0 {size} 1; do :; done) >/dev/null 2>&1 &
while ! grep -q {dax} /proc/[0-9]*/maps 2>/dev/null; do sleep 0.1; done
"""
# Of the topology: in a root port's slot, in those of a switch.
ROOT = ["dev0"]
SWITCH = ["dev1", "dev2"]
# Linux keeps what is left of a region: the user is to say that it may go.
FORGET = """
cd /sys/bus/cxl/devices
for region in $(ls -d region[0-9]* 2>/dev/null); do
    echo $region >$(realpath $region)/../delete_region || exit 1
done"""
# Power and indicator of each empty slot are off.
LET_GO = """
for i in $(seq 300); do
    busy=0
    for port in $(lspci -Dn -d ::0604 | cut -d' ' -f1); do
        flags=$(setpci -s $port CAP_EXP+2.W)
        [ $((0x$flags & 0x100)) = 0 ] && continue
        status=$(setpci -s $port CAP_EXP+0x1a.W)
        control=$(setpci -s $port CAP_EXP+0x18.W)
        if [ $((0x$status & 0x40)) = 0 ] &&
           [ $((0x$control & 0x700)) != 1792 ]; then
            busy=1
        fi
    done
    [ $busy = 0 ] && exit 0
    sleep 0.1
done
exit 1"""
LOST = "SBR happened without memory regions removal"


class _Slots(Group):
    """What all checks of slots do; devices' memory is in files."""

    topology = "hotplug"
    files = True
    tools = ("daxio",)

    def _device(self, name: str) -> Device:
        return next(dev for dev in self.shape.devices if dev.name == name)

    def _expect_present(self, names: list[str]) -> None:
        """Wait until just these devices are bound, with their decoders."""
        self.vm.check(
            "for i in $(seq 600); do "
            f"[ $(ls -d {SYSFS}/endpoint* 2>/dev/null | wc -l) = "
            f"{len(names)} ] && exit 0; sleep 0.1; done; exit 1", 90
        )
        equal(sorted(self.guest.memdevs()), names, "devices")

    def _await_deleted(self, name: str) -> None:
        """Until QEMU says that the device is gone."""
        while True:
            event = self.vm.qmp.pull_event(wait=60.0)
            if (event["event"] == "DEVICE_DELETED"
                    and event["data"].get("device") == name):
                return

    def _remove(self, name: str) -> None:
        """Press the button; the guest lets go, then cuts the power."""
        self.vm.qmp.cmd("device_del", id=name)
        self._await_deleted(name)

    def _pull(self, name: str) -> None:
        """Pull the device out; the kernel says that it has seen it."""
        before = len(self.vm.check("dmesg"))
        self.vm.qmp.cmd("cxl-surprise-remove", path=name)
        self._await_deleted(name)
        self.vm.check(
            "for i in $(seq 300); do "
            f"dmesg | tail -c +{before} | "
            "grep -qE 'pciehp: Slot.*(Card not present|Link Down)' && "
            "exit 0; sleep 0.1; done; exit 1", 60
        )

    def _plug(self, name: str) -> None:
        """The same device with the same memory, where it was.

        Before the kernel has let go of the slot it would take the new device
        for the old one.
        """
        self.vm.check(LET_GO, 60)
        device = self._device(name)
        self.vm.qmp.cmd("device_add", **{
            "driver": "cxl-type3", "id": name,
            "bus": self.shape.path(name)[-1].name,
            "sn": device.serial, "lsa": f"{name}-lsa",
            "volatile-memdev": f"{name}-volatile",
            "persistent-memdev": f"{name}-persistent",
        })

    def _expect_gone(self, name: str) -> None:
        """The other devices are there, and none decodes anything."""
        names = [device.name for device in self.shape.devices]
        self._expect_present([other for other in names if other != name])
        self._expect_nothing_decoded()
        self.vm.check(FORGET)
        self.vm.check(FREE_CAPACITY)

    def _use(self, region: Region) -> str:
        """Bytes through a dax device, in the right files; its name."""
        dax = self.guest.device_dax(region.name)
        pattern.fill(self.guest, dax, region.size)
        pattern.verify_files(self.guest, region, region.size)
        return dax

    def _expect_nothing_decoded(self) -> None:
        """No region, no committed decoder; QEMU maps nothing either."""
        equal(self.guest.json("cxl list -R"), [], "regions")
        listed = self.guest.json("cxl list -PE")
        counts = [
            item["decoders_committed"]
            for key in ("port", "endpoint")
            for item in find_items(listed, key)
        ]
        expect(counts and not any(counts), f"decoders_committed {counts}")
        equal(self._mapped(), 0, "mapped ranges")

    def _mapped(self) -> int:
        """How many ranges of the windows lead to devices."""
        return len(self.vm.qmp.cmd("query-cxl-mappings"))

    def _plug_and_use(self, name: str, members: list[str]) -> None:
        """@name comes back; a region over @members can be used."""
        self._plug(name)
        self._expect_present([device.name for device in self.shape.devices])
        region = self.guest.create_region(members)
        equal(region.members, tuple(members), "members")
        self._use(region)
        self.guest.destroy_region(region.name)


class Hotplug(_Slots):
    """Slots of a root port and of a switch."""

    def check_device_del(self) -> None:
        """an idle device is unplugged and plugged in again (42)."""
        self._remove("dev0")
        self._expect_gone("dev0")
        self._plug_and_use("dev0", ROOT)

    def check_active_devdax(self) -> None:
        """a device is unplugged while its region is in use (43)."""
        self._use(self.guest.create_region(ROOT))
        equal(self._mapped(), 1, "mapped ranges")
        self._remove("dev0")
        self._expect_gone("dev0")
        self._plug_and_use("dev0", ROOT)

    def check_switch(self) -> None:
        """the same with half of an interleave set below a switch (43)."""
        self._use(self.guest.create_region(SWITCH))
        self._remove("dev2")
        self._expect_gone("dev2")
        self._plug_and_use("dev2", SWITCH)

    def check_persistent(self) -> None:
        """labels and data are there when a device comes back (43)."""
        made = self._namespace()
        wrote = self.vm.check(WRITE.format(disk=made["blockdev"])).split()[0]
        self._remove("dev1")
        self._expect_gone("dev1")
        self._plug("dev1")
        self._expect_present([*ROOT, *SWITCH])
        self.guest.create_region(["dev1"], "pmem")
        found = find_items(self.guest.json("ndctl list -N"), "uuid")
        equal([(item["uuid"], item["name"]) for item in found],
              [(made["uuid"], "keeper")], "namespaces")
        read = self.vm.check(READ.format(disk=found[0]["blockdev"]))
        equal(read.split()[0], wrote, "checksum of the data")

    def _namespace(self) -> dict[str, Any]:
        # Linux takes the decoders down first: it cannot let go of pages
        # whose descriptions are in the device's memory (-M dev).
        region = self.guest.create_region(["dev1"], "pmem")
        return self.guest.json(
            f"ndctl create-namespace -m fsdax -M mem -n keeper -r {region.name}"
        )

    def check_pulled(self) -> None:
        """an idle device is pulled out and plugged in again (43)."""
        self._pull("dev0")
        self._expect_gone("dev0")
        self._plug_and_use("dev0", ROOT)

    def check_pulled_half(self) -> None:
        """half of an interleave set is pulled out of a switch (43)."""
        self._use(self.guest.create_region(SWITCH))
        self._pull("dev1")
        self._expect_gone("dev1")
        self._plug_and_use("dev1", SWITCH)

    def check_pulled_busy(self) -> None:
        """a device is pulled out while a program writes to it (43)."""
        region = self.guest.create_region(ROOT)
        dax = self.guest.device_dax(region.name)
        self.vm.check(BUSY.format(dax=dax, size=region.size))
        self._pull("dev0")
        self._expect_gone("dev0")
        self.vm.check("for i in $(seq 300); do pidof daxio || exit 0; "
                      "sleep 0.1; done; exit 1", 60)
        self._plug_and_use("dev0", ROOT)

    @warns
    def check_reset_in_use(self) -> None:
        """a bus reset below a region: decoders lost, labels kept (44)."""
        memdev = self.guest.memdevs()["dev0"]
        labels = f"cxl read-labels {memdev} 2>/dev/null | sha256sum"
        before = self.vm.check(labels)
        self.guest.create_region(ROOT)
        equal(self._mapped(), 1, "mapped ranges")
        path = self.vm.check(f"realpath {SYSFS}/{memdev}/..").strip()
        self.vm.check(
            f"cd {path} && echo cxl_bus >reset_method && echo 1 >reset"
        )
        expect(LOST in self.vm.check("dmesg"), f"no '{LOST}'")
        equal(self._mapped(), 0, "mapped ranges")
        equal(self.vm.check(labels), before, "checksum of the labels")


class HotplugBackports(_Slots):
    """The kernel of trixie-backports on the same slots."""

    kernel_suite = "trixie-backports"

    def check_device_del(self) -> None:
        """a device is unplugged while its region is in use (43)."""
        self._use(self.guest.create_region(ROOT))
        self._remove("dev0")
        self._expect_gone("dev0")
        self._plug_and_use("dev0", ROOT)

    def check_pulled_half(self) -> None:
        """half of an interleave set is pulled out of a switch (43)."""
        self._use(self.guest.create_region(SWITCH))
        self._pull("dev1")
        self._expect_gone("dev1")
        self._plug_and_use("dev1", SWITCH)
