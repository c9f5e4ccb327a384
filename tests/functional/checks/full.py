# SPDX-License-Identifier: GPL-2.0-or-later
"""What only a kernel with every CXL option shows."""

from __future__ import annotations

from harness.group import Group, equal, expect


class FullKernel(Group):
    """The kernel of 'make guest-kernel', which sees a hypervisor."""

    topology = "rp4"
    kernel_suite = "full"
    hypervisor = True

    def check_raw(self) -> None:
        """raw mailbox commands can be allowed (55)."""
        allow = "/sys/kernel/debug/cxl/mbox/raw_allow_all"
        self.vm.check(f"echo Y > {allow}")
        equal(self.vm.check(f"cat {allow}").strip(), "Y", allow)

    def check_region(self) -> None:
        """a 4-way region is made under a hypervisor."""
        flags = self.vm.check("grep -m1 ^flags /proc/cpuinfo").split()
        expect("hypervisor" in flags, "the kernel sees no hypervisor")
        names = [device.name for device in self.shape.devices]
        region = self.guest.create_region(names)
        equal(region.members, tuple(names), "members")
        self.guest.destroy_region(region.name)
