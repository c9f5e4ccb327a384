# SPDX-License-Identifier: GPL-2.0-or-later
"""Typed access to the tables of a topology file.

Every complaint names the file and the key.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from .units import parse_size

_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
_PATTERN = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*\*?[A-Za-z0-9_-]*$")
_OPTIONS = re.compile(r"^[A-Za-z][\w.-]*=[^,\s]+(,[A-Za-z][\w.-]*=[^,\s]+)*$")


class Table:
    """One TOML table; each key must be asked for before done()."""

    def __init__(
        self, raw: dict[str, Any], source: str, where: str,
        error: type[Exception],
    ) -> None:
        self._raw = raw
        self._source = source
        self._where = where
        self._error = error
        self._seen: set[str] = set()

    def fail(self, key: str, message: str) -> NoReturn:
        """Complain about @key."""
        dot = "." if self._where else ""
        raise self._error(
            f"{self._source}: {self._where}{dot}{key}: {message}"
        )

    def done(self) -> None:
        """Complain about a key that nobody asked for."""
        for key in self._raw:
            if key not in self._seen:
                known = ", ".join(sorted(self._seen))
                self.fail(key, f"not a key here; known: {known}")

    def has(self, key: str) -> bool:
        """True when @key is there."""
        return key in self._raw

    def has_others(self) -> bool:
        """True when there are keys that nobody asked for yet."""
        return any(key not in self._seen for key in self._raw)

    def _get(self, key: str, default: Any) -> Any:
        self._seen.add(key)
        value = self._raw.get(key, default)
        if value is None:
            self.fail(key, "is missing")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without @default it must be a name."""
        value = self._get(key, default)
        if not isinstance(value, str):
            self.fail(key, "must be a text in quotes")
        if default is None and not _NAME.match(value):
            self.fail(key, "must be letters, digits, '-' and '_'")
        return value

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        value = self._get(key, None)
        if not isinstance(value, list) or not all(
            isinstance(item, str) for item in value
        ):
            self.fail(key, 'must be a list like ["hb0", "hb1"]')
        return value

    def pattern(self, key: str) -> str:
        """A name in which one '*' may stand for a number."""
        value = self._get(key, None)
        if not isinstance(value, str) or not _PATTERN.match(value):
            self.fail(key, "must be letters, digits, '-' and '_', and "
                      "one '*' where a number belongs")
        return value

    def options(self, key: str) -> str:
        """Options of a QEMU device, as in 'a=1,b=2'; '' when absent."""
        value = self._get(key, "")
        if value == "" and key not in self._raw:
            return ""
        if not isinstance(value, str) or not _OPTIONS.match(value):
            self.fail(key, 'must be like "x-speed=32,x-width=8"')
        return value

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            self.fail(key, "must be true or false")
        return value

    def integer(
        self, key: str, low: int, high: int, default: int | None = None
    ) -> int:
        """An integer from @low to @high."""
        value = self._get(key, default)
        if type(value) is not int or not low <= value <= high:
            self.fail(key, f"must be a number from {low} to {high}")
        return value

    def optional_integer(self, key: str, high: int) -> int | None:
        """An integer from 0 to @high, or None when the key is absent."""
        if key not in self._raw:
            self._seen.add(key)
            return None
        return self.integer(key, 0, high)

    def integers(self, key: str) -> list[int]:
        """A list of numbers of 64 bits, empty when absent."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(
            type(item) is int and 0 <= item < 1 << 64 for item in value
        ):
            self.fail(key, "must be a list like [0x404100, 0x808200]")
        return value

    def size(self, key: str, default: int | None = None) -> int:
        """A size in bytes, from 256 or '256M'."""
        value = self._get(key, default)
        try:
            size = parse_size(value)
        except (ValueError, AttributeError):
            self.fail(key, 'must be a size like "256M"')
        if size < 0:
            self.fail(key, "must not be negative")
        return size

    def optional_size(self, key: str) -> int | None:
        """A size in bytes, or None when the key is absent."""
        if key not in self._raw:
            self._seen.add(key)
            return None
        return self.size(key)

    def table(self, key: str) -> Table:
        """A table below this one, empty when absent."""
        value = self._get(key, {})
        if not isinstance(value, dict):
            self.fail(key, f"must be a table: [{key}]")
        return self._below(value, key)

    def optional_table(self, key: str) -> Table | None:
        """A table below this one, or None when absent."""
        if key not in self._raw:
            self._seen.add(key)
            return None
        return self.table(key)

    def tables(self, key: str) -> list[Table]:
        """A list of tables, empty when absent."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(
            isinstance(item, dict) for item in value
        ):
            self.fail(key, "must be a list of tables")
        return [
            self._below(item, f"{key}[{index}]")
            for index, item in enumerate(value)
        ]

    def _below(self, raw: dict[str, Any], key: str) -> Table:
        dot = "." if self._where else ""
        where = f"{self._where}{dot}{key}"
        return Table(raw, self._source, where, self._error)
