# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lints share: which files are ours, and TAP output."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parents[2]
Problems = list[str]


def parse_root() -> Path:
    """The tree to look at: ours, or the one --root names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, default=HERE)
    return parser.parse_args().root.resolve()


def files(root: Path) -> list[str]:
    """All of our files under @root, as relative paths."""
    if (root / ".git").exists():
        done = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=root,
            capture_output=True, text=True, check=True,
        )
        return sorted({name for name in done.stdout.split("\0")
                       if name and (root / name).is_file()})
    found = []
    for where, subdirs, names in os.walk(root):
        subdirs[:] = [name for name in subdirs if name != "__pycache__"
                      and not name.startswith(("build", ".git"))]
        found += [os.path.relpath(os.path.join(where, name), root)
                  for name in names]
    return sorted(found)


def read(root: Path, name: str) -> str | None:
    """The text of a file; None when it is not text."""
    data = (root / name).read_bytes()
    if b"\0" in data:
        return None
    return data.decode("utf-8", errors="replace")


def is_c(name: str) -> bool:
    """A C source or header."""
    return name.endswith((".c", ".h"))


def is_python(root: Path, name: str) -> bool:
    """A Python module, or a script that says it is one."""
    if name.endswith(".py"):
        return True
    if "." in Path(name).name:
        return False
    with (root / name).open("rb") as stream:
        return b"python" in stream.readline(80)


def tell(points: list[tuple[str, Problems]], notes: Problems | None = None,
         ) -> int:
    """Print each rule as a test point; the exit status."""
    print(f"1..{len(points)}")
    bad = 0
    for number, (rule, problems) in enumerate(points, 1):
        for problem in problems:
            print(f"# {problem}")
        bad += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} - {rule}")
    for note in notes or []:
        print(f"# {note}")
    return 1 if bad else 0
