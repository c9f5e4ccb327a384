# SPDX-License-Identifier: GPL-2.0-or-later
"""Options of the guests' kernel that did not come about are noticed."""

import unittest

from house.guest_kernel import FRAGMENT, OPTION, lost


class Lost(unittest.TestCase):
    """house.guest_kernel.lost()"""

    def test_all_there(self) -> None:
        """Comments and other options do not matter."""
        self.assertEqual(
            lost("CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\n",
                 "# why\nCONFIG_A=y\n"), [])

    def test_missing_and_different(self) -> None:
        """What is off, absent or a module is named."""
        self.assertEqual(
            lost("CONFIG_A=m\n# CONFIG_B is not set\n",
                 "CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=y\n"),
            ["CONFIG_A=y", "CONFIG_B=y", "CONFIG_C=y"])

    def test_fragment(self) -> None:
        """Every line of the fragment is an option or a comment."""
        for line in FRAGMENT.read_text(encoding="utf-8").splitlines():
            self.assertTrue(
                not line or line.startswith("#") or OPTION.fullmatch(line),
                line)
