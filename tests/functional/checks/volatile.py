# SPDX-License-Identifier: GPL-2.0-or-later
"""Volatile regions: make, use, destroy; where their bytes are."""

from __future__ import annotations

from cxl_vm.guest_cxl import SYSFS, Region, find_items
from cxl_vm.units import MIB

from harness import pattern
from harness.group import DYNDBG, Group, equal, expect, warns

# Windows of the topology hb2x2.
ACROSS, ACROSS_8K, FIRST, SECOND = range(4)
USE_MIB = 4
WOVEN_MIB = 128
USE_NODE = f"""set -e
grep MemFree /sys/devices/system/node/node{{node}}/meminfo >/tmp/meminfo
mkdir -p /mnt/cxl
mount -t tmpfs -o mpol=bind:{{node}} cxl /mnt/cxl
dd if=/dev/urandom of=/tmp/data bs=1M count={{size}} 2>/dev/null
cp /tmp/data /mnt/cxl/data
cmp /tmp/data /mnt/cxl/data
echo same"""


class VolatileRegions(Group):
    """Two bridges, four devices whose memory the host can read."""

    topology = "hb2x2"
    files = True
    tools = ("daxio",)

    def _expect_committed(self, region: Region, ports: int) -> None:
        """The region is committed, on its endpoints and @ports above."""
        listed = self.guest.json(f"cxl list -R -r {region.name}")
        equal(listed[0]["decode_state"], "commit", "decode_state")
        for theirs in self.guest.memdevs().values():
            self._expect_endpoint(theirs, region)
        committed = [
            item["decoders_committed"]
            for item in find_items(self.guest.json("cxl list -P"), "port")
        ]
        equal(committed.count(1), ports, f"ports in use in {committed}")

    def _expect_endpoint(self, theirs: str, region: Region) -> None:
        listed = self.guest.json(f"cxl list -E -m {theirs}")
        ours = {them: us for us, them in self.guest.memdevs().items()}
        wanted = 1 if ours[theirs] in region.members else 0
        equal(find_items(listed, "endpoint")[0]["decoders_committed"],
              wanted, f"decoders_committed of {theirs}")

    def _use(self, region: Region) -> None:
        """Write through the dax device; look at the host's files."""
        dax = self.guest.device_dax(region.name)
        pattern.fill(self.guest, dax, region.size)
        pattern.verify_files(self.guest, region, region.size)

    def _cycle(self, devices: list[str], ports: int, window: int,
               granularity: int = 0) -> None:
        """Make, use and destroy a region."""
        region = self.guest.create_region(
            devices, "ram", window, granularity
        )
        equal(region.members, tuple(devices), "members")
        equal(region.size, 256 * MIB * len(devices), "size")
        self._expect_committed(region, ports)
        self._use(region)
        self.guest.destroy_region(region.name)
        left = self.guest.json("cxl list -R")
        equal(left, [], "regions left")

    def check_one_way(self) -> None:
        """1-way: commits on the whole path, bytes are in place (25, 33)."""
        self._cycle(["dev0"], 1, FIRST)

    def check_two_way_256(self) -> None:
        """2-way below one bridge, 256 B granularity (29, 33)."""
        self._cycle(["dev0", "dev1"], 1, FIRST, 256)

    def check_two_way_512(self) -> None:
        """2-way below one bridge, 512 B granularity (29, 33)."""
        self._cycle(["dev1", "dev0"], 1, FIRST, 512)

    def check_two_way_1k(self) -> None:
        """2-way below one bridge, 1 KiB granularity (29, 33)."""
        self._cycle(["dev2", "dev3"], 1, SECOND, 1024)

    def check_two_way_4k(self) -> None:
        """2-way below one bridge, 4 KiB granularity (29, 33)."""
        self._cycle(["dev0", "dev1"], 1, FIRST, 4096)

    def check_two_way_16k(self) -> None:
        """2-way below one bridge, 16 KiB granularity (29, 33)."""
        self._cycle(["dev0", "dev1"], 1, FIRST, 16384)

    def check_granularity_limit(self) -> None:
        """32 KiB granularity is refused (29)."""
        command = self.guest.create_command(
            ["dev0", "dev1"], "ram", FIRST, 32768
        )
        result = self.vm.run(command)
        expect(result.status, f"'{command}' succeeded")
        expect("Invalid argument" in result.errors + result.text
               or "invalid" in result.errors.lower(), result.errors)

    def check_two_bridges(self) -> None:
        """2-way across two bridges, 256 B granularity (30, 33)."""
        self._cycle(["dev0", "dev2"], 2, ACROSS)

    def check_two_bridges_8k(self) -> None:
        """2-way across two bridges, 8 KiB granularity (30, 33)."""
        self._cycle(["dev1", "dev3"], 2, ACROSS_8K, 8192)

    def check_four_way(self) -> None:
        """4-way across two bridges, 256 B granularity (30, 33)."""
        self._cycle(["dev0", "dev2", "dev1", "dev3"], 2, ACROSS)

    def check_four_way_8k(self) -> None:
        """4-way across two bridges, 8 KiB granularity (30, 33)."""
        self._cycle(["dev0", "dev2", "dev1", "dev3"], 2, ACROSS_8K, 8192)

    def check_four_way_decoders(self) -> None:
        """4-way: bridges split in two at twice the granularity (30)."""
        names = ["dev0", "dev2", "dev1", "dev3"]
        region = self.guest.create_region(names, "ram", ACROSS)
        decoders = self.guest.json(f"cxl list -D -r {region.name}")
        shapes = [
            (item["interleave_ways"], item.get("interleave_granularity"))
            for item in find_items(decoders, "decoder")
        ]
        equal(sorted(shapes), [(2, 256), (2, 512), (2, 512)]
              + [(4, 256)] * 4, "ways and granularity of the decoders")

    def check_devmem(self) -> None:
        """single words at base + k x granularity reach target k (33)."""
        names = ["dev0", "dev2", "dev1", "dev3"]
        # Without a driver on the region, /dev/mem may reach it.
        self.vm.check("modprobe -r dax_cxl")
        region = self.guest.create_region(names, "ram", ACROSS)
        chunks = [0, 1, 2, 3, 4, 7, region.size // 2 // 256 + 5]
        self.vm.check("\n".join(
            f"devmem {region.base + chunk * 256 + 8:#x} 32 {0xC0DE0000 + at}"
            for at, chunk in enumerate(chunks)
        ))
        shares = self.guest.shares(region)
        equal(len(shares), 4, "members")
        for at, chunk in enumerate(chunks):
            path, start = shares[chunk % 4]
            with path.open("rb") as stream:
                stream.seek(start + chunk // 4 * 256 + 8)
                value = int.from_bytes(stream.read(4), "little")
            equal(value, 0xC0DE0000 + at, f"chunk {chunk} in {path.name}")
        self.guest.destroy_region(region.name)
        self.vm.check("modprobe dax_cxl")

    def check_system_ram(self) -> None:
        """kmem puts all of a 4-way region online as memory (27)."""
        names = ["dev0", "dev2", "dev1", "dev3"]
        region = self.guest.create_region(names, "ram", ACROSS)
        dax = self.guest.dax_device(region.name)
        equal(self._mode(dax), "devdax", "mode at first")
        self.vm.check("echo online_movable >"
                      "/sys/devices/system/memory/auto_online_blocks")
        self.vm.check("modprobe kmem")
        self.vm.check("daxctl reconfigure-device -f -m system-ram " + dax,
                      120)
        equal(self._mode(dax), "system-ram", "mode")
        node = self.vm.check(f"cat /sys/bus/dax/devices/{dax}/target_node")
        path = f"/sys/devices/system/node/node{node.strip()}"
        states = self.vm.check(f"cat {path}/memory*/state").split()
        equal(set(states), {"online"}, "memory blocks")
        equal(len(states), region.size // (128 * MIB), "number of blocks")
        total = self.vm.check(f"grep MemTotal {path}/meminfo").split()[3]
        equal(int(total) * 1024, region.size, "size of the node")
        text = self.vm.check(USE_NODE.format(
            node=node.strip(), size=USE_MIB), 180)
        expect(text.strip() == "same", f"read back: {text}")
        before, after = (
            int(line.split()[3]) for line in self.vm.check(
                f"cat /tmp/meminfo; grep MemFree {path}/meminfo"
            ).splitlines()
        )
        expect(before - after >= USE_MIB * 1024, "not from that node")

    def check_offline(self) -> None:
        """memory goes offline, the region goes, and comes again (28)."""
        for _ in range(2):
            region = self.guest.create_region(["dev0", "dev1"], "ram", FIRST)
            dax = self.guest.dax_device(region.name)
            self.vm.check(
                "echo offline >"
                "/sys/devices/system/memory/auto_online_blocks\n"
                f"daxctl reconfigure-device -m system-ram {dax}", 120
            )
            equal(self._mode(dax), "system-ram", "mode")
            self.vm.check(
                f"daxctl reconfigure-device -f -m devdax {dax}", 120
            )
            equal(self._mode(dax), "devdax", "mode")
            self.guest.destroy_region(region.name)

    def _mode(self, dax: str) -> str:
        return self.guest.json(f"daxctl list -d {dax}")[0]["mode"]


class WovenRegions(Group):
    """Memory that nobody else looks at: interleaves are RAM to the host."""

    topology = "hb2x2"

    def _kinds(self) -> list[str]:
        return [
            mapping["kind"]
            for mapping in self.vm.qmp.cmd("query-cxl-mappings")
        ]

    def check_system_ram(self) -> None:
        """4 ways at 256 bytes as memory: used, offline, gone, again (28)."""
        names = ["dev0", "dev2", "dev1", "dev3"]
        self.vm.check("echo online_movable >"
                      "/sys/devices/system/memory/auto_online_blocks")
        for _ in range(2):
            region = self.guest.create_region(names, "ram", ACROSS)
            equal(self._kinds(), ["woven"], "mappings")
            dax = self.guest.dax_device(region.name)
            self.vm.check("modprobe kmem\ndaxctl reconfigure-device -f"
                          " -m system-ram " + dax, 120)
            node = self.vm.check(f"cat /sys/bus/dax/devices/{dax}/target_node")
            text = self.vm.check(
                USE_NODE.format(node=node.strip(), size=WOVEN_MIB), 180
            )
            expect(text.strip() == "same", f"read back: {text}")
            self.vm.check("umount /mnt/cxl; rm /tmp/data\n"
                          f"daxctl reconfigure-device -f -m devdax {dax}",
                          120)
            self.guest.destroy_region(region.name)
            equal(self._kinds(), [], "mappings")

    def check_moved(self) -> None:
        """bytes of a 4-way region are where 1-way regions look for them."""
        region = self.guest.create_region(
            ["dev0", "dev2", "dev1", "dev3"], "ram", ACROSS
        )
        self.vm.check("modprobe -r kmem dax_cxl; true")
        self.vm.check("\n".join(
            f"devmem {region.base + at * 256:#x} 32 {0xC0DE0000 + at}"
            for at in range(16)
        ))
        self.guest.destroy_region(region.name)
        for at, name in enumerate(["dev0", "dev1"]):
            region = self.guest.create_region([name], "ram", FIRST)
            equal(self._kinds(), ["linear"], "mappings")
            words = self.vm.check("\n".join(
                f"devmem {region.base + turn * 256:#x} 32"
                for turn in range(4)
            )).split()
            equal([int(word, 16) for word in words],
                  [0xC0DE0000 + 4 * turn + 2 * at for turn in range(4)],
                  f"words of {name}")
            self.guest.destroy_region(region.name)
        self.vm.check("modprobe dax_cxl")


class Passthrough(Group):
    """One device below a bridge with a single root port."""

    topology = "one"
    files = True
    tools = ("daxio",)

    def check_region(self) -> None:
        """a region through the passthrough bridge (25, 33)."""
        region = self.guest.create_region(["dev0"])
        dax = self.guest.device_dax(region.name)
        pattern.fill(self.guest, dax, region.size)
        pattern.verify_files(self.guest, region, region.size)

    def check_one_at_a_time(self) -> None:
        """a second region through it is refused, the first stays."""
        region = self.guest.create_region(["dev0"], size=256 * MIB)
        second = self.guest.create_command(["dev0"], size=256 * MIB)
        expect(self.vm.run(second).status, "the second region was made")
        listed = self.guest.json(f"cxl list -R -r {region.name}")
        equal(listed[0]["decode_state"], "commit", "decode_state")


class SeenHypervisor(Group):
    """The guest sees a hypervisor."""

    topology = "one"
    hypervisor = True

    @warns
    def check_refused(self) -> None:
        """the kernel refuses to make a region, and says why (26)."""
        result = self.vm.run(self.guest.create_command(["dev0"]))
        expect(result.status, "the region was made")
        log = self.vm.check("dmesg")
        expect("Failed to synchronize CPU cache state" in log,
               "no word on the CPU cache in the kernel's log")
        expect("No such device or address" in result.errors,
               f"not ENXIO: {result.errors}")


class CoarseWindow(Group):
    """A 2-bridge window at 16 KiB granularity."""

    topology = "coarse"
    append = DYNDBG

    def check_refused(self) -> None:
        """the kernel cannot use it for a region: EINVAL (31)."""
        result = self.vm.run(
            self.guest.create_command(["dev0", "dev1"])
        )
        expect(result.status, "the region was made")
        log = self.vm.check("dmesg")
        expect("invalid granularity calculation (16384 * 2)" in log,
               f"refused for another reason:\n{result.errors}")
        state = self.vm.check(f"ls {SYSFS}").split()
        equal([name for name in state if name.startswith("region")], [],
              "regions left")
