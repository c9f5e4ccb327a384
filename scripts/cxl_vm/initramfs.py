# SPDX-License-Identifier: GPL-2.0-or-later
"""Make the guest's initramfs, and keep it until an input changes."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from . import elf, modules
from .cpio import CpioWriter
from .errors import VmError
from .packages import Kernel, locked
from .progress import step

GUEST = Path(__file__).resolve().parent / "guest"
OWN_FILES = {
    "init": ("init", 0o755),
    "cxl-agent": ("usr/bin/cxl-agent", 0o755),
    "cxl-drivers": ("usr/bin/cxl-drivers", 0o755),
    "motd": ("etc/motd", 0o644),
}
PROGRAMS = [
    "bin/busybox", "bin/kmod", "bin/cxl", "bin/daxctl", "bin/ndctl",
    "bin/lspci", "bin/setpci", "bin/numactl", "bin/migratepages",
    "sbin/kexec",
]
KMOD_NAMES = ["modprobe", "insmod", "rmmod", "lsmod", "modinfo", "depmod"]
CONFIG = [
    "etc/ndctl.conf.d", "etc/modprobe.d", "usr/share/misc/pci.ids",
]
MERGED = ["bin", "sbin", "lib", "lib64"]
KEPT = 6


def path_for(
    build: Path, kernel: Kernel, userland: Path,
    include: list[tuple[Path, str]],
) -> Path:
    """The initramfs for @kernel with @include (file, place) added."""
    guest = build / "guest"
    digest = _digest(kernel, userland, include)
    path = guest / f"initramfs-{digest}.cpio"
    if path.is_file():
        return path
    with locked(guest):
        if not path.is_file():
            with step("making the initramfs"):
                _write(path, kernel, userland, include)
            _drop_old(guest)
    return path


def _digest(kernel: Kernel, userland: Path,
            include: list[tuple[Path, str]]) -> str:
    digest = hashlib.sha256(repr((
        str(kernel.modules), modules.WANTED, PROGRAMS, CONFIG,
        (userland / ".complete").stat().st_mtime_ns,
    )).encode())
    if kernel.modules:
        stamp = kernel.modules / "modules.builtin"
        digest.update(str(stamp.stat().st_mtime_ns).encode())
    sources = [path for path, _ in include]
    sources += [GUEST / name for name in OWN_FILES]
    sources += sorted(Path(__file__).parent.glob("*.py"))
    for path in sources:
        digest.update(path.name.encode() + path.read_bytes())
    digest.update(repr([place for _, place in include]).encode())
    return digest.hexdigest()[:16]


def _drop_old(guest: Path) -> None:
    files = sorted(
        guest.glob("initramfs-*.cpio"), key=lambda path: path.stat().st_mtime
    )
    for path in files[:-KEPT]:
        path.unlink(missing_ok=True)


def _write(path: Path, kernel: Kernel, userland: Path,
           include: list[tuple[Path, str]]) -> None:
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as stream:
        cpio = CpioWriter(stream)
        _skeleton(cpio)
        _programs(cpio, userland)
        _own(cpio)
        if kernel.modules:
            _modules(cpio, kernel.modules, userland)
        for source, place in include:
            mode = 0o755 if source.stat().st_mode & 0o100 else 0o644
            cpio.file(place, source.read_bytes(), mode)
        cpio.finish()
    temporary.rename(path)


def _skeleton(cpio: CpioWriter) -> None:
    for name in MERGED:
        cpio.directory(f"usr/{name}")
        cpio.link(name, f"usr/{name}")
    for name in ("proc", "sys", "dev", "etc", "run", "tmp", "root", "mnt",
                 "share", "var/lib", "var/log"):
        cpio.directory(name)
    # The kernel opens these before anything is mounted.
    cpio.character("dev/console", 5, 1)
    cpio.character("dev/null", 1, 3)


def _own(cpio: CpioWriter) -> None:
    for name, (place, mode) in OWN_FILES.items():
        cpio.file(place, (GUEST / name).read_bytes(), mode)


def _programs(cpio: CpioWriter, userland: Path) -> None:
    taken = set()
    for name in PROGRAMS:
        place = f"usr/{name}"
        cpio.file(place, _existing(userland, place).read_bytes(), 0o755)
        taken.add(Path(name).name)
    for name in KMOD_NAMES:
        cpio.link(f"usr/sbin/{name}", "../bin/kmod")
        taken.add(name)
    for name in _applets(userland):
        if name not in taken:
            cpio.link(f"usr/bin/{name}", "busybox")
    for soname, path in sorted(_libraries(userland).items()):
        cpio.file(f"usr/lib/x86_64-linux-gnu/{soname}",
                  path.read_bytes(), 0o755)
    cpio.link("usr/lib64/ld-linux-x86-64.so.2",
              "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
    for name in CONFIG:
        _tree(cpio, userland, name)


def _tree(cpio: CpioWriter, userland: Path, name: str) -> None:
    top = userland / name
    for path in [top] if top.is_file() else sorted(top.rglob("*")):
        if path.is_file():
            cpio.file(str(path.relative_to(userland)), path.read_bytes())


def _existing(userland: Path, place: str) -> Path:
    path = userland / place
    if not path.is_file():
        raise VmError(f"no {path}: remove {userland} and run again")
    return path


def _applets(userland: Path) -> list[str]:
    done = subprocess.run(
        [userland / "usr/bin/busybox", "--list"],
        capture_output=True, text=True, check=True,
    )
    return done.stdout.split()


def _libraries(userland: Path) -> dict[str, Path]:
    """All libraries the programs need, the loader among them."""
    directory = userland / "usr/lib/x86_64-linux-gnu"
    found: dict[str, Path] = {}
    queue = [userland / "usr" / name for name in PROGRAMS]
    while queue:
        for soname in elf.read(queue.pop()).needed():
            if soname in found:
                continue
            path = directory / soname
            if not path.exists():
                raise VmError(f"library {soname} is not in {directory}")
            found[soname] = path
            queue.append(path)
    return found


def _modules(cpio: CpioWriter, tree: Path, userland: Path) -> None:
    chosen = modules.choose(tree, modules.WANTED)
    for name, data in modules.with_indexes(tree, chosen, userland).items():
        cpio.file(f"usr/lib/modules/{tree.name}/{name}", data)
