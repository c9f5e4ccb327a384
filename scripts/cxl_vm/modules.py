# SPDX-License-Identifier: GPL-2.0-or-later
"""Choose the kernel modules a CXL guest needs, and what they depend on."""

from __future__ import annotations

import lzma
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import elf
from .errors import VmError

WANTED = [
    "cxl_acpi", "cxl_pci", "cxl_mem", "cxl_pmem", "cxl_port",
    "libnvdimm", "nd_pmem", "nd_btt", "dax_cxl", "device_dax", "dax_pmem",
    "dax_hmem", "kmem", "9p", "9pnet_virtio", "virtio_blk", "nvme",
]
_SUFFIXES = (".ko", ".ko.xz", ".ko.zst", ".ko.gz")


def module_bytes(path: Path) -> bytes:
    """The module, uncompressed: the guest should not spend time on it."""
    data = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(data)
    if path.suffix == ".gz":
        return _filtered(["gzip", "-dc"], data, path)
    if path.suffix == ".zst":
        return _filtered(["zstd", "-dc"], data, path)
    return data


def _filtered(command: list[str], data: bytes, path: Path) -> bytes:
    if not shutil.which(command[0]):
        raise VmError(f"'{command[0]}' is needed to unpack {path}")
    done = subprocess.run(command, input=data, capture_output=True)
    if done.returncode:
        raise VmError(f"{path} is damaged: {done.stderr.decode()}")
    return done.stdout


def _index(tree: Path) -> dict[str, Path]:
    """Module name to file."""
    index = {}
    for path in tree.rglob("*.ko*"):
        for suffix in _SUFFIXES:
            if path.name.endswith(suffix):
                name = path.name.removesuffix(suffix).replace("-", "_")
                index[name] = path
    return index


def choose(tree: Path, wanted: list[str]) -> dict[str, bytes]:
    """Path inside @tree (uncompressed name) to the module's bytes.

    A name without a file is built into the kernel, or not in it at all;
    the guest copes with both.
    """
    index = _index(tree)
    chosen: dict[str, bytes] = {}
    queue, seen = list(wanted), set()
    while queue:
        name = queue.pop().replace("-", "_")
        path = index.get(name)
        if name in seen or path is None:
            continue
        seen.add(name)
        data = module_bytes(path)
        info = elf.Elf(data, str(path))
        for value in info.modinfo("depends"):
            queue += [dep for dep in value.split(",") if dep]
        place = path.relative_to(tree)
        plain = place.name[:place.name.index(".ko") + 3]
        chosen[str(place.with_name(plain))] = data
    return dict(sorted(chosen.items()))


def with_indexes(
    tree: Path, chosen: dict[str, bytes], userland: Path
) -> dict[str, bytes]:
    """@chosen and the index files that depmod makes for it."""
    version = tree.name
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "lib" / "modules" / version
        for name, data in chosen.items():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        for name in ("modules.builtin", "modules.builtin.modinfo",
                     "modules.order"):
            if (tree / name).is_file():
                shutil.copy(tree / name, root / name)
        _depmod(userland, Path(scratch), version)
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*")) if path.is_file()
        }


def _depmod(userland: Path, base: Path, version: str) -> None:
    loader = userland / "usr/lib64/ld-linux-x86-64.so.2"
    libraries = userland / "usr/lib/x86_64-linux-gnu"
    done = subprocess.run(
        [loader, "--library-path", libraries, "--argv0", "depmod",
         userland / "usr/bin/kmod", "-b", base, version],
        capture_output=True, text=True,
    )
    if done.returncode:
        raise VmError(f"depmod failed: {done.stderr.strip()}")
