# SPDX-License-Identifier: GPL-2.0-or-later
"""Talk to the guest's agent over three virtio serial ports.

Requests and answers are lines on the control port; the bytes that a command
prints come unchanged over the two others, each closed by a random marker.
guest/cxl-agent is the other end.
"""

from __future__ import annotations

import base64
import secrets
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import GuestGone, VmError

Sink = Callable[[bytes], None]
PORTS = ("control", "out", "err")

@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    status: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode("utf-8", "replace")

    @property
    def errors(self) -> str:
        """Standard error as text."""
        return self.err.decode("utf-8", "replace")


class MarkedStream:
    """Pass bytes on until the marker comes."""

    def __init__(self, marker: bytes, sink: Sink) -> None:
        self._marker = marker
        self._sink = sink
        self._held = b""
        self.done = False

    def feed(self, data: bytes) -> None:
        """Take bytes of the port; those after the marker are dropped."""
        if self.done:
            return
        data = self._held + data
        at = data.find(self._marker)
        if at >= 0:
            self.done = True
            keep = at
        else:
            keep = len(data) - self._partial(data)
        self._held = data[keep:]
        if keep:
            self._sink(data[:keep])

    def _partial(self, data: bytes) -> int:
        """How many bytes at the end may begin the marker."""
        longest = min(len(self._marker) - 1, len(data))
        for size in range(longest, 0, -1):
            if data.endswith(self._marker[:size]):
                return size
        return 0


@dataclass
class _Pending:
    streams: dict[str, MarkedStream]
    status: int | None = None

    @property
    def done(self) -> bool:
        return self.status is not None and all(
            stream.done for stream in self.streams.values()
        )


class Agent:
    """The launcher's end of the three ports."""

    def __init__(self, directory: Path) -> None:
        self._paths = {name: directory / f"{name}.sock" for name in PORTS}
        self._listeners: dict[str, socket.socket] = {}
        self._ports: dict[str, socket.socket] = {}
        self._line = b""
        self._pending: _Pending | None = None
        self._boots = 0
        for name, path in self._paths.items():
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(path))
            listener.listen(1)
            self._listeners[name] = listener

    def qemu_args(self) -> list[str]:
        """Serial ports that connect to us."""
        args = ["-device", "virtio-serial-pci,bus=pcie.0"]
        for name in PORTS:
            args += [
                "-chardev", f"socket,id={name},path={self._paths[name]}",
                "-device",
                f"virtserialport,chardev={name},name=cxl-vm.{name}",
            ]
        return args

    @property
    def boots(self) -> int:
        """How often an agent said that it is ready."""
        return self._boots

    @property
    def connected(self) -> bool:
        """True once QEMU has opened all ports."""
        return not self._listeners

    def take_over(self) -> None:
        """The agent said so to another launcher that it is ready."""
        self._boots = 1

    @property
    def busy(self) -> bool:
        """True while a command runs."""
        return self._pending is not None

    def pump(self, wait: float) -> None:
        """Move bytes for at most @wait seconds if none are there."""
        sources = [*self._listeners.values(), *self._ports.values()]
        ready, _, _ = select.select(sources, [], [], wait)
        for name, listener in list(self._listeners.items()):
            if listener in ready:
                self._ports[name], _ = listener.accept()
                listener.close()
                del self._listeners[name]
        for name, port in list(self._ports.items()):
            if port in ready:
                self._receive(name, port)

    def _receive(self, name: str, port: socket.socket) -> None:
        data = port.recv(65536)
        if not data:
            port.close()
            del self._ports[name]
        elif name == "control":
            self._line += data
            *lines, self._line = self._line.split(b"\n")
            for line in lines:
                self._answer(line.decode("latin-1").split())
        elif self._pending:
            self._pending.streams[name].feed(data)

    def _answer(self, words: list[str]) -> None:
        if words[:1] == ["ready"]:
            self._boots += 1
            if self._pending:
                self._pending = None
                raise GuestGone("the guest rebooted while it ran a command")
        elif words[:1] == ["exit"] and self._pending:
            self._pending.status = int(words[1])

    def send(self, script: str, out: Sink, err: Sink) -> None:
        """Start @script, a shell script, in the guest."""
        if self._pending:
            raise VmError("the guest is busy with another command")
        marker = secrets.token_hex(16)
        self._pending = _Pending({
            "out": MarkedStream(marker.encode(), out),
            "err": MarkedStream(marker.encode(), err),
        })
        body = base64.b64encode(script.encode()).decode()
        self._ports["control"].sendall(f"run {marker} {body}\n".encode())

    def forget(self) -> None:
        """Stop waiting for the command that runs."""
        self._pending = None

    def take_status(self) -> int | None:
        """The command's status once it and its output are complete."""
        if not self._pending or not self._pending.done:
            return None
        status = self._pending.status
        self._pending = None
        return status

    def close(self) -> None:
        """Close all ports."""
        for port in [*self._listeners.values(), *self._ports.values()]:
            port.close()
