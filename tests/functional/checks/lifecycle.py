# SPDX-License-Identifier: GPL-2.0-or-later
"""Drivers that go and come, reboots, and a kernel that starts another."""

from __future__ import annotations

from cxl_vm.guest_cxl import find_items
from cxl_vm.units import MIB

from harness import kernel_log
from harness.group import DYNDBG, Group, equal, expect

LOADER = "/proc/sys/kernel/bootloader_type"
KEXEC = """
kexec -s -l /share/vmlinuz --initrd=/share/initrd --reuse-cmdline ||
    kexec -l /share/vmlinuz --initrd=/share/initrd --reuse-cmdline || exit 1
sync
kexec -e
"""
# The other CPU uses its own registers for each timer, meanwhile.
REMAP = """
cpus=$(nproc)
for cpu in $(seq $cpus); do (while :; do sleep 0.001; done) & done
dev=$(lspci -Dn -d 8086:0d93 | head -1 | cut -d' ' -f1)
args=
for turn in $(seq 30); do
    args="$args -s $dev COMMAND=2:2 -s $dev COMMAND=0:2"
done
for turn in $(seq 60); do setpci $args || exit 1; done
kill $(jobs -p)
for cpu in $(seq 0 $((cpus - 1))); do taskset $((1 << cpu)) true; done
"""


class Lifecycle(Group):
    """Four devices below one bridge."""

    topology = "rp4"
    append = DYNDBG
    share_kernel = True

    def _expect_fresh(self) -> None:
        """All devices are there and nothing is decoded."""
        listed = find_items(self.guest.json("cxl list -M"), "memdev")
        equal(len(listed), len(self.shape.devices), "devices")
        equal(kernel_log.trouble(self.vm.check("dmesg")), [],
              "trouble in the kernel's log")

    def _make(self) -> None:
        region = self.guest.create_region(
            ["dev0", "dev1"], size=512 * MIB
        )
        equal(region.members, ("dev0", "dev1"), "members")

    def check_reload(self) -> None:
        """all drivers can be unloaded and loaded again (53)."""
        for _ in range(2):
            self._make()
            self.clean()
            self.vm.check("cxl-drivers unload")
            equal(self.vm.check("ls /sys/bus/cxl/devices"), "", "devices")
            self.vm.check("cxl-drivers load")
            self._expect_fresh()

    def check_remap(self) -> None:
        """BARs come and go while other CPUs use devices."""
        self.vm.check("cxl-drivers unload")
        self.vm.check(REMAP, 120)
        self.vm.check("cxl-drivers load")
        self._expect_fresh()

    def check_warm_reboot(self) -> None:
        """a warm reboot with a region leaves no decoder behind (53)."""
        self._make()
        self.vm.reboot()
        self._expect_fresh()
        equal(self.guest.json("cxl list -R"), [], "regions")
        self._make()

    def check_bus_reset(self) -> None:
        """a bus reset is silent, and the device works after it (44)."""
        memdev = self.guest.memdevs()["dev0"]
        path = self.vm.check(f"realpath /sys/bus/cxl/devices/{memdev}/..")
        self.vm.check(
            f"cd {path.strip()} && echo cxl_bus >reset_method && "
            "echo 1 >reset"
        )
        log = self.vm.check("dmesg")
        expect("SBR happened" not in log, "the kernel misses decoders")
        self._expect_fresh()
        self._make()

    def check_kexec(self) -> None:
        """another kernel can take over, and make a region (53)."""
        self.vm.check("test -s /share/vmlinuz && test -s /share/initrd")
        self._make()
        self.clean()
        loader = self.vm.check(f"cat {LOADER}")
        self.vm.reboot(KEXEC)
        expect(self.vm.check(f"cat {LOADER}") != loader,
               "not started by kexec")
        self._expect_fresh()
        self._make()
