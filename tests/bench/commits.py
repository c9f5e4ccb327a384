# SPDX-License-Identifier: GPL-2.0-or-later
"""What it takes to commit and to uncommit an interleave, and QEMU's memory.

A program of the test suite writes to the decoders; there is no guest.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxl_vm.errors import VmError
from cxl_vm.units import GIB, MIB, format_size

PROGRAM = "tests/qtest/cxl/commitbench"
STATES = ("start", "committed-empty", "full", "uncommitted",
          "committed-again", "torn-down")


@dataclass(frozen=True)
class Commit:
    """A region to commit; @size in bytes."""

    ways: int
    size: int
    full: bool

    @property
    def name(self) -> str:
        """Such as '2-way 1G full'."""
        return (f"{self.ways}-way {format_size(self.size)} "
                f"{'full' if self.full else 'empty'}")


@dataclass(frozen=True)
class Cost:
    """Best and worst seconds; KiB resident and Pss by state."""

    commit: tuple[float, float]
    uncommit: tuple[float, float]
    memory: dict[str, tuple[int, int]]

    def as_json(self, what: Commit) -> dict[str, Any]:
        """For --json."""
        return {
            "name": what.name, "ways": what.ways, "size": what.size,
            "full": what.full, "commit_s": self.commit,
            "uncommit_s": self.uncommit,
            "memory_kib": {
                state: {"rss": rss, "pss": pss}
                for state, (rss, pss) in self.memory.items()
            },
        }


COMMITS = [
    Commit(ways, size, full)
    for size, full in ((GIB, False), (GIB, True), (64 * GIB, False))
    for ways in (2, 4)
]


def _build(build: Path) -> Path:
    done = subprocess.run(
        ["ninja", "-C", build, PROGRAM], capture_output=True, text=True,
    )
    if done.returncode:
        raise VmError(f"cannot build {PROGRAM}: run './configure --again "
                      f"--for-tests' once\n{done.stdout[-2000:]}")
    return build / PROGRAM


def _parse(text: str) -> Cost:
    times: list[tuple[int, int]] = []
    memory: dict[str, tuple[int, int]] = {}
    for line in text.splitlines():
        words = line.split()
        if words[0] in STATES:
            memory[words[0]] = int(words[1]), int(words[2])
        elif len(words) == 2 and words[0].isdigit():
            times.append((int(words[0]), int(words[1])))
    if not times:
        raise VmError(f"{PROGRAM} measured nothing:\n{text}")
    commit, uncommit = ([value / 1e9 for value in column]
                        for column in zip(*times))
    return Cost((min(commit), max(commit)), (min(uncommit), max(uncommit)),
                memory)


def _measure(program: Path, qemu: list[str], what: Commit, runs: int
             ) -> Cost:
    done = subprocess.run(
        [program, str(what.ways), str(what.size // MIB),
         "full" if what.full else "empty", str(runs)],
        cwd=program.parents[3], capture_output=True, text=True,
        env={**os.environ, "QTEST_QEMU_BINARY": " ".join(qemu)},
    )
    if done.returncode:
        raise VmError(f"{what.name}: {PROGRAM} failed:\n"
                      f"{(done.stdout + done.stderr)[-2000:]}")
    return _parse(done.stdout)


def _times(best_worst: tuple[float, float]) -> str:
    best, worst = (value * 1e3 for value in best_worst)
    return f"{best:.3g}..{worst:.3g}"


def measure_all(
    build: Path, qemu: list[str], wanted: list[Commit], runs: int
) -> list[dict[str, Any]]:
    """Measure, print a table, return what goes into --json."""
    program = _build(build)
    print("\ncommit and uncommit (best and worst of the runs), and QEMU's "
          "resident memory in MiB")
    print(f"{'region':<18}{'commit ms':>14}{'uncommit ms':>14}"
          + "".join(f"{state:>17}" for state in STATES))
    found = []
    for what in wanted:
        cost = _measure(program, qemu, what, runs)
        cells = [
            f"{cost.memory[state][0] / 1024:.1f}"
            if state in cost.memory else "-" for state in STATES
        ]
        print(f"{what.name:<18}{_times(cost.commit):>14}"
              f"{_times(cost.uncommit):>14}"
              + "".join(f"{cell:>17}" for cell in cells), flush=True)
        found.append(cost.as_json(what))
    return found
