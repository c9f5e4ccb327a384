# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the checks against a guest that says nothing.

A check that passes there looks at nothing: it could never fail.
"""

from __future__ import annotations

from pathlib import Path

from cxl_vm import topology
from cxl_vm.agent import Result
from cxl_vm.command import Options
from cxl_vm.console import Console
from cxl_vm.machine import Machine

from .group import Group, label
from .lab import HERE


class SilentMachine(Machine):
    """Every command succeeds at once and prints nothing."""

    def __init__(self, group: type[Group], state: Path) -> None:
        own = HERE / "topologies" / f"{group.topology}.toml"
        name = str(own) if own.is_file() else group.topology
        self.topology = topology.load(name)
        self.options = Options(
            qemu=[], kernel=Path(), initrd=Path(), state=state
        )
        self.console = Console(Path("/dev/null"))

    def run(self, script: str, timeout: float = 60) -> Result:
        return Result(0, b"", b"")

    def reboot(self, script: str = "", timeout: float = 120) -> None:
        return None


class SilentLab:
    """Stands in for the lab."""

    def __init__(self, group: type[Group], state: Path) -> None:
        self.machine = SilentMachine(group, state)
        self.state = state

    def restart(self) -> None:
        """Nothing to restart."""


def passing(
    chosen: dict[type[Group], list[str]], build: Path
) -> list[str]:
    """Labels of the checks that pass, which they must not."""
    return [
        label(group, name)
        for group, names in chosen.items() if group.boots
        for name in names
        if _passes(group(SilentLab(group, build)), name)
    ]


def _passes(instance: Group, name: str) -> bool:
    try:
        getattr(instance, name)()
    except Exception:
        return False
    return True
