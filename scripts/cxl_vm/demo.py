# SPDX-License-Identifier: GPL-2.0-or-later
"""A guided tour: boot, make regions, use them, look at them."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

from . import drawing, layout
from .errors import VmError, WrongAnswer
from .guest_cxl import GuestCxl, Region
from .machine import Machine
from .units import KIB, format_size

TICK, CROSS = "✔", "✘"
PMEM_BYTES = 64 * KIB
RAM_MIB = 16

FILL_RAM = """set -e
echo offline >/sys/devices/system/memory/auto_online_blocks
daxctl reconfigure-device -m system-ram {dax} >/dev/null 2>&1
node=$(cat /sys/bus/dax/devices/{dax}/target_node)
mkdir -p /mnt/cxl
mount -t tmpfs -o size=200M,mpol=bind:$node cxl /mnt/cxl
dd if=/dev/urandom of=/tmp/data bs=1M count={size} 2>/dev/null
before=$(sha256sum </tmp/data)
cp /tmp/data /mnt/cxl/data
rm /tmp/data
test "$before" = "$(sha256sum </mnt/cxl/data)"
used=$(awk '/MemUsed/ {{ print int($4 / 1024) }}' \
    /sys/devices/system/node/node$node/meminfo)
test $used -ge {size}
echo "node $node: $used MiB in use"
"""

FILL_PMEM = """set -e
test -b /dev/{disk}
head -c {size} /dev/urandom >/tmp/data
dd if=/tmp/data of=/dev/{disk} bs=64k oflag=direct 2>/dev/null
dd if=/dev/{disk} of=/tmp/back bs=64k count=1 iflag=direct 2>/dev/null
cmp /tmp/data /tmp/back
sync
"""

DATA_PLACE = """for pfn in /sys/bus/nd/devices/pfn*; do
    cat $pfn/resource 2>/dev/null && break
