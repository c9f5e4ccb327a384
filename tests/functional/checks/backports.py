# SPDX-License-Identifier: GPL-2.0-or-later
"""What only a newer kernel shows."""

from __future__ import annotations

from harness.group import Group, equal, expect

CXL_TABLE_ACCESS = "1e98:02"


class Backports(Group):
    """The kernel of trixie-backports on four devices below one bridge."""

    topology = "rp4"
    kernel_suite = "trixie-backports"

    def check_doe_features(self) -> None:
        """each endpoint's DOE offers CXL table access (9)."""
        listed = self.guest.json("cxl list -M")
        equal(len(listed), len(self.shape.devices), "devices")
        for item in listed:
            path = f"/sys/bus/pci/devices/{item['host']}/doe_features"
            found = self.vm.check(f"ls {path}").split()
            expect(CXL_TABLE_ACCESS in found, f"{item['host']}: {found}")

    def check_region(self) -> None:
        """a 4-way volatile region is made and destroyed (25)."""
        names = [device.name for device in self.shape.devices]
        region = self.guest.create_region(names)
        equal(region.members, tuple(names), "members")
        self.guest.destroy_region(region.name)
