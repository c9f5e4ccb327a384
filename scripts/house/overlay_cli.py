# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/overlay: lay new files and changed patches without configuring."""

from __future__ import annotations

import sys
from pathlib import Path

from house.configure import lay_and_patch
from house.lists import ROOT
from house.ui import HouseError, fail


def main() -> int:
    """Command line entry."""
    build = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build"
    try:
        if not (build / "house/base.json").is_file():
            raise HouseError(f"{build} has no base tree: run ./configure")
        lay_and_patch(build.resolve())
    except HouseError as error:
        return fail(error)
    return 0
