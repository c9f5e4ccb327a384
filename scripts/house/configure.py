# SPDX-License-Identifier: GPL-2.0-or-later
"""./configure: get the base, lay us over it, configure build/."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from debian_apt import AptError
from house import deps, firmware, overlay, pytools
from house.base import Base, tree_of
from house.lists import ROOT, words
from house.patches import Patched
from house.ui import HouseError, fail, run_logged, step

EPILOG = """\
Options after '--' go to the base's own configure. Only the build directory and
the base tree beside it (build.base) change. Running it again repairs a
half-made build directory and takes in changed patches; 'ninja -C build' then
builds."""


NOT_REMEMBERED = {"--again", "--fresh", "--install-deps", "--for-tests",
                  "--prepare-only"}


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Our options, and those after '--'."""
    at = argv.index("--") if "--" in argv else len(argv)
    return argv[:at], argv[at + 1:]


def _remembered(
    build: Path, ours: list[str], rest: list[str]
) -> tuple[list[str], list[str]]:
    """The last run's options with the new ones after them."""
    try:
        text = (build / "house/options.json").read_text(encoding="utf-8")
        old_ours, old_rest = json.loads(text)
    except (OSError, ValueError):
        return ours, rest
    return _followed_by(old_ours, ours), _followed_by(old_rest, rest)


def _remember(state: Path, args: argparse.Namespace) -> None:
    """For --again, and for 'make'."""
    (state / "options.json").write_text(json.dumps(args.remember),
                                        encoding="utf-8")
    (state / "programs").write_text(_programs(args.targets),
                                    encoding="utf-8")


def _followed_by(old: list[str], new: list[str]) -> list[str]:
    """@old then @new (argparse lets the last win), once."""
    return old if old[len(old) - len(new):] == new else old + new


def parse(argv: list[str]) -> argparse.Namespace:
    """Our options; .rest is for the base's configure."""
    parser = argparse.ArgumentParser(
        prog="configure", description=__doc__.split(": ", 1)[1],
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--with-qemu", metavar="DIR", type=Path,
        help="use this stock QEMU tree (copied, never changed) instead of "
             "fetching Debian's source package")
    add("--build-dir", metavar="DIR", type=Path, default=ROOT / "build",
        help="default: build")
    add("--targets", metavar="LIST", default="x86_64-softmmu",
        help="default: x86_64-softmmu")
    add("--all-devices", action="store_true",
        help="build every device, not only what a CXL guest needs")
    add("--install-deps", action="store_true",
        help="install missing packages with apt-get (root, or sudo without "
             "a password)")
    add("--for-tests", action="store_true",
        help="also look for what 'make check' needs")
    add("--enable-debug", action="store_true",
        help="a debug build of QEMU")
    add("--enable-sanitizers", action="store_true",
        help="build QEMU with ASan and UBSan")
    add("--prepare-only", action="store_true",
        help="stop before the base's configure: enough for 'make unit'")
    add("--fresh", action="store_true", help="get the base anew")
    add("--again", action="store_true",
        help="start from the options of the last run")
    ours, rest = _split(argv)
    args = parser.parse_args(ours)
    if args.again:
        ours, rest = _remembered(args.build_dir, ours, rest)
        args = parser.parse_args(ours)
    args.rest = rest
    args.remember = [
        [word for word in ours if word not in NOT_REMEMBERED], rest
    ]
    return args


def _resolve_paths(args: argparse.Namespace) -> None:
    args.build_dir = args.build_dir.resolve()
    if args.with_qemu:
        args.with_qemu = args.with_qemu.resolve()
    if args.build_dir == ROOT or args.build_dir in ROOT.parents:
        raise HouseError(f"--build-dir={args.build_dir} holds the "
                         "repository: give a directory of its own")
    if any(char.isspace() or char == ":" for char in str(args.build_dir)):
        raise HouseError(f"QEMU cannot be built in '{args.build_dir}': no "
                         "spaces or colons may be in the path")
    args.build_dir.mkdir(parents=True, exist_ok=True)


