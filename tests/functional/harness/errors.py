# SPDX-License-Identifier: GPL-2.0-or-later
"""Let errors happen, and see what the kernel makes of them."""

from __future__ import annotations

import re

from cxl_vm.guest_cxl import SYSFS, GuestCxl
from cxl_vm.machine import Machine

from .group import expect

TRACING = "/sys/kernel/tracing"
# In the component registers; RAS is the first block behind the array.
CACHEMEM = 0x1000
RAS = 2
UE_STATUS, CE_STATUS = 0x00, 0x0c


class Errors:
    """Errors of one machine's devices and ports, named as in its topology."""

    def __init__(self, vm: Machine) -> None:
        self.vm = vm

    def function(self, device: str) -> str:
        """The PCI function of @device, as 0000:0d:00.0."""
        memdev = GuestCxl(self.vm).memdevs()[device]
        return self.vm.check(
            f"basename $(realpath {SYSFS}/{memdev}/..)"
        ).strip()

    def port(self, device: str) -> str:
        """The PCI function of the port above @device."""
        return self.vm.check(
            "basename $(dirname $(realpath "
            f"/sys/bus/pci/devices/{self.function(device)}))"
        ).strip()

    def unmask(self, function: str) -> None:
        """AER's internal errors, which Linux leaves masked."""
        self.vm.check(
            f"setpci -s {function} ECAP_AER+0x08.L=0 ECAP_AER+0x14.L=0"
        )

    def trace(self, *events: str) -> None:
        """Trace @events (as cxl/cxl_aer_correctable_error) from now on."""
        self.vm.check(
            f"[ -e {TRACING}/trace ] || mount -t tracefs none {TRACING}\n"
            f"echo >{TRACING}/trace\n" + "\n".join(
                f"echo 1 >{TRACING}/events/{event}/enable"
                for event in events
            )
        )

    def traced(self, words: str) -> str:
        """The line with @words that the kernel traces, at last."""
        return self._wait(f"cat {TRACING}/trace", words)

    def logged(self, words: str) -> str:
        """The same in the kernel's log; a regular expression of grep -E."""
        return self._wait("dmesg", words)

    def _wait(self, source: str, words: str) -> str:
        return self.vm.check(
            f"for i in $(seq 200); do {source} | grep -E -m1 '{words}' && "
            "exit 0; sleep 0.1; done; "
            f"echo nothing about: '{words}' >&2; exit 1", 120
        )

    def correctable(self, path: str, kind: str) -> None:
        """One correctable error."""
        self.vm.qmp.cmd("cxl-inject-correctable-error", path=path, type=kind)

    def uncorrectable(self, path: str, kind: str, header: list[int]) -> None:
        """One uncorrectable error."""
        self.vm.qmp.cmd(
            "cxl-inject-uncorrectable-errors", path=path,
            errors=[{"type": kind, "header": header}],
        )

    def _dword(self, address: int) -> int:
        """A dword of guest memory, which the kernel keeps for itself."""
        answer = self.vm.qmp.cmd(
            "human-monitor-command", **{"command-line": f"xp /1wx {address}"}
        )
        found = re.search(r": 0x(\w{8})", answer)
        expect(found, f"xp {address:#x}: {answer}")
        assert found
        return int(found.group(1), 16)

    def ras(self, function: str, register: int) -> int:
        """A register of the RAS capability, read from outside."""
        base = int(self.vm.check(
            f"head -1 /sys/bus/pci/devices/{function}/resource"
        ).split()[0], 16) + CACHEMEM
        for n in range(1, (self._dword(base) >> 24) + 1):
            entry = self._dword(base + 4 * n)
            if entry & 0xffff == RAS:
                return self._dword(base + (entry >> 20) + register)
        expect(False, f"{function} has no RAS capability")
        return 0
