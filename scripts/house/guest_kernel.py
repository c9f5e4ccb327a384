# SPDX-License-Identifier: GPL-2.0-or-later
"""The full kernel: Debian's newest source, tinyconfig, tests/guest's options.

Distributions leave out what only testers want: raw mailbox commands, features,
EDAC, the PMU, MCTP.  cxl-vm --kernel-suite full boots what is built here.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
from pathlib import Path

from debian_apt import AptError, PrivateApt

from house import deps
from house.lists import ROOT
from house.ui import HouseError, fail, run_logged, step

FRAGMENT = ROOT / "tests/guest/kernel.config"
SUITES = ["trixie-backports", "trixie"]
META = "linux-source"
OPTION = re.compile(r"^(CONFIG_\w+)=(\S+)$", re.M)


def lost(config: str, fragment: str) -> list[str]:
    """Options of @fragment that are not in @config as they are wanted."""
    have = dict(OPTION.findall(config))
    return [
        f"{name}={value}" for name, value in OPTION.findall(fragment)
        if have.get(name) != value
    ]


class GuestKernel:
    """What is built, and where."""

    def __init__(self, build: Path, jobs: int) -> None:
        self.apt = PrivateApt(ROOT / "build/apt", SUITES)
        self.place = build / "guest/kernel-full"
        self.tree = build / "guest/kernel-source"
        self.logs = build / "logs"
        self.jobs = jobs

    def _package(self) -> str:
        found = [
            name for name in self.apt.resolve([META])
            if re.fullmatch(META + r"-\d+\.\d+", name)
        ]
        if len(found) != 1:
            raise HouseError(f"package {META} leads to {found or 'nothing'}")
        return found[0]

    def _make(self, *args: str, what: str) -> None:
        run_logged(
            ["make", f"-j{self.jobs}", "CC=ccache gcc", *args],
            self.logs / f"guest-kernel-{what}.log", f"make {what}",
            cwd=self.tree, env={"KBUILD_BUILD_HOST": "guest",
                                "KBUILD_BUILD_USER": "guest",
                                "KBUILD_BUILD_TIMESTAMP": "2026-01-01"},
        )

    def _unpack(self, package: str) -> None:
        debs = self.apt.fetch_binaries([package], self.place.parent / "debs")
        shutil.rmtree(self.tree, ignore_errors=True)
        unpacked = self.tree.with_suffix(".deb")
        shutil.rmtree(unpacked, ignore_errors=True)
        self.apt.unpack(debs, unpacked)
        archive = unpacked / f"usr/src/{package}.tar.xz"
        self.tree.mkdir(parents=True)
        run_logged(
            ["tar", "-xf", archive, "-C", self.tree, "--strip-components=1"],
            self.logs / "guest-kernel-unpack.log", f"unpacking {package}",
        )
        shutil.rmtree(unpacked)

    def _configure(self) -> None:
        self._make("tinyconfig", what="tinyconfig")
        run_logged(
            ["scripts/kconfig/merge_config.sh", "-m", ".config", FRAGMENT],
            self.logs / "guest-kernel-merge.log", "merging the options",
            cwd=self.tree,
        )
        self._make("olddefconfig", what="olddefconfig")
        missing = lost(
            (self.tree / ".config").read_text(encoding="utf-8"),
            FRAGMENT.read_text(encoding="utf-8"),
        )
        if missing:
            raise HouseError(
                f"{FRAGMENT.relative_to(ROOT)}: this kernel has no "
                f"{' '.join(missing)}, or not without another option"
            )

    def _keep(self, stamp: str) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        shutil.copy(self.tree / "arch/x86/boot/bzImage", self.place)
        shutil.copy(self.tree / ".config", self.place / "config")
        (self.place / ".complete").write_text(stamp, encoding="utf-8")
        shutil.rmtree(self.tree)

    def make(self) -> Path:
        """The image; built unless it is there already."""
        package = self._package()
        version = self.apt.candidate(package)
        digest = hashlib.sha256(FRAGMENT.read_bytes()).hexdigest()
        stamp = f"{package} {version} {digest}\n"
        complete = self.place / ".complete"
        if complete.is_file() and complete.read_text() == stamp:
            return self.place / "bzImage"
        step(f"fetching and unpacking {package} {version}")
        self._unpack(package)
        step("configuring the kernel")
        self._configure()
        step("building the kernel (some ten minutes)")
        self._make("bzImage", what="bzImage")
        self._keep(stamp)
        return self.place / "bzImage"


def main(argv: list[str]) -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(
        prog="guest-kernel", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    parser.add_argument("--install-deps", action="store_true",
                        help="install the packages that building needs")
    args = parser.parse_args(argv)
    try:
        need = {"build", "kernel"}
        if args.install_deps:
            deps.install(need, args.build / "logs/install-kernel.log")
        else:
            deps.require(need)
        image = GuestKernel(args.build.absolute(), args.jobs).make()
        step(f"the kernel is {image}; boot it with: "
             "scripts/cxl-vm run --kernel-suite full")
    except (HouseError, AptError) as error:
        return fail(error)
    return 0
