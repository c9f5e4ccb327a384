# SPDX-License-Identifier: GPL-2.0-or-later
"""What the verbs of cxl-vm do."""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import (
    demo as tour, drawing, packages, picture, process, topology,
)
from .command import qemu_args, quoted, shell_text
from .console import Console
from .errors import GuestTimeout, VmError
from .machine import TICK, Machine
from .setup import log_directory, prepare as prepare_machine, wishes_from

SHELL_SIGN = b"CXL test machine."
EXEC_TIMEOUT = 600


def _note(args: argparse.Namespace, text: str) -> None:
    if args.verbose:
        print(f"cxl-vm: {text}", file=sys.stderr)


def run(args: argparse.Namespace) -> int:
    """An interactive shell on this terminal."""
    shape, options = prepare_machine(wishes_from(args), "shell")
    logs = log_directory(args.build.absolute(), "run")
    console = Console(logs / "console.log")
    command = [
        *qemu_args(shape, options),
        "-chardev", "stdio,id=console,mux=on,signal=off,"
        f"logfile={quoted(console.log)}",
        "-device", "isa-serial,chardev=console,index=0",
        "-mon", "chardev=console,mode=readline",
    ]
    if args.dry_run:
        print(shell_text(command))
        return 0
    _note(args, f"console log: {console.log}")
    qemu = process.start(command, logs / "qemu.log")
    try:
        _watch(qemu, console, args)
    except VmError as error:
        raise type(error)(f"{error}\nconsole log: {console.log}") from None
    finally:
        process.stop(qemu)
    if qemu.returncode:
        raise process.failure(qemu, logs / "qemu.log", not console.silent)
    return 0


def _watch(
    qemu: subprocess.Popen[bytes], console: Console, args: argparse.Namespace
) -> None:
    """Wait for QEMU's end; VmError on panic or when time is over."""
    began = time.monotonic()
    shell = False
    while qemu.poll() is None:
        shell = console.wait_text(SHELL_SIGN) or shell
        spent = time.monotonic() - began
        if not shell and spent > args.boot_timeout:
            raise GuestTimeout("the guest did not reach its shell")
        if args.timeout and spent > args.timeout:
            raise GuestTimeout("the time given with --timeout is over")
        try:
            qemu.wait(TICK)
        except subprocess.TimeoutExpired:
            pass


def execute(args: argparse.Namespace) -> int:
    """Run a command in the guest; its status."""
    build = args.build.absolute()
    wishes = wishes_from(args)
    logs = log_directory(build, "exec")
    if args.keep and wishes.state is None:
        wishes.state = logs / "state"
    shape, options = prepare_machine(wishes, "agent")
    with Machine(shape, options, build, logs) as machine:
        if args.dry_run:
            print(shell_text(machine.command()))
            return 0
        _note(args, shell_text(machine.command()))
        _note(args, f"logs: {logs}")
        try:
            machine.start(args.boot_timeout)
            _note(args, f"shell after {machine.boot_time:.1f} s")
            status = _stream(machine, args)
            if options.state:
                machine.power_off()
        except VmError as error:
            _show_console(machine.console)
            raise type(error)(f"{error}\nlogs: {logs}") from None
    if args.keep:
        print(f"cxl-vm: kept {options.state}, logs: {logs}", file=sys.stderr)
    return status


def _stream(machine: Machine, args: argparse.Namespace) -> int:
    # One word is a script; several are a command and its arguments.
    words = args.command
    script = words[0] if len(words) == 1 else shlex.join(words)

    def out(data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def err(data: bytes) -> None:
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()

    return machine.stream(script, out, err, args.timeout or EXEC_TIMEOUT)


def _show_console(console: Console) -> None:
    print("--- last lines of the guest's console ---", file=sys.stderr)
    print(console.last_lines(30), file=sys.stderr)
    print("---", file=sys.stderr)


def demo(args: argparse.Namespace) -> int:
    """The guided tour."""
    build = args.build.absolute()
    wishes = wishes_from(args)
    logs = log_directory(build, "demo")
    if wishes.state is None:
        wishes.state = logs / "state"
    try:
        shape, options = prepare_machine(wishes, "agent")
        with Machine(shape, options, build, logs) as machine:
            if args.dry_run:
                print(shell_text(machine.command()))
                return 0
            return tour.Demo(machine).run(args.boot_timeout)
    finally:
        if args.state is None:
            shutil.rmtree(logs / "state", ignore_errors=True)


def topologies(args: argparse.Namespace) -> int:
    """List topologies, or draw those that are named."""
    for name in args.name:
        print(_drawn(topology.load(name)))
    if not args.name:
        shapes = [topology.load(name) for name in topology.names()]
        wide = max(len(shape.name) for shape in shapes)
        for shape in shapes:
            print(f"{shape.name:<{wide}}  {shape.description}")
            print(f"{'':<{wide}}  {drawing.summary(shape)}")
    return 0


def _drawn(shape: topology.Topology) -> str:
    text = "\n".join(
        f"    {line}".rstrip() for line in drawing.draw(shape).split("\n")
    )
    return f"{shape.name}: {shape.description}\n\n{text}\n"


def topo(args: argparse.Namespace) -> int:
    """Draw one topology, in the terminal or into a file."""
    shape = topology.load(args.name)
    if args.svg is None:
        print(_drawn(shape))
    elif str(args.svg) == "-":
        print(picture.picture(shape), end="")
    else:
        try:
            args.svg.write_text(picture.picture(shape), encoding="utf-8")
        except OSError as error:
            raise VmError(
                f"--svg {args.svg}: {error.strerror}: name a file in a "
                "directory that you can write to"
            ) from None
        print(args.svg)
    return 0


def prepare(args: argparse.Namespace) -> int:
    """Fetch what guests need."""
    build: Path = args.build.absolute()
    suites = args.kernel_suite or [packages.BASE_SUITE]
    if args.refresh:
        with packages.locked(build / "guest"):
            for path in (build / "guest").glob("[!.]*"):
                if path.is_dir():
                    shutil.rmtree(path)
    packages.userland(build)
    for suite in suites:
        packages.suite_kernel(build, suite)
    return 0
