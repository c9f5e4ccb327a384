# SPDX-License-Identifier: GPL-2.0-or-later
"""Persistent regions, namespaces and labels; several regions at once."""

from __future__ import annotations

import os
import signal
from typing import Any

from cxl_vm.guest_cxl import Region, find_items
from cxl_vm.units import MIB

from harness import pattern
from harness.group import Group, equal, expect

FIRST = 2
DATA_MIB = 1
WRITE = f"""set -e
dd if=/dev/urandom of=/tmp/data bs=1M count={DATA_MIB} 2>/dev/null
dd if=/tmp/data of=/dev/{{disk}} bs=1M oflag=direct 2>/dev/null
sync
sha256sum </tmp/data"""
READ = (
    f"dd if=/dev/{{disk}} bs=1M count={DATA_MIB} iflag=direct 2>/dev/null "
    "| sha256sum"
)


class Persistent(Group):
    """Two bridges, four devices whose memory outlives QEMU."""

    topology = "hb2x2"
    files = True
    tools = ("daxio",)

    def _namespace(self, region: Region, mode: str, name: str
                   ) -> dict[str, Any]:
        return self.guest.json(
            f"ndctl create-namespace -m {mode} -n {name} -r {region.name}"
        )

    def _devdax(self, devices: list[str], window: int) -> None:
        """A region, a devdax namespace in it, its bytes in the files."""
        region = self.guest.create_region(devices, "pmem", window)
        equal(region.members, tuple(devices), "members")
        equal(region.size, 512 * MIB * len(devices), "size")
        made = self._namespace(region, "devdax", "pattern")
        dax = made["daxregion"]["devices"][0]["chardev"]
        size = made["daxregion"]["devices"][0]["size"]
        place = int(self.vm.check(
            f"cat /sys/bus/dax/devices/{dax}/resource"
        ), 0)
        pattern.fill(self.guest, dax, size)
        pattern.verify_files(self.guest, region, size, place - region.base)

    def check_one_way(self) -> None:
        """1-way: namespace, bytes in the backend file (33)."""
        self._devdax(["dev0"], FIRST)

    def check_two_way(self) -> None:
        """2-way below one bridge: namespace, bytes in the files (33)."""
        self._devdax(["dev0", "dev1"], FIRST)

    def check_four_way(self) -> None:
        """4-way across two bridges: namespace, bytes in the files (33)."""
        self._devdax(["dev0", "dev2", "dev1", "dev3"], 0)

    def check_persistence_domain(self) -> None:
        """libnvdimm sees a region of the right size (37)."""
        region = self.guest.create_region(["dev0"], "pmem", FIRST)
        listed = self.guest.json("ndctl list -R")
        equal(listed[0]["size"], region.size, "size")
        equal(listed[0]["persistence_domain"], "memory_controller",
              "persistence_domain")

    def check_label_area(self) -> None:
        """labels are written, checked and read, by two paths (23)."""
        memdev = self.guest.memdevs()["dev0"]
        serial = f"{self.shape.devices[0].serial:x}"
        dimms = {
            item["id"]: item["dev"] for item in self.guest.json(
                "ndctl list -D"
            )
        }
        expect(serial in dimms, f"no nvdimm '{serial}' in {dimms}")
        nmem = dimms[serial]
        self.vm.check(f"ndctl disable-dimm {nmem}; ndctl init-labels -f "
                      f"{nmem} && ndctl enable-dimm {nmem}", 120)
        self.vm.check(f"ndctl check-labels {nmem}")
        self.vm.check(f"ndctl read-labels -o /tmp/f {nmem} 2>/dev/null; "
                      f"cxl read-labels {memdev} -o /tmp/g 2>/dev/null; "
                      "test -s /tmp/f && cmp /tmp/f /tmp/g", 120)
        size = int(self.vm.check("stat -c %s /tmp/f"))
        equal(size, self.shape.devices[0].lsa, "size of the label area")
        data = self.vm.run("cat /tmp/g").out
        path = self.vm.options.state / "dev0-lsa.img"
        expect(path.read_bytes() == data, "the host's file differs")

    def check_warm_reboot(self) -> None:
        """namespace and data come back after a warm reboot (37, 53)."""
        self._survive(self.vm.reboot)

    def check_cold_boot(self) -> None:
        """namespace and data come back after QEMU was killed (37)."""
        self._survive(self.lab.restart)

    def _survive(self, again) -> None:
        devices = ["dev0", "dev1"]
        region = self.guest.create_region(devices, "pmem", FIRST)
        made = self._namespace(region, "fsdax", "keeper")
        wrote = self.vm.check(WRITE.format(disk=made["blockdev"])).split()[0]
        again()
        # Linux keeps no region labels: it is up to us to make it again.
        equal(self.guest.json("cxl list -R"), [], "regions after the boot")
        self.guest.create_region(devices, "pmem", FIRST)
        found = find_items(self.guest.json("ndctl list -N"), "uuid")
        equal([(item["uuid"], item["name"]) for item in found],
              [(made["uuid"], "keeper")], "namespaces")
        read = self.vm.check(READ.format(disk=found[0]["blockdev"]))
        equal(read.split()[0], wrote, "checksum of the data")


