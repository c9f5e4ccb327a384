# SPDX-License-Identifier: GPL-2.0-or-later
"""Firmware for build/qemu-system-*, which the source package leaves out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from debian_apt import PrivateApt
from house.lists import ROOT, Release, rows
from house.ui import HouseError, step

NEEDED = (
    "bios-256k.bin", "vgabios-stdvga.bin", "kvmvapic.bin",
    "linuxboot_dma.bin", "multiboot_dma.bin", "pvh.bin", "efi-virtio.rom",
    "efi-e1000e.rom",
)


def missing(place: Path) -> list[str]:
    """Needed files that @place lacks."""
    return [name for name in NEEDED if not (place / name).is_file()]


def prepare(tree: Path, build: Path, apt_root: Path) -> None:
    """Fill build/firmware: from the base when it has it, else packages."""
    place, state = build / "firmware", build / "house"
    if not missing(place):
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if missing(tree / "pc-bios"):
        sources = _unpack(state, apt_root)
    else:
        sources = [tree / "pc-bios"]
    for source in sources:
        for file in sorted(source.iterdir()):
            if file.is_file() and not (place / file.name).exists():
                (place / file.name).symlink_to(file.resolve())
    if lacking := missing(place):
        raise HouseError(f"no firmware file {' '.join(lacking)} in the "
                         "packages of base/firmware")


def _unpack(state: Path, apt_root: Path) -> list[Path]:
    suite = Release.read().suite
    listed = rows(ROOT / "base/firmware")
    packages = [row[0] for row in listed]
    step(f"fetching firmware of {suite}: {' '.join(packages)}")
    apt = PrivateApt(apt_root, [suite])
    debs = apt.fetch_binaries(packages, apt_root / "downloads")
    unpacked = state / "firmware"
    shutil.rmtree(unpacked, ignore_errors=True)
    apt.unpack(debs, unpacked)
    return list(dict.fromkeys(unpacked / row[1] for row in listed))


def show_to_qemu(build: Path) -> None:
    """Put build/firmware where a QEMU run from build/ looks for it."""
    header = (build / "config-host.h").read_text(encoding="utf-8")
    match = re.search(r'#define CONFIG_QEMU_FIRMWAREPATH "([^"]+)"', header)
    if not match:
        raise HouseError(f"no firmware path in {build}/config-host.h")
    seen = build / "qemu-bundle" / match.group(1).lstrip("/")
    seen.parent.mkdir(parents=True, exist_ok=True)
    if not seen.is_symlink():
        seen.symlink_to(build / "firmware")
