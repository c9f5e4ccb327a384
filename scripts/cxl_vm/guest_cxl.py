# SPDX-License-Identifier: GPL-2.0-or-later
"""Use a guest's CXL tools: devices by our names, regions, namespaces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .command import backend_file
from .errors import VmError, WrongAnswer
from .machine import Machine
from .units import format_size

SYSFS = "/sys/bus/cxl/devices"


@dataclass(frozen=True)
class Region:
    """A region the guest made; sizes and addresses in bytes."""

    name: str
    kind: str
    base: int
    size: int
    ways: int
    granularity: int
    members: tuple[str, ...]


def find_items(listed: Any, key: str) -> list[dict[str, Any]]:
    """All objects with @key in an answer of cxl-cli, however nested."""
    found = []
    if isinstance(listed, dict):
        if key in listed:
            found.append(listed)
        listed = list(listed.values())
    if isinstance(listed, list):
        for item in listed:
            found += find_items(item, key)
    return found


class GuestCxl:
    """Commands of cxl-cli, daxctl and ndctl, with the answers parsed."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def json(self, command: str) -> Any:
        """What a command prints as JSON; an empty list for nothing."""
        text = self.machine.check(command)
        return json.loads(text) if text.strip() else []

    def memdevs(self) -> dict[str, str]:
        """The topology's device names to the guest's (mem0, mem1, ...)."""
        serials = {
            device.serial: device.name
            for device in self.machine.topology.devices
        }
        found = {}
        text = self.machine.check(
            f"cd {SYSFS} && grep -H . mem*/serial || true"
        )
        for line in text.splitlines():
            place, _, value = line.partition(":")
            name = serials.get(int(value, 0))
            if name:
                found[name] = place.partition("/")[0]
        return found

    def root_decoders(self) -> list[dict[str, Any]]:
        """The guest's view of the windows, in order of address."""
        listed = self.json("cxl list -D -d root -T")
        return sorted(listed, key=lambda item: item["resource"])

    def create_region(
        self, devices: Sequence[str], kind: str = "ram", window: int = 0,
        granularity: int = 0, size: int = 0,
    ) -> Region:
        """A region over @devices (our names) in this order.

        @kind: ram or pmem.  @granularity, @size: bytes, 0 for the default.
        """
        command = self.create_command(
            devices, kind, window, granularity, size
        )
        # cxl-cli says what it made on standard output, as JSON.
        name = json.loads(self.machine.check(command))["region"]
        return self.region(name)

    def create_command(
        self, devices: Sequence[str], kind: str = "ram", window: int = 0,
        granularity: int = 0, size: int = 0,
    ) -> str:
        """The command line of create_region()."""
        known = self.memdevs()
        missing = [name for name in devices if name not in known]
        if missing:
            raise WrongAnswer(f"the guest has no device {', '.join(missing)}")
        decoder = self.root_decoders()[window]["decoder"]
        command = f"cxl create-region -m -t {kind} -d {decoder}"
        command += f" -w {len(devices)}"
        if granularity:
            command += f" -g {granularity}"
        if size:
            command += f" -s {format_size(size)}"
        return f"{command} {' '.join(known[name] for name in devices)}"

    def region(self, name: str) -> Region:
        """Facts about region @name."""
        item = self.json(f"cxl list -R -r {name} -T")[0]
        ours = {theirs: name for name, theirs in self.memdevs().items()}
        mappings = sorted(item["mappings"], key=lambda row: row["position"])
        return Region(
            name=item["region"], kind=item["type"], base=item["resource"],
            size=item["size"], ways=item["interleave_ways"],
            granularity=item["interleave_granularity"],
            members=tuple(ours[row["memdev"]] for row in mappings),
        )

    def destroy_region(self, name: str) -> None:
        """Disable and destroy region @name."""
        self.machine.check(f"cxl destroy-region -f {name}")

    def dax_device(self, region: str) -> str:
        """The dax device of region @region, such as dax0.0."""
        found = self.machine.run(
            f"cd {SYSFS}/{region}/dax_region* && ls -d dax[0-9]*"
        ).text.split()
        if not found:
            raise WrongAnswer(f"{region} has no dax device")
        return found[0]

    def device_dax(self, region: str) -> str:
        """The dax device of @region, bound so that it can be mapped."""
        dax = self.dax_device(region)
        # CXL memory waits for the kmem driver unless it is told otherwise.
        self.machine.check(
            f"test -e /sys/bus/dax/devices/{dax}/driver || "
            f"echo {dax} >/sys/bus/dax/drivers/device_dax/new_id"
        )
        return dax

    def shares(self, region: Region) -> list[tuple[Path, int]]:
        """For each member, its backend file and its share's start there."""
        state = self.machine.options.state
        if state is None:
            raise VmError("the devices' memory is not in files")
        decoders = self.json(f"cxl list -r {region.name} -D -d endpoint")
        starts = {
            self._owner(item["decoder"]): item["dpa_resource"]
            for item in decoders
        }
        kind = "volatile" if region.kind == "ram" else "persistent"
        devices = {dev.name: dev for dev in self.machine.topology.devices}
        shares = []
        for name in region.members:
            device = devices[name]
            # Persistent capacity follows the volatile one.
            skip = device.volatile if kind == "persistent" else 0
            shares.append(
                (backend_file(state, device, kind), starts[name] - skip)
            )
        return shares

    def _owner(self, decoder: str) -> str:
        """The device, by our name, of an endpoint decoder."""
        place = f"{SYSFS}/{decoder}/../uport"
        serial = self.machine.check(f"cat {place}/serial").strip()
        for device in self.machine.topology.devices:
            if device.serial == int(serial, 0):
                return device.name
        raise WrongAnswer(f"{decoder} is on an unknown device {serial}")
