#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fetch Debian packages of any suite without touching the host's apt.

Everything lives under one directory (normally build/apt): a source entry
derived from the machine's own, package lists, and a cache.  Only apt's own
tools are used, so every file is checked against the archive's signature.

    debian_apt.py --root build/apt --suite trixie candidate seabios
    debian_apt.py --root build/apt --suite trixie download OUT seabios

As a module: PrivateApt(root, suites) and its methods; each raises AptError
with one message that says what is wrong and what to do.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOUR = 3600
ARCHIVE_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
RELEASES = {
    "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid",
    "oldoldstable", "oldstable", "stable", "testing", "unstable",
}
# apt reads this last, so it wins over whatever the host's own files say:
# no post-update hooks, no caches or lists outside the private directory.
APT_CONF = """\
Dir::State "{root}/state";
Dir::State::lists "{root}/state/lists";
Dir::State::status "{root}/state/status";
Dir::State::extended_states "{root}/state/extended_states";
Dir::Cache "{root}/cache";
Dir::Cache::archives "{root}/cache/archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{root}/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "{root}/log";
APT::Architecture "{arch}";
#clear APT::Architectures;
APT::Architectures {{ "{arch}"; }};
APT::Default-Release "{release}";
APT::Install-Recommends "false";
APT::Get::Assume-Yes "true";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
"""


class AptError(Exception):
    """One message that names what is wrong and what to do."""


@dataclass(frozen=True)
class SourceEntry:
    """One place of the Debian archive, as the host's apt names it."""

    uris: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str

    def is_debian(self) -> bool:
        """True for the main archive of some Debian release."""
        return "main" in self.components and bool(RELEASES & set(self.suites))

    def rank(self) -> int:
        """How sure we are that this is Debian and not a third party."""
        sure = 2 if "debian-archive" in self.signed_by else 0
        path = self.uris.split()[0].rstrip("/")
        return sure + (1 if re.search(r"/debian(/\d{8}T\w+)?$", path) else 0)


