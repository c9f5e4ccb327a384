# SPDX-License-Identifier: GPL-2.0-or-later
"""Find the groups, run them, report."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
import traceback
from pathlib import Path

import checks
from cxl_vm.errors import VmError
from cxl_vm.packages import FULL

from . import silent
from .group import Failure, Group, label
from .lab import Lab
from .tap import Tap

LONG = 5


def groups() -> list[type[Group]]:
    """All groups, by module, in the order they are written."""
    found: list[type[Group]] = []
    for info in sorted(
        pkgutil.iter_modules(checks.__path__), key=lambda info: info.name
    ):
        module = importlib.import_module(f"checks.{info.name}")
        found += [
            item for item in vars(module).values()
            if isinstance(item, type) and issubclass(item, Group)
            and item.__module__ == module.__name__ and item.checks()
        ]
    return found


def _is_slow(group: type[Group], name: str) -> bool:
    return group.slow or getattr(getattr(group, name), "slow", False)


def select(
    pattern: str | None, slow: bool, full: bool
) -> dict[type[Group], list[str]]:
    """The checks whose label has @pattern in it, by group.

    @slow: also those that take long; @full: also those of the full kernel.
    """
    chosen: dict[type[Group], list[str]] = {}
    for group in groups():
        if group.kernel_suite == FULL and not full:
            continue
        names = [
            name for name in group.checks()
            if (slow or not _is_slow(group, name))
            and (not pattern or re.search(pattern, label(group, name)))
        ]
        if names:
            chosen[group] = names
    return chosen


def run(
    chosen: dict[type[Group], list[str]], build: Path, logs: Path
) -> int:
    """Run what was chosen; how many failed."""
    tap = Tap(sum(len(names) for names in chosen.values()))
    for group, names in chosen.items():
        began = time.monotonic()
        _run_group(tap, group, names, Lab(group, build, logs))
        taken = time.monotonic() - began
        tap.note(f"{group.__name__}: {taken:.1f} s")
    return tap.failed


def run_silent(chosen: dict[type[Group], list[str]], build: Path) -> int:
    """1 if a check passes without a guest: such a one could never fail."""
    tap = Tap(1)
    passing = silent.passing(chosen, build)
    tap.point(
        "every check fails when the guest says nothing",
        "these pass: " + ", ".join(passing) if passing else None,
    )
    return tap.failed


def _run_group(
    tap: Tap, group: type[Group], names: list[str], lab: Lab
) -> None:
    instance = group(lab)
    ready = booted = False
    try:
        for name in names:
            began = time.monotonic()
            error = None if ready else _attempt(lab.start, lab)
            if error and not booted:
                # Nor will it boot for the others.
                for missed in names[names.index(name):]:
                    tap.point(label(group, missed), error)
                return
            booted = True
            if error is None:
                error = one_check(instance, name, lab)
            ready = error is None
            if not ready:
                # What is left of a failed check must not fail the next.
                lab.stop()
            tap.point(label(group, name), error)
            if time.monotonic() - began > LONG:
                tap.note(f"took {time.monotonic() - began:.1f} s")
    finally:
        lab.stop()


def _attempt(action, lab: Lab) -> str | None:
    """Run @action; why it failed, or None."""
    try:
        action()
    except (VmError, Failure) as error:
        return f"{error}\nlogs: {lab.logs}"
    except Exception:
        return f"{traceback.format_exc()}\nlogs: {lab.logs}"
    return None


def one_check(instance: Group, name: str, lab: Lab) -> str | None:
    """Run one check and clean up after it; why it failed, or None."""
    method = getattr(instance, name)

    def whole() -> None:
        lab.new_trouble()
        method()
        if instance.boots:
            instance.clean()
        trouble = lab.new_trouble()
        if trouble and not getattr(method, "warns", False):
            raise Failure("the kernel complained: " + "; ".join(trouble))

    return _attempt(whole, lab)
