# SPDX-License-Identifier: GPL-2.0-or-later
"""Watch the log of the guest's kernel console."""

from __future__ import annotations

import re
from pathlib import Path

from .errors import GuestPanic

# The last line of a panic.  A live system does not have it in its own log,
# so a user who greps for panics does not end the run.
_PANIC = re.compile(
    rb"---\[ end Kernel panic - not syncing: ([^\r\n]*?) \]---"
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[c78=>]|\r")
_OVERLAP = 512


class Console:
    """The console's log, read as it grows."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._offset = 0
        self._tail = b""
        self._seen = b""

    def poll(self) -> bytes:
        """What is new; GuestPanic if the kernel gave up in it."""
        if not self.log.exists():
            return b""
        with self.log.open("rb") as stream:
            stream.seek(self._offset)
            new = stream.read()
        self._offset += len(new)
        self._tail = self._tail[-_OVERLAP:] + new
        match = _PANIC.search(self._tail)
        if match:
            self._tail = b""
            reason = match.group(1).decode("latin-1")
            raise GuestPanic(f"the guest's kernel panicked: {reason}")
        return new

    def wait_text(self, text: bytes) -> bool:
        """True once @text was seen in what poll() returns."""
        self._seen = self._seen[-len(text):] + self.poll()
        return text in self._seen

    @property
    def silent(self) -> bool:
        """True while nothing was printed."""
        return self._offset == 0

    def text(self) -> str:
        """The whole log without terminal control sequences."""
        if not self.log.exists():
            return ""
        return _ANSI.sub("", self.log.read_bytes().decode("utf-8", "replace"))

    def last_lines(self, count: int) -> str:
        """The last @count lines, to show with an error."""
        return "\n".join(self.text().rstrip().splitlines()[-count:])
