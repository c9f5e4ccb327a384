# SPDX-License-Identifier: GPL-2.0-or-later
"""Count the test points of a program that speaks TAP.

A point that sums up an indented subtest is not counted beside the points it
sums up.  Whatever makes the stream incomplete is a failure of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

POINT = re.compile(r"^( *)(not )?ok\b *(\d*) *(?:- *)?(.*)$")
PLAN = re.compile(r"^( *)1\.\.(\d+)(.*)$")
GLIB_ALL_SKIPPED = 77
SKIP = re.compile(r"#\s*skip", re.I)


@dataclass
class _Level:
    """What was seen at one depth of indentation since it was entered."""

    seen: int = 0
    planned: int | None = None
    failed: int = 0


@dataclass
class Tally:
    """Points of one suite; .failures names each failed one."""

    passed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    _bailed: str = ""
    _levels: dict[int, _Level] = field(default_factory=dict)

    def _level(self, depth: int) -> _Level:
        return self._levels.setdefault(depth, _Level())

    def _leave_deeper(self, depth: int) -> _Level | None:
        """Close subtests deeper than @depth; the outermost, if any."""
        deeper = sorted(d for d in self._levels if d > depth)
        closed = [self._levels.pop(d) for d in deeper]
        return closed[0] if closed else None

    def _point(self, match: re.Match[str]) -> None:
        depth, bad = len(match.group(1)), bool(match.group(2))
        name = match.group(4) or f"point {match.group(3)}"
        subtest = self._leave_deeper(depth)
        level = self._level(depth)
        level.seen += 1
        level.failed += bad
        if subtest:
            if bad and not subtest.failed:
                self.failures.append(name)
            elif not bad and subtest.planned not in (None, subtest.seen):
                self.failures.append(f"{name}: planned {subtest.planned}, "
                                     f"saw {subtest.seen}")
        elif bad:
            self.failures.append(name)
        elif SKIP.search(name):
            self.skipped += 1
        else:
            self.passed += 1

    def feed(self, line: str) -> None:
        """Take one line of output."""
        if match := POINT.match(line):
            self._point(match)
        elif match := PLAN.match(line):
            self._level(len(match.group(1))).planned = int(match.group(2))
            if match.group(2) == "0" and not match.group(1):
                self.skipped += 1
        elif line.startswith("Bail out!"):
            self._bailed = line.strip()

    def finish(self, status: int) -> None:
        """The program ended with @status."""
        top = self._level(0)
        if self._bailed:
            self.failures.append(f"{self._bailed} (the rest was not run)")
        elif top.planned is None:
            self.failures.append("no plan: the test did not finish")
        elif top.planned != top.seen:
            self.failures.append(f"planned {top.planned} points, "
                                 f"saw {top.seen}")
        all_skipped = self.skipped and not self.passed
        if status == GLIB_ALL_SKIPPED and all_skipped:
            return
        if status != 0 and not self.failures:
            self.failures.append(f"ended with status {status}")
