# SPDX-License-Identifier: GPL-2.0-or-later
"""Boxes, lines and texts of a picture; all lengths in pixels."""

from __future__ import annotations

from xml.etree import ElementTree

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
# The widest of those fonts: no text is longer than this says.
_EM, _EM_BOLD = 0.64, 0.72
Element = ElementTree.Element


def text_width(text: str, size: float, bold: bool = False) -> float:
    """At least the width of @text in letters of @size."""
    return len(text) * size * (_EM_BOLD if bold else _EM)


def fitted(text: str, size: float, width: float, bold: bool = False) -> str:
    """@text, or as much of it as fits into @width."""
    if text_width(text, size, bold) <= width:
        return text
    room = int(width / (size * (_EM_BOLD if bold else _EM))) - 1
    return text[:max(room, 1)] + "…"


def _clean(text: str) -> str:
    """@text without what XML has no way to write."""
    return "".join(
        letter if letter.isprintable() else " " for letter in text
    )


class Canvas:
    """A picture that grows as it is drawn on."""

    def __init__(self) -> None:
        self._root = Element("svg", {
            "xmlns": "http://www.w3.org/2000/svg", "font-family": FONT,
        })

    def _add(self, tag: str, title: str = "", **attributes: object) -> Element:
        element = ElementTree.SubElement(self._root, tag, {
            name.replace("_", "-"):
                f"{value:.6g}" if isinstance(value, float) else str(value)
            for name, value in attributes.items()
        })
        if title:
            ElementTree.SubElement(element, "title").text = _clean(title)
        return element

    def box(
        self, x: float, y: float, width: float, height: float, fill: str,
        stroke: str = "none", radius: float = 0, title: str = "",
        dashed: bool = False,
    ) -> None:
        """A rectangle; @title is shown when the mouse is over it."""
        extra = {"stroke_dasharray": "4 3"} if dashed else {}
        if stroke != "none":
            # Whole pixels are sharp.
            x, y, width, height = x + 0.5, y + 0.5, width - 1, height - 1
        self._add("rect", title, x=x, y=y, width=width, height=height,
                  rx=radius, fill=fill, stroke=stroke, **extra)

    def line(self, points: list[tuple[float, float]], stroke: str,
             width: float = 1.5) -> None:
        """A line through @points."""
        self._add("polyline", fill="none", stroke=stroke, stroke_width=width,
                  points=" ".join(f"{x:g},{y:g}" for x, y in points))

    def text(
        self, x: float, y: float, text: str, size: float, fill: str,
        bold: bool = False, anchor: str = "start",
    ) -> float:
        """@text on the base line @y; its greatest width."""
        extra = {"font_weight": "600"} if bold else {}
        element = self._add("text", x=x, y=y, font_size=size, fill=fill,
                            text_anchor=anchor, **extra)
        element.text = _clean(text)
        return text_width(text, size, bold)

    def render(self, width: float, height: float, title: str) -> str:
        """The file's text."""
        wide, high = f"{width:.0f}", f"{height:.0f}"
        self._root.set("width", wide)
        self._root.set("height", high)
        self._root.set("viewBox", f"0 0 {wide} {high}")
        heading = Element("title")
        heading.text = _clean(title)
        ground = Element("rect", {"width": "100%", "height": "100%",
                                  "fill": "#ffffff"})
        self._root.insert(0, heading)
        self._root.insert(1, ground)
        ElementTree.indent(self._root)
        return ElementTree.tostring(
            self._root, encoding="unicode", xml_declaration=False
        ) + "\n"
