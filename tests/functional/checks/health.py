# SPDX-License-Identifier: GPL-2.0-or-later
"""Health, alerts, partitions: what a device says, and what it remembers."""

from __future__ import annotations

import os
import signal
from typing import Any

from cxl_vm.units import MIB

from harness.errors import Errors
from harness.group import Group, equal, expect

EVENT = "cxl/cxl_memory_module"
DIRTY = "/sys/bus/nd/devices/nmem0/cxl/dirty_shutdown"


class Health(Group):
    """The stable kernel."""

    topology = "health"
    files = True

    def _listed(self, what: str, key: str) -> dict[str, Any]:
        return self.guest.json(f"cxl list -i -M {what}")[0][key]

    def _kill(self) -> None:
        """QEMU has no time to do anything about it."""
        os.kill(self.vm.pid, signal.SIGKILL)
        self.lab.restart()

    def check_health(self) -> None:
        """cxl list -H shows what QMP says."""
        self.vm.qmp.cmd("cxl-set-health", **{
            "path": "dev0", "health-status": 5, "media-status": 4,
            "life-used": 12, "temperature": 34,
            "corrected-volatile-error-count": 56,
            "corrected-persistent-error-count": 78,
        })
        health = self._listed("-H", "health")
        wanted = {
            "maintenance_needed": True, "performance_degraded": False,
            "hw_replacement_needed": True, "media_normal": False,
            "media_powerloss_persistence_loss": True,
            "life_used_percent": 12, "temperature": 34,
            "volatile_errors": 56, "pmem_errors": 78,
            "ext_life_used": "normal", "ext_temperature": "normal",
        }
        equal({key: health[key] for key in wanted}, wanted, "health")
        self.vm.qmp.cmd("cxl-set-health", **{
            "path": "dev0", "health-status": 0, "media-status": 0,
        })

    def check_alerts(self) -> None:
        """cxl set-alert-config sets thresholds that events tell of (21)."""
        errors = Errors(self.vm)
        self.vm.check("cxl set-alert-config mem0 -L 30 --life-used-alert=on")
        self.vm.check("cxl set-alert-config mem0 -O 60 "
                      "--over-temperature-alert=on")
        alerts = self._listed("-A", "alert_config")
        wanted = {
            "life_used_prog_warn_threshold_valid": True,
            "life_used_prog_warn_threshold": 30,
            "dev_over_temperature_prog_warn_threshold_valid": True,
            "dev_over_temperature_prog_warn_threshold": 60,
            "dev_under_temperature_prog_warn_threshold_valid": False,
        }
        equal({key: alerts[key] for key in wanted}, wanted, "alerts")
        errors.trace(EVENT)
        self.vm.qmp.cmd("cxl-set-health", path="dev0", temperature=60)
        line = errors.traced("cxl_memory_module.*Temperature Change")
        expect("log=Warning" in line, line)
        expect("device_temp=60" in line, line)
        equal(self._listed("-H", "health")["ext_temperature"], "warning",
              "temperature")
        self.vm.qmp.cmd("cxl-set-health", path="dev0", temperature=90)
        errors.traced("cxl_memory_module.*log=Failure.*Temperature Change")
        self.vm.qmp.cmd("cxl-set-health", **{
            "path": "dev0", "life-used": 30, "temperature": 25,
        })
        errors.traced("cxl_memory_module.*log=Warning.*Life Used Change")
        self._expect_refused("-L 95 --life-used-alert=on")

    def _expect_refused(self, options: str) -> None:
        result = self.vm.run(f"cxl set-alert-config mem0 {options}")
        alerts = self._listed("-A", "alert_config")
        expect(result.status or result.errors, "a warning that is critical")
        equal(alerts["life_used_prog_warn_threshold"], 30, "threshold")

    def check_partition(self) -> None:
        """cxl set-partition moves the boundary with the next reset (22)."""
        self.vm.check("cxl disable-memdev mem0 && "
                      "cxl set-partition -t pmem -s 256M mem0")
        info = self._listed("-I", "partition_info")
        equal((info["next_volatile_size"], info["next_persistent_size"]),
              (768 * MIB, 256 * MIB), "next")
        equal(info["active_volatile_size"], 0, "active")
        self.vm.reboot()
        self._expect_partitions()

    def _expect_partitions(self) -> None:
        info = self._listed("-I", "partition_info")
        equal((info["active_volatile_size"], info["active_persistent_size"]),
              (768 * MIB, 256 * MIB), "active")
        equal(info["next_volatile_size"], 0, "next")

    def check_killed(self) -> None:
        """alerts, age and partitions are there after QEMU was killed."""
        self._kill()
        self._expect_partitions()
        equal(self._listed("-A", "alert_config")
              ["life_used_prog_warn_threshold"], 30, "threshold")
        health = self._listed("-H", "health")
        equal((health["life_used_percent"], health["ext_life_used"],
               health["pmem_errors"], health["temperature"]),
              (30, "warning", 78, 25), "health")


class Shutdown(Health):
    """A kernel that says when it may leave a device dirty."""

    kernel_suite = "trixie-backports"

    def check_alerts(self) -> None:
        """cxl set-alert-config sets thresholds that events tell of (21)."""
        super().check_alerts()

    def check_partition(self) -> None:
        """cxl set-partition moves the boundary with the next reset (22)."""
        super().check_partition()

    def check_dirty(self) -> None:
        """dirty shutdowns are counted when nobody could flush."""
        expect("dirty shutdown" not in self.vm.check("dmesg"),
               "the shutdown state cannot be set")
        equal(self._count(), 0, "of a new device")
        self.lab.restart()
        equal(self._count(), 0, "after an end that QEMU could flush in")
        self._kill()
        equal(self._count(), 1, "after QEMU was killed")
        self.vm.qmp.cmd("cxl-set-health", **{
            "path": "dev0", "gpf-fails": True,
        })
        self.vm.reboot()
        equal(self._count(), 2, "after a flush that failed")

    def _count(self) -> int:
        equal(self.vm.check(f"cat {DIRTY}").strip(),
              str(self._listed("-H", "health")["dirty_shutdowns"]),
              "the kernel's count")
        return self._listed("-H", "health")["dirty_shutdowns"]
