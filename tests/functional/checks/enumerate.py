# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel finds at boot."""

from __future__ import annotations

import re
import struct
from typing import Any

from cxl_vm.guest_cxl import SYSFS, find_items
from cxl_vm.units import MIB

from harness import config, kernel_log
from harness.group import DYNDBG, Group, equal, expect

# Opcodes of the driver's probe, in order; a device may be asked more in
# between.  Linux 6.12: drivers/cxl.
PROBE = ["0x0400", "0x0401", "0x0301", "0x4000"]
EVENTS = ["0x0102", "0x0103", "0x0102"] + ["0x0100"] * 4
LOGS = 4
DSMAS, DSLBIS = 0, 1


def _functions(group: Group) -> dict[str, str]:
    """Our device names to PCI functions, of all devices."""
    known = group.guest.memdevs()
    equal(len(known), len(group.shape.devices), "devices")
    return {
        ours: group.vm.check(f"basename $(realpath {SYSFS}/{theirs}/../)")
        .strip()
        for ours, theirs in known.items()
    }


class Enumerate(Group):
    """Two bridges, four devices, with the drivers' debug messages."""

    topology = "hb2x2"
    append = DYNDBG

    def check_platform(self) -> None:
        """each host bridge supports CXL and hands over memory errors (1)."""
        log = self.vm.check("dmesg")
        for what in ("host supports CXL",
                     r"_OSC: OS now controls \[CXLMemErrorReporting\]"):
            equal(len(re.findall(what, log)), len(self.shape.bridges), what)

    def check_root_decoders(self) -> None:
        """one root decoder for each window, as configured (2)."""
        found = self.guest.root_decoders()
        equal(len(found), len(self.shape.windows), "root decoders")
        bus = {bridge.name: bridge.bus for bridge in self.shape.bridges}
        for item, window in zip(found, self.shape.windows):
            name = item["decoder"]
            equal(item["size"], window.size, f"{name} size")
            equal(item["interleave_ways"], len(window.targets),
                  f"{name} ways")
            if len(window.targets) > 1:
                equal(item["interleave_granularity"], window.granularity,
                      f"{name} granularity")
            equal((item["pmem_capable"], item["volatile_capable"]),
                  (True, True), f"{name} capabilities")
            equal(item["qos_class"], window.qtg or 0, f"{name} qos_class")
            targets = {row["position"]: row["id"] for row in item["targets"]}
            equal([targets[key] for key in sorted(targets)],
                  [bus[name] for name in window.targets], f"{name} targets")

    def check_root_bus(self) -> None:
        """root0 is the ACPI root and has a dport for each bridge (2)."""
        root = self.guest.json("cxl list -BT")[0]
        equal(root["provider"], "ACPI.CXL", "provider")
        equal(sorted(row["id"] for row in root["dports"]),
              sorted(bridge.bus for bridge in self.shape.bridges), "dports")

    def check_windows(self) -> None:
        """windows in /proc/iomem, and a memory node for each (3)."""
        text = self.vm.check("grep 'CXL Window' /proc/iomem")
        found = [
            (int(low, 16), int(high, 16) + 1)
            for low, high in re.findall(
                r"^\s*([0-9a-f]+)-([0-9a-f]+) : CXL Window", text, re.M
            )
        ]
        wanted = [
            (item["resource"], item["resource"] + item["size"])
            for item in self.guest.root_decoders()
        ]
        equal(sorted(found), wanted, "ranges")
        equal(len(wanted), len(self.shape.windows), "number of windows")
        nodes = self.vm.check("cat /sys/devices/system/node/possible")
        equal(nodes.strip(), f"0-{len(wanted)}", "possible nodes")

    def check_lspci(self) -> None:
        """class, DVSECs 0, 5, 7, 8, DOE, AER, DSN; CXL.mem enabled (4)."""
        for ours, function in _functions(self).items():
            data = config.read(self.vm, function)
            equal(len(data), 4096, f"{ours} configuration space")
            equal(data[9:12], b"\x10\x02\x05", f"{ours} class")
            dvsecs = config.cxl_dvsecs(data)
            for ident in (0, 5, 7, 8):
                expect(ident in dvsecs, f"{ours} has no DVSEC {ident}")
            kinds = [kind for kind, _ in config.extended(data)]
            for kind in (config.CAP_DOE, config.CAP_AER, config.CAP_DSN):
                expect(kind in kinds, f"{ours} has no capability {kind:#x}")
            (control,) = struct.unpack_from("<H", data, dvsecs[0] + 0x0C)
            expect(control & 4, f"{ours}: CXL.mem is off: {control:#x}")
            text = self.vm.check(f"lspci -s {function} -vvv")
            expect(re.search(r"CXLCtl:.* Mem\+", text), "lspci: no Mem+")

    def check_memdevs(self) -> None:
        """serial, firmware, payload, labels and sizes of each device (5)."""
        known = self.guest.memdevs()
        for device in self.shape.devices:
            path = f"{SYSFS}/{known[device.name]}"
            values = self.vm.check(
                f"cd {path} && cat serial label_storage_size ram/size "
                "pmem/size payload_max firmware_version"
            ).split(None, 5)
            numbers = [int(value, 0) for value in values[:5]]
            equal(numbers[:4], [device.serial, device.lsa, device.volatile,
                                device.persistent], device.name)
            payload = numbers[4]
            expect(256 <= payload <= MIB and payload & (payload - 1) == 0,
                   f"payload_max {payload}")
            expect(values[5].strip(), "no firmware_version")

    def check_commands(self) -> None:
        """the probe's commands, in order and without error (6)."""
        log = self.vm.check("dmesg")
        equal(kernel_log.trouble(log), [], "trouble in the kernel's log")
        for function in _functions(self).values():
            sent = re.findall(
                rf"{re.escape(function)}: Sending command: (0x\w+)", log
            )
            equal(sent[:len(PROBE)], PROBE, f"{function}: probe")
            rest = iter(sent[len(PROBE):])
            expect(all(opcode in rest for opcode in EVENTS),
                   f"{function}: no {EVENTS} in {sent}")

    def check_cdat(self) -> None:
        """the CDAT adds up and describes each partition (8)."""
        names = self.vm.check(f"cd {SYSFS} && ls -d endpoint*").split()
        equal(len(names), len(self.shape.devices), "endpoints")
        for name in names:
            table = self.vm.run(f"cat {SYSFS}/{name}/CDAT").out
            serial = self.vm.check(f"cat {SYSFS}/{name}/uport/serial")
            device = next(dev for dev in self.shape.devices
                          if dev.serial == int(serial, 0))
            self._check_table(name, table, device)

    def _check_table(self, name: str, table: bytes, device) -> None:
        expect(len(table) > 16, f"{name}: CDAT of {len(table)} bytes")
        (length,) = struct.unpack_from("<I", table)
        equal(length, len(table), f"{name}: length")
        equal(sum(table) & 0xFF, 0, f"{name}: checksum")
        found: dict[int, list[bytes]] = {}
        at = 16
        while at < len(table):
            kind, size = struct.unpack_from("<BxH", table, at)
            expect(size >= 4, f"{name}: structure of {size} bytes")
            found.setdefault(kind, []).append(table[at:at + size])
            at += size
        equal(at, len(table), f"{name}: end of the last structure")
        ranges = sorted(
            struct.unpack_from("<QQ", item, 8) for item in found[DSMAS]
        )
        equal(ranges, [(0, device.volatile),
                       (device.volatile, device.persistent)],
              f"{name}: DSMAS ranges")
        handles = {item[4] for item in found[DSMAS]}
        equal({item[4] for item in found[DSLBIS]}, handles,
              f"{name}: handles with latency and bandwidth")

    def check_interrupts(self) -> None:
        """an interrupt handler for each event log and the mailbox (11)."""
        text = self.vm.check("cat /proc/interrupts")
        for function in _functions(self).values():
            lines = re.findall(rf"MSIX?-{re.escape(function)} .*", text)
            # The first time in a line it names the interrupt's chip.
            handlers = sum(line.count(function) - 1 for line in lines)
            equal(handlers, LOGS + 1, f"{function}: handlers in {lines}")
            expect(len(lines) > 1, f"{function}: one line for all: {lines}")

    def check_suspend(self) -> None:
        """bound devices leave only s2idle (49)."""
        text = self.vm.check("cat /sys/power/mem_sleep")
        equal(text.replace("[", "").replace("]", "").split(), ["s2idle"],
              "mem_sleep")

    def check_rebind(self) -> None:
        """devices, ports and the bus can be disabled and enabled (48)."""
        memdev = self.guest.memdevs()[self.shape.devices[0].name]
        self._disable_enable(memdev)
        port = self.guest.json("cxl list -P")[0]["port"]
        self.vm.check(f"cxl disable-port -f {port}")
        self.vm.check(f"cxl enable-port -m {port}")
        self._expect_enabled()
        self.vm.check("cxl disable-bus -f root0")
        self.vm.check("cxl-drivers unload; cxl-drivers load")
        self._expect_enabled()
        # The mailbox is alive.
        name = self.guest.json("cxl list -M")[0]["memdev"]
        health = self.guest.json(f"cxl list -m {name} -I")
        expect(health, "no answer from the mailbox")

    def _disable_enable(self, memdev: str) -> None:
        self.vm.check(f"cxl disable-memdev -f {memdev}")
        states = {
            item["memdev"]: item.get("state")
            for item in self._memdevs()
        }
        equal(states.get(memdev), "disabled", "state")
        self.vm.check(f"cxl enable-memdev {memdev}")
        self._expect_enabled()

    def _memdevs(self) -> list[dict[str, Any]]:
        return find_items(self.guest.json("cxl list -M -i"), "memdev")

    def _expect_enabled(self) -> None:
        listed = self._memdevs()
        equal(len(listed), len(self.shape.devices), "devices")
        for item in listed:
            equal(item.get("state"), None, f"state of {item['memdev']}")
