# SPDX-License-Identifier: GPL-2.0-or-later
"""Event records: each field that is injected is what the kernel traces."""

from __future__ import annotations

import re
from typing import Any

from cxl_vm.guest_cxl import SYSFS
from cxl_vm.units import MIB

from harness.errors import TRACING, Errors
from harness.group import Group, equal, expect

LOGS = {"informational": "Informational", "warning": "Warning",
        "failure": "Failure", "fatal": "Fatal"}
# key='words', key= and hexadecimal bytes, or key=word
FIELD = re.compile(r"(\w+)=('[^']*'|(?:[0-9a-f]{2} )+[0-9a-f]{2}\b|\S*)")
COMPONENT = "DIMM 7"
COMPONENT_HEX = " ".join(
    f"{byte:02x}" for byte in COMPONENT.encode().ljust(16, b"\0")
)
HEADER = {"flags": 0x2c, "maint-op-class": 3, "related-handle": 0x2a}
HEADER_TRACED = {
    "memdev": "mem0", "serial": "1", "len": "128", "related_handle": "2a",
    "maint_op_class": "3",
}
MEDIA = {"dpa": 0x3002, "descriptor": 5, "transaction-type": 5, "channel": 4,
         "rank": 2, "component-id": COMPONENT}
MEDIA_TRACED = {
    "dpa": "3000", "dpa_flags": "NOT_REPAIRABLE",
    "descriptor": "UNCORRECTABLE_EVENT|POISON_LIST_OVERFLOW",
    "transaction_type": "Internal Media Scrub", "channel": "4", "rank": "2",
}
DRAM = {**MEDIA, "type": 3, "nibble-mask": 0xabc, "bank-group": 1, "bank": 6,
        "row": 70000, "column": 513, "correction-mask": [0x1122, 0, 0, 3]}
MODULE = {
    "type": 3, "health-status": 5, "media-status": 2,
    "additional-status": 0x1d, "life-used": 81, "temperature": -12,
    "dirty-shutdown-count": 70001, "corrected-volatile-error-count": 70002,
    "corrected-persistent-error-count": 70003,
}
SPARING = {
    "sparing-flags": 5, "result": 9, "spares-available": 300, "channel": 4,
    "rank": 2, "nibble-mask": 0xabc, "bank-group": 1, "bank": 6,
    "row": 70000, "column": 513, "sub-channel": 3, "component-id": COMPONENT,
}
# Fields that came with the third revision of the standard's records.
HEADER_NEW = {"maint-op-subclass": 4, "ld-id": 0x1b, "head-id": 0xc}
HEADER_NEW_TRACED = {
    "maint_op_sub_class": "4", "ld_id": "1b", "head_id": "c",
}

# Linux shows counts only of these, and warns if one goes without the other.
COUNTED = {"descriptor": 2, "type": 5, "cme-ev-flags": 1}
COUNTED_TRACED = {
    "descriptor": "THRESHOLD_EVENT",
    "type": "Adv Prog CME Counter Expiration", "cme_threshold_ev_flags":
    "Corrected Memory Errors in Multiple Media Components",
}


