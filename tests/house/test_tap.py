# SPDX-License-Identifier: GPL-2.0-or-later
"""What the test runner counts, and what it takes for a failure."""

import unittest

from house.tap import Tally


def tally(text: str, status: int = 0) -> Tally:
    """Feed a whole output."""
    found = Tally()
    for line in text.splitlines():
        found.feed(line)
    found.finish(status)
    return found


class CountTest(unittest.TestCase):
    """Counting points."""

    def test_plan_first_and_last(self) -> None:
        for text in ("1..2\nok 1 a\nok 2 b\n", "ok 1 a\nok 2 b\n1..2\n"):
            self.assertEqual((tally(text).passed, tally(text).failures),
                             (2, []))

    def test_failure_is_named(self) -> None:
        found = tally("1..2\nok 1 a\nnot ok 2 - /the/point\n", 1)
        self.assertEqual((found.passed, found.failures), (1, ["/the/point"]))

    def test_skip_is_not_passed(self) -> None:
        found = tally("1..2\nok 1 a # SKIP no disk\nok 2 b\n")
        self.assertEqual((found.passed, found.skipped), (1, 1))

    def test_all_skipped(self) -> None:
        found = tally("1..0 # SKIP not here\n")
        self.assertEqual((found.passed, found.skipped, found.failures),
                         (0, 1, []))

    def test_glib_status_when_all_skipped(self) -> None:
        found = tally("1..1\nok 1 a # SKIP\n", 77)
        self.assertEqual((found.skipped, found.failures), (1, []))

    def test_subtests_count_once(self) -> None:
        found = tally("1..1\n# Subtest: s\n    1..2\n    ok 1 a\n"
                      "    not ok 2 b\nnot ok 1 s\n", 1)
        self.assertEqual((found.passed, found.failures), (1, ["b"]))

    def test_subtest_summary_alone_fails(self) -> None:
        found = tally("1..1\n    ok 1 a\n    1..1\nnot ok 1 s\n", 1)
        self.assertEqual((found.passed, found.failures), (1, ["s"]))


class IncompleteTest(unittest.TestCase):
    """What makes a stream incomplete is a failure."""

    def test_no_plan(self) -> None:
        self.assertEqual(len(tally("ok 1 a\n").failures), 1)

    def test_nothing_at_all(self) -> None:
        self.assertEqual(len(tally("").failures), 1)

    def test_fewer_points_than_planned(self) -> None:
        self.assertEqual(len(tally("1..3\nok 1 a\n").failures), 1)

    def test_subtest_cut_short(self) -> None:
        found = tally("1..1\n    1..3\n    ok 1 a\nok 1 s\n")
        self.assertEqual(len(found.failures), 1)

    def test_bad_status(self) -> None:
        self.assertEqual(len(tally("1..1\nok 1 a\n", 134).failures), 1)

    def test_bail_out(self) -> None:
        found = tally("ok 1 a\nBail out! broken\n", 134)
        self.assertEqual(found.failures,
                         ["Bail out! broken (the rest was not run)"])
