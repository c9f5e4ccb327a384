# SPDX-License-Identifier: GPL-2.0-or-later
"""Get the stock QEMU tree, without the files we replace.

Meson refuses a source tree inside its build directory, so the tree of build/
is build.base/ beside it, and build/base is a link to it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from debian_apt import PrivateApt
from house.lists import Release, words
from house.ui import HouseError, step


def read_version(tree: Path) -> str:
    """The version that the QEMU tree @tree states."""
    try:
        return (tree / "VERSION").read_text(encoding="utf-8").strip()
    except OSError:
        raise HouseError(f"{tree} is not a QEMU source tree (no VERSION "
                         "file)") from None


def _check_version(tree: Path, release: Release) -> str:
    version = read_version(tree)
    if not version.startswith(release.version):
        raise HouseError(
            f"{tree} is QEMU {version}, but our patches are for "
            f"{release.version}x: give a {release.version}x tree with "
            "--with-qemu=DIR, or leave the option out to fetch one"
        )
    return version


def tree_of(build: Path) -> Path:
    """Where the base tree of the build directory @build is."""
    return build.with_name(build.name + ".base")


class Base:
    """The base tree of one build directory."""

    def __init__(self, build: Path, apt_root: Path) -> None:
        self.build = build
        self.tree = tree_of(build)
        self.state = build / "house"
        self.apt_root = apt_root
        self.release = Release.read()

    def _stamp(self) -> Path:
        return self.state / "base.json"

    def _is_current(self, want: dict[str, str]) -> bool:
        try:
            have = json.loads(self._stamp().read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return have == want and (self.tree / "VERSION").is_file()

    def _drop_digest(self) -> str:
        listed = "\n".join(words("base/drop"))
        return hashlib.sha256(listed.encode()).hexdigest()

    def get(self, given: Path | None, fresh: bool = False) -> str:
        """Make the base tree the one we want; its version."""
        want = {"drop": self._drop_digest()}
        if given:
            if {self.tree, self.build} & {given, *given.parents}:
                raise HouseError(f"--with-qemu={given} lies inside the build "
                                 "directory: give a tree of your own")
            want |= {"from": str(given),
                     "version": _check_version(given, self.release)}
        else:
            want |= {"from": f"{self.release.suite}/{self.release.package}"}
        if fresh or not self._is_current(want):
            self._replace(given)
            self._stamp().write_text(json.dumps(want), encoding="utf-8")
        link = self.build / "base"
        if not link.is_symlink():
            link.symlink_to(f"../{self.tree.name}")
        return _check_version(self.tree, self.release)

    def _replace(self, given: Path | None) -> None:
        """Build the tree aside and move it in whole."""
        self.state.mkdir(parents=True, exist_ok=True)
        self._stamp().unlink(missing_ok=True)
        aside = self.tree.with_name(self.tree.name + ".new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        if given:
            step(f"copying {given}")
            self.copy(given, aside)
        else:
            self.unpack(self.fetch(), aside)
        _check_version(aside, self.release)
        self._drop(aside)
        for old in (self.tree, self.state / "pristine"):
            shutil.rmtree(old, ignore_errors=True)
        for old in ("patched.json", "links.json", "configured.json"):
            (self.state / old).unlink(missing_ok=True)
        aside.rename(self.tree)

    def fetch(self) -> Path:
        """The source package's upstream tarball, verified."""
        release = self.release
        step(f"fetching the source package {release.package} of "
             f"{release.suite}")
        apt = PrivateApt(self.apt_root, [release.suite])
        apt.update()
        found = apt.source_version(release.package).split(":")[-1]
        if not found.startswith(release.version):
            raise HouseError(
                f"suite {release.suite} now has QEMU {found}, but our "
                f"patches are for {release.version}x: give such a tree with "
                "--with-qemu=DIR"
            )
        files = apt.fetch_source(release.package, self.apt_root / "downloads",
                                 tar_only=True)
        return next(file for file in files if ".orig.tar" in file.name)

    @staticmethod
    def unpack(
        tarball: Path, dest: Path, paths: list[str] | None = None
    ) -> None:
        """Unpack @tarball, or only its @paths, into @dest."""
        step(f"unpacking {tarball.name}")
        only = [f"*/{path}" for path in paths or []]
        done = subprocess.run(
            ["tar", "-C", str(dest), "--strip-components=1",
             "--no-same-owner", "--wildcards",
             "--no-wildcards-match-slash", "-xf", str(tarball), *only],
            capture_output=True, text=True, check=False,
        )
        if done.returncode != 0:
            tarball.unlink(missing_ok=True)
            raise HouseError(f"cannot unpack {tarball.name} "
                             f"({done.stderr.strip()[-200:]}); it was "
                             "deleted: check the disk's room and try again")

    @staticmethod
    def copy(given: Path, dest: Path) -> None:
        """Copy the tree @given without version control and builds."""
        pack = subprocess.Popen(
            ["tar", "-C", str(given), "--exclude-vcs", "--exclude=./build",
             "--exclude=./build-*", "-cf", "-", "."],
            stdout=subprocess.PIPE,
        )
        done = subprocess.run(["tar", "-C", str(dest), "-xf", "-"],
                              stdin=pack.stdout, check=False)
        if pack.wait() != 0 or done.returncode != 0:
            raise HouseError(f"cannot copy {given} to {dest}: check that it "
                             "is readable and that the disk has room")

    @staticmethod
    def _drop(tree: Path) -> None:
        for name in words("base/drop"):
            path = tree / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
