# SPDX-License-Identifier: GPL-2.0-or-later
"""From what the user asked for to the options of a machine."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import initramfs, packages, topology
from .command import Options
from .errors import VmError
from .packages import BASE_SUITE, REPOSITORY

DEFAULT_TOPOLOGY = "one"
BASE_APPEND = ["console=ttyS0", "panic=0", "oops=panic"]
KEPT_LOGS = 20
VECTORS = 180


@dataclass
class Wishes:
    """The launcher's options, with their defaults."""

    topology: str = DEFAULT_TOPOLOGY
    build: Path = REPOSITORY / "build"
    qemu: str | None = None
    qemu_args: list[str] = field(default_factory=list)
    kernel: Path | None = None
    modules: Path | None = None
    kernel_suite: str = BASE_SUITE
    append: list[str] = field(default_factory=list)
    memory: str = "1G"
    smp: str = ""
    accel: str = "tcg"
    hypervisor: bool = False
    share: Path | None = None
    state: Path | None = None
    include: list[tuple[Path, str]] = field(default_factory=list)


def qemu_command(wishes: Wishes) -> list[str]:
    """QEMU and where its firmware is."""
    chosen = wishes.qemu or os.environ.get("CXL_VM_QEMU")
    if chosen:
        path = Path(chosen)
    else:
        path = wishes.build / "qemu-system-x86_64"
    if not path.is_file():
        raise VmError(
            f"no QEMU at {path}: build it with 'make', or name another "
            "with --qemu"
        )
    return [str(path.absolute())]


def _cpu(wishes: Wishes) -> str:
    # Linux creates no regions when it sees a hypervisor.
    return "max" if wishes.hypervisor else "max,hypervisor=off"


def _accelerator(wishes: Wishes, qemu: list[str]) -> str:
    """tcg, or kvm; 'auto' takes kvm when it really works."""
    if wishes.accel != "auto":
        return wishes.accel
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    orders = "".join(
        json.dumps({"execute": name}) for name in ("qmp_capabilities", "quit")
    )
    try:
        done = subprocess.run(
            [*qemu, "-M", "q35", "-accel", "kvm", "-cpu", _cpu(wishes),
             "-S", "-nodefaults", "-display", "none", "-qmp", "stdio"],
            input=orders.encode(), capture_output=True, timeout=20,
        )
    except subprocess.TimeoutExpired:
        return "tcg"
    return "kvm" if done.returncode == 0 else "tcg"


def processors(shape: topology.Topology) -> str:
    """At least two, and enough to give every device its interrupts.

    Linux on x86 has about 200 vectors for devices on each processor.  A
    memory device takes up to six, a port one.
    """
    ports = sum(len(bridge.all_ports) for bridge in shape.bridges)
    vectors = 6 * len(shape.devices) + ports
    return str(max(2, -(-vectors // VECTORS)))


def choose_kernel(wishes: Wishes) -> packages.Kernel:
    """The user's kernel, or the distribution's."""
    if wishes.kernel:
        return packages.own_kernel(wishes.kernel, wishes.modules)
    if wishes.modules:
        raise VmError("--modules needs --kernel")
    if wishes.kernel_suite == packages.FULL:
        return packages.full_kernel(wishes.build)
    return packages.suite_kernel(wishes.build, wishes.kernel_suite)


def prepare(
    wishes: Wishes, role: str
) -> tuple[topology.Topology, Options]:
    """Everything a machine needs; @role is 'agent' or 'shell'."""
    shape = topology.load(wishes.topology)
    qemu = qemu_command(wishes)
    kernel = choose_kernel(wishes)
    userland = packages.userland(wishes.build)
    append = [*BASE_APPEND, f"cxlvm.{role}", *wishes.append]
    if wishes.share:
        if not wishes.share.is_dir():
            raise VmError(f"--share: no directory {wishes.share}")
        append.append("cxlvm.share")
    if wishes.state:
        wishes.state.mkdir(parents=True, exist_ok=True)
    options = Options(
        qemu=qemu,
        kernel=kernel.image,
        initrd=initramfs.path_for(
            wishes.build, kernel, userland, wishes.include
        ),
        append=append,
        memory=wishes.memory,
        smp=wishes.smp or processors(shape),
        accel=_accelerator(wishes, qemu),
        cpu=_cpu(wishes),
        share=wishes.share.absolute() if wishes.share else None,
        state=wishes.state.absolute() if wishes.state else None,
        extra=list(wishes.qemu_args),
    )
    return shape, options


def _words(values: list[str]) -> list[str]:
    return [word for value in values for word in shlex.split(value)]


def wishes_from(args: argparse.Namespace) -> Wishes:
    """The machine the user asked for."""
    return Wishes(
        topology=args.topology, build=args.build.absolute(), qemu=args.qemu,
        qemu_args=_words(args.qemu_args), kernel=args.kernel,
        modules=args.modules, kernel_suite=args.kernel_suite,
        append=_words(args.append), memory=args.memory, smp=args.smp,
        accel=args.accel, hypervisor=args.hypervisor, share=args.share,
        state=args.state,
    )


def log_directory(build: Path, name: str) -> Path:
    """A new directory for the logs of one run; the oldest are dropped."""
    parent = build / "logs" / "cxl-vm"
    parent.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = parent / f"{stamp}-{name}-{os.getpid()}"
    path.mkdir(exist_ok=True)
    for old in sorted(parent.iterdir())[:-KEPT_LOGS]:
        shutil.rmtree(old, ignore_errors=True)
    return path