def _compilers() -> list[str]:
    """ccache in front of gcc, unless the user chose a compiler."""
    if os.environ.get("CC") or not shutil.which("ccache"):
        return []
    return ["--cc=ccache gcc", "--cxx=ccache g++"]


def base_options(args: argparse.Namespace, python: Path) -> list[str]:
    """What the base's configure is called with."""
    options = [f"--python={python}", f"--target-list={args.targets}",
               *words("base/features"), *_compilers()]
    if not args.with_qemu:
        options.append("--disable-download")
    if (ROOT / ".git").exists():
        options.append("--enable-werror")
    if not args.all_devices:
        options.append("--without-default-devices")
        for target in args.targets.split(","):
            arch = target.removesuffix("-softmmu")
            if (ROOT / f"configs/devices/{target}/cxl.mak").is_file():
                options.append(f"--with-devices-{arch}=cxl")
    if args.enable_debug:
        options.append("--enable-debug")
    if args.enable_sanitizers:
        options += ["--enable-asan", "--enable-ubsan"]
    return options + args.rest


def _programs(targets: str) -> str:
    """The emulators that @targets name: what 'make' builds."""
    return " ".join(
        f"qemu-system-{target.removesuffix('-softmmu')}"
        if target.endswith("-softmmu") else
        f"qemu-{target.removesuffix('-linux-user')}"
        for target in targets.split(",")
    )


def _configure_base(build: Path, options: list[str]) -> None:
    done = build / "house/configured.json"
    identity = json.dumps({"options": options, "CC": os.environ.get("CC")})
    if (done.is_file() and done.read_text(encoding="utf-8") == identity
            and (build / "build.ninja").is_file()):
        step("the build directory is already configured so")
        return
    done.unlink(missing_ok=True)
    # A Meson that was stopped half-way cannot go on from what it left.
    (build / "build.ninja").unlink(missing_ok=True)
    shutil.rmtree(build / "meson-private", ignore_errors=True)
    shutil.rmtree(build / "meson-info", ignore_errors=True)
    step("configuring QEMU")
    run_logged([tree_of(build) / "configure", *options],
               build / "logs/configure.log", "QEMU's own configure",
               cwd=build)
    firmware.show_to_qemu(build)
    done.write_text(identity, encoding="utf-8")


def lay_and_patch(build: Path) -> None:
    """Bring links and patches of @build up to date."""
    tree, state = tree_of(build), build / "house"
    linked = overlay.lay(tree, state)
    patched = Patched(tree, state).apply()
    if linked or patched:
        step(f"{linked} link(s) laid, {patched} base file(s) patched")


def _apt_root(build: Path) -> Path:
    """Where packages are fetched to: once for all build directories."""
    return (ROOT / "build" if os.access(ROOT, os.W_OK) else build) / "apt"


def configure(args: argparse.Namespace) -> None:
    """Everything; HouseError or AptError says what stopped it."""
    _resolve_paths(args)
    build: Path = args.build_dir
    groups = {"build", "check"} if args.for_tests else {"build"}
    if args.install_deps:
        deps.install(groups, build / "logs/install.log")
    else:
        deps.require(groups)
    apt_root = _apt_root(build)
    version = Base(build, apt_root).get(args.with_qemu, args.fresh)
    _remember(build / "house", args)
    lay_and_patch(build)
    python = pytools.prepare(build / "house", apt_root)
    if args.prepare_only:
        step(f"QEMU {version} is ready in {tree_of(build)}")
        return
    firmware.prepare(tree_of(build), build, apt_root)
    _configure_base(build, base_options(args, python))
    step(f"QEMU {version} is configured; build with: ninja -C {build}")


def main(argv: list[str]) -> int:
    """Command line entry."""
    try:
        configure(parse(argv))
    except (HouseError, AptError) as error:
        return fail(error)
    except KeyboardInterrupt:
        print("stopped; run ./configure again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
