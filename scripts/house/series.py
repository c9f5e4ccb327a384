# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/series: the whole work as patches that git am takes.

First a patch that removes the base's files we replace, then one for each
layer of new files (base/layers), then patches/*.  'check' proves that they
apply to the pristine base and yield the very tree that is built.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from house import patches
from house.base import Base, tree_of
from house.lists import ROOT, own_files, words
from house.overlay import is_our_link
from house.ui import HouseError, fail, step

BUILD = ROOT / "build"
OUT = BUILD / "series"
WORK = BUILD / "house/series"
AUTHOR = ("QEMU-CXL developers", "developers@qemu-cxl.invalid")
DROP_MESSAGE = """\
hw/cxl: remove what is replaced

The following patches bring a new implementation of these files.
"""


def _date() -> str:
    """One date for all patches, so that the same work exports the same."""
    done = subprocess.run(["git", "log", "-1", "--format=%cI"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "2025-01-01T00:00:00+00:00"


class Repo:
    """A scratch git repository."""

    def __init__(self, where: Path) -> None:
        shutil.rmtree(where, ignore_errors=True)
        where.mkdir(parents=True)
        self.where = where
        self.env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null",
                    "GIT_CONFIG_SYSTEM": "/dev/null", "LC_ALL": "C"}
        for role in ("AUTHOR", "COMMITTER"):
            self.env[f"GIT_{role}_NAME"], self.env[f"GIT_{role}_EMAIL"] = (
                AUTHOR)
            self.env[f"GIT_{role}_DATE"] = _date()
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
            self.env.pop(name, None)
        self.git("init", "-q", "-b", "main")
        self.git("config", "core.fsync", "none")
        self.git("config", "gc.auto", "0")

    def git(self, *args: str, stdin: str = "") -> str:
        """Run git; its output, or HouseError."""
        done = subprocess.run(
            ["git", *args], cwd=self.where, env=self.env, input=stdin,
            text=True, capture_output=True, check=False,
        )
        if done.returncode != 0:
            said = (done.stderr + done.stdout).strip()
            raise HouseError(f"git {args[0]} in {self.where}: {said[-600:]}")
        return done.stdout

    def commit(self, message: str) -> None:
        """Commit all files as they are."""
        self.git("add", "-A", "-f", ".")
        self.git("commit", "-q", "--no-verify", "--cleanup=whitespace",
                 "-F", "-", stdin=message)


def _layers() -> list[tuple[list[str], str]]:
    found = []
    text = (ROOT / "base/layers").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            prefixes, _, subject = line.partition(";")
            found.append((prefixes.split(), subject.strip()))
    return found


def split_layers() -> list[tuple[str, list[str]]]:
    """Subject and files of each patch of new files."""
    layers = _layers()
    taken: list[list[str]] = [[] for _ in layers]
    for name in own_files():
        for (prefixes, _), files in zip(layers, taken):
            if name.startswith(tuple(prefixes)):
                files.append(name)
                break
        else:
            raise HouseError(f"{name} fits no row of base/layers: add one, "
                             "or list the file in base/keep-out")
    return [(subject, files)
            for (_, subject), files in zip(layers, taken) if files]


def message_of(name: str) -> str:
    """The header of patches/@name as a commit message."""
    text = (patches.PATCHES / name).read_text(encoding="utf-8")
    header = re.split(r"^(?:diff --git |--- )", text, maxsplit=1,
                      flags=re.M)[0]
    header = re.sub(r"^(From|Date): .*\n", "", header, flags=re.M)
    header = re.sub(r"^Subject: (\[[^]]*\] )?", "", header.strip())
    if not header:
        raise HouseError(f"patches/{name} has no header that says why it is "
                         "needed")
    return header + "\n"


def pristine(paths: list[str] | None, where: Path) -> None:
    """The base as it came, or only its @paths, into @where."""
    base = Base(BUILD, BUILD / "apt")
    try:
        text = (BUILD / "house/base.json").read_text(encoding="utf-8")
    except OSError:
        raise HouseError("no base tree: run ./configure "
                         "--prepare-only") from None
    given = json.loads(text)["from"]
    aside = where / "base"
    aside.mkdir(parents=True)
    if Path(given).is_absolute():
        base.copy(Path(given), aside)
    else:
        base.unpack(base.fetch(), aside, paths)


def _put(source: Path, repo: Repo, name: str) -> None:
    place = repo.where / name
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, place)


def _seed(repo: Repo) -> None:
    """Commit what the base has of the files that the series touches."""
    kept = BUILD / "house/pristine"
    for name in patches.names():
        for path in patches.touched(name):
            if (kept / path).is_file():
                _put(kept / path, repo, path)
    scratch = WORK / "pristine"
    shutil.rmtree(scratch, ignore_errors=True)
    pristine(words("base/drop"), scratch)
    for path in words("base/drop"):
        source = scratch / "base" / path
        for file in source.rglob("*") if source.is_dir() else [source]:
            if file.is_file():
                _put(file, repo, str(file.relative_to(scratch / "base")))
    (repo.where / ".seed").touch()
    repo.commit("the base")
    shutil.rmtree(scratch)


def export(out: Path = OUT) -> list[Path]:
    """Write the series to @out; the patches in order."""
    repo = Repo(WORK / "export")
    _seed(repo)
    first = repo.git("rev-parse", "HEAD").strip()
    for path in words("base/drop"):
        repo.git("rm", "-q", "-r", "--ignore-unmatch", path)
    repo.commit(DROP_MESSAGE)
    for subject, files in split_layers():
        for name in files:
            _put(ROOT / name, repo, name)
        repo.commit(subject + "\n")
    for name in patches.names():
        repo.git("apply", "--whitespace=nowarn", str(patches.PATCHES / name))
        repo.commit(message_of(name))
    shutil.rmtree(out, ignore_errors=True)
    repo.git("format-patch", "-q", "--full-index", "--binary", "--no-renames",
             "--no-signature", "--zero-commit", "-N", "-o", str(out),
             f"{first}..main")
    shutil.rmtree(repo.where)
    return sorted(out.glob("*.patch"))


def _files(tree: Path) -> dict[str, Path]:
    """Every file of a tree; links that we laid are followed."""
    found = {}
    for where, subdirs, names in os.walk(tree, followlinks=True):
        here, keep = Path(where), []
        for name in subdirs:
            path = here / name
            if path.is_symlink() and not is_our_link(tree, path):
                names.append(name)
            elif name not in (".git", "__pycache__"):
                keep.append(name)
        subdirs[:] = keep
        for name in names:
            found[str((here / name).relative_to(tree))] = here / name
    return found


def _same(built: Path, applied: Path, ours: bool) -> bool:
    if built.is_symlink() and not ours:
        return (applied.is_symlink()
                and os.readlink(built) == os.readlink(applied))
    return (applied.is_file() and filecmp.cmp(built, applied, shallow=False)
            and os.access(built, os.X_OK) == os.access(applied, os.X_OK))


def differences(applied: Path) -> list[str]:
    """Where the tree that is built and the @applied series differ.

    A file in a directory of ours that git ignores is no difference.
    """
    tree = tree_of(BUILD)
    built, other = _files(tree), _files(applied)
    ours = set(own_files())
    found = [f"only in the series: {name}" for name in other.keys() - built]
    for name, path in built.items():
        if name not in other:
            if name in ours or path.resolve().is_relative_to(tree):
                found.append(f"not in the series: {name}")
        elif not _same(path, other[name], name in ours):
            found.append(f"differs: {name}")
    return sorted(found)


def apply_to_pristine(series: list[Path]) -> Path:
    """git am the series onto the base as it came; the resulting tree."""
    where = WORK / "check"
    shutil.rmtree(where, ignore_errors=True)
    pristine(None, where)
    tree = where / "base"
    moved = where / "files"
    tree.rename(moved)
    repo = Repo(tree)
    for entry in moved.iterdir():
        entry.rename(tree / entry.name)
    repo.commit("the base")
    repo.git("am", "-q", "--keep-cr", *[str(path) for path in series])
    if changed := repo.git("status", "--porcelain").strip():
        raise HouseError(f"git am left changes: {changed[:200]}")
    return tree


def check() -> int:
    """The round trip as TAP."""
    print("1..2", flush=True)
    try:
        series = export(WORK / "patches")
        tree = apply_to_pristine(series)
    except HouseError as error:
        lines = "\n# ".join(str(error).splitlines())
        print(f"# {lines}\nnot ok 1 - the series applies with git am")
        print("not ok 2 - the result is the tree that is built")
        return 1
    print(f"ok 1 - the {len(series)} patches apply with git am", flush=True)
    found = differences(tree)
    for line in found[:20]:
        print(f"# {line}")
    print(f"{'not ok' if found else 'ok'} 2 - the result is the tree that is "
          "built")
    shutil.rmtree(WORK)
    return 1 if found else 0


def main() -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="series", description=__doc__)
    parser.add_argument("command", choices=["export", "check"])
    if parser.parse_args().command == "check":
        return check()
    try:
        written = export()
    except HouseError as error:
        return fail(error)
    step(f"{len(written)} patches in {OUT}; apply them to a pristine QEMU "
         f"10.0 tree with: git am {OUT}/*.patch")
    return 0
