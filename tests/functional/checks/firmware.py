# SPDX-License-Identifier: GPL-2.0-or-later
"""Regions that are there before the kernel: decoders committed at start."""

from __future__ import annotations

import mmap
import re

from cxl_vm.command import backend_file
from cxl_vm.guest_cxl import SYSFS, Region, find_items
from cxl_vm.units import MIB

from harness import pattern
from harness.group import Failure, Group, equal, expect

HDM_CAPABILITY = 5
NEWER = "trixie-backports"
MARK = "memory of a CXL device, as RAM"


class Firmware(Group):
    """What the groups below share; it has no checks itself."""

    def clean(self) -> None:
        """What firmware made is not the check's to destroy."""

    def _regions(self) -> list[Region]:
        names = [item["region"] for item in self.guest.json("cxl list -R")]
        return sorted(map(self.guest.region, names),
                      key=lambda region: region.base)

    def _expect_regions(self) -> list[Region]:
        """All of the topology's, committed, with their members in order."""
        found = self._regions()
        equal(len(found), len(self.shape.regions), "regions")
        # One comes behind the other in its window.
        free = [item["resource"] for item in self.guest.root_decoders()]
        for region, wanted in zip(found, self.shape.regions):
            equal(region.members, wanted.devices, "members")
            equal(region.base, free[wanted.window], "base")
            free[wanted.window] += region.size
            equal(region.kind,
                  "pmem" if wanted.partition == "persistent" else "ram",
                  "type")
            listed = self.guest.json(f"cxl list -R -r {region.name}")
            equal(listed[0]["decode_state"], "commit", "decode_state")
        return found

    def _word(self, address: int) -> int:
        """32 bits at a physical address, as the machine sees it."""
        text = self.vm.qmp.cmd("human-monitor-command", **{
            "command-line": f"xp /1wx {address:#x}",
        })
        return int(text.split(":")[1], 16)

    def _hdm(self, device: str) -> int:
        """Where the decoder capability of a device is."""
        memdev = self.guest.memdevs()[device]
        bar = self.vm.check(
            f"head -n1 {SYSFS}/{memdev}/../resource"
        ).split()[0]
        array = int(bar, 16) + 0x1000
        for index in range(1, (self._word(array) >> 24) + 1):
            entry = self._word(array + 4 * index)
            if entry & 0xFFFF == HDM_CAPABILITY:
                return array + (entry >> 20)
        raise Failure(f"{device} has no HDM decoders")

    def _decoder(self, device: str) -> list[int]:
        """Base, size and control of a device's decoder 0."""
        at = self._hdm(device) + 0x10
        return [self._word(at + offset) for offset in range(0, 0x14, 4)]

    def _reload(self) -> None:
        self.vm.check("cxl-drivers unload")
        equal(self.vm.check(f"ls {SYSFS}"), "", "devices")
        self.vm.check("cxl-drivers load")


class Assembled(Firmware):
    """A kernel that knows it is a guest: it makes no regions itself."""

    topology = "auto"
    hypervisor = True
    files = True
    tools = ("daxio",)

    def check_regions(self) -> None:
        """volatile and persistent regions assemble by themselves (39)."""
        found = self._expect_regions()
        equal([region.ways for region in found], [4, 2], "ways")
        equal([region.granularity for region in found], [256, 4096],
              "granularity")

    def check_bytes(self) -> None:
        """bytes of the volatile region are where they should be (39)."""
        region = self._expect_regions()[0]
        pattern.fill(self.guest, self.guest.device_dax(region.name),
                     region.size)
        pattern.verify_files(self.guest, region, region.size)

    def check_warm_reboot(self) -> None:
        """a warm reboot brings them up again (39)."""
        self.vm.reboot()
        self._expect_regions()


class AssembledNewer(Firmware):
    """The same with the newer kernel."""

    topology = "auto"
    kernel_suite = NEWER
    hypervisor = True

    def check_regions(self) -> None:
        """the newer kernel assembles them as well (39)."""
        self._expect_regions()


class Locked(Firmware):
    """A kernel that writes to locked decoders all the same."""

    topology = "locked"

    def check_locked(self) -> None:
        """a kernel that tears down a locked region changes nothing (40)."""
        region = self._expect_regions()[0]
        flags = self.vm.check(
            f"cd {SYSFS} && for d in $(ls -d decoder[1-9]*.0); do "
            "cat $d/locked; done"
        ).split()
        equal(flags, ["1"] * 3, "'locked' of bridge and devices")
        before = [self._decoder(name) for name in region.members]
        expect(all(words[4] & 0x700 == 0x700 for words in before),
               f"not locked and committed: {before}")
        self.vm.run(f"cxl destroy-region -f {region.name}")
        equal(self._regions(), [], "regions after the kernel's try")
        equal([self._decoder(name) for name in region.members], before,
              "registers")

    def check_comes_back(self) -> None:
        """drivers that are loaded anew find the locked region (40)."""
        for region in self._regions():
            self.vm.run(f"cxl destroy-region -f {region.name}")
        self._reload()
        self._expect_regions()


