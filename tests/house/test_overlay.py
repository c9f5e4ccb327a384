# SPDX-License-Identifier: GPL-2.0-or-later
"""Laying our files over a base, and patching it."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from house import overlay, patches
from house.ui import HouseError

PATCH = """\
base: say two

--- a/{name}
+++ b/{name}
@@ -1,3 +1,3 @@
 one
-{old}
+2
 three
"""


class TreeTest(unittest.TestCase):
    """A repository and a base in a scratch directory."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name).resolve() / "ours"
        self.tree, self.state = self.root / "b.base", self.root / "b/house"
        for path in (self.root, self.tree, self.state):
            path.mkdir(parents=True, exist_ok=True)
        self.own: list[str] = []
        for module in (overlay, patches):
            for name, value in (("ROOT", self.root),
                                ("own_files", lambda: sorted(self.own))):
                patcher = mock.patch.object(module, name, value)
                patcher.start()
                self.addCleanup(patcher.stop)
        patcher = mock.patch.object(patches, "PATCHES", self.root / "patches")
        patcher.start()
        self.addCleanup(patcher.stop)

    def put(self, where: Path, name: str, text: str = "x\n") -> None:
        """Make a file."""
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text, encoding="utf-8")

    def ours(self, name: str) -> None:
        """Make a file of ours."""
        self.put(self.root, name)
        self.own.append(name)


class OverlayTest(TreeTest):
    """Links."""

    def test_directory_of_ours_is_one_link(self) -> None:
        self.put(self.tree, "hw/Kconfig")
        self.ours("hw/cxl/core/a.c")
        self.ours("hw/cxl/b.c")
        self.assertEqual(overlay.plan(self.tree), ["hw/cxl"])
        overlay.lay(self.tree, self.state)
        self.put(self.root, "hw/cxl/new.c", "new\n")
        self.assertTrue((self.tree / "hw/cxl/new.c").is_file())

    def test_file_beside_the_base_is_a_link(self) -> None:
        self.put(self.tree, "qapi/a.json")
        self.ours("qapi/cxl.json")
        overlay.lay(self.tree, self.state)
        self.assertTrue((self.tree / "qapi/cxl.json").is_symlink())

    def test_second_run_changes_nothing(self) -> None:
        self.ours("hw/cxl/a.c")
        self.assertEqual(overlay.lay(self.tree, self.state), 1)
        self.assertEqual(overlay.lay(self.tree, self.state), 0)

    def test_shadow_is_refused(self) -> None:
        self.put(self.tree, "hw/pci/pci.c")
        self.ours("hw/pci/pci.c")
        with self.assertRaisesRegex(HouseError, "shadows"):
            overlay.lay(self.tree, self.state)

    def test_removed_file_loses_its_link(self) -> None:
        self.put(self.tree, "qapi/a.json")
        self.ours("qapi/cxl.json")
        overlay.lay(self.tree, self.state)
        self.own.clear()
        overlay.lay(self.tree, self.state)
        self.assertFalse((self.tree / "qapi/cxl.json").is_symlink())


class PatchTest(TreeTest):
    """patches/series."""

    def series(self, **texts: str) -> int:
        """Write the patches and apply them."""
        for name, text in texts.items():
            self.put(self.root, f"patches/{name}", text)
        with mock.patch.object(patches, "words", lambda _: list(texts)):
            return patches.Patched(self.tree, self.state).apply()

    def setUp(self) -> None:
        super().setUp()
        self.put(self.tree, "f", "one\ntwo\nthree\n")
        self.put(self.tree, "g", "one\ntwo\nthree\n")

    def text(self, name: str) -> str:
        """A file of the base."""
        return (self.tree / name).read_text(encoding="utf-8")

    def test_apply_once(self) -> None:
        patch = PATCH.format(name="f", old="two")
        self.assertEqual(self.series(p=patch), 1)
        self.assertEqual(self.text("f"), "one\n2\nthree\n")
        self.assertEqual(self.series(p=patch), 0)

    def test_changed_patch_rewrites_only_its_file(self) -> None:
        two = PATCH.format(name="f", old="two")
        other = PATCH.format(name="g", old="two")
        self.series(p=two, q=other)
        before = (self.tree / "g").stat().st_mtime_ns
        self.series(p=two.replace("+2", "+II"), q=other)
        self.assertEqual(self.text("f"), "one\nII\nthree\n")
        self.assertEqual((self.tree / "g").stat().st_mtime_ns, before)

    def test_dropped_patch_is_undone(self) -> None:
        self.series(p=PATCH.format(name="f", old="two"))
        self.series()
        self.assertEqual(self.text("f"), "one\ntwo\nthree\n")

    def test_new_file_comes_and_goes(self) -> None:
        self.series(p="say\n\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n")
        self.assertEqual(self.text("n"), "x\n")
        self.series()
        self.assertFalse((self.tree / "n").exists())

    def test_fuzz_is_refused_and_nothing_is_written(self) -> None:
        good = PATCH.format(name="f", old="two")
        bad = PATCH.format(name="g", old="two").replace(" three", " four")
        with self.assertRaisesRegex(HouseError, "q does not apply"):
            self.series(p=good, q=bad)
        self.assertEqual(self.text("f"), "one\ntwo\nthree\n")

    def test_patch_to_our_own_file_is_refused(self) -> None:
        self.ours("f")
        with self.assertRaisesRegex(HouseError, "our own"):
            self.series(p=PATCH.format(name="f", old="two"))

    def test_missing_patch_is_named(self) -> None:
        with mock.patch.object(patches, "words", lambda _: ["gone"]):
            with self.assertRaisesRegex(HouseError, "gone"):
                patches.Patched(self.tree, self.state).apply()
