# SPDX-License-Identifier: GPL-2.0-or-later
"""The repository's declarative lists (base/*, patches/series) and paths."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from house.ui import HouseError

ROOT = Path(__file__).resolve().parents[2]


def rows(path: Path) -> list[list[str]]:
    """The words of each line of @path; '#' starts a comment."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise HouseError(f"cannot read {path}: {error.strerror}") from error
    split = (line.split("#", 1)[0].split() for line in text.splitlines())
    return [words for words in split if words]


def words(name: str) -> list[str]:
    """All words of the list @name, a path under the repository."""
    return [word for row in rows(ROOT / name) for word in row]


@dataclass(frozen=True)
class Release:
    """The stock QEMU we stand on."""

    suite: str
    package: str
    version: str

    @staticmethod
    def read() -> Release:
        """From base/release."""
        fields = {row[0]: row[1] for row in rows(ROOT / "base/release")}
        return Release(fields["suite"], fields["package"], fields["version"])


def _is_kept_out(path: str, keep_out: list[str]) -> bool:
    return any(path == kept or path.startswith(kept + "/")
               for kept in keep_out)


def _all_files() -> list[str]:
    if (ROOT / ".git").exists():
        done = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )
        if done.returncode == 0:
            return [name for name in done.stdout.split("\0") if name]
    found = []
    for where, subdirs, files in os.walk(ROOT):
        subdirs[:] = [
            name for name in subdirs
            if name not in (".git", "__pycache__")
            and not re.match(r"build($|[-.])", name)
        ]
        found += [os.path.relpath(os.path.join(where, name), ROOT)
                  for name in files]
    return found


def own_files() -> list[str]:
    """Our files that are laid over the base, sorted."""
    keep_out = words("base/keep-out")
    return sorted(
        name for name in set(_all_files())
        if not _is_kept_out(name, keep_out) and (ROOT / name).exists()
    )