class EventGroup(Group):
    """What both kernels are asked."""

    header_traced = HEADER_TRACED

    def _inject(self, kind: str, log: str, **fields: Any) -> None:
        self.vm.qmp.cmd(f"cxl-inject-{kind}", path="dev0", log=log, **fields)

    def _trace(self) -> Errors:
        errors = Errors(self.vm)
        errors.trace("cxl")
        return errors

    def _traced(self, errors: Errors, event: str) -> tuple[
            dict[str, str], dict[str, str]]:
        """Fields of the header and of the rest of an event, at last."""
        line = errors.traced(f"{event}: ")
        parts = line.split(" : ", 2)
        expect(len(parts) == 3, line)
        return (self._fields(parts[0] + " " + parts[1]),
                self._fields(parts[2]))

    @staticmethod
    def _fields(text: str) -> dict[str, str]:
        return {key: value.strip("'") for key, value in FIELD.findall(text)}

    @staticmethod
    def _compare(found: dict[str, str], wanted: dict[str, str]) -> None:
        equal({key: found.get(key) for key in wanted}, wanted, "fields")

    def _check(self, kind: str, event: str, log: str, fields: dict[str, Any],
               header: dict[str, str], body: dict[str, str]) -> None:
        errors = self._trace()
        self._inject(kind, log, **fields)
        found_header, found_body = self._traced(errors, event)
        self._compare(found_header, {**header, "log": LOGS[log]})
        self._compare(found_body, body)

    def _drained(self) -> None:
        """Until the kernel has cleared what it has read."""
        expect(
            all(log["count"] == 0 for log in
                self.vm.qmp.cmd("query-cxl-events", path="dev0")),
            "the kernel leaves records in a log"
        )

    def _interrupts(self, function: str) -> list[int]:
        """How many came, by vector of the device."""
        lines = self.vm.check(
            f"grep {function} /proc/interrupts"
        ).splitlines()
        found = {}
        for line in lines:
            vector = re.search(rf"{function}\s+(\d+)-edge", line)
            expect(vector, line)
            assert vector
            found[int(vector.group(1))] = sum(
                int(word) for word in line.split(":", 1)[1].split()
                if word.isdigit()
            )
        return [found.get(n, 0) for n in range(2, 6)]

    def _general_media(self, new: dict[str, Any],
                       new_traced: dict[str, str]) -> None:
        self._check(
            "general-media-event", "cxl_general_media", "warning",
            {**HEADER, **MEDIA, "type": 1, "device": 0x9, **new},
            self.header_traced,
            {**MEDIA_TRACED, "type": "Invalid Address", "device": "9",
             "comp_id": COMPONENT_HEX, **new_traced},
        )

    def _dram(self, new: dict[str, Any], new_traced: dict[str, str]) -> None:
        self._check(
            "dram-event", "cxl_dram", "failure", {**HEADER, **DRAM, **new},
            self.header_traced,
            {**MEDIA_TRACED, "type": "Data Path Error", "nibble_mask": "abc",
             "bank_group": "1", "bank": "6", "row": "70000", "column": "513",
             "cor_mask": "22 11" + " 00" * 22 + " 03" + " 00" * 7,
             **new_traced},
        )

    def _memory_module(self, new: dict[str, Any],
                       new_traced: dict[str, str]) -> None:
        self._check(
            "memory-module-event", "cxl_memory_module", "fatal",
            {**HEADER, **MODULE, **new}, self.header_traced,
            {"event_type": "Temperature Change",
             "health_status": "MAINTENANCE_NEEDED|REPLACEMENT_NEEDED",
             "media_status": "Write Persistency Lost",
             "as_life_used": "Warning", "as_cor_vol_err_cnt": "Warning",
             "as_cor_per_err_cnt": "Normal", "life_used": "81",
             "device_temp": "-12", "dirty_shutdown_cnt": "70001",
             "cor_vol_err_cnt": "70002", "cor_per_err_cnt": "70003",
             **new_traced},
        )

    def _logs(self) -> None:
        """A record in each log: its interrupt, its name, its end."""
        function = Errors(self.vm).function("dev0")
        before = self._interrupts(function)
        for log in LOGS:
            self._check(
                "event-record", "cxl_generic_event", log,
                {"record": "00112233445566778899aabbccddeeff"},
                {"uuid": "00112233-4455-6677-8899-aabbccddeeff"}, {},
            )
            self._drained()
        equal(self._interrupts(function), [n + 1 for n in before],
              "interrupts")

    def _storm(self) -> None:
        """More than the log holds: what is dropped is counted."""
        errors = self._trace()
        self._inject("dram-event", "informational", flags=0, dpa=0,
                     descriptor=0, type=0, repeat=1000,
                     **{"transaction-type": 0})
        line = errors.traced("cxl_overflow: ")
        expect("log=Informational : 872 records from" in line, line)
        self.vm.check(
            "for i in $(seq 200); do [ $(grep -c 'cxl_dram: ' "
            f"{TRACING}/trace) = 128 ] && exit 0; sleep 0.1; done; exit 1"
        )
        self._drained()

    def _poison(self) -> None:
        """Poison that the guest injects, and that the media has."""
        errors = self._trace()
        self.vm.check(
            "mountpoint -q /sys/kernel/debug || "
            "mount -t debugfs none /sys/kernel/debug\n"
            "echo 0x1000 >/sys/kernel/debug/cxl/mem0/inject_poison"
        )
        header, body = self._traced(errors, "cxl_general_media")
        self._compare(header, {"log": "Informational"})
        wanted = {"dpa": "1000", "dpa_flags": "VOLATILE",
                  "descriptor": "UNCORRECTABLE_EVENT", "type": "ECC Error",
                  "transaction_type": "Host Inject Poison"}
        self._compare(body, wanted)
        errors = self._trace()
        self.vm.qmp.cmd("cxl-inject-poison", path="dev0", start=0x24000000,
                        length=0x200)
        header, body = self._traced(errors, "cxl_general_media")
        self._compare(header, {"log": "Failure"})
        self._compare(body, {**wanted, "dpa": "24000000", "dpa_flags": "",
                             "transaction_type": "Internal Media Management"})
        errors = self._trace()
        self.vm.check(f"echo 1 >{SYSFS}/mem0/trigger_poison_list")
        line = errors.traced("cxl_poison: .*dpa=0x24000000")
        expect("trace_type=List" in line, line)
        expect("dpa_length=0x200 source=Internal" in line, line)
        self.vm.check(
            "echo 0x1000 >/sys/kernel/debug/cxl/mem0/clear_poison"
        )

    def _region(self) -> None:
        """A DPA that a region maps has its HPA in the trace."""
        region = self.guest.create_region(["dev0"], "ram", size=256 * MIB)
        errors = self._trace()
        self._inject("general-media-event", "warning", flags=0, dpa=0x5000,
                     descriptor=0, type=0, **{"transaction-type": 0})
        _, body = self._traced(errors, "cxl_general_media")
        self._compare(body, {"hpa": f"{region.base + 0x5000:x}",
                             "region": region.name})

    def _monitor(self) -> None:
        """cxl monitor prints each record."""
        self.vm.check(
            "rm -f /tmp/events; cxl monitor -l /tmp/events "
            ">/dev/null 2>&1 & echo $! >/tmp/monitor"
        )
        try:
            self.vm.check(
                "for i in $(seq 100); do "
                f"[ \"$(cat {TRACING}/instances/cxl_monitor/events/cxl/"
                "cxl_dram/enable)\" = 1 ] && exit 0; sleep 0.1; done; exit 1"
            )
            self._inject("dram-event", "failure", **HEADER, **DRAM)
            text = self.vm.check(
                "for i in $(seq 200); do grep -h -A60 cxl_dram /tmp/events "
                "&& exit 0; sleep 0.1; done; exit 1"
            )
            for field in ('"row":70000', '"log":2', '"nibble_mask":2748'):
                expect(field in text.replace(" ", ""), f"{field}: {text}")
        finally:
            self.vm.run("kill $(cat /tmp/monitor)")


