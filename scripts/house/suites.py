# SPDX-License-Identifier: GPL-2.0-or-later
"""The declarative list of test suites, tests/suites.toml."""

from __future__ import annotations

import fnmatch
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

from house.lists import ROOT
from house.ui import HouseError

try:
    import tomllib
except ImportError:
    raise SystemExit("error: the tests need Python 3.11 or newer") from None


@dataclass(frozen=True)
class Stage:
    """Something to build before a suite can run."""

    name: str
    command: list[str]
    after: list[str] = field(default_factory=list)
    ninja: list[str] = field(default_factory=list)
    ninja_dir: str = "build"


@dataclass(frozen=True)
class Suite:
    """One command that speaks TAP, or one for every program built."""

    name: str
    command: list[str]
    needs: list[str] = field(default_factory=list)
    ninja: str = ""
    ninja_dir: str = "build"
    cwd: str = "."
    env: dict[str, str] = field(default_factory=dict)
    timeout: int = 300
    cores: int = 1


def load() -> tuple[dict[str, Stage], list[Suite]]:
    """Stages by name, and suites in order."""
    path = ROOT / "tests/suites.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        stages = [Stage(**row) for row in data.get("stage", [])]
        suites = [Suite(**row) for row in data["suite"]]
    except (OSError, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise HouseError(f"{path}: {error}") from error
    return {stage.name: stage for stage in stages}, suites


def programs(ninja_dir: str, patterns: list[str]) -> list[str]:
    """Programs that the build in @ninja_dir makes, by shell pattern."""
    done = subprocess.run(
        ["ninja", "-C", str(ROOT / ninja_dir), "-t", "targets", "rule",
         "c_LINKER"], capture_output=True, text=True, check=False,
    )
    if done.returncode != 0:
        raise HouseError(f"cannot list what {ninja_dir} builds: "
                         f"{done.stderr.strip()[-200:]}")
    return sorted(
        name for name in done.stdout.split()
        if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
    )


def expand(suite: Suite) -> list[Suite]:
    """One suite for every program that @suite stands for."""
    if not suite.ninja:
        return [suite]
    return [
        replace(
            suite,
            name=f"{suite.name}/{Path(program).name}",
            command=[word.replace("{}", str(ROOT / suite.ninja_dir / program))
                     .replace("{name}", Path(program).name)
                     for word in suite.command],
        )
        for program in programs(suite.ninja_dir, [suite.ninja])
    ]
