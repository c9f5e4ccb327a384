# SPDX-License-Identifier: GPL-2.0-or-later
"""Protocol errors, links that fail and what a kernel does about them."""

from __future__ import annotations

from cxl_vm.guest_cxl import SYSFS
from cxl_vm.units import MIB

from harness.errors import CE_STATUS, TRACING, UE_STATUS, Errors
from harness.group import Group, equal, expect

# What QMP calls them, and what Linux does.  Linux: drivers/cxl/core/trace.h
CORRECTABLE = {
    "cache-data-ecc": "Cache Data ECC Error",
    "mem-data-ecc": "Memory Data ECC Error",
    "crc-threshold": "CRC Threshold Hit",
    "retry-threshold": "Retry Threshold",
    "cache-poison-received": "Received Cache Poison From Peer",
    "mem-poison-received": "Received Memory Poison From Peer",
    "physical": "Received Error From Physical Layer",
}
CE_EVENT = "cxl/cxl_aer_correctable_error"
UE_EVENT = "cxl/cxl_aer_uncorrectable_error"
# In memory these spell CXL-HEADER-LOG!!
HEADER = [0x2d4c5843, 0x44414548, 0x4c2d5245, 0x2121474f]
SPELT = "CXL-HEADER-LOG!!"


class ErrorGroup(Group):
    """What both kernels are asked."""

    topology = "errors"

    def _each_correctable(self, device: str) -> None:
        errors = Errors(self.vm)
        function = errors.function(device)
        for kind, text in CORRECTABLE.items():
            errors.trace(CE_EVENT)
            errors.correctable(device, kind)
            line = errors.traced(f"cxl_aer_correctable_error.*{text}")
            expect(f"status: '{text}'" in line, f"{kind}: {line}")
            expect(function in line, f"{kind}: {line}")
            equal(errors.ras(function, CE_STATUS), 0, f"{kind}: status")

    def _wait_bound(self, device: str, bound: bool) -> None:
        """Until @device has an endpoint, or none."""
        wanted = "=" if bound else "!="
        serial = next(
            item.serial for item in self.shape.devices if item.name == device
        )
        self.vm.check(
            "for i in $(seq 300); do found=no\n"
            f"for mem in {SYSFS}/mem*; do\n"
            f"[ \"$(cat $mem/serial 2>/dev/null)\" = {serial:#x} ] && "
            "[ -e $mem/driver ] && found=yes\ndone\n"
            f"[ $found {wanted} yes ] && exit 0; sleep 0.1; done\n"
            f"echo {device} bound: $found >&2; exit 1", 120
        )


class ProtocolErrors(ErrorGroup):
    """The stable kernel, which unmasks RAS but not AER."""

    def check_masked(self) -> None:
        """an error that AER masks is not heard of."""
        errors = Errors(self.vm)
        function = errors.function("dev0")
        errors.trace(CE_EVENT)
        errors.correctable("dev0", "physical")
        # The one that is heard comes after it.
        errors.correctable("dev1", "physical")
        line = errors.traced("cxl_aer_correctable_error")
        expect(function not in line, line)
        equal(errors.ras(function, CE_STATUS), 0x40, "status")

    def check_correctable(self) -> None:
        """each correctable error is traced and cleared (46)."""
        errors = Errors(self.vm)
        function = errors.function("dev0")
        errors.unmask(function)
        errors.correctable("dev0", "physical")
        errors.logged(f"{function}.*CorrIntErr")
        self._each_correctable("dev0")

    def check_unmasked(self) -> None:
        """with ras-unmasked=on a guest need not unmask anything (46)."""
        self._each_correctable("dev1")

    def check_port(self) -> None:
        """a port's error is reported by AER, and nobody reads its RAS."""
        errors = Errors(self.vm)
        port = errors.port("dev1")
        errors.correctable("hb0rp1", "crc-threshold")
        errors.logged(f"{port}.*CorrIntErr")
        equal(errors.ras(port, CE_STATUS), 0x4, "status")

    def check_uncorrectable(self) -> None:
        """a fatal error unbinds, resets and binds the device again (47)."""
        errors = Errors(self.vm)
        function = errors.function("dev1")
        errors.trace(UE_EVENT)
        errors.uncorrectable("dev1", "mem-data-ecc", HEADER)
        text = "Memory Data ECC Error"
        line = errors.traced("cxl_aer_uncorrectable_error")
        expect(f"status: '{text}' first_error: '{text}'" in line, line)
        errors.logged("frozen state error detected, disable CXL.mem")
        errors.logged(f"{function}.*restart CXL.mem after slot reset")
        errors.logged(f"{function}.*error resume successful")
        self._wait_bound("dev1", True)
        equal(errors.ras(function, UE_STATUS), 0, "status")
        found = self.vm.check(
            f"for cpu in {TRACING}/per_cpu/cpu*; do "
            "timeout 1 dd if=$cpu/trace_pipe_raw bs=4096 count=4; "
            "done 2>/dev/null | "
            f"grep -a -c '{SPELT}' || true"
        )
        equal(found.strip(), "1", "header logs traced")
        region = self.guest.create_region(["dev1"], size=512 * MIB)
        equal(region.members, ("dev1",), "members")

    def check_link_down(self) -> None:
        """a link that fails removes the device; it comes back (42, 43)."""
        port = Errors(self.vm).port("dev0")
        self.vm.qmp.cmd("cxl-inject-link-down", path="hb0rp0", down=True)
        self._wait_bound("dev0", False)
        # A device that is back before power and its indicator are off would
        # be one that the guest lets go.
        self.vm.check(
            "for i in $(seq 100); do "
            f"control=$(setpci -s {port} CAP_EXP+0x18.W)\n"
            "[ $((0x$control & 0x700)) = 1792 ] && exit 0; "
            "sleep 0.1; done; exit 1"
        )
        self.vm.qmp.cmd("cxl-inject-link-down", path="hb0rp0", down=False)
        self._wait_bound("dev0", True)
        expect("dev0" in self.guest.memdevs(), "dev0 is missing")
        region = self.guest.create_region(["dev0"], size=512 * MIB)
        equal(region.members, ("dev0",), "members")


class ProtocolErrorsBackports(ErrorGroup):
    """A newer kernel, which unmasks neither RAS nor AER."""

    kernel_suite = "trixie-backports"

    def check_reset_methods(self) -> None:
        """no bus reset where the port masks it (45)."""
        function = Errors(self.vm).function("dev0")
        found = self.vm.check(
            f"cat /sys/bus/pci/devices/{function}/reset_method"
        ).split()
        equal(found, ["flr", "cxl_bus"], "reset methods")

    def check_function_reset(self) -> None:
        """a function level reset does not disturb a region."""
        region = self.guest.create_region(["dev0"], size=512 * MIB)
        equal(region.members, ("dev0",), "members")
        function = Errors(self.vm).function("dev0")
        path = f"/sys/bus/pci/devices/{function}"
        self.vm.check(f"echo flr >{path}/reset_method; echo 1 >{path}/reset")
        expect("SBR happened" not in self.vm.check("dmesg"),
               "the kernel misses decoders")
        self.vm.check(f"cxl list -r {region.name} | grep {region.name}")

    def check_correctable(self) -> None:
        """each correctable error is traced and cleared (46)."""
        self._each_correctable("dev1")
