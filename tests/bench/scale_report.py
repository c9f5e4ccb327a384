# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of what many devices cost, ours beside a peer's."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import scale
from cxl_vm.command import Options
from cxl_vm.errors import VmError
from cxl_vm.units import KIB, MIB
from scale import Boot, Start
from tree import Tree


@dataclass(frozen=True)
class Plan:
    """@qemus: ours, and perhaps a peer; @switched as in Tree."""

    qemus: list[list[str]]
    counts: list[int]
    runs: int
    switched: bool
    logs: Path

    def columns(self, *names: str) -> str:
        """A line of headings."""
        cells = [f"{'ours: ' + name:>18}" for name in names]
        if len(self.qemus) > 1:
            cells += [f"{'peer: ' + name:>18}" for name in names]
            cells += [f"{'ratio':>8}" for name in names]
        return f"{'devices':>7}" + "".join(cells)

    def row(self, count: int, values: list[tuple[float, ...] | None]) -> str:
        """A line for @count devices; None for a QEMU that failed."""
        cells = []
        for one in values:
            if one:
                cells += [f"{value:>18.2f}" for value in one]
            else:
                cells += [f"{'-':>18}" for _ in values[0] or ()]
        if len(values) > 1 and values[0] and values[1]:
            cells += [
                f"{peer / ours:>7.1f}x" if ours > 0 else f"{'-':>8}"
                for ours, peer in zip(values[0], values[1])
            ]
        return f"{count:>7}" + "".join(cells)


def load() -> str:
    """How busy the host is: figures of a busy one are only ratios."""
    return (f"(load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} "
            "processors)")


Rows = list[dict[str, Any]]


def _row(plan: Plan, count: int, names: tuple[str, ...],
         values: list[tuple[float, ...] | None]) -> dict[str, Any]:
    """Print a line; what --json has of it."""
    print(plan.row(count, values), flush=True)
    return {"devices": count} | {
        side: dict(zip(names, one)) if one else None
        for side, one in zip(("ours", "peer"), values)
    }


def starts(plan: Plan) -> Rows:
    """Until the guest's first instruction, and memory then."""
    print("\nexec to the guest's first instruction, and QEMU's own memory "
          "for each device")
    print(plan.columns("s", "KiB/device"))
    rows = []
    for count in plan.counts:
        bare, full = (
            scale.start(plan.qemus, Tree(count, plan.switched, without),
                        plan.runs, plan.logs)
            for without in (True, False)
        )
        rows.append(_row(plan, count, ("s", "KiB/device"), [
            _start_cells(count, before, after)
            for before, after in zip(bare, full)
        ]))
    print(load())
    return rows


def _start_cells(count: int, bare: Start, full: Start) -> tuple[float, ...]:
    return full.seconds, (full.private - bare.private) / count / KIB


def boots(plan: Plan, options: Options, build: Path) -> Rows:
    """Until all devices are there and the guest is off."""
    print("\nexec to power-off of a guest that has found all devices, and "
          "QEMU's own memory")
    print(plan.columns("s", "MiB"))
    rows = []
    for count in plan.counts:
        rows.append(_row(plan, count, ("s", "MiB"), [
            _boot_cells(_boot(plan, replace(options, qemu=qemu), build,
                              count, index))
            for index, qemu in enumerate(plan.qemus)
        ]))
    print(load())
    return rows


def _boot(plan: Plan, options: Options, build: Path, count: int,
          index: int) -> Boot | None:
    """Ours must work; that a peer does not is a result."""
    try:
        return scale.boot(
            options, build, Tree(count, plan.switched),
            plan.logs / f"{'peer' if index else 'ours'}-{count}",
        )
    except VmError as error:
        if not index:
            raise
        print(f"peer, {count} devices: {error}")
        return None


def _boot_cells(boot: Boot | None) -> tuple[float, ...] | None:
    return (boot.seconds, boot.private / MIB) if boot else None
