# SPDX-License-Identifier: GPL-2.0-or-later
"""Start QEMU so that it never outlives the launcher."""

from __future__ import annotations

import ctypes
import signal
import subprocess
from pathlib import Path
from typing import Any

from .errors import QemuDied, VmError

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def start(args: list[str], log: Path, **streams: Any) -> subprocess.Popen:
    """Start QEMU; what it says itself goes to @log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as errors:
        try:
            return subprocess.Popen(
                args, stderr=errors, preexec_fn=_die_with_parent, **streams
            )
        except OSError as error:
            raise VmError(
                f"cannot start {args[0]}: {error.strerror}; build it with "
                "'make', or name another with --qemu"
            ) from None


def stop(process: subprocess.Popen, patience: float = 5) -> None:
    """Ask QEMU to go, and make it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def failure(process: subprocess.Popen, log: Path, started: bool) -> VmError:
    """Why QEMU left; @started when the guest had come to life."""
    code = process.returncode
    said = log.read_text(encoding="utf-8", errors="replace").strip()
    said = "\n".join(said.splitlines()[-10:])
    if code < 0:
        name = signal.Signals(-code).name
        return QemuDied(f"QEMU was killed by {name}\n{said}".rstrip())
    if started:
        return QemuDied(f"QEMU left with status {code}\n{said}".rstrip())
    return VmError(f"QEMU did not start (status {code}):\n{said}".rstrip())
