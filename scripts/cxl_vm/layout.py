# SPDX-License-Identifier: GPL-2.0-or-later
"""Where an interleaved byte is, computed apart from the device model."""

from __future__ import annotations

from pathlib import Path


def locate(offset: int, ways: int, granularity: int) -> tuple[int, int]:
    """Position among the targets, and offset in that target's share.

    Modulo arithmetic: consecutive chunks of @granularity bytes go to
    consecutive targets.
    """
    chunk, low = divmod(offset, granularity)
    return chunk % ways, chunk // ways * granularity + low


def gather(
    shares: list[tuple[Path, int]], granularity: int, offset: int, size: int
) -> bytes:
    """@size bytes from @offset of a region, read from its backend files.

    @shares: for each target in order, its file and where its share starts.
    """
    ways = len(shares)
    pieces = []
    while size:
        take = min(size, granularity - offset % granularity)
        position, inside = locate(offset, ways, granularity)
        path, start = shares[position]
        with path.open("rb") as stream:
            stream.seek(start + inside)
            pieces.append(stream.read(take))
        offset += take
        size -= take
    return b"".join(pieces)