done
"""


def _tick(mark: str) -> str:
    encoding = (sys.stdout.encoding or "").lower()
    if encoding.startswith("utf"):
        return mark
    return "ok" if mark == TICK else "FAILED"


def _say(text: str = "") -> None:
    print(text, flush=True)


class Demo:
    """The tour on a machine that was not started yet."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._guest = GuestCxl(machine)
        self._detail = ""
        self._notes: dict[str, str] = {}

    @contextlib.contextmanager
    def _step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        self._detail = ""
        try:
            yield
        except BaseException:
            _say(f"  {_tick(CROSS)} {what}")
            raise
        taken = time.monotonic() - began
        _say(f"  {_tick(TICK)} {what:<56} {taken:5.1f} s")
        if self._detail:
            _say(f"      {self._detail}")

    def _check_topology(self) -> None:
        """VmError for a machine that the tour cannot be made on."""
        shape = self._machine.topology
        names = tuple(bridge.name for bridge in shape.bridges)
        windows = [window.targets for window in shape.windows]
        if (len(windows) < 3 or windows[0] != names
                or windows[2] != names[:1] or shape.regions
                or not all(dev.volatile for dev in shape.devices)
                or not all(dev.persistent for dev in
                           shape.bridges[0].devices)):
            raise VmError(
                f"the tour cannot be made on '{shape.name}': its first window "
                "must be over all bridges, its third over the first bridge, "
                "whose devices need persistent memory; hb2x2 is such a one"
            )

    def run(self, boot_timeout: float) -> int:
        """The whole tour; 0, or VmError from what failed."""
        self._check_topology()
        began = time.monotonic()
        _say("The machine:\n")
        _say(self._indented(drawing.draw(self._machine.topology)))
        _say()
        try:
            self._tour(boot_timeout)
        except VmError as error:
            logs = self._machine.logs
            raise type(error)(f"{error}\nlogs: {logs}") from None
        _say(f"\nAll done in {time.monotonic() - began:.1f} s.")
        return 0

    def _tour(self, boot_timeout: float) -> None:
        with self._step("boot the distribution's kernel to a shell"):
            self._machine.start(boot_timeout)
            self._detail = self._machine.check("uname -sr").strip()
        with self._step("find the devices"):
            self._find()
        ram = self._make("ram", self._across(), window=0)
        with self._step("use it as ordinary memory, write and verify"):
            self._use_ram(ram)
        pmem = self._make("pmem", self._within(), window=2)
        with self._step("make a labelled namespace, write and verify"):
            self._use_pmem(pmem)
        with self._step("find those bytes in the host's files"):
            self._verify_files(pmem)
        self._show(ram, pmem)
        with self._step("power off"):
            self._machine.power_off()

    @staticmethod
    def _indented(text: str) -> str:
        return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))

    def _find(self) -> None:
        known = self._guest.memdevs()
        wanted = [device.name for device in self._machine.topology.devices]
        missing = [name for name in wanted if name not in known]
        if missing:
            raise WrongAnswer(f"the guest does not see {', '.join(missing)}")
        self._notes = {ours: f"= {them}" for ours, them in known.items()}
        self._detail = f"{len(known)} devices: " + ", ".join(
            f"{ours} is {known[ours]}" for ours in wanted
        )

    def _across(self) -> list[str]:
        """Devices in turn from each bridge, as interleaving wants them."""
        columns = [
            bridge.devices for bridge in self._machine.topology.bridges
        ]
        return [dev.name for row in zip(*columns) for dev in row]

    def _within(self) -> list[str]:
        """The devices of the first bridge."""
        bridge = self._machine.topology.bridges[0]
        return [device.name for device in bridge.devices]

    def _make(self, kind: str, devices: list[str], window: int) -> Region:
        word = "volatile" if kind == "ram" else "persistent"
        what = f"create a {len(devices)}-way {word} region"
        with self._step(what):
            region = self._guest.create_region(devices, kind, window)
            self._detail = (
                f"{region.name}: {format_size(region.size)} at "
                f"{region.base:#x} over {' '.join(region.members)}"
            )
        if region.members != tuple(devices):
            raise WrongAnswer(f"{region.name} is over {region.members}")
        return region

    def _use_ram(self, region: Region) -> None:
        dax = self._guest.dax_device(region.name)
        script = FILL_RAM.format(dax=dax, size=RAM_MIB)
        self._detail = self._machine.check(script, 120).strip()

    def _use_pmem(self, region: Region) -> None:
        made = self._guest.json(
            f"ndctl create-namespace -m fsdax -n demo -r {region.name}"
        )
        disk = made["blockdev"]
        self._machine.check(
            FILL_PMEM.format(disk=disk, size=PMEM_BYTES), 120
        )
        listed = self._guest.json("ndctl list -N")[0]
        if listed.get("name") != "demo":
            raise WrongAnswer(f"the namespace lost its label: {listed}")
        self._detail = f"{listed['dev']} '{listed['name']}', /dev/{disk}"

    def _verify_files(self, region: Region) -> None:
        place = int(self._machine.check(DATA_PLACE), 0) - region.base
        wanted = self._machine.run("cat /tmp/data").out
        shares = self._guest.shares(region)
        found = layout.gather(
            shares, region.granularity, place, len(wanted)
        )
        if len(wanted) != PMEM_BYTES or found != wanted:
            raise WrongAnswer("the files do not hold what the guest wrote")
        self._detail = (
            f"{len(wanted) // KIB} KiB in turns of {region.granularity} "
            f"bytes from {' and '.join(path.name for path, _ in shares)}"
        )

    def _show(self, *regions: Region) -> None:
        _say("\nWhat 'cxl list -R -M' says in the guest:\n")
        listed = self._machine.check("cxl list -R -M -u")
        _say(self._indented(listed.rstrip()))
        notes = dict(self._notes)
        for region in regions:
            for index, name in enumerate(region.members):
                notes[name] += f" {region.name}[{index}]"
        _say("\nWhere the regions are:\n")
        shape = self._machine.topology
        _say(self._indented(drawing.draw(shape, notes)))
        for region in regions:
            _say(
                f"    {region.name}  {region.kind}, {region.ways}-way: "
                + " ".join(region.members)
            )
        _say()
