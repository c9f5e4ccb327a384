# SPDX-License-Identifier: GPL-2.0-or-later
"""Data that have to go, and passphrases that keep them closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cxl_vm.command import backend_file
from cxl_vm.guest_cxl import SYSFS
from cxl_vm.units import MIB

from harness import pattern
from harness.group import Group, equal, expect, warns

MASTER = "user:nvdimm-master"
BLOBS = "/etc/ndctl/keys"
KINDS = ("volatile", "persistent")


def empty(path: Path) -> bool:
    """Whether a file has nothing but zeroes."""
    with path.open("rb") as file:
        while data := file.read(MIB):
            if data.count(0) != len(data):
                return False
    return True


class Sanitize(Group):
    """One device, its memory in files that the host can look at."""

    topology = "sanitize"
    files = True
    tools = ("daxio",)

    @property
    def _memdev(self) -> str:
        return self.guest.memdevs()["dev0"]

    def _file(self, kind: str) -> Path:
        return backend_file(self.vm.options.state, self.shape.devices[0],
                            kind)

    def _fill(self) -> None:
        """A pattern, and a label area that is not empty."""
        region = self.guest.create_region(["dev0"], "ram")
        dax = self.guest.device_dax(region.name)
        pattern.fill(self.guest, dax, region.size)
        pattern.verify_files(self.guest, region, region.size)
        self.guest.destroy_region(region.name)
        self.vm.check("ndctl disable-dimm nmem0; ndctl init-labels -f nmem0 "
                      "&& ndctl enable-dimm nmem0", 120)
        expect(not empty(self._file("lsa")), "there are no labels")

    def _security(self, what: str, value: str) -> str:
        """Errors of a write, or nothing."""
        result = self.vm.run(
            f"echo {value} >{SYSFS}/{self._memdev}/security/{what}", 120
        )
        return result.errors + result.text if result.status else ""

    def _state(self) -> str:
        return self.vm.check(f"cat {SYSFS}/{self._memdev}/security/state"
                             ).strip()

    def _check_empty(self) -> None:
        """The host's files, and what the guest reads."""
        for kind in KINDS:
            expect(empty(self._file(kind)), f"{kind} memory is not empty")
        region = self.guest.create_region(["dev0"], "ram")
        dax = self.guest.device_dax(region.name)
        result = self.vm.run(f"daxio verify /dev/{dax} 0 8 0")
        equal(result.status, 0, "the first word as the guest reads it is 0")

    @warns
    def check_sanitize(self) -> None:
        """sanitize: state, wait, data and labels gone (18)."""
        self._fill()
        equal(self._security("sanitize", "1"), "", "sanitize")
        equal(self._state(), "sanitize", "state meanwhile")
        self.vm.check(f"cxl wait-sanitize {self._memdev}", 120)
        equal(self._state(), "disabled", "state")
        expect(empty(self._file("lsa")), "there are labels")
        self._check_empty()

    @warns
    def check_erase(self) -> None:
        """secure erase: data gone, labels there."""
        self._fill()
        equal(self._security("erase", "1"), "", "erase")
        expect(not empty(self._file("lsa")), "there are no labels")
        self._check_empty()

    @warns
    def check_in_use(self) -> None:
        """a region keeps the kernel from both (19)."""
        self.guest.create_region(["dev0"], "ram")
        for what in ("sanitize", "erase"):
            expect("busy" in self._security(what, "1"), f"{what} is not busy")


class SanitizeBackports(Sanitize):
    """The same with a newer kernel."""

    kernel_suite = "trixie-backports"
    check_sanitize = Sanitize.check_sanitize
    check_erase = Sanitize.check_erase


class Passphrase(Group):
    """Persistent memory that ndctl locks with keys of the kernel."""

    topology = "sanitize"
    files = True
    tools = ("addkey",)

    def _state(self) -> str:
        return self.vm.check("cat /sys/bus/nd/devices/nmem0/security"
                             ).strip()

    def _frozen(self) -> str:
        return self.vm.check("cat /sys/bus/nd/devices/nmem0/frozen").strip()

    def _master_key(self) -> None:
        self.vm.check(f"addkey user nvdimm-master {'k' * 32} && "
                      f"mkdir -p {BLOBS}")

    def _set_up(self) -> None:
        """A passphrase, unless the check before has left one."""
        if self._state() == "disabled":
            self._master_key()
            self.vm.check(f"ndctl setup-passphrase nmem0 -k {MASTER}", 120)
        equal(self._state(), "unlocked", "state with a passphrase")

    def _power_cycle(self, again: Callable[[], None]) -> None:
        """@again is one; over it, the key's blob is kept."""
        name = self.vm.check(f"ls {BLOBS}/nvdimm_*").strip()
        blob = self.vm.check(f"cat '{name}'")
        again()
        equal(self._state(), "locked", "state after a power cycle")
        self._master_key()
        self.vm.check(f"echo -n '{blob.strip()}' >'{name}'")

    def check_set_up(self) -> None:
        """a passphrase is set, changed and removed (24)."""
        self._set_up()
        self.vm.check(f"ndctl update-passphrase nmem0 -k {MASTER}", 120)
        equal(self._state(), "unlocked", "state after a change")
        self.vm.check("ndctl remove-passphrase nmem0", 120)
        equal(self._state(), "disabled", "state without passphrase")

    def _check_locked(self, again: Callable[[], None]) -> None:
        self._set_up()
        self._power_cycle(again)
        result = self.vm.run("ndctl remove-passphrase nmem0", 120)
        expect(result.status, "a locked device lost its passphrase")
        self.vm.check("ndctl load-keys && ndctl disable-dimm nmem0 && "
                      "ndctl enable-dimm nmem0", 120)
        equal(self._state(), "unlocked", "state with the key")

    def check_warm_reboot(self) -> None:
        """memory is locked after a reboot, and the key unlocks it (24)."""
        self._check_locked(self.vm.reboot)

    def check_cold_boot(self) -> None:
        """the same after QEMU was killed (24)."""
        self._check_locked(self.lab.restart)

    def check_erase(self) -> None:
        """by passphrase, all persistent memory is erased (24)."""
        self._set_up()
        place = backend_file(self.vm.options.state, self.shape.devices[0],
                             "persistent")
        with place.open("r+b") as file:
            file.write(b"something")
        self.vm.check("ndctl disable-dimm nmem0; ndctl sanitize-dimm -c "
                      "nmem0 && ndctl enable-dimm nmem0", 120)
        equal(self._state(), "disabled", "state after the erase")
        expect(empty(place), "persistent memory is not empty")

    def check_frozen(self) -> None:
        """frozen until the power goes (24)."""
        self._set_up()
        self.vm.check("ndctl freeze-security nmem0", 120)
        equal(self._frozen(), "1", "frozen")
        result = self.vm.run("ndctl remove-passphrase nmem0", 120)
        expect(result.status, "a frozen device lost its passphrase")
        self._power_cycle(self.vm.reboot)
        equal(self._frozen(), "0", "frozen after a power cycle")


class PassphraseBackports(Passphrase):
    """The same with a newer kernel."""

    kernel_suite = "trixie-backports"
    check_set_up = Passphrase.check_set_up
    check_warm_reboot = Passphrase.check_warm_reboot
    check_cold_boot = Passphrase.check_cold_boot
    check_erase = Passphrase.check_erase
    check_frozen = Passphrase.check_frozen
