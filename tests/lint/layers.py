#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An include may only point up: host -> model -> core -> spec.

spec and core may take nothing else from the base than the few plain headers
named here, so that they build stand-alone.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from common import Problems, files, is_c, parse_root, read, tell

LAYERS = ["spec", "core", "model", "host"]
PLACES = {
    "include/hw/cxl/spec/": "spec",
    "hw/cxl/core/": "core",
    "hw/cxl/model/": "model",
    "hw/cxl/host/": "host",
}
# The seam: what the base's own files include. Model and host may too; it may
# itself take only spec and core.
SEAM = re.compile(r"^(include/hw/cxl/\w+\.h|include/hw/acpi/cxl\.h)$")
PLAIN = {"qemu/osdep.h", "hw/registerfields.h"} | {
    f"qemu/{name}.h" for name in (
        "bswap", "bitops", "bitmap", "host-utils", "queue", "range", "units",
        "uuid",
    )
}
SYSTEM = {"glib.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def layer_of(path: str) -> str | None:
    """The layer that a file of ours is in; None outside the four."""
    for place, layer in PLACES.items():
        if path.startswith(place):
            return layer
    return "seam" if SEAM.match(path) else None


def resolve(includer: str, included: str, ours: set[str]) -> str | None:
    """Our file that an include names; None if it is the base's."""
    beside = os.path.normpath(os.path.join(os.path.dirname(includer),
                                           included))
    for path in (beside, included, f"include/{included}"):
        if path in ours:
            return path
    return None


def allowed(includer: str, included: str) -> bool:
    """Whether layer @includer may see layer @included."""
    if included == "seam":
        return includer in ("model", "host", "seam")
    if includer == "seam":
        return included in ("spec", "core")
    return LAYERS.index(included) <= LAYERS.index(includer)


def check_include(
    name: str, layer: str, bracket: str, included: str, ours: set[str]
) -> str | None:
    """What is wrong with one include, if anything."""
    target = resolve(name, included, ours) if bracket == '"' else None
    if target:
        other = layer_of(target)
        if other and not allowed(layer, other):
            return f"{layer} includes {other} ({included})"
        if other is None and layer in ("spec", "core"):
            return f"{layer} includes {target}, which is in no layer"
        return None
    if layer in ("spec", "core"):
        plain = PLAIN if bracket == '"' else SYSTEM
        if included not in plain:
            return f"{layer} includes {included} from outside"
    return None


def check(root: Path) -> dict[str, Problems]:
    """Problems by layer."""
    ours = set(files(root))
    problems: dict[str, Problems] = {
        layer: [] for layer in [*LAYERS, "seam"]
    }
    for name in sorted(ours):
        layer = layer_of(name)
        if not layer or not is_c(name):
            continue
        for number, line in enumerate((read(root, name) or "").split("\n"), 1):
            match = INCLUDE.match(line)
            wrong = match and check_include(name, layer, *match.groups(), ours)
            if wrong:
                problems[layer].append(f"{name}:{number}: {wrong}")
    return problems


def main() -> int:
    """Command line entry."""
    found = check(parse_root())
    return tell([(f"includes of {layer} point up", problems)
                 for layer, problems in found.items()])


if __name__ == "__main__":
    sys.exit(main())
