# SPDX-License-Identifier: GPL-2.0-or-later
"""What the person at the terminal sees: steps, progress, one clear error."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

TICK = 20.0
_START = time.monotonic()


class HouseError(Exception):
    """One message that names what is wrong and what to do."""


def step(text: str) -> None:
    """Announce a step, with the time since the start."""
    print(f"[{time.monotonic() - _START:5.0f}s] {text}", flush=True)


def _follow(process: subprocess.Popen[str], log: Path) -> deque[str]:
    """Copy output to @log; show the latest line every TICK seconds."""
    tail: deque[str] = deque(maxlen=12)
    shown = time.monotonic()
    assert process.stdout is not None
    with log.open("w", encoding="utf-8") as stream:
        for line in process.stdout:
            stream.write(line)
            if line.strip():
                tail.append(line.rstrip())
            if time.monotonic() - shown >= TICK and tail:
                shown = time.monotonic()
                step(f"    {tail[-1][:100]}")
    return tail


def run_logged(
    argv: Sequence[str | Path],
    log: Path,
    what: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> None:
    """Run a long command: output to @log, progress to the terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [str(arg) for arg in argv], cwd=cwd, text=True, errors="replace",
        env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:
        tail = _follow(process, log)
    if process.returncode != 0:
        shown = "\n".join(f"    {line}" for line in tail)
        raise HouseError(
            f"{what} failed (status {process.returncode}); the end of {log}:"
            f"\n{shown}"
        )


def fail(error: Exception) -> int:
    """Print @error the one way we do; the exit status."""
    print(f"error: {error}", file=sys.stderr)
    return 1