class LockedNewer(Firmware):
    """A kernel that respects the lock."""

    topology = "locked"
    kernel_suite = NEWER

    def check_locked(self) -> None:
        """the region is locked and cannot be destroyed (40)."""
        region = self._expect_regions()[0]
        path = f"{SYSFS}/{region.name}"
        equal(self.vm.check(f"cat {path}/locked").strip(), "1", "locked")
        before = [self._decoder(name) for name in region.members]
        tried = self.vm.run(f"echo 0 >{path}/commit")
        expect(tried.status and "not permitted" in tried.errors,
               f"commit could be cleared: {tried}")
        tried = self.vm.run(f"cxl destroy-region -f {region.name}")
        expect(tried.status, "the region could be destroyed")
        equal([self._decoder(name) for name in region.members], before,
              "registers")


class PassedThrough(Firmware):
    """A bridge without decoders."""

    topology = "firmware-passthrough"
    hypervisor = True

    def check_passthrough(self) -> None:
        """through a bridge without decoders nothing assembles (41)."""
        log = self.vm.check("dmesg")
        expect("failed to find decoder mapping" in log, log[-2000:])
        equal(self.guest.json("cxl list -R"), [], "regions")


class MemoryMap(Firmware):
    """Regions in firmware's memory map.

    The window is behind 1 GiB of RAM; stock firmware does not pass the third
    region's type on, so that the kernel is told.
    """

    topology = "firmware-map"
    hypervisor = True
    files = True
    append = "memmap=512M%0x150000000+0xefffffff"

    def _mapped(self, index: int) -> str:
        """What the kernel's map has for a region."""
        region = self._expect_regions()[index]
        span = f"{region.base:x}-{region.base + region.size - 1:x}"
        found: list[str] = re.findall(
            rf"^ *{span} : (.*)$", self.vm.check("cat /proc/iomem"), re.M
        )
        return " ".join(found)

    def check_ram(self) -> None:
        """one is ordinary memory from boot on, and is used."""
        expect("System RAM" in self._mapped(0), self._mapped(0))
        # Linux gives the window, and what RAM is in it, a node of its own.
        nodes = self.vm.check("cat /sys/devices/system/node/has_memory")
        equal(nodes.strip(), "0-1", "nodes with memory")
        self.vm.check(
            "mkdir -p /mnt/cxl && "
            "mount -t tmpfs -o mpol=bind:1 cxl /mnt/cxl && "
            f"yes '{MARK}' | head -c 65536 >/mnt/cxl/fill"
        )
        state = self.vm.options.state
        if state is None:
            raise Failure("the devices' memory is not in files")
        held = backend_file(state, self.shape.devices[0], "volatile")
        with held.open("rb") as file, mmap.mmap(
            file.fileno(), 0, access=mmap.ACCESS_READ
        ) as memory:
            expect(memory.find(MARK.encode()) >= 0, "not in the device")
        self.vm.check("umount /mnt/cxl")

    def check_reserved(self) -> None:
        """one is reserved."""
        expect("Reserved" in self._mapped(1), self._mapped(1))

    def check_soft_reserved(self) -> None:
        """one is soft-reserved, once the kernel is told."""
        expect("Soft Reserved" in self._mapped(2), self._mapped(2))


class Empty(Firmware):
    """Decoders of no size, below one of two bridges."""

    topology = "firmware-empty"

    def check_size_0(self) -> None:
        """the kernel refuses a port with a decoder of no size."""
        log = self.vm.check("dmesg")
        expect("Committed with zero size" in log, log[-2000:])
        listed = find_items(self.guest.json("cxl list -Mi"), "memdev")
        dead = sorted(item["serial"] for item in listed
                      if item.get("state") == "disabled")
        equal(dead, [1, 2], "serial numbers of what is disabled")

    def check_other_bridge(self) -> None:
        """the other bridge is not affected."""
        region = self.guest.create_region(["dev2"], window=1)
        equal(region.members, ("dev2",), "members")
        self.guest.destroy_region(region.name)


class Hole(Firmware):
    """A window that ends before its decoders do."""

    topology = "firmware-hole"
    hypervisor = True

    def check_hole(self) -> None:
        """a region that exceeds its window does not assemble."""
        window = self.guest.root_decoders()[0]
        equal(window["size"], 256 * MIB, "the window's size")
        memdev = self.guest.memdevs()["dev0"]
        listed = self.guest.json(f"cxl list -E -D -m {memdev}")
        committed = [
            item["resource"] for item in find_items(listed, "decoder")
            if item.get("size") == 512 * MIB
        ]
        equal(committed, [window["resource"]] * 2,
              "decoders of 512 MiB, the bridge's and the device's")
        equal(self.guest.json("cxl list -R"), [], "regions")
