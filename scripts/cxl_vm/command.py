# SPDX-License-Identifier: GPL-2.0-or-later
"""The QEMU command line of a topology."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .numa import machine_parts, numa_args
from .topology import Bridge, Device, Port, Switch, Topology, Window
from .units import format_size

SHARE_TAG = "share"


@dataclass
class Options:
    """How to start QEMU, apart from the topology."""

    qemu: list[str]
    kernel: Path
    initrd: Path
    append: list[str] = field(default_factory=list)
    memory: str = "1G"
    smp: str = "2"
    accel: str = "tcg"
    cpu: str = "max,hypervisor=off"
    share: Path | None = None
    state: Path | None = None
    extra: list[str] = field(default_factory=list)


def quoted(text: str | Path) -> str:
    """@text as a value inside a QEMU option, where commas separate."""
    return str(text).replace(",", ",,")


def machine_value(topology: Topology) -> str:
    """The value of -machine: CXL on, and the windows."""
    parts = ["q35", "cxl=on", *machine_parts(topology)]
    for index, window in enumerate(topology.windows):
        parts += _window_parts(f"cxl-fmw.{index}", window)
    return ",".join(parts)


def _window_parts(prefix: str, window: Window) -> list[str]:
    parts = [
        f"{prefix}.targets.{index}={target}"
        for index, target in enumerate(window.targets)
    ]
    parts.append(f"{prefix}.size={format_size(window.size)}")
    parts.append(f"{prefix}.interleave-granularity={window.granularity}")
    if window.arithmetic != "modulo":
        parts.append(f"{prefix}.interleave-arithmetic={window.arithmetic}")
    parts += [
        f"{prefix}.xor-maps.{index}={bits:#x}"
        for index, bits in enumerate(window.xor_maps)
    ]
    if window.restrictions is not None:
        parts.append(f"{prefix}.restrictions={window.restrictions}")
    if window.qtg is not None:
        parts.append(f"{prefix}.qtg={window.qtg}")
    if window.qtg_max_latency is not None:
        parts.append(f"{prefix}.qtg-max-latency={window.qtg_max_latency}")
    if window.qtg_min_bandwidth is not None:
        parts.append(f"{prefix}.qtg-min-bandwidth={window.qtg_min_bandwidth}")
    return parts


def backend_file(state: Path, device: Device, kind: str) -> Path:
    """Where @device keeps its @kind (one of its SIZES) bytes."""
    return state / f"{device.name}-{kind}.img"


def _backend(device: Device, kind: str, state: Path | None) -> list[str]:
    size = format_size(getattr(device, kind))
    name = f"{device.name}-{kind}"
    if state is None:
        return ["-object", f"memory-backend-ram,id={name},size={size}"]
    path = quoted(backend_file(state, device, kind))
    return [
        "-object",
        f"memory-backend-file,id={name},size={size},share=on,mem-path={path}",
    ]


def _device_args(
    device: Device, port: str, state: Path | None
) -> list[str]:
    args: list[str] = []
    value = f"cxl-type3,id={device.name},bus={port},sn={device.serial:#x}"
    for kind, key in (
        ("volatile", "volatile-memdev"),
        ("persistent", "persistent-memdev"),
        ("lsa", "lsa"),
        ("metadata", "metadata-memdev"),
    ):
        if getattr(device, kind):
            args += _backend(device, kind, state)
            value += f",{key}={device.name}-{kind}"
    if device.performance:
        for key, number in device.performance.items():
            value += f",{key}={number}"
    return args + _with(value, device.options)


def _with(value: str, options: str) -> list[str]:
    return ["-device", f"{value},{options}" if options else value]


def _switch_args(
    switch: Switch, port: str, slots: Iterator[int], state: Path | None
) -> list[str]:
    value = f"cxl-upstream,id={switch.name},bus={port}"
    return _with(value, switch.options) + _port_args(
        "cxl-downstream", switch.name, switch.ports, slots, state
    )


def _port_args(
    model: str, bus: str, ports: Iterable[Port], slots: Iterator[int],
    state: Path | None,
) -> list[str]:
    """@ports on @bus, and all that is below them."""
    args: list[str] = []
    for number, port in enumerate(ports):
        args += _with(
            f"{model},id={port.name},bus={bus},port={number},chassis=0,"
            f"slot={next(slots)}", port.options
        )
        if port.device:
            args += _device_args(port.device, port.name, state)
        if port.switch:
            args += _switch_args(port.switch, port.name, slots, state)
    return args


def _bridge_args(
    bridge: Bridge, slots: Iterator[int], state: Path | None
) -> list[str]:
    value = f"pxb-cxl,id={bridge.name},bus=pcie.0,bus_nr={bridge.bus}"
    if bridge.hdm_for_passthrough:
        value += ",hdm_for_passthrough=on"
    return _with(value, bridge.options) + _port_args(
        "cxl-rp", bridge.name, bridge.ports, slots, state
    )


def topology_args(topology: Topology, state: Path | None) -> list[str]:
    """Bridges, ports, switches, devices, their backends, regions."""
    args: list[str] = []
    slots = itertools.count(1)
    for bridge in topology.bridges:
        args += _bridge_args(bridge, slots, state)
    for region in topology.regions:
        args += region.args()
    return args


def qemu_args(topology: Topology, options: Options) -> list[str]:
    """The whole command but for consoles and monitors."""
    accel = options.accel
    if accel == "tcg":
        accel = "tcg,thread=multi"
    args = [
        *options.qemu, "-nodefaults", "-no-user-config", "-display", "none",
        "-machine", machine_value(topology), "-accel", accel,
        "-cpu", options.cpu, "-smp", options.smp, "-m", options.memory,
        # Linux gives windows a node of their own only beside a first one.
        "-object", f"memory-backend-ram,id=ram,size={options.memory}",
        *numa_args(topology, options.smp),
        "-kernel", str(options.kernel), "-initrd", str(options.initrd),
        "-append", " ".join(options.append),
    ]
    args += topology_args(topology, options.state)
    if options.share:
        args += [
            "-fsdev",
            f"local,id=share,path={quoted(options.share)},"
            "security_model=none",
            "-device",
            f"virtio-9p-pci,bus=pcie.0,fsdev=share,mount_tag={SHARE_TAG}",
        ]
    return args + options.extra


def shell_text(args: list[str]) -> str:
    """@args as a shell would take them, one option a line."""
    lines = []
    for arg in args:
        word = shlex.quote(arg)
        if arg.startswith("-") and lines:
            lines.append(word)
        elif lines:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return " \\\n    ".join(lines)