class Kept(Group):
    """Persistent memory in files, at the speed of RAM."""

    topology = "kept"
    files = True

    def _make(self) -> None:
        region = self.guest.create_region(["dev0", "dev1"], "pmem")
        equal(region.members, ("dev0", "dev1"), "members")
        mapping = self.vm.qmp.cmd("query-cxl-mappings")[0]
        equal(mapping["kind"], "woven", "mapping")
        expect(mapping["file"].endswith("dev0-persistent.img.woven"),
               f"file: {mapping['file']}")

    def check_killed(self) -> None:
        """a 2-way namespace and its data outlive a QEMU that is killed."""
        self._make()
        made = self.guest.json("ndctl create-namespace -m fsdax -n keeper")
        wrote = self.vm.check(WRITE.format(disk=made["blockdev"])).split()[0]
        os.kill(self.vm.pid, signal.SIGKILL)
        self.lab.restart()
        left = sorted(path.name for path in
                      self.vm.options.state.glob("*.woven"))
        equal(left, [], "woven files after the start")
        self._make()
        found = find_items(self.guest.json("ndctl list -N"), "uuid")
        equal([item["uuid"] for item in found], [made["uuid"]], "namespaces")
        read = self.vm.check(READ.format(disk=found[0]["blockdev"]))
        equal(read.split()[0], wrote, "checksum of the data")


class Decoders(Group):
    """Four devices below a bridge with decoders of its own."""

    topology = "rp4"

    def _three_regions(self) -> list[Region]:
        return [
            self.guest.create_region(["dev0"], "ram", size=256 * MIB),
            self.guest.create_region(["dev0"], "ram", size=256 * MIB),
            self.guest.create_region(["dev0"], "pmem", size=256 * MIB),
        ]

    def check_in_order(self) -> None:
        """three regions use decoders 0 to 2, at rising addresses (36)."""
        regions = self._three_regions()
        memdev = self.guest.memdevs()["dev0"]
        decoders = find_items(
            self.guest.json(f"cxl list -D -d endpoint -m {memdev}"),
            "decoder",
        )
        rows = sorted(
            (item["decoder"].rpartition(".")[2], item["region"],
             item["resource"])
            for item in decoders if "region" in item
        )
        equal([(row[0], row[1]) for row in rows],
              [(str(at), region.name) for at, region in enumerate(regions)],
              "decoders and their regions")
        bases = [row[2] for row in rows]
        equal(bases, sorted(bases), "addresses")
        dpa = self.vm.check(f"cat /sys/kernel/debug/cxl/{memdev}/dpamem")
        for at in range(3):
            expect(f".{at}" in dpa, f"dpamem:\n{dpa}")

    def check_destroy_order(self) -> None:
        """a region below another cannot go first (36)."""
        regions = self._three_regions()
        for region in regions[:2]:
            result = self.vm.run(f"cxl destroy-region {region.name}")
            expect(result.status, f"{region.name} was destroyed")
        self.vm.check(
            "for r in 2 1 0; do cxl destroy-region -f region$r || exit 1; "
            "done"
        )
        equal(self.guest.json("cxl list -R"), [], "regions left")

    def check_four_way(self) -> None:
        """4-way below one bridge; two regions side by side (25, 36)."""
        names = [device.name for device in self.shape.devices]
        for kind in ("ram", "pmem"):
            region = self.guest.create_region(names, kind)
            equal(region.members, tuple(names), "members")
        port = find_items(self.guest.json("cxl list -P"), "port")[0]
        equal(port["decoders_committed"], 2, "decoders_committed")
