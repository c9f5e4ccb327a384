# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of the speed of memory."""

from __future__ import annotations

from speed import Row, Use
from speed_plan import Case

NAME, KIND, CELL = 32, 8, 19


def _value(value: float, unit: str) -> str:
    """At most seven characters; what is too long for them in ns is in us."""
    if unit == "ns" and value >= 1e5:
        return f"{value / 1e3:.0f}us"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


class Table:
    """One line for each region, as it is measured."""

    def __init__(self) -> None:
        self._headed = False

    def head(self, uses: tuple[Use, ...]) -> None:
        """The names of the columns."""
        cells = [f"{use.name + ' ' + use.unit:>{CELL}}" for use in uses]
        print(f"{'memory':<{NAME}}{'mapping':<{KIND}}" + "".join(cells))

    def add(self, row: Row) -> None:
        """A line; the first one has headings above."""
        if not self._headed:
            self._headed = True
            self.head(row.uses)
        cells = []
        for use in row.uses:
            text = f"{_value(use.cxl, use.unit)} ({use.ratio:.2g})"
            cells.append(f"{text:>{CELL}}")
        print(f"{row.name:<{NAME}}{row.mapping:<{KIND}}" + "".join(cells),
              flush=True)


class SideTable:
    """Ours, ours when it may not weave, and a peer's, for each use."""

    def __init__(self, first: str) -> None:
        self._first = first
        print(f"{'region':<16}{'use':<14}"
              f"{'side':<18}{'mapping':<9}{'value':>9}"
              f"{'of ordinary':>13}{'of peer':>11}")

    def add(self, case: Case, rows: dict[str, Row]) -> None:
        """All sides of one region."""
        peer = rows.get("peer")
        for index, use in enumerate(rows[self._first].uses):
            for name, row in rows.items():
                mine = row.uses[index]
                against = "-"
                if peer and row is not peer:
                    against = f"{mine.versus(peer.uses[index].cxl):.3g}x"
                print(f"{case.ways}-way {case.granularity:<10}"
                      f"{use.name + ' ' + use.unit:<14}"
                      f"{name:<18}{row.mapping:<9}"
                      f"{_value(mine.cxl, mine.unit):>9}"
                      f"{mine.ratio:>13.3g}{against:>11}", flush=True)
