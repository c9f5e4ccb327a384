# SPDX-License-Identifier: GPL-2.0-or-later
"""Lay our files over the base by link.

A directory that only we have is one link, so a new file in it is seen at
once; a file in a directory of the base's is a link of its own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath

from house.lists import ROOT, own_files
from house.ui import HouseError


def is_our_link(tree: Path, path: Path) -> bool:
    """Whether @path in @tree is a link that we laid."""
    if not path.is_symlink():
        return False
    target = os.path.normpath(path.parent / os.readlink(path))
    return Path(target) == ROOT / path.relative_to(tree)


def _link_point(tree: Path, name: str) -> str:
    """The outermost part of @name that the base does not have."""
    parts = PurePosixPath(name).parts
    for depth in range(1, len(parts)):
        path = tree.joinpath(*parts[:depth])
        if not path.is_dir() or is_our_link(tree, path):
            return "/".join(parts[:depth])
    return name


def plan(tree: Path) -> list[str]:
    """Paths to link, relative to the repository and to the base alike."""
    points = set()
    for name in own_files():
        point = _link_point(tree, name)
        path = tree / point
        if path.exists() and not is_our_link(tree, path):
            raise HouseError(
                f"{name} shadows a file of the base: rename it, or list it "
                "in base/drop if it replaces the base's"
            )
        points.add(point)
    return sorted(points)


def _make_link(tree: Path, point: str) -> bool:
    link = tree / point
    target = os.path.relpath(ROOT / point, link.parent)
    if link.is_symlink():
        if os.readlink(link) == target:
            return False
        link.unlink()
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
    return True


def lay(tree: Path, state: Path) -> int:
    """Bring the links up to date; the number of links changed."""
    points = plan(tree)
    manifest = state / "links.json"
    try:
        old = set(json.loads(manifest.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        old = set()
    changed = 0
    for point in old - set(points):
        if is_our_link(tree, tree / point):
            (tree / point).unlink()
            changed += 1
    manifest.write_text(json.dumps(points), encoding="utf-8")
    return changed + sum(_make_link(tree, point) for point in points)
