# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw a topology as SVG: windows as bars, below them the bridges' trees.

A bridge has a colour; a window's bar is striped in the colours of its bridges,
in their order.
"""

from __future__ import annotations

from dataclasses import dataclass

from .drawing import summary
from .performance import Performance
from .placing import Placed, placed
from .svg import Canvas, fitted, text_width
from .topology import Bridge, Device, Port, Switch, Topology, Window
from .units import KIB, format_size

PALETTE = (
    "#2f6fb0", "#d9772b", "#3f9a56", "#b8476b", "#7a5bb5", "#8c6a3f",
    "#2a9aa0", "#a39a1e", "#5b7286", "#c7522f", "#5f8f2a", "#9a4ea0",
    "#3b5ea8", "#b8862b", "#2f8573", "#8a4b57",
)
INK, GREY, LINE, PALE = "#1d2733", "#66727f", "#9aa5b1", "#f4f6f8"
RAM, PMEM = "#1f9e89", "#8a63c9"
MARGIN, GAP, COLUMNS = 28, 28, 4
ROW, NODE, NOTE = 34, 26, 15            # a line, a box in it, its small print
INDENT, HEADER, CHIP, RAIL = 26, 40, 22, 26
CAPACITY = 76                           # the bar in a device's box
LETTER, SMALL, TINY = 12.5, 10.5, 9.5
MAX_NOTE = 380
MIN_WIDTH, REGION = 760, 26
RESTRICTIONS = ((1, "device-coherent"), (2, "host-only coherent"),
                (4, "volatile"), (8, "persistent"), (16, "fixed"),
                (32, "back-invalidate"))


def _speed(speed: Performance | None) -> str:
    if not speed:
        return ""
    return (f"read {speed.read_latency} ns, {speed.read_bandwidth} MB/s;  "
            f"write {speed.write_latency} ns, {speed.write_bandwidth} MB/s")


@dataclass(frozen=True)
class Row:
    """A port with what is in it, @depth switches below the bridge."""

    port: Port
    depth: int
    last: bool                          # among its siblings

    @property
    def note(self) -> str:
        """Small print below the box."""
        device = self.port.device
        node = device or self.port.switch
        parts = (
            self.port.options, node.options if node else "",
            _speed(device.performance) if device else "",
        )
        return "  ".join(part for part in parts if part)

    @property
    def height(self) -> float:
        """The line, and its small print."""
        return ROW + (NOTE if self.note else 0)


def _rows(ports: tuple[Port, ...], depth: int = 0) -> list[Row]:
    rows = []
    for number, port in enumerate(ports):
        rows.append(Row(port, depth, number == len(ports) - 1))
        rows += _rows(port.below, depth + 1)
    return rows


def _label_width(port: Port) -> float:
    return text_width(port.name, SMALL) + 14


def _amounts(device: Device) -> list[tuple[int, str, str]]:
    return [(size, colour, word) for size, colour, word in (
        (device.volatile, RAM, "ram"), (device.persistent, PMEM, "pmem"),
    ) if size]


def _serial_width(port: Port) -> float:
    if not port.device:
        return 0
    return text_width(f"{port.device.serial:#x}", SMALL)


def _node_width(port: Port) -> float:
    """The room that a device's box takes beside its serial, or a switch's."""
    if port.device:
        sizes = "  ".join(format_size(item[0]) for item in
                          _amounts(port.device))
        return (text_width(port.device.name, LETTER, True)
                + text_width(sizes, SMALL, True) + CAPACITY + 60)
    if port.switch:
        return text_width(port.switch.name + _ports_text(port.switch),
                          LETTER, True) + 40
    return 90


def _ports_text(switch: Switch) -> str:
    count = len(switch.ports)
    return f"switch, {count} port{'' if count == 1 else 's'}"


def _lighter(colour: str, part: float) -> str:
    """@colour mixed with @part of white, 0 to 1."""
    mixed = (
        round(int(colour[at:at + 2], 16) * (1 - part) + 255 * part)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{value:02x}" for value in mixed)


class Panel:
    """One bridge with its tree."""

    def __init__(self, topology: Topology, bridge: Bridge, colour: str
                 ) -> None:
        self.bridge = bridge
        self.colour = colour
        self.rows = _rows(bridge.ports)
        self.windows = [
            (number, window.targets.index(bridge.name))
            for number, window in enumerate(topology.windows)
            if bridge.name in window.targets
        ]
        self._most = max(
            (dev.volatile + dev.persistent for dev in topology.devices),
            default=1,
        )
        # The bars of all devices end at the same place.
        self._serials = max(
            (_serial_width(row.port) for row in self.rows), default=0
        )
        self.width = max([310.0] + [
            40 + row.depth * INDENT + _label_width(row.port) + 16
            + max(_node_width(row.port) + self._serials,
                  min(text_width(row.note, TINY) + 6, MAX_NOTE))
            for row in self.rows
        ])
        self._across = max(1, int((self.width - 28) // 38))
        self.chip_lines = -(-len(self.windows) // self._across)

    @property
    def height(self) -> float:
        """Header, window chips and rows."""
        return (HEADER + self.chip_lines * (CHIP + 4) + 10
                + sum(row.height for row in self.rows) + 8)

    def draw(self, canvas: Canvas, x: float, y: float, height: float) -> None:
        """Draw at @x, @y; the frame has @height."""
        canvas.box(x, y, self.width, height, _lighter(self.colour, 0.94),
                   _lighter(self.colour, 0.45), 8)
        words = (self.bridge.name, self.bridge.options,
                 _speed(self.bridge.generic_port))
        canvas.box(x, y, self.width, HEADER - 8, self.colour, radius=8,
                   title=" ".join(word for word in words if word))
        canvas.box(x, y + 16, self.width, HEADER - 24, self.colour)
        buses = f"host bridge, buses {self.bridge.bus:#04x} to " \
                f"{self.bridge.last_bus:#04x}"
        room = self.width - 30 - text_width(buses, SMALL)
        canvas.text(x + 14, y + 21,
                    fitted(self.bridge.name, 14, room, True), 14, "#ffffff",
                    True)
        canvas.text(x + self.width - 12, y + 21, buses, SMALL, "#ffffff",
                    anchor="end")
        self._chips(canvas, x + 14, y + HEADER)
        top = y + HEADER + self.chip_lines * (CHIP + 4) + 4
        self._tree(canvas, x, top)

    def _chips(self, canvas: Canvas, x: float, y: float) -> None:
        for at, (number, position) in enumerate(self.windows):
            left = x + at % self._across * 38
            top = y + at // self._across * (CHIP + 4)
            canvas.box(left, top, 34, CHIP - 4, "#ffffff", self.colour, 9,
                       f"target {position} of window {number}")
            canvas.text(left + 17, top + 13, f"W{number}", SMALL,
                        self.colour, True, "middle")

    def _tree(self, canvas: Canvas, x: float, y: float) -> None:
        # Where the trunk of each depth begins.
        trunks = [y - 4]
        for row in self.rows:
            middle = y + ROW / 2
            left = x + 18 + row.depth * INDENT
            canvas.line([(left, trunks[row.depth]), (left, middle),
                         (left + 14, middle)], LINE)
            # The next sibling's line goes on from here.
            trunks[row.depth] = middle
            del trunks[row.depth + 1:]
            trunks.append(middle + NODE / 2)
            self._row(canvas, row, left + 14, x + self.width - 12, middle)
            y += row.height

    def _row(self, canvas: Canvas, row: Row, left: float, right: float,
             middle: float) -> None:
        port, width = row.port, _label_width(row.port)
        canvas.box(left, middle - 9, width, 18, "#ffffff", LINE, 4, port.name)
        canvas.text(left + width / 2, middle + 4, port.name, SMALL, GREY,
                    anchor="middle")
        start = left + width + 14
        canvas.line([(left + width, middle), (start, middle)], LINE)
        if port.device:
            self._device(canvas, port.device, start, right, middle)
        elif port.switch:
            self._switch(canvas, port.switch, start, right, middle)
        else:
            canvas.box(start, middle - 11, 64, 22, "none", LINE, 5,
                       dashed=True)
            canvas.text(start + 32, middle + 4, "empty", SMALL, GREY,
                        anchor="middle")
        if row.note:
            canvas.text(start + 2, middle + ROW / 2 + 8, fitted(
                row.note, TINY, right - start), TINY, GREY)

    def _switch(self, canvas: Canvas, switch: Switch, left: float,
                right: float, middle: float) -> None:
        canvas.box(left, middle - NODE / 2, right - left, NODE,
                   _lighter(self.colour, 0.78), self.colour, 5, switch.name)
        width = canvas.text(left + 10, middle + 4.5, switch.name, LETTER,
                            INK, True)
        canvas.text(max(left + 22 + width, right - 10), middle + 4,
                    _ports_text(switch), SMALL, GREY, anchor="end")

    def _device(self, canvas: Canvas, device: Device, left: float,
                right: float, middle: float) -> None:
        amounts = _amounts(device)
        words = ", ".join(f"{format_size(size)} {word}"
                          for size, _, word in amounts)
        canvas.box(left, middle - NODE / 2, right - left, NODE, "#ffffff",
                   _lighter(self.colour, 0.35), 5,
                   f"{device.name}: {words}, serial {device.serial:#x}")
        canvas.box(left, middle - NODE / 2, 5, NODE, self.colour, radius=2)
        canvas.text(left + 13, middle + 4.5, device.name, LETTER, INK, True)
        canvas.text(right - 10, middle + 4, f"{device.serial:#x}", SMALL,
                    GREY, anchor="end")
        end = right - 20 - self._serials
        bar = end - CAPACITY
        canvas.box(bar, middle - 4, CAPACITY, 8, "#e7ebef", radius=2)
        for size, colour, _ in amounts:
            width = CAPACITY * size / self._most
            canvas.box(bar, middle - 4, max(width, 2), 8, colour, radius=2)
            bar += width
        edge = end - CAPACITY - 8
        for size, colour, _ in reversed(amounts):
            canvas.text(edge, middle + 4, format_size(size), SMALL, colour,
                        True, "end")
            edge -= text_width(format_size(size), SMALL, True) + 6


def _bytes(size: int) -> str:
    return f"{size} B" if size < KIB else f"{size // KIB} KiB"


def window_words(window: Window) -> str:
    """Everything about a window but its number, size and targets."""
    ways = len(window.targets)
    words = []
    if ways > 1:
        how = " by XOR" if window.arithmetic == "xor" else ""
        words = [f"{ways}-way{how}", f"{_bytes(window.granularity)} granularity"]
    if window.restrictions is not None:
        words += [name for bit, name in RESTRICTIONS
                  if window.restrictions & bit]
    if window.qtg is not None:
        words.append(f"QTG {window.qtg}")
    if window.qtg_max_latency is not None:
        words.append(f"at most {window.qtg_max_latency} ns")
    if window.qtg_min_bandwidth is not None:
        words.append(f"at least {window.qtg_min_bandwidth} MB/s")
    return ", ".join(words)


class Picture:
    """The whole: title, windows, panels, legend."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._colours = {
            bridge.name: PALETTE[number % len(PALETTE)]
            for number, bridge in enumerate(topology.bridges)
        }
        panels = [
            Panel(topology, bridge, self._colours[bridge.name])
            for bridge in topology.bridges
        ]
        self._lines = [panels[at:at + COLUMNS]
                       for at in range(0, len(panels), COLUMNS)]
        self._width = max([MIN_WIDTH] + [
            sum(panel.width + GAP for panel in line) - GAP + 2 * MARGIN
            for line in self._lines
        ])
        self._regions = placed(topology)
        self._canvas = Canvas()

    def render(self) -> str:
        """The SVG file's text."""
        topology, canvas = self._topology, self._canvas
        room = self._width - 2 * MARGIN
        canvas.text(MARGIN, 44, fitted(topology.name, 22, room, True), 22,
                    INK, True)
        canvas.text(MARGIN, 68, fitted(topology.description, 13, room), 13,
                    INK)
        canvas.text(MARGIN, 88, fitted(summary(topology), 11.5, room), 11.5,
                    GREY)
        y = self._windows(106)
        for line in self._lines:
            y = self._panels(line, y)
        y = self._legend(y + 12)
        return canvas.render(self._width, y + MARGIN - 8, topology.name)

    def _windows(self, y: float) -> float:
        """Host memory; the y below it."""
        windows = self._topology.windows
        room = self._width - 2 * MARGIN
        height = 34 + 48 * len(windows) + REGION * len(self._regions)
        self._canvas.box(MARGIN, y, room, height, PALE, "#d5dbe1", 8)
        self._canvas.text(MARGIN + 14, y + 22, "Host: fixed memory windows"
                          if windows else "Host: no memory windows", 12.5,
                          INK, True)
        largest = max((window.size for window in windows), default=1)
        at = y + 34
        for number, window in enumerate(windows):
            scale = (room - 28) / largest
            self._window(number, window, at, window.size * scale)
            at += 48
            for item in self._regions:
                if item.region.window == number:
                    self._region(item, at - 9, scale)
                    at += REGION
        return y + height

    def _region(self, item: Placed, y: float, scale: float) -> None:
        """Firmware's region: a thin bar below its window's, and words."""
        left, room = MARGIN + 14, self._width - 2 * MARGIN - 28
        colour = RAM if item.partition == "volatile" else PMEM
        start = min(item.offset * scale, room - 3)
        width = min(max(item.size * scale, 3), room - start)
        self._canvas.box(left + start, y, width, 7, colour, radius=2,
                         title=f"{item.region.name}: {item.words()}")
        self._canvas.text(left, y + 18, fitted(
            f"{item.region.name}  {item.words()}", SMALL, room), SMALL, GREY)

    def _window(self, number: int, window: Window, y: float, width: float
                ) -> None:
        canvas, left = self._canvas, MARGIN + 14
        label = f"W{number}"
        x = left + canvas.text(left, y + 12, label, 12, INK, True) + 8
        x += canvas.text(x, y + 12, format_size(window.size), 12, INK,
                         True) + 14
        words = window_words(window)
        targets = " → ".join(window.targets)
        text = f"{targets},  {words}" if words else targets
        room = self._width - 2 * MARGIN - 14 - x + MARGIN
        canvas.text(x, y + 12, fitted(text, 11.5, room), 11.5, GREY)
        self._stripes(window, left, y + 19, max(width, 24))

    def _stripes(self, window: Window, x: float, y: float, width: float
                 ) -> None:
        """A bar; the coarser the granularity, the wider its stripes."""
        ways = len(window.targets)
        stripe = width
        if ways > 1:
            stripe = 7 + 4 * (window.granularity.bit_length() - 9)
            stripe = min(stripe, width / ways)
        at = 0
        while at * stripe < width - 0.01:
            colour = self._colours[window.targets[at % ways]]
            self._canvas.box(
                x + at * stripe, y, min(stripe, width - at * stripe), 16,
                _lighter(colour, 0.12), title=window.targets[at % ways],
            )
            at += 1
        self._canvas.box(x, y, width, 16, "none", _lighter(INK, 0.45), 1)

    def _panels(self, line: list[Panel], y: float) -> float:
        """A row of bridges, hung on a rail; the y below it."""
        canvas, rail, top = self._canvas, y + RAIL / 2, y + RAIL
        height = max(panel.height for panel in line)
        x, stems = float(MARGIN), []
        for panel in line:
            stems.append(x + 32)
            panel.draw(canvas, x, top, panel.height)
            x += panel.width + GAP
        # Lower rows are reached by the margin.
        first = line is self._lines[0]
        begin = stems[0] if first else MARGIN - 12
        canvas.line([(begin, rail), (stems[-1], rail)], LINE)
        for stem in stems:
            canvas.line([(stem, rail), (stem, top)], LINE)
        if first:
            canvas.line([(stems[0], y), (stems[0], rail)], LINE)
        if len(self._lines) > 1:
            canvas.line([(MARGIN - 12, rail), (stems[0], rail)], LINE)
        if not first:
            canvas.line([(MARGIN - 12, self._rail), (MARGIN - 12, rail)],
                        LINE)
        self._rail = rail
        return top + height

    def _legend(self, y: float) -> float:
        x = MARGIN
        for colour, words in ((RAM, "volatile"), (PMEM, "persistent")):
            self._canvas.box(x, y + 3, 18, 8, colour, radius=2)
            x += 24
            x += self._canvas.text(x, y + 11, words, SMALL, GREY) + 18
        self._canvas.text(x, y + 11, "W0: target of window 0", SMALL, GREY)
        words = "right of a device: its serial number"
        x += text_width("W0: target of window 0", SMALL) + 18
        self._canvas.text(x, y + 11, words, SMALL, GREY)
        return y + 14


def picture(topology: Topology) -> str:
    """@topology as the text of an SVG file."""
    return Picture(topology).render()
