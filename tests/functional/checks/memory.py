# SPDX-License-Identifier: GPL-2.0-or-later
"""CXL memory is memory: programs, their data, DMA, huge pages, migration."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from cxl_vm.guest_cxl import Region
from cxl_vm.units import MIB

from harness import pattern
from harness.group import Group, equal, expect, slow

# Windows of the topology hb2x2.
ACROSS, _, FIRST, SECOND = range(4)
NAMES = ["dev0", "dev2", "dev1", "dev3"]
DMA_MIB = 4
HUGE_MIB = 64
CHURN_MIB = 16
DISK_MIB = 8
SEED = 0x1122334455667788

# Everything a command needs lies on the node: its program and files in a
# tmpfs there, its own memory by --membind.
WORK = """set -e
mkdir -p /mnt/cxl
mount -t tmpfs -o mpol=bind:{node},size=90% cxl /mnt/cxl
cp /usr/bin/busybox /usr/bin/nodemem /mnt/cxl
cd /mnt/cxl
cat >work <<'END'
set -e
./busybox seq 1 {count} |
    ./busybox awk '{{ print $1 * 7919 % 1000003 }}' >numbers
./busybox sort -n numbers >sorted
./busybox gzip -c sorted >sorted.gz
./busybox gunzip -c sorted.gz | ./busybox cmp - sorted
./busybox sha256sum sorted
./busybox cat /proc/self/numa_maps >maps
END
numactl --membind={node} ./busybox sh ./work"""
COUNT = 15000


def sorted_sum() -> str:
    """What the work above comes to."""
    numbers = sorted(at * 7919 % 1000003 for at in range(1, COUNT + 1))
    text = "".join(f"{number}\n" for number in numbers)
    return hashlib.sha256(text.encode()).hexdigest()


class _OnNode(Group):
    """CXL memory that the kernel has as a node of its own."""

    topology = "hb2x2"
    memory = "512M"
    tools = ("daxio", "nodemem")

    def _kinds(self) -> list[str]:
        return sorted(
            mapping["kind"]
            for mapping in self.vm.qmp.cmd("query-cxl-mappings")
        )

    def _online(self, region: Region) -> str:
        """Its memory goes online; the number of its node."""
        dax = self.guest.dax_device(region.name)
        self.vm.check(
            "echo online_movable >"
            "/sys/devices/system/memory/auto_online_blocks\nmodprobe kmem\n"
            f"daxctl reconfigure-device -f -m system-ram {dax}", 240
        )
        return self.vm.check(
            f"cat /sys/bus/dax/devices/{dax}/target_node"
        ).strip()

    def _offline(self, region: Region) -> None:
        dax = self.guest.dax_device(region.name)
        self.vm.check(
            "if grep -q /mnt/cxl /proc/mounts; then umount /mnt/cxl; fi\n"
            f"daxctl reconfigure-device -f -m devdax {dax}", 240
        )

    def _nodemem(self, node: str, order: str, timeout: float = 240) -> str:
        return self.vm.check(
            f"numactl --membind={node} nodemem {order}", timeout
        ).strip()


class WovenMemory(_OnNode):
    """All that memory is used for, in a 4-way interleave at 256 bytes."""

    @classmethod
    def extra(cls, state: Path) -> list[str]:
        """A disk behind virtio and one behind NVMe."""
        args: list[str] = []
        for name, device in (("vda", "virtio-blk-pci"), ("nvme", "nvme")):
            with (state / name).open("wb") as disk:
                disk.truncate(DISK_MIB * MIB)
            serial = ",serial=1" if device == "nvme" else ""
            args += [
                "-drive", f"if=none,id={name},format=raw,file={state / name}",
                "-device", f"{device},bus=pcie.0,drive={name}{serial}",
            ]
        return args

    def _region(self) -> Region:
        region = self.guest.create_region(NAMES, "ram", ACROSS)
        equal(self._kinds(), ["woven"], "mappings")
        return region

    def check_work(self) -> None:
        """programs and their data are in it; it goes."""
        region = self._region()
        node = self._online(region)
        text = self.vm.check(
            WORK.format(node=node, count=COUNT), 300
        ).split()
        equal(text[0], sorted_sum(), "sum of the sorted numbers")
        self._expect_all_on(node)
        self._offline(region)
        self.guest.destroy_region(region.name)
        equal(self._kinds(), [], "mappings")

    def _expect_all_on(self, node: str) -> None:
        """The program's text and its own memory have pages of @node only."""
        maps = self.vm.check("cat /mnt/cxl/maps").splitlines()
        pages = {"busybox": 0, "heap": 0, "stack": 0}
        for line in maps:
            for name, place, count in re.findall(
                r"(busybox|heap|stack)\b.* N(\d+)=(\d+)", line
            ):
                equal(place, node, f"node in '{line}'")
                pages[name] += int(count)
        expect(pages["busybox"] > 100 and pages["heap"] and pages["stack"],
               f"pages: {pages}")

    def check_contents(self) -> None:
        """what the devices hold is there again in the next region."""
        for verb in ("fill", "verify"):
            region = self._region()
            dax = self.guest.device_dax(region.name)
            for spot in pattern.spots(region.size):
                self.vm.check(f"daxio {verb} /dev/{dax} {spot} "
                              f"{pattern.SPAN} {SEED:#x}")
            self.guest.destroy_region(region.name)

    def check_dma(self) -> None:
        """virtio-blk and NVMe write it to disks, and back."""
        region = self._region()
        node = self._online(region)
        self.vm.check("modprobe virtio_blk; modprobe nvme\n"
                      "until [ -b /dev/nvme0n1 -a -b /dev/vda ]; do "
                      "sleep 0.1; done")
        for device, name in (("vda", "vda"), ("nvme0n1", "nvme")):
            text = self._nodemem(
                node, f"dma {node} /dev/{device} {DMA_MIB} {SEED:#x}"
            )
            equal(text, "good", device)
            with (self.lab.state / name).open("rb") as disk:
                found = disk.read(DMA_MIB * MIB)
            expect(found == pattern.pattern(0, DMA_MIB * MIB, SEED),
                   f"{name}: the disk has something else")
        self._offline(region)

    def check_huge(self) -> None:
        """transparent huge pages come from it."""
        region = self._region()
        node = self._online(region)
        # Off by itself in a guest that booted with little memory.
        self.vm.check(
            "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled"
        )
        equal(self._nodemem(node, f"huge {node} {HUGE_MIB}"),
              str(HUGE_MIB * 1024), "KiB in huge pages")
        self._offline(region)

    @slow
    def check_most(self) -> None:
        """a guest with more data than it has other memory."""
        region = self._region()
        node = self._online(region)
        total = int(self.vm.check("grep MemTotal /proc/meminfo").split()[1])
        size = (total * 1024 - region.size) // MIB + 64
        text = self.vm.check(f"""set -e
mkdir -p /mnt/cxl
mount -t tmpfs -o size={size + 64}M,mpol=prefer:{node} cxl /mnt/cxl
seq 1 100000000 | head -c {size}M | tee /mnt/cxl/data | sha256sum
sha256sum </mnt/cxl/data""", 400).split()
        equal(text[0], text[2], "sums, written and read")
        self._offline(region)


