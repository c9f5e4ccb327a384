# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels and tools, unpacked under build/guest, never installed."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from debian_apt import AptError, PrivateApt

from .errors import VmError
from .progress import step

REPOSITORY = Path(__file__).resolve().parent.parent.parent
BASE_SUITE = "trixie"
FULL = "full"
KERNEL_META = "linux-image-amd64"
USERLAND = [
    "busybox-static", "kmod", "cxl", "daxctl", "ndctl", "pciutils",
    "numactl", "kexec-tools",
]


@dataclass(frozen=True)
class Kernel:
    """A kernel image, and the lib/modules/VERSION that goes with it."""

    image: Path
    modules: Path | None

    @property
    def version(self) -> str | None:
        """The release its modules are for, None without modules."""
        return self.modules.name if self.modules else None


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One process at a time fills @directory."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpacked(dest: Path, what: str, apt: PrivateApt, wanted: list[str],
              keep: str = "") -> Path:
    """Fetch @wanted and all they need; unpack those starting with @keep."""
    stamp = dest / ".complete"
    with locked(dest.parent):
        if stamp.exists():
            return dest
        try:
            with step(f"fetching {what}"):
                names = [
                    name for name in apt.resolve(wanted)
                    if name.startswith(keep)
                ]
                debs = apt.fetch_binaries(names, dest.parent / "debs")
            with step(f"unpacking {what}"):
                shutil.rmtree(dest, ignore_errors=True)
                apt.unpack(debs, dest)
        except AptError as error:
            raise VmError(f"cannot get {what}: {error}") from error
        stamp.write_text("\n".join(names) + "\n", encoding="utf-8")
    return dest


def userland(build: Path) -> Path:
    """The tree of tools that the guest's initramfs is made from."""
    apt = PrivateApt(build / "apt", [BASE_SUITE])
    return _unpacked(
        build / "guest" / "userland", "the guest's tools", apt, USERLAND
    )


def suite_kernel(build: Path, suite: str) -> Kernel:
    """The newest kernel package of @suite."""
    suites = [suite] if suite == BASE_SUITE else [suite, BASE_SUITE]
    apt = PrivateApt(build / "apt", suites)
    tree = _unpacked(
        build / "guest" / f"kernel-{suite}", f"the kernel of suite {suite}",
        apt, [KERNEL_META], keep="linux-",
    )
    for parent in ("usr/lib/modules", "lib/modules"):
        for modules in sorted((tree / parent).glob("*/"), reverse=True):
            # Debian moved the image from /boot to its modules' directory.
            for image in (modules / "vmlinuz",
                          tree / "boot" / f"vmlinuz-{modules.name}"):
                if image.is_file():
                    return Kernel(image, modules)
    raise VmError(f"no kernel in {tree}: remove it and run again")


def full_kernel(build: Path) -> Kernel:
    """The kernel with every CXL option, which is built here."""
    image = build / "guest" / "kernel-full" / "bzImage"
    if not image.is_file():
        raise VmError("no full kernel yet: build it with 'make guest-kernel'")
    return Kernel(image, None)


def own_kernel(image: Path, modules: Path | None) -> Kernel:
    """The user's kernel; @modules holds lib/modules/VERSION, or is it."""
    if not image.is_file():
        raise VmError(f"no kernel image {image}")
    if modules is None:
        return Kernel(image, None)
    for pattern in (".", "lib/modules/*", "usr/lib/modules/*", "*"):
        for candidate in sorted(modules.glob(pattern)):
            if (candidate / "modules.builtin").is_file():
                return Kernel(image, candidate.resolve())
    raise VmError(
        f"no modules under {modules}: give the directory that "
        "'make modules_install INSTALL_MOD_PATH=' wrote to"
    )
