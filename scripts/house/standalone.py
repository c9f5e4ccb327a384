# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/standalone: build the stand-alone project in build/unit or
build/fuzz."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from house.lists import ROOT
from house.ui import HouseError, fail, run_logged, step

COMMON = ["-Db_sanitize=address,undefined", "-Db_lundef=false"]
KINDS = {"unit": ("gcc", []), "fuzz": ("clang", ["-Dfuzz=true"])}


def _meson() -> Path:
    ours = ROOT / "build/house/venv/bin/meson"
    if ours.exists():
        return ours
    found = shutil.which("meson")
    if not found:
        raise HouseError("no meson found: run ./configure --prepare-only")
    return Path(found)


def _compiler(name: str) -> str:
    return f"ccache {name}" if shutil.which("ccache") else name


def _is_set_up(where: Path) -> bool:
    """Whole: a set-up that was stopped leaves no build.ninja."""
    return (where / "build.ninja").is_file()


def build(kind: str) -> None:
    """Set up (once) and build @kind."""
    where = ROOT / "build" / kind
    compiler, options = KINDS[kind]
    if not _is_set_up(where):
        shutil.rmtree(where, ignore_errors=True)
        step(f"setting up {where}")
        run_logged(
            [_meson(), "setup", *COMMON, *options, where, ROOT],
            ROOT / f"build/logs/meson-{kind}.log", "meson setup", cwd=ROOT,
            env={"CC": os.environ.get("CC", _compiler(compiler))},
        )
    done = subprocess.run(["ninja", "-C", str(where)], check=False)
    if done.returncode != 0:
        raise HouseError(f"the {kind} build failed; see above")


def main() -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="standalone", description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    try:
        build(parser.parse_args().kind)
    except HouseError as error:
        return fail(error)
    return 0
