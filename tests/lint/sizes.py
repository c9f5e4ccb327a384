#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No long files and no long functions; tells the median and the 90th
percentile of function lengths."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from statistics import median, quantiles

from common import Problems, files, is_c, is_python, parse_root, read, tell

FILE_WARN, FILE_MAX, FUNCTION_MAX = 500, 800, 60
NAME = re.compile(r"(\w+)\s*\(")
Function = tuple[str, int, int]


def c_functions(text: str) -> list[Function]:
    """Name, first line and number of lines of each C function.

    QEMU style: the opening and closing braces of a function, and nothing
    else that follows a parenthesis, stand in the first column.
    """
    lines = text.split("\n")
    found = []
    for opening, line in enumerate(lines):
        if line != "{" or not opening:
            continue
        first = opening - 1
        while first and lines[first][:1] in (" ", "\t"):
            first -= 1
        match = NAME.search(lines[first])
        if not match or lines[first].startswith("#"):
            continue
        closing = next((at for at in range(opening, len(lines))
                        if lines[at].startswith("}")), len(lines) - 1)
        found.append((match.group(1), first + 1, closing - first + 1))
    return found


def python_functions(text: str) -> list[Function]:
    """The same of Python."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.name, node.lineno, (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)
    ]


def spread(kind: str, lengths: list[int]) -> str:
    """A line about the lengths of functions."""
    if len(lengths) < 2:
        return f"{kind}: {len(lengths)} function(s)"
    tenth = quantiles(lengths, n=10)[-1]
    return (f"{kind}: {len(lengths)} functions, median {median(lengths):.0f}, "
            f"p90 {tenth:.0f}, longest {max(lengths)} lines")


def check(root: Path) -> tuple[Problems, Problems, Problems]:
    """Long files, long functions, and notes."""
    long_files: Problems = []
    long_functions: Problems = []
    notes: Problems = []
    lengths: dict[str, list[int]] = {"C": [], "Python": []}
    for name in files(root):
        kind = ("C" if is_c(name) else
                "Python" if is_python(root, name) else None)
        text = read(root, name) if kind else None
        if text is None or kind is None:
            continue
        count = text.count("\n")
        if count > FILE_MAX:
            long_files.append(f"{name}: {count} lines")
        elif count > FILE_WARN:
            notes.append(f"{name}: {count} lines, more than {FILE_WARN}")
        functions = c_functions(text) if kind == "C" else (
            python_functions(text))
        lengths[kind] += [length for _, _, length in functions]
        long_functions += [
            f"{name}:{line}: {function}() has {length} lines"
            for function, line, length in functions if length > FUNCTION_MAX
        ]
    notes += [spread(kind, found) for kind, found in lengths.items()]
    return long_files, long_functions, notes


def main() -> int:
    """Command line entry."""
    long_files, long_functions, notes = check(parse_root())
    return tell([
        (f"no file is longer than {FILE_MAX} lines", long_files),
        (f"no function is longer than {FUNCTION_MAX} lines", long_functions),
    ], notes)


if __name__ == "__main__":
    sys.exit(main())