def _deb822_stanzas(text: str) -> Iterator[dict[str, str]]:
    """Fields of each stanza, names lower-cased, long values kept whole."""
    stanza: dict[str, str] = {}
    last = ""
    for line in text.splitlines() + [""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if stanza:
                yield stanza
            stanza, last = {}, ""
        elif line[0] in " \t" and last:
            stanza[last] += "\n" + line
        elif ":" in line:
            name, _, value = line.partition(":")
            last = name.strip().lower()
            stanza[last] = value.strip()


def _entries_deb822(text: str) -> Iterator[SourceEntry]:
    for stanza in _deb822_stanzas(text):
        if stanza.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        if stanza.get("uris"):
            yield SourceEntry(
                stanza["uris"],
                tuple(stanza.get("suites", "").split()),
                tuple(stanza.get("components", "").split()),
                stanza.get("signed-by", ""),
            )


def _entries_one_line(text: str) -> Iterator[SourceEntry]:
    form = re.compile(r"^\s*deb(?:-src)?\s+(?:\[([^\]]*)\]\s+)?(.*)$")
    for line in text.splitlines():
        match = form.match(line.split("#", 1)[0])
        words = match.group(2).split() if match else []
        if not match or len(words) < 3:
            continue
        options = dict(
            word.split("=", 1)
            for word in (match.group(1) or "").split()
            if "=" in word
        )
        yield SourceEntry(
            words[0], (words[1],), tuple(words[2:]),
            options.get("signed-by", "").replace(",", " "),
        )


def host_entry(etc: Path = Path("/etc/apt")) -> SourceEntry:
    """The host's own entry for the Debian archive."""
    found: list[SourceEntry] = []
    parts = etc / "sources.list.d"
    files = [etc / "sources.list"]
    if parts.is_dir():
        files += sorted(parts.iterdir())
    for path in files:
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".sources":
            found += _entries_deb822(text)
        elif path.suffix == ".list":
            found += _entries_one_line(text)
    debian = [entry for entry in found if entry.is_debian()]
    if not debian:
        raise AptError(
            f"no source entry for the Debian archive under {etc}: add one "
            "(component main), or give the sources by hand "
            "(./configure --with-qemu=DIR)"
        )
    return max(debian, key=SourceEntry.rank)


def _first_errors(text: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith("E:")]
    return "; ".join(line[2:].strip() for line in lines[:3]) or text[-400:]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class PrivateApt:
    """apt with its own lists and cache under @root, for @suites.

    The first suite is preferred when several hold a package.
    """

    def __init__(
        self, root: Path, suites: list[str], arch: str = "amd64"
    ) -> None:
        if not suites:
            raise AptError("no suite named")
        self.root = Path(root).resolve() / f"{'+'.join(suites)}-{arch}"
        self.suites = suites
        self.arch = arch
        for tool in ("apt-get", "apt-cache", "dpkg-deb"):
            if not shutil.which(tool):
                raise AptError(
                    f"'{tool}' not found: fetching packages needs a Debian "
                    "host (or use ./configure --with-qemu=DIR)"
                )

    # -- set-up ---------------------------------------------------------

    def _source_text(self) -> str:
        entry = host_entry()
        signed_by = entry.signed_by
        if not signed_by and ARCHIVE_KEYRING.is_file():
            signed_by = str(ARCHIVE_KEYRING)
        lines = [
            "Types: deb deb-src",
            f"URIs: {entry.uris}",
            f"Suites: {' '.join(self.suites)}",
            "Components: main",
            "Targets: Packages Sources",
        ]
        if signed_by:
            lines.append(f"Signed-By: {signed_by}")
        return "\n".join(lines) + "\n"

    def _write(self, path: Path, text: str) -> bool:
        """Write when different; True if it was."""
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return True

    def _setup(self) -> None:
        source = self._source_text()
        for part in ("state/lists/partial", "cache/archives/partial", "log"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        (self.root / "state/status").touch()
        conf = APT_CONF.format(
            root=self.root, arch=self.arch, release=self.suites[0]
        )
        changed = self._write(self.root / "apt.conf", conf)
        changed |= self._write(self.root / "sources/debian.sources", source)
        if changed:
            (self.root / "updated").unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _apt(
        self, tool: str, *args: str, cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        conf = str(self.root / "apt.conf")
        env = {
            **os.environ,
            "APT_CONFIG": conf,
            "LC_ALL": "C",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        return subprocess.run(
            [tool, "-q", "-c", conf, *args], cwd=cwd, env=env, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )

    # -- lists ----------------------------------------------------------

    def update(self, max_age: float = 24 * HOUR) -> None:
        """Fetch the package lists unless younger than @max_age seconds.

        When the network is away but older lists exist, those are used.
        """
        with self._locked():
            self._setup()
            stamp = self.root / "updated"
            if stamp.exists():
                age = time.time() - stamp.stat().st_mtime
                if 0 <= age < max_age:
                    return
            done = self._apt("apt-get", "update")
            if done.returncode == 0:
                stamp.touch()
            elif not stamp.exists():
                raise AptError(self._why_no_update(done.stderr))
            else:
                print("warning: no new package lists, using the old ones",
                      file=sys.stderr)

    def _why_no_update(self, stderr: str) -> str:
        suites = " ".join(self.suites)
        if "NO_PUBKEY" in stderr or "not signed" in stderr:
            return (
                f"the archive keys of this host do not cover {suites}: "
                "install a newer debian-archive-keyring"
            )
        if "does not have a Release file" in stderr or "404" in stderr:
            return f"the archive this host uses has no suite '{suites}'"
        return (
            f"cannot fetch the package lists of {suites} "
            f"({_first_errors(stderr)}): is the network up?"
        )

    def candidate(self, package: str) -> str:
        """The version of binary @package that would be fetched."""
        self.update()
        done = self._apt("apt-cache", "policy", package)
        match = re.search(r"^ *Candidate: (\S+)$", done.stdout, re.M)
        if not match or match.group(1) == "(none)":
            raise AptError(self._missing(package))
        return match.group(1)

    def source_version(self, package: str) -> str:
        """The version of source @package that would be fetched."""
        for name in self._source_uris(package):
            if name.endswith(".dsc"):
                version = name[len(package) + 1:-len(".dsc")]
                return version.replace("%3a", ":")
        raise AptError(self._missing(package))

    def _missing(self, package: str) -> str:
        return f"no package '{package}' in suite {' '.join(self.suites)}"

    def resolve(self, packages: list[str]) -> list[str]:
        """@packages and all they depend on, in order of installation."""
        self.update()
        done = self._apt(
            "apt-get", "install", "--simulate", "--no-install-recommends",
            *packages,
        )
        names = re.findall(r"^Inst (\S+)", done.stdout, re.M)
        if done.returncode != 0 or not names:
            raise AptError(
                f"cannot resolve {' '.join(packages)} in suite "
                f"{' '.join(self.suites)}: {_first_errors(done.stderr)}"
            )
        return [name.split(":")[0] for name in names]

    # -- files ----------------------------------------------------------

    @staticmethod
    def _parse_uris(text: str) -> dict[str, str]:
        """File names and SHA-256 (empty when not told) of --print-uris."""
        rows = re.findall(r"^'[^']+' (\S+) \d+ ?(\S*)$", text, re.M)
        return {
            name: digest[7:] if digest.startswith("SHA256:") else ""
            for name, digest in rows
        }

    def _source_uris(self, package: str, *options: str) -> dict[str, str]:
        self.update()
        done = self._apt(
            "apt-get", "source", "--print-uris", "--only-source",
            "--download-only", *options, package,
        )
        if done.returncode != 0:
            raise AptError(self._missing(package))
        return self._parse_uris(done.stdout)

    def _fetch(
        self, wanted: dict[str, str], dest: Path, *args: str
    ) -> list[Path]:
        dest.mkdir(parents=True, exist_ok=True)
        missing = [
            name for name, digest in wanted.items()
            if not (dest / name).is_file()
            or not digest or _sha256(dest / name) != digest
        ]
        if missing:
            for name in missing:
                (dest / name).unlink(missing_ok=True)
            with self._locked():
                done = self._apt("apt-get", *args, cwd=dest)
            if done.returncode != 0:
                raise AptError(
                    f"cannot fetch {' '.join(missing)} "
                    f"({_first_errors(done.stderr)}): is the network up?"
                )
        return [dest / name for name in wanted]

    def fetch_source(
        self, package: str, dest: Path, tar_only: bool = False
    ) -> list[Path]:
        """Fetch the files of source @package (or its upstream tarball)."""
        options = ["--tar-only"] if tar_only else []
        wanted = self._source_uris(package, *options)
        return self._fetch(
            wanted, Path(dest), "source", "--only-source", "--download-only",
            *options, package,
        )

    def fetch_binaries(self, packages: list[str], dest: Path) -> list[Path]:
        """Fetch the .deb files of @packages (without dependencies)."""
        if not packages:
            return []
        for package in packages:
            self.candidate(package)
        done = self._apt("apt-get", "download", "--print-uris", *packages)
        wanted = self._parse_uris(done.stdout)
        if done.returncode != 0 or not wanted:
            raise AptError(
                f"cannot find {' '.join(packages)}: "
                f"{_first_errors(done.stderr)}"
            )
        return self._fetch(wanted, Path(dest), "download", *packages)

    def unpack(self, debs: list[Path], dest: Path) -> None:
        """Unpack @debs into @dest; nothing is installed or configured."""
        Path(dest).mkdir(parents=True, exist_ok=True)
        for deb in debs:
            done = subprocess.run(
                ["dpkg-deb", "-x", str(deb), str(dest)], text=True,
                stdin=subprocess.DEVNULL, capture_output=True, check=False,
            )
            if done.returncode != 0:
                raise AptError(
                    f"cannot unpack {deb}: {done.stderr.strip()}; delete it "
                    "and try again"
                )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path("build/apt"))
    parser.add_argument("--suite", action="append", required=True)
    parser.add_argument("--arch", default="amd64")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("update", help="fetch the package lists anew")
    for name in ("candidate", "source-version"):
        commands.add_parser(name).add_argument("package")
    commands.add_parser("resolve").add_argument("packages", nargs="+")
    for name in ("download", "source", "unpack"):
        command = commands.add_parser(name)
        command.add_argument("dest", type=Path)
        command.add_argument("names", nargs="+")
    return parser


def _run(args: argparse.Namespace) -> list[str]:
    apt = PrivateApt(args.root, args.suite, args.arch)
    if args.command == "update":
        apt.update(max_age=0)
        return []
    if args.command == "candidate":
        return [apt.candidate(args.package)]
    if args.command == "source-version":
        return [apt.source_version(args.package)]
    if args.command == "resolve":
        return apt.resolve(args.packages)
    if args.command == "download":
        return [str(f) for f in apt.fetch_binaries(args.names, args.dest)]
    if args.command == "source":
        return [
            str(file) for name in args.names
            for file in apt.fetch_source(name, args.dest)
        ]
    apt.unpack([Path(name) for name in args.names], args.dest)
    return []


def main() -> int:
    """Command line entry."""
    try:
        for line in _run(_parser().parse_args()):
            print(line)
    except AptError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
