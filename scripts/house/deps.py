# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages the build host needs (base/packages): find, name, install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from house.lists import ROOT, rows
from house.ui import HouseError, run_logged, step


def _quiet(argv: list[str], stdin: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(argv, input=stdin, capture_output=True, text=True,
                          check=False)


def _links_fuzzer() -> bool:
    """clang can link a libFuzzer program."""
    if not shutil.which("clang"):
        return False
    with tempfile.TemporaryDirectory() as scratch:
        return _quiet(
            ["clang", "-fsanitize=fuzzer,address", "-x", "c", "-", "-o",
             f"{scratch}/a"],
            "#include <stddef.h>\n#include <stdint.h>\n"
            "int LLVMFuzzerTestOneInput(const uint8_t *d, size_t n)"
            "{ return d && n > 1 << 20; }\n",
        ).returncode == 0


def _present(probe: str) -> bool:
    kind, _, name = probe.partition(":")
    if kind == "cmd":
        return shutil.which(name) is not None
    if kind == "pc":
        return (shutil.which("pkg-config") is not None
                and _quiet(["pkg-config", "--exists", name]).returncode == 0)
    if kind == "hdr":
        return (shutil.which("gcc") is not None and _quiet(
            ["gcc", "-E", "-x", "c", "-"], f"#include <{name}>\n"
        ).returncode == 0)
    if kind == "fuzzer":
        return _links_fuzzer()
    raise HouseError(f"base/packages: unknown probe '{probe}'")


def _clang_major() -> str:
    """Major version of the clang package this host has or would get."""
    done = _quiet(["apt-cache", "policy", "clang"])
    match = re.search(r"Candidate: (?:\d+:)?(\d+)", done.stdout)
    return match.group(1) if match else ""


def missing(groups: set[str]) -> list[str]:
    """Debian packages of @groups that this host lacks."""
    found: dict[str, None] = {}
    for group, probe, package in rows(ROOT / "base/packages"):
        if group in groups and not _present(probe):
            if "{clang}" in package:
                package = package.replace("{clang}", _clang_major())
            found[package] = None
    return list(found)


def _installer() -> list[str]:
    """The prefix that may install packages; empty when none may."""
    if not shutil.which("apt-get"):
        return []
    if os.geteuid() == 0:
        return ["apt-get"]
    if shutil.which("sudo") and _quiet(["sudo", "-n", "true"]).returncode == 0:
        return ["sudo", "-n", "apt-get"]
    return []


def install(groups: set[str], log: Path) -> None:
    """Install what is missing; HouseError with the command if we may not."""
    prefix = _installer()
    if missing(groups) and prefix:
        env = {"DEBIAN_FRONTEND": "noninteractive"}
        step("updating the host's package lists")
        run_logged([*prefix, "-q", "update"], log, "apt-get update", env=env)
        packages = missing(groups)
        step(f"installing {' '.join(packages)}")
        run_logged(
            [*prefix, "-q", "-y", "--no-install-recommends", "install",
             *packages], log, "apt-get install", env=env,
        )
    require(groups)


def require(groups: set[str]) -> None:
    """HouseError with one command to run when something is missing."""
    packages = missing(groups)
    if packages:
        how = f"apt-get install {' '.join(packages)}"
        if not shutil.which("apt-get"):
            how = f"install what Debian calls {' '.join(packages)}"
        elif os.geteuid() != 0:
            how = f"sudo {how}"
        raise HouseError(f"this host lacks {len(packages)} package(s); "
                         f"run:\n    {how}")