class MigratedMemory(_OnNode):
    """Programs write to woven and to linear memory while they migrate."""

    def _start(self, nodes: dict[str, str]) -> None:
        for kind, node in nodes.items():
            self.vm.check(
                f"rm -f /tmp/{kind}\n"
                f"numactl --membind={node} nodemem churn {node} {CHURN_MIB} "
                f"/tmp/{kind} </dev/null >/dev/null 2>&1 &\n"
                f"until grep -q . /tmp/{kind} 2>/dev/null; do sleep 0.1; done",
                120,
            )
            equal(self.vm.check(f"cat /tmp/{kind}").strip(), "started", kind)

    def _finish(self, nodes: dict[str, str]) -> None:
        self.vm.check("killall -TERM nodemem\n"
                      "while pidof nodemem >/dev/null; do sleep 0.1; done",
                      120)
        for kind in nodes:
            text = self.vm.check(f"cat /tmp/{kind}").split()
            equal(text[0], "good", f"{kind}: {text}")
            expect(int(text[1]) > 1000, f"{kind}: only {text[1]} rounds")

    def _migrate(self, **how: object) -> None:
        woven = self.guest.create_region(["dev0", "dev2"], "ram", ACROSS)
        linear = self.guest.create_region(["dev3"], "ram", SECOND)
        equal(self._kinds(), ["linear", "woven"], "mappings")
        nodes = {"woven": self._online(woven), "linear": self._online(linear)}
        self._start(nodes)
        self.lab.move(**how)
        equal(self._kinds(), ["linear", "woven"], "mappings afterwards")
        self._finish(nodes)
        self._offline(woven)
        self._offline(linear)

    def check_live(self) -> None:
        """to another QEMU while memory is written to."""
        self._migrate()

    def check_postcopy(self) -> None:
        """to another QEMU that fetches the rest when it is wanted."""
        self._migrate(postcopy=True)
