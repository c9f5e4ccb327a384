# SPDX-License-Identifier: GPL-2.0-or-later
"""Say what takes time, on standard error."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Print @what now and how long it took at the end."""
    start = time.monotonic()
    print(f"  {what} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(" failed", file=sys.stderr, flush=True)
        raise
    taken = time.monotonic() - start
    print(f" {taken:.1f} s", file=sys.stderr, flush=True)
