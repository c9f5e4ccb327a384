#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The base's own checkpatch finds no error in our C files.

checkpatch guesses at C; where it guesses wrong, checkpatch.accepted says so.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from common import HERE, Problems, files, is_c, tell


# Programs that run in a guest: no QEMU code, and none of its helpers.
GUEST = ("tests/functional/guest/", "tests/bench/")


class Accepted:
    """The rows of checkpatch.accepted, and which of them were of use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rows: list[tuple[str, str]] = []
        self.used: set[tuple[str, str]] = set()
        path = root / "tests/lint/checkpatch.accepted"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                name, part, _ = (word.strip() for word in line.split(" ; "))
                self.rows.append((name, part))

    def covers(self, error: str) -> bool:
        """Whether a row accepts @error (PATH:LINE: ERROR: ...)."""
        match = re.match(r"([^:]+):(\d+):", error)
        if not match:
            return False
        name, number = match.group(1), int(match.group(2))
        source = (self.root / name).read_text(encoding="utf-8")
        line = source.split("\n")[number - 1]
        fitting = {row for row in self.rows
                   if row[0] == name and row[1] in line}
        self.used |= fitting
        return bool(fitting)

    def unused(self) -> Problems:
        """Rows that accepted nothing."""
        return [f"checkpatch.accepted: {name} ; {part}: accepts nothing"
                for name, part in self.rows if (name, part) not in self.used]


def check(root: Path, base: Path) -> tuple[Problems, int]:
    """Errors of checkpatch, and the number of files it saw."""
    names = [name for name in files(root)
             if is_c(name) and not name.startswith(GUEST)]
    if not names:
        return [], 0
    done = subprocess.run(
        ["perl", str(base / "scripts/checkpatch.pl"), "--no-tree", "--terse",
         "--no-signoff", "--no-summary", "-f", *names],
        cwd=root, capture_output=True, text=True, errors="replace",
        check=False,
    )
    accepted = Accepted(root)
    errors = [line for line in done.stdout.splitlines()
              if " ERROR:" in line and not accepted.covers(line)]
    errors += accepted.unused()
    if done.returncode not in (0, 1) or (done.returncode and not done.stdout):
        errors.append(f"checkpatch did not run: {done.stderr.strip()[-300:]}")
    return errors, len(names)


def main() -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, default=HERE)
    parser.add_argument("--base", type=Path, default=HERE / "build/base")
    args = parser.parse_args()
    base = args.base.resolve()
    if not (base / "scripts/checkpatch.pl").is_file():
        return tell([("checkpatch", [f"no base tree in {base}: run "
                                     "./configure --prepare-only"])])
    errors, count = check(args.root.resolve(), base)
    return tell([(f"checkpatch finds no error in {count} C files", errors)])


if __name__ == "__main__":
    sys.exit(main())
