# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine that runs commands for us."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from . import process, qmp
from .agent import Agent, Result, Sink
from .command import Options, qemu_args, quoted
from .console import Console
from .errors import CommandFailed, GuestGone, GuestTimeout, VmError
from .topology import Topology

TICK = 0.2


def _nowhere(_data: bytes) -> None:
    """A sink that forgets."""


def _first_line(script: str) -> str:
    lines = script.strip().splitlines() or [""]
    return lines[0] if len(lines) == 1 else f"{lines[0]} ..."


class Machine:
    """QEMU with a topology and the guest's agent; a context manager.

    Errors are VmError and its kin; each message is complete, and the logs
    are in @logs: console.log, qemu.log.
    """

    def __init__(self, topology: Topology, options: Options, build: Path,
                 logs: Path) -> None:
        self.topology = topology
        self.options = options
        self.build = build
        self.logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self.console = Console(logs / "console.log")
        self.console.log.unlink(missing_ok=True)
        self.boot_time = 0.0
        self._scratch = Path(tempfile.mkdtemp(prefix="cxl-vm-"))
        self._agent = Agent(self._scratch)
        self._process: subprocess.Popen[bytes] | None = None
        self._qmp: Any = None

    def command(self) -> list[str]:
        """The complete QEMU command line."""
        log = quoted(self.console.log)
        return [
            *qemu_args(self.topology, self.options),
            "-chardev", f"file,id=console,path={log}",
            "-device", "isa-serial,chardev=console,index=0",
            *self._agent.qemu_args(),
            "-qmp", f"unix:{self._scratch}/qmp.sock,server=on,wait=off",
        ]

    # -- life -----------------------------------------------------------

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, timeout: float = 120) -> None:
        """Start QEMU and wait for the guest's agent."""
        began = time.monotonic()
        self.launch()
        self._until(
            lambda: self._agent.boots >= 1, timeout, "to reach its shell"
        )
        self.boot_time = time.monotonic() - began

    def launch(self) -> None:
        """Start QEMU, and wait for nothing: for '-incoming'."""
        self._process = process.start(
            self.command(), self.logs / "qemu.log", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def take_over(self, timeout: float = 60) -> None:
        """A guest whose agent was ready before has come here."""
        self._until(
            lambda: self._agent.connected, timeout, "to connect its agent"
        )
        self._agent.take_over()

    def close(self) -> None:
        """Stop QEMU, without the guest's help, and clean up."""
        if self._qmp:
            self._qmp.close()
            self._qmp = None
        if self._process:
            process.stop(self._process)
            self._process = None
        self._agent.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    @property
    def running(self) -> bool:
        """True while QEMU is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """QEMU's process id; -1 while there is none."""
        return self._process.pid if self._process else -1

    # -- commands -------------------------------------------------------

    def stream(self, script: str, out: Sink, err: Sink,
               timeout: float = 60) -> int:
        """Run a shell script in the guest; its status."""
        self._agent.send(script, out, err)
        status: list[int] = []

        def finished() -> bool:
            value = self._agent.take_status()
            if value is not None:
                status.append(value)
            return bool(status)

        self._until(finished, timeout, f"to finish '{_first_line(script)}'")
        return status[0]

    def run(self, script: str, timeout: float = 60) -> Result:
        """Run a shell script in the guest; all that it printed."""
        out, err = bytearray(), bytearray()
        status = self.stream(script, out.extend, err.extend, timeout)
        return Result(status, bytes(out), bytes(err))

    def check(self, script: str, timeout: float = 60) -> str:
        """Run a script that must succeed; its standard output."""
        result = self.run(script, timeout)
        if result.status:
            raise CommandFailed(
                f"in the guest, '{_first_line(script)}' failed with status "
                f"{result.status}:\n{result.text}{result.errors}".rstrip()
            )
        return result.text

    def reboot(self, script: str = "reboot -f", timeout: float = 120) -> None:
        """Make the guest reboot with @script and wait for its agent."""
        boots = self._agent.boots
        self._agent.send(script, _nowhere, _nowhere)
        self._agent.forget()
        self._until(
            lambda: self._agent.boots > boots, timeout, "to reboot"
        )

    def power_off(self, timeout: float = 30) -> None:
        """Make the guest write everything out and power off."""
        if not self.running or self._process is None:
            return
        self._agent.send("sync; poweroff -f", _nowhere, _nowhere)
        self._agent.forget()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise GuestTimeout("the guest did not power off") from None

    @property
    def qmp(self) -> Any:
        """A QMP client: machine.qmp.cmd('query-status')."""
        if self._qmp is None:
            self._qmp = qmp.connect(self._scratch / "qmp.sock", self.build)
        return self._qmp

    # -- waiting --------------------------------------------------------

    def _until(
        self, condition: Callable[[], bool], timeout: float, what: str
    ) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            self._agent.pump(TICK)
            self.console.poll()
            if not self.running and not condition():
                raise self._gone()
            if time.monotonic() > deadline:
                raise GuestTimeout(
                    f"the guest took more than {timeout:.0f} s {what}"
                )

    def _gone(self) -> VmError:
        if self._process is None:
            return VmError("the machine was not started")
        if self._process.returncode == 0:
            return GuestGone("the guest powered off")
        return process.failure(
            self._process, self.logs / "qemu.log", not self.console.silent
        )
