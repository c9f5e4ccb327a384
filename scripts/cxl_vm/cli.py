# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of cxl-vm."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn

from . import actions
from .errors import EXIT_NO_VERDICT, VmError
from .packages import BASE_SUITE, REPOSITORY
from .setup import DEFAULT_TOPOLOGY

EPILOG = """\
examples:
  cxl-vm run                               a shell in a guest with one device
  cxl-vm run --topology hb2x2 --share .    two bridges; this folder at /share
  cxl-vm exec -- cxl list -M               run one command, show its output
  cxl-vm exec --kernel arch/x86/boot/bzImage --modules /tmp/m -- cxl list
  git bisect run cxl-vm exec --kernel b/arch/x86/boot/bzImage -- ./check
  cxl-vm run --dry-run                     the QEMU command line
  cxl-vm topologies                        what machines there are
  cxl-vm topo mixed --svg mixed.svg        a picture of one

exit status of 'exec': the command's own, or
  121  the guest's kernel panicked, or took an oops
  122  the guest powered off or rebooted while the command ran
  123  QEMU crashed
  124  the guest did not boot, or the command did not end, in time
  125  no verdict: QEMU, kernel or topology missing or wrong; QEMU did not
       start ('git bisect run' skips such a commit)
The command reads nothing from standard input.  One word is a shell script;
several are a command and its arguments.  Statuses above 127 (a command killed
by a signal) end a 'git bisect run': have your script return 1 instead.

Linux creates no CXL regions when it sees a hypervisor, so the guest gets
'-cpu max,hypervisor=off'; --hypervisor shows it one.
"""
TOPO_EPILOG = """\
examples:
  cxl-vm topo mixed                     here in the terminal
  cxl-vm topo ./mine.toml               what a file of yours builds
  cxl-vm topo scale64 --svg big.svg     a picture, for any browser

In the picture each bridge has a colour, and a window is striped in the colours
of its bridges, in the order of the interleave; coarser granularity gives wider
stripes. W0, W1 ... below a bridge's name are the windows it is a target of.
scripts/topologies/README.rst says how to write a file.
"""
FORMATTER = argparse.RawDescriptionHelpFormatter


class Parser(argparse.ArgumentParser):
    """A parser whose errors cannot be taken for the guest's."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EXIT_NO_VERDICT, f"{self.prog}: {message}\n")


def _machine_options(parser: argparse.ArgumentParser, shape: str) -> None:
    add = parser.add_argument
    add("-t", "--topology", default=shape, metavar="NAME|FILE",
        help=f"what to build ('cxl-vm topologies'; default {shape})")
    add("--kernel", type=Path, metavar="BZIMAGE", help="a kernel of yours")
    add("--modules", type=Path, metavar="DIR",
        help="its modules, as 'make modules_install' left them")
    add("--kernel-suite", default=BASE_SUITE, metavar="SUITE",
        help="take the kernel of this Debian suite: trixie has 6.12 (the "
        "default), trixie-backports a newer one; full: the one that "
        "'make guest-kernel' built, with every CXL option")
    add("--append", action="append", default=[], metavar="WORDS",
        help="add to the kernel's command line")
    add("--memory", default="1G", help="ordinary memory (default 1G)")
    add("--smp", default="", metavar="N",
        help="processors (default 2, more for more than 50 devices)")
    add("--accel", choices=("tcg", "kvm", "auto"), default="tcg",
        help="auto: kvm when it works (default tcg)")
    add("--hypervisor", action="store_true",
        help="let the guest see a hypervisor")
    add("--share", type=Path, metavar="DIR",
        help="a folder of yours, at /share in the guest")
    add("--state", type=Path, metavar="DIR",
        help="keep the devices' memory and labels in files here, and find "
        "them again next time (default: forgotten at the end)")
    add("--qemu", metavar="PATH",
        help="default build/qemu-system-x86_64, or $CXL_VM_QEMU")
    add("--qemu-args", action="append", default=[], metavar="WORDS",
        help="more arguments for QEMU")
    _build_option(parser)
    add("--timeout", type=float, default=0, metavar="SECONDS",
        help="end the run after so long (exec: 600 unless given)")
    add("--boot-timeout", type=float, default=120, metavar="SECONDS",
        help="give up on a guest without a shell (default 120)")
    add("--dry-run", action="store_true",
        help="print the QEMU command line and leave")
    add("-v", "--verbose", action="store_true",
        help="say more: the command line, where logs are, boot time")


def _build_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--build", type=Path, default=REPOSITORY / "build", metavar="DIR",
        help="the build directory (default: build/ of this tree)",
    )


def _topology_verbs(verbs: argparse._SubParsersAction[Parser]) -> None:
    shapes = verbs.add_parser(
        "topologies", help="list what 'topo' draws and '--topology' builds"
    )
    shapes.add_argument("name", nargs="*", help="draw these instead")
    shapes.set_defaults(action=actions.topologies)
    draw = verbs.add_parser(
        "topo", help="draw a topology, as text or as an SVG picture",
        description="Draw a topology: bridges, switches, devices, windows. "
        "Starts nothing and needs no QEMU.",
        epilog=TOPO_EPILOG, formatter_class=FORMATTER,
    )
    draw.add_argument(
        "name", metavar="NAME|FILE",
        help="one of 'cxl-vm topologies', or a file of yours",
    )
    draw.add_argument(
        "--svg", type=Path, metavar="FILE",
        help="write a picture there instead; - for standard output",
    )
    draw.set_defaults(action=actions.topo)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="cxl-vm", description="A virtual machine with CXL memory.",
        epilog=EPILOG, formatter_class=FORMATTER,
    )
    verbs = parser.add_subparsers(
        dest="verb", required=True, metavar="VERB", parser_class=Parser
    )
    run = verbs.add_parser("run", help="an interactive shell in the guest")
    _machine_options(run, DEFAULT_TOPOLOGY)
    run.set_defaults(action=actions.run)
    execute = verbs.add_parser(
        "exec", help="run a command in the guest and exit with its status",
        epilog=EPILOG, formatter_class=FORMATTER,
    )
    _machine_options(execute, DEFAULT_TOPOLOGY)
    execute.add_argument(
        "--keep", action="store_true",
        help="like --state, with a new directory beside the logs; say where",
    )
    execute.add_argument("command", nargs="+", metavar="CMD")
    execute.set_defaults(action=actions.execute)
    demo = verbs.add_parser("demo", help="a guided tour; non-zero on failure")
    _machine_options(demo, "hb2x2")
    demo.set_defaults(action=actions.demo)
    _topology_verbs(verbs)
    prepare = verbs.add_parser(
        "prepare", help="fetch kernel and tools now, start nothing"
    )
    prepare.add_argument("--kernel-suite", action="append", default=[])
    prepare.add_argument("--refresh", action="store_true",
                         help="drop what was fetched before")
    _build_option(prepare)
    prepare.set_defaults(action=actions.prepare)
    return parser


def _terminated(_number: int, _frame: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


def main() -> int:
    """Run the verb; the process's exit status."""
    args = _parser().parse_args()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return args.action(args)
    except VmError as error:
        print(f"cxl-vm: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
