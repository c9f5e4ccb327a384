#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Words that do not belong in the repository: work left undone, host names of
package registries, paths of one person's machine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from common import Problems, files, parse_root, read, tell

RULES = {
    "no work is left undone in a comment": re.compile(
        r"\b(TODO|FIXME|XXX|HACK)\b"),
    "no host name of a package registry": re.compile(
        r"\b[\w.-]*\b(debian|ubuntu|pypi|pythonhosted|npmjs|crates|rubygems)"
        r"\.(org|net|com|io)\b", re.I),
    "no path of one machine": re.compile(
        r"(?<![\w.])/(work|root|home/\w+|tmp/[a-z]\w*)/\w"),
}
# These name the words in order to look for them.
EXEMPT = ("tests/lint/words.py", "tests/lint/selftest", "LICENSE")


def own_lines(name: str, text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; of a patch only what it adds."""
    for number, line in enumerate(text.split("\n"), 1):
        if not name.endswith(".patch") or line.startswith("+"):
            yield number, line


def check(root: Path) -> dict[str, Problems]:
    """Problems by rule."""
    problems: dict[str, Problems] = {rule: [] for rule in RULES}
    for name in files(root):
        text = None if name in EXEMPT else read(root, name)
        for number, line in own_lines(name, text or ""):
            for rule, pattern in RULES.items():
                if match := pattern.search(line):
                    problems[rule].append(
                        f"{name}:{number}: '{match.group(0)}'")
    return problems


def main() -> int:
    """Command line entry."""
    return tell(list(check(parse_root()).items()))


if __name__ == "__main__":
    sys.exit(main())
