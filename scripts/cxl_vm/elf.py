# SPDX-License-Identifier: GPL-2.0-or-later
"""The few facts about ELF files that an initramfs needs."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_DYNAMIC = struct.Struct("<qQ")
_PT_INTERP = 3
_SHT_DYNAMIC = 6
_DT_NEEDED = 1


@dataclass(frozen=True)
class _Section:
    name: str
    kind: int
    offset: int
    size: int
    link: int


class Elf:
    """A little-endian 64-bit ELF file in memory."""

    def __init__(self, data: bytes, source: str) -> None:
        if data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{source} is not a 64-bit ELF file")
        self._data = data
        fields = _HEADER.unpack_from(data)
        self._segments_at, self._sections_at = fields[5], fields[6]
        self._segment_count = fields[10]
        self._sections = self._read_sections(fields[12], fields[13])

    def _read_sections(self, count: int, names: int) -> list[_Section]:
        rows = [
            _SECTION.unpack_from(
                self._data, self._sections_at + index * _SECTION.size
            )
            for index in range(count)
        ]
        base = rows[names][4] if rows else 0
        return [
            _Section(self._text(base + row[0]), row[1], row[4], row[5], row[6])
            for row in rows
        ]

    def _text(self, offset: int) -> str:
        end = self._data.index(b"\0", offset)
        return self._data[offset:end].decode("latin-1")

    def section(self, name: str) -> bytes:
        """The bytes of section @name, empty when there is none."""
        for sec in self._sections:
            if sec.name == name:
                return self._data[sec.offset:sec.offset + sec.size]
        return b""

    def needed(self) -> list[str]:
        """Sonames of the libraries that must be loaded with it."""
        found = []
        for sec in self._sections:
            if sec.kind != _SHT_DYNAMIC:
                continue
            strings = self._sections[sec.link].offset
            table = self._data[sec.offset:sec.offset + sec.size]
            found += [
                self._text(strings + value)
                for tag, value in _DYNAMIC.iter_unpack(table)
                if tag == _DT_NEEDED
            ]
        return found

    def interpreter(self) -> str | None:
        """The dynamic loader's path, None for a static program."""
        for index in range(self._segment_count):
            row = _SEGMENT.unpack_from(
                self._data, self._segments_at + index * _SEGMENT.size
            )
            if row[0] == _PT_INTERP:
                return self._text(row[2])
        return None

    def modinfo(self, key: str) -> list[str]:
        """The values of @key in a kernel module's information."""
        start = f"{key}=".encode()
        return [
            item[len(start):].decode("latin-1")
            for item in self.section(".modinfo").split(b"\0")
            if item.startswith(start)
        ]


def read(path: Path) -> Elf:
    """The ELF file at @path."""
    return Elf(path.read_bytes(), str(path))
