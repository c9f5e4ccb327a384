# SPDX-License-Identifier: GPL-2.0-or-later
"""What many devices cost: memory, time to the guest, time of its boot.

Everything is measured of QEMU as a black box, so that another QEMU can be
measured beside ours, with the same options, in the same run.
"""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from cxl_vm import process
from cxl_vm.command import Options, machine_value
from cxl_vm.errors import VmError
from cxl_vm.machine import Machine
from cxl_vm.topology import Topology
from cxl_vm.units import MIB
from tree import Tree

RAM = 1024 * MIB
# An x86 CPU has about 200 vectors; 64 devices and their ports need more.
CPUS = "4"
# At the reset vector: mov $'!',%al; out %al,$0xe9; cli; hlt; jmp to the hlt
ROM_SIZE = 0x10000
RESET_VECTOR = 0xfff0
FIRST_WORDS = bytes.fromhex("b021 e6e9 fa f4 ebfd")
STEADY, STEADY_COUNT = 0.2, 5
PATIENCE = 900
_HEADER = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$"
)
_PRIVATE = re.compile(r"^Private_(?:Clean|Dirty): +(\d+) kB$")


@dataclass(frozen=True)
class Start:
    """Seconds from exec to the guest's first instruction; bytes then."""

    seconds: float
    private: int


def private_bytes(pid: int) -> int:
    """Memory of QEMU's own: not the guest's, nor code made for the guest."""
    total, counts = 0, False
    text = Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8")
    for line in text.splitlines():
        if header := _HEADER.match(line):
            first, end, mode, name = header.groups()
            size = int(end, 16) - int(first, 16)
            guests = name.startswith("/memfd:") or not name and size == RAM
            counts = not guests and (bool(name) or "x" not in mode)
        elif counts and (value := _PRIVATE.match(line)):
            total += int(value.group(1)) * 1024
    return total


def steady_bytes(pid: int) -> int:
    """The same once it stops changing: what is freed late is gone."""
    value, same = private_bytes(pid), 0
    while same < STEADY_COUNT:
        time.sleep(STEADY)
        last, value = value, private_bytes(pid)
        same = same + 1 if value == last else 0
    return value


def shape(tree: Tree) -> Topology:
    """The windows; the rest of @tree are plain options."""
    return Topology("bench", "", (), tuple(tree.windows))


def _first_instruction(qemu: list[str], tree: Tree, rom: Path) -> list[str]:
    return [
        *qemu, "-nodefaults", "-no-user-config", "-display", "none",
        "-machine", f"{machine_value(shape(tree))},memory-backend=ram",
        "-object", f"memory-backend-memfd,id=ram,size={RAM},share=on",
        "-accel", "tcg,thread=multi", "-cpu", "max", "-m", f"{RAM // MIB}M",
        "-bios", str(rom), "-debugcon", "stdio", *tree.args(),
    ]


def _start_once(command: list[str], log: Path) -> Start:
    began = time.monotonic()
    qemu = process.start(
        command, log, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    try:
        if qemu.stdout is None or qemu.stdout.read(1) != b"!":
            qemu.wait()
            raise process.failure(qemu, log, False)
        seconds = time.monotonic() - began
        return Start(seconds, steady_bytes(qemu.pid))
    finally:
        process.stop(qemu)


def start(
    qemus: list[list[str]], tree: Tree, runs: int, directory: Path
) -> list[Start]:
    """For each of @qemus, in turns: the medians of @runs starts."""
    directory.mkdir(parents=True, exist_ok=True)
    rom = directory / "first.rom"
    image = bytearray(ROM_SIZE)
    image[RESET_VECTOR:RESET_VECTOR + len(FIRST_WORDS)] = FIRST_WORDS
    rom.write_bytes(image)
    found: list[list[Start]] = [[] for _ in qemus]
    for _ in range(runs):
        for index, qemu in enumerate(qemus):
            found[index].append(_start_once(
                _first_instruction(qemu, tree, rom), directory / "qemu.log"
            ))
    return [
        Start(median(one.seconds for one in many),
              int(median(one.private for one in many)))
        for many in found
    ]


@dataclass(frozen=True)
class Boot:
    """Seconds from exec to power-off; bytes when all devices were there."""

    seconds: float
    private: int


_ALL_THERE = """
tries=0
while :; do
    set -- /sys/bus/cxl/devices/endpoint*
    [ -e "$1" ] && [ $# -eq {count} ] && exit 0
    tries=$((tries + 1))
    [ $tries -lt 3000 ] || exit 1
    sleep 0.1
done
"""


def boot(
    options: Options, build: Path, tree: Tree, directory: Path
) -> Boot:
    """Boot a guest with @tree, wait for its devices, power it off."""
    options = replace(
        options, extra=tree.args(), smp=CPUS, memory=f"{RAM // MIB}M"
    )
    began = time.monotonic()
    with Machine(shape(tree), options, build, directory) as machine:
        machine.start(PATIENCE)
        if machine.run(_ALL_THERE.format(count=tree.count), PATIENCE).status:
            raise VmError(
                f"not all of {tree.count} devices came up; see {directory}"
            )
        private = steady_bytes(machine.pid)
        machine.power_off(120)
        return Boot(time.monotonic() - began, private)
