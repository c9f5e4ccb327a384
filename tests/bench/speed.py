# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast a guest uses CXL memory, beside ordinary memory of the same boot.

The guest runs membench, which lets the two take turns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cxl_vm.command import Options
from cxl_vm.errors import VmError, WrongAnswer
from cxl_vm.guest_cxl import GuestCxl, Region
from cxl_vm.machine import Machine
from cxl_vm.setup import Wishes, prepare
from cxl_vm.units import MIB
from speed_plan import Case, Host

SPAN = 64 * MIB
PATIENCE = 600


@dataclass(frozen=True)
class Use:
    """One way of using memory; MB/s, or ns where less is better."""

    name: str
    unit: str
    ordinary: float
    cxl: float

    @property
    def ratio(self) -> float:
        """The CXL memory's speed as a part of ordinary memory's."""
        return self.versus(self.ordinary)

    def better_of(self, other: Use) -> Use:
        """The best of two measurements of the same."""
        best = min if self.unit == "ns" else max
        return replace(self, ordinary=best(self.ordinary, other.ordinary),
                       cxl=best(self.cxl, other.cxl))

    def versus(self, other: float) -> float:
        """The same as a part of @other, a value in the same unit."""
        if self.unit == "ns":
            return other / self.cxl
        return self.cxl / other


@dataclass(frozen=True)
class Row:
    """What was measured of one region, and how QEMU maps it."""

    name: str
    mapping: str
    uses: tuple[Use, ...]

    def better_of(self, other: Row) -> Row:
        """The best of two measurements of the same."""
        return replace(self, uses=tuple(
            one.better_of(two) for one, two in zip(self.uses, other.uses)
        ))

    def as_json(self) -> dict[str, Any]:
        """For --json: ratios too."""
        return {
            "name": self.name, "mapping": self.mapping,
            "uses": [{**asdict(use), "ratio": use.ratio}
                     for use in self.uses],
        }


@dataclass(frozen=True)
class Effort:
    """How often each memory takes its turn, and for how long."""

    runs: int
    milliseconds: int
    names: tuple[str, ...] = ()         # of uses; all if empty


class Guest:
    """A booted machine in which regions are measured."""

    def __init__(self, host: Host, options: Options, build: Path, logs: Path,
                 stack: ExitStack) -> None:
        if host.files:
            scratch = tempfile.TemporaryDirectory(prefix="state-", dir=logs)
            options = replace(
                options, state=Path(stack.enter_context(scratch))
            )
        self.machine = stack.enter_context(
            Machine(host.shape, options, build, logs / host.place)
        )
        self.machine.start()
        self._cxl = GuestCxl(self.machine)

    def make(self, case: Case) -> Region:
        """The region of @case, with a device node to map."""
        self._region = self._cxl.create_region(
            case.devices, case.region_kind, case.window, case.granularity
        )
        self._node = self._dax(case, self._region)
        return self._region

    def use(self, case: Case, effort: Effort) -> Row:
        """What the region that was made is like."""
        return Row(case.name, self._mapping(self._region),
                   self._uses(self._node, effort))

    def destroy(self, case: Case) -> None:
        """The region of @case goes."""
        if case.region_kind == "pmem":
            self.machine.check(
                f"ndctl destroy-namespace -f -r {self._region.name} all",
                PATIENCE,
            )
        self._cxl.destroy_region(self._region.name)

    def measure(self, case: Case, effort: Effort) -> Row:
        """All of that."""
        self.make(case)
        row = self.use(case, effort)
        self.destroy(case)
        return row

    def _dax(self, case: Case, region: Region) -> str:
        if case.region_kind == "ram":
            return self._cxl.device_dax(region.name)
        # What Linux keeps of the pages is in ordinary memory.
        made = self._cxl.json(
            f"ndctl create-namespace -m devdax -M mem -r {region.name}"
        )
        return str(made["daxregion"]["devices"][0]["chardev"])

    def _mapping(self, region: Region) -> str:
        """As QEMU says; '?' from one that does not."""
        try:
            listed = self.machine.qmp.cmd("query-cxl-mappings")
        except Exception as error:  # pylint: disable=broad-except
            if "not been found" in str(error):
                return "?"
            raise
        kinds = [item["kind"] for item in listed
                 if item["base"] == region.base]
        if not kinds:
            raise WrongAnswer(f"QEMU does not map {region.name}")
        return str(kinds[0])

    def _uses(self, dax: str, effort: Effort) -> tuple[Use, ...]:
        command = (f"membench /dev/{dax} {SPAN} {effort.runs} "
                   f"{effort.milliseconds}")
        lines: list[str] = []
        for name in effort.names or ("",):
            lines += self.machine.check(
                f"{command} {name}", PATIENCE
            ).splitlines()
        words = [line.split() for line in lines]
        if not words:
            raise WrongAnswer("membench measured nothing")
        return tuple(
            Use(name, unit, float(ordinary), float(cxl))
            for name, unit, ordinary, cxl in words
        )


def options_for(
    qemu: list[str] | None, build: Path, accel: str,
    programs: list[tuple[Path, str]],
) -> Options:
    """For guests of @qemu, or ours, with @programs in them."""
    _, options = prepare(
        Wishes(build=build, accel=accel, include=programs), "agent"
    )
    return replace(options, qemu=qemu) if qemu else options


def measure_all(
    cases: list[Case], effort: Effort, options: Options, build: Path,
    logs: Path, tell: Callable[[Row], None],
) -> list[Row]:
    """Boot each machine once; @tell(row) after each region."""
    rows: list[Row] = []
    for host in dict.fromkeys(case.host for case in cases):
        with ExitStack() as stack:
            guest = Guest(host, options, build, logs, stack)
            for case in cases:
                if case.host == host:
                    rows.append(guest.measure(case, effort))
                    tell(rows[-1])
    return rows


@dataclass(frozen=True)
class Side:
    """One of those that are measured side by side."""

    name: str
    host: Host
    options: Options


class Sides:
    """Guests that are up at once, to take turns.

    The first must work; that another does not is a result, and ends its part.
    """

    def __init__(self, sides: list[Side], build: Path, logs: Path,
                 stack: ExitStack) -> None:
        self._first = sides[0].name
        self._guests: dict[str, Guest] = {}
        for side in sides:
            self._each(
                side.name, side.host.name,
                lambda side=side: self._guests.update({side.name: Guest(
                    side.host, side.options, build, logs / side.name, stack
                )}),
            )

    def _each(self, name: str, what: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except VmError as error:
            if name == self._first:
                raise
            print(f"{name}, {what}: {error}")
            self._guests.pop(name, None)
            return None

    def _all(self, what: str, action: Callable[[Guest], Any]
             ) -> dict[str, Any]:
        done = {
            name: self._each(name, what, lambda guest=guest: action(guest))
            for name, guest in list(self._guests.items())
        }
        return {name: value for name, value in done.items()
                if name in self._guests}

    def measure(self, case: Case, effort: Effort) -> dict[str, Row]:
        """The best of each, by name, over turns of one run each."""
        once = replace(effort, runs=1)
        found: dict[str, Row] = {}
        self._all(case.name, lambda guest: guest.make(case))
        for _ in range(effort.runs):
            rows = self._all(case.name, lambda guest: guest.use(case, once))
            found = {
                name: row.better_of(found.get(name, row))
                for name, row in rows.items()
            }
        self._all(case.name, lambda guest: guest.destroy(case))
        return found
