# SPDX-License-Identifier: GPL-2.0-or-later
"""Migrate a running guest to a second QEMU on this host."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from cxl_vm.machine import Machine

from .group import Failure, expect

SLOW = 64 << 20                 # bytes in a second: the guest dirties more
FAST = 1 << 40
DOWNTIME = 20000                # ms: a busy host is slow
TIMEOUT = 240                   # seconds: only a failure takes that long
TICK = 0.05


def _until(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"migration: not {what} after {TIMEOUT} s")
        time.sleep(TICK)


def _info(machine: Machine) -> dict[str, Any]:
    info: dict[str, Any] = machine.qmp.cmd("query-migrate")
    expect(info.get("status") != "failed", f"migration failed: {info}")
    return info


def _has_completed(machine: Machine) -> bool:
    return _info(machine).get("status") == "completed"


def _rounds(machine: Machine) -> int:
    """How often all memory has been looked through."""
    return int(_info(machine).get("ram", {}).get("dirty-sync-count", 0))


def _allow(machines: list[Machine], *names: str) -> None:
    for machine in machines:
        machine.qmp.cmd("migrate-set-capabilities", capabilities=[
            {"capability": name, "state": True} for name in names
        ])


def _set(machine: Machine, **parameters: int) -> None:
    machine.qmp.cmd("migrate-set-parameters", **{
        name.replace("_", "-"): value for name, value in parameters.items()
    })


def _answers(machine: Machine) -> bool:
    """Is there a QMP socket to connect to yet?"""
    expect(machine.running, f"QEMU ended; see {machine.logs}/qemu.log")
    try:
        return machine.qmp is not None
    except OSError:
        return False
    except Exception as error:  # its own ConnectError has no class of ours
        if type(error).__name__ != "ConnectError":
            raise
        return False


def _waiting(source: Machine, logs: Path) -> Machine:
    """A machine like @source that waits for it."""
    options = replace(
        source.options, extra=[*source.options.extra, "-incoming", "defer"]
    )
    machine = Machine(source.topology, options, source.build, logs)
    machine.launch()
    return machine


def _requests(source: Machine) -> int:
    """How many pages the guest has asked for on the other side."""
    return _info(source).get("ram", {}).get("postcopy-requests", 0)


def _send(source: Machine, target: Machine, path: Path, rounds: int,
          postcopy: bool) -> None:
    uri = f"unix:{path}"
    if postcopy:
        _allow([source, target], "postcopy-ram")
    target.qmp.cmd("migrate-incoming", uri=uri)
    _set(source, max_bandwidth=SLOW, downtime_limit=1)
    source.qmp.cmd("migrate", uri=uri)
    _until(f"in round {rounds}", lambda: _rounds(source) >= rounds)
    if postcopy:
        # Or else all of it may go before the guest does.
        _set(source, max_postcopy_bandwidth=SLOW)
        source.qmp.cmd("migrate-start-postcopy")
        _until("asked for a page", lambda: _requests(source))
        _set(source, max_postcopy_bandwidth=0)
    _set(source, max_bandwidth=FAST, downtime_limit=DOWNTIME)
    for machine in (source, target):
        _until("completed", partial(_has_completed, machine))


def move(source: Machine, logs: Path, rounds: int = 3,
         postcopy: bool = False) -> Machine:
    """The machine where the guest of @source runs on; that one is closed.

    Memory is sent @rounds times at least while the guest writes to it.  With
    @postcopy the guest goes then, and what it lacks follows.
    """
    target = _waiting(source, logs)
    try:
        _until("started", lambda: _answers(target))
        _send(source, target, logs / "migrate.sock", rounds, postcopy)
        target.take_over()
    except BaseException:
        target.close()
        raise
    source.close()
    return target
