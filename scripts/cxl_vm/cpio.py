# SPDX-License-Identifier: GPL-2.0-or-later
"""Write 'newc' cpio archives, the form of an initramfs."""

from __future__ import annotations

import stat
from typing import BinaryIO

_TRAILER = "TRAILER!!!"


class CpioWriter:
    """Entries in order; parent directories are made as needed."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._inode = 0
        self._dirs: set[str] = set()

    def _entry(self, name: str, mode: int, data: bytes = b"",
               device: tuple[int, int] = (0, 0)) -> None:
        self._inode += 1
        encoded = name.encode() + b"\0"
        fields = (
            self._inode, mode, 0, 0, 1, 0, len(data), 0, 0,
            device[0], device[1], len(encoded), 0,
        )
        head = b"070701" + b"".join(b"%08X" % field for field in fields)
        self._padded(head + encoded)
        self._padded(data)

    def _padded(self, data: bytes) -> None:
        self._out.write(data + bytes(-len(data) % 4))

    def directory(self, path: str) -> None:
        """A directory and those above it."""
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            name = "/".join(parts[:depth])
            if name and name not in self._dirs:
                self._dirs.add(name)
                self._entry(name, stat.S_IFDIR | 0o755)

    def _parent(self, path: str) -> str:
        name = path.strip("/")
        if "/" in name:
            self.directory(name.rpartition("/")[0])
        return name

    def file(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """A regular file."""
        self._entry(self._parent(path), stat.S_IFREG | mode, data)

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        name = self._parent(path)
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def character(self, path: str, major: int, minor: int) -> None:
        """A character device node."""
        name = self._parent(path)
        self._entry(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def finish(self) -> None:
        """The trailer; nothing may follow."""
        self._entry(_TRAILER, 0)
