# SPDX-License-Identifier: GPL-2.0-or-later
"""Build the small static programs that checks use in the guest."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from cxl_vm.errors import VmError

SOURCES = Path(__file__).resolve().parent.parent / "guest"


def build(
    names: tuple[str, ...], out: Path, sources: Path = SOURCES
) -> list[tuple[Path, str]]:
    """Pairs of program and its place in the guest, for each of @names."""
    return [(_program(name, out, sources), f"usr/bin/{name}")
            for name in names]


def _program(name: str, out: Path, sources: Path) -> Path:
    source, program = sources / f"{name}.c", out / name
    if program.exists() and (
        program.stat().st_mtime >= source.stat().st_mtime
    ):
        return program
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        raise VmError("a C compiler is needed for the guest's test tools")
    out.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [compiler, "-O2", "-Wall", "-static", "-o", program, source],
        capture_output=True, text=True,
    )
    if done.returncode:
        raise VmError(
            f"cannot build {name} as a static program (package libc6-dev "
            f"has the static library):\n{done.stderr}"
        )
    return program
