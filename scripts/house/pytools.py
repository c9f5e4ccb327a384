# SPDX-License-Identifier: GPL-2.0-or-later
"""A Python environment with what the base's configure wants, offline.

The base makes its own venv nested in the one that runs it, and takes packages
from there when they are new enough.  So a venv under build/ that holds the
packages of the release's suite is all it needs: no wheels, no network, and no
host package of the right age.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from debian_apt import AptError, PrivateApt
from house.lists import Release, words
from house.ui import HouseError, step

DIST = "usr/lib/python3/dist-packages"


def _site_packages(venv: Path) -> Path:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return venv / "lib" / version / "site-packages"


def _make_venv(venv: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--clear",
         "--system-site-packages", str(venv)],
        capture_output=True, text=True, check=False,
    )
    if done.returncode != 0:
        raise HouseError(
            f"{sys.executable} cannot make a virtual environment "
            f"({(done.stderr or done.stdout).strip()[-200:]}): install its "
            "venv module"
        )


def _install(unpacked: Path, venv: Path) -> None:
    site = _site_packages(venv)
    for entry in sorted((unpacked / DIST).iterdir()):
        (site / entry.name).symlink_to(entry)
    meson = venv / "bin/meson"
    meson.write_text(
        f"#!{venv}/bin/python3\n"
        "import sys\nfrom mesonbuild.mesonmain import main\n"
        "sys.exit(main())\n",
        encoding="utf-8",
    )
    meson.chmod(0o755)


def prepare(state: Path, apt_root: Path) -> Path:
    """The python that the base's configure is to use.

    Where packages cannot be had (not a Debian host) it is the running one, and
    the base looks for its tools itself.
    """
    venv, unpacked = state / "venv", state / "python"
    python = venv / "bin/python3"
    done = state / "venv.done"
    identity = f"{sys.executable} {sys.version_info[:3]}"
    if done.is_file() and done.read_text(encoding="utf-8") == identity:
        if python.exists():
            return python
    done.unlink(missing_ok=True)
    suite = Release.read().suite
    step(f"fetching meson and the base's Python tools of {suite}")
    try:
        apt = PrivateApt(apt_root, [suite])
        debs = apt.fetch_binaries(words("base/python-packages"),
                                  apt_root / "downloads")
        shutil.rmtree(unpacked, ignore_errors=True)
        apt.unpack(debs, unpacked)
    except AptError as error:
        step(f"note: {error}; trying with the host's own meson")
        return Path(sys.executable)
    _make_venv(venv)
    _install(unpacked, venv)
    done.write_text(identity, encoding="utf-8")
    return python