class Events(EventGroup):
    """The stable kernel."""

    def check_general_media(self) -> None:
        """fields of a general media record (12)."""
        self._general_media({}, {})

    def check_dram(self) -> None:
        """fields of a DRAM record (12)."""
        self._dram({}, {})

    def check_memory_module(self) -> None:
        """fields of a memory module record (12)."""
        self._memory_module({}, {})

    def check_logs(self) -> None:
        """each log has its interrupt, and is empty afterwards (12)."""
        self._logs()

    def check_storm(self) -> None:
        """a storm: an overflow, and all that was not dropped (13, 14)."""
        self._storm()

    def check_poison(self) -> None:
        """poison raises events, and is listed (16)."""
        self._poison()

    def check_monitor(self) -> None:
        """cxl monitor prints what is injected (15)."""
        self._monitor()

    def check_region(self) -> None:
        """an event in a region has the address of the host (12)."""
        self._region()


class EventsBackports(EventGroup):
    """A newer kernel, which knows the fields of newer records."""

    kernel_suite = "trixie-backports"
    header_traced = {**HEADER_TRACED, **HEADER_NEW_TRACED}

    def check_general_media(self) -> None:
        """fields of a general media record, also new ones (12)."""
        self._general_media(
            {**HEADER_NEW, **COUNTED, "sub-type": 4, "cme-count": 9},
            {**COUNTED_TRACED, "sub_type": "Media Link Data Training Error",
             "validity_flags": "CHANNEL|RANK|DEVICE|COMPONENT",
             "cme_count": "9"},
        )

    def check_dram(self) -> None:
        """fields of a DRAM record, also new ones (12)."""
        self._dram(
            {**HEADER_NEW, **COUNTED, "sub-type": 5, "cvme-count": 9,
             "sub-channel": 3},
            {**COUNTED_TRACED, "sub_type": "Media Link CRC Error",
             "sub_channel": "3", "comp_id": COMPONENT_HEX,
             "cvme_count": "9"},
        )

    def check_memory_module(self) -> None:
        """fields of a memory module record, also new ones (12)."""
        self._memory_module(
            {**HEADER_NEW, "sub-type": 1, "component-id": COMPONENT},
            {"event_sub_type": "Invalid Config Data",
             "comp_id": COMPONENT_HEX},
        )

    def check_memory_sparing(self) -> None:
        """fields of a memory sparing record (12)."""
        self._check(
            "memory-sparing-event", "cxl_memory_sparing", "informational",
            {**HEADER, **HEADER_NEW, **SPARING},
            self.header_traced,
            {"result": "9", "avail": "300", "channel": "4", "rank": "2",
             "nibble_mask": "abc", "bank_group": "1", "bank": "6",
             "row": "70000", "column": "513", "sub_channel": "3",
             "comp_id": COMPONENT_HEX},
        )

    def check_logs(self) -> None:
        """each log has its interrupt, and is empty afterwards (12)."""
        self._logs()

    def check_storm(self) -> None:
        """a storm: an overflow, and all that was not dropped (13, 14)."""
        self._storm()

    def check_poison(self) -> None:
        """poison raises events, and is listed (16)."""
        self._poison()

    def check_region(self) -> None:
        """an event in a region has the address of the host (12)."""
        self._region()
