# SPDX-License-Identifier: GPL-2.0-or-later
"""The private apt's reading of the host's source entries."""

import tempfile
import unittest
from pathlib import Path

from debian_apt import AptError, PrivateApt, SourceEntry, host_entry

DEB822 = """\
# a comment
Types: deb deb-src
# another, inside the stanza
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /k/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.invalid/debian-security
Suites: bookworm-security
Components: main
"""
THIRD_PARTY = "deb [arch=amd64 signed-by=/k/x.gpg] http://x.invalid/r stable main\n"


class HostEntryTest(unittest.TestCase):
    """host_entry()."""

    def entry(self, **files: str) -> SourceEntry:
        """The entry found in an /etc/apt with these files."""
        with tempfile.TemporaryDirectory() as scratch:
            etc = Path(scratch)
            (etc / "sources.list.d").mkdir()
            for name, text in files.items():
                name = name.replace("_", ".")
                place = etc if name == "sources.list" else (
                    etc / "sources.list.d")
                (place / name).write_text(text, encoding="utf-8")
            return host_entry(etc)

    def test_deb822(self) -> None:
        found = self.entry(debian_sources=DEB822)
        self.assertEqual(found.uris, "http://mirror.invalid/debian")
        self.assertEqual(found.signed_by, "/k/debian-archive-keyring.gpg")

    def test_one_line(self) -> None:
        found = self.entry(sources_list="deb [signed-by=/k/d.gpg] "
                           "http://m.invalid/debian/ trixie main # c\n")
        self.assertEqual((found.uris, found.suites, found.signed_by),
                         ("http://m.invalid/debian/", ("trixie",), "/k/d.gpg"))

    def test_debian_before_third_parties(self) -> None:
        found = self.entry(sources_list=THIRD_PARTY, debian_sources=DEB822)
        self.assertEqual(found.uris, "http://mirror.invalid/debian")

    def test_disabled_entry_is_not_taken(self) -> None:
        with self.assertRaises(AptError):
            self.entry(debian_sources="Enabled: no\n" + DEB822.split("\n\n")[0]
                       .replace("# a comment\n", ""))

    def test_inline_key_is_kept_whole(self) -> None:
        key = "Signed-By:\n -----BEGIN\n .\n abc\n -----END"
        found = self.entry(debian_sources=DEB822.replace(
            "Signed-By: /k/debian-archive-keyring.gpg", key))
        self.assertIn(" .\n abc\n -----END", found.signed_by)

    def test_none(self) -> None:
        with self.assertRaisesRegex(AptError, "no source entry"):
            self.entry(sources_list="# nothing\n")


class ParseTest(unittest.TestCase):
    """apt-get --print-uris."""

    def test_print_uris(self) -> None:
        rows = PrivateApt._parse_uris(
            "'http://m/p/a_1%3a2_all.deb' a_1%3a2_all.deb 12 SHA256:ab\n"
            "'http://m/b.deb' b.deb 5 MD5Sum:cd\nNotice\n")
        self.assertEqual(rows, {"a_1%3a2_all.deb": "ab", "b.deb": ""})
