#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The base's own checkpatch finds no error in our C files."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from common import HERE, Problems, files, is_c, tell


def check(root: Path, base: Path) -> tuple[Problems, int]:
    """Errors of checkpatch, and the number of files it saw."""
    names = [name for name in files(root) if is_c(name)]
    if not names:
        return [], 0
    done = subprocess.run(
        ["perl", str(base / "scripts/checkpatch.pl"), "--no-tree", "--terse",
         "--no-signoff", "--no-summary", "-f", *names],
        cwd=root, capture_output=True, text=True, errors="replace",
        check=False,
    )
    errors = [line for line in done.stdout.splitlines() if " ERROR:" in line]
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
