# SPDX-License-Identifier: GPL-2.0-or-later
"""Start, restart and watch the guest of a group."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from cxl_vm.machine import Machine
from cxl_vm.setup import Wishes, choose_kernel, prepare

from . import tools
from .group import Group
from .migrate import move

HERE = Path(__file__).resolve().parent.parent
_TROUBLE = re.compile(
    r"^.*(WARNING: CPU|BUG: |Oops|UBSAN|KASAN|INFO: task .* blocked"
    r"|rcu: INFO: rcu_.*stall).*$", re.M
)


class Lab:
    """The guest of one group, and its files."""

    def __init__(self, group: type[Group], build: Path, logs: Path) -> None:
        self._group = group
        self.build = build
        self._logs = logs
        self._boots = 0
        self._read = 0
        self.state = build / "guest" / "functional" / group.__name__
        self.machine: Machine

    def _topology(self) -> str:
        own = HERE / "topologies" / f"{self._group.topology}.toml"
        return str(own) if own.is_file() else self._group.topology

    def _wishes(self) -> Wishes:
        group = self._group
        wishes = Wishes(
            topology=self._topology(), build=self.build,
            kernel_suite=group.kernel_suite, append=group.append.split(),
            memory=group.memory, hypervisor=group.hypervisor,
            include=tools.build(group.tools, self.build / "guest" / "tools"),
        )
        self.state.mkdir(parents=True, exist_ok=True)
        wishes.qemu_args = group.extra(self.state)
        if group.files:
            wishes.state = self.state
        if group.share_kernel:
            wishes.share = self._shared_kernel(wishes)
        return wishes

    def _shared_kernel(self, wishes: Wishes) -> Path:
        folder = self.state / "share"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(choose_kernel(wishes).image, folder / "vmlinuz")
        return folder

    def start(self) -> None:
        """A guest with empty devices."""
        shutil.rmtree(self.state, ignore_errors=True)
        if self._group.boots:
            self._boot()

    def restart(self) -> None:
        """Kill QEMU and boot anew, with the same files."""
        self.machine.close()
        self._boot()

    def _boot(self) -> None:
        wishes = self._wishes()
        shape, options = prepare(wishes, "agent")
        if wishes.share:
            shutil.copy(options.initrd, wishes.share / "initrd")
        self._boots += 1
        self._read = 0
        logs = self._logs / f"{self._group.__name__}-{self._boots}"
        self.machine = Machine(shape, options, self.build, logs)
        self.machine.start(self._group.boot_timeout)

    def move(self, **how: Any) -> None:
        """Migrate the guest to another QEMU; see migrate.move()."""
        self._boots += 1
        logs = self._logs / f"{self._group.__name__}-{self._boots}"
        self.machine = move(self.machine, logs, **how)
        self._read = 0

    def stop(self) -> None:
        """End QEMU and remove the devices' files."""
        if hasattr(self, "machine"):
            self.machine.close()
        shutil.rmtree(self.state, ignore_errors=True)

    @property
    def logs(self) -> Path:
        """Where this group's logs are."""
        return self._logs

    def new_trouble(self) -> list[str]:
        """Warnings the kernel logged since the last call."""
        if not self._group.boots:
            return []
        text = self.machine.console.text()
        new, self._read = text[self._read:], len(text)
        return [match.group(0).strip() for match in _TROUBLE.finditer(new)]
