# SPDX-License-Identifier: GPL-2.0-or-later
"""Report in the Test Anything Protocol."""

from __future__ import annotations

import sys
from typing import TextIO


class Tap:
    """Points in order; diagnostics go with the point they follow."""

    def __init__(self, count: int, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._number = 0
        self.failed = 0
        self._say("TAP version 13")
        self._say(f"1..{count}")

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)

    def note(self, text: str) -> None:
        """A comment of any number of lines."""
        for line in text.splitlines():
            self._say(f"# {line}")

    def point(self, name: str, error: str | None = None) -> None:
        """One result; @error says why it failed."""
        self._number += 1
        verdict = "ok" if error is None else "not ok"
        self._say(f"{verdict} {self._number} - {name}")
        if error is not None:
            self.failed += 1
            self.note(error)
