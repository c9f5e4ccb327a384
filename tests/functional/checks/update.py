# SPDX-License-Identifier: GPL-2.0-or-later
"""Firmware updates, by the kernel's loader and cxl-cli."""

from __future__ import annotations

from typing import Any

from cxl_vm.units import KIB

from harness.group import Group, equal, expect, slow

# One command's worth, with 64 KiB of payload, and several.
SHORT = 4 * KIB
LONG = 200 * KIB
MAKE = """
head -c {size} /dev/urandom >/tmp/firmware
printf '%-16s' '{revision}' | tr ' ' '\\0' |
    dd of=/tmp/firmware conv=notrunc status=none
sha256sum /tmp/firmware | cut -d' ' -f1
"""
UPDATE = "cxl update-firmware -F /tmp/firmware -w mem0"
# cxl-cli would wait for ever for an update that has failed.
LOAD = """
cd /sys/class/firmware/mem0 && echo 1 >loading &&
cat /tmp/firmware >data && echo 0 >loading || exit 1
until grep -q idle status; do sleep 0.1; done
cat error
"""


class UpdateGroup(Group):
    """One device with two slots, and how its firmware is updated."""

    topology = "one"

    def _info(self) -> dict[str, Any]:
        return self.vm.qmp.cmd("query-cxl-firmware", path="dev0")

    def _listed(self) -> dict[str, Any]:
        return self.guest.json("cxl list -F -m mem0")[0]["firmware"]

    def _update(self, revision: str, size: int) -> None:
        """The image arrives whole and is staged in the second slot."""
        digest = self.vm.check(MAKE.format(size=size, revision=revision))
        self.vm.check(UPDATE)
        info = self._info()
        equal(info.get("staged"), 2, "staged slot")
        equal(info["images"][1],
              {"slot": 2, "revision": revision, "size": size,
               "sha256": digest.strip()}, "image")
        listed = self._listed()
        equal((listed["num_slots"], listed["active_slot"],
               listed["staged_slot"], listed["slot_2_version"]),
              (2, 1, 2, revision), "cxl list -F")
        expect(not listed["fw_update_in_progress"], "still in progress")


class Update(UpdateGroup):
    """On the stable kernel."""

    def check_short(self) -> None:
        """an image in one command is staged (20)."""
        self._update("one-shot", SHORT)

    def check_long(self) -> None:
        """an image in parts is staged (20)."""
        self._update("in-parts", LONG)

    def check_refused(self) -> None:
        """an image that does not verify is an error (20)."""
        self.vm.qmp.cmd("cxl-inject-firmware-failure", path="dev0",
                        failure="verification")
        before = self._info()
        self.vm.check(MAKE.format(size=SHORT, revision="bad"))
        expect(self.vm.check(LOAD).startswith("transferring:"),
               "the kernel reports no error")
        equal(self._info(), before, "slots")

    def check_reboot(self) -> None:
        """what is staged runs after a reset of the machine."""
        self.vm.reboot()
        equal(self._listed()["active_slot"], 2, "active slot")
        equal(self._info()["active"], 2, "active slot")


@slow
class UpdateBackports(UpdateGroup):
    """On a newer kernel."""

    kernel_suite = "trixie-backports"

    def check_short(self) -> None:
        """an image in one command is staged (20)."""
        self._update("one-shot", SHORT)

    def check_long(self) -> None:
        """an image in parts is staged (20)."""
        self._update("in-parts", LONG)
