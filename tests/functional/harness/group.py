# SPDX-License-Identifier: GPL-2.0-or-later
"""What a group of checks is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cxl_vm.guest_cxl import GuestCxl
from cxl_vm.machine import Machine
from cxl_vm.topology import Topology

DYNDBG = " ".join(
    f"{module}.dyndbg=+p"
    for module in ("cxl_pci", "cxl_core", "cxl_mem", "cxl_port", "cxl_acpi")
)
# A region that could not be finished leaves its members' capacity taken.
FREE_CAPACITY = """
cd /sys/bus/cxl/devices
for decoder in $(ls -d decoder*.* | sort -r -V); do
    if [ -e $decoder/dpa_size ] && [ -z "$(cat $decoder/region)" ]; then
        echo 0 >$decoder/dpa_size
    fi
done"""
Check = TypeVar("Check", bound=Callable[..., Any])
Item = TypeVar("Item")


class Failure(Exception):
    """A check found something else than it expects."""


def expect(condition: object, message: str) -> None:
    """Fail with @message unless @condition holds."""
    if not condition:
        raise Failure(message)


def equal(found: object, wanted: object, what: str) -> None:
    """Fail unless both are the same."""
    expect(found == wanted, f"{what}: found {found!r}, expected {wanted!r}")


def warns(check: Check) -> Check:
    """Mark a check during which the kernel may warn."""
    setattr(check, "warns", True)
    return check


def slow(item: Item) -> Item:
    """Mark a check, or a group, that only 'run --slow' runs."""
    setattr(item, "slow", True)
    return item


class Group:
    """Checks that share a guest; subclasses say which, and add check_*().

    The first line of a check's docstring is its name in the report.
    """

    topology = "one"
    # Of Debian, or "full": see 'make guest-kernel'; only 'run --full' runs it.
    kernel_suite = "trixie"
    append = ""
    hypervisor = False
    memory = "1G"
    # Seconds to the guest's shell, on a machine with other things to do.
    boot_timeout = 240
    # The devices' memory is in files that the host can look at.
    files = False
    # Tools of our own that the guest needs.
    tools: tuple[str, ...] = ()
    # False: the checks start guests themselves.
    boots = True
    # True: only 'run --slow' runs it.
    slow = False
    # Make a folder with the guest's kernel in it, at /share.
    share_kernel = False

    def __init__(self, lab: Any) -> None:
        self.lab = lab

    @property
    def vm(self) -> Machine:
        """The running guest."""
        return self.lab.machine

    @property
    def guest(self) -> GuestCxl:
        """Its CXL tools."""
        return GuestCxl(self.vm)

    @property
    def shape(self) -> Topology:
        """What the guest should find."""
        return self.vm.topology

    @classmethod
    def extra(cls, state: Path) -> list[str]:
        """More of QEMU's command line; its files may be in @state."""
        return []

    @classmethod
    def checks(cls) -> list[str]:
        """Names of the checks, in the order they are written."""
        return [name for name in vars(cls) if name.startswith("check_")]

    @classmethod
    def title(cls, name: str) -> str:
        """The first line of what a check says about itself."""
        text = getattr(cls, name).__doc__ or name
        return text.strip().splitlines()[0].rstrip(".")

    def clean(self) -> None:
        """Leave no region behind for the next check."""
        names = self.vm.check(
            "ls /sys/bus/cxl/devices | grep '^region' | sort -r -V || true"
        ).split()
        if not names:
            return
        self.vm.run("umount /mnt/cxl")
        self.vm.run("ndctl disable-namespace all; ndctl destroy-namespace all")
        self.vm.run("daxctl reconfigure-device -f -m devdax all", 120)
        self.vm.run(FREE_CAPACITY)
        for name in names:
            self.vm.check(f"cxl destroy-region -f {name}", 120)


def label(group: type[Group], name: str) -> str:
    """What a check is called in the report."""
    short = name.removeprefix("check_")
    return f"{group.__name__}.{short}: {group.title(name)}"
