#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every source file states its licence in its first lines."""

from __future__ import annotations

import sys
from pathlib import Path

from common import Problems, files, parse_root, read, tell

TAG = "SPDX-License-Identifier: GPL-2.0-or-later"
SUFFIXES = (".c", ".h", ".py", ".sh", ".build", ".mak", ".toml", ".inc")
NAMES = ("Kconfig", "GNUmakefile", "configure",
         "meson_options.txt")
FIRST_LINES = 6


def is_source(name: str, text: str) -> bool:
    """Files that must carry the tag: code, and scripts of any name."""
    return (name.endswith(SUFFIXES) or Path(name).name in NAMES
            or text.startswith("#!"))


def check(root: Path) -> Problems:
    """Files without the tag."""
    problems = []
    for name in files(root):
        text = read(root, name)
        if text is None or not is_source(name, text):
            continue
        if not any(TAG in line for line in text.split("\n")[:FIRST_LINES]):
            problems.append(f"{name}: no '{TAG}' in the first "
                            f"{FIRST_LINES} lines")
    return problems


def main() -> int:
    """Command line entry."""
    return tell([("every source file has its SPDX line",
                  check(parse_root()))])


if __name__ == "__main__":
    sys.exit(main())
