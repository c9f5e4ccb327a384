# SPDX-License-Identifier: GPL-2.0-or-later
"""Apply patches/series to the base, exactly, and again when they change.

The base's own copy of every file that a patch touches is kept aside.  The
series is applied to those copies in a scratch directory, and only files that
came out different are written to the base: nothing else is rebuilt.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from house.lists import ROOT, own_files, words
from house.ui import HouseError

PATCHES = ROOT / "patches"


def names() -> list[str]:
    """Patches in order; each must exist."""
    listed = words("patches/series")
    for name in listed:
        if not (PATCHES / name).is_file():
            raise HouseError(f"patches/series names '{name}', but there is "
                             f"no such file in {PATCHES}")
    return listed


def touched(name: str) -> set[str]:
    """Base paths that patch @name changes, makes or removes."""
    text = (PATCHES / name).read_text(encoding="utf-8", errors="replace")
    found = set(re.findall(r"^(?:---|\+\+\+) [ab]/(\S+)", text, re.M))
    for pair in re.findall(r"^diff --git a/(\S+) b/(\S+)$", text, re.M):
        found |= set(pair)
    if not found:
        raise HouseError(f"patches/{name} changes nothing: is it a patch in "
                         "the -p1 form (a/file, b/file)?")
    return found


def _check_not_ours(name: str, paths: set[str]) -> None:
    for path in sorted(paths & set(own_files())):
        raise HouseError(f"patches/{name} changes {path}, which is our own "
                         "file: edit that file instead")


def _git_apply(name: str, where: Path) -> None:
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(where.parent),
           "LC_ALL": "C"}
    for variable in ("GIT_DIR", "GIT_WORK_TREE"):
        env.pop(variable, None)
    done = subprocess.run(
        ["git", "apply", "-p1", "--whitespace=nowarn", str(PATCHES / name)],
        cwd=where, env=env, text=True, capture_output=True, check=False,
    )
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines() or ["git apply failed"]
        raise HouseError(
            f"patches/{name} does not apply to the base: "
            f"{'; '.join(reason[:2])}. Refresh the patch for this base "
            "version (fuzz is not accepted)"
        )


class Patched:
    """The patched files of one base tree."""

    def __init__(self, tree: Path, state: Path) -> None:
        self.tree = tree
        self.pristine = state / "pristine"
        self.scratch = state / "scratch"
        self.manifest = state / "patched.json"

    def _old(self) -> set[str]:
        try:
            return set(json.loads(self.manifest.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return set()

    def _keep_pristine(self, paths: set[str]) -> None:
        for path in paths:
            kept = self.pristine / path
            if (self.tree / path).is_file() and not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                partial = kept.with_name(kept.name + ".partial")
                shutil.copy2(self.tree / path, partial)
                partial.rename(kept)

    def _fill_scratch(self, paths: set[str]) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        for path in paths:
            if (self.pristine / path).exists():
                (self.scratch / path).parent.mkdir(parents=True,
                                                   exist_ok=True)
                shutil.copy2(self.pristine / path, self.scratch / path)

    def _settle(self, path: str) -> bool:
        """Make the base's @path what the scratch has; True if changed."""
        wanted, place = self.scratch / path, self.tree / path
        if not wanted.exists():
            if not place.exists():
                return False
            place.unlink()
            return True
        if place.exists() and filecmp.cmp(wanted, place, shallow=False):
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(wanted, place)
        return True

    def apply(self) -> int:
        """Apply the series; the number of base files changed by this run."""
        wanted: set[str] = set()
        listed = names()
        for name in listed:
            paths = touched(name)
            _check_not_ours(name, paths)
            wanted |= paths
        old = self._old()
        self._keep_pristine(wanted - old)
        self._fill_scratch(wanted | old)
        for name in listed:
            _git_apply(name, self.scratch)
        self.manifest.write_text(json.dumps(sorted(wanted | old)),
                                 encoding="utf-8")
        changed = sum(self._settle(path) for path in sorted(wanted | old))
        self.manifest.write_text(json.dumps(sorted(wanted)),
                                 encoding="utf-8")
        for path in old - wanted:
            (self.pristine / path).unlink(missing_ok=True)
        shutil.rmtree(self.scratch)
        return changed
