# SPDX-License-Identifier: GPL-2.0-or-later
"""Sizes as people write them: 256M, 4G, 8k."""

from __future__ import annotations

import re

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30
_SUFFIX = {"": 1, "k": KIB, "m": MIB, "g": GIB, "t": 1 << 40}
_FORM = re.compile(r"^(0x[0-9a-f]+|\d+)\s*([kmgt]?)(?:i?b)?$")


def parse_size(text: str | int) -> int:
    """Bytes for an integer or a text like '256M'; ValueError otherwise."""
    if isinstance(text, bool):
        raise ValueError("not a size")
    if isinstance(text, int):
        return text
    match = _FORM.match(text.strip().lower())
    if not match:
        raise ValueError(f"'{text}' is not a size")
    return int(match.group(1), 0) * _SUFFIX[match.group(2)]


def format_size(value: int) -> str:
    """The shortest exact form, in the suffixes QEMU understands."""
    for suffix, unit in (("T", 1 << 40), ("G", GIB), ("M", MIB), ("k", KIB)):
        if value and value % unit == 0:
            return f"{value // unit}{suffix}"
    return str(value)
